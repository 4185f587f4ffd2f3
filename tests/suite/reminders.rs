//! What patients are told about an appointment, and what they answer.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};

use tirkeu::booking::{self, Appointment, CancelReason, Moving, NewAppointment};
use tirkeu::messaging::run_due;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::vault::permission::Role;

use crate::booking::{Day1, time};
use crate::peers::smsc::{LOGIN, Mood, PASSWORD, SmscServer};
use crate::support::{Answer, send};

const MINUTE: i64 = 60_000;

/// The clinic of [`Day1`] with a gateway.
pub struct Desk {
    pub day: Day1,
    pub server: SmscServer,
}

impl Desk {
    pub async fn open() -> Self {
        let desk = Self { day: Day1::open().await, server: SmscServer::start().await };
        let change = GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: desk.server.address.clone(),
            username: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let owner = desk.day.clinic.grant(Role::Owner).await;
        setup::set_gateway(desk.day.clinic.vault(), &owner, &change).await.unwrap();
        desk
    }

    /// Turns what was booked into messages.
    pub async fn write(&self) {
        let clinic = &self.day.clinic.clinic;
        while 0 < tirkeu::app::jobs().run_due(&clinic.vault, clinic).await.unwrap() {}
    }

    pub async fn send(&self) {
        run_due(&self.day.clinic.clinic, &tirkeu::app::message_hooks()).await.unwrap();
    }

    /// Books, and gives the appointment with the path of the link sent.
    pub async fn booked(&self, starts: &str) -> (Appointment, String) {
        let made = self.day.booked(starts).await;
        self.write().await;
        self.send().await;
        (made, self.link())
    }

    /// The link in the newest message.
    pub fn link(&self) -> String {
        let text = self.server.taken().last().unwrap().text.clone();
        let (_, link) = text.split_once("https://clinic.example").unwrap();
        link.split_whitespace().next().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        send(&self.day.clinic.public, request).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(&self.day.clinic.public, request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub async fn status(&self, made: &Appointment) -> String {
        let live = self.day.clinic.rows("SELECT id || ' ' || status FROM appointment").await;
        let own = live.iter().find_map(|row| row.strip_prefix(&format!("{} ", made.id)));
        own.unwrap().to_owned()
    }

    /// `purpose state reason` of every message, sorted.
    pub async fn messages(&self) -> Vec<String> {
        let all = "SELECT purpose || ' ' || state || coalesce(' ' || reason, '') AS message
            FROM message ORDER BY message";
        self.day.clinic.rows(all).await
    }
}

#[tokio::test]
async fn a_booked_patient_gets_a_link_at_once_and_confirms_by_it() {
    let desk = Desk::open().await;
    let (made, link) = desk.booked("2026-11-24T14:30").await;

    let taken = desk.server.taken();
    assert_eq!((taken.len(), taken[0].phone.as_str()), (1, "77012345678"));
    let text = &taken[0].text;
    assert!(text.contains("вторник, 24 ноября 2026 г., 14:30"), "{text}");
    for secret in ["Мусин", "Лечение", "кариес"] {
        assert!(!text.contains(secret), "{text}");
    }

    let page = desk.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("14:30"), "{}", page.body);
    assert!(!page.body.contains("Мусин") && !page.body.contains("кариес"), "{}", page.body);
    assert_eq!(desk.status(&made).await, "booked", "looking changes nothing");

    let confirmed = desk.post(&format!("{link}/confirm"), "").await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.status(&made).await, "confirmed");
    assert!(desk.get(&link).await.body.contains("Запись подтверждена"));
    let twice = desk.post(&format!("{link}/confirm"), "").await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_cancellation_asks_first_and_then_frees_the_time() {
    let desk = Desk::open().await;
    let (made, link) = desk.booked("14:30").await;

    let question = desk.get(&format!("{link}/cancel")).await;
    assert!(question.body.contains("Отменить запись?"), "{}", question.body);
    assert_eq!(desk.status(&made).await, "booked");
    desk.post(&format!("{link}/cancel"), "").await;
    assert_eq!(desk.status(&made).await, "cancelled");
    assert!(desk.get(&link).await.body.contains("Запись отменена"));
    desk.write().await;
    desk.send().await;
    assert_eq!(desk.messages().await, ["booking_made accepted"], "the page has said so");
    let late = desk.post(&format!("{link}/confirm"), "").await;
    assert_eq!(late.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.status(&made).await, "cancelled");
    desk.day.booked("14:30").await;
}

#[tokio::test]
async fn a_patient_moves_to_a_free_time_and_never_onto_somebody_else() {
    let desk = Desk::open().await;
    let (made, link) = desk.booked("14:30").await;
    let offered = desk.get(&format!("{link}/move")).await;
    assert!(offered.body.contains("2026-11-23T09:00"), "{}", offered.body);
    assert!(!offered.body.contains("2026-11-23T13:00"), "lunch: {}", offered.body);

    desk.day.booked("10:00").await;
    let refused = desk.post(&format!("{link}/move"), "starts=2026-11-23T10:00").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("только что заняли"), "{}", refused.body);
    assert!(refused.body.contains("2026-11-23T10:30"), "{}", refused.body);
    let junk = desk.post(&format!("{link}/move"), "starts=tomorrow").await;
    assert_eq!(junk.status, StatusCode::OK);
    let night = desk.post(&format!("{link}/move"), "starts=2026-11-23T22:00").await;
    assert_eq!(night.status, StatusCode::CONFLICT);

    let moved = desk.post(&format!("{link}/move"), "starts=2026-11-23T11:00").await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    let page = desk.get(&link).await;
    assert!(page.body.contains("11:00") && page.body.contains("Запись подтверждена"));
    assert_eq!(desk.status(&made).await, "confirmed");
    assert_eq!(desk.day.overlaps().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_booking_that_was_cancelled_meanwhile_is_not_confirmed_to_the_patient() {
    let desk = Desk::open().await;
    let made = desk.day.booked("14:30").await;
    desk.write().await;
    let clinic = &desk.day.clinic.clinic;
    booking::cancel(clinic, &desk.day.book, made.id, CancelReason::Clinic).await.unwrap();
    desk.write().await;

    desk.send().await;
    let sent = ["booking_cancelled accepted", "booking_made withheld cancelled"];
    assert_eq!(desk.messages().await, sent);
    assert_eq!(desk.server.taken().len(), 1);
}

#[tokio::test]
async fn a_booking_that_was_moved_meanwhile_is_told_with_its_new_time_only() {
    let desk = Desk::open().await;
    let made = desk.day.booked("14:30").await;
    desk.write().await;
    let to = Moving { starts: Some(time("15:30")), ..Moving::default() };
    desk.day.move_to(&made, to).await.unwrap();
    desk.write().await;

    desk.send().await;
    assert_eq!(desk.messages().await, ["booking_made withheld moved", "booking_moved accepted"]);
    assert!(desk.server.taken()[0].text.contains("15:30"));
}

#[tokio::test]
async fn work_that_is_done_twice_writes_once() {
    let desk = Desk::open().await;
    let made = desk.day.booked("14:30").await;
    let clinic = &desk.day.clinic.clinic;
    desk.write().await;
    let grant = &desk.day.book;
    let again = serde_json::json!({ "appointment": made.id });
    let due = clinic.clock().now();
    clinic
        .vault
        .change(grant, async |tx| {
            tirkeu::jobs::enqueue(tx, booking::MADE, &again, due).await?;
            let event = tirkeu::vault::Event::new("test.again", tirkeu::vault::Subject::Clinic);
            Ok::<_, tirkeu::vault::VaultError>(((), event))
        })
        .await
        .unwrap();
    desk.write().await;
    assert_eq!(desk.messages().await, ["booking_made queued"]);
}

#[tokio::test]
async fn whoever_asked_not_to_be_written_to_is_not() {
    let desk = Desk::open().await;
    let quiet = NewAppointment { notify: false, ..desk.day.at("14:30") };
    desk.day.try_book(&quiet).await.unwrap();
    desk.write().await;
    assert_eq!(desk.messages().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_link_opens_one_appointment_until_the_day_after_and_nothing_else() {
    let desk = Desk::open().await;
    let (_, first) = desk.booked("14:30").await;
    let (second_made, second) = desk.booked("16:00").await;
    assert_ne!(first, second);
    assert!(!first.contains(&second_made.id.to_string()));
    desk.post(&format!("{first}/cancel"), "").await;
    assert_eq!(desk.status(&second_made).await, "booked");

    let unknown = format!("/m/{}", "A".repeat(22));
    for bad in [unknown.as_str(), "/m/short", "/m/..%2f..%2fetc", &format!("{second}x")] {
        let page = desk.get(bad).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{bad}");
        assert!(page.body.contains("Такой ссылки нет"), "{bad}: {}", page.body);
        assert_eq!(desk.post(&format!("{bad}/cancel"), "").await.status, StatusCode::NOT_FOUND);
    }

    desk.day.advance_to("2026-11-23T17:00");
    assert!(desk.get(&second).await.body.contains("Время приёма прошло"));
    desk.post(&format!("{second}/cancel"), "").await;
    assert_eq!(desk.status(&second_made).await, "booked");
    desk.day.advance_to("2026-11-24T16:00");
    desk.day.clinic.clinic.clock().advance_ms(MINUTE);
    let gone = desk.get(&second).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.body.contains("больше не действует"), "{}", gone.body);
}

#[tokio::test]
async fn the_page_speaks_the_patients_language_until_another_is_chosen() {
    let desk = Desk::open().await;
    let (_, link) = desk.booked("14:30").await;
    assert!(desk.get(&link).await.body.contains("Вы записаны"));

    let chosen = desk.post("/language", &format!("language=kk&back={link}")).await;
    assert_eq!((chosen.status, chosen.header("location")), (StatusCode::SEE_OTHER, link.as_str()));
    let cookie = chosen.header("set-cookie").split(';').next().unwrap().to_owned();
    let request = Request::get(&link).header("cookie", cookie).body(Body::empty()).unwrap();
    let page = send(&desk.day.clinic.public, request).await;
    assert!(page.body.contains("Сіз жазылдыңыз"), "{}", page.body);
}

#[tokio::test]
async fn no_token_of_a_link_is_stored_once_it_was_sent() {
    let desk = Desk::open().await;
    let (_, link) = desk.booked("14:30").await;
    let token = link.trim_start_matches("/m/");
    assert_eq!(token.len(), 22, "128 bits");
    let stored = "SELECT text || coalesce(secret, '') FROM message";
    assert!(!desk.day.clinic.rows(stored).await[0].contains(token));
    let ledger = "SELECT body FROM audit_event";
    assert!(!desk.day.clinic.rows(ledger).await.iter().any(|body| body.contains(token)));
}

/// The id of the newest message, and the path that sends it again.
async fn again_path(desk: &Desk) -> String {
    let newest = "SELECT id FROM message ORDER BY created_at DESC, id DESC LIMIT 1";
    format!("/messages/{}/again", desk.day.clinic.rows(newest).await[0])
}

#[tokio::test]
async fn a_message_that_failed_is_sent_again_with_a_link_of_its_own() {
    let desk = Desk::open().await;
    desk.server.next(Mood::Refuses(8));
    desk.day.booked("14:30").await;
    desk.write().await;
    desk.send().await;
    assert_eq!(desk.messages().await, ["booking_made failed unreachable"]);
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let path = again_path(&desk).await;
    let patient = desk.day.clinic.rows("SELECT patient_id FROM message").await.remove(0);
    let card = reception.get(&format!("/patients/{patient}/messages")).await.body;
    assert!(card.contains(&path), "{card}");

    // The newer of two messages is the later one: this clock stands still.
    desk.day.clinic.clinic.clock().advance_ms(1000);
    assert_eq!(reception.post(&path, "").await.status, StatusCode::SEE_OTHER);
    desk.send().await;
    let both = ["booking_made accepted", "booking_made failed unreachable"];
    assert_eq!(desk.messages().await, both);
    assert_eq!(desk.get(&desk.link()).await.status, StatusCode::OK, "the new link opens");
    assert!(desk.day.clinic.audited().await.contains(&"message.sent_again".to_owned()));
    assert_eq!(reception.post(&path, "").await.status, StatusCode::CONFLICT, "once is enough");
    let doctor = desk.day.clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.post(&path, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_message_of_unknown_fate_is_asked_about_before_it_is_sent_again() {
    let desk = Desk::open().await;
    desk.server.next(Mood::FailsAfter);
    desk.day.booked("14:30").await;
    desk.write().await;
    desk.send().await;
    assert_eq!(desk.messages().await, ["booking_made uncertain no_answer"]);
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let path = again_path(&desk).await;

    // The gateway has it: nothing goes out a second time.
    let id = desk.server.taken()[0].id;
    desk.server.set_status(id, 1);
    assert_eq!(reception.post(&path, "sure=1").await.status, StatusCode::CONFLICT);
    assert_eq!(desk.messages().await, ["booking_made delivered"]);
    assert_eq!(desk.server.taken().len(), 1);
}

#[tokio::test]
async fn who_sends_a_message_again_that_may_have_arrived_has_been_warned() {
    let desk = Desk::open().await;
    desk.server.next(Mood::FailsAfter);
    desk.day.booked("14:30").await;
    desk.write().await;
    desk.send().await;
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let path = again_path(&desk).await;

    desk.server.be_mute();
    let unsure = reception.post(&path, "").await;
    assert_eq!(unsure.status, StatusCode::CONFLICT);
    assert!(unsure.body.contains("могло дойти"), "{}", unsure.body);
    assert_eq!(reception.post(&path, "sure=1").await.status, StatusCode::SEE_OTHER);
    // A gateway that did not answer is left alone for a while.
    desk.day.clinic.clinic.clock().advance_ms(2 * 60_000);
    desk.send().await;
    let both = ["booking_made accepted", "booking_made uncertain no_answer"];
    assert_eq!(desk.messages().await, both);
}

#[tokio::test]
async fn what_is_no_longer_true_is_not_sent_again() {
    let desk = Desk::open().await;
    desk.server.next(Mood::Refuses(8));
    let made = desk.day.booked("14:30").await;
    desk.write().await;
    desk.send().await;
    let path = again_path(&desk).await;
    let clinic = &desk.day.clinic.clinic;
    booking::cancel(clinic, &desk.day.book, made.id, CancelReason::Clinic).await.unwrap();
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let refused = reception.post(&path, "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("уже неправда"), "{}", refused.body);
}

/// "You wrote me another day": the desk moved the visit, the patient was told of
/// both times and confirmed the second.
#[tokio::test]
async fn the_dispute_sheet_tells_who_booked_what_was_written_and_what_the_patient_answered() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-24T14:30").await;
    let moving = Moving { starts: Some(time("2026-11-25T10:00")), ..Moving::default() };
    let clinic = &desk.day.clinic;
    clinic.clinic.clock().advance_ms(MINUTE);
    let book = &desk.day.book;
    booking::move_to(&clinic.clinic, book, made.id, made.version, &moving).await.unwrap();
    desk.write().await;
    desk.send().await;
    clinic.clinic.clock().advance_ms(MINUTE);
    desk.post(&format!("{}/confirm", desk.link()), "").await;

    let sheet = clinic.sign_in(Role::Reception).await;
    let sheet = sheet.get(&format!("/appointments/{}/story", made.id)).await;

    assert_eq!(sheet.status, StatusCode::OK);
    let mut at = 0;
    for told in [
        "Записано: 24.11.2026",
        "Пациенту написано: Вы записаны",
        "вторник, 24 ноября 2026 г., 14:30",
        "Сообщение «Вы записаны»",
        "Отправлено",
        "24.11.2026, 14:30–15:00, Сейтова А. Н., Кресло 1 → 25.11.2026, 10:00–10:30",
        "Пациенту написано: Запись перенесена",
        "среда, 25 ноября 2026 г., 10:00",
        "Подтвержден",
    ] {
        let found = sheet.body[at..].find(told);
        at += found.unwrap_or_else(|| panic!("{told} is not in order in {}", &sheet.body[at..]));
    }
    let link = desk.link();
    assert!(!sheet.body.contains(link.rsplit('/').next().unwrap()), "no link that opens");
}

#[tokio::test]
async fn whoever_may_not_read_messages_is_told_no_story() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("14:30").await;
    for role in [Role::Cashier, Role::Marketer, Role::Sysadmin] {
        let somebody = desk.day.clinic.sign_in(role).await;
        let answer = somebody.get(&format!("/appointments/{}/story", made.id)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
        assert!(!answer.body.contains("Мусин"), "{role:?}");
    }
}
