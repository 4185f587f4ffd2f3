//! Findings on a real ledger: gathered by SQL, shown in words, answered by people.

use axum::http::StatusCode;
use tirkeu::audit::findings;
use tirkeu::booking::{self, NewAppointment, Source};
use tirkeu::vault::Actor;
use tirkeu::vault::permission::{Role, WatchLog};

use crate::booking::{Day1, time};
use crate::support::{Browser, TestClinic};

const MINUTE_MS: i64 = 60_000;

async fn watch(clinic: &TestClinic) -> Option<u64> {
    let job = Actor::job("oversight").grant::<WatchLog>().unwrap();
    findings::watch(&clinic.clinic, &job).await.unwrap()
}

async fn open_rules(clinic: &TestClinic) -> Vec<String> {
    clinic.rows("SELECT rule FROM audit_finding WHERE state = 'open' ORDER BY rule").await
}

async fn only_id(clinic: &TestClinic) -> String {
    clinic.rows("SELECT id FROM audit_finding").await.remove(0)
}

/// Somebody at the desk opens the card of a patient who has no appointment, in
/// a clinic where not one such card a day is usual.
async fn pry(day: &Day1) -> Browser<'_> {
    let strict = "INSERT INTO audit_limit VALUES ('strangers_desk', 2, 0, 'test', 0, NULL)
        ON CONFLICT DO NOTHING";
    day.clinic.write(strict).await.unwrap();
    look(day).await
}

async fn look(day: &Day1) -> Browser<'_> {
    let desk = day.clinic.sign_in(Role::Reception).await;
    let card = desk.get(&format!("/patients/{}", day.patient)).await;
    assert_eq!(card.status, StatusCode::OK);
    desk
}

#[tokio::test]
async fn a_card_opened_without_a_visit_is_found_explained_in_words_and_shows_no_names() {
    let day = Day1::open().await;
    pry(&day).await;
    assert_eq!(watch(&day.clinic).await, Some(1));
    assert_eq!(open_rules(&day.clinic).await, ["no_relation"]);

    let officer = day.clinic.sign_in(Role::Compliance).await;
    let log = officer.get("/audit").await;
    assert!(log.body.contains("Карта без приёма"), "{}", log.body);
    let id = only_id(&day.clinic).await;
    let page = officer.get(&format!("/audit/findings/{id}")).await;
    for shown in ["Ашылған", "Открыто карт: 1", "Карта № 1", "Открыта карта"]
    {
        assert!(shown == "Ашылған" || page.body.contains(shown), "{shown}: {}", page.body);
    }
    let name = day.clinic.rows("SELECT surname FROM patient").await.remove(0);
    assert!(!page.body.contains(&name), "the officer sees behaviour, not names");
}

#[tokio::test]
async fn what_a_later_appointment_explains_lapses_by_itself() {
    let day = Day1::open().await;
    pry(&day).await;
    watch(&day.clinic).await;
    let new = NewAppointment {
        patient_id: day.patient,
        service_id: day.filling,
        starts: time("10:00"),
        minutes: None,
        doctor_id: None,
        place_id: None,
        source: Source::Desk,
        comment: String::new(),
        notify: false,
    };
    day.clinic.clinic.clock().advance_ms(MINUTE_MS);
    booking::book(&day.clinic.clinic, &day.book, &new).await.unwrap();
    watch(&day.clinic).await;
    let states = day.clinic.rows("SELECT state FROM audit_finding").await;
    assert_eq!(states, ["lapsed"]);
}

#[tokio::test]
async fn nothing_new_is_not_judged_again_and_a_second_look_finds_nothing_twice() {
    let day = Day1::open().await;
    pry(&day).await;
    watch(&day.clinic).await;
    let size = day.clinic.ledger().await.len();
    assert_eq!(watch(&day.clinic).await, None);
    assert_eq!(day.clinic.ledger().await.len(), size, "and nothing was written");
    day.clinic.clinic.clock().advance_ms(90 * MINUTE_MS);
    look(&day).await;
    assert_eq!(watch(&day.clinic).await, Some(1), "another person is another finding");
    assert_eq!(watch(&day.clinic).await, None);
}

#[tokio::test]
async fn an_answer_is_kept_with_its_note_apart_from_the_ledger_and_the_note_can_be_erased() {
    let day = Day1::open().await;
    pry(&day).await;
    watch(&day.clinic).await;
    let officer = day.clinic.sign_in(Role::Compliance).await;
    let id = only_id(&day.clinic).await;
    let path = format!("/audit/findings/{id}/answer");
    let refused = officer.post(&path, "state=&note=").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Выберите, что это было"));
    let kept = officer.post(&path, "state=&note=Zqxmarker").await;
    assert!(kept.body.contains("Zqxmarker"), "what was typed stays");

    let done = officer.post(&path, "state=explained&note=Zqxmarker+consult").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    watch(&day.clinic).await;
    let states = day.clinic.rows("SELECT state FROM audit_finding").await;
    assert_eq!(states, ["explained"], "an answer outlives the next look");
    let bodies = day.clinic.rows("SELECT body FROM audit_event").await;
    assert!(bodies.iter().any(|body| body.contains("finding.explained")));
    assert!(!bodies.iter().any(|body| body.contains("Zqxmarker")));

    let note = day.clinic.rows("SELECT id FROM audit_note").await.remove(0);
    officer.post(&format!("/audit/findings/{id}/notes/{note}"), "").await;
    let page = officer.get(&format!("/audit/findings/{id}")).await;
    assert!(page.body.contains("Пояснение стёрто") && !page.body.contains("Zqxmarker"));
}

#[tokio::test]
async fn nobody_answers_or_signs_for_themselves() {
    let day = Day1::open().await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    // More strangers than the desk's limit: the owner is one of those who review.
    for number in 0..14 {
        let id = crate::oversight::desk::register(&day.clinic, number).await;
        owner.get(&format!("/patients/{id}")).await;
    }
    watch(&day.clinic).await;
    let own = owner.actor().staff().unwrap();
    let sql = format!("SELECT id FROM audit_finding WHERE actor = '{own}'");
    let id = day.clinic.rows(&sql).await.remove(0);
    let answer =
        owner.post(&format!("/audit/findings/{id}/answer"), "state=explained&note=mine").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let sign = "from=23.11.2026&until=23.11.2026&about=&code=clean&note=";
    let refused = owner.post("/audit/reviews", sign).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Это касается вас"), "{}", refused.body);

    let officer = day.clinic.sign_in(Role::Compliance).await;
    let answer =
        officer.post(&format!("/audit/findings/{id}/answer"), "state=explained&note=audit").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.post("/audit/reviews", sign).await.status, StatusCode::SEE_OTHER);
    let signed = officer.get("/audit/reviews").await;
    assert!(signed.body.contains("Вопросов нет") && signed.body.contains("Compliance"));
}

#[tokio::test]
async fn a_watched_card_and_a_relatives_card_are_found_for_whoever_has_no_task_there() {
    let day = Day1::open().await;
    let officer = day.clinic.sign_in(Role::Compliance).await;
    assert_eq!(officer.post("/audit/watched", "number=1").await.status, StatusCode::SEE_OTHER);
    let unknown = officer.post("/audit/watched", "number=99").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.body.contains("Карты с таким номером нет"));
    let desk = look(&day).await;
    let staff = desk.actor().staff().unwrap();
    officer.post(&format!("/audit/people/{staff}/cards"), "number=1&kind=relative").await;
    watch(&day.clinic).await;
    assert_eq!(open_rules(&day.clinic).await, ["own_family", "watched_card"]);

    day.clinic.clinic.clock().advance_ms(MINUTE_MS);
    officer.post(&format!("/audit/people/{staff}/cards/1"), "").await;
    watch(&day.clinic).await;
    assert_eq!(open_rules(&day.clinic).await, ["watched_card"], "it was a mistake");

    // The same phone says as much as a declaration.
    let phone = "+77015550001";
    let card = "INSERT INTO patient_phone (patient_id, position, phone, reversed)
        SELECT id, 0, '+77015550001', '10005551077' FROM patient WHERE number = 1
        ON CONFLICT DO UPDATE SET phone = '+77015550001'";
    day.clinic.write(card).await.unwrap();
    let form = "phone=%2B77015550001&leaving_on=01.12.2026";
    let set = officer.post(&format!("/audit/people/{staff}"), form).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    watch(&day.clinic).await;
    assert_eq!(open_rules(&day.clinic).await, ["own_family", "watched_card"]);
    let bodies = day.clinic.rows("SELECT body FROM audit_event").await;
    assert!(!bodies.iter().any(|body| body.contains(phone)), "no phone in the ledger");
}

#[tokio::test]
async fn a_new_limit_is_a_new_version_with_its_basis_and_author_and_holds_at_once() {
    let day = Day1::open().await;
    let officer = day.clinic.sign_in(Role::Compliance).await;
    let path = "/audit/limits/strangers_desk";
    let bad = officer.post(path, "seen=1&value=many&basis=x").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("many"), "what was typed stays");
    assert_eq!(
        officer.post(path, "seen=1&value=0&basis=Consults").await.status,
        StatusCode::SEE_OTHER
    );
    let late = officer.post(path, "seen=1&value=9&basis=x").await;
    assert_eq!(late.status, StatusCode::CONFLICT, "somebody changed it meanwhile");
    let page = officer.get("/audit/limits").await;
    assert!(page.body.contains("Consults") && page.body.contains("Compliance"));
    look(&day).await;
    watch(&day.clinic).await;
    assert_eq!(open_rules(&day.clinic).await, ["no_relation"]);
    let owner = day.clinic.sign_in(Role::Owner).await;
    let refused = owner.post(path, "seen=2&value=99&basis=x").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the owner is under the rules too");
}

#[tokio::test]
async fn many_wrong_passwords_for_one_account_are_found() {
    let clinic = TestClinic::open().await;
    let login = clinic.employ(Role::Doctor).await;
    let door = Actor::visitor(tirkeu::vault::Origin::default()).grant().unwrap();
    for _ in 0..14 {
        let _ =
            tirkeu::access::sign_in(&clinic.clinic, &door, &login, "wrong password", None).await;
        clinic.clinic.clock().advance_ms(4 * MINUTE_MS);
    }
    watch(&clinic).await;
    assert_eq!(open_rules(&clinic).await, ["guessing"]);
}
