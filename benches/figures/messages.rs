//! An outbox of 50,000 due messages (a clinic's whole list after an outage, or a
//! campaign) through a gateway on this machine, at ten times the pace that SMSC
//! allows, while the desk looks at its day and somebody waits for a code.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use tirkeu::clinic::Clinic;
use tirkeu::clock::Timestamp;
use tirkeu::contact::Phone;
use tirkeu::contact::name::Name;
use tirkeu::i18n::Language;
use tirkeu::ids::PatientId;
use tirkeu::messaging::gateway::DemoSms;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::text::{Purpose, Values, Variable};
use tirkeu::messaging::{self, About, Hooks, MessagingError, NewMessage};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{Role, SendMessages};
use tirkeu::vault::{Actor, Event, Grant, Subject};
use tirkeu::web::SESSION_COOKIE;

use crate::booking::BusyClinic;
use crate::measure::line;
use crate::pages::{DAY_PAGE, ask_often, serve};
use crate::support::{NOW, TestClinic};

const MESSAGES: usize = 50_000;
const IN_ONE_CHANGE: usize = 1000;
/// A minute; SMSC allows 3,000.
const PACE: u32 = 30_000;
/// Codes in texts are at least this; places in the order of urgency are below.
const CODES: usize = 900_000;
/// What the worker has in its hands may pass each other.
const OUT_OF_ORDER: usize = 100;
const BOOKED: usize = 60;
const CLIENTS: usize = 8;
const PHONE: &str = "8 701 000 00 01";

pub async fn all() {
    let busy = BusyClinic::open().await;
    for _ in 0..BOOKED {
        busy.book_next().await;
    }
    let desk = busy.clinic.sign_in(Role::Reception).await;
    let cookie = format!("{SESSION_COOKIE}={}", desk.session.cookie_value());
    let (ours, stop) = serve(busy.clinic.staff.clone()).await;
    let peer = Peer::start().await;
    fill(&busy.clinic, &peer.address).await;

    let mut quiet = Vec::new();
    for _ in 0..3 {
        quiet.push(ask_often(&ours, CLIENTS, DAY_PAGE, &cookie).await);
    }
    quiet.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let begun = Instant::now();
    let clinic = busy.clinic.clinic.clone();
    // The clinic's clock stands still unless somebody moves it.
    let ticking = tokio::spawn({
        let clock = clinic.clock().clone();
        async move {
            loop {
                let before = Instant::now();
                tokio::time::sleep(Duration::from_millis(10)).await;
                clock.advance_ms(i64::try_from(before.elapsed().as_millis()).unwrap());
            }
        }
    });
    let working = tokio::spawn(messaging::run(clinic, Hooks::new()));
    let asking = tokio::spawn(ask_for_codes(busy.clinic.clinic.clone(), peer.taken.clone()));
    let mut laden = Vec::new();
    while peer.count() < MESSAGES {
        laden.push(ask_often(&ours, CLIENTS, DAY_PAGE, &cookie).await);
    }
    let seconds = peer.times().last().unwrap().duration_since(begun).as_secs_f64();
    asking.abort();
    working.abort();
    ticking.abort();
    drop(stop);

    peer.check();
    println!(
        "{MESSAGES} messages left in {seconds:.0} s, {:.0}/s, at most {} in a second (limit {}), \
         each once, the soonest useless first (at most {} places out of order)",
        MESSAGES as f64 / seconds,
        peer.most_in_a_second(),
        PACE / 60,
        peer.most_out_of_order(),
    );
    let mut waited = peer.waited();
    waited.sort_unstable();
    println!(
        "{} codes were asked for meanwhile: p50 {:.0?}, at most {:.0?} until they left",
        waited.len(),
        waited[waited.len() / 2],
        waited[waited.len() - 1],
    );
    let what = "day page as messages leave (bare: without)";
    let pairs = vec![quiet[1]; laden.len()];
    line(what, CLIENTS, laden, &pairs, "ratio >= 0.5");
}

async fn fill(clinic: &TestClinic, address: &str) {
    let change = GatewayChange {
        kind: GatewayKind::Demo,
        endpoint: address.to_owned(),
        username: String::new(),
        password: String::new(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let owner = clinic.grant(Role::Owner).await;
    let terms = Terms { per_minute: PACE, ..Terms::usual(GatewayKind::Demo) };
    setup::save_gateway(clinic.vault(), &owner, None, &change, terms).await.unwrap();
    let phones = vec![Phone::parse(PHONE).unwrap()];
    let name = Name::new("Сейтқали", "Қанат", "");
    let new = NewPatient { name, phones, language: Language::Kk, ..NewPatient::default() };
    let desk = clinic.grant(Role::Reception).await;
    let patient = patients::register(clinic.vault(), &desk, &new).await.unwrap();
    let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
    for from in (0..MESSAGES).step_by(IN_ONE_CHANGE) {
        let wanted = clinic.vault().change(&grant, async |tx| {
            for number in from..from + IN_ONE_CHANGE {
                messaging::enqueue(tx, &clinic.clinic, &message(patient, number)).await?;
            }
            Ok::<_, MessagingError>(((), Event::new("bench.wanted", Subject::Clinic)))
        });
        wanted.await.unwrap();
    }
}

/// Written in no order: the time in the text is the message's place in the order of
/// urgency.
fn message(patient: PatientId, number: usize) -> NewMessage {
    let place = number * 7919 % MESSAGES;
    let time = format!("{place:06}");
    let minutes = 24 * 60 * 60_000 + i64::try_from(place).unwrap() * 1000;
    NewMessage {
        patient_id: Some(patient),
        purpose: Purpose::BookingCancelled,
        about: About::new("appointment", &time),
        language: Language::Kk,
        to: Phone::parse(PHONE).unwrap().into(),
        values: Values::new().with(Variable::Date, "ертең").with(Variable::Time, &time),
        secret: None,
        not_after: Timestamp::from_unix_ms(NOW).plus_ms(minutes),
        first_by: None,
    }
}

/// Somebody books online every other second, and waits for a code.
async fn ask_for_codes(clinic: Clinic, taken: Taken) {
    let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
    for number in CODES.. {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let code = number.to_string();
        let message = NewMessage {
            patient_id: None,
            purpose: Purpose::BookingCode,
            about: About::new("booking_code", &code),
            language: Language::Kk,
            to: Phone::parse(PHONE).unwrap().into(),
            values: Values::new().with(Variable::Code, &code),
            secret: None,
            not_after: clinic.clock().now().plus_ms(10 * 60_000),
            first_by: None,
        };
        taken.lock().unwrap().asked.insert(number, Instant::now());
        let wanted = clinic.vault.change(&grant, async |tx| {
            messaging::enqueue(tx, &clinic, &message).await?;
            let event = Event::new("bench.wanted", Subject::Clinic).touching(messaging::TOPIC);
            Ok::<_, MessagingError>(((), event))
        });
        wanted.await.unwrap();
    }
}

/// A gateway that notes when each message came.
struct Peer {
    address: String,
    taken: Taken,
}

type Taken = Arc<Mutex<Log>>;

#[derive(Default)]
struct Log {
    /// Those of the backlog, by their place in the order of urgency.
    came: Vec<(usize, Instant)>,
    /// When codes were asked for, and when they came.
    asked: HashMap<usize, Instant>,
    codes: HashMap<usize, Instant>,
}

impl Peer {
    async fn start() -> Self {
        let taken = Taken::default();
        let routes = Router::new()
            .route("/", post(take).get(async || StatusCode::OK))
            .route("/{reference}", get(async |_: Path<String>| StatusCode::NO_CONTENT))
            .with_state(taken.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, taken }
    }

    fn count(&self) -> usize {
        self.taken.lock().unwrap().came.len()
    }

    fn times(&self) -> Vec<Instant> {
        self.taken.lock().unwrap().came.iter().map(|(_, at)| *at).collect()
    }

    /// Places in the order of urgency, in the order of arrival.
    fn places(&self) -> Vec<usize> {
        self.taken.lock().unwrap().came.iter().map(|(place, _)| *place).collect()
    }

    /// How long codes were waited for.
    fn waited(&self) -> Vec<Duration> {
        let log = self.taken.lock().unwrap();
        log.codes.iter().map(|(code, at)| at.duration_since(log.asked[code])).collect()
    }

    fn check(&self) {
        let mut times: HashMap<usize, usize> = HashMap::new();
        for place in self.places() {
            *times.entry(place).or_default() += 1;
        }
        assert_eq!((times.len(), self.count()), (MESSAGES, MESSAGES), "each message once");
        assert!(self.most_out_of_order() <= OUT_OF_ORDER, "the most urgent first");
        let second = usize::try_from(PACE / 60).unwrap();
        assert!(self.most_in_a_second() <= 2 * second + 2, "within the limit and a second's worth");
    }

    fn most_out_of_order(&self) -> usize {
        let places = self.places().into_iter().enumerate();
        places.map(|(at, place)| at.abs_diff(place)).max().unwrap_or_default()
    }

    fn most_in_a_second(&self) -> usize {
        let times = self.times();
        let mut most = 0;
        let mut from = 0;
        for (index, at) in times.iter().enumerate() {
            while Duration::from_secs(1) < at.duration_since(times[from]) {
                from += 1;
            }
            most = most.max(index - from + 1);
        }
        most
    }
}

async fn take(State(taken): State<Taken>, Json(sms): Json<DemoSms>) -> StatusCode {
    let digits: String = sms.text.chars().filter(char::is_ascii_digit).take(6).collect();
    let number: usize = digits.parse().unwrap();
    let mut log = taken.lock().unwrap();
    if number < CODES {
        log.came.push((number, Instant::now()));
    } else {
        log.codes.insert(number, Instant::now());
    }
    StatusCode::ACCEPTED
}
