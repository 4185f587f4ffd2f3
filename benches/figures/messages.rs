//! An outbox of 50,000 due messages (a clinic's whole list after an outage, or a
//! campaign) through a gateway on this machine, at ten times the pace that SMSC
//! allows, while the desk looks at its day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use tirkeu::clock::Timestamp;
use tirkeu::contact::Phone;
use tirkeu::i18n::Language;
use tirkeu::messaging::gateway::DemoSms;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::text::{Purpose, Values, Variable};
use tirkeu::messaging::{self, About, Hooks, MessagingError, NewMessage};
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
/// What the worker has in its hands may pass each other.
const OUT_OF_ORDER: usize = 100;
const BOOKED: usize = 60;
const CLIENTS: usize = 8;

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
    let mut laden = Vec::new();
    while peer.count() < MESSAGES {
        laden.push(ask_often(&ours, CLIENTS, DAY_PAGE, &cookie).await);
    }
    let seconds = peer.times().last().unwrap().duration_since(begun).as_secs_f64();
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
    };
    let owner = clinic.grant(Role::Owner).await;
    let terms = Terms { per_minute: PACE, ..Terms::usual(GatewayKind::Demo) };
    setup::save_gateway(clinic.vault(), &owner, None, &change, terms).await.unwrap();
    let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
    for from in (0..MESSAGES).step_by(IN_ONE_CHANGE) {
        let wanted = clinic.vault().change(&grant, async |tx| {
            for number in from..from + IN_ONE_CHANGE {
                messaging::enqueue(tx, &clinic.clinic, &message(number)).await?;
            }
            Ok::<_, MessagingError>(((), Event::new("bench.wanted", Subject::Clinic)))
        });
        wanted.await.unwrap();
    }
}

/// Written in no order: the code in the text is the message's place in the
/// order of urgency.
fn message(number: usize) -> NewMessage {
    let place = number * 7919 % MESSAGES;
    let code = format!("{place:06}");
    let minutes = 24 * 60 * 60_000 + i64::try_from(place).unwrap() * 1000;
    NewMessage {
        patient_id: None,
        purpose: Purpose::BookingCode,
        about: About::new("booking_code", &code),
        language: Language::Kk,
        to: Phone::parse("8 701 000 00 01").unwrap().into(),
        values: Values::new().with(Variable::Code, &code),
        secret: None,
        not_after: Timestamp::from_unix_ms(NOW).plus_ms(minutes),
    }
}

/// A gateway that notes when each message came.
struct Peer {
    address: String,
    taken: Taken,
}

type Taken = Arc<Mutex<Vec<(String, Instant)>>>;

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
        self.taken.lock().unwrap().len()
    }

    fn times(&self) -> Vec<Instant> {
        self.taken.lock().unwrap().iter().map(|(_, at)| *at).collect()
    }

    /// Places in the order of urgency, in the order of arrival.
    fn places(&self) -> Vec<usize> {
        let taken = self.taken.lock().unwrap();
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        let place = |text: &str| String::from_utf8(digits(text)).unwrap()[..6].parse().unwrap();
        taken.iter().map(|(text, _)| place(text)).collect()
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
    taken.lock().unwrap().push((sms.text, Instant::now()));
    StatusCode::ACCEPTED
}
