//! What the bot says stands in the conversation, as the bot's own.

use axum::http::StatusCode;
use tirkeu::vault::permission::Role;

use crate::peers::whatsapp::Mood;
use crate::telegram;
use crate::whatsapp_dialogue::Chat;

const ERZHAN: &str = "77012345678";
const STRANGER: &str = "77019999999";
const TELEGRAM: i64 = 4_503_599_627_370_001;
const DAY: i64 = 24 * 60 * 60_000;

impl Chat {
    fn later(&self, ms: i64) {
        self.clinic.desk.day.clinic.clinic.clock().advance_ms(ms);
    }

    async fn lines(&self) -> Vec<String> {
        self.rows("SELECT fate || ' ' || text FROM bot_line ORDER BY said_at, id").await
    }

    /// A page as the desk reads it.
    async fn page(&self, path: &str) -> String {
        let reception = self.clinic.desk.day.clinic.sign_in(Role::Reception).await;
        let page = reception.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        page.body
    }

    /// The conversation with that number.
    async fn talk(&self, digits: &str) -> String {
        let id = format!("SELECT id FROM conversation WHERE address = '+{digits}'");
        let id = self.rows(&id).await.remove(0);
        self.page(&format!("/inbox/{id}")).await
    }
}

/// Whether all of that stands there, in this order.
fn in_order(page: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        let at = page[from..].find(word).unwrap_or_else(|| panic!("{word} is not after: {page}"));
        from += at + word.len();
    }
}

#[tokio::test]
async fn what_the_bot_said_stands_between_what_people_wrote_and_is_marked_as_its() {
    let chat = Chat::open().await;
    chat.until_time("Сейтова").await;
    chat.writes(ERZHAN, "А сколько это стоит?").await;
    chat.choose("10:00").await;
    chat.choose("Позвать человека").await;
    let page = chat.talk(ERZHAN).await;
    let said = &page[page.find("inbox-talk").unwrap()..];
    in_order(
        said,
        &[
            "за границей",
            "На что записать?",
            "Лечение",
            "К какому врачу?",
            "Сейтова",
            "В какой день?",
            "В какое время?",
            "10:00",
            "А сколько это стоит?",
            "Кто придёт?",
            "Прошу ответить человека",
            "Передали регистратуре",
        ],
    );
    assert_eq!(said.matches("inbox-e out auto bot").count(), 7, "{said}");
    assert!(!said.contains("← Назад"), "the ways around a question are not repeated: {said}");
    let marked: Vec<&str> = said.split("inbox-e ").filter(|one| one.contains(">бот<")).collect();
    assert_eq!(marked.len(), 7, "{said}");
    assert!(marked.iter().all(|one| one.starts_with("out auto bot")), "{marked:?}");
    chat.by_the_book();
}

#[tokio::test]
async fn what_the_bot_says_waits_for_nobody_and_is_found_among_what_is_closed() {
    let chat = Chat::open().await;
    chat.writes(ERZHAN, "Запись").await;
    let stands = "SELECT state || unread || coalesce(waiting_since, '') FROM conversation";
    assert_eq!(chat.rows(stands).await, ["closed0"]);
    assert_eq!(chat.clinic.desk.day.clinic.clinic.waiting.at("inbox"), 0);
    assert!(!chat.page("/inbox").await.contains("Мусин"));
    let closed = chat.page("/inbox?show=closed").await;
    assert!(closed.contains("Мусин") && closed.contains("бот: "), "{closed}");
    // Somebody waits already: neither their time nor what is unread is moved by the bot.
    chat.writes(ERZHAN, "у меня вопрос").await;
    let waits = "SELECT unread || ' ' || waiting_since FROM conversation";
    let before = chat.rows(waits).await;
    chat.later(60_000);
    chat.choose("Согласен").await;
    assert_eq!(chat.rows(waits).await, before);
    assert!(!chat.page("/inbox").await.contains("бот: "), "what a person wrote is shown");
}

#[tokio::test]
async fn what_was_not_said_is_marked_so_and_what_may_have_been_too() {
    for (mood, fate, words) in [
        (Mood::Refuses(400, 131_047), "lost", "Не доставлено"),
        (Mood::FailsAfter, "uncertain", "Неизвестно"),
    ] {
        let chat = Chat::open().await;
        chat.clinic.server.next(mood);
        chat.writes(ERZHAN, "Запись").await;
        let lines = chat.lines().await;
        assert!(lines.len() == 1 && lines[0].starts_with(fate), "{lines:?}");
        let page = chat.talk(ERZHAN).await;
        assert!(page.contains(words), "{fate}: {page}");
    }
    let chat = Chat::open().await;
    chat.clinic.server.next(Mood::Refuses(429, 130_429));
    chat.writes(ERZHAN, "Запись").await;
    assert!(chat.talk(ERZHAN).await.contains("ещё не сказано"));
    chat.later(3000);
    chat.clinic.desk.write().await;
    assert!(!chat.talk(ERZHAN).await.contains("ещё не сказано"));
    assert_eq!(chat.lines().await.len(), 1);
}

#[tokio::test]
async fn the_lines_of_a_dialogue_that_is_over_stay_and_a_strangers_go_with_what_they_wrote() {
    let chat = Chat::open().await;
    for from in [ERZHAN, STRANGER] {
        chat.writes(from, "Запись").await;
    }
    chat.later(25 * DAY / 24);
    chat.clinic.desk.write().await;
    assert_eq!(chat.rows("SELECT chat FROM dialogue").await, Vec::<String>::new());
    assert_eq!(chat.lines().await.len(), 2, "the dialogue is forgotten, its words are not");
    assert!(chat.talk(STRANGER).await.contains("за границей"));
    chat.later(178 * DAY);
    chat.clinic.desk.write().await;
    assert_eq!(chat.lines().await.len(), 2);
    chat.later(3 * DAY);
    chat.clinic.desk.write().await;
    let left = "SELECT c.address FROM bot_line JOIN conversation AS c ON c.id = conversation_id";
    assert_eq!(chat.rows(left).await, ["+77012345678"], "a patient's are the card's to keep");
    assert_eq!(chat.rows("SELECT address FROM conversation").await, ["+77012345678"]);
}

#[tokio::test]
async fn in_telegram_they_stand_too_without_what_opens_something() {
    let clinic = telegram::Clinic::linked().await;
    clinic.book().await;
    clinic.press(TELEGRAM, "Перенести").await;
    clinic.choose("Другое время: ссылка").await;
    let lines = clinic.rows("SELECT fate || ' ' || text FROM bot_line ORDER BY id").await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("said Вы записаны: вторник"), "{lines:?}");
    assert!(lines[1].starts_with("said Всё свободное время") && lines[1].contains("/m/•••/move"));
    let choices = clinic.rows("SELECT choices FROM bot_line ORDER BY id").await;
    assert!(choices[0].contains("25\u{a0}ноября") && choices[1] == "[]", "{choices:?}");
    // Said again because the same was heard again, it stands there once.
    let told = clinic.desk.day.clinic.audited().await;
    assert!(told.contains(&"telegram.answered".to_owned()), "{told:?}");
    clinic.by_the_book();
}
