//! What patients write back by SMS, and what is done with it.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use tirkeu::booking::{self, Appointment, CancelReason, Moving, NewAppointment};
use tirkeu::contact::name::Name;
use tirkeu::ids::PatientId;
use tirkeu::messaging::setup::GatewayId;
use tirkeu::messaging::{Inbound, fetch_replies};
use tirkeu::patients::{self, NewPatient};
use tirkeu::reminders::chain;
use tirkeu::replies::from_gateway;
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::booking::time;
use crate::reminders::Desk;
use crate::support::{Answer, send};

const ERZHAN: &str = "77012345678";

impl Desk {
    /// Somebody writes, the gateway brings it, and it is seen to.
    pub async fn writes(&self, from: &str, text: &str) {
        self.brings(None, from, text).await;
        self.write().await;
        self.send().await;
    }

    async fn brings(&self, id: Option<&str>, from: &str, text: &str) {
        let clinic = &self.day.clinic.clinic;
        let at = clinic.clock().now();
        let said = Inbound {
            gateway: GatewayId::from_number(1),
            id: id.map(str::to_owned),
            from: from.to_owned(),
            to: "77770000000".to_owned(),
            text: text.to_owned(),
            at,
            since: at,
            nickname: None,
        };
        from_gateway(clinic, &said).await.unwrap();
    }

    /// `state outcome-or-reason` of every reply, in order.
    pub async fn replies(&self) -> Vec<String> {
        let all = "SELECT state || ' ' || coalesce(outcome, reason, '') FROM reply ORDER BY rowid";
        self.day.clinic.rows(all).await
    }

    pub async fn relative(&self, given: &str) -> PatientId {
        let register = self.day.clinic.grant::<RegisterPatient>(Role::Reception).await;
        let new = NewPatient {
            name: Name::new("Мусин", given, ""),
            phones: vec!["+77012345678".parse().unwrap()],
            ..NewPatient::default()
        };
        patients::register(self.day.clinic.vault(), &register, &new).await.unwrap()
    }

    async fn booked_for(&self, patient_id: PatientId, starts: &str) -> Appointment {
        let new = NewAppointment { patient_id, ..self.day.at(starts) };
        let made = self.day.try_book(&new).await.unwrap();
        self.write().await;
        self.send().await;
        made
    }

    pub fn last_sms(&self) -> String {
        self.server.taken().last().unwrap().text.clone()
    }
}

#[tokio::test]
async fn yes_confirms_at_once_says_so_once_and_stops_the_reminders() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "Иә, рахмет!").await;
    assert_eq!(desk.status(&made).await, "confirmed");
    assert_eq!(desk.replies().await, ["done confirmed"]);
    let text = desk.last_sms();
    assert!(text.contains("ждём вас") && text.contains("26 ноября 2026 г., 14:30"), "{text}");
    assert!(!text.contains("Ержан"), "{text}");
    let sent = desk.server.taken().len();
    desk.writes(ERZHAN, "Да").await;
    assert_eq!(desk.server.taken().len(), sent, "an answering machine gets no answer");
    assert_eq!(desk.replies().await, ["done confirmed", "done confirmed"]);
    desk.day.advance_to("2026-11-24T14:31");
    chain::remind_due(&desk.day.clinic.clinic).await.unwrap();
    desk.send().await;
    assert_eq!(desk.server.taken().len(), sent, "who has confirmed is left alone");
    let story = desk.day.clinic.rows("SELECT reason FROM appointment_status WHERE act = 'status'");
    assert_eq!(story.await, ["reply"]);
}

#[tokio::test]
async fn no_frees_the_time_at_once_and_one_sms_says_so() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "жоқ").await;
    assert_eq!(desk.status(&made).await, "cancelled");
    let cancelled: Vec<_> = desk.messages().await;
    let all = ["booking_made accepted", "reply_cancelled accepted"];
    assert_eq!(cancelled, all, "not two of one thing");
    assert!(desk.last_sms().contains("отменена"), "{}", desk.last_sms());
    desk.day.booked("2026-11-26T14:30").await;
    let freed = desk.day.clinic.audited().await;
    assert!(freed.contains(&"reply.done".to_owned()), "{freed:?}");
    desk.writes(ERZHAN, "2").await;
    assert_eq!(desk.status(&made).await, "cancelled");
}

#[tokio::test]
async fn whoever_asks_for_another_time_gets_the_link_to_it() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "3").await;
    assert_eq!(desk.replies().await, ["done move"]);
    assert_eq!(desk.status(&made).await, "booked");
    let page = desk.get(&format!("{}/move", desk.link())).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("14:30"), "{}", page.body);
}

#[tokio::test]
async fn what_is_not_certain_waits_for_a_person_and_is_not_answered() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    let sent = desk.server.taken().len();
    desk.writes(ERZHAN, "а можно позже?").await;
    desk.writes("77010000009", "1").await;
    desk.writes("Beeline", "Ваш баланс 100 тг").await;
    assert_eq!(desk.replies().await, ["open unclear", "open unknown", "open unknown"]);
    assert_eq!(desk.status(&made).await, "booked");
    assert_eq!(desk.server.taken().len(), sent);
    assert_eq!(desk.day.clinic.clinic.waiting.at("inbox"), 3);
}

#[tokio::test]
async fn the_same_sms_brought_twice_counts_once() {
    let desk = Desk::open().await;
    desk.booked("2026-11-26T14:30").await;
    for _ in 0..2 {
        desk.brings(Some("77"), ERZHAN, "можно позже").await;
        desk.brings(None, ERZHAN, "а когда").await;
        desk.brings(None, "+77012345678", "а когда").await;
    }
    desk.write().await;
    assert_eq!(desk.replies().await.len(), 2);
    // Ten minutes later the same words are another SMS; a number stays a number.
    desk.day.clinic.clinic.clock().advance_ms(11 * 60_000);
    desk.brings(Some("77"), ERZHAN, "можно позже").await;
    desk.brings(None, ERZHAN, "а когда").await;
    desk.write().await;
    assert_eq!(desk.replies().await.len(), 3);
}

#[tokio::test]
async fn two_visits_asked_about_apart_go_to_the_desk_and_one_message_about_both_is_answered() {
    let desk = Desk::open().await;
    let alia = desk.relative("Алия").await;
    let first = desk.booked_for(desk.day.patient, "2026-11-26T10:00").await;
    let second = desk.booked_for(alia, "2026-11-26T10:30").await;
    desk.writes(ERZHAN, "1").await;
    assert_eq!(desk.replies().await, ["open several"]);
    assert_eq!(desk.status(&first).await, "booked");
    assert_eq!(desk.status(&second).await, "booked");
    desk.day.advance_to("2026-11-24T10:00");
    chain::remind_due(&desk.day.clinic.clinic).await.unwrap();
    desk.send().await;
    assert!(desk.last_sms().contains("Ержан 10:00, Алия 10:30"), "{}", desk.last_sms());
    desk.writes(ERZHAN, "да").await;
    assert_eq!(desk.status(&first).await, "confirmed");
    assert_eq!(desk.status(&second).await, "confirmed");
    assert!(desk.last_sms().contains("Ержан 10:00, Алия 10:30"), "{}", desk.last_sms());
    // The log of transfers has both of whom the answer spoke.
    let of = "SELECT purpose || ' ' || count(DISTINCT patient_id) FROM transfer
        WHERE purpose = 'reply_confirmed' GROUP BY purpose";
    assert_eq!(desk.day.clinic.rows(of).await, ["reply_confirmed 2"]);
}

#[tokio::test]
async fn what_was_changed_since_the_question_is_left_to_a_person() {
    let desk = Desk::open().await;
    let clinic = &desk.day.clinic.clinic;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    let to = Moving { starts: Some(time("2026-11-27T10:00")), ..Moving::default() };
    booking::move_to(clinic, &desk.day.book, made.id, made.version, &to).await.unwrap();
    // The message about the move has not left yet.
    desk.brings(None, ERZHAN, "2").await;
    desk.write().await;
    assert_eq!(desk.replies().await, ["open moved"]);
    assert_ne!(desk.status(&made).await, "cancelled");
    desk.send().await;
    booking::cancel(clinic, &desk.day.book, made.id, CancelReason::Clinic).await.unwrap();
    desk.writes(ERZHAN, "да").await;
    assert_eq!(desk.replies().await[1], "open over");
}

#[tokio::test]
async fn too_late_to_cancel_is_said_and_left_to_the_desk() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.day.advance_to("2026-11-26T14:00");
    desk.writes(ERZHAN, "отмена").await;
    assert_eq!(desk.replies().await, ["open too_late"]);
    assert_eq!(desk.status(&made).await, "booked");
    assert!(desk.last_sms().contains("администратор"), "{}", desk.last_sms());
}

#[tokio::test]
async fn replies_are_fetched_from_a_gateway_that_keeps_them_and_old_ones_are_not_ours() {
    let desk = Desk::open().await;
    let (clinic, hooks) = (&desk.day.clinic.clinic, tirkeu::app::message_hooks());
    desk.server.receives(ERZHAN, "2");
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    assert_eq!(fetch_replies(clinic, &hooks).await.unwrap(), 0, "before the clinic asked first");
    desk.server.receives(ERZHAN, "да");
    assert_eq!(fetch_replies(clinic, &hooks).await.unwrap(), 1);
    assert_eq!(fetch_replies(clinic, &hooks).await.unwrap(), 0);
    desk.write().await;
    assert_eq!(desk.status(&made).await, "confirmed");
    assert_eq!(desk.server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_reply_that_may_be_older_than_the_question_is_left_to_a_person() {
    let desk = Desk::open().await;
    let (clinic, hooks) = (&desk.day.clinic.clinic, tirkeu::app::message_hooks());
    fetch_replies(clinic, &hooks).await.unwrap();
    // The server was off for two hours; a question left before it asked again.
    clinic.clock().advance_ms(2 * 60 * 60_000);
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.server.receives(ERZHAN, "2");
    fetch_replies(clinic, &hooks).await.unwrap();
    desk.write().await;
    assert_eq!(desk.replies().await, ["open late"]);
    assert_eq!(desk.status(&made).await, "booked");
}

/// The secret address that the owner's page shows once.
async fn door(desk: &Desk) -> String {
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.post("/messages/replies/door", "").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let body = page.body.replace("&#x2f;", "/");
    let rest = body.split("https://clinic.example/in/").nth(1).unwrap();
    let token = rest[..22].to_owned();
    assert!(!owner.get("/messages/replies").await.body.contains(&token), "shown once");
    format!("/in/{token}")
}

async fn pushed(desk: &Desk, path: &str) -> Answer {
    send(&desk.day.clinic.public, Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_gateway_pushes_replies_to_a_secret_address_and_nobody_else_does() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    let door = door(&desk).await;
    let form = format!("id=9&phone={ERZHAN}&mes=%D0%B4%D0%B0&to=77770000000");
    let strange = format!("/in/{}/smsc", "A".repeat(22));
    assert_eq!(desk.post(&strange, &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post("/in/short/smsc", &form).await.status, StatusCode::NOT_FOUND);
    let kannel = pushed(&desk, &format!("{door}/kannel?from={ERZHAN}&text=1")).await;
    assert_eq!(kannel.status, StatusCode::NOT_FOUND, "the clinic has no Kannel");
    for _ in 0..2 {
        let taken = desk.post(&format!("{door}/smsc"), &form).await;
        assert_eq!((taken.status, taken.body.as_str()), (StatusCode::OK, ""));
    }
    desk.write().await;
    assert_eq!(desk.replies().await, ["done confirmed"]);
    assert_eq!(desk.status(&made).await, "confirmed");
    let report = desk.post(&format!("{door}/smsc"), "id=9&phone=7&status=1").await;
    assert_eq!(report.status, StatusCode::OK);
    assert_eq!(desk.replies().await.len(), 1, "a report is no reply");
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    owner.post("/messages/replies/door/shut", "").await;
    let shut = desk.post(&format!("{door}/smsc"), &form).await;
    assert_eq!(shut.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_clinic_without_an_address_asks_for_answers_by_sms_and_sends_no_link() {
    let desk = Desk::open().await;
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let saved = owner.post("/messages/replies", "links=0").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let made = desk.day.booked("2026-11-26T14:30").await;
    desk.write().await;
    desk.send().await;
    let text = desk.last_sms();
    assert!(text.contains("1 - приду, 2 - отменить") && !text.contains("http"), "{text}");
    desk.day.advance_to("2026-11-25T14:31");
    chain::remind_due(&desk.day.clinic.clinic).await.unwrap();
    desk.send().await;
    let text = desk.last_sms();
    assert!(text.contains("1 - приду") && !text.contains("http"), "{text}");
    // The first session is over by now.
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/reminders").await;
    assert!(page.body.contains("1 - келемін"), "the preview: {}", page.body);
    // A wording that only has the link cannot be saved now.
    let path = "/messages/texts/booking_moved/ru";
    let form = "source=%7B%7B+date+%7D%7D+%7B%7B+time+%7D%7D+%7B%7B+link+%7D%7D";
    let refused = owner.post(path, form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("без ссылок"), "{}", refused.body);
    // Another time is the desk's to find.
    desk.writes(ERZHAN, "3").await;
    assert_eq!(desk.replies().await, ["open move"]);
    assert!(desk.last_sms().contains("администратор"), "{}", desk.last_sms());
    desk.writes(ERZHAN, "1").await;
    assert_eq!(desk.status(&made).await, "confirmed");
}

#[tokio::test]
async fn the_desk_sees_what_is_left_and_settles_it() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "<b>наверное</b>").await;
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let page = reception.get("/replies").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for said in ["Мусин", "наверное", "Смысл не ясен", "14:30"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(!page.body.contains("<b>наверное"), "{}", page.body);
    assert!(desk.day.clinic.audited().await.contains(&"replies.listed".to_owned()));
    let id = desk.day.clinic.rows("SELECT id FROM reply").await.remove(0);
    let other = desk.day.booked("2026-11-27T14:30").await;
    let (path, form) = (format!("/replies/{id}/cancel"), format!("visit={}", other.id));
    let wrong = reception.post(&path, &form).await;
    assert_eq!(wrong.status, StatusCode::CONFLICT, "it is not about that visit");
    assert_eq!(desk.status(&other).await, "booked");
    let form = format!("visit={}", made.id);
    let done = reception.post(&format!("/replies/{id}/confirm"), &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(desk.status(&made).await, "confirmed");
    assert_eq!(desk.replies().await, ["settled confirmed"]);
    let twice = reception.post(&format!("/replies/{id}/nothing"), "").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert_eq!(desk.day.clinic.clinic.waiting.at("inbox"), 0);
    for role in [Role::Doctor, Role::Cashier, Role::Sysadmin, Role::Compliance] {
        let answer = desk.day.clinic.sign_in(role).await.get("/replies").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
    }
}

#[tokio::test]
async fn a_reply_of_a_blocked_card_changes_nothing_and_is_not_shown() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    let block = format!(
        "INSERT INTO patient_block (id, patient_id, reason, basis, blocked_at)
            VALUES ('b', '{}', 'asked', 'Law', 0)",
        desk.day.patient
    );
    desk.day.clinic.write(&block).await.unwrap();
    desk.writes(ERZHAN, "2").await;
    assert_eq!(desk.replies().await, ["open blocked"]);
    assert_eq!(desk.status(&made).await, "booked");
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let page = reception.get("/replies").await;
    assert!(page.body.contains("заблокированы") && !page.body.contains("Мусин"), "{}", page.body);
}
