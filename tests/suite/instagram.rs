//! Instagram: what Meta may do to us, what its door makes of what it is told, and
//! that nobody is written to there who did not write first.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use tirkeu::messaging::check_due;
use tirkeu::messaging::gateway::{Gateway, Health, Outcome, Reason, Trouble};
use tirkeu::messaging::instagram::{self, AppChange};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::vault::permission::Role;

use crate::peers::instagram::{ACCOUNT, InstagramServer, LASTS, Mood, SECRET, TOKEN, told};
use crate::peers::whatsapp::signature;
use crate::reminders::Desk;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const DANA: &str = "770123456789012";
const DOOR: &str = "/hooks/instagram";

#[tokio::test]
async fn instagram_takes_words_by_the_book_and_says_whose_the_token_is() {
    let server = InstagramServer::start().await;
    server.met(DANA, "Дана", "dana.k");
    let client = server.client(TOKEN);
    let sent = client.send_text(DANA, "Сәлем!\nКүтеміз").await;
    let provider_id = Some("mid.0".to_owned());
    assert_eq!(sent, Outcome::Accepted { provider_id, parts: 1, cost: None });
    assert_eq!(client.name_of(DANA).await.as_deref(), Some("Дана @dana.k"));
    assert_eq!(client.name_of("../me").await, None);
    assert_eq!(server.violations(), Vec::<String>::new());
    let health = Gateway::Instagram(client).health().await;
    assert_eq!(health, Health::Well { balance: None });
    let stranger = Gateway::Instagram(server.client("IGAAother"));
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
}

#[tokio::test]
async fn what_instagram_refuses_is_told_apart_from_what_may_have_been_taken() {
    let server = InstagramServer::start().await;
    server.met(DANA, "", "");
    let client = server.client(TOKEN);
    for mood in [Mood::Silent, Mood::Slow, Mood::FailsAfter, Mood::Garbage] {
        server.next(mood);
        assert_eq!(client.send_text(DANA, "hi").await, Outcome::Uncertain, "{mood:?}");
    }
    server.next(Mood::Refuses(400, 613, 0));
    let busy = client.send_text(DANA, "hi").await;
    assert!(matches!(busy, Outcome::Retry { trouble: Trouble::Busy, .. }), "{busy:?}");
    server.next(Mood::Refuses(400, 190, 463));
    let ended = client.send_text(DANA, "hi").await;
    assert!(matches!(ended, Outcome::Retry { trouble: Trouble::Credentials, .. }), "{ended:?}");
    let unknown = client.send_text("9", "hi").await;
    assert_eq!(unknown, Outcome::Rejected(Reason::Unreachable));
    server.window_shuts(DANA);
    assert_eq!(client.send_text(DANA, "hi").await, Outcome::Rejected(Reason::Window));
    assert_eq!(server.violations(), Vec::<String>::new());
}

/// A desk whose clinic has an Instagram account beside its SMS gateway.
pub(crate) struct Clinic {
    pub desk: Desk,
    pub server: InstagramServer,
}

impl Clinic {
    pub async fn open() -> Self {
        let clinic = Self { desk: Desk::open().await, server: InstagramServer::start().await };
        let inner = &clinic.desk.day.clinic;
        let owner = inner.grant(Role::Owner).await;
        let change = GatewayChange {
            kind: GatewayKind::Instagram,
            endpoint: clinic.server.address.clone(),
            username: ACCOUNT.to_owned(),
            password: TOKEN.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let terms = Terms::usual(GatewayKind::Instagram);
        setup::save_gateway(inner.vault(), &owner, None, &change, terms).await.unwrap();
        let app = AppChange { app_secret: SECRET.to_owned(), greets: false };
        instagram::save_app(&inner.clinic, &owner, &app).await.unwrap();
        clinic
    }

    fn now(&self) -> i64 {
        self.desk.day.clinic.clinic.clock().now().unix_ms()
    }

    fn advance(&self, ms: i64) {
        self.server.passes(ms);
        self.desk.day.clinic.clinic.clock().advance_ms(ms);
    }

    pub async fn rows(&self, sql: &str) -> Vec<String> {
        self.desk.day.clinic.rows(sql).await
    }

    async fn knock(&self, body: &str, signature: &str) -> StatusCode {
        let request = Request::post(DOOR)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.desk.day.clinic.public.clone().oneshot(request).await.unwrap().status()
    }

    /// Tells something properly, and lets it be worked through.
    async fn tell(&self, body: &str) {
        assert_eq!(self.knock(body, &signature(SECRET, body)).await, StatusCode::OK);
        self.desk.write().await;
    }

    #[allow(clippy::needless_pass_by_value, reason = "callers write json! in place")]
    pub async fn happens(&self, more: Value) {
        self.tell(&told(DANA, self.now(), more)).await;
    }

    pub async fn hears(&self, mid: &str, text: &str) {
        self.server.met(DANA, "Дана", "dana.k");
        self.happens(json!({"message": {"mid": mid, "text": text}})).await;
    }

    /// `state unread waits known` of the one conversation.
    async fn talk(&self) -> String {
        let one = "SELECT state || ' ' || unread || ' ' || (waiting_since IS NOT NULL) || ' '
                || (patient_id IS NOT NULL)
            FROM conversation WHERE channel = 'instagram'";
        let mut all = self.rows(one).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    pub async fn path(&self) -> String {
        let one = "SELECT id FROM conversation WHERE channel = 'instagram'";
        format!("/inbox/{}", self.rows(one).await.remove(0))
    }

    async fn page(&self) -> String {
        let desk = self.desk.day.clinic.sign_in(Role::Reception).await;
        let page = desk.get(&self.path().await).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        page.body.replace("&#x2f;", "/")
    }

    /// The desk writes; the status it is answered with.
    async fn writes(&self, text: &str) -> StatusCode {
        let desk = self.desk.day.clinic.sign_in(Role::Reception).await;
        let form = format!("way=instagram&text={text}");
        let written = desk.post(&format!("{}/write", self.path().await), &form).await;
        self.desk.send().await;
        written.status
    }

    async fn states(&self) -> Vec<String> {
        let all = "SELECT state || coalesce(' ' || reason, '') FROM message
            WHERE channel = 'instagram' ORDER BY rowid";
        self.rows(all).await
    }

    /// The hourly look at the gateways.
    async fn looks(&self) {
        check_due(&self.desk.day.clinic.clinic).await.unwrap();
    }

    async fn token(&self) -> String {
        let one = "SELECT password FROM gateway WHERE kind = 'instagram'";
        self.rows(one).await.remove(0)
    }

    /// What a page of the owner's says.
    pub async fn told(&self, path: &str) -> String {
        let page = self.desk.day.clinic.sign_in(Role::Owner).await.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page.body.replace("&#x2f;", "/")
    }

    /// What the ledger says of the token.
    async fn noted(&self) -> Vec<String> {
        let all = "SELECT act || coalesce(' ' || why, '') FROM audit_event
            WHERE act LIKE 'gateway.token%' ORDER BY seq";
        self.rows(all).await
    }

    async fn said(&self) -> Vec<String> {
        self.rows("SELECT text FROM reply ORDER BY came_at, rowid").await
    }

    async fn heard(&self) -> Vec<String> {
        let all = "SELECT state || coalesce(' ' || reason, '') FROM webhook_event ORDER BY id";
        self.rows(all).await
    }
}

#[tokio::test]
async fn who_writes_by_instagram_is_answered_there_for_a_day_and_by_nothing_else() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "Сколько стоит чистка?").await;
    assert_eq!(clinic.talk().await, "open 1 1 0");
    let page = clinic.page().await;
    for said in [
        "Дана @dana.k",
        "Сколько стоит",
        "можно писать до 24.11 08:00",
        "ничего о здоровье",
        "без номера",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains(DANA) && !page.contains("value=\"sms\""), "{page}");
    assert_eq!(clinic.writes("Чистка+стоит+15000").await, StatusCode::SEE_OTHER);
    assert_eq!(clinic.states().await, ["accepted"]);
    assert_eq!(clinic.talk().await, "open 0 0 0");
    let taken = clinic.server.taken();
    let expected = json!({"recipient": {"id": DANA}, "message": {"text": "Чистка стоит 15000"}});
    assert_eq!(taken, [expected]);
    let log = "SELECT party || ' ' || country || ' ' || purpose FROM transfer";
    assert_eq!(clinic.rows(log).await, ["instagram us staff_text"]);
    let shut = clinic.writes(&"ш".repeat(501)).await;
    assert_eq!(shut, StatusCode::UNPROCESSABLE_ENTITY, "1000 bytes are 500 of these letters");

    // Whoever has read it has it.
    clinic.happens(json!({"read": {"mid": "mid.0"}})).await;
    assert_eq!(clinic.states().await, ["delivered"]);
    clinic.hears("m2", "А в субботу?").await;
    assert_eq!(clinic.server.asked_names(), 1, "what is known is not asked again");
    clinic.advance(DAY);
    clinic.server.window_shuts(DANA);
    let page = clinic.page().await;
    assert!(page.contains("Instagram больше не принимает ответов"), "{page}");
    assert!(!page.contains("<textarea"), "{page}");
    assert_eq!(clinic.writes("Да").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(clinic.desk.server.taken().len(), 0, "never by SMS");
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn words_that_waited_until_the_day_was_over_do_not_leave_and_a_refusal_is_told() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "Здравствуйте").await;
    clinic.advance(DAY - MINUTE);
    clinic.server.next(Mood::Refuses(400, 613, 0));
    assert_eq!(clinic.writes("Добрый+день").await, StatusCode::SEE_OTHER);
    assert_eq!(clinic.states().await[0].split(' ').next(), Some("queued"));
    clinic.advance(2 * MINUTE);
    clinic.desk.send().await;
    assert_eq!(clinic.states().await, ["expired too_late"]);
    assert_eq!(clinic.server.taken().len(), 0);

    clinic.hears("m2", "Алло").await;
    // Meta counts otherwise than we do.
    clinic.server.window_shuts(DANA);
    clinic.writes("Да").await;
    assert_eq!(clinic.states().await[1], "failed window_shut");
    let page = clinic.page().await;
    assert!(page.contains("Сутки после сообщения человека прошли"), "{page}");
    assert!(!page.contains("Отправить по SMS"), "{page}");
    clinic.advance(180 * MINUTE);
    clinic.desk.send().await;
    assert_eq!(clinic.desk.server.taken().len(), 0);
}

#[tokio::test]
async fn nothing_that_the_program_writes_of_visits_goes_to_instagram() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "1").await;
    let desk = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let form = format!("patient={}", clinic.desk.day.patient);
    let attached = desk.post(&format!("{}/attach", clinic.path().await), &form).await;
    assert_eq!(attached.status, StatusCode::SEE_OTHER);
    clinic.desk.booked("2026-11-26T14:30").await;
    clinic.desk.write().await;
    clinic.desk.send().await;
    assert_eq!((clinic.server.taken().len(), clinic.desk.server.taken().len()), (0, 1));
    let channel = format!("/patients/{}/messages/channel", clinic.desk.day.patient);
    desk.post(&channel, "channel=instagram").await;
    let chosen = "SELECT channel FROM channel_choice";
    assert_eq!(clinic.rows(chosen).await, Vec::<String>::new(), "nobody can choose it");
    let card = desk.get(&format!("/patients/{}/messages", clinic.desk.day.patient)).await.body;
    assert!(!card.contains("value=\"instagram\"") && !card.contains("service-instagram"), "{card}");
}

#[tokio::test]
async fn the_same_told_twice_or_in_another_order_is_one_message() {
    let clinic = Clinic::open().await;
    clinic.server.met(DANA, "Дана", "dana.k");
    let now = clinic.now();
    let first = told(DANA, now, json!({"message": {"mid": "m1", "text": "первое"}}));
    let second = told(DANA, now + 1000, json!({"message": {"mid": "m2", "text": "второе"}}));
    for body in [&second, &first, &second, &first] {
        clinic.tell(body).await;
    }
    // The same message in another envelope.
    let again = json!({"message": {"mid": "m1", "text": "первое", "is_self": false}});
    clinic.tell(&told(DANA, now, again)).await;
    assert_eq!(clinic.said().await, ["первое", "второе"]);
    assert_eq!(clinic.talk().await, "open 2 1 0");
}

#[tokio::test]
async fn what_is_no_text_is_named_and_what_was_taken_back_is_forgotten() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "Моя карта 1234").await;
    let payload = json!({"url": "https://lookaside.example/x?signed"});
    let picture = json!({"mid": "m2", "attachments": [{"type": "image", "payload": payload}]});
    clinic.happens(json!({ "message": picture })).await;
    let tap = json!({"mid": "m3", "title": "Цены", "payload": "PRICES"});
    clinic.happens(json!({ "postback": tap })).await;
    clinic.happens(json!({"reaction": {"mid": "m1", "action": "react"}})).await;
    assert_eq!(clinic.said().await, ["Моя карта 1234", "[image]", "Цены"]);
    let page = clinic.page().await;
    assert!(page.contains("Картинка. Посмотрите её в самом мессенджере"), "{page}");

    clinic.happens(json!({"message": {"mid": "m1", "is_deleted": true}})).await;
    assert_eq!(clinic.said().await[0], "[deleted]");
    let page = clinic.page().await;
    assert!(page.contains("удалил это сообщение") && !page.contains("1234"), "{page}");
    // Taken back before it came.
    clinic.happens(json!({"message": {"mid": "m9", "is_deleted": true}})).await;
    clinic.happens(json!({"message": {"mid": "m9", "text": "тайна"}})).await;
    let left = "SELECT count(*) || '' FROM reply WHERE text LIKE '%тайна%' OR text LIKE '%1234%'";
    assert_eq!(clinic.rows(left).await, ["0"]);
    let bodies = "SELECT count(*) || '' FROM webhook_event WHERE body <> ''";
    assert_eq!(clinic.rows(bodies).await, ["0"]);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_settled_by_its_echo_and_never_sent_again() {
    for mood in [Mood::FailsAfter, Mood::Garbage] {
        let clinic = Clinic::open().await;
        clinic.hears("m1", "Здравствуйте").await;
        clinic.server.next(mood);
        clinic.writes("Добрый+день").await;
        assert_eq!(clinic.states().await, ["uncertain no_answer"], "{mood:?}");
        let echo = json!({"mid": "mid.0", "text": "Добрый день", "is_echo": true});
        for _ in 0..2 {
            clinic.happens(json!({ "message": echo })).await;
            assert_eq!(clinic.states().await, ["accepted"], "{mood:?}");
        }
        clinic.advance(60 * MINUTE);
        clinic.desk.send().await;
        assert_eq!(clinic.server.taken().len(), 1, "{mood:?}");
    }
}

#[tokio::test]
async fn what_somebody_answered_in_the_app_stands_in_the_conversation_and_nobody_waits() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "Вы работаете?").await;
    clinic.writes("Да").await;
    clinic.happens(json!({"message": {"mid": "mid.0", "text": "Да", "is_echo": true}})).await;
    assert_eq!(clinic.states().await, ["accepted"], "our own is no news");
    clinic.hears("m2", "До скольки?").await;
    assert_eq!(clinic.talk().await, "open 1 1 0");
    clinic.advance(1000);
    let other = json!({"mid": "x1", "text": "До восьми", "is_echo": true});
    for _ in 0..2 {
        clinic.happens(json!({ "message": other })).await;
    }
    assert_eq!(clinic.talk().await, "open 0 0 0");
    assert_eq!(clinic.states().await, ["accepted", "delivered"]);
    let page = clinic.page().await;
    assert!(page.contains("До восьми") && page.contains("Ответили в Instagram"), "{page}");
    let sent = "SELECT count(*) || '' FROM transfer";
    assert_eq!(clinic.rows(sent).await, ["1"], "the program passed on its own alone");
    // What came after that answer waits, in whatever order it is told.
    let late =
        told(DANA, clinic.now() + 2000, json!({"message": {"mid": "m3", "text": "Спасибо"}}));
    clinic.tell(&late).await;
    let earlier = json!({"mid": "x2", "text": "Ждём", "is_echo": true});
    clinic.happens(json!({ "message": earlier })).await;
    assert_eq!(clinic.talk().await, "open 1 1 0");
    // Nobody is met by an echo alone.
    let to =
        told("999", clinic.now(), json!({"message": {"mid": "x3", "text": "?", "is_echo": true}}));
    clinic.tell(&to).await;
    assert_eq!(clinic.rows("SELECT id FROM conversation").await.len(), 1);
}

#[tokio::test]
async fn a_strangers_first_message_is_answered_once_where_the_clinic_wants_it() {
    let clinic = Clinic::open().await;
    clinic.hears("m0", "Здравствуйте").await;
    clinic.desk.send().await;
    assert_eq!(clinic.server.taken().len(), 0, "off unless switched on");
    let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
    let on = "UPDATE online_settings SET enabled = 1";
    clinic.desk.day.clinic.write(on).await.unwrap();
    let app = AppChange { app_secret: String::new(), greets: true };
    instagram::save_app(&clinic.desk.day.clinic.clinic, &owner, &app).await.unwrap();
    clinic.hears("m1", "Алло").await;
    clinic.desk.send().await;
    assert_eq!(clinic.server.taken().len(), 0, "not the first one");

    let asel = "17900000000000009";
    clinic.server.met(asel, "", "");
    for mid in ["n1", "n2"] {
        let words = json!({"message": {"mid": mid, "text": "Цена?"}});
        clinic.tell(&told(asel, clinic.now(), words)).await;
        clinic.desk.send().await;
    }
    let taken = clinic.server.taken();
    assert_eq!(taken.len(), 1, "once");
    let text = taken[0]["message"]["text"].as_str().unwrap();
    for said in ["/book?lang=ru&src=instagram", "/book?lang=kk&src=instagram", "автоматический"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
    let waits = format!("SELECT unread || '' FROM conversation WHERE address = '{asel}'");
    assert_eq!(clinic.rows(&waits).await, ["2"], "a person is waited for all the same");
    let log = "SELECT purpose || ' ' || classes FROM transfer";
    assert_eq!(clinic.rows(log).await.len(), 1);
}

#[tokio::test]
async fn the_door_opens_only_to_who_knows_its_own_token_and_signs_the_bytes() {
    let clinic = Clinic::open().await;
    let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
    let app = instagram::app(&clinic.desk.day.clinic.clinic, &owner).await.unwrap();
    let ask = async |token: &str| {
        let query = format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158");
        let answer = clinic.desk.get(&format!("{DOOR}?{query}")).await;
        (answer.status, answer.body)
    };
    assert_eq!(ask(&app.verify_token).await, (StatusCode::OK, "1158".to_owned()));
    assert_eq!(ask("wrong").await.0, StatusCode::FORBIDDEN);
    let body = told(DANA, clinic.now(), json!({"message": {"mid": "m", "text": "x"}}));
    let other = signature("ffffffffffffffffffffffffffffffff", &body);
    let changed = signature(SECRET, &body.replace("\"x\"", "\"y\""));
    for wrong in ["", "sha256=", "sha256=zz", "sha1=00", &other, &changed] {
        assert_eq!(clinic.knock(&body, wrong).await, StatusCode::FORBIDDEN, "{wrong}");
    }
    assert_eq!(clinic.heard().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_of_another_account_or_of_another_time_is_put_aside() {
    let clinic = Clinic::open().await;
    clinic.server.met(DANA, "", "");
    let words = || json!({"message": {"mid": "m", "text": "x"}});
    clinic.tell("{").await;
    clinic.tell(r#"{"object":"page"}"#).await;
    clinic.tell(&told(DANA, clinic.now(), words()).replace(ACCOUNT, "17841400000000002")).await;
    clinic.tell(&told(DANA, clinic.now() - 9 * DAY, words())).await;
    clinic.tell(&told(DANA, clinic.now() + DAY, words())).await;
    let told = ["not_understood", "not_understood", "not_understood", "out_of_time", "out_of_time"];
    assert_eq!(clinic.heard().await, told.map(|why| format!("aside {why}")));
    assert_eq!(clinic.said().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_page_shows_the_address_and_token_and_never_the_secret() {
    let clinic = Clinic::open().await;
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/instagram").await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["clinic.example&#x2f;hooks&#x2f;instagram", "App Review"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(!page.body.contains(SECRET) && !page.body.contains(TOKEN));
    let saved = owner.post("/messages/instagram", "greets=true").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let kept = "SELECT greets || ' ' || app_secret FROM instagram_app";
    assert_eq!(clinic.rows(kept).await, [format!("1 {SECRET}")]);
    let wrong = owner.post("/messages/instagram", "app_secret=kurz").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let id = clinic.rows("SELECT id || '' FROM gateway WHERE kind = 'instagram'").await.remove(0);
    let gateway = owner.get(&format!("/messages/gateway/{id}")).await.body;
    assert!(!gateway.contains("name=\"phone\""), "no telephone can try it: {gateway}");
    let health = owner.get(&format!("/messages/gateway/{id}/health")).await;
    assert_eq!(health.status, StatusCode::OK);
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_is_renewed_by_the_book_and_what_is_no_answer_is_no_token() {
    let server = InstagramServer::start().await;
    let client = server.client(TOKEN);
    server.passes(DAY);
    for (mood, trouble) in [
        (Mood::Silent, Trouble::Silent),
        (Mood::Slow, Trouble::Silent),
        (Mood::HangsUp, Trouble::Silent),
        (Mood::FailsAfter, Trouble::Busy),
        (Mood::Garbage, Trouble::WrongAddress),
        (Mood::Refuses(400, 190, 463), Trouble::Credentials),
        (Mood::Refuses(403, 10, 0), Trouble::Credentials),
        (Mood::Refuses(400, 4, 0), Trouble::Busy),
    ] {
        server.next_renewal(mood);
        assert_eq!(client.renewed().await.err(), Some(trouble), "{mood:?}");
    }
    let Ok(renewed) = client.renewed().await else { panic!("it was to be renewed") };
    assert_eq!(renewed.lasts, LASTS);
    let health = Gateway::Instagram(server.client(&renewed.access_token)).health().await;
    assert_eq!(health, Health::Well { balance: None });
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_that_was_typed_in_is_renewed_a_day_later_and_then_at_half_its_life() {
    let clinic = Clinic::open().await;
    clinic.looks().await;
    clinic.advance(DAY - MINUTE);
    clinic.looks().await;
    assert_eq!(clinic.server.renewals(), 0, "Meta renews none that is younger");
    let page = clinic.told("/messages/instagram").await;
    assert!(page.contains("узнаем при первом продлении"), "{page}");

    clinic.advance(61 * MINUTE);
    clinic.looks().await;
    let first = clinic.token().await;
    assert_eq!((first.as_str(), clinic.server.renewals()), ("IGAAJrenewed1", 1));
    assert_eq!(clinic.noted().await, ["gateway.token_renewed"]);
    let page = clinic.told("/messages/instagram").await;
    assert!(page.contains("Токен действует до") && page.contains("23.01.2027"), "{page}");
    assert!(page.contains("Токен продлён") && page.contains("24.11.2026"), "{page}");

    // Once settings are saved with no token typed, it is the same one still.
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let id = clinic.rows("SELECT id || '' FROM gateway WHERE kind = 'instagram'").await.remove(0);
    let form = format!(
        "kind=instagram&endpoint={}&username={ACCOUNT}&password=&per_minute=100&country=us",
        clinic.server.address
    );
    let saved = owner.post(&format!("/messages/gateway/{id}"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    clinic.advance(29 * DAY);
    clinic.looks().await;
    assert_eq!(clinic.server.renewals(), 1, "more than half is left");
    clinic.advance(2 * DAY);
    clinic.looks().await;
    clinic.looks().await;
    assert_eq!((clinic.token().await.as_str(), clinic.server.renewals()), ("IGAAJrenewed2", 2));
    clinic.hears("m1", "Здравствуйте").await;
    clinic.writes("Да").await;
    assert_eq!(clinic.states().await, ["accepted"], "it writes with the new one");
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_renewal_that_failed_or_was_lost_keeps_the_old_token_and_is_tried_a_day_later() {
    for (mood, why) in [
        (Mood::FailsAfter, "gateway_busy"),
        (Mood::HangsUp, "gateway_silent"),
        (Mood::Garbage, "gateway_wrong_address"),
    ] {
        let clinic = Clinic::open().await;
        clinic.advance(DAY);
        clinic.server.next_renewal(mood);
        clinic.looks().await;
        assert_eq!(clinic.token().await, TOKEN, "{mood:?}");
        assert_eq!(clinic.noted().await, [format!("gateway.token_kept {why}")]);
        let page = clinic.told("/messages/instagram").await;
        for said in ["Meta не продлила токен", "Нынешний токен действует", "Не удалось продлить"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains(TOKEN));
        clinic.hears("m1", "Здравствуйте").await;
        clinic.writes("Да").await;
        assert_eq!(clinic.states().await, ["accepted"], "the old one is good");

        clinic.advance(DAY - MINUTE);
        clinic.looks().await;
        assert_eq!(clinic.server.renewals(), 1, "{mood:?}: at most once a day");
        clinic.advance(61 * MINUTE);
        clinic.looks().await;
        assert_eq!(clinic.server.renewals(), 2, "{mood:?}");
        assert!(clinic.token().await.starts_with("IGAAJrenewed"), "{mood:?}");
        let page = clinic.told("/messages/instagram").await;
        assert!(!page.contains("Meta не продлила"), "{page}");
        assert_eq!(clinic.server.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_token_that_meta_took_back_wants_a_new_one_from_a_person() {
    let clinic = Clinic::open().await;
    let waiting = || clinic.desk.day.clinic.clinic.waiting.at("gateway");
    clinic.looks().await;
    let before = waiting();
    clinic.advance(DAY);
    clinic.server.next_renewal(Mood::Refuses(400, 190, 463));
    clinic.looks().await;
    assert_eq!(clinic.noted().await, ["gateway.token_kept gateway_credentials"]);
    for path in ["/messages/instagram", "/messages/gateway"] {
        let page = clinic.told(path).await;
        assert!(page.contains("Создайте в кабинете Meta новый токен"), "{path}: {page}");
    }
    assert_eq!(waiting(), before + 1, "the rail says that somebody is wanted");

    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let id = clinic.rows("SELECT id || '' FROM gateway WHERE kind = 'instagram'").await.remove(0);
    let form = format!(
        "kind=instagram&endpoint={}&username={ACCOUNT}&password=IGAAnew&per_minute=100&country=us",
        clinic.server.address
    );
    let saved = owner.post(&format!("/messages/gateway/{id}"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = clinic.told("/messages/instagram").await;
    assert!(!page.contains("Создайте в кабинете Meta новый токен"), "{page}");
    assert!(page.contains("узнаем при первом продлении"), "{page}");
}
