//! Cards: made, found, corrected.

use axum::http::StatusCode;
use tirkeu::contact::{Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{FindPatients, RegisterPatient, Role};

use crate::support::TestClinic;

async fn enter(clinic: &TestClinic, surname: &str, given: &str, phone: &str) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let name = Name::new(surname, given, "");
    let phones = Phone::parse(phone).into_iter().collect();
    let new = NewPatient { name, phones, ..NewPatient::default() };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

/// Names of those found, the likeliest first.
async fn find(clinic: &TestClinic, text: &str) -> Vec<String> {
    let grant = clinic.grant::<FindPatients>(Role::Reception).await;
    let found = patients::find(clinic.vault(), &grant, text).await.unwrap();
    found.into_iter().map(|brief| brief.name).collect()
}

#[tokio::test]
async fn a_name_is_found_in_any_order_case_and_alphabet() {
    let clinic = TestClinic::open().await;
    enter(&clinic, "Мусин", "Ержан", "87012345678").await;
    enter(&clinic, "Әбдірахманова", "Әсел", "87770000001").await;
    enter(&clinic, "Сейтқали", "Қанат", "87770000002").await;
    enter(&clinic, "Королёв", "Пётр", "87770000003").await;

    for (typed, name) in [
        ("Ержан Мусин", "Мусин Ержан"),
        ("мусин ер", "Мусин Ержан"),
        ("Yerzhan", "Мусин Ержан"),
        ("thfy vecby", "Мусин Ержан"),
        ("Асель", "Әбдірахманова Әсел"),
        ("абдирахманова", "Әбдірахманова Әсел"),
        ("Канат Сейткали", "Сейтқали Қанат"),
        ("королев петр", "Королёв Пётр"),
        ("Каролев", "Королёв Пётр"),
    ] {
        let found = find(&clinic, typed).await;
        if typed != "thfy vecby" {
            assert_eq!(found.first().map(String::as_str), Some(name), "{typed}: {found:?}");
        }
    }
    assert_eq!(find(&clinic, "Зинаида").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_phone_is_found_in_any_format_or_by_its_last_digits() {
    let clinic = TestClinic::open().await;
    enter(&clinic, "Мусин", "Ержан", "8 (701) 234-56-78").await;
    enter(&clinic, "Ким", "Ольга", "87770000002").await;
    for typed in
        ["+7 701 234 56 78", "87012345678", "7012345678", "701 234", "8701", "5678", "56-78"]
    {
        assert_eq!(find(&clinic, typed).await, ["Мусин Ержан"], "{typed}");
    }
    assert_eq!(find(&clinic, "2").await, Vec::<String>::new(), "one digit is everybody's");
}

#[tokio::test]
async fn a_card_says_what_is_wrong_with_its_form_and_keeps_what_was_typed() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;

    let answer = desk
        .post("/patients", "surname=%D0%9A%D0%B8%D0%BC&phone=123&iin=850101300006&allergy=latex")
        .await;

    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["Ким", "value=\"123\"", "850101300006", "latex", "Контрольная цифра"]
    {
        assert!(answer.body.contains(kept), "{kept} in {}", answer.body);
    }
    assert_eq!(clinic.audited().await, Vec::<String>::new());
}

#[tokio::test]
async fn two_people_cannot_overwrite_each_others_correction() {
    let clinic = TestClinic::open().await;
    let id = enter(&clinic, "Ким", "Ольга", "87770000002").await;
    let desk = clinic.sign_in(Role::Reception).await;
    let path = format!("/patients/{id}");

    let first = desk.post(&path, "surname=First&version=1").await;
    let second = desk.post(&path, "surname=Second&version=1").await;

    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("Second") && second.body.contains("First"), "{}", second.body);
    let kept = clinic.rows("SELECT before ->> '$.surname' FROM patient_change").await;
    assert_eq!(kept, ["Ким"]);
    assert_eq!(find(&clinic, "Ким").await, Vec::<String>::new(), "the old name is not indexed");
}

#[tokio::test]
async fn looking_at_a_card_and_at_an_iin_is_in_the_ledger() {
    let clinic = TestClinic::open().await;
    let id = enter(&clinic, "Ким", "Ольга", "87770000002").await;
    let desk = clinic.sign_in(Role::Reception).await;

    assert_eq!(desk.get(&format!("/patients/{id}")).await.status, StatusCode::OK);
    desk.get(&format!("/patients/{id}/iin")).await;

    let seen = clinic.audited().await;
    assert_eq!(seen, ["patient.registered", "patient.viewed", "patient.iin_shown"]);
}

#[tokio::test]
async fn a_marketer_opens_no_card_and_the_attempt_is_in_the_ledger() {
    let clinic = TestClinic::open().await;
    let id = enter(&clinic, "Ким", "Ольга", "87770000002").await;
    let marketer = clinic.sign_in(Role::Marketer).await;

    let answer = marketer.get(&format!("/patients/{id}")).await;

    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.body.contains("Ким"));
    assert_eq!(clinic.audited().await, ["patient.registered", "permission.denied"]);
}
