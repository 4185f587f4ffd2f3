//! Random orders of what may happen to visits, their gateway and their server,
//! on a real database: whoever has answered is not reminded, nobody is reminded
//! twice, and no step is passed over in silence. What counts is what the gateway
//! was handed. The same rules without a database: `src/reminders/chain/tests.rs`.

use std::collections::{BTreeMap, HashMap};

use tirkeu::booking::{self, Appointment, CancelReason, Moving, NewAppointment, Status};
use tirkeu::clinic::{Clinic, Kept};
use tirkeu::clock::{Civil, Clock};
use tirkeu::crypto::Random;
use tirkeu::ids::{AppointmentId, PatientId};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayId, GatewayKind, Terms};
use tirkeu::messaging::{State, run_due};
use tirkeu::reminders::chain::{self, Fate};
use tirkeu::vault::Vault;
use tirkeu::vault::permission::{Role, ViewMessages};

use crate::booking::time;
use crate::peers::smsc::{LOGIN, Mood, PASSWORD};
use crate::reminders::Desk;
use crate::support::TestClinic;

const SEEDS: u64 = 14;
const EVENTS: usize = 40;

/// Visits of one order: three at first.
const MOST_VISITS: usize = 12;

/// The events are so many; some of them are answers: yes, no, another time.
const KINDS: u32 = 28;
const ANSWERS: [i64; 4] = [0, 0, 2, 4];

/// Messages that a worker has in its hands at most.
const IN_HANDS: usize = 4;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A visit as those who answered for it know it.
#[derive(Debug)]
struct Known {
    id: AppointmentId,
    patient: PatientId,
    starts: Civil,
    status: Status,
    /// The time for which somebody said yes.
    agreed: Option<Civil>,
}

impl Known {
    fn stands(&self) -> bool {
        matches!(self.status, Status::Booked | Status::Confirmed)
    }

    fn is_answered(&self) -> bool {
        !self.stands() || self.status == Status::Confirmed && self.agreed == Some(self.starts)
    }
}

/// A clinic to which things happen, and what was seen of it.
struct World {
    seed: u64,
    random: Random,
    desk: Desk,
    visits: Vec<Known>,
    /// Messages of the gateway that were looked at.
    looked: usize,
    /// How often each step of a visit's round was handed over.
    told: HashMap<String, usize>,
    orders: Vec<String>,
}

/// What orders are to reach, or they try nothing.
#[derive(Default)]
struct Reached {
    reminders: usize,
    /// `state reason` of every message's steps, with how many.
    steps: BTreeMap<String, usize>,
}

impl World {
    async fn open(seed: u64) -> Self {
        let desk = Desk::open().await;
        let change = GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: desk.server.address.clone(),
            username: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let terms = Terms { per_minute: 60_000, ..Terms::usual(GatewayKind::Smsc) };
        let owner = desk.day.clinic.grant(Role::Owner).await;
        let first = Some(GatewayId::from_number(1));
        setup::save_gateway(desk.day.clinic.vault(), &owner, first, &change, terms).await.unwrap();
        // A family on one telephone.
        let patients = [desk.day.patient, desk.member("Алия").await, desk.member("Данияр").await];
        let mut world = Self {
            seed,
            random: Random::fixed(seed),
            desk,
            visits: Vec::new(),
            looked: 0,
            told: HashMap::new(),
            orders: Vec::new(),
        };
        for (patient, at) in patients.into_iter().zip(["10:00", "10:30", "11:00"]) {
            world.book(patient, &format!("2026-11-26T{at}")).await;
        }
        world
    }

    fn below(&self, bound: u32) -> i64 {
        i64::from(self.random.below(bound))
    }

    fn clinic(&self) -> &Clinic {
        &self.desk.day.clinic.clinic
    }

    fn now(&self) -> Civil {
        self.clinic().profile.get().zone.civil(self.clinic().clock().now())
    }

    fn wrong(&self, what: &str) -> String {
        format!(
            "seed {}: {what}, {:?} at {} after {:?}",
            self.seed,
            self.visits,
            self.now(),
            self.orders
        )
    }

    /// A time in one of the next days, in working hours.
    fn time_ahead(&self) -> String {
        let day = self.now().day().plus_days(self.below(5));
        format!("{day}T{:02}:{}", 9 + self.below(9), self.pick(&["00", "30"]))
    }

    async fn book(&mut self, patient: PatientId, starts: &str) {
        let doctors = [self.desk.day.anna, self.desk.day.bolat];
        for doctor in doctors {
            let new = NewAppointment {
                patient_id: patient,
                doctor_id: Some(doctor),
                ..self.desk.day.at(starts)
            };
            let Ok(made) = self.desk.day.try_book(&new).await else { continue };
            let known = Known {
                id: made.id,
                patient,
                starts: made.place.starts,
                status: made.status,
                agreed: None,
            };
            return self.visits.push(known);
        }
    }

    /// What the desk did to a visit, when it was allowed.
    fn note(&mut self, index: usize, done: Option<Appointment>) {
        let Some(done) = done else { return };
        let visit = &mut self.visits[index];
        visit.status = done.status;
        if visit.starts != done.place.starts {
            (visit.starts, visit.agreed) = (done.place.starts, None);
        }
    }

    /// Rather one that nobody has answered for.
    fn one_of_the_visits(&self) -> usize {
        let all = 0..self.visits.len();
        let open: Vec<usize> = all.clone().filter(|it| !self.visits[*it].is_answered()).collect();
        let some = if open.is_empty() || self.below(3) == 0 { all.collect() } else { open };
        self.pick(&some)
    }

    fn pick<T: Copy>(&self, some: &[T]) -> T {
        some[usize::try_from(self.below(u32::try_from(some.len()).unwrap())).unwrap()]
    }

    /// Something happens. What is not allowed just now is refused, and that is fine.
    async fn event(&mut self, what: i64) {
        let index = self.one_of_the_visits();
        self.orders.push(format!("{what} of {index}"));
        let (id, patient) = (self.visits[index].id, self.visits[index].patient);
        let (book, attend) = (&self.desk.day.book, &self.desk.day.attend);
        let clinic = self.clinic();
        match what {
            0 => {
                let done = booking::confirm(clinic, attend, id).await.ok();
                if done.is_some() {
                    self.visits[index].agreed = Some(self.visits[index].starts);
                }
                self.note(index, done);
            }
            2 => {
                let reason = self.pick(&[CancelReason::Patient, CancelReason::Clinic]);
                let done = booking::cancel(clinic, book, id, reason).await.ok();
                self.note(index, done);
            }
            3 => {
                let done = booking::undo(clinic, attend, id, "x").await.ok();
                self.note(index, done);
            }
            4 | 5 => self.moves(index).await,
            6 => {
                let done = booking::arrive(clinic, attend, id).await.ok();
                self.note(index, done);
            }
            1 | 7 | 15 if self.visits.len() < MOST_VISITS => {
                let starts = if self.visits[index].status == Status::Cancelled {
                    self.visits[index].starts.to_string() // the same time once more
                } else {
                    self.time_ahead()
                };
                self.book(patient, &starts).await;
            }
            8 | 9 => self.gateway_fails(),
            10 => self.desk.server.be_mute(),
            11 => self.desk.server.recover(),
            12 => self.restart().await,
            // The clock jumps.
            13 => self.passes(-(5 + self.below(30 * 60)) * MINUTE),
            14 => self.passes((12 + self.below(40)) * HOUR),
            16 => self.passes(self.below(9 * 60) * MINUTE),
            _ => self.step_comes(),
        }
    }

    async fn moves(&mut self, index: usize) {
        let visit = &self.visits[index];
        let known = format!("SELECT '' || version FROM appointment WHERE id = '{}'", visit.id);
        let version = self.desk.day.clinic.rows(&known).await[0].parse().unwrap();
        let to = Moving { starts: Some(time(&self.time_ahead())), ..Moving::default() };
        let book = &self.desk.day.book;
        let done = booking::move_to(self.clinic(), book, visit.id, version, &to).await.ok();
        self.note(index, done.map(|moved| moved.now));
    }

    /// Something goes wrong with the next messages.
    fn gateway_fails(&self) {
        let moods = [
            Mood::FailsAfter,
            Mood::Mistaken,
            Mood::Garbage,
            Mood::FailsBefore,
            Mood::Refuses(3),
            Mood::Refuses(6),
            Mood::Redirects,
        ];
        for _ in 0..=self.below(3) {
            self.desk.server.next(self.pick(&moods));
        }
    }

    /// The time of the next step of a visit comes, and a little more.
    fn step_comes(&self) {
        let before = [2880, 1440, 120];
        let steps = self.visits.iter().filter(|visit| !visit.is_answered()).flat_map(|visit| {
            before.map(|before| visit.starts.plus_minutes(-before).minutes_since(self.now()))
        });
        let next = steps.filter(|minutes| 0 < *minutes).min().unwrap_or(60);
        self.passes((next + self.below(40)) * MINUTE);
    }

    fn passes(&self, ms: i64) {
        self.clinic().clock().advance_ms(ms);
    }

    /// The server is started anew: what only the process knew is gone.
    async fn restart(&mut self) {
        let old = self.clinic().clone();
        old.vault.clone().close().await;
        let clock = Clock::fixed(old.clock().now());
        let (database, key) = (self.desk.day.clinic.database(), TestClinic::database_key());
        let vault = Vault::open(&database, &key, clock).await.unwrap();
        self.desk.day.clinic.clinic = Clinic { vault, kept: Kept::default(), ..old };
    }

    /// The server dies while it hands over: of some messages the gateway knows, of
    /// others it does not, and nobody has an answer.
    async fn dies(&mut self) {
        self.desk.server.recover();
        for _ in 0..IN_HANDS {
            let mood = self.pick(&[Mood::Silent, Mood::Silent, Mood::Lost]);
            self.desk.server.next(mood);
        }
        let held =
            "SELECT coalesce(group_concat(quote(id)), '') FROM message WHERE state = 'sending'";
        let held = self.desk.day.clinic.rows(held).await.remove(0);
        let handed = self.desk.server.handed();
        let clinic = self.clinic().clone();
        let worker =
            tokio::spawn(async move { run_due(&clinic, &tirkeu::app::message_hooks()).await });
        while !worker.is_finished() {
            let (holds, left) = self.in_hands(&held).await;
            let is_handed = holds == self.desk.server.handed() - handed;
            if is_handed && (left == 0 || IN_HANDS <= holds) {
                break;
            }
        }
        worker.abort();
        drop(worker.await);
        self.desk.server.recover();
        self.orders.push("died".to_owned());
        self.restart().await;
    }

    /// How many messages are on their way but those that were before, and how many
    /// could be.
    async fn in_hands(&self, before: &str) -> (usize, usize) {
        let now = self.clinic().clock().now().unix_ms();
        let count = format!(
            "SELECT count(*) FILTER (WHERE state = 'sending' AND id NOT IN ({before})) || ' '
                || count(*) FILTER (WHERE state = 'queued' AND due_at <= {now}) FROM message"
        );
        let row = self.desk.day.clinic.rows(&count).await.remove(0);
        let (held, left) = row.split_once(' ').unwrap();
        (held.parse().unwrap(), left.parse().unwrap())
    }

    async fn works(&mut self) {
        self.desk.write().await;
        if self.below(4) != 0 {
            chain::remind_due(self.clinic()).await.unwrap();
        }
        // Somebody answers before the gateway has it.
        if self.below(5) == 0 {
            self.event(self.pick(&ANSWERS)).await;
            self.desk.write().await;
        }
        match self.below(8) {
            0 => self.dies().await,
            1 => {}
            _ => self.desk.send().await,
        }
        self.look().await;
    }

    /// What the gateway was handed since, against what is known of the visits.
    async fn look(&mut self) {
        let taken = self.desk.server.taken();
        let new: Vec<String> = taken[self.looked..].iter().map(|it| it.id.to_string()).collect();
        self.looked = taken.len();
        if new.is_empty() {
            return;
        }
        let what = format!(
            "SELECT m.purpose || ' ' || coalesce(t.appointment_id, m.object_id) || ' '
                || coalesce(t.round || '/' || t.step_id, '-') || ' ' || coalesce(t.starts, '-')
            FROM message AS m LEFT JOIN reminder_touch AS t ON t.message_id = m.id
            WHERE m.reference IN ({})",
            new.join(", ")
        );
        let rows = self.desk.day.clinic.rows(&what).await;
        assert!(new.len() <= rows.len(), "{}", self.wrong("a message of nobody's left"));
        for row in rows {
            self.check(&row);
        }
        let doubled = self.desk.server.doubled();
        assert!(doubled.is_empty(), "{}", self.wrong(&format!("handed over again: {doubled:?}")));
    }

    fn check(&mut self, row: &str) {
        let fields: Vec<&str> = row.split(' ').collect();
        let [purpose, id, key, starts] = fields[..] else { panic!("{row}") };
        let visit = self.visits.iter().find(|visit| visit.id.to_string() == id).unwrap();
        let now = self.now();
        let right = match purpose {
            "visit_reminder" | "family_reminder" => {
                let minute = now.minute_of_day();
                !visit.is_answered()
                    && (9 * 60..21 * 60).contains(&minute)
                    && now < visit.starts
                    && starts == visit.starts.to_string()
            }
            "booking_made" | "booking_moved" => visit.stands() && now < visit.starts,
            "booking_cancelled" => visit.status == Status::Cancelled,
            _ => false,
        };
        assert!(right, "{}", self.wrong(row));
        if key != "-" {
            let times = self.told.entry(format!("{id} {key}")).or_default();
            *times += 1;
            let once = *times == 1;
            assert!(once, "{}", self.wrong(&format!("told twice: {row}")));
        }
    }

    /// Everything is over, the gateway is well, and nothing is left to do.
    async fn end(&mut self) {
        self.desk.server.recover();
        let last = self.visits.iter().map(|visit| visit.starts).max().unwrap();
        while self.now() < last.plus_minutes(60) {
            self.passes(9 * HOUR);
            self.desk.write().await;
            chain::remind_due(self.clinic()).await.unwrap();
            self.desk.send().await;
            self.look().await;
        }
        // Whatever is uncertain is asked about, and what was not taken is too late.
        for _ in 0..3 {
            self.passes(30 * HOUR);
            self.desk.send().await;
        }
        self.look().await;
    }

    /// No step of a round that holds is without an outcome, and every outcome is shown.
    async fn no_gap(&self) {
        // What the desk moves into the past (Almaty is five hours ahead) is not reminded of.
        let gaps = "SELECT v.id || ' ' || coalesce(s.before_minutes, 'booking')
            FROM reminder_visit AS v
            JOIN reminder_step AS s ON s.service_id IS NULL
            LEFT JOIN reminder_touch AS t ON t.appointment_id = v.id AND t.round = v.round
                AND t.step_id = s.id AND t.outcome <> 'again'
            WHERE t.step_id IS NULL
                AND strftime('%Y-%m-%dT%H:%M', v.since / 1000 + 18000, 'unixepoch') < v.starts";
        let gaps = self.desk.day.clinic.rows(gaps).await;
        assert!(gaps.is_empty(), "{}", self.wrong(&format!("no outcome: {gaps:?}")));
        let see = self.desk.day.clinic.grant::<ViewMessages>(Role::Reception).await;
        for visit in &self.visits {
            let touches = chain::of_appointment(self.clinic(), &see, visit.id).await.unwrap();
            for line in touches.unwrap().lines {
                let shown = match &line.fate {
                    Fate::Written { message: Some(fate), .. } => match fate.state {
                        State::Queued | State::Sending => false,
                        State::Accepted | State::Delivered => true,
                        _ => fate.reason.is_some(),
                    },
                    Fate::Not { reason, .. } => reason.is_some(),
                    // It came to stand there when it was over.
                    Fate::Spared(_) => true,
                    _ => false,
                };
                assert!(shown, "{}", self.wrong(&format!("{line:?} of {}", visit.id)));
            }
        }
    }

    /// The outbox says of every message what the gateway says.
    async fn outbox_agrees(&self) {
        let taken = self.desk.server.taken();
        let all = "SELECT reference || ' ' || state || ' ' || purpose FROM message";
        for row in self.desk.day.clinic.rows(all).await {
            let fields: Vec<&str> = row.split(' ').collect();
            let times = taken.iter().filter(|it| it.id.to_string() == fields[0]).count();
            let right = match fields[1] {
                "accepted" | "delivered" => times == 1,
                "uncertain" => times <= 1,
                "withheld" | "expired" | "failed" => times == 0,
                _ => false,
            };
            assert!(right, "{}", self.wrong(&format!("taken {times} times: {row}")));
        }
    }
}

impl Reached {
    async fn add(&mut self, world: &World) {
        self.reminders += world.desk.reminders().len();
        let steps = "SELECT s.state || coalesce(' ' || s.reason, '') FROM message_state AS s
            JOIN message AS m ON m.id = s.message_id
            WHERE m.purpose IN ('visit_reminder', 'family_reminder')";
        for step in world.desk.day.clinic.rows(steps).await {
            *self.steps.entry(step).or_default() += 1;
        }
    }
}

#[tokio::test]
async fn random_orders_against_the_database_remind_nobody_wrongly_or_twice_and_leave_no_gap() {
    let mut reached = Reached::default();
    for seed in 1..=SEEDS {
        let mut world = World::open(seed).await;
        for _ in 0..EVENTS {
            let what = world.below(KINDS);
            world.event(what).await;
            world.works().await;
        }
        world.end().await;
        world.no_gap().await;
        world.outbox_agrees().await;
        assert_eq!(world.desk.server.violations(), Vec::<String>::new(), "seed {seed}");
        reached.add(&world).await;
    }
    let Reached { reminders, steps } = reached;
    for step in [
        "uncertain no_answer",
        "uncertain worker_died",
        "queued never_arrived",
        "withheld confirmed",
        "withheld cancelled",
        "withheld regrouped",
        "expired too_late",
    ] {
        assert!(steps.contains_key(step), "{step} was not tried: {steps:?}");
    }
    assert!(40 < reminders, "{reminders} {steps:?}");
}
