//! A clinic to which things happen in random order.

use std::collections::HashMap;

use tirkeu::booking::{self, Appointment, CancelReason, Moving, NewAppointment, Status};
use tirkeu::clinic::{Clinic, Kept};
use tirkeu::clock::{Civil, Clock};
use tirkeu::crypto::Random;
use tirkeu::ids::{AppointmentId, PatientId};
use tirkeu::messaging::run_due;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayId, GatewayKind, Terms};
use tirkeu::reminders::chain;
use tirkeu::vault::Vault;
use tirkeu::vault::permission::Role;

use crate::booking::time;
use crate::peers::smsc::{LOGIN, Mood, PASSWORD};
use crate::reminders::Desk;
use crate::support::TestClinic;

/// Visits of one order: three at first.
const MOST_VISITS: usize = 12;

/// The events are so many; some of them are answers: yes, no, another time.
pub const KINDS: u32 = 28;
pub const ANSWERS: [i64; 4] = [0, 0, 2, 4];

/// Messages that a worker has in its hands at most.
const IN_HANDS: usize = 4;

const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// A visit as those who answered for it know it.
#[derive(Debug)]
pub struct Known {
    pub id: AppointmentId,
    patient: PatientId,
    pub starts: Civil,
    pub status: Status,
    /// The time for which somebody said yes.
    agreed: Option<Civil>,
}

impl Known {
    pub fn stands(&self) -> bool {
        matches!(self.status, Status::Booked | Status::Confirmed)
    }

    pub fn is_answered(&self) -> bool {
        !self.stands() || self.status == Status::Confirmed && self.agreed == Some(self.starts)
    }
}

/// A clinic to which things happen, and what was seen of it.
pub struct World {
    seed: u64,
    random: Random,
    pub desk: Desk,
    pub visits: Vec<Known>,
    /// Messages of the gateway that were looked at.
    pub looked: usize,
    /// How often each step of a visit's round was handed over.
    pub told: HashMap<String, usize>,
    orders: Vec<String>,
}

impl World {
    pub async fn open(seed: u64) -> Self {
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
        // A server that never looked does not look back.
        chain::remind_due(world.clinic()).await.unwrap();
        world
    }

    pub fn below(&self, bound: u32) -> i64 {
        i64::from(self.random.below(bound))
    }

    pub fn clinic(&self) -> &Clinic {
        &self.desk.day.clinic.clinic
    }

    pub fn now(&self) -> Civil {
        self.clinic().profile.get().zone.civil(self.clinic().clock().now())
    }

    pub fn wrong(&self, what: &str) -> String {
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

    pub fn pick<T: Copy>(&self, some: &[T]) -> T {
        some[usize::try_from(self.below(u32::try_from(some.len()).unwrap())).unwrap()]
    }

    /// Something happens. What is not allowed just now is refused, and that is fine.
    pub async fn event(&mut self, what: i64) {
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

    pub fn passes(&self, ms: i64) {
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
    pub async fn dies(&mut self) {
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
}
