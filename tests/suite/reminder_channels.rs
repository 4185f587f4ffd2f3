//! The channel of a step of the chain: tried first where the patient has said
//! nothing, with another behind it, and with nothing of a treatment abroad.

use axum::http::StatusCode;

use tirkeu::messaging::Channel;
use tirkeu::messaging::text::Purpose;
use tirkeu::messaging::whatsapp;
use tirkeu::reminders::chain::{self, Step, StepChange};
use tirkeu::vault::permission::{EditTexts, Role, SetUpGateways};

use crate::reminders::Desk;
use crate::support::Browser;
use crate::telegram::{self, CHAT, PHONE};
use crate::whatsapp as whatsapp_suite;

impl Desk {
    /// The step of the clinic's chain so long before a visit; None: at booking.
    async fn step(&self, before: Option<i64>) -> Step {
        let grant = self.day.clinic.grant::<EditTexts>(Role::Owner).await;
        let steps = chain::steps(&self.day.clinic.clinic, &grant, None).await.unwrap();
        steps.into_iter().find(|step| step.before_minutes == before).unwrap()
    }

    /// The owner gives a step a channel.
    async fn give(&self, before: Option<i64>, channel: Option<Channel>) {
        let grant = self.day.clinic.grant::<EditTexts>(Role::Owner).await;
        let Step { id, before_minutes, confirmed_too, .. } = self.step(before).await;
        let change = StepChange { before_minutes, confirmed_too, channel, texts: Vec::new() };
        chain::change_step(&self.day.clinic.clinic, &grant, id, &change).await.unwrap();
    }

    /// `purpose channel state` of every message.
    async fn ways(&self) -> Vec<String> {
        let all = "SELECT purpose || ' ' || channel || ' ' || state FROM message ORDER BY rowid";
        self.day.clinic.rows(all).await
    }

    async fn save_step(
        &self,
        browser: &Browser<'_>,
        before: i64,
        form: &str,
    ) -> (StatusCode, String) {
        let id = self.step(Some(before)).await.id;
        let form = format!("amount={before}&unit=minutes&{form}");
        let answer = browser.post(&format!("/messages/reminders/steps/{id}"), &form).await;
        (answer.status, answer.body)
    }
}

#[tokio::test]
async fn a_step_by_telegram_goes_to_whoever_linked_the_chat_and_by_sms_to_everybody_else() {
    let clinic = telegram::Clinic::open().await;
    clinic.start(CHAT).await;
    clinic.share(CHAT, PHONE, Some(CHAT)).await;
    clinic.press(CHAT, "Оставить SMS").await;
    let desk = &clinic.desk;
    desk.give(Some(2880), Some(Channel::Telegram)).await;
    desk.booked("2026-11-26T14:30").await;
    desk.comes("2026-11-24T14:30").await;
    desk.comes("2026-11-25T14:30").await;
    let ways = [
        "booking_made sms accepted",
        "visit_reminder telegram accepted",
        "visit_reminder sms accepted",
    ];
    assert_eq!(desk.ways().await, ways, "only the step that has it");
    clinic.by_the_book();

    let unlinked = telegram::Clinic::open().await;
    unlinked.desk.give(Some(2880), Some(Channel::Telegram)).await;
    unlinked.desk.booked("2026-11-26T14:30").await;
    unlinked.desk.comes("2026-11-24T14:30").await;
    assert_eq!(unlinked.desk.ways().await[1], "visit_reminder sms accepted");
}

#[tokio::test]
async fn what_the_patient_said_counts_for_more_than_the_channel_of_a_step() {
    let clinic = telegram::Clinic::linked().await;
    let desk = &clinic.desk;
    desk.give(Some(2880), Some(Channel::Sms)).await;
    desk.book(desk.day.patient, "2026-11-26T14:30").await;
    desk.comes("2026-11-24T14:30").await;
    assert_eq!(desk.ways().await[1], "visit_reminder telegram accepted", "asked for in the chat");

    let clinic = whatsapp_suite::Clinic::preferring().await;
    clinic.desk.give(None, Some(Channel::Sms)).await;
    clinic.book().await;
    assert_eq!(clinic.desk.ways().await, ["booking_made whatsapp accepted"], "said at the desk");
}

#[tokio::test]
async fn a_step_by_whatsapp_gives_way_to_sms_when_it_does_not_arrive() {
    let clinic = whatsapp_suite::Clinic::open().await;
    let desk = &clinic.desk;
    desk.give(None, Some(Channel::Whatsapp)).await;
    clinic.book().await;
    assert_eq!(desk.ways().await, ["booking_made whatsapp accepted"], "nobody else gets it so");
    assert_eq!(clinic.left(), (1, 0));
    clinic.later(31).await;
    assert_eq!(clinic.left(), (1, 1), "not delivered in half an hour");

    // Without a template it cannot go there at all.
    desk.give(Some(2880), Some(Channel::Whatsapp)).await;
    let owner = desk.day.clinic.grant::<SetUpGateways>(Role::Owner).await;
    let templates = whatsapp::templates(&desk.day.clinic.clinic, &owner).await.unwrap();
    assert!(templates.iter().all(|one| one.purpose != Purpose::VisitReminder));
    desk.day.booked("2026-11-27T15:30").await;
    desk.comes("2026-11-25T15:30").await;
    assert_eq!(desk.ways().await.last().unwrap(), "visit_reminder sms accepted");
    let browser = desk.day.clinic.sign_in(Role::Owner).await;
    let page = browser.get("/messages/reminders").await.body;
    assert!(page.contains("сначала WhatsApp"), "{page}");
    assert!(page.contains("нет шаблона WhatsApp: уйдёт другим"), "{page}");
}

#[tokio::test]
async fn a_step_by_sms_stays_sms_where_the_clinic_writes_by_whatsapp_to_all() {
    let clinic = whatsapp_suite::Clinic::open().await;
    let desk = &clinic.desk;
    desk.day.clinic.write("UPDATE whatsapp_app SET to_all = 1").await.unwrap();
    let first = "UPDATE gateway SET rank = CASE kind WHEN 'whatsapp' THEN 1 ELSE 2 END";
    desk.day.clinic.write(first).await.unwrap();
    clinic.book().await;
    assert_eq!(desk.ways().await, ["booking_made whatsapp accepted"]);
    desk.give(None, Some(Channel::Sms)).await;
    desk.day.booked("2026-11-25T15:30").await;
    desk.write().await;
    desk.send().await;
    assert_eq!(desk.ways().await[1], "booking_made sms accepted");
}

#[tokio::test]
async fn where_the_channel_of_a_step_leaves_nobody_the_rule_of_the_clinic_stands() {
    let clinic = whatsapp_suite::Clinic::open().await;
    let desk = &clinic.desk;
    desk.day.clinic.write("UPDATE whatsapp_app SET to_all = 1").await.unwrap();
    desk.refuses(desk.day.patient, "sms").await;
    desk.give(None, Some(Channel::Sms)).await;
    clinic.book().await;
    assert_eq!(desk.ways().await, ["booking_made whatsapp accepted"], "SMS alone was refused");
}

#[tokio::test]
async fn who_blocked_the_bot_is_written_to_by_the_channel_of_the_step() {
    let clinic = telegram::Clinic::linked().await;
    let blocked = "UPDATE telegram_chat SET blocked_at = 1";
    clinic.desk.day.clinic.write(blocked).await.unwrap();
    clinic.desk.give(Some(2880), Some(Channel::Sms)).await;
    clinic.desk.book(clinic.desk.day.patient, "2026-11-26T14:30").await;
    clinic.desk.comes("2026-11-24T14:30").await;
    assert_eq!(clinic.desk.ways().await[1], "visit_reminder sms accepted");
}

#[tokio::test]
async fn the_form_keeps_a_channel_and_refuses_a_text_that_may_not_go_there() {
    let desk = Desk::open().await;
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let (status, _) = desk.save_step(&owner, 1440, "channel=telegram").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(desk.step(Some(1440)).await.channel, Some(Channel::Telegram));
    let id = desk.step(Some(1440)).await.id;
    let page = owner.get(&format!("/messages/reminders/steps/{id}")).await.body;
    assert!(
        page.contains(r#"<option value="telegram" selected>Telegram (не подключён)"#),
        "{page}"
    );
    assert!(
        !page.contains("говорит о здоровье"),
        "the program's own words need no warning: {page}"
    );
    let list = owner.get("/messages/reminders").await.body;
    assert!(list.contains("сначала Telegram"), "{list}");
    assert!(list.contains("канал не подключён: уйдёт другим"), "{list}");

    let service = "%7B%7B+service+%7D%7D+%7B%7B+date+%7D%7D+%7B%7B+time+%7D%7D+%7B%7B+link+%7D%7D";
    for channel in ["telegram", "whatsapp"] {
        let form = format!("channel={channel}&source_ru={service}");
        let (status, body) = desk.save_step(&owner, 1440, &form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{channel}");
        assert!(body.contains("говорит о здоровье"), "{body}");
        assert!(body.contains(&format!(r#"<option value="{channel}" selected>"#)), "kept: {body}");
    }
    let (status, _) =
        desk.save_step(&owner, 1440, &format!("channel=sms&source_ru={service}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "it stays in the country");
    let (status, _) = desk.save_step(&owner, 1440, "channel=telegram&source_ru=").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let preview = format!("/messages/reminders/steps/{id}/preview/ru");
    let typed = format!("channel=telegram&source_ru={service}");
    let shown = owner.post(&preview, &typed).await.body;
    assert!(shown.contains("Через шлюз за границей уйдёт"), "{shown}");
    let (status, _) = desk.save_step(&owner, 1440, "channel=").await;
    assert_eq!((status, desk.step(Some(1440)).await.channel), (StatusCode::SEE_OTHER, None));
    let nonsense = desk.save_step(&owner, 1440, "channel=pigeon").await.0;
    assert_eq!((nonsense, desk.step(Some(1440)).await.channel), (StatusCode::SEE_OTHER, None));
}

#[tokio::test]
async fn a_family_stays_one_message_whatever_channels_their_steps_have() {
    let desk = Desk::open().await;
    let alia = desk.member("Алия").await;
    // Letters are not sent here, so nobody is to be written to alone.
    desk.give(Some(2880), Some(Channel::Email)).await;
    desk.book(desk.day.patient, "2026-11-26T10:00").await;
    desk.book(alia, "2026-11-26T10:30").await;
    desk.comes("2026-11-24T10:00").await;
    desk.comes("2026-11-24T10:30").await;
    assert_eq!(desk.reminders().len(), 1, "{:?}", desk.reminders());
}

impl Desk {
    /// The clinic says how to get in and how to prepare for its services.
    async fn prepared(&self) {
        let facts = "INSERT INTO clinic (id, name, address_ru, address_kk, zone, entrance_ru)
            VALUES (1, 'Арай Дент', 'Абая 1', '', 'Asia/Almaty', 'Вход со двора')
            ON CONFLICT (id) DO UPDATE SET entrance_ru = excluded.entrance_ru";
        self.day.clinic.write(facts).await.unwrap();
        let prepared =
            "INSERT INTO online_service (service_id, moderated, urgent, prepare_ru, prepare_kk)
            SELECT id, 0, 0, 'Не ешьте 4 часа', '' FROM service WHERE true
            ON CONFLICT (service_id) DO UPDATE SET prepare_ru = excluded.prepare_ru";
        self.day.clinic.write(prepared).await.unwrap();
    }
}

#[tokio::test]
async fn the_day_before_says_how_to_get_in_and_how_to_prepare() {
    let desk = Desk::open().await;
    desk.prepared().await;
    let (_, link) = desk.booked("2026-11-26T14:30").await;
    let page = desk.get(&link).await.body;
    assert!(page.contains("Вход со двора"), "the page of the link says it too: {page}");
    desk.comes("2026-11-25T14:30").await;
    let said = desk.reminders().concat();
    assert!(said.contains(" Вход со двора. Не ешьте 4 часа. Возьмите удостоверение."), "{said}");
}

#[tokio::test]
async fn abroad_the_day_before_says_neither_how_to_get_in_nor_how_to_prepare() {
    let clinic = telegram::Clinic::linked().await;
    clinic.desk.prepared().await;
    clinic.desk.book(clinic.desk.day.patient, "2026-11-26T14:30").await;
    clinic.desk.comes("2026-11-25T14:30").await;
    assert_eq!(clinic.desk.ways().await[1], "visit_reminder telegram accepted");
    let (_, said, _) = clinic.server.last(CHAT);
    assert!(said.contains("14:30"), "{said}");
    assert!(!said.contains("Вход") && !said.contains("ешьте"), "{said}");
}
