//! Messages whose sender is killed at any moment: before a message is taken,
//! while it is on its way to the gateway, while the answer is on its way back,
//! and before that is noted. The gateway here writes down every message that it
//! took, and that is compared with the outbox.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Path as UrlPath, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use sqlx::{ConnectOptions, Row};
use tirkeu::clinic::{Clinic, Places};
use tirkeu::clock::Timestamp;
use tirkeu::contact::{Name, Phone};
use tirkeu::i18n::Language;
use tirkeu::ids::PatientId;
use tirkeu::messaging::gateway::DemoSms;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::text::{Purpose, Values, Variable};
use tirkeu::messaging::{self, About, Hooks, MessagingError, NewMessage, run_due};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, SendMessages};
use tirkeu::vault::{Actor, Event, Grant, Subject, connect_options};

use crate::disk::Chance;
use crate::support::{NOW, TestClinic};
use crate::{Outcome, sender};

const MESSAGES: usize = 400;
const KILLS: usize = 40;

/// Kinds of messages, each in a lane of its own.
const PURPOSES: usize = 2;

/// A sender is killed after so many requests, or fewer.
const REQUESTS: usize = 25;

/// Between two lives: whatever the dead one held is given up meanwhile.
const BETWEEN_MS: i64 = 3 * 60_000;

/// Microseconds: the gateway takes up to so long twice for an answer, so that
/// there is time to die in.
const SLOW: usize = 1500;

/// A gateway that can be asked about a message: none is lost, none is doubled,
/// none stays uncertain.
pub fn asked() -> Outcome {
    let seen = survive(GatewayKind::Demo)?;
    if seen.states.contains_key("uncertain") {
        return Err(format!("it was asked, and some are still uncertain: {seen}"));
    }
    if seen.times.values().any(|times| *times != 1) || seen.times.len() != MESSAGES {
        return Err(format!("not every message was taken once: {seen}"));
    }
    Ok(format!("{seen}"))
}

/// One that cannot: none is doubled, and each that may be lost says so.
pub fn not_asked() -> Outcome {
    let seen = survive(GatewayKind::Kannel)?;
    if !seen.states.contains_key("uncertain") {
        return Err(format!("no answer was lost, the test is blind: {seen}"));
    }
    Ok(format!("{seen}"))
}

/// What the gateway and the outbox say in the end.
struct Seen {
    kills: usize,
    /// Text to how often the gateway took it.
    times: HashMap<String, usize>,
    /// How many messages are in each state.
    states: BTreeMap<String, usize>,
    /// How many of each kind had been on their way when their sender died.
    cut: BTreeMap<String, i64>,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, times, states, cut } = self;
        let taken = times.len();
        write!(f, "{kills} kills, {cut:?} cut off on their way, {taken} taken, {states:?}")
    }
}

fn survive(kind: GatewayKind) -> Result<Seen, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut peer = Peer::start(kind).await;
        prepare(folder.path(), kind, &peer.address).await;
        let (mut chance, mut now) = (Chance::new(3), Timestamp::from_unix_ms(NOW));
        let mut kills = 0;
        while kills < KILLS && peer.let_one_live(folder.path(), now, &mut chance) {
            kills += 1;
            now = now.plus_ms(BETWEEN_MS);
        }
        let clinic = TestClinic::clinic_in(folder.path(), now).await;
        finish(&clinic).await;
        let seen = compare(folder.path(), kills, &peer).await?;
        clinic.vault.close().await;
        if seen.cut.len() != PURPOSES {
            return Err(format!(
                "nobody was killed in one of the lanes, the test is blind: {seen}"
            ));
        }
        Ok(seen)
    })
}

async fn prepare(folder: &Path, kind: GatewayKind, address: &str) {
    let clinic = TestClinic::clinic_in(folder, Timestamp::from_unix_ms(NOW)).await;
    let change = GatewayChange {
        kind,
        endpoint: address.to_owned(),
        username: "clinic".to_owned(),
        password: "password".to_owned(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let console = Actor::console().grant().unwrap();
    let terms = Terms { per_minute: 60_000, ..Terms::usual(kind) };
    setup::save_gateway(&clinic.vault, &console, None, &change, terms).await.unwrap();
    let register: Grant<RegisterPatient> = Actor::console().grant().unwrap();
    let name = Name::new("Сейтқали", "Қанат", "");
    let person = NewPatient { name, phones: vec![phone()], ..NewPatient::default() };
    let patient = patients::register(&clinic.vault, &register, &person).await.unwrap();
    let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
    let wanted = clinic.vault.change(&grant, async |tx| {
        for number in 0..MESSAGES {
            messaging::enqueue(tx, &clinic, &message(number, patient)).await?;
        }
        Ok::<_, MessagingError>(((), Event::new("test.wanted", Subject::Clinic)))
    });
    wanted.await.unwrap();
    clinic.vault.close().await;
}

fn phone() -> Phone {
    Phone::parse("8 701 000 00 01").unwrap()
}

/// By turns a code, for which somebody waits, and word of a booking, for which
/// nobody does: they leave in different lanes. Each text is another.
fn message(number: usize, patient: PatientId) -> NewMessage {
    let code = format!("{number:06}");
    let (patient_id, purpose, kind) = if number.is_multiple_of(2) {
        (None, Purpose::BookingCode, "booking_code")
    } else {
        (Some(patient), Purpose::BookingMade, "appointment")
    };
    let values = Values::new().with(Variable::Code, &code).with(Variable::Date, "1 желтоқсан");
    NewMessage {
        patient_id,
        purpose,
        about: About::new(kind, &code),
        language: Language::Kk,
        to: phone().into(),
        values: values.with(Variable::Time, &code).with(Variable::Link, "https://clinic.example"),
        secret: None,
        not_after: Timestamp::from_unix_ms(NOW).plus_ms(30 * 24 * 3_600_000),
        first_by: None,
    }
}

/// Lets the outbox come to rest, without anybody being killed.
async fn finish(clinic: &Clinic) {
    for _ in 0..200 {
        run_due(clinic, &Hooks::new()).await.unwrap();
        clinic.clock().advance_ms(60_000);
    }
}

async fn compare(folder: &Path, kills: usize, peer: &Peer) -> Result<Seen, String> {
    let times = peer.taken.lock().unwrap().clone();
    let options = connect_options(&Places::database(folder), &TestClinic::database_key());
    let mut database = options.read_only(true).connect().await.unwrap();
    let rows = sqlx::query("SELECT text, state FROM message").fetch_all(&mut database).await;
    let rows = rows.unwrap();
    if rows.len() != MESSAGES {
        return Err(format!("{} of {MESSAGES} messages are in the outbox", rows.len()));
    }
    let mut states = BTreeMap::new();
    for row in rows {
        let (text, state): (String, String) = (row.get(0), row.get(1));
        match (state.as_str(), times.get(&text).copied().unwrap_or_default()) {
            ("accepted" | "delivered", 1) | ("uncertain", 0 | 1) => {}
            (_, times) => return Err(format!("one is {state} and was taken {times} times")),
        }
        *states.entry(state).or_default() += 1;
    }
    let cut = "SELECT purpose, count(DISTINCT message_id) FROM message_state AS s
        JOIN message AS m ON m.id = s.message_id WHERE s.reason = 'worker_died' GROUP BY purpose";
    let cut: Vec<(String, i64)> = sqlx::query_as(cut).fetch_all(&mut database).await.unwrap();
    Ok(Seen { kills, times, states, cut: cut.into_iter().collect() })
}

type Taken = Arc<Mutex<HashMap<String, usize>>>;

/// A gateway that writes down what it took.
struct Peer {
    address: String,
    taken: Taken,
    /// One for each request that came.
    arrivals: Receiver<()>,
}

#[derive(Clone)]
struct Book {
    taken: Taken,
    /// Texts by our reference.
    known: Arc<Mutex<HashMap<String, String>>>,
    arrived: Sender<()>,
    chance: Arc<Mutex<Chance>>,
}

impl Peer {
    async fn start(kind: GatewayKind) -> Self {
        let (arrived, arrivals) = channel();
        let taken = Taken::default();
        let chance = Arc::new(Mutex::new(Chance::new(4)));
        let book = Book { taken: taken.clone(), known: Arc::default(), arrived, chance };
        let routes = match kind {
            GatewayKind::Demo => Router::new()
                .route("/", post(take_demo).get(async || StatusCode::OK))
                .route("/{reference}", get(tell_demo)),
            _ => Router::new().route("/", get(take_kannel)),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes.with_state(book)).await });
        Self { address, taken, arrivals }
    }

    /// Runs a sender and kills it after some requests and a moment more. False
    /// when none came: there is nothing left to send.
    fn let_one_live(&mut self, folder: &Path, now: Timestamp, chance: &mut Chance) -> bool {
        while self.arrivals.try_recv().is_ok() {}
        let mut child = sender::command(sender::ROLE, folder, now).spawn().unwrap();
        let enough = 1 + chance.below(REQUESTS);
        let came = (0..enough)
            .take_while(|_| self.arrivals.recv_timeout(Duration::from_secs(10)).is_ok())
            .count();
        std::thread::sleep(up_to(3 * SLOW, chance));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        0 < came
    }
}

fn up_to(microseconds: usize, chance: &mut Chance) -> Duration {
    Duration::from_micros(u64::try_from(chance.below(microseconds)).unwrap())
}

impl Book {
    /// Takes a message somewhere between the request and the answer.
    async fn take(&self, text: String) {
        let _ = self.arrived.send(());
        self.dawdle().await;
        *self.taken.lock().unwrap().entry(text).or_default() += 1;
        self.dawdle().await;
    }

    async fn dawdle(&self) {
        let wait = up_to(SLOW, &mut self.chance.lock().unwrap());
        tokio::time::sleep(wait).await;
    }
}

async fn take_demo(State(book): State<Book>, Json(sms): Json<DemoSms>) -> StatusCode {
    book.known.lock().unwrap().insert(sms.reference.to_string(), sms.text.clone());
    book.take(sms.text).await;
    StatusCode::ACCEPTED
}

async fn tell_demo(State(book): State<Book>, UrlPath(reference): UrlPath<String>) -> StatusCode {
    let text = book.known.lock().unwrap().get(&reference).cloned().unwrap_or_default();
    let is_taken = book.taken.lock().unwrap().contains_key(&text);
    if is_taken { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn take_kannel(
    State(book): State<Book>,
    Query(mut fields): Query<HashMap<String, String>>,
) -> (StatusCode, &'static str) {
    let Some(text) = fields.remove("text") else { return (StatusCode::BAD_REQUEST, "") };
    book.take(text).await;
    (StatusCode::ACCEPTED, "0: Accepted for delivery")
}
