//! The access log as the compliance officer reads it.

use axum::http::StatusCode;
use tirkeu::contact::Name;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::support::TestClinic;

#[tokio::test]
async fn the_officer_sees_who_opened_which_card_and_from_where_but_no_names_of_patients() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new("Цойтестова", "Анна", ""), ..NewPatient::default()
    };
    let id = patients::register(clinic.vault(), &grant, &new).await.unwrap();
    let doctor = clinic.sign_in(Role::Doctor).await;
    doctor.get(&format!("/patients/{id}")).await;
    let officer = clinic.sign_in(Role::Compliance).await;

    let log = officer.get("/audit").await;
    assert_eq!(log.status, StatusCode::OK);
    for shown in ["Открыта карта", "Карта № 1", "Doctor", "Заведена карта"]
    {
        assert!(log.body.contains(shown), "{shown}");
    }
    assert!(!log.body.contains("Цойтестова"));

    let other = officer.get("/audit?card=1&act=patient.viewed").await;
    assert!(other.body.contains("Карта № 1"));
    let none = officer.get("/audit?from=01.01.2030").await;
    assert!(none.body.contains("Ничего не найдено"));
    let wrong = officer.get("/audit?from=31.02.2026").await;
    assert!(wrong.body.contains("Такой даты нет") && wrong.body.contains("31.02.2026"));
}

#[tokio::test]
async fn verifying_says_that_the_chain_is_whole_and_is_itself_in_the_log() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let answer = officer.post("/audit/verify", "").await;
    assert!(answer.body.contains("Цепочка цела"), "{}", answer.body);
    assert_eq!(clinic.audited().await, ["audit.verified", "audit.reviewed"]);
}

#[tokio::test]
async fn nobody_else_reads_the_log() {
    let clinic = TestClinic::open().await;
    for role in [Role::Reception, Role::Doctor, Role::Marketer, Role::Cashier, Role::Sysadmin] {
        let answer = clinic.sign_in(role).await.get("/audit").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
    }
}
