//! The outbox: what is sent, once, and only while it is true.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tokio::net::TcpListener;

use tirkeu::contact::{Name, Phone};
use tirkeu::i18n::Language;
use tirkeu::ids::{MessageId, PatientId};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::messaging::text::{Purpose, Values, Variable};
use tirkeu::messaging::{
    self, About, Hooks, Message, MessagingError, NewMessage, State, Verdict, run_due,
};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role, SendMessages};
use tirkeu::vault::{Actor, Event, Grant, Subject};

use crate::peers::smsc::{LOGIN, Mood, PASSWORD, SmscServer};
use crate::support::{TestClinic, send};

const MINUTE: i64 = 60_000;

/// A clinic whose gateway is a strict SMSC.
struct Post {
    clinic: TestClinic,
    server: SmscServer,
    patient: PatientId,
}

impl Post {
    async fn open() -> Self {
        let clinic = TestClinic::open().await;
        let server = SmscServer::start().await;
        let change = GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: server.address.clone(),
            username: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let owner = clinic.grant(Role::Owner).await;
        setup::set_gateway(clinic.vault(), &owner, &change).await.unwrap();
        let patient = enter_patient(&clinic).await;
        Self { clinic, server, patient }
    }

    fn code_message(&self) -> NewMessage {
        let now = self.clinic.clinic.clock().now();
        NewMessage {
            patient_id: Some(self.patient),
            purpose: Purpose::ConsentCode,
            about: About::new("consent", "c1"),
            language: Language::Kk,
            to: Phone::parse("8 701 000 00 01").unwrap().into(),
            values: Values::new().with(Variable::Code, "493817"),
            secret: Some("493817".to_owned()),
            not_after: now.plus_ms(60 * MINUTE),
            first_by: None,
        }
    }

    async fn enqueue(&self, message: &NewMessage) -> MessageId {
        let clinic = &self.clinic.clinic;
        let wanted = Event::new("test.wanted", Subject::Clinic);
        clinic
            .vault
            .change(&job(), async |tx| {
                Ok::<_, MessagingError>((messaging::enqueue(tx, clinic, message).await?, wanted))
            })
            .await
            .unwrap()
    }

    async fn work(&self) {
        run_due(&self.clinic.clinic, &Hooks::new()).await.unwrap();
    }

    /// Works once after each of so many minutes.
    async fn work_for(&self, minutes: usize) {
        for _ in 0..minutes {
            self.clinic.clinic.clock().advance_ms(MINUTE);
            self.work().await;
        }
    }

    async fn messages(&self) -> Vec<Message> {
        let reception = self.clinic.grant(Role::Reception).await;
        messaging::of_patient(self.clinic.vault(), &reception, self.patient).await.unwrap()
    }

    /// State and reason of the only message.
    async fn state(&self) -> (State, Option<String>) {
        let message = self.messages().await.remove(0);
        (message.state, message.reason)
    }
}

async fn enter_patient(clinic: &TestClinic) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let name = Name::new("Сейтқали", "Қанат", "");
    let phones = vec![Phone::parse("8 701 000 00 01").unwrap()];
    let new = NewPatient { name, phones, language: Language::Kk, ..NewPatient::default() };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

fn job() -> Grant<SendMessages> {
    Actor::job("messaging").grant().unwrap()
}

fn because(state: State, reason: &str) -> (State, Option<String>) {
    (state, Some(reason.to_owned()))
}

#[tokio::test]
async fn a_message_is_sent_once_and_followed_until_it_is_on_the_phone() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    assert_eq!(post.state().await, (State::Queued, None));

    post.work().await;
    post.work().await;
    let taken = post.server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].phone, "77010000001");
    assert!(taken[0].text.contains("келісім коды 493817"), "{}", taken[0].text);
    assert_eq!(post.state().await, (State::Accepted, None));

    post.server.set_status(taken[0].id, 1);
    post.work_for(1).await;
    let message = post.messages().await.remove(0);
    assert_eq!(message.state, State::Delivered);
    assert_eq!(
        (message.parts, message.cost.map(tirkeu::money::Money::tiyn)),
        (Some(1), Some(1550))
    );
    assert_eq!(post.server.violations(), Vec::<String>::new());
    let steps = ["message.taken", "message.accepted", "message.delivered"];
    let audited = post.clinic.audited().await;
    let seen: Vec<_> = audited.iter().filter(|act| steps.contains(&act.as_str())).collect();
    assert_eq!(seen, steps.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_never_sent_again_but_asked_about() {
    for mood in [Mood::FailsAfter, Mood::Garbage, Mood::Mistaken] {
        let post = Post::open().await;
        post.enqueue(&post.code_message()).await;
        post.server.next(mood);

        post.work().await;
        assert_eq!(post.state().await, because(State::Uncertain, "no_answer"), "{mood:?}");
        post.work_for(30).await;
        assert_eq!(post.server.taken().len(), 1, "{mood:?}");
        assert_eq!(post.state().await, (State::Accepted, None), "{mood:?}");
        assert_eq!(post.server.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_message_the_gateway_denies_having_is_sent_after_all() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    post.server.next(Mood::FailsBefore);

    post.work().await;
    assert_eq!(post.state().await, because(State::Uncertain, "no_answer"));
    post.work_for(3).await;
    assert_eq!(post.server.taken().len(), 1);
    assert_eq!(post.state().await, (State::Accepted, None));
}

#[tokio::test]
async fn a_worker_that_dies_with_a_message_leaves_it_uncertain_not_doubled() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    post.server.next(Mood::Silent);

    let clinic = post.clinic.clinic.clone();
    let worker = tokio::spawn(async move { run_due(&clinic, &Hooks::new()).await });
    post.server.took().await;
    // However long that lasts: nobody takes it out of the hands that have it.
    post.work_for(3).await;
    assert_eq!(post.state().await, (State::Sending, None));
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    assert_eq!(post.state().await, (State::Sending, None));

    post.work_for(1).await;
    assert_eq!(post.state().await, because(State::Uncertain, "worker_died"));
    post.work_for(30).await;
    assert_eq!(post.server.taken().len(), 1);
    assert_eq!(post.state().await, (State::Accepted, None));
}

#[tokio::test]
async fn the_outbox_survives_a_restart() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    let Post { clinic, server, patient } = post;
    let TestClinic { clinic, staff, public, folder } = clinic;
    drop((clinic, staff, public));

    let clinic = TestClinic::open_in(folder).await;
    let post = Post { clinic, server, patient };
    assert_eq!(post.state().await, (State::Queued, None));
    post.work().await;
    assert_eq!(post.server.taken().len(), 1);
}

#[tokio::test]
async fn whether_a_message_is_still_true_is_decided_when_its_turn_comes() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    let cancelled = Arc::new(AtomicBool::new(true));
    let flag = cancelled.clone();
    let hooks = Hooks::new().before(Purpose::ConsentCode, move |_tx, about| {
        assert_eq!(about.id, "c1");
        let cancelled = flag.load(Ordering::SeqCst);
        Box::pin(async move {
            Ok(if cancelled { Verdict::Withhold("cancelled") } else { Verdict::Send })
        })
    });

    run_due(&post.clinic.clinic, &hooks).await.unwrap();
    assert_eq!(post.state().await, because(State::Withheld, "cancelled"));
    cancelled.store(false, Ordering::SeqCst);
    run_due(&post.clinic.clinic, &hooks).await.unwrap();
    assert_eq!(post.state().await, because(State::Withheld, "cancelled"));
    assert_eq!(post.server.taken(), []);

    post.enqueue(&post.code_message()).await;
    run_due(&post.clinic.clinic, &hooks).await.unwrap();
    assert_eq!(post.server.taken().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_too_late_is_not_sent() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    post.clinic.clinic.clock().advance_ms(60 * MINUTE);
    post.work().await;
    assert_eq!(post.state().await, because(State::Expired, "too_late"));
    assert_eq!(post.server.taken(), []);
}

#[tokio::test]
async fn trouble_at_the_gateway_delays_and_a_refusal_ends() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    post.server.next(Mood::Refuses(3));
    post.work().await;
    assert_eq!(post.state().await, because(State::Queued, "gateway_no_money"));
    post.work_for(14).await;
    assert_eq!(post.server.taken(), []);
    // A quarter of the wait is left to chance.
    post.work_for(5).await;
    assert_eq!(post.state().await, (State::Accepted, None));

    post.enqueue(&post.code_message()).await;
    post.server.next(Mood::Refuses(7));
    post.work().await;
    assert_eq!(post.state().await, because(State::Failed, "bad_number"));
}

#[tokio::test]
async fn what_a_text_opens_is_hidden_from_staff_and_forgotten_once_it_has_left() {
    let post = Post::open().await;
    post.enqueue(&post.code_message()).await;
    let stored = "SELECT text || coalesce(secret, '') FROM message";
    assert!(!post.messages().await[0].text.contains("493817"));
    assert!(post.clinic.rows(stored).await[0].contains("493817"));

    post.work().await;
    assert!(!post.clinic.rows(stored).await[0].contains("493817"));
    assert!(post.messages().await[0].text.contains("•••"));
}

#[tokio::test]
async fn without_a_gateway_messages_wait() {
    let clinic = TestClinic::open().await;
    assert_eq!(run_due(&clinic.clinic, &Hooks::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn lists_show_the_newest_message_about_each_thing() {
    let post = Post::open().await;
    let first = NewMessage {
        purpose: Purpose::BookingMade,
        about: About::new("appointment", "a1"),
        values: Values::new()
            .with(Variable::Date, "24 қараша")
            .with(Variable::Time, "14:30")
            .with(Variable::Link, "https://clinic.example/m/x"),
        secret: None,
        ..post.code_message()
    };
    post.enqueue(&first).await;
    post.work().await;
    post.clinic.clinic.clock().advance_ms(MINUTE);
    post.enqueue(&NewMessage { purpose: Purpose::BookingMoved, ..first.clone() }).await;
    let other = About::new("appointment", "a2");
    post.enqueue(&NewMessage { about: other, ..first }).await;

    let ids = ["a1", "a2", "a3"].map(str::to_owned);
    let patient = post.patient;
    let found = post
        .clinic
        .vault()
        .list(&job(), "schedule.viewed", async |listing| {
            let found = messaging::states_for(listing, "appointment", &ids).await?;
            Ok::<_, tirkeu::vault::VaultError>((found, vec![patient]))
        })
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found["a1"].purpose, found["a1"].state), (Purpose::BookingMoved, State::Queued));
    assert_eq!(found["a2"].purpose, Purpose::BookingMade);
}

#[tokio::test]
async fn the_gateways_page_never_shows_the_password_and_keeps_what_was_typed() {
    let clinic = TestClinic::open().await;
    let sysadmin = clinic.sign_in(Role::Sysadmin).await;
    let form = "kind=smsc&endpoint=https%3A%2F%2Fsmsc.kz%2F&username=arai&password=hush-hush";
    assert_eq!(sysadmin.post("/messages/gateway", form).await.status, StatusCode::SEE_OTHER);

    let list = sysadmin.get("/messages/gateway").await.body;
    assert!(list.contains("SMSC.kz") && !list.contains("hush-hush"), "{list}");
    let page = sysadmin.get("/messages/gateway/1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("arai") && !page.body.contains("hush-hush"), "{}", page.body);

    let elsewhere = "kind=smsc&endpoint=http%3A%2F%2Fevil.example&username=arai&password=";
    let refused = sysadmin.post("/messages/gateway/1", elsewhere).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("evil.example"), "{}", refused.body);
    assert!(refused.body.contains("https:"), "{}", refused.body);
    assert!(!refused.body.contains("hush-hush"));

    let trial = sysadmin.post("/messages/gateway/1/trial", "phone=12").await;
    assert_eq!(trial.status, StatusCode::UNPROCESSABLE_ENTITY);
    let trial = sysadmin.post("/messages/gateway/1/trial", "phone=8+701+000+00+01").await;
    assert_eq!(trial.status, StatusCode::SEE_OTHER);
    let queued = clinic.rows("SELECT phone || purpose || state FROM message").await;
    assert_eq!(queued, ["+77010000001trialqueued"]);
    let doctor = clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.get("/messages/gateway").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_gateways_health_tells_the_balance_or_the_trouble() {
    let post = Post::open().await;
    let owner = post.clinic.sign_in(Role::Owner).await;
    let health = owner.get("/messages/gateway/1/health").await;
    assert!(health.body.contains("984,50"), "{}", health.body);
}

#[tokio::test]
async fn a_clinics_own_wording_is_used_and_can_be_given_back() {
    let post = Post::open().await;
    let owner = post.clinic.sign_in(Role::Owner).await;
    let path = "/messages/texts/consent_code/kk";

    let wrong = owner.post(path, "source=%7B%7B+clinic+%7D%7D+%7B%7B+iin+%7D%7D").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("iin"), "{}", wrong.body);
    let own = "source=%7B%7B+clinic+%7D%7D%3A+kod+%7B%7B+code+%7D%7D";
    assert_eq!(owner.post(path, own).await.status, StatusCode::SEE_OTHER);
    post.enqueue(&post.code_message()).await;
    post.work().await;
    assert!(post.server.taken()[0].text.ends_with(": kod 493817"));

    assert_eq!(owner.post(path, "standard=1&source=").await.status, StatusCode::SEE_OTHER);
    post.enqueue(&post.code_message()).await;
    post.work().await;
    assert!(post.server.taken()[1].text.contains("келісім коды"));
    let list = owner.get("/messages/texts").await;
    assert_eq!(list.status, StatusCode::OK);
    let preview =
        owner.post("/messages/texts/trial/ru/preview", "source=%7B%7B+clinic+%7D%7D").await;
    assert!(preview.body.contains("1 SMS"), "{}", preview.body);
}

#[tokio::test]
async fn a_gateways_report_is_taken_with_its_token_only_and_only_until_the_end() {
    let clinic = TestClinic::open().await;
    let sent = Kannel::pretend().await;
    let change = GatewayChange {
        kind: GatewayKind::Kannel,
        endpoint: sent.address.clone(),
        username: "clinic".to_owned(),
        password: "kannel".to_owned(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let owner = clinic.grant(Role::Owner).await;
    setup::set_gateway(clinic.vault(), &owner, &change).await.unwrap();
    let patient = enter_patient(&clinic).await;
    let server = SmscServer::start().await;
    let post = Post { clinic, server, patient };
    post.enqueue(&post.code_message()).await;
    post.work().await;
    assert_eq!(post.state().await, (State::Accepted, None));

    let url = sent.report_url();
    assert!(url.starts_with("https://clinic.example/r/") && url.ends_with("?type=%d"), "{url}");
    let path = url.trim_start_matches("https://clinic.example").trim_end_matches("%d");
    let get = async |path: String| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        send(&post.clinic.public, request).await.status
    };
    let unknown = "/r/AAAAAAAAAAAAAAAAAAAAAA?type=1".to_owned();
    assert_eq!(get(unknown).await, StatusCode::NOT_FOUND);
    assert_eq!(get(format!("{path}8")).await, StatusCode::NO_CONTENT);
    assert_eq!(post.state().await, (State::Accepted, None));
    assert_eq!(get(format!("{path}1")).await, StatusCode::NO_CONTENT);
    assert_eq!(post.state().await, (State::Delivered, None));
    assert_eq!(get(format!("{path}2")).await, StatusCode::NOT_FOUND);
    assert_eq!(post.state().await, (State::Delivered, None));
    let token = path.trim_start_matches("/r/").trim_end_matches("?type=");
    assert_eq!(token.len(), 22, "128 bits");
    let stored = "SELECT hex(report_hash) || text || phone FROM message";
    assert!(!post.clinic.rows(stored).await[0].contains(token));
}

/// Just enough of a Kannel to see what it was asked.
struct Kannel {
    address: String,
    asked: Arc<Mutex<Vec<HashMap<String, String>>>>,
}

impl Kannel {
    async fn pretend() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/cgi-bin/sendsms", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        let answer = async move |Query(query): Query<HashMap<String, String>>| {
            heard.lock().unwrap().push(query);
            (StatusCode::ACCEPTED, "0: Accepted for delivery")
        };
        let router = Router::new().route("/cgi-bin/sendsms", get(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked }
    }

    fn report_url(&self) -> String {
        self.asked.lock().unwrap()[0]["dlr-url"].clone()
    }
}
