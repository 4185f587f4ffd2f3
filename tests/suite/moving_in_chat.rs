//! Another time for a visit, chosen in the chat where its message is; and the
//! buttons under a message to a family.

use serde_json::json;

use tirkeu::booking::{self, Moving, NewAppointment};
use tirkeu::ids::PatientId;
use tirkeu::vault::permission::{Book, Role};

use crate::peers::whatsapp::Mood;
use crate::telegram::Clinic;
use crate::whatsapp;
use crate::whatsapp_dialogue::Chat;

const CHAT: i64 = 4_503_599_627_370_001;
const ERZHAN: &str = "77012345678";
const DAY: i64 = 24 * 60 * 60_000;
const ASKED: &str = "Вы записаны: вторник, 24\u{a0}ноября, 14:30. На какое время перенести?";

impl Clinic {
    /// Erzhan comes on Tuesday at half past two, and has read so in the chat.
    async fn booked_in_chat() -> Self {
        let clinic = Self::linked().await;
        clinic.book().await;
        clinic
    }

    /// Visits that stand, or are cancelled.
    async fn stand(&self) -> Vec<String> {
        self.rows(STAND).await
    }

    async fn book_for(&self, patient_id: PatientId, starts: &str) {
        let day = &self.desk.day;
        day.try_book(&NewAppointment { patient_id, ..day.at(starts) }).await.unwrap();
        self.desk.write().await;
        self.desk.send().await;
    }
}

const STAND: &str = "SELECT starts || ' ' || status FROM appointment WHERE status <> 'moved'
    ORDER BY starts";

#[tokio::test]
async fn a_tap_moves_the_visit_to_a_time_like_the_one_it_had() {
    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    assert_eq!(clinic.text(), ASKED);
    let buttons = clinic.server.buttons(CHAT);
    assert!(buttons.len() <= 11 && buttons.contains(&"Позвать человека".to_owned()), "{buttons:?}");
    assert!(!buttons.iter().any(|one| one.contains("24\u{a0}ноября, 14:30")), "{buttons:?}");
    clinic.choose("25\u{a0}ноября, 14:30").await;
    assert_eq!(clinic.stand().await, ["2026-11-25T14:30 confirmed"]);
    let texts = clinic.server.texts(CHAT);
    let done = texts.iter().filter(|text| text.starts_with("Готово, перенесли: среда"));
    assert_eq!(done.count(), 1, "{texts:?}");
    let audited = clinic.desk.day.clinic.audited().await;
    assert!(audited.contains(&"appointment.moved".to_owned()), "{audited:?}");
    // What it left is free for others, and its message no longer answers for it.
    clinic.take("2026-11-24T14:30").await;
    let passed_on = "SELECT DISTINCT classes FROM transfer WHERE purpose = 'dialogue'
        AND instr(classes, 'clinical')";
    assert_eq!(clinic.rows(passed_on).await.len(), 0, "no service was named");
    clinic.by_the_book();
}

#[tokio::test]
async fn whoever_was_slower_is_offered_other_times_and_old_buttons_move_nothing() {
    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    clinic.press(CHAT, "Ещё →").await;
    let (id, _, markup) = clinic.server.last(CHAT);
    let old = markup["inline_keyboard"][0][0]["callback_data"].as_str().unwrap().to_owned();
    clinic.take("2026-11-25T14:30").await;
    clinic.press(CHAT, "ср, 25\u{a0}ноября, 14:30").await;
    assert!(clinic.text().starts_with("Это время только что заняли"), "{}", clinic.text());
    clinic.server.presses_data(CHAT, id, &old);
    clinic.hear().await;
    assert!(clinic.text().contains("уже закончен"), "{}", clinic.text());
    assert_eq!(clinic.stand().await, ["2026-11-24T14:30 booked", "2026-11-25T14:30 booked"]);
    assert_eq!(clinic.desk.day.overlaps().await, Vec::<String>::new());
    clinic.by_the_book();
}

#[tokio::test]
async fn a_link_leads_to_all_other_times_where_there_is_a_public_address() {
    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    clinic.choose("Другое время: ссылка").await;
    let texts = clinic.server.texts(CHAT);
    let text = texts.iter().find(|text| text.contains("Всё свободное время здесь"));
    let (_, link) = text.unwrap().split_once("https://clinic.example").unwrap();
    let page = clinic.desk.get(link.trim()).await;
    assert!(page.body.contains("Когда вам удобно?"), "{}", page.body);

    let clinic = Clinic::booked_in_chat().await;
    clinic.sql("UPDATE reply_rule SET links = 0").await;
    clinic.press(CHAT, "Перенести").await;
    let buttons = clinic.server.buttons(CHAT);
    assert!(!buttons.iter().any(|one| one.contains("ссылка")), "{buttons:?}");
    clinic.choose("25\u{a0}ноября, 14:30").await;
    assert_eq!(clinic.stand().await, ["2026-11-25T14:30 confirmed"]);
    clinic.by_the_book();
}

#[tokio::test]
async fn a_person_is_asked_for_there_too_and_a_visit_may_stay_where_it_is() {
    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    clinic.choose("Не переносить").await;
    assert!(clinic.server.texts(CHAT).iter().any(|text| text.contains("остаётся как была")));
    clinic.write(CHAT, "/book").await;
    let (id, _, _) = clinic.server.last(CHAT);
    clinic.server.presses_data(CHAT, id, "d:x:0");
    clinic.hear().await;
    assert!(clinic.replies().await.is_empty());

    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    clinic.choose("Позвать человека").await;
    let replies = clinic.replies().await;
    let hand = "open Прошу ответить человека (кнопка в Telegram)\nПриём, о котором речь: ";
    assert!(replies[0].starts_with(hand) && replies[0].ends_with("14:30"), "{replies:?}");
    assert_eq!(clinic.stand().await, ["2026-11-24T14:30 booked"]);
}

#[tokio::test]
async fn too_late_it_is_for_a_person_before_and_after_the_times_were_shown() {
    let clinic = Clinic::booked_in_chat().await;
    clinic.desk.day.advance_to("2026-11-24T14:00");
    clinic.press(CHAT, "Перенести").await;
    assert_eq!(clinic.desk.replies().await, ["open too_late"]);

    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    clinic.sql("UPDATE appointment SET status = 'cancelled'").await;
    clinic.choose("24\u{a0}ноября").await;
    let texts = clinic.server.texts(CHAT);
    assert!(texts.iter().any(|text| text.contains("уже не перенести")), "{texts:?}");
    assert_eq!(clinic.replies().await.len(), 1, "a person sees to it");
    assert_eq!(clinic.stand().await, ["2026-11-24T14:30 cancelled"]);
}

#[tokio::test]
async fn in_whatsapp_times_are_a_list_whether_or_not_it_is_booked_there() {
    let chat = Chat::of(whatsapp::Clinic::with_buttons().await);
    chat.clinic.book().await;
    let button = json!({"payload": chat.clinic.payloads(0)[1], "text": "Перенести"});
    chat.tell(ERZHAN, json!({"type": "button", "button": button})).await;
    assert_eq!(chat.text(), ASKED);
    let titles = chat.titles();
    assert!(
        titles.len() <= 10 && titles.contains(&"Другое время: ссылка".to_owned()),
        "{titles:?}"
    );
    chat.choose("25\u{a0}ноября, 14:30").await;
    assert_eq!(chat.rows(STAND).await, ["2026-11-25T14:30 confirmed"]);
    assert!(chat.text().starts_with("Готово, перенесли: среда"), "{}", chat.text());
    // In the silence of a person nothing changes.
    chat.writes(ERZHAN, "спасибо").await;
    assert_eq!(chat.replies().await, ["open спасибо"]);
    chat.by_the_book();

    // An hour later the button is answered as ever: by the link.
    let chat = Chat::of(whatsapp::Clinic::with_buttons().await);
    chat.clinic.book().await;
    let at = ((chat.clinic.now() - DAY / 12) / 1000).to_string();
    let button = json!({"payload": chat.clinic.payloads(0)[1], "text": "Перенести"});
    chat.tell(ERZHAN, json!({"type": "button", "timestamp": at, "button": button})).await;
    assert!(chat.clinic.desk.last_sms().contains("/m/"), "{}", chat.clinic.desk.last_sms());
}

#[tokio::test]
async fn a_family_confirms_all_its_visits_with_one_button_or_speaks_with_a_person() {
    let clinic = Clinic::linked().await;
    let second = clinic.desk.relative("Алия").await;
    let third = clinic.desk.relative("Данияр").await;
    clinic.book_for(clinic.desk.day.patient, "2026-11-26T10:00").await;
    clinic.book_for(second, "2026-11-26T10:30").await;
    clinic.book_for(third, "2026-11-26T11:00").await;
    clinic.desk.comes("2026-11-24T11:00").await;
    assert_eq!(clinic.server.buttons(CHAT), ["Подтвердить всё", "Другое"]);
    clinic.press(CHAT, "Другое").await;
    assert_eq!(clinic.desk.replies().await, ["open move"]);
    assert!(clinic.stand().await.iter().all(|one| one.ends_with("booked")));
    clinic.press(CHAT, "Подтвердить всё").await;
    let all: Vec<String> = clinic.stand().await;
    assert_eq!((all.len(), all.iter().all(|one| one.ends_with("confirmed"))), (3, true), "{all:?}");
    assert!(clinic.text().ends_with("✓ Подтверждено. Ждём вас!"), "{}", clinic.text());
    clinic.by_the_book();
}

/// What became of the message about the move.
const TOLD: &str = "SELECT state || coalesce(' ' || reason, '') FROM message
    WHERE purpose = 'booking_moved' ORDER BY rowid";

#[tokio::test]
async fn whoever_moved_it_in_the_chat_is_not_told_again() {
    let clinic = Clinic::booked_in_chat().await;
    clinic.press(CHAT, "Перенести").await;
    clinic.choose("25\u{a0}ноября, 14:30").await;
    let texts = clinic.server.texts(CHAT).len();
    clinic.desk.write().await;
    clinic.desk.send().await;
    assert_eq!(clinic.rows(TOLD).await, ["withheld told_in_chat"]);
    assert_eq!(clinic.server.texts(CHAT).len(), texts);
    let card = format!("/patients/{}/messages", clinic.desk.day.patient);
    let reception = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let card = reception.get(&card).await;
    assert!(card.body.contains("Уже сказано в переписке с ботом"), "{}", card.body);
    // The desk moves it on and back: of that nobody has told in the chat.
    let inner = &clinic.desk.day.clinic;
    let grant = inner.grant::<Book>(Role::Reception).await;
    let id = clinic.rows("SELECT id FROM appointment WHERE status = 'confirmed'").await;
    for (version, starts) in [(2, "2026-11-26T10:00"), (3, "2026-11-25T14:30")] {
        let to = Moving { starts: Some(starts.parse().unwrap()), ..Moving::default() };
        let id = id[0].parse().unwrap();
        booking::move_to(&inner.clinic, &grant, id, version, &to).await.unwrap();
        clinic.desk.write().await;
        clinic.desk.send().await;
    }
    let told = clinic.rows(TOLD).await;
    let withheld = told.iter().filter(|one| one.starts_with("withheld"));
    assert_eq!((told.len(), withheld.count()), (3, 1), "{told:?}");
    clinic.by_the_book();
}

#[tokio::test]
async fn what_the_chat_could_not_say_is_told_by_the_usual_message() {
    for (mood, is_sent) in [
        (Mood::Refuses(400, 131_047), true),
        (Mood::FailsAfter, true),
        (Mood::Refuses(429, 130_429), false),
    ] {
        let chat = Chat::of(whatsapp::Clinic::with_buttons().await);
        chat.clinic.book().await;
        let button = json!({"payload": chat.clinic.payloads(0)[1], "text": "Перенести"});
        chat.tell(ERZHAN, json!({"type": "button", "button": button})).await;
        let wanted = "25\u{a0}ноября, 14:30";
        while !chat.titles().iter().any(|title| title.contains(wanted)) {
            chat.choose("Ещё →").await;
        }
        chat.clinic.server.next(mood);
        chat.choose(wanted).await;
        assert_eq!(chat.rows(STAND).await, ["2026-11-25T14:30 confirmed"]);
        let told = chat.rows(TOLD).await;
        if is_sent {
            assert!(told.len() == 1 && !told[0].contains("told_in_chat"), "{mood:?}: {told:?}");
            assert!(!told[0].starts_with("queued"), "{mood:?}: {told:?}");
            continue;
        }
        // It is still to be said there: the message waits for what becomes of that.
        assert_eq!(told, ["queued"]);
        chat.clinic.desk.day.clinic.clinic.clock().advance_ms(6000);
        chat.clinic.desk.write().await;
        chat.clinic.desk.send().await;
        assert!(chat.text().starts_with("Готово, перенесли"), "{}", chat.text());
        assert_eq!(chat.rows(TOLD).await, ["withheld told_in_chat"]);
    }
}
