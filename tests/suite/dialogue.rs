//! Booking in the chat of the Telegram bot, button by button, over a server that
//! takes no request that breaks the protocol.

use axum::http::StatusCode;
use tirkeu::booking::NewAppointment;
use tirkeu::vault::permission::Role;

use crate::telegram::Clinic;

const CHAT: i64 = 4_503_599_627_370_001;
const HOUR: i64 = 60 * 60_000;

impl Clinic {
    /// Whether the bot has nothing to say of what is typed.
    async fn is_silent(&self) -> bool {
        let now = self.desk.day.clinic.clinic.clock().now().unix_ms();
        let silent = "SELECT CAST(silent_until AS TEXT) FROM conversation
            WHERE channel = 'telegram' AND silent_until IS NOT NULL";
        self.rows(silent).await.iter().any(|until| now < until.parse::<i64>().unwrap())
    }

    /// Open for bookings from outside; Erzhan's number is linked.
    async fn offering() -> Self {
        let clinic = Self::linked().await;
        clinic.sql("UPDATE online_settings SET enabled = 1").await;
        clinic.sql("UPDATE service SET online = 1").await;
        clinic
    }

    pub async fn sql(&self, sql: &str) {
        self.desk.day.clinic.write(sql).await.unwrap();
    }

    pub fn text(&self) -> String {
        self.server.last(CHAT).1
    }

    /// Presses the button with these words, looking through the pages of a list.
    pub async fn choose(&self, words: &str) {
        for _ in 0..20 {
            let buttons = self.server.buttons(CHAT);
            if let Some(button) = buttons.iter().find(|button| button.contains(words)) {
                return self.press(CHAT, button).await;
            }
            let more = buttons.iter().find(|button| *button == "Ещё →");
            let more = more.unwrap_or_else(|| panic!("no {words} in {buttons:?}"));
            self.press(CHAT, more).await;
        }
        panic!("no {words}");
    }

    /// Up to the question of the time: a filling, on Tuesday.
    async fn until_time(&self, doctor: &str) {
        self.choose("Записаться на приём").await;
        for words in ["Согласен", "Лечение", doctor, "24"] {
            self.choose(words).await;
        }
    }

    /// Up to the last question.
    async fn until_confirm(&self, doctor: &str, time: &str) {
        self.until_time(doctor).await;
        self.choose(time).await;
        self.write(CHAT, "Ахметова Дана").await;
        self.write(CHAT, "17.05.1990").await;
    }

    /// The desk books that time with Anna, and writes to nobody.
    pub async fn take(&self, starts: &str) {
        let new = NewAppointment { notify: false, ..self.desk.day.at(starts) };
        self.desk.day.try_book(&new).await.unwrap();
    }

    async fn visits(&self) -> Vec<String> {
        let all = "SELECT a.starts || ' ' || a.status || ' ' || a.source || ' ' || p.name
            FROM appointment AS a JOIN patient AS p ON p.id = a.patient_id ORDER BY a.rowid";
        self.rows(all).await
    }

    pub async fn replies(&self) -> Vec<String> {
        self.rows("SELECT state || ' ' || text FROM reply ORDER BY rowid").await
    }
}

#[tokio::test]
async fn a_visit_is_booked_in_the_chat_button_by_button() {
    let clinic = Clinic::offering().await;
    clinic.choose("Записаться на приём").await;
    let consent = clinic.text();
    assert!(consent.contains("разрешаю") && consent.contains("за границей"), "{consent}");
    for (words, question) in [
        ("Согласен", "На что записать?"),
        ("Лечение", "К какому врачу?"),
        ("Сейтова", "В какой день?"),
        ("24", "В какое время?"),
        ("10:00", "Кто придёт?"),
    ] {
        assert!(clinic.server.buttons(CHAT).contains(&"Позвать человека".to_owned()), "{words}");
        clinic.choose(words).await;
        assert!(clinic.text().contains(question), "{words}: {}", clinic.text());
    }
    clinic.write(CHAT, "кто?").await;
    assert!(clinic.text().starts_with("Не получилось прочитать."), "{}", clinic.text());
    clinic.write(CHAT, "Ахметова  Дана").await;
    clinic.write(CHAT, "17.05.1990").await;
    let check = clinic.text();
    for said in ["Лечение", "Сейтова", "вторник", "10:00", "Ахметова Дана"]
    {
        assert!(check.contains(said), "{check}");
    }
    assert_eq!(clinic.visits().await, Vec::<String>::new(), "nothing before it is confirmed");
    clinic.press(CHAT, "Записаться").await;
    let booked = ["2026-11-24T10:00 booked online Ахметова Дана"];
    assert_eq!(clinic.visits().await, booked);
    let texts = clinic.server.texts(CHAT);
    assert!(texts.iter().any(|text| text.contains("Готово, вы записаны")), "{texts:?}");
    let request = "SELECT state || ' ' || consent_version || ' ' || source || phone || name
        FROM online_request";
    assert_eq!(clinic.rows(request).await, ["booked 1 telegram"], "what was typed is gone");
    let card = "SELECT birth_date FROM patient WHERE surname = 'Ахметова'";
    assert_eq!(clinic.rows(card).await, ["1990-05-17"]);
    let codes = "SELECT purpose FROM message WHERE purpose = 'booking_code'";
    assert_eq!(clinic.rows(codes).await.len(), 0, "the chat has proven the phone");
    assert!(clinic.replies().await.is_empty());
    clinic.by_the_book();
}

#[tokio::test]
async fn whoever_was_slower_gets_other_times_and_is_asked_for_no_second_name() {
    let clinic = Clinic::offering().await;
    clinic.until_confirm("Сейтова", "10:00").await;
    // The desk is quicker.
    clinic.take("2026-11-24T10:00").await;
    clinic.press(CHAT, "Записаться").await;
    assert!(clinic.text().starts_with("Это время только что заняли"), "{}", clinic.text());
    assert!(!clinic.server.buttons(CHAT).contains(&"10:00".to_owned()));
    assert_eq!(clinic.visits().await.len(), 1);
    clinic.choose("11:00").await;
    assert!(clinic.text().contains("Ахметова Дана"), "{}", clinic.text());
    clinic.press(CHAT, "Записаться").await;
    let all = clinic.visits().await;
    assert_eq!(all[1], "2026-11-24T11:00 booked online Ахметова Дана");
    assert_eq!(clinic.desk.day.overlaps().await, Vec::<String>::new());
    clinic.by_the_book();
}

#[tokio::test]
async fn any_doctor_is_one_who_is_free() {
    let clinic = Clinic::offering().await;
    clinic.until_confirm("Любой врач", "10:00").await;
    clinic.take("2026-11-24T10:00").await;
    clinic.press(CHAT, "Записаться").await;
    let who = "SELECT d.name FROM appointment AS a JOIN resource AS d ON d.id = a.doctor_id
        ORDER BY a.rowid";
    let names = ["Сейтова Анна Нурлановна", "Оспанов Болат Маратович"];
    assert_eq!(clinic.rows(who).await, names);
}

#[tokio::test]
async fn a_card_with_the_same_phone_and_another_name_is_not_taken_by_guess() {
    let clinic = Clinic::offering().await;
    clinic.until_confirm("Сейтова", "10:00").await;
    clinic.press(CHAT, "Записаться").await;
    let cards = "SELECT name FROM patient WHERE merged_into IS NULL ORDER BY rowid";
    assert_eq!(clinic.rows(cards).await.len(), 2, "Erzhan's card is Erzhan's");
}

#[tokio::test]
async fn confirming_twice_books_once_and_old_buttons_say_that_they_are_over() {
    let clinic = Clinic::offering().await;
    clinic.until_confirm("Сейтова", "10:00").await;
    let (id, _, markup) = clinic.server.last(CHAT);
    let confirm = markup["inline_keyboard"][0][0]["callback_data"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        clinic.server.presses_data(CHAT, id, &confirm);
    }
    clinic.hear().await;
    let passed_on = "SELECT DISTINCT party || ' ' || country || ' ' || classes FROM transfer
        WHERE purpose = 'dialogue' ORDER BY length(classes) DESC LIMIT 1";
    let all = ["telegram nl [\"neutral\",\"contact\",\"clinical\"]"];
    assert_eq!(clinic.rows(passed_on).await, all, "what the bot says is in the log of transfers");
    assert_eq!(clinic.visits().await.len(), 1);
    assert!(clinic.server.texts(CHAT).iter().any(|text| text.contains("уже закончен")));
    for made_up in ["d:AAAAAAAAAAAAAAAAAAAAAA:0", "d::", "d:begin:9", "d:"] {
        clinic.server.presses_data(CHAT, id, made_up);
        clinic.hear().await;
    }
    assert_eq!(clinic.visits().await.len(), 1);
    // From there it can be begun again.
    clinic.choose("Записаться на приём").await;
    assert!(clinic.text().contains("разрешаю"), "{}", clinic.text());
    clinic.by_the_book();
}

#[tokio::test]
async fn a_conversation_that_rested_for_an_hour_begins_anew() {
    let clinic = Clinic::offering().await;
    clinic.until_time("Сейтова").await;
    clinic.desk.day.clinic.clinic.clock().advance_ms(HOUR);
    clinic.choose("10:00").await;
    assert!(clinic.text().contains("уже закончен"), "{}", clinic.text());
    clinic.desk.day.clinic.clinic.clock().advance_ms(24 * HOUR);
    clinic.desk.write().await;
    assert_eq!(clinic.rows("SELECT chat FROM dialogue").await.len(), 0, "it is forgotten");
}

#[tokio::test]
async fn a_person_is_called_at_any_step_and_the_bot_keeps_silent_for_twelve_hours() {
    let clinic = Clinic::offering().await;
    clinic.until_time("Сейтова").await;
    clinic.choose("Позвать человека").await;
    assert!(clinic.text().starts_with("Передали регистратуре"), "{}", clinic.text());
    clinic.write(CHAT, "Мне нужно к двум врачам сразу").await;
    let said = clinic.server.texts(CHAT).len();
    let replies = clinic.replies().await;
    let hand = "open Прошу ответить человека (кнопка в Telegram)\nУже выбрано: ";
    assert!(replies[0].starts_with(hand) && replies[0].contains("Сейтова"), "{replies:?}");
    assert_eq!(replies[1..], ["open Мне нужно к двум врачам сразу"]);
    let inner = &clinic.desk.day.clinic;
    let reception = inner.sign_in(Role::Reception).await;
    let id = clinic.rows("SELECT id FROM conversation WHERE channel = 'telegram'").await.remove(0);
    assert!(clinic.is_silent().await);
    assert_eq!(clinic.server.texts(CHAT).len(), said, "the bot says nothing");
    let back = reception.post(&format!("/inbox/{id}/hand-back"), "").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "the desk gives the word back: {}", back.body);
    assert!(!clinic.is_silent().await);
    clinic.write(CHAT, "/book").await;
    clinic.choose("Согласен").await;
    clinic.choose("Позвать человека").await;
    assert!(clinic.is_silent().await);
    inner.clinic.clock().advance_ms(12 * HOUR);
    assert!(!clinic.is_silent().await);
}

#[tokio::test]
async fn words_between_two_buttons_go_to_a_person_and_the_question_stands() {
    let clinic = Clinic::offering().await;
    clinic.until_time("Сейтова").await;
    clinic.write(CHAT, "А сколько это стоит?").await;
    assert_eq!(clinic.replies().await, ["open А сколько это стоит?"]);
    clinic.choose("10:00").await;
    assert!(clinic.text().contains("Кто придёт?"), "{}", clinic.text());
}

#[tokio::test]
async fn the_limits_and_the_word_of_the_desk_hold_as_on_the_page() {
    let clinic = Clinic::offering().await;
    let moderated =
        "INSERT INTO online_service (service_id, moderated, urgent, prepare_ru, prepare_kk)
        SELECT id, 1, 0, '', '' FROM service";
    clinic.sql(moderated).await;
    clinic.until_confirm("Сейтова", "10:00").await;
    clinic.press(CHAT, "Записаться").await;
    assert!(clinic.text().contains("держим за вами"), "{}", clinic.text());
    let held = "SELECT CAST(count(*) AS TEXT) FROM appointment_hold WHERE outcome IS NULL";
    assert_eq!(clinic.rows(held).await, ["1"]);

    clinic.sql("UPDATE online_settings SET most_open = 1").await;
    clinic.write(CHAT, "/book").await;
    for words in ["Согласен", "Лечение", "Сейтова", "24", "11:00"] {
        clinic.choose(words).await;
    }
    clinic.write(CHAT, "Ахметова Дана").await;
    clinic.choose("Без даты рождения").await;
    clinic.press(CHAT, "Записаться").await;
    assert!(clinic.text().contains("достаточно записей"), "{}", clinic.text());

    clinic.sql("UPDATE online_settings SET enabled = 0").await;
    clinic.write(CHAT, "/book").await;
    assert!(clinic.text().contains("Записаться здесь сейчас нельзя"), "{}", clinic.text());
}

#[tokio::test]
async fn what_the_owner_did_not_open_is_not_offered() {
    let clinic = Clinic::offering().await;
    clinic.sql("UPDATE service SET online = 0 WHERE name = 'Консультация'").await;
    clinic.write(CHAT, "/book").await;
    clinic.choose("Согласен").await;
    let buttons = clinic.server.buttons(CHAT);
    assert!(!buttons.iter().any(|button| button.contains("Консультация")), "{buttons:?}");
    // It was closed while they chose.
    clinic.choose("Лечение").await;
    clinic.sql("UPDATE service SET online = 0").await;
    clinic.choose("Сейтова").await;
    assert!(clinic.text().contains("нет свободного времени"), "{}", clinic.text());
    clinic.take("2026-11-24T10:00").await;
}

#[tokio::test]
async fn in_kazakh_it_is_kazakh_from_the_first_question_to_the_last() {
    let clinic = Clinic::offering().await;
    clinic.write(CHAT, "/language").await;
    clinic.press(CHAT, "Қазақша").await;
    clinic.write(CHAT, "/book").await;
    for words in ["Келісемін", "Лечение", "Кез келген", "24", "10:00"] {
        let page = |button: &String| button == "Тағы →";
        while !clinic.server.buttons(CHAT).iter().any(|button| button.contains(words)) {
            let more = clinic.server.buttons(CHAT).into_iter().find(page).unwrap();
            clinic.press(CHAT, &more).await;
        }
        clinic.choose(words).await;
    }
    assert!(clinic.text().contains("Кім келеді?"), "{}", clinic.text());
    clinic.write(CHAT, "Ахметова Дана").await;
    clinic.choose("Туған күнінсіз").await;
    assert!(clinic.text().contains("сейсенбі"), "{}", clinic.text());
    clinic.press(CHAT, "Жазылу").await;
    assert!(clinic.server.texts(CHAT).iter().any(|text| text.contains("Дайын, сіз жазылдыңыз")));
    clinic.by_the_book();
}
