//! Messages to patients as letters, through an SMTP server that is not ours: to
//! whoever asked for them, to whoever no SMS reaches, and to nobody else.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};

use tirkeu::contact::Email;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayId, GatewayKind, Terms};
use tirkeu::messaging::{Channel, run_due, whatsapp};
use tirkeu::vault::permission::{Role, SendMessages, SetUpGateways};

use crate::peers::skipped;
use crate::peers::smsc::Mood;
use crate::peers::smtp::{SmtpPeer, Taken};
use crate::reminders::Desk;
use crate::support::{Answer, send};

/// A desk with a gateway for SMS and, behind it, the mail server.
struct Letters {
    desk: Desk,
    peer: SmtpPeer,
    gateway: GatewayId,
}

impl Letters {
    /// None, said aloud, when the server cannot run here.
    async fn open(address: &str) -> Option<Self> {
        let Some(peer) = SmtpPeer::start().await else {
            skipped("letters: python3 with venv, openssl and PyPI (aiosmtpd)");
            return None;
        };
        let desk = Desk::open().await;
        let owner = desk.day.clinic.grant::<SetUpGateways>(Role::Owner).await;
        tirkeu::post::set(desk.day.clinic.vault(), &owner, &peer.settings("implicit"))
            .await
            .unwrap();
        let terms = Terms::usual(GatewayKind::Email);
        let vault = desk.day.clinic.vault();
        let gateway = setup::save_gateway(vault, &owner, None, &letters(), terms).await.unwrap();
        let opened = Self { desk, peer, gateway };
        opened.set_address(address).await;
        Some(opened)
    }

    async fn set_address(&self, address: &str) {
        let patient = self.desk.day.patient;
        let set = format!("INSERT INTO patient_email VALUES ('{patient}', '{address}', NULL)");
        self.desk.day.clinic.write(&set).await.unwrap();
    }

    /// The patient asked for it at the desk.
    async fn choose(&self, channel: Channel) {
        let grant = self.desk.day.clinic.grant::<SendMessages>(Role::Reception).await;
        let vault = self.desk.day.clinic.vault();
        whatsapp::choose(vault, &grant, self.desk.day.patient, Some(channel)).await.unwrap();
    }

    /// Books and sends; what comes of it is asked for by the test.
    async fn book(&self, starts: &str) {
        self.desk.day.booked(starts).await;
        self.work().await;
    }

    async fn work(&self) {
        self.desk.write().await;
        for _ in 0..3 {
            self.desk.send().await;
        }
    }

    async fn told(&self) -> Vec<String> {
        let all = "SELECT purpose || ' ' || channel || ' ' || state || coalesce(' ' || reason, '')
            FROM message ORDER BY created_at, rowid";
        self.desk.day.clinic.rows(all).await
    }

    /// What a mail provider sends when somebody presses "unsubscribe": no browser.
    async fn press(&self, path: &str) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from("List-Unsubscribe=One-Click")).unwrap();
        send(&self.desk.day.clinic.public, request).await
    }

    async fn choices(&self) -> Vec<String> {
        let all = "SELECT aim || ' ' || channel || ' ' || allowed || ' ' || source
            FROM writing_stands ORDER BY aim, channel";
        self.desk.day.clinic.rows(all).await
    }
}

fn letters() -> GatewayChange {
    GatewayChange {
        kind: GatewayKind::Email,
        endpoint: String::new(),
        username: String::new(),
        password: String::new(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    }
}

/// The path of the link to the visit.
fn link_in(letter: &Taken) -> String {
    let (_, rest) = letter.text.split_once("https://clinic.example").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_asked_for_letters_gets_one_that_names_nobody_and_tells_of_no_treatment() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    letters.choose(Channel::Email).await;
    letters.book("2026-11-24T14:30").await;

    let letter = letters.peer.next().await;
    assert_eq!(letter.to, ["erzhan@example.kz"]);
    assert!(letter.defects.is_empty(), "{:?}", letter.defects);
    assert_eq!(letter.header("Subject"), "Вы записаны: 24 ноября 2026 г., 14:30");
    assert!(letter.raw.contains("multipart/alternative"), "{}", letter.raw);
    for secret in ["Мусин", "Ержан", "Лечение", "кариес", "Анна"] {
        assert!(!letter.text.contains(secret), "{secret}: {}", letter.text);
        assert!(!letter.page.contains(secret), "{secret}: {}", letter.page);
    }
    // Nothing is fetched when it is opened: nobody learns that it was.
    for fetched in ["<img", "<link", "url(", "<script"] {
        assert!(!letter.page.contains(fetched), "{}", letter.page);
    }
    assert_eq!(letters.told().await, ["booking_made email accepted"]);
    assert_eq!(letters.desk.server.taken().len(), 0, "no SMS beside it");

    // The link leads to the visit, and the log of transfers knows where it went.
    let link = link_in(&letter);
    assert_eq!(letters.desk.get(&link).await.status, StatusCode::OK);
    let transfers = "SELECT party || ' ' || country || ' ' || classes FROM transfer";
    assert_eq!(
        letters.desk.day.clinic.rows(transfers).await,
        [r#"email us ["neutral","contact"]"#]
    );
    let reception = letters.desk.day.clinic.sign_in(Role::Reception).await;
    let path = format!("/patients/{}/messages", letters.desk.day.patient);
    let card = reception.get(&path).await.body;
    assert!(card.contains("e•••@example.kz") && card.contains("E-mail"), "{card}");
}

#[tokio::test]
async fn one_press_in_a_mail_program_ends_letters_and_a_look_at_its_address_ends_nothing() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    letters.choose(Channel::Email).await;
    letters.book("2026-11-24T14:30").await;
    let letter = letters.peer.next().await;
    let leave = format!("{}/leave", link_in(&letter));
    let ways = letter.header("List-Unsubscribe").to_owned();
    assert!(ways.starts_with(&format!("<https://clinic.example{leave}>, <mailto:crm@arai.kz")));
    assert_eq!(letter.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");

    // Scanners of mail follow every link.
    assert_eq!(letters.desk.get(&leave).await.status, StatusCode::SEE_OTHER);
    assert_eq!(letters.choices().await, Vec::<String>::new());
    for _ in 0..2 {
        assert_eq!(letters.press(&leave).await.status, StatusCode::SEE_OTHER);
        assert_eq!(
            letters.choices().await,
            ["marketing email 0 link", "recall email 0 link", "service email 0 link"]
        );
    }
    let stranger = format!("/m/{}/leave", "A".repeat(22));
    assert_eq!(letters.press(&stranger).await.status, StatusCode::NOT_FOUND);

    letters.book("2026-11-25T14:30").await;
    assert_eq!(letters.desk.server.taken().len(), 1, "SMS was not refused");
    assert_eq!(letters.peer.count(), 1);
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_left_to_sms_shown_in_the_card_and_never_tried_again() {
    let Some(mut letters) = Letters::open("unknown@example.kz").await else { return };
    letters.choose(Channel::Email).await;
    letters.book("2026-11-24T14:30").await;
    assert_eq!(letters.told().await, ["booking_made sms accepted"]);
    assert_eq!(letters.desk.server.taken().len(), 1);
    let audited = letters.desk.day.clinic.audited().await;
    assert!(audited.contains(&"patient.email_refused".to_owned()), "{audited:?}");
    let reception = letters.desk.day.clinic.sign_in(Role::Reception).await;
    let path = format!("/patients/{}", letters.desk.day.patient);
    let card = reception.get(&path).await.body;
    assert!(card.contains("Такого ящика нет"), "{card}");

    letters.book("2026-11-25T14:30").await;
    assert_eq!(letters.told().await[1], "booking_made sms accepted");
    // The desk corrects it, and letters go out again.
    let typed = "surname=Мусин&given=Ержан&phone=87012345678&email=erzhan@example.kz&version=1";
    let saved = reception.post(&path, typed).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    // No more than one letter in a second.
    letters.desk.day.clinic.clinic.clock().advance_ms(1000);
    letters.book("2026-11-26T14:30").await;
    assert_eq!(letters.told().await[2], "booking_made email accepted");
    assert_eq!(letters.peer.next().await.to, ["erzhan@example.kz"]);
}

#[tokio::test]
async fn a_number_that_does_not_exist_leaves_a_letter() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    letters.desk.server.next(Mood::Refuses(7));
    letters.book("2026-11-24T14:30").await;
    assert_eq!(letters.peer.next().await.to, ["erzhan@example.kz"]);
    assert_eq!(letters.told().await, ["booking_made email accepted"]);
    assert_eq!(letters.desk.server.taken().len(), 0);

    // By SMS first, where nothing is wrong with the number.
    letters.book("2026-11-25T14:30").await;
    assert_eq!(letters.told().await[1], "booking_made sms accepted");
    assert_eq!(letters.peer.count(), 1);
}

#[tokio::test]
async fn whoever_has_only_a_mailbox_is_told_and_reminded_there() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    letters.desk.day.clinic.write("DELETE FROM patient_phone").await.unwrap();
    letters.book("2026-11-26T14:30").await;
    assert_eq!(letters.peer.next().await.to, ["erzhan@example.kz"]);
    letters.desk.comes("2026-11-24T14:30").await;
    letters.work().await;
    let reminder = letters.peer.next().await;
    assert!(reminder.header("Subject").starts_with("Напоминание: 26 ноября"), "{reminder:?}");
    // Who refuses letters and has nothing else is not written to, and the card says why.
    let left = letters.press(&format!("{}/leave", link_in(&reminder))).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    letters.book("2026-11-27T14:30").await;
    assert_eq!(letters.told().await.last().unwrap(), "booking_made email withheld opted_out");
}

#[tokio::test]
async fn a_letter_that_was_put_off_gives_way_to_sms_and_holds_up_no_other() {
    let Some(mut letters) = Letters::open("later@example.kz").await else { return };
    letters.choose(Channel::Email).await;
    letters.book("2026-11-24T14:30").await;
    assert_eq!(letters.told().await, ["booking_made sms accepted"]);
    assert_eq!(letters.desk.server.taken().len(), 1);
    // The server is well: the next letter leaves at once.
    letters.desk.day.clinic.write("DELETE FROM patient_email").await.unwrap();
    letters.set_address("erzhan@example.kz").await;
    letters.desk.day.clinic.clinic.clock().advance_ms(1000);
    letters.book("2026-11-25T14:30").await;
    assert_eq!(letters.peer.next().await.to, ["erzhan@example.kz"]);
    assert_eq!(letters.told().await[1], "booking_made email accepted");
}

#[tokio::test]
async fn whoever_has_only_a_mailbox_waits_for_a_server_that_puts_off() {
    let Some(letters) = Letters::open("later@example.kz").await else { return };
    letters.desk.day.clinic.write("DELETE FROM patient_phone").await.unwrap();
    letters.book("2026-11-26T14:30").await;
    let attempts =
        async || letters.desk.day.clinic.rows("SELECT CAST(attempts AS TEXT) FROM message").await;
    assert_eq!(letters.told().await, ["booking_made email queued put_off"]);
    assert_eq!(attempts().await, ["1"], "not before five minutes");
    for (tried, minutes) in [("2", 5), ("3", 5)] {
        letters.desk.day.clinic.clinic.clock().advance_ms(minutes * 60 * 1000);
        letters.work().await;
        assert_eq!(attempts().await, [tried]);
    }
    letters.desk.day.advance_to("2026-11-26T14:31");
    letters.desk.send().await;
    assert_eq!(letters.told().await, ["booking_made email expired too_late"]);
}

#[tokio::test]
async fn sms_that_rest_for_minutes_are_waited_for_and_for_longer_a_letter_goes() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    let advance = |minutes: i64| {
        letters.desk.day.clinic.clinic.clock().advance_ms(minutes * 60 * 1000);
    };
    letters.desk.server.next(Mood::Redirects);
    letters.book("2026-11-24T14:30").await;
    assert_eq!(letters.told().await, ["booking_made sms queued gateway_wrong_address"]);
    advance(7);
    letters.work().await;
    assert_eq!(letters.told().await, ["booking_made sms accepted"]);
    assert_eq!(letters.peer.count(), 0);

    // No money is a matter of a quarter of an hour at least.
    letters.desk.server.next(Mood::Refuses(3));
    letters.book("2026-11-25T14:30").await;
    assert_eq!(letters.peer.next().await.to, ["erzhan@example.kz"]);
    assert_eq!(letters.told().await[1], "booking_made email accepted");
    assert_eq!(letters.desk.server.taken().len(), 1);
}

#[tokio::test]
async fn whoever_has_only_a_mailbox_is_left_to_the_desk_where_the_clinic_sends_no_letters() {
    let desk = Desk::open().await;
    let patient = desk.day.patient;
    let set = format!("INSERT INTO patient_email VALUES ('{patient}', 'erzhan@example.kz', NULL)");
    desk.day.clinic.write(&set).await.unwrap();
    desk.day.clinic.write("DELETE FROM patient_phone").await.unwrap();
    desk.day.booked("2026-11-26T14:30").await;
    desk.write().await;
    desk.comes("2026-11-24T14:30").await;
    let messages = desk.day.clinic.rows("SELECT id FROM message").await;
    assert_eq!(messages, Vec::<String>::new());
    let touches =
        desk.day.clinic.rows("SELECT DISTINCT reason FROM reminder_touch WHERE reason <> ''").await;
    assert_eq!(touches, ["no_phone"]);
}

#[tokio::test]
async fn the_way_for_letters_is_set_up_and_tried_on_its_page() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    let owner = letters.desk.day.clinic.sign_in(Role::Owner).await;
    // There is one: the page for another leads to it.
    let again = owner.get("/messages/gateway/new/email").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let path = format!("/messages/gateway/{}", letters.gateway);
    let page = owner.get(&path).await.body;
    assert!(page.contains("crm@arai.kz") && !page.contains("name=\"password\""), "{page}");
    let wrong = owner.post(&format!("{path}/trial"), "phone=87012345678").await;
    assert!(wrong.body.contains("87012345678"), "{}", wrong.body);
    owner.post(&format!("{path}/trial"), "phone=owner@example.kz").await;
    run_due(&letters.desk.day.clinic.clinic, &tirkeu::app::message_hooks()).await.unwrap();
    assert_eq!(letters.peer.next().await.to, ["owner@example.kz"]);
    let health = owner.get(&format!("{path}/health")).await.body;
    assert!(health.contains("Работает") || health.contains("принимает"), "{health}");
}

#[tokio::test]
async fn an_address_is_kept_found_and_refused_with_what_was_typed() {
    let desk = Desk::open().await;
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let typed = "surname=Ким&given=Вера&email=vera.kim";
    let refused = reception.post("/patients", typed).await;
    assert!(refused.body.contains("Это не адрес почты"), "{}", refused.body);
    assert!(refused.body.contains("vera.kim"), "{}", refused.body);
    let made = reception.post("/patients", &format!("{typed}@Example.kz")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let found = reception.get("/search?q=VERA.kim@ex").await.body;
    assert!(found.contains("Ким Вера"), "{found}");
    let email = desk.day.clinic.rows("SELECT email FROM patient_email").await;
    assert_eq!(email, [Email::parse("vera.kim@example.kz").unwrap().to_string()]);
}

#[tokio::test]
async fn those_that_wait_for_one_gateway_hold_up_nobody_of_another() {
    let Some(mut letters) = Letters::open("erzhan@example.kz").await else { return };
    letters.desk.server.next(Mood::Refuses(3));
    letters.desk.day.clinic.write("DELETE FROM patient_email").await.unwrap();
    // Five hundred more urgent ones, for SMS, which rest for a quarter of an hour.
    letters.book("2026-11-24T14:30").await;
    let copies = "WITH RECURSIVE number (value) AS
            (SELECT 1 UNION ALL SELECT value + 1 FROM number WHERE value < 500)
        INSERT INTO message (id, patient_id, purpose, object_kind, object_id, object_stamp,
            channel, language, phone, text, reference, state, created_at, due_at, not_after, neutral,
            abroad, classes)
        SELECT printf('00000000-0000-7000-8000-%012x', value), patient_id, purpose, object_kind,
            object_id, object_stamp, channel, language, phone, text, 1000 + value, 'queued',
            created_at, created_at, not_after - 1000, neutral, abroad, classes
        FROM message, number";
    letters.desk.day.clinic.write(copies).await.unwrap();
    letters.set_address("erzhan@example.kz").await;
    letters.desk.day.clinic.write("UPDATE message SET letter_over = 1").await.unwrap();
    letters.choose(Channel::Email).await;
    letters.book("2026-11-26T14:30").await;
    letters.work().await;
    assert_eq!(letters.peer.next().await.to, ["erzhan@example.kz"]);
    let waiting = "SELECT count(*) || '' FROM message WHERE state = 'queued'";
    assert_eq!(letters.desk.day.clinic.rows(waiting).await, ["501"]);
}
