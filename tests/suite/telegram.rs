//! The Telegram bot: what Telegram may do to us, who is believed to have which
//! number, which way a message takes, and what its buttons do.

use axum::http::StatusCode;
use serde_json::json;

use tirkeu::contact::name::Name;
use tirkeu::ids::PatientId;
use tirkeu::messaging::gateway::telegram::{Button, Markup};
use tirkeu::messaging::gateway::{Gateway, Health, Outcome, Reason, Trouble};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::telegram::{self, BotChange, Ears, Hearing, listen};
use tirkeu::messaging::{Channel, whatsapp};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::peers::telegram::{Mood, NAME, TOKEN, TelegramServer};
use crate::reminders::Desk;

const MINUTE: i64 = 60_000;

/// Erzhan's telephone, and the chat of its owner.
pub const PHONE: &str = "77012345678";
pub const CHAT: i64 = 4_503_599_627_370_001;
pub const STRANGER: i64 = 900_001;

fn one_button(words: &str, data: &str) -> Markup {
    Markup::Buttons(vec![vec![Button { text: words.to_owned(), data: data.to_owned() }]])
}

#[tokio::test]
async fn the_bot_speaks_by_the_book() {
    let server = TelegramServer::start().await;
    let bot = server.client(TOKEN);
    assert_eq!(bot.me().await.unwrap().username, NAME);
    let markups = [
        Markup::Nothing,
        Markup::Plain,
        Markup::Contact("Мой номер".to_owned()),
        one_button("Приду", "AAAAAAAAAAAAAAAAAAAAAA"),
    ];
    for markup in &markups {
        let said = bot.say(CHAT, "Сәлем!\nКүтеміз", markup).await;
        assert!(matches!(said, Outcome::Accepted { .. }), "{said:?}");
    }
    let (id, ..) = server.last(CHAT);
    assert!(bot.change(CHAT, id, "✓", &Markup::Nothing).await);
    assert!(!bot.answer("17", "unknown").await, "nobody pressed it");
    assert!(bot.forget_webhook().await);
    assert_eq!(bot.updates(None, 0).await, Ok(Vec::new()));
    assert_eq!(server.violations(), Vec::<String>::new());

    assert_eq!(Gateway::Telegram(bot).health().await, Health::Well { balance: None });
    let stranger = Gateway::Telegram(server.client("7000000001:AAother_token_that_nobody_has"));
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
}

#[tokio::test]
async fn what_telegram_refuses_is_told_apart_from_what_may_have_been_taken() {
    let server = TelegramServer::start().await;
    let bot = server.client(TOKEN);
    let say = async || bot.say(CHAT, "hi", &Markup::Nothing).await;
    for mood in [Mood::Silent, Mood::Slow, Mood::FailsAfter, Mood::Garbage] {
        server.next("sendMessage", mood);
        assert_eq!(say().await, Outcome::Uncertain, "{mood:?}");
    }
    server.next("sendMessage", Mood::Refuses(429, Some(7)));
    let after = std::time::Duration::from_secs(7);
    assert_eq!(say().await, Outcome::Retry { after, trouble: Trouble::Busy });
    server.is_blocked(CHAT, true);
    assert_eq!(say().await, Outcome::Rejected(Reason::Unreachable));
}

/// A desk whose clinic has a bot behind its SMS gateway.
pub struct Clinic {
    pub desk: Desk,
    pub server: TelegramServer,
}

impl Clinic {
    pub async fn open() -> Self {
        let clinic = Self { desk: Desk::open().await, server: TelegramServer::start().await };
        let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
        let change = GatewayChange {
            kind: GatewayKind::Telegram,
            endpoint: clinic.server.address.clone(),
            username: String::new(),
            password: TOKEN.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let terms = Terms::usual(GatewayKind::Telegram);
        let vault = clinic.desk.day.clinic.vault();
        setup::save_gateway(vault, &owner, None, &change, terms).await.unwrap();
        clinic
    }

    /// Where Erzhan has shared his number and wants messages there.
    pub async fn linked() -> Self {
        let clinic = Self::open().await;
        clinic.start(CHAT).await;
        clinic.share(CHAT, PHONE, Some(CHAT)).await;
        clinic.press(CHAT, "Присылать сюда").await;
        clinic
    }

    pub fn now(&self) -> i64 {
        self.desk.day.clinic.clinic.clock().now().unix_ms()
    }

    pub async fn listen(&self) -> Ears {
        let hooks = tirkeu::app::message_hooks();
        listen(&self.desk.day.clinic.clinic, &hooks, 0).await.unwrap()
    }

    /// Listens, and does what that set going.
    pub async fn hear(&self) {
        self.listen().await;
        self.desk.write().await;
        self.desk.send().await;
    }

    pub async fn write(&self, chat: i64, text: &str) {
        self.server.writes(chat, self.now(), text);
        self.hear().await;
    }

    pub async fn start(&self, chat: i64) {
        self.write(chat, "/start").await;
        self.press(chat, "Русский").await;
    }

    pub async fn share(&self, chat: i64, phone: &str, whose: Option<i64>) {
        self.server.shares(chat, self.now(), phone, whose);
        self.hear().await;
    }

    pub async fn press(&self, chat: i64, words: &str) {
        self.server.presses(chat, words);
        self.hear().await;
    }

    async fn prefer(&self, channel: Option<Channel>) {
        let grant = self.desk.day.clinic.grant(Role::Reception).await;
        let patient = self.desk.day.patient;
        whatsapp::choose(self.desk.day.clinic.vault(), &grant, patient, channel).await.unwrap();
    }

    pub async fn book(&self) {
        self.desk.day.booked("2026-11-24T14:30").await;
        self.desk.write().await;
        self.desk.send().await;
    }

    async fn later(&self, minutes: i64) {
        self.desk.day.clinic.clinic.clock().advance_ms(minutes * MINUTE);
        self.desk.send().await;
        self.desk.send().await;
    }

    /// Messages about visits that left: by the bot, and by SMS.
    fn left(&self) -> (usize, usize) {
        let about = |text: &&String| text.contains("14:30");
        (self.server.texts(CHAT).iter().filter(about).count(), self.desk.server.taken().len())
    }

    pub async fn states(&self) -> Vec<String> {
        let all = "SELECT channel || ' ' || state || coalesce(' ' || reason, '') FROM message
            ORDER BY rowid";
        self.desk.day.clinic.rows(all).await
    }

    pub async fn rows(&self, sql: &str) -> Vec<String> {
        self.desk.day.clinic.rows(sql).await
    }

    pub async fn chats(&self) -> Vec<String> {
        let all = "SELECT language || ' ' || coalesce(phone, '-') || ' ' ||
            (wanted_at IS NOT NULL) || ' ' || (blocked_at IS NOT NULL)
            FROM telegram_chat ORDER BY chat_id DESC";
        self.rows(all).await
    }

    /// The path of Erzhan's conversation.
    pub async fn talk(&self) -> String {
        let one = "SELECT id FROM conversation WHERE channel = 'telegram'";
        format!("/inbox/{}", self.rows(one).await.concat())
    }

    /// The desk writes to him, and what is due leaves.
    pub async fn answer(&self, form: &str) {
        let desk = self.desk.day.clinic.sign_in(Role::Reception).await;
        let form = format!("way=telegram&text={form}");
        let written = desk.post(&format!("{}/write", self.talk().await), &form).await;
        assert_eq!(written.status, StatusCode::SEE_OTHER, "{}", written.body);
        self.desk.send().await;
    }

    /// How the desk sees the conversation.
    pub async fn seen(&self) -> String {
        let desk = self.desk.day.clinic.sign_in(Role::Reception).await;
        let page = desk.get(&self.talk().await).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        page.body.replace("&#x2f;", "/")
    }

    async fn visit(&self) -> String {
        self.rows("SELECT status FROM appointment").await.concat()
    }

    pub fn by_the_book(&self) {
        assert_eq!(self.server.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_person_is_greeted_chooses_a_language_and_shares_the_own_number() {
    let clinic = Clinic::open().await;
    clinic.write(CHAT, "/start").await;
    assert_eq!(clinic.server.buttons(CHAT), ["Қазақша", "Русский"]);
    clinic.press(CHAT, "Қазақша").await;
    let (_, text, markup) = clinic.server.last(CHAT);
    assert!(text.contains("нөміріңізбен бөлісіңіз"), "{text}");
    assert_eq!(markup["keyboard"][0][0]["request_contact"], true);
    clinic.share(CHAT, PHONE, Some(CHAT)).await;
    assert_eq!(clinic.chats().await, ["kk +77012345678 0 0"]);
    assert_eq!(clinic.server.buttons(CHAT), ["Осында жіберу", "SMS қалсын"]);
    clinic.press(CHAT, "Осында жіберу").await;
    assert_eq!(clinic.chats().await, ["kk +77012345678 1 0"]);
    clinic.by_the_book();
    let told = clinic.rows("SELECT state || body FROM telegram_update").await;
    assert!(told.iter().all(|one| one == "done"), "nothing of it is kept: {told:?}");
}

#[tokio::test]
async fn nobody_gets_messages_of_another_by_sharing_a_number_that_is_not_theirs() {
    let clinic = Clinic::open().await;
    clinic.start(STRANGER).await;
    for whose in [Some(CHAT), None] {
        clinic.share(STRANGER, PHONE, whose).await;
        let (_, text, markup) = clinic.server.last(STRANGER);
        assert!(text.contains("поделитесь своим номером"), "{text}");
        assert_eq!(markup["keyboard"][0][0]["request_contact"], true);
    }
    assert_eq!(clinic.chats().await, ["ru - 0 0"]);
    clinic.book().await;
    assert_eq!(clinic.desk.server.taken().len(), 1, "it went by SMS");
    clinic.by_the_book();
}

#[tokio::test]
async fn a_number_that_passed_to_another_account_is_that_accounts_alone() {
    let clinic = Clinic::linked().await;
    clinic.start(STRANGER).await;
    clinic.share(STRANGER, "+7 701 234-56-78", Some(STRANGER)).await;
    assert_eq!(clinic.chats().await, ["ru - 0 0", "ru +77012345678 0 0"]);
}

#[tokio::test]
async fn who_asked_for_telegram_gets_neutral_words_with_buttons_and_no_sms() {
    let clinic = Clinic::linked().await;
    clinic.book().await;
    clinic.by_the_book();
    assert_eq!((clinic.left(), clinic.states().await), ((1, 0), vec!["telegram accepted".into()]));
    let (_, text, _) = clinic.server.last(CHAT);
    assert!(text.contains("вторник, 24 ноября 2026 г., 14:30"), "{text}");
    assert!(text.contains("https://clinic.example/m/"), "{text}");
    let sent = clinic.server.calls("sendMessage").last().unwrap().to_string();
    for secret in ["Мусин", "Ержан", "Лечение", "кариес", "Абая", "Сейтова", PHONE]
    {
        assert!(!sent.contains(secret), "{sent}");
    }
    assert_eq!(clinic.server.buttons(CHAT), ["Приду", "Перенести", "Отменить"]);
    // What opened something is forgotten, in the text and beside it.
    let left = "SELECT CAST(count(*) AS TEXT) FROM message WHERE secret IS NOT NULL OR neutral IS NOT NULL";
    assert_eq!(clinic.rows(left).await, ["0"]);
    clinic.later(600).await;
    assert_eq!(clinic.left(), (1, 0));
}

#[tokio::test]
async fn the_desks_choice_counts_for_more_than_the_chats_and_the_clinics_for_less() {
    let clinic = Clinic::linked().await;
    clinic.prefer(Some(Channel::Sms)).await;
    clinic.book().await;
    assert_eq!(clinic.left(), (0, 1), "the card says SMS");

    let clinic = Clinic::open().await;
    clinic.start(CHAT).await;
    clinic.share(CHAT, PHONE, Some(CHAT)).await;
    clinic.press(CHAT, "Оставить SMS").await;
    clinic.book().await;
    assert_eq!(clinic.left(), (0, 1), "nobody asked for Telegram");

    let clinic = Clinic::open().await;
    clinic.start(CHAT).await;
    clinic.share(CHAT, PHONE, Some(CHAT)).await;
    clinic.prefer(Some(Channel::Telegram)).await;
    clinic.book().await;
    assert_eq!(clinic.left(), (1, 0), "the card says Telegram");

    let unlinked = Clinic::open().await;
    unlinked.prefer(Some(Channel::Telegram)).await;
    unlinked.book().await;
    assert_eq!(unlinked.left(), (0, 1), "there is no chat");
}

#[tokio::test]
async fn who_blocked_the_bot_gets_an_sms_once_and_is_not_tried_again() {
    let clinic = Clinic::linked().await;
    clinic.server.is_blocked(CHAT, true);
    clinic.book().await;
    clinic.later(1).await;
    assert_eq!((clinic.left(), clinic.states().await), ((0, 1), vec!["sms accepted".into()]));
    assert_eq!(clinic.chats().await, ["ru +77012345678 1 1"]);
    assert!(clinic.desk.link().starts_with("/m/"), "with its link");
    // Blocked of which Telegram tells, and let in again.
    clinic.server.blocks(CHAT, false);
    clinic.hear().await;
    assert_eq!(clinic.chats().await, ["ru +77012345678 1 0"]);
    clinic.server.blocks(CHAT, true);
    clinic.hear().await;
    assert_eq!(clinic.chats().await, ["ru +77012345678 1 1"]);
}

#[tokio::test]
async fn stop_unlinks_the_number_and_the_next_message_is_an_sms() {
    let clinic = Clinic::linked().await;
    clinic.write(CHAT, "/stop").await;
    assert_eq!(clinic.chats().await, ["ru - 0 0"]);
    assert_eq!(clinic.server.last(CHAT).2, json!({"remove_keyboard": true}));
    clinic.book().await;
    assert_eq!(clinic.left(), (0, 1));
}

#[tokio::test]
async fn an_answer_that_was_lost_is_never_sent_again_and_waits_for_a_person() {
    for mood in [Mood::FailsAfter, Mood::Garbage] {
        let clinic = Clinic::linked().await;
        clinic.server.next("sendMessage", mood);
        clinic.book().await;
        assert_eq!(clinic.states().await, ["telegram uncertain no_answer"], "{mood:?}");
        clinic.later(600).await;
        assert_eq!(clinic.left(), (1, 0), "{mood:?}");
    }
}

#[tokio::test]
async fn a_chat_that_has_to_wait_some_seconds_is_waited_for() {
    let clinic = Clinic::linked().await;
    clinic.server.next("sendMessage", Mood::Refuses(429, Some(5)));
    clinic.book().await;
    assert_eq!(clinic.states().await, ["telegram queued gateway_busy"]);
    clinic.desk.send().await;
    assert_eq!(clinic.left(), (0, 0), "not before it may, and not by SMS");
    clinic.later(1).await;
    assert_eq!(clinic.left(), (1, 0));
}

#[tokio::test]
async fn a_button_confirms_at_once_and_the_others_stay() {
    let clinic = Clinic::linked().await;
    clinic.book().await;
    clinic.press(CHAT, "Приду").await;
    assert_eq!(clinic.visit().await, "confirmed");
    let (_, text, _) = clinic.server.last(CHAT);
    assert!(text.contains("14:30") && text.ends_with("✓ Подтверждено. Ждём вас!"), "{text}");
    assert_eq!(clinic.server.buttons(CHAT), ["Перенести", "Отменить"]);
    let answered = clinic.server.calls("answerCallbackQuery");
    assert_eq!(answered.last().unwrap()["text"], "✓ Подтверждено. Ждём вас!");
    clinic.press(CHAT, "Отменить").await;
    assert_eq!(clinic.visit().await, "cancelled");
    assert_eq!(clinic.server.buttons(CHAT), Vec::<String>::new());
    let replies = "SELECT state || ' ' || outcome FROM reply ORDER BY rowid";
    assert_eq!(clinic.rows(replies).await, ["done confirmed", "done cancelled"]);
    assert_eq!(clinic.desk.server.taken().len(), 0, "what the chat shows needs no SMS");
    clinic.by_the_book();
}

#[tokio::test]
async fn a_button_pressed_twice_or_told_twice_does_one_thing() {
    let clinic = Clinic::linked().await;
    clinic.book().await;
    let (id, _, markup) = clinic.server.last(CHAT);
    let data = markup["inline_keyboard"][0][0]["callback_data"].as_str().unwrap().to_owned();
    clinic.server.presses_data(CHAT, id, &data);
    clinic.server.presses_data(CHAT, id, &data);
    clinic.server.next("getUpdates", Mood::Twice);
    clinic.hear().await;
    assert_eq!(clinic.visit().await, "confirmed");
    let story = "SELECT reason FROM appointment_status WHERE act = 'status'";
    assert_eq!(clinic.rows(story).await, ["reply"]);
    clinic.by_the_book();
}

#[tokio::test]
async fn a_button_means_nothing_in_another_chat_too_late_or_made_up() {
    let clinic = Clinic::linked().await;
    clinic.book().await;
    let (id, _, markup) = clinic.server.last(CHAT);
    let data = markup["inline_keyboard"][1][1]["callback_data"].as_str().unwrap().to_owned();
    clinic.start(STRANGER).await;
    clinic.share(STRANGER, "77010000009", Some(STRANGER)).await;
    for made_up in [data.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "cancel", "wish:here", "language:xx"] {
        clinic.server.presses_data(STRANGER, id, made_up);
        clinic.hear().await;
        assert_eq!(clinic.visit().await, "booked", "{made_up}");
    }
    clinic.desk.day.clinic.clinic.clock().advance_ms(16 * 24 * 60 * MINUTE);
    clinic.server.presses_data(CHAT, id, &data);
    clinic.hear().await;
    assert_eq!(clinic.visit().await, "booked");
    assert!(
        clinic.server.calls("answerCallbackQuery").last().unwrap()["text"]
            .as_str()
            .unwrap()
            .contains("неактуально")
    );
    clinic.by_the_book();
}

#[tokio::test]
async fn a_visit_that_was_moved_meanwhile_is_not_changed_by_an_old_button() {
    let clinic = Clinic::linked().await;
    clinic.book().await;
    let (id, _, markup) = clinic.server.last(CHAT);
    let cancel = markup["inline_keyboard"][1][1]["callback_data"].as_str().unwrap().to_owned();
    let moved = "UPDATE appointment SET starts = '2026-11-24T15:00'";
    clinic.desk.day.clinic.write(moved).await.unwrap();
    clinic.server.presses_data(CHAT, id, &cancel);
    clinic.hear().await;
    assert_eq!(clinic.visit().await, "booked");
    assert_eq!(clinic.rows("SELECT state || ' ' || reason FROM reply").await, ["open moved"]);
    assert!(clinic.server.texts(CHAT).iter().any(|text| text.contains("неактуально")));
}

#[tokio::test]
async fn what_a_linked_person_writes_goes_where_answers_go() {
    let clinic = Clinic::linked().await;
    clinic.book().await;
    clinic.write(CHAT, "Иә, келемін").await;
    assert_eq!(clinic.visit().await, "confirmed");
    clinic.write(CHAT, "А можно с ребёнком?").await;
    clinic.server.sends(CHAT, clinic.now(), json!({"photo": [{"file_id": "A"}]}));
    clinic.hear().await;
    let replies = "SELECT phone || ' ' || state || ' ' || text FROM reply ORDER BY rowid";
    assert_eq!(
        clinic.rows(replies).await,
        [
            "+77012345678 done Иә, келемін",
            "+77012345678 open А можно с ребёнком?",
            "+77012345678 open [photo]",
        ]
    );
}

#[tokio::test]
async fn what_the_desk_writes_arrives_in_the_chat_as_it_was_typed_and_once() {
    let clinic = Clinic::linked().await;
    clinic.write(CHAT, "А можно с ребёнком?").await;
    let before = clinic.server.texts(CHAT).len();
    // Pressed twice; what looks like markup or a template is words.
    for _ in 0..2 {
        clinic.answer("Да%2C+<b>можно</b>+%26+%7B%7B+clinic+%7D%7D%0AЖдём+_вас_").await;
    }
    clinic.later(10).await;
    let texts = clinic.server.texts(CHAT);
    assert_eq!(texts[before..], ["Да, <b>можно</b> & {{ clinic }}\nЖдём _вас_"]);
    assert_eq!(clinic.server.last(CHAT).2, json!(null), "no button under it");
    assert_eq!(clinic.states().await, ["telegram accepted"]);
    assert_eq!(clinic.desk.server.taken().len(), 0, "and not by SMS as well");
    let log = "SELECT party || ' ' || country || ' ' || purpose FROM transfer ORDER BY rowid DESC";
    assert_eq!(clinic.rows(log).await[0], "telegram nl staff_text");
    assert!(!clinic.seen().await.contains("Не доставлено"));
    clinic.by_the_book();
}

#[tokio::test]
async fn to_whoever_blocked_the_bot_the_desk_sees_that_nothing_arrived_and_may_send_an_sms() {
    let clinic = Clinic::linked().await;
    clinic.write(CHAT, "А можно с ребёнком?").await;
    clinic.server.is_blocked(CHAT, true);
    clinic.answer("Да").await;
    clinic.later(60).await;
    assert_eq!(clinic.states().await, ["telegram failed unreachable"]);
    assert_eq!(clinic.desk.server.taken().len(), 0, "not by itself");
    assert_eq!(clinic.chats().await, ["ru +77012345678 1 1"]);
    let page = clinic.seen().await;
    let badge = page.split("<span class=\"b").find(|part| part.contains("Не доставлено"));
    assert!(badge.is_some_and(|badge| badge.starts_with(" b-bad")), "red: {page}");

    let message = clinic.rows("SELECT id FROM message").await.concat();
    let desk = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let again = format!("{}/again", clinic.talk().await);
    desk.post(&again, &format!("message={message}")).await;
    clinic.desk.send().await;
    let sms = clinic.desk.server.taken();
    assert_eq!(sms.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["Да"]);
    assert_eq!(clinic.states().await, ["telegram failed unreachable", "sms accepted"]);
}

#[tokio::test]
async fn what_the_desk_wrote_and_telegram_may_have_taken_is_uncertain_and_never_sent_again() {
    for mood in [Mood::FailsAfter, Mood::Garbage] {
        let clinic = Clinic::linked().await;
        clinic.write(CHAT, "А можно с ребёнком?").await;
        let before = clinic.server.texts(CHAT).len();
        clinic.server.next("sendMessage", mood);
        clinic.answer("Да").await;
        for minutes in [1, 60, 600] {
            clinic.later(minutes).await;
            assert_eq!(clinic.states().await, ["telegram uncertain no_answer"], "{mood:?}");
        }
        assert_eq!(clinic.server.texts(CHAT).len(), before + 1, "{mood:?}");
        assert_eq!(clinic.desk.server.taken().len(), 0, "{mood:?}");
        let page = clinic.seen().await;
        assert!(!page.contains("Не доставлено") && !page.contains("/again"), "{page}");
    }
}

#[tokio::test]
async fn several_people_of_one_telephone_stay_several() {
    let clinic = Clinic::linked().await;
    let register = clinic.desk.day.clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new("Мусина", "Дана", ""),
        phones: vec!["+77012345678".parse().unwrap()],
        ..NewPatient::default()
    };
    let _: PatientId =
        patients::register(clinic.desk.day.clinic.vault(), &register, &new).await.unwrap();
    clinic.write(CHAT, "Перезвоните").await;
    assert_eq!(clinic.rows("SELECT coalesce(patient_id, '-') FROM reply").await, ["-"]);
    assert_eq!(clinic.rows("SELECT id FROM patient WHERE merged_into IS NOT NULL").await.len(), 0);
}

#[tokio::test]
async fn no_update_is_lost_and_none_counts_twice_whatever_telegram_does() {
    let clinic = Clinic::linked().await;
    for (index, mood) in [
        Mood::FailsAfter,
        Mood::Garbage,
        Mood::Refuses(502, None),
        Mood::Twice,
        Mood::Forgetful,
        Mood::Forgetful,
    ]
    .into_iter()
    .enumerate()
    {
        clinic.server.writes(CHAT, clinic.now(), &format!("вопрос {index} а"));
        clinic.server.writes(CHAT, clinic.now(), &format!("вопрос {index} б"));
        clinic.server.next("getUpdates", mood);
        clinic.hear().await;
        clinic.hear().await;
    }
    let all = clinic.rows("SELECT text FROM reply ORDER BY rowid").await;
    let expected: Vec<String> =
        (0..6).flat_map(|n| ["а", "б"].map(|it| format!("вопрос {n} {it}"))).collect();
    assert_eq!(all, expected);
    clinic.listen().await;
    assert_eq!(clinic.server.unconfirmed(), 0);
    clinic.by_the_book();
}

#[tokio::test]
async fn what_was_kept_is_worked_through_after_a_crash_and_only_then_confirmed() {
    let clinic = Clinic::linked().await;
    let bot = "INSERT INTO telegram_update VALUES (7000000001, 871900, '{\"update_id\":871900,
        \"message\":{\"message_id\":1,\"date\":1764000000,\"text\":\"после сбоя\",
        \"from\":{\"id\":4503599627370001},\"chat\":{\"id\":4503599627370001,\"type\":\"private\"}}}',
        0, 'waiting', NULL, 1)";
    clinic.desk.day.clinic.write(bot).await.unwrap();
    clinic.listen().await;
    assert_eq!(clinic.rows("SELECT text FROM reply").await, ["после сбоя"]);
}

#[tokio::test]
async fn numbers_that_begin_anew_after_a_quiet_week_are_heard() {
    let clinic = Clinic::linked().await;
    clinic.desk.day.clinic.clinic.clock().advance_ms(8 * 24 * 60 * MINUTE);
    clinic.server.restart_numbers(12);
    clinic.write(CHAT, "вы работаете?").await;
    assert_eq!(clinic.rows("SELECT text FROM reply").await, ["вы работаете?"]);
    clinic.listen().await;
    assert_eq!(clinic.server.unconfirmed(), 0);
}

#[tokio::test]
async fn a_webhook_is_taken_away_and_another_listener_is_told_of() {
    let clinic = Clinic::open().await;
    clinic.server.set_webhook();
    clinic.server.writes(CHAT, clinic.now(), "/start");
    assert_eq!(clinic.listen().await, Ears::Took(1));
    assert!(!clinic.server.has_webhook());
    clinic.server.next("getUpdates", Mood::Refuses(409, None));
    clinic.server.next("getUpdates", Mood::Refuses(409, None));
    assert!(matches!(clinic.listen().await, Ears::Rest(Some(_))));
    let inner = &clinic.desk.day.clinic.clinic;
    assert_eq!(Hearing::of(inner).now().1, Some("gateway_taken"));
    let page = clinic.desk.day.clinic.sign_in(Role::Owner).await.get("/messages/telegram").await;
    assert!(page.body.contains("слушает другая программа"), "{}", page.body);
    clinic.listen().await;
    assert_eq!(Hearing::of(inner).now().1, None);
    clinic.by_the_book();
}

#[tokio::test]
async fn telegram_says_how_long_to_rest_and_is_left_alone_for_so_long() {
    let clinic = Clinic::open().await;
    clinic.server.next("getUpdates", Mood::Refuses(429, Some(9)));
    let nine = Some(std::time::Duration::from_secs(9));
    assert_eq!(clinic.listen().await, Ears::Rest(nine));
    // An answer of the bot's that has to wait keeps its question waiting.
    clinic.server.writes(CHAT, clinic.now(), "/start");
    clinic.server.next("sendMessage", Mood::Refuses(429, Some(9)));
    assert_eq!(clinic.listen().await, Ears::Rest(nine));
    assert_eq!(clinic.rows("SELECT state FROM telegram_update").await, ["waiting"]);
    clinic.listen().await;
    assert_eq!(clinic.server.texts(CHAT).len(), 1);
    assert_eq!(clinic.rows("SELECT state FROM telegram_update").await, ["done"]);
}

#[tokio::test]
async fn the_page_takes_a_token_tests_it_and_never_shows_it() {
    let clinic = Clinic::open().await;
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let tested = owner.post("/messages/telegram/test", "").await;
    assert_eq!(tested.header("location"), "/messages/telegram?done=tested");
    let page = owner.get("/messages/telegram?done=tested").await;
    assert!(page.body.contains(NAME) && page.body.contains("<svg"), "{}", page.body);
    assert!(page.body.contains(&format!("https:&#x2f;&#x2f;t.me&#x2f;{NAME}")), "{}", page.body);
    assert!(!page.body.contains(TOKEN), "{}", page.body);

    let odd = owner.post("/messages/telegram", "token=12345").await;
    assert!(odd.body.contains("7000000001:AAH"), "{}", odd.body);
    let kept = owner.post("/messages/telegram", "token=&to_all=true").await;
    assert_eq!(kept.header("location"), "/messages/telegram?done=saved");
    let gateways = "SELECT kind || ' ' || password FROM gateway WHERE kind = 'telegram'";
    assert_eq!(clinic.rows(gateways).await, [format!("telegram {TOKEN}")]);
    let all = "SELECT username || ' ' || to_all FROM telegram_bot WHERE current = 1";
    assert_eq!(clinic.rows(all).await, [format!("{NAME} 1")]);
    clinic.start(CHAT).await;
    clinic.share(CHAT, PHONE, Some(CHAT)).await;
    clinic.book().await;
    assert_eq!(clinic.left(), (1, 0), "the clinic writes so to all who are linked");
}

#[tokio::test]
async fn another_bot_writes_to_nobody_who_has_not_come_to_it() {
    let clinic = Clinic::linked().await;
    let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
    let token = "7000000002:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw".to_owned();
    let change = BotChange { token, to_all: false };
    telegram::save(&clinic.desk.day.clinic.clinic, &owner, &change).await.unwrap();
    clinic.book().await;
    assert_eq!(clinic.left(), (0, 1));
}
