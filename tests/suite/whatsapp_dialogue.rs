//! Booking in a WhatsApp chat, row by row of lists, over a server that takes no
//! message that breaks the document's limits.

use std::cell::Cell;

use axum::http::StatusCode;
use serde_json::{Value, json};

use tirkeu::booking::NewAppointment;
use tirkeu::vault::permission::Role;

use crate::peers::whatsapp::{Mood, SECRET, signature, written};
use crate::whatsapp::Clinic;

const ERZHAN: &str = "77012345678";
const STRANGER: &str = "77019999999";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A clinic with a WhatsApp number, and what comes to it.
pub struct Chat {
    pub clinic: Clinic,
    next: Cell<u32>,
}

impl Chat {
    /// Of a clinic that can be booked in the chat.
    pub async fn open() -> Self {
        let chat = Self::shut().await;
        chat.sql("UPDATE whatsapp_app SET talks = 1").await;
        chat
    }

    /// Of one where it is not switched on.
    async fn shut() -> Self {
        let chat = Self::of(Clinic::open().await);
        chat.sql("UPDATE online_settings SET enabled = 1").await;
        chat.sql("UPDATE service SET online = 1").await;
        chat
    }

    pub fn of(clinic: Clinic) -> Self {
        Self { clinic, next: Cell::new(0) }
    }

    pub async fn sql(&self, sql: &str) {
        self.clinic.desk.day.clinic.write(sql).await.unwrap();
    }

    pub async fn rows(&self, sql: &str) -> Vec<String> {
        self.clinic.desk.day.clinic.rows(sql).await
    }

    fn id(&self) -> String {
        self.next.set(self.next.get() + 1);
        format!("wamid.in{}", self.next.get())
    }

    /// Tells the clinic's door, and lets what that sets going be done.
    pub async fn tell(&self, from: &str, more: Value) {
        // People take their time, and the number has its limit.
        self.clinic.desk.day.clinic.clinic.clock().advance_ms(2000);
        let mut message = json!({"id": self.id(), "from": from,
            "timestamp": (self.clinic.now() / 1000).to_string()});
        for (key, value) in more.as_object().unwrap() {
            message[key] = value.clone();
        }
        self.clinic.server.window_opens(from);
        self.clinic.tell(&written(json!([message]), json!([{"wa_id": from}]))).await;
        self.clinic.desk.send().await;
    }

    pub async fn writes(&self, from: &str, text: &str) {
        self.tell(from, json!({"type": "text", "text": {"body": text}})).await;
    }

    async fn write(&self, text: &str) {
        self.writes(ERZHAN, text).await;
    }

    /// Taps a button or a row with this id.
    pub async fn tap_data(&self, data: &str, title: &str) {
        let reply = json!({"id": data, "title": title});
        let tap = json!({"type": "interactive",
            "interactive": {"type": "list_reply", "list_reply": reply}});
        self.tell(ERZHAN, tap).await;
    }

    /// What was said last.
    pub fn last(&self) -> Value {
        self.clinic.server.taken().pop().unwrap_or_default()
    }

    pub fn text(&self) -> String {
        let last = self.last();
        let text = match last["type"].as_str() {
            Some("text") => &last["text"]["body"],
            _ => &last["interactive"]["body"]["text"],
        };
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Ids and words of what can be tapped.
    pub fn choices(&self) -> Vec<(String, String)> {
        let action = self.last()["interactive"]["action"].clone();
        let empty = Vec::new();
        let buttons = action["buttons"].as_array().unwrap_or(&empty).iter();
        let rows = action["sections"][0]["rows"].as_array().unwrap_or(&empty).iter();
        let all = buttons.map(|one| one["reply"].clone()).chain(rows.cloned());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let whole = |one: &Value| format!("{} {}", text(&one["title"]), text(&one["description"]));
        all.map(|one| (text(&one["id"]), whole(&one).trim().to_owned())).collect()
    }

    pub fn titles(&self) -> Vec<String> {
        self.choices().into_iter().map(|(_, title)| title).collect()
    }

    /// Taps what has these words, looking through the pages of a list.
    pub async fn choose(&self, words: &str) {
        for _ in 0..20 {
            let choices = self.choices();
            let find = |words: &str| choices.iter().find(|(_, title)| title.contains(words));
            if let Some((data, title)) = find(words) {
                return self.tap_data(data, title).await;
            }
            let more = find("Ещё →").or_else(|| find("Тағы →"));
            let (data, title) = more.unwrap_or_else(|| panic!("no {words} in {choices:?}"));
            self.tap_data(data, title).await;
        }
        panic!("no {words}");
    }

    pub async fn until_time(&self, doctor: &str) {
        self.write("Запись").await;
        for words in ["Согласен", "Лечение", doctor, "24"] {
            self.choose(words).await;
        }
    }

    pub async fn until_confirm(&self, doctor: &str, time: &str) {
        self.until_time(doctor).await;
        self.choose(time).await;
        self.write("Ахметова Дана").await;
        self.write("17.05.1990").await;
    }

    async fn take(&self, starts: &str) {
        let day = &self.clinic.desk.day;
        day.try_book(&NewAppointment { notify: false, ..day.at(starts) }).await.unwrap();
    }

    pub async fn visits(&self) -> Vec<String> {
        let all = "SELECT a.starts || ' ' || a.status || ' ' || a.source || ' ' || p.name
            FROM appointment AS a JOIN patient AS p ON p.id = a.patient_id ORDER BY a.rowid";
        self.rows(all).await
    }

    pub async fn replies(&self) -> Vec<String> {
        self.rows("SELECT state || ' ' || text FROM reply ORDER BY rowid").await
    }

    fn said(&self) -> usize {
        self.clinic.server.taken().len()
    }

    pub fn by_the_book(&self) {
        assert_eq!(self.clinic.server.violations(), Vec::<String>::new());
    }

    async fn speeches(&self) -> Vec<String> {
        self.rows("SELECT state || (body = '') FROM whatsapp_speech ORDER BY id").await
    }
}

#[tokio::test]
async fn a_visit_is_booked_in_the_chat_row_by_row() {
    let chat = Chat::open().await;
    chat.write("Здравствуйте, хочу записаться!").await;
    let consent = chat.text();
    assert!(consent.contains("разрешаю") && consent.contains("WhatsApp за границей"), "{consent}");
    assert_eq!(chat.titles(), ["Согласен, записаться", "Қазақша", "Позвать человека"]);
    for (words, question) in [
        ("Согласен", "На что записать?"),
        ("Лечение", "К какому врачу?"),
        ("Сейтова", "В какой день?"),
        ("24", "В какое время?"),
        ("10:00", "Кто придёт?"),
    ] {
        assert!(chat.titles().contains(&"Позвать человека".to_owned()), "{:?}", chat.titles());
        chat.choose(words).await;
        assert!(chat.text().contains(question), "{words}: {}", chat.text());
    }
    chat.write("кто?").await;
    assert!(chat.text().starts_with("Не получилось прочитать."), "{}", chat.text());
    chat.write("Ахметова  Дана").await;
    assert_eq!(chat.titles(), ["Без даты рождения", "← Назад", "Позвать человека"]);
    chat.write("17.05.1990").await;
    let check = chat.text();
    for said in ["Лечение", "Сейтова", "вторник", "10:00", "Ахметова Дана"]
    {
        assert!(check.contains(said), "{check}");
    }
    assert_eq!(chat.visits().await, Vec::<String>::new(), "nothing before it is confirmed");
    chat.choose("Записаться").await;
    assert_eq!(chat.visits().await, ["2026-11-24T10:00 booked online Ахметова Дана"]);
    assert!(chat.text().contains("Готово, вы записаны"), "{}", chat.text());
    let request = "SELECT state || ' ' || consent_version || ' ' || source || phone || name
        FROM online_request";
    assert_eq!(chat.rows(request).await, ["booked 1 whatsapp"], "what was typed is gone");
    let codes = "SELECT purpose FROM message WHERE purpose = 'booking_code'";
    assert_eq!(chat.rows(codes).await.len(), 0, "WhatsApp has proven the phone");
    let passed_on = "SELECT DISTINCT party || ' ' || country || ' ' || classes FROM transfer
        WHERE purpose = 'dialogue' ORDER BY length(classes) DESC LIMIT 1";
    let all = ["whatsapp us [\"neutral\",\"contact\",\"clinical\"]"];
    assert_eq!(chat.rows(passed_on).await, all, "what the bot says is in the log of transfers");
    assert!(chat.replies().await.is_empty(), "nobody at the desk is troubled");
    assert!(chat.speeches().await.iter().all(|one| one == "said1"), "nothing of it is kept");
    chat.by_the_book();
}

#[tokio::test]
async fn in_kazakh_it_is_kazakh_from_the_first_word_and_can_be_changed() {
    let chat = Chat::open().await;
    chat.write("Жазылғым келеді").await;
    assert_eq!(chat.titles(), ["Келісемін, жазылу", "На русском", "Адамды шақыру"]);
    chat.choose("На русском").await;
    assert_eq!(chat.titles()[0], "Согласен, записаться");
    chat.choose("Қазақша").await;
    for words in ["Келісемін", "Лечение", "Кез келген", "24"] {
        chat.choose(words).await;
    }
    assert!(chat.text().contains("Қай уақытта?"), "{}", chat.text());
    chat.write("на русском").await;
    assert!(chat.text().contains("В какое время?"), "{}", chat.text());
    chat.write("қазақша").await;
    chat.choose("10:00").await;
    assert!(chat.text().contains("Кім келеді?"), "{}", chat.text());
    chat.write("Ахметова Дана").await;
    chat.choose("Туған күнінсіз").await;
    assert!(chat.text().contains("сейсенбі"), "{}", chat.text());
    chat.choose("Жазылу").await;
    assert!(chat.text().contains("Дайын, сіз жазылдыңыз"), "{}", chat.text());
    // The language stays theirs.
    chat.tap_data("d:x:1", "?").await;
    assert!(chat.text().contains("аяқталған"), "{}", chat.text());
    chat.by_the_book();
}

#[tokio::test]
async fn a_person_is_called_at_any_step_and_the_bot_keeps_silent() {
    let chat = Chat::open().await;
    chat.until_time("Сейтова").await;
    chat.choose("Позвать человека").await;
    assert!(chat.text().starts_with("Передали регистратуре"), "{}", chat.text());
    let said = chat.said();
    chat.write("Мне нужно к двум врачам сразу").await;
    chat.write("Запись").await;
    let replies = chat.replies().await;
    // Whoever goes on knows what was chosen, and asks nothing twice.
    for said in ["open Прошу ответить человека (кнопка в WhatsApp)\nУже выбрано: ", " · Сейтова"]
    {
        assert!(replies[0].contains(said), "{said}: {replies:?}");
    }
    let waiting = ["open Мне нужно к двум врачам сразу", "open Запись"];
    assert_eq!(replies[1..], waiting, "all that is written goes to the person");
    assert_eq!(chat.said(), said, "the bot says nothing");
    let silent = "SELECT CAST(count(*) AS TEXT) FROM conversation
        WHERE channel = 'whatsapp' AND silent_until IS NOT NULL AND waiting_since IS NOT NULL";
    assert_eq!(chat.rows(silent).await, ["1"]);
    // An answer is waited for, also once the bot might speak again.
    chat.clinic.desk.day.clinic.clinic.clock().advance_ms(13 * HOUR);
    chat.write("записаться").await;
    assert_eq!(chat.said(), said);
    chat.by_the_book();
}

#[tokio::test]
async fn words_between_two_choices_go_to_a_person_and_the_question_stands() {
    let chat = Chat::open().await;
    chat.until_time("Сейтова").await;
    chat.write("А сколько это стоит?").await;
    assert_eq!(chat.replies().await, ["open А сколько это стоит?"]);
    chat.choose("10:00").await;
    assert!(chat.text().contains("Кто придёт?"), "{}", chat.text());
}

#[tokio::test]
async fn an_old_row_says_so_kindly_and_begins_anew() {
    let chat = Chat::open().await;
    chat.until_time("Сейтова").await;
    let old = chat.choices();
    chat.choose("10:00").await;
    chat.tap_data(&old[0].0, &old[0].1).await;
    assert!(chat.text().contains("уже закончен"), "{}", chat.text());
    for made_up in ["d:AAAAAAAAAAAAAAAAAAAAAA:0", "d::", "d:begin:9", "d:"] {
        chat.tap_data(made_up, "?").await;
        assert!(chat.text().contains("уже закончен"), "{}", chat.text());
    }
    chat.choose("Записаться на приём").await;
    assert!(chat.text().contains("разрешаю"), "{}", chat.text());
    chat.by_the_book();
}

#[tokio::test]
async fn a_webhook_that_comes_twice_books_once_and_is_answered_once() {
    let chat = Chat::open().await;
    chat.until_confirm("Сейтова", "10:00").await;
    let (data, _) = chat.choices().remove(0);
    let tap = |id: &str, at: i64| {
        let reply = json!({"id": data, "title": "Записаться"});
        let one = json!({"id": id, "from": ERZHAN, "timestamp": (at / 1000).to_string(),
            "type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}});
        written(json!([one]), json!([{"wa_id": ERZHAN}]))
    };
    let now = chat.clinic.now();
    let said = chat.said();
    chat.clinic.tell(&tap("wamid.twice", now)).await;
    chat.clinic.tell(&tap("wamid.twice", now)).await;
    // The same message in another webhook.
    let bundled = tap("wamid.twice", now).replace("1020", "1021");
    chat.clinic.tell(&bundled).await;
    assert_eq!((chat.visits().await.len(), chat.said()), (1, said + 1));
    // Tapped twice it is booked once too.
    chat.clinic.desk.day.clinic.clinic.clock().advance_ms(2000);
    chat.clinic.tell(&tap("wamid.again", now)).await;
    assert_eq!(chat.visits().await.len(), 1);
    assert!(chat.text().contains("уже закончен"), "{}", chat.text());
    chat.by_the_book();
}

#[tokio::test]
async fn whoever_was_slower_gets_other_times_and_is_asked_for_no_second_name() {
    let chat = Chat::open().await;
    chat.until_confirm("Сейтова", "10:00").await;
    chat.take("2026-11-24T10:00").await;
    chat.choose("Записаться").await;
    assert!(chat.text().starts_with("Это время только что заняли"), "{}", chat.text());
    assert!(!chat.titles().contains(&"10:00".to_owned()));
    chat.choose("11:00").await;
    assert!(chat.text().contains("Ахметова Дана"), "{}", chat.text());
    chat.choose("Записаться").await;
    assert_eq!(chat.visits().await[1], "2026-11-24T11:00 booked online Ахметова Дана");
    assert_eq!(chat.clinic.desk.day.overlaps().await, Vec::<String>::new());
    chat.by_the_book();
}

#[tokio::test]
async fn whoever_hides_the_number_is_spoken_with_by_a_person() {
    let chat = Chat::open().await;
    let at = (chat.clinic.now() / 1000).to_string();
    let hidden = json!([{"id": "wamid.hidden", "from_user_id": "KZ.abc", "timestamp": at,
        "type": "text", "text": {"body": "Запись"}}]);
    let contact = json!([{"user_id": "KZ.abc", "profile": {"name": "Дана"}}]);
    chat.clinic.tell(&written(hidden, contact)).await;
    assert_eq!((chat.replies().await, chat.said()), (vec!["open Запись".to_owned()], 0));
}

#[tokio::test]
async fn switched_off_nothing_is_answered_and_all_goes_to_a_person() {
    let chat = Chat::shut().await;
    chat.write("Запись").await;
    assert_eq!((chat.replies().await, chat.said()), (vec!["open Запись".to_owned()], 0));
    // Switched off while they chose.
    let chat = Chat::open().await;
    chat.write("Запись").await;
    chat.sql("UPDATE whatsapp_app SET talks = 0").await;
    chat.tap_data("d:begin", "Записаться на приём").await;
    assert!(chat.text().contains("Записаться здесь сейчас нельзя"), "{}", chat.text());
}

#[tokio::test]
async fn a_stranger_is_asked_once_what_they_need_and_a_person_reads_it_all_the_same() {
    let chat = Chat::open().await;
    chat.sql("UPDATE whatsapp_app SET greets = 1").await;
    chat.writes(STRANGER, "Сәлеметсіз бе, бағасы қанша?").await;
    assert!(chat.text().starts_with("Сәлеметсіз бе! Бұл"), "{}", chat.text());
    assert_eq!(chat.titles(), ["Қабылдауға жазылу", "Адамды шақыру"]);
    chat.writes(STRANGER, "алло").await;
    assert_eq!(chat.said(), 1, "once");
    assert_eq!(chat.replies().await.len(), 2);
    // The desk knows Erzhan.
    chat.write("Здравствуйте").await;
    assert_eq!(chat.said(), 1);
    chat.writes(STRANGER, "жазылу").await;
    assert_eq!(chat.titles()[0], "Келісемін, жазылу", "the bot has just told of it");
    chat.by_the_book();
}

#[tokio::test]
async fn an_answer_that_was_not_taken_is_said_later_and_one_that_may_have_been_never_again() {
    let chat = Chat::open().await;
    for (code, status) in [(429, 130_429), (500, 131_000)] {
        chat.clinic.server.next(Mood::Refuses(code, status));
    }
    chat.write("Запись").await;
    assert_eq!((chat.said(), chat.speeches().await), (0, vec!["waiting0".to_owned()]));
    for seconds in [3, 6] {
        chat.clinic.desk.day.clinic.clinic.clock().advance_ms(seconds * 1000);
        chat.clinic.desk.write().await;
    }
    assert_eq!((chat.said(), chat.speeches().await), (1, vec!["said1".to_owned()]));

    for mood in [Mood::FailsAfter, Mood::Garbage] {
        let chat = Chat::open().await;
        chat.clinic.server.next(mood);
        chat.write("Запись").await;
        chat.clinic.desk.day.clinic.clinic.clock().advance_ms(10 * MINUTE);
        chat.clinic.desk.write().await;
        assert_eq!((chat.said(), chat.speeches().await), (1, vec!["uncertain1".to_owned()]));
    }

    // Somebody died over it: it may have left.
    let chat = Chat::open().await;
    chat.clinic.server.next(Mood::Refuses(429, 130_429));
    chat.write("Запись").await;
    chat.sql("UPDATE whatsapp_speech SET state = 'sending'").await;
    chat.clinic.desk.day.clinic.clinic.clock().advance_ms(10_000);
    chat.clinic.desk.write().await;
    assert_eq!((chat.said(), chat.speeches().await), (0, vec!["uncertain1".to_owned()]));
}

#[tokio::test]
async fn whoever_could_not_be_answered_in_time_is_left_to_a_person() {
    let chat = Chat::open().await;
    chat.clinic.server.next(Mood::Refuses(429, 130_429));
    chat.write("Запись").await;
    chat.clinic.desk.day.clinic.clinic.clock().advance_ms(16 * MINUTE);
    chat.clinic.desk.write().await;
    assert_eq!(chat.speeches().await, ["late1"]);
    let left = ["open Бот не смог ответить в WhatsApp. Ответьте, пожалуйста, сами."];
    assert_eq!(chat.replies().await, left);

    // Refused for good: outside of 24 hours, by our clock or by theirs.
    let chat = Chat::open().await;
    chat.clinic.server.next(Mood::Refuses(400, 131_047));
    chat.write("Запись").await;
    assert_eq!(
        (chat.speeches().await, chat.replies().await),
        (vec!["refused1".to_owned()], left.map(str::to_owned).to_vec())
    );

    // What comes an hour late is read by a person.
    let chat = Chat::open().await;
    let at = ((chat.clinic.now() - HOUR) / 1000).to_string();
    let late = json!({"timestamp": at, "type": "text", "text": {"body": "Запись"}});
    chat.tell(ERZHAN, late).await;
    assert_eq!((chat.said(), chat.replies().await), (0, vec!["open Запись".to_owned()]));
}

#[tokio::test]
async fn what_was_said_and_typed_is_forgotten_after_a_day() {
    let chat = Chat::open().await;
    chat.until_confirm("Сейтова", "10:00").await;
    chat.clinic.desk.day.clinic.clinic.clock().advance_ms(25 * HOUR);
    chat.clinic.desk.write().await;
    let left = "SELECT heard FROM whatsapp_speech UNION ALL SELECT chat FROM dialogue";
    assert_eq!(chat.rows(left).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_owner_switches_it_on_where_the_app_is_set_up() {
    let chat = Chat::shut().await;
    let owner = chat.clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/whatsapp").await.body;
    assert!(page.contains("Запись в переписке"), "{page}");
    let form = "business_account_id=1020&wait_minutes=30&talks=true&greets=true";
    owner.post("/messages/whatsapp", form).await;
    let on = "SELECT talks || greets || to_all || (app_secret <> '') FROM whatsapp_app";
    assert_eq!(chat.rows(on).await, ["1101"]);
}

#[tokio::test]
async fn while_meta_does_not_answer_other_work_goes_on_and_after_a_crash_nothing_is_said_twice() {
    let chat = Chat::open().await;
    let body = json!({"id": "wamid.mute", "from": ERZHAN, "type": "text",
        "timestamp": (chat.clinic.now() / 1000).to_string(), "text": {"body": "Запись"}});
    let body = written(json!([body]), json!([{"wa_id": ERZHAN}]));
    chat.clinic.server.window_opens(ERZHAN);
    chat.clinic.server.next(Mood::Silent);
    assert_eq!(chat.clinic.knock(&body, &signature(SECRET, &body)).await, StatusCode::OK);
    // As the server does it: one worker for each lane.
    let workers = tirkeu::app::jobs().lanes().into_iter().map(|lane| {
        let clinic = chat.clinic.desk.day.clinic.clinic.clone();
        tokio::spawn(async move {
            loop {
                lane.run_due(&clinic.vault, &clinic).await.unwrap();
                tokio::task::yield_now().await;
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    while chat.said() == 0 {
        tokio::task::yield_now().await;
    }
    chat.clinic.desk.day.booked("2026-11-24T14:30").await;
    while chat.rows("SELECT id FROM message").await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(chat.speeches().await, ["sending0"], "Meta has said nothing yet");

    // The program dies over it.
    for worker in workers {
        worker.abort();
        assert!(worker.await.unwrap_err().is_cancelled());
    }
    for _ in 0..2 {
        chat.clinic.desk.day.clinic.clinic.clock().advance_ms(3 * MINUTE);
        chat.clinic.desk.write().await;
    }
    assert_eq!((chat.said(), chat.speeches().await), (1, vec!["uncertain1".to_owned()]));
    chat.by_the_book();
}

#[tokio::test]
async fn of_two_answers_to_one_person_the_first_is_said_first() {
    let chat = Chat::open().await;
    chat.clinic.server.next(Mood::Refuses(429, 130_429));
    chat.write("Запись").await;
    // Before the first is tried again.
    chat.write("Запись").await;
    assert_eq!(chat.said(), 0, "the second waits for the first");
    for _ in 0..3 {
        chat.clinic.desk.day.clinic.clinic.clock().advance_ms(4000);
        chat.clinic.desk.write().await;
    }
    let taken = chat.clinic.server.taken();
    let marks: Vec<_> = taken.iter().map(|one| one["biz_opaque_callback_data"].clone()).collect();
    assert_eq!(marks, ["speech-1", "speech-2"]);
    assert_eq!(chat.speeches().await, ["said1", "said1"]);
    chat.by_the_book();
}

#[tokio::test]
async fn a_word_for_a_button_answers_the_bots_question_and_no_reminder_before_it() {
    let chat = Chat::open().await;
    chat.clinic.book().await;
    let before = chat.visits().await;
    assert!(before[0].contains("booked"), "{before:?}");
    chat.until_confirm("Сейтова", "10:00").await;
    for words in ["нет", "да", "2", "перенести"] {
        chat.write(words).await;
        assert_eq!(chat.visits().await, before, "{words}");
        assert!(chat.titles().contains(&"Записаться".to_owned()), "{words}: {}", chat.text());
    }
    assert!(chat.replies().await.is_empty(), "{:?}", chat.replies().await);
    // Only "stop" is heard at any question, and is nobody's name.
    chat.write("Запись").await;
    chat.until_time("Сейтова").await;
    chat.choose("10:30").await;
    chat.write("не пишите").await;
    let refused = "SELECT count(*) || '' FROM writing_stands WHERE allowed = 0";
    assert_ne!(chat.rows(refused).await, ["0"]);
    chat.by_the_book();
}

#[tokio::test]
async fn words_under_a_picture_are_kept_and_other_numbers_of_the_account_are_not_ours() {
    let chat = Chat::open().await;
    let picture = json!({"type": "image", "image": {"id": "1", "caption": "можно завтра в 10?"}});
    chat.tell(STRANGER, picture).await;
    assert_eq!(chat.replies().await, ["open можно завтра в 10?\n[image]"]);
    chat.tell(STRANGER, json!({"type": "reaction", "reaction": {"emoji": "👍"}})).await;
    assert_eq!(chat.replies().await.len(), 1, "a thumb asks for nothing");
    let other = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"phone_number_id": "999"}, "contacts": [{"wa_id": STRANGER}],
            "messages": [{"id": "wamid.other", "from": STRANGER, "type": "text",
                "timestamp": (chat.clinic.now() / 1000).to_string(),
                "text": {"body": "для лаборатории"}}]}}]}]});
    chat.clinic.tell(&other.to_string()).await;
    assert_eq!(chat.replies().await.len(), 1);
    let inner = &chat.clinic.desk.day.clinic;
    let owner = inner.sign_in(Role::Owner).await;
    let page = owner.get("/messages/gateway").await.body;
    assert!(!page.contains("не удалось разобрать"), "it is nothing to worry about: {page}");
    // When that number is connected here, its words are read after all.
    let one = "SELECT id || ' ' || endpoint FROM gateway WHERE kind = 'whatsapp'";
    let one = inner.rows(one).await.concat();
    let (id, endpoint) = one.split_once(' ').unwrap();
    let form = format!(
        "kind=whatsapp&endpoint={endpoint}&username=999&password=t&sender=&report_url=&per_minute=60"
    );
    let saved = owner.post(&format!("/messages/gateway/{id}"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    chat.clinic.desk.write().await;
    assert_eq!(chat.replies().await[1], "open для лаборатории");
}
