//! Whose cards somebody opens: a doctor their own patients', and another's in
//! an emergency that others look at.

use axum::http::StatusCode;
use tirkeu::contact::Name;
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::support::{Browser, TestClinic};

async fn register(clinic: &TestClinic, surname: &str) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new(surname, "Анна", "Ивановна"),
        phones: vec!["87012345678".parse().unwrap()],
        allergy: "лидокаин".to_owned(),
        ..NewPatient::default()
    };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

/// `doctor` treats the patient on that day.
async fn treats(clinic: &TestClinic, doctor: &Browser<'_>, patient: PatientId, day: &str) {
    let staff = doctor.actor().staff().unwrap();
    for statement in [
        "INSERT OR IGNORE INTO branch (id, name, address, zone, phone) VALUES ('b', 'B', '', 'Asia/Almaty', '')".to_owned(),
        format!("INSERT OR IGNORE INTO resource (id, branch_id, kind, name, short_name, specialty, staff_id, position) VALUES ('d{staff}', 'b', 'doctor', 'D', 'D', '', '{staff}', 0)"),
        format!("INSERT INTO appointment (id, branch_id, patient_id, doctor_id, starts, minutes, status, source, comment, notify, version, created_at) VALUES ('a{day}', 'b', '{patient}', 'd{staff}', '{day}T09:30', 30, 'booked', 'desk', '', 0, 1, 0)"),
    ] {
        clinic.write(&statement).await.unwrap();
    }
}

#[tokio::test]
async fn a_doctor_opens_the_cards_of_those_they_treat_within_thirty_days_and_no_others() {
    let clinic = TestClinic::open().await;
    let doctor = clinic.sign_in(Role::Doctor).await;
    let (own, long_ago, foreign) = (
        register(&clinic, "Своя").await,
        register(&clinic, "Давняя").await,
        register(&clinic, "Чужая").await,
    );
    treats(&clinic, &doctor, own, "2026-12-20").await;
    treats(&clinic, &doctor, long_ago, "2026-10-01").await;

    let opened = doctor.get(&format!("/patients/{own}")).await;
    assert_eq!(opened.status, StatusCode::OK);
    assert!(opened.body.contains("лидокаин"));
    for other in [long_ago, foreign] {
        for page in ["", "/appointments", "/consents", "/messages", "/retention"] {
            let answer = doctor.get(&format!("/patients/{other}{page}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
            assert!(!answer.body.contains("Давняя") && !answer.body.contains("Чужая"));
        }
    }
    let ledger = clinic.ledger().await;
    let denials: Vec<_> = ledger.iter().filter(|event| event["why"] == "not_own_patient").collect();
    assert_eq!(denials.len(), 10);
    assert!(denials.iter().all(|event| event["act"] == "permission.denied"));
}

#[tokio::test]
async fn a_search_names_other_peoples_patients_by_initials_and_nothing_else() {
    let clinic = TestClinic::open().await;
    let doctor = clinic.sign_in(Role::Doctor).await;
    let own = register(&clinic, "Ахметова").await;
    register(&clinic, "Ахметжанова").await;
    treats(&clinic, &doctor, own, "2026-11-23").await;

    let found = doctor.get("/search?q=%D0%90%D1%85%D0%BC%D0%B5%D1%82").await.body;
    assert!(found.contains("Ахметова Анна Ивановна") && found.contains("Ахметжанова А. И."));
    assert!(found.contains("не ваш пациент"));
    assert_eq!(found.matches("+7").count(), 1, "the phone of one's own patient alone");

    let list = doctor.get("/patients").await.body;
    assert!(list.contains("Ахметова Анна") && !list.contains("Ахметжанова"));
    let desk = clinic.sign_in(Role::Reception).await.get("/patients").await.body;
    assert!(desk.contains("Ахметова Анна") && desk.contains("Ахметжанова Анна"));
}

#[tokio::test]
async fn the_rule_can_open_all_cards_to_doctors() {
    let clinic = TestClinic::open().await;
    let doctor = clinic.sign_in(Role::Doctor).await;
    let patient = register(&clinic, "Ким").await;
    let card = format!("/patients/{patient}");
    assert_eq!(doctor.get(&card).await.status, StatusCode::FORBIDDEN);
    clinic.let_doctors_reach_everybody().await;
    assert_eq!(doctor.get(&card).await.status, StatusCode::OK);
}

const REASON: &str =
    "cause=acute&reason=%D0%BE%D1%81%D1%82%D1%80%D0%B0%D1%8F+%D0%B1%D0%BE%D0%BB%D1%8C";

#[tokio::test]
async fn an_emergency_opens_one_card_to_one_person_until_it_is_given_back() {
    let clinic = TestClinic::open().await;
    let (doctor, colleague) =
        (clinic.sign_in(Role::Doctor).await, clinic.sign_in(Role::Doctor).await);
    let (patient, other) = (register(&clinic, "Ким").await, register(&clinic, "Пак").await);
    let card = format!("/patients/{patient}");

    let door = doctor.get(&card).await;
    assert!(
        door.body.replace("&#x2f;", "/").contains(&format!("{card}/emergency")),
        "the way is shown"
    );
    let refused = doctor.post(&format!("{card}/emergency"), "cause=acute&reason=x").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"acute\" checked") && refused.body.contains(">x<"));

    let opened = doctor.post(&format!("{card}/emergency"), REASON).await;
    assert_eq!(opened.header("location"), card);
    let shown = doctor.get(&card).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains("emergency-on"), "a red frame");
    assert_eq!(doctor.get(&format!("/patients/{other}")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(colleague.get(&card).await.status, StatusCode::FORBIDDEN);

    doctor.post(&format!("{card}/emergency/close"), "").await;
    assert_eq!(doctor.get(&card).await.status, StatusCode::FORBIDDEN);
    let acts = clinic.audited().await;
    for act in ["emergency.opened", "emergency.closed"] {
        assert!(acts.contains(&act.to_owned()), "{act}");
    }
    let ledger = serde_json::to_string(&clinic.ledger().await).unwrap();
    assert!(!ledger.contains("острая"), "the reason may name an illness");
}

#[tokio::test]
async fn every_emergency_waits_for_somebody_else_to_review_it() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let patient = register(&clinic, "Ким").await;
    let card = format!("/patients/{patient}");
    let before = owner.get(&card).await.body;
    assert!(!before.contains("лидокаин") && before.contains("Скрыто для вашей роли"));
    owner.post(&format!("{card}/emergency"), REASON).await;
    assert!(owner.get(&card).await.body.contains("лидокаин"));

    let officer = clinic.sign_in(Role::Compliance).await;
    let page = officer.get("/emergencies").await;
    assert!(page.body.contains("острая боль") && !page.body.contains("Ким Анна"));
    assert!(page.body.contains("data-nav=\"emergencies\""));
    assert!(page.body.contains("<span class=\"n\">1<"), "the rail counts what waits");
    let id = clinic.rows("SELECT id FROM emergency_access").await.remove(0);
    let review = format!("/emergencies/{id}/review");

    let own = owner.post(&review, "verdict=justified&note=").await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    let done = officer.post(&review, "verdict=unjustified&note=asked").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let twice = officer.post(&review, "verdict=justified&note=").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let page = officer.get("/emergencies").await.body;
    assert!(page.contains("Не оправдан") && !page.contains("<span class=\"n\">"));
}
