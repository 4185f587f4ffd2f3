//! The log's filters, who opened a card, what an account saw, reviews.

use axum::http::StatusCode;
use tirkeu::contact::{Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::support::TestClinic;

/// A card of its own surname and phone.
pub async fn register(clinic: &TestClinic, number: u32) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new(&format!("Цойтестова{number}"), "Анна", ""),
        phones: vec![Phone::parse(&format!("+7701555{number:04}")).unwrap()],
        ..NewPatient::default()
    };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

#[tokio::test]
async fn filters_go_together_and_each_finds_what_it_says() {
    let clinic = TestClinic::open().await;
    let (first, second) = (register(&clinic, 1).await, register(&clinic, 2).await);
    let doctor = clinic.sign_in(Role::Reception).await;
    let other = clinic.sign_in(Role::Reception).await;
    doctor.get(&format!("/patients/{first}")).await;
    doctor.get(&format!("/patients/{second}")).await;
    other.get(&format!("/patients/{first}")).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let id = doctor.actor().staff().unwrap();
    let session = doctor.actor().origin().session.clone().unwrap();
    let rows = async |query: &str| {
        let page = officer.get(&format!("/audit?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        page.body.matches("<tr id=\"e-").count()
    };
    assert_eq!(rows("act=patient.viewed").await, 3);
    assert_eq!(rows(&format!("act=patient.viewed&actor={id}")).await, 2);
    assert_eq!(rows(&format!("act=patient.viewed&actor={id}&card=1")).await, 1);
    assert_eq!(rows("act=kind:look&card=2").await, 1);
    assert_eq!(rows(&format!("place={session}&act=kind:look")).await, 2);
    assert_eq!(rows("act=patient.viewed&from=23.11.2026&until=23.11.2026").await, 3);
    assert_eq!(rows("act=patient.viewed&until=22.11.2026").await, 0);
    assert_eq!(rows("act=patient.viewed&place=10.9.9.9").await, 0);
    assert_eq!(rows("act=kind:denial").await, 0);
    assert_eq!(rows("flagged=on").await, 0);
    let wrong = officer.get("/audit?place=nowhere").await;
    assert!(wrong.body.contains("Введите IP-адрес") && wrong.body.contains("nowhere"));
}

#[tokio::test]
async fn a_card_is_found_by_name_or_phone_without_a_name_in_the_answer_or_the_address() {
    let clinic = TestClinic::open().await;
    register(&clinic, 1).await;
    register(&clinic, 2).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let one = officer.post("/audit/search", "card=%2B77015550002&act=patient.viewed").await;
    assert_eq!(one.header("location"), "/audit?act=patient.viewed&card=2");
    let several = officer
        .post("/audit/search", "card=%D0%A6%D0%BE%D0%B9%D1%82%D0%B5%D1%81%D1%82%D0%BE%D0%B2%D0%B0")
        .await;
    assert!(several.body.contains("/audit?card=1") && several.body.contains("/audit?card=2"));
    assert!(!several.body.contains("Цойтестова"), "numbers only");
    let none = officer.post("/audit/search", "card=Nobody").await;
    assert!(none.body.contains("Такой карты нет"));
    let numbers = officer.post("/audit/search", "card=%E2%84%96+7&from=01.11.2026").await;
    assert_eq!(numbers.header("location"), "/audit?from=01.11.2026&card=7");
    let looked = clinic.audited().await;
    assert!(looked.contains(&"audit.cards_found".to_owned()), "whose cards were found is logged");
}

#[tokio::test]
async fn who_opened_a_card_is_answered_on_a_page_and_on_paper_in_both_languages() {
    let clinic = TestClinic::open().await;
    let id = register(&clinic, 1).await;
    clinic.sign_in(Role::Owner).await.get(&format!("/patients/{id}")).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let page = officer.get("/audit/cards/1").await;
    assert!(page.body.contains("Owner") && page.body.contains("Открыта карта"));
    assert_eq!(officer.get("/audit/cards/99").await.status, StatusCode::NOT_FOUND);
    for language in ["ru", "kk"] {
        let file = officer.raw(&format!("/audit/cards/1/register.pdf?language={language}")).await;
        assert!(file.starts_with(b"%PDF"), "{language}");
    }
    assert!(clinic.audited().await.contains(&"audit.register_printed".to_owned()));
    let owner = clinic.sign_in(Role::Owner).await;
    let line = owner.get(&format!("/patients/{id}/accesses")).await;
    assert!(line.body.contains("/audit/cards/1"), "{}", line.body);
    let desk = clinic.sign_in(Role::Reception).await;
    let refused = desk.get(&format!("/patients/{id}/accesses")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_an_account_saw_is_an_exact_list_of_cards() {
    let clinic = TestClinic::open().await;
    let mut cards = Vec::new();
    for number in 0..5 {
        cards.push(register(&clinic, number).await);
    }
    let doctor = clinic.sign_in(Role::Reception).await;
    for id in &cards[..3] {
        doctor.get(&format!("/patients/{id}")).await;
    }
    let officer = clinic.sign_in(Role::Compliance).await;
    let staff = doctor.actor().staff().unwrap();
    let page = officer.get(&format!("/audit/accounts/{staff}")).await;
    for number in 1..=5 {
        let shown = page.body.contains(&format!("/audit/cards/{number}\""));
        assert_eq!(shown, number <= 3, "card {number}");
    }
    let path = format!("/audit/accounts/{staff}/cards.csv?from=23.11.2026&until=23.11.2026");
    let file = officer.get(&path).await;
    assert_eq!(file.body.lines().count(), 4, "{}", file.body);
    let long =
        officer.get(&format!("/audit/accounts/{staff}?from=01.01.2020&until=23.11.2026")).await;
    assert!(long.body.contains("не больше 93 дней"));
}

#[tokio::test]
async fn a_file_holds_the_same_entries_and_no_formula() {
    let clinic = TestClinic::open().await;
    let id = register(&clinic, 1).await;
    clinic.sign_in(Role::Owner).await.get(&format!("/patients/{id}")).await;
    let name = "UPDATE staff SET name = '=HYPERLINK(\"http://x\")' WHERE role = 'owner'";
    clinic.write(name).await.unwrap();
    let officer = clinic.sign_in(Role::Compliance).await;
    let file = officer.get("/audit/export.csv?act=patient.viewed").await;
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    assert!(file.body.contains("'=HYPERLINK"), "{}", file.body);
}

#[tokio::test]
async fn a_review_needs_an_outcome_and_days_and_is_said_to_be_overdue() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let blank = officer.get("/audit/reviews").await;
    assert!(blank.body.contains("Проверок ещё не было"));
    let wrong = officer.post("/audit/reviews", "from=x&until=23.11.2026&code=&note=").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Такой даты нет") && wrong.body.contains("Выберите итог"));
    let future =
        officer.post("/audit/reviews", "from=23.11.2026&until=30.11.2026&code=clean").await;
    assert!(future.body.contains("не позже сегодня"));
    let words =
        officer.post("/audit/reviews", "from=23.11.2026&until=23.11.2026&code=incident").await;
    assert!(words.body.contains("хотя бы несколько слов"), "an incident needs words");
    clinic.clinic.clock().advance_ms(9 * 24 * 60 * 60 * 1000);
    let officer = clinic.sign_in(Role::Compliance).await;
    assert!(officer.get("/audit").await.body.contains("Проверка журнала просрочена"));
    let signed =
        officer.post("/audit/reviews", "from=23.11.2026&until=02.12.2026&code=clean&note=").await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER);
    assert!(!officer.get("/audit").await.body.contains("просрочена"));
}

#[tokio::test]
async fn each_way_of_asking_goes_down_an_index() {
    let clinic = TestClinic::open().await;
    let store = include_str!("../../../src/audit/store.rs");
    for (name, index) in [
        ("BY_ACTOR", "audit_event_by_actor (actor=? AND seq>? AND seq<?)"),
        ("BY_ACT", "audit_event_by_act (act=? AND actor=? AND seq>? AND seq<?)"),
        ("BY_PLACE", "audit_event_by_place (place=? AND act=? AND seq>? AND seq<?)"),
        ("BY_WHY", "audit_event_by_why (why=? AND seq>? AND seq<?)"),
        ("BY_CARD", "PRIMARY KEY (patient_id=? AND seq>? AND seq<?)"),
        ("FLAGGED", "audit_finding_entry_by_seq (seq>? AND seq<?)"),
        ("FIRST_SINCE", "audit_event_by_ts (ts>?)"),
        ("SESSION", "audit_event_by_session (sess=?)"),
    ] {
        let (_, rest) = store.split_once(&format!("const {name}: &str = \"")).unwrap();
        let sql = rest.split_once("\";").unwrap().0;
        let plan = clinic.plan(sql).await;
        assert!(plan.contains(index), "{name}: {plan}");
    }
}
