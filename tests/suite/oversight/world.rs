//! An invented clinic: who works there and when, who is treated, what a day's
//! entries are made of. The same seed gives the same year.

use std::collections::{BTreeMap, HashMap, HashSet};

use tirkeu::audit::findings::facts::{Kin, Person, Place, Roster, Trace, Visit};
use tirkeu::clock::{Civil, Day, Timestamp, Zone};
use tirkeu::ids::PatientId;
use tirkeu::schedule::Span;

pub const PATIENTS: u64 = 5_000;
pub const RECEPTION: [&str; 3] = ["reception-1", "reception-2", "reception-3"];
pub const DOCTORS: [&str; 5] = ["doctor-1", "doctor-2", "doctor-3", "doctor-4", "doctor-5"];
/// Joins in the year's second half, when `reception-2` leaves.
pub const NEWCOMER: &str = "reception-4";
/// The clinic's own network, those of homes, and one of nobody.
pub const LAN: &str = "10.0.4";
pub const FOREIGN: &str = "185.22.7";

/// `SplitMix64`: small, and the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From the first up to and with the last.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.next() % (last - first + 1)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub fn one_of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let at = usize::try_from(self.between(0, things.len() as u64 - 1)).unwrap();
        &things[at]
    }
}

/// An appointment, and since when it is known.
#[derive(Clone)]
pub struct Booked {
    pub patient: PatientId,
    pub known_since: Day,
    pub visit: Visit,
}

/// An entry in the making; `misdeed` is which of the year's misdeeds it is part of.
pub struct Draft {
    pub trace: Trace,
    pub misdeed: Option<usize>,
}

pub struct World {
    pub dice: Dice,
    pub zone: Zone,
    pub first: Day,
    pub people: HashMap<String, Person>,
    pub kin: HashMap<String, HashMap<PatientId, Kin>>,
    pub watched: HashSet<PatientId>,
    pub by_day: BTreeMap<Day, Vec<Booked>>,
    pub by_patient: HashMap<PatientId, Vec<Booked>>,
    /// Which browser each person uses; changes when a computer is replaced.
    pub devices: HashMap<String, &'static str>,
    pub sick: HashSet<(String, Day)>,
    /// Whether nothing happens that an officer might ask about for nothing.
    pub quiet: bool,
}

pub fn patient(number: u64) -> PatientId {
    format!("00000000-0000-7000-8000-{number:012x}").parse().unwrap()
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let first = Day::new(2026, 1, 5).unwrap();
        let mut people = HashMap::new();
        let mut devices = HashMap::new();
        let roles = [
            ("owner", "owner"),
            ("cashier", "cashier"),
            ("officer", "compliance"),
            ("sysadmin", "sysadmin"),
        ];
        let desk = RECEPTION.iter().map(|id| (*id, "reception"));
        let doctors = DOCTORS.iter().map(|id| (*id, "doctor"));
        for (id, role) in roles.into_iter().chain(desk).chain(doctors) {
            let since = Some(first.plus_days(-400));
            let person = Person { role: role.to_owned(), since, ..Person::default() };
            people.insert(id.to_owned(), person);
            devices.insert(id.to_owned(), "Chrome, Windows");
        }
        // Every colleague has a card here, and each second one a relative's.
        let mut kin: HashMap<String, HashMap<PatientId, Kin>> = HashMap::new();
        let ids: Vec<&str> = RECEPTION.iter().chain(&DOCTORS).copied().collect();
        for (at, id) in (0_u64..).zip(ids) {
            let cards = kin.entry(id.to_owned()).or_default();
            cards.insert(patient(10 + at), Kin::Own);
            if at % 2 == 0 {
                cards.insert(patient(30 + at), Kin::Relative);
            }
        }
        let watched = (0..6).map(|at| patient(50 + at)).collect();
        let mut sick = HashSet::new();
        for doctor in DOCTORS {
            for _ in 0..6 {
                let day = first.plus_days(i64::try_from(dice.between(0, 364)).unwrap());
                sick.insert((doctor.to_owned(), day));
            }
        }
        let zone = Zone::named("Asia/Almaty").unwrap();
        Self {
            dice,
            zone,
            first,
            people,
            kin,
            watched,
            by_day: BTreeMap::new(),
            by_patient: HashMap::new(),
            devices,
            sick,
            quiet: false,
        }
    }

    /// Somebody who is neither of the staff's circle nor watched.
    pub fn anybody(&mut self) -> PatientId {
        patient(self.dice.between(100, PATIENTS - 1))
    }

    pub fn is_open(day: Day) -> bool {
        day.weekday() != 7
    }

    /// Half of the doctors begin at nine and end at three; each has a day off.
    pub fn shift(&self, doctor: &str, day: Day) -> Option<Span> {
        let at = i64::try_from(DOCTORS.iter().position(|one| *one == doctor)?).unwrap();
        let off = i64::from(day.weekday()) == at + 1;
        if !Self::is_open(day) || off || self.sick.contains(&(doctor.to_owned(), day)) {
            return None;
        }
        let early = (at + day.days_since(self.first) / 7) % 2 == 0;
        Some(if early { Span { starts: 540, ends: 900 } } else { Span { starts: 780, ends: 1140 } })
    }

    pub fn roster(&self, day: Day) -> Roster {
        let shifts = DOCTORS
            .iter()
            .map(|doctor| (doctor.to_string(), self.shift(doctor, day).into_iter().collect()));
        let clinic = Self::is_open(day).then_some(Span { starts: 540, ends: 1140 });
        Roster { known: true, clinic, shifts: shifts.collect() }
    }

    pub fn at(&self, day: Day, minute: u64, second: u64) -> Timestamp {
        let (days, minute) = (minute / 1440, u16::try_from(minute % 1440).unwrap());
        let civil = Civil::new(day.plus_days(i64::try_from(days).unwrap()), minute).unwrap();
        self.zone.instant(civil).plus_ms(i64::try_from(second * 1000).unwrap())
    }

    /// An entry by somebody at a minute of the day, from their usual place.
    pub fn draft(&mut self, day: Day, minute: u64, actor: &str, act: &str) -> Draft {
        let second = self.dice.between(0, 59);
        let last = 20 + actor.bytes().map(u64::from).sum::<u64>() % 60;
        let trace = Trace {
            seq: 0,
            at: self.at(day, minute, second),
            actor: actor.to_owned(),
            role: self.people.get(actor).map_or_else(String::new, |person| person.role.clone()),
            act: act.to_owned(),
            why: None,
            ip: Some(format!("{LAN}.{last}")),
            device: self.devices.get(actor).map(|device| (*device).to_owned()),
            object: None,
            patients: Vec::new(),
        };
        Draft { trace, misdeed: None }
    }

    pub fn book(&mut self, patient: PatientId, known_since: Day, visit: Visit) {
        let booked = Booked { patient, known_since, visit };
        self.by_day.entry(booked.visit.day).or_default().push(booked.clone());
        self.by_patient.entry(patient).or_default().push(booked);
    }

    /// What was known on the evening of a day about these patients.
    pub fn visits(
        &self,
        patients: impl Iterator<Item = PatientId>,
        day: Day,
    ) -> HashMap<PatientId, Vec<Visit>> {
        let near = |one: &&Booked| {
            one.known_since <= day && (-180..=14).contains(&one.visit.day.days_since(day))
        };
        let of = |id: PatientId| {
            let all = self.by_patient.get(&id).map_or(&[][..], Vec::as_slice);
            all.iter().filter(near).map(|one| one.visit.clone()).collect()
        };
        patients.map(|id| (id, of(id))).collect()
    }
}

impl Draft {
    pub fn about(mut self, patient: PatientId) -> Self {
        self.trace.patients.push(patient);
        self
    }

    pub fn on(mut self, object: &str) -> Self {
        self.trace.object = Some(object.to_owned());
        self
    }

    pub fn because(mut self, reason: &str) -> Self {
        self.trace.why = Some(reason.to_owned());
        self
    }

    pub fn from(mut self, ip: &str, device: &str) -> Self {
        self.trace.ip = Some(ip.to_owned());
        self.trace.device = Some(device.to_owned());
        self
    }

    pub fn part_of(mut self, misdeed: usize) -> Self {
        self.misdeed = Some(misdeed);
        self
    }
}

/// Where somebody's entry came from, for what is known of places.
pub fn place_of(trace: &Trace) -> Option<(String, Place)> {
    Some((trace.actor.clone(), trace.place()?))
}
