//! WhatsApp: what Meta may do to us, which way a message takes, and what the
//! public door makes of what it is told.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;

use tirkeu::contact::Phone;
use tirkeu::i18n::Language;
use tirkeu::messaging::Channel;
use tirkeu::messaging::gateway::whatsapp::{Button, Filled};
use tirkeu::messaging::gateway::{Gateway, Health, Outcome, Reason, Reference, Trouble};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::text::Purpose;
use tirkeu::messaging::whatsapp::{self, AppChange, AppError, TemplateChange};
use tirkeu::money::Money;
use tirkeu::vault::permission::Role;

use crate::peers::whatsapp::{Mood, NUMBER, SECRET, TOKEN, WhatsappServer, signature, written};
use crate::reminders::Desk;
use crate::support::NOW;

const MINUTE: i64 = 60_000;

fn reference(number: u32) -> Reference {
    Reference::from_random(number << 1)
}

#[tokio::test]
async fn whatsapp_takes_templates_texts_and_buttons_by_the_book() {
    let server = WhatsappServer::start().await;
    server.window_opens("77010000001");
    let client = server.client(TOKEN);
    let phone = Phone::parse("8 701 000 00 01").unwrap();
    let filled = Filled {
        name: "visit_soon".to_owned(),
        code: "kk".to_owned(),
        parameters: vec!["24 қараша".to_owned(), "https://clinic.example/m/A".to_owned()],
        payloads: vec!["one".to_owned(), "two".to_owned(), "three".to_owned()],
    };
    let taken = client.send_template(&phone, reference(7), &filled).await;
    let provider_id = Some("wamid.0".to_owned());
    assert_eq!(taken, Outcome::Accepted { provider_id, parts: 1, cost: None });
    let text = client.send_text("77010000001", reference(8), "Сәлем!\nКүтеміз").await;
    assert!(matches!(text, Outcome::Accepted { .. }), "{text:?}");
    let button = Button { id: "a".to_owned(), title: "Иә".to_owned() };
    let sent = client.say_buttons("77010000001", "speech-1", "?", &[button]).await;
    assert!(matches!(sent, Outcome::Accepted { .. }), "{sent:?}");
    assert_eq!(server.violations(), Vec::<String>::new());
    assert_eq!(server.taken()[0]["biz_opaque_callback_data"], "7");

    let health = Gateway::Whatsapp(client).health().await;
    assert_eq!(health, Health::Well { balance: None });
    let stranger = Gateway::Whatsapp(server.client("EAAother"));
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn what_whatsapp_refuses_is_told_apart_from_what_may_have_been_taken() {
    let server = WhatsappServer::start().await;
    server.window_opens("77010000001");
    let client = server.client(TOKEN);
    let send = async || client.send_text("77010000001", reference(7), "hi").await;
    for mood in [Mood::Silent, Mood::Slow, Mood::FailsAfter, Mood::Garbage] {
        server.next(mood);
        assert_eq!(send().await, Outcome::Uncertain, "{mood:?}");
    }
    server.next(Mood::Refuses(400, 131_047));
    assert_eq!(send().await, Outcome::Rejected(Reason::Forbidden));
    server.next(Mood::Refuses(429, 130_429));
    assert!(matches!(send().await, Outcome::Retry { trouble: Trouble::Busy, .. }));
    server.window_shuts("77010000001");
    assert_eq!(send().await, Outcome::Rejected(Reason::Forbidden), "after 24 hours");
}

/// A desk whose clinic has a WhatsApp number behind its SMS gateway.
pub struct Clinic {
    pub desk: Desk,
    pub server: WhatsappServer,
}

impl Clinic {
    pub async fn open() -> Self {
        let clinic = Self { desk: Desk::open().await, server: WhatsappServer::start().await };
        let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
        let change = GatewayChange {
            kind: GatewayKind::Whatsapp,
            endpoint: clinic.server.address.clone(),
            username: NUMBER.to_owned(),
            password: TOKEN.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let terms =
            Terms { price: Some(Money::from_tenge(9)), ..Terms::usual(GatewayKind::Whatsapp) };
        let inner = &clinic.desk.day.clinic;
        setup::save_gateway(inner.vault(), &owner, None, &change, terms).await.unwrap();
        let app = AppChange {
            business_account_id: "1020".to_owned(),
            app_secret: SECRET.to_owned(),
            wait_minutes: "30".to_owned(),
            to_all: false,
            ..AppChange::default()
        };
        whatsapp::save_app(&inner.clinic, &owner, &app).await.unwrap();
        let template = TemplateChange {
            name: "booked".to_owned(),
            parameters: "clinic, date, time, link".to_owned(),
            ..TemplateChange::default()
        };
        for language in Language::ALL {
            let of = (Purpose::BookingMade, language);
            whatsapp::save_template(&inner.clinic, &owner, of, &template).await.unwrap();
        }
        clinic
    }

    async fn prefer(&self, channel: Option<Channel>) {
        let grant = self.desk.day.clinic.grant(Role::Reception).await;
        let patient = self.desk.day.patient;
        whatsapp::choose(self.desk.day.clinic.vault(), &grant, patient, channel).await.unwrap();
    }

    /// With a patient who chose WhatsApp.
    pub async fn preferring() -> Self {
        let clinic = Self::open().await;
        clinic.prefer(Some(Channel::Whatsapp)).await;
        clinic
    }

    pub async fn book(&self) {
        self.desk.day.booked("2026-11-24T14:30").await;
        self.desk.write().await;
        self.desk.send().await;
    }

    pub async fn later(&self, minutes: i64) {
        self.desk.day.clinic.clinic.clock().advance_ms(minutes * MINUTE);
        self.desk.send().await;
        self.desk.send().await;
    }

    pub fn now(&self) -> i64 {
        self.desk.day.clinic.clinic.clock().now().unix_ms()
    }

    /// Messages that left, by WhatsApp and by SMS.
    pub fn left(&self) -> (usize, usize) {
        (self.server.taken().len(), self.desk.server.taken().len())
    }

    pub async fn states(&self) -> Vec<String> {
        let all = "SELECT channel || ' ' || state || coalesce(' ' || reason, '') FROM message";
        self.desk.day.clinic.rows(all).await
    }

    /// Knocks at the door as Meta does, without a browser's headers.
    pub async fn knock(&self, body: &str, signature: &str) -> StatusCode {
        let request = Request::post("/hooks/whatsapp")
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.desk.day.clinic.public.clone().oneshot(request).await.unwrap().status()
    }

    /// Tells something properly, and lets it be worked through.
    pub async fn tell(&self, body: &str) {
        assert_eq!(self.knock(body, &signature(SECRET, body)).await, StatusCode::OK);
        self.desk.write().await;
    }

    async fn status(&self, status: &str, error: Option<i64>) {
        self.tell(&self.server.status(0, status, self.now(), error)).await;
    }

    async fn heard(&self) -> Vec<String> {
        let all = "SELECT state || coalesce(' ' || reason, '') || ' ' || (body = '')
            FROM webhook_event ORDER BY id";
        self.desk.day.clinic.rows(all).await
    }
}

#[tokio::test]
async fn who_chose_whatsapp_gets_a_template_of_neutral_values_and_no_sms() {
    let clinic = Clinic::preferring().await;
    clinic.book().await;
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
    assert_eq!(clinic.left(), (1, 0));
    let taken = clinic.server.taken().remove(0);
    assert_eq!(
        (&taken["to"], &taken["template"]["name"]),
        (&json!("77012345678"), &json!("booked"))
    );
    let said = taken.to_string();
    assert!(said.contains("14:30") && said.contains("https://clinic.example/m/"), "{said}");
    for secret in ["Мусин", "Лечение", "кариес", "Абая"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert_eq!(clinic.states().await, ["whatsapp accepted"]);
    clinic.status("delivered", None).await;
    assert_eq!(clinic.states().await, ["whatsapp delivered"]);
    let cost = "SELECT CAST(cost AS TEXT) FROM message";
    assert_eq!(clinic.desk.day.clinic.rows(cost).await, ["900"]);
    // What opened something is forgotten, in the text and beside it.
    let left = "SELECT CAST(count(*) AS TEXT) FROM message WHERE secret IS NOT NULL OR neutral IS NOT NULL";
    assert_eq!(clinic.desk.day.clinic.rows(left).await, ["0"]);
    clinic.later(60).await;
    assert_eq!(clinic.left(), (1, 0));
}

#[tokio::test]
async fn who_chose_nothing_or_sms_gets_sms_until_the_clinic_writes_to_all() {
    for choice in [None, Some(Channel::Sms)] {
        let clinic = Clinic::open().await;
        clinic.prefer(choice).await;
        clinic.book().await;
        assert_eq!(clinic.left(), (0, 1), "{choice:?}");
    }
}

#[tokio::test]
async fn what_whatsapp_refuses_goes_as_sms_once() {
    for code in [131_026, 132_001, 131_047] {
        let clinic = Clinic::preferring().await;
        clinic.server.next(Mood::Refuses(400, code));
        clinic.book().await;
        clinic.later(1).await;
        assert_eq!(clinic.left(), (0, 1), "{code}");
        assert_eq!(clinic.states().await, ["sms accepted"], "{code}");
        assert!(clinic.desk.link().starts_with("/m/"), "with its link");
        clinic.later(60).await;
        assert_eq!(clinic.left(), (0, 1), "{code}");
    }
}

#[tokio::test]
async fn a_template_that_meta_does_not_know_or_knows_with_other_values_goes_as_sms() {
    for (name, values, left) in [("booked", 4, (1, 0)), ("booked", 3, (0, 1)), ("visit", 4, (0, 1))]
    {
        let clinic = Clinic::preferring().await;
        for language in ["ru", "kk", "en"] {
            clinic.server.approves(name, language, values);
        }
        clinic.book().await;
        clinic.later(1).await;
        assert_eq!(clinic.left(), left, "{name} of {values}");
        assert_eq!(clinic.server.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_was_not_delivered_in_time_or_failed_goes_as_sms_once() {
    let clinic = Clinic::preferring().await;
    clinic.book().await;
    clinic.status("sent", None).await;
    clinic.later(29).await;
    assert_eq!(clinic.left(), (1, 0));
    clinic.later(2).await;
    assert_eq!(clinic.left(), (1, 1));
    assert!(clinic.desk.link().starts_with("/m/"), "the link was kept for it");
    clinic.later(120).await;
    assert_eq!(clinic.left(), (1, 1));
    // It came after all: there is a trace of the second.
    clinic.status("delivered", None).await;
    let trace = "SELECT CAST(count(*) AS TEXT) FROM message_state WHERE reason = 'also_whatsapp'";
    assert_eq!(clinic.desk.day.clinic.rows(trace).await, ["1"]);
    assert!(clinic.desk.day.clinic.audited().await.contains(&"message.delivered_beside".into()));

    let failed = Clinic::preferring().await;
    failed.book().await;
    failed.status("failed", Some(131_026)).await;
    assert_eq!(failed.states().await, ["whatsapp queued unreachable"]);
    failed.later(1).await;
    assert_eq!((failed.left(), failed.states().await), ((1, 1), vec!["sms accepted".to_owned()]));
}

#[tokio::test]
async fn a_delivery_told_before_sms_left_keeps_it_from_leaving() {
    let clinic = Clinic::preferring().await;
    clinic.book().await;
    clinic.status("failed", Some(131_000)).await;
    clinic.status("read", None).await;
    assert_eq!(clinic.states().await, ["whatsapp delivered"]);
    clinic.later(60).await;
    assert_eq!(clinic.left(), (1, 0));
}

#[tokio::test]
async fn statuses_in_any_order_and_any_number_change_what_is_known_once() {
    let clinic = Clinic::preferring().await;
    clinic.book().await;
    for status in ["read", "sent", "delivered", "failed", "read"] {
        clinic.status(status, None).await;
        assert_eq!(clinic.states().await, ["whatsapp delivered"], "{status}");
    }
    let known = "SELECT state FROM message_state ORDER BY rowid";
    let known = clinic.desk.day.clinic.rows(known).await;
    assert_eq!(known, ["queued", "sending", "accepted", "delivered"]);
    assert_eq!(clinic.heard().await, ["done 1"; 4], "the second `read` is the first");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_settled_by_the_door_and_never_sent_again() {
    for mood in [Mood::Silent, Mood::FailsAfter, Mood::Garbage] {
        let clinic = Clinic::preferring().await;
        // The worker's own client waits longer: here the answer is lost at once.
        if !matches!(mood, Mood::Silent) {
            clinic.server.next(mood);
            clinic.book().await;
            assert_eq!(clinic.states().await, ["whatsapp uncertain no_answer"], "{mood:?}");
            clinic.later(600).await;
            assert_eq!(clinic.left(), (1, 0), "{mood:?}");
            clinic.status("sent", None).await;
            assert_eq!(clinic.states().await, ["whatsapp accepted"], "{mood:?}");
            clinic.status("delivered", None).await;
            assert_eq!(clinic.states().await, ["whatsapp delivered"], "{mood:?}");
        }
    }
}

#[tokio::test]
async fn the_door_opens_only_to_who_knows_the_token_and_signs_the_bytes() {
    let clinic = Clinic::preferring().await;
    let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
    let app = whatsapp::app(&clinic.desk.day.clinic.clinic, &owner).await.unwrap();
    let ask = async |mode: &str, token: &str, challenge: &str| {
        let path = format!(
            "/hooks/whatsapp?hub.mode={mode}&hub.verify_token={token}&hub.challenge={challenge}"
        );
        let answer = clinic.desk.get(&path).await;
        (answer.status, answer.body)
    };
    let right = ask("subscribe", &app.verify_token, "1158201444").await;
    assert_eq!(right, (StatusCode::OK, "1158201444".to_owned()));
    for (mode, token, challenge) in [
        ("subscribe", "wrong", "1"),
        ("subscribe", "", "1"),
        ("unsubscribe", app.verify_token.as_str(), "1"),
        ("subscribe", app.verify_token.as_str(), "%3Cscript%3E"),
    ] {
        assert_eq!(ask(mode, token, challenge).await.0, StatusCode::FORBIDDEN, "{mode} {token}");
    }

    clinic.book().await;
    let body = clinic.server.status(0, "delivered", clinic.now(), None);
    let other = signature("ffffffffffffffffffffffffffffffff", &body);
    let changed = signature(SECRET, &body.replace("delivered", "failed"));
    for wrong in ["", "sha256=", "sha256=zz", "sha1=00", &other, &changed] {
        assert_eq!(clinic.knock(&body, wrong).await, StatusCode::FORBIDDEN, "{wrong}");
    }
    assert_eq!(clinic.heard().await, Vec::<String>::new());
    assert_eq!(clinic.states().await, ["whatsapp accepted"]);
    let large = "x".repeat(3 * 1024 * 1024 + 1);
    let status = clinic.knock(&large, &signature(SECRET, &large)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_cannot_be_understood_or_comes_from_another_time_is_put_aside() {
    let clinic = Clinic::preferring().await;
    clinic.book().await;
    let day = 24 * 60 * MINUTE;
    clinic.tell("{").await;
    clinic.tell(r#"{"object":"page"}"#).await;
    clinic.tell(&clinic.server.status(0, "delivered", NOW - 9 * day, None)).await;
    clinic.tell(&clinic.server.status(0, "read", NOW + day, None)).await;
    assert_eq!(clinic.states().await, ["whatsapp accepted"]);
    let aside = ["aside not_understood 0", "aside not_understood 0", "aside out_of_time 0"];
    assert_eq!(clinic.heard().await[..3], aside);
    assert_eq!(clinic.heard().await.len(), 4);
    // One that cannot be read does not keep others from being read.
    clinic.status("delivered", None).await;
    assert_eq!(clinic.states().await, ["whatsapp delivered"]);
    clinic.later(10 * 24 * 60).await;
    let someone = json!([{"id": "wamid.x", "timestamp": (clinic.now() / 1000).to_string(),
        "type": "text", "from": "77010000001", "text": {"body": "hi"}}]);
    clinic.tell(&written(someone, json!([{"wa_id": "77010000001"}]))).await;
    assert_eq!(clinic.heard().await, ["done 1"], "what is over is forgotten");
}

#[tokio::test]
async fn what_was_put_aside_is_shown_with_its_channel_and_taken_up_when_asked() {
    let clinic = Clinic::open().await;
    clinic.tell("{").await;
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/gateway").await.body;
    assert_eq!(page.matches("1 событие мессенджера не удалось разобрать").count(), 1, "{page}");
    // An update of the program understands it.
    let someone = json!([{"id": "wamid.x", "timestamp": (clinic.now() / 1000).to_string(),
        "type": "text", "from": "77010000001", "text": {"body": "Сәлем"}}]);
    let body = written(someone, json!([{"wa_id": "77010000001"}]));
    let understood = format!("UPDATE webhook_event SET body = '{body}'");
    clinic.desk.day.clinic.write(&understood).await.unwrap();
    let number = "SELECT id || '' FROM gateway WHERE kind = 'whatsapp'";
    let number = clinic.desk.day.clinic.rows(number).await.concat();
    let path = format!("/messages/gateway/{number}/aside");
    let reception = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    assert_eq!(reception.post(&path, "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(owner.post(&path, "").await.status, StatusCode::SEE_OTHER);
    clinic.desk.write().await;
    assert_eq!(clinic.heard().await, ["done 1"]);
    let said = clinic.desk.day.clinic.rows("SELECT text FROM reply").await;
    assert_eq!(said, ["Сәлем"]);
    let page = owner.get("/messages/gateway").await.body;
    assert!(!page.contains("не удалось разобрать"), "{page}");
}

#[tokio::test]
async fn a_template_with_personal_values_is_not_taken() {
    let clinic = Clinic::open().await;
    let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
    let of = (Purpose::BookingMade, Language::Ru);
    let change = TemplateChange {
        name: "booked".to_owned(),
        parameters: "name, date".to_owned(),
        ..TemplateChange::default()
    };
    let taken = whatsapp::save_template(&clinic.desk.day.clinic.clinic, &owner, of, &change).await;
    let Err(AppError::Fields(wrong)) = taken else { panic!("{:?}", taken.err()) };
    assert_eq!(wrong["parameters"], "messaging-error-not-neutral");
}

#[tokio::test]
async fn the_page_shows_the_address_and_token_and_never_the_secret() {
    let clinic = Clinic::open().await;
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/whatsapp").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("clinic.example&#x2f;hooks&#x2f;whatsapp"), "{}", page.body);
    assert!(!page.body.contains(SECRET) && !page.body.contains(TOKEN));
    let saved = owner
        .post("/messages/whatsapp", "business_account_id=1020&wait_minutes=45&to_all=true")
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let kept = "SELECT wait_minutes || ' ' || to_all || ' ' || app_secret FROM whatsapp_app";
    assert_eq!(clinic.desk.day.clinic.rows(kept).await, [format!("45 1 {SECRET}")]);
    clinic.book().await;
    assert_eq!(clinic.left(), (0, 1), "SMS stands before it");

    let wrong = owner.post("/messages/whatsapp", "wait_minutes=0&app_secret=kurz").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let desk = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let path = format!("/patients/{}/messages/channel", clinic.desk.day.patient);
    assert_eq!(desk.post(&path, "channel=whatsapp").await.status, StatusCode::SEE_OTHER);
    let choice = "SELECT channel FROM channel_choice";
    assert_eq!(clinic.desk.day.clinic.rows(choice).await, ["whatsapp"]);
    assert_eq!(desk.post(&path, "channel=").await.status, StatusCode::SEE_OTHER);
    assert_eq!(clinic.desk.day.clinic.rows(choice).await, Vec::<String>::new());
}
