//! The year's misdeeds: what somebody should not have done, on which day, and
//! which rules may see it. Some are small on purpose: they stay below the limits.

use tirkeu::audit::findings::Rule;
use tirkeu::audit::findings::facts::{CodePhone, Emergency};
use tirkeu::clock::Day;

use super::work::desk;
use super::world::{DOCTORS, Draft, FOREIGN, RECEPTION, World, patient};

/// One misdeed, planned.
pub struct Misdeed {
    pub kind: Kind,
    pub day: Day,
    /// The rule that is meant for it.
    pub rule: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    MassHour,
    MassDay,
    Lists,
    DoctorPries,
    DeskPries,
    Night,
    Sunday,
    Famous,
    Family,
    OwnCard,
    Colleague,
    Papers,
    Iins,
    Emergency,
    StolenPassword,
    TwoPeople,
    Guessing,
    LeaverPapers,
    LeaverCards,
    Ghost,
    NewRights,
    SharedPhone,
    StaffPhone,
    Clock,
    Anchor,
    Denials,
    /// Five strangers on one day: below the desk's limit.
    Drip,
}

/// What does not stand in the day's entries.
#[derive(Default)]
pub struct Beside {
    pub emergencies: Vec<Emergency>,
    pub codes: Vec<CodePhone>,
    /// The day on which nobody takes the ledger's head away any more.
    pub no_anchor: bool,
}

/// What happens on which of the year's days, and how often.
const PLAN: [(Kind, Rule, u64); 27] = [
    (Kind::MassHour, Rule::MassViewing, 3),
    (Kind::MassDay, Rule::MassViewing, 1),
    (Kind::Lists, Rule::MassListing, 2),
    (Kind::DoctorPries, Rule::NoRelation, 4),
    (Kind::DeskPries, Rule::NoRelation, 2),
    (Kind::Night, Rule::OffHours, 2),
    (Kind::Sunday, Rule::OffHours, 1),
    (Kind::Famous, Rule::WatchedCard, 3),
    (Kind::Family, Rule::OwnFamily, 2),
    (Kind::OwnCard, Rule::OwnFamily, 1),
    (Kind::Colleague, Rule::Colleague, 3),
    (Kind::Papers, Rule::ExportBurst, 2),
    (Kind::Iins, Rule::UnmaskBurst, 1),
    (Kind::Emergency, Rule::EmergencyOpen, 1),
    (Kind::StolenPassword, Rule::NewDevice, 1),
    (Kind::TwoPeople, Rule::TwoPlaces, 1),
    (Kind::Guessing, Rule::Guessing, 2),
    (Kind::LeaverPapers, Rule::Leaving, 1),
    (Kind::LeaverCards, Rule::Leaving, 1),
    (Kind::Ghost, Rule::AfterLeaving, 1),
    (Kind::NewRights, Rule::RoleThenExport, 1),
    (Kind::SharedPhone, Rule::SharedPhone, 1),
    (Kind::StaffPhone, Rule::StaffPhone, 1),
    (Kind::Clock, Rule::ClockBack, 1),
    (Kind::Anchor, Rule::AnchorOverdue, 1),
    (Kind::Denials, Rule::ManyDenials, 1),
    (Kind::Drip, Rule::NoRelation, 1),
];

/// Working days after the first month, one for each misdeed.
pub fn plan(world: &mut World) -> Vec<Misdeed> {
    let mut taken = std::collections::BTreeSet::new();
    let mut planned = Vec::new();
    for (kind, rule, times) in PLAN {
        for _ in 0..times {
            let (first, last) = match kind {
                Kind::LeaverPapers | Kind::LeaverCards => (198, 208),
                Kind::Ghost => (220, 260),
                _ => (35, 355),
            };
            let day = loop {
                let of_year = i64::try_from(world.dice.between(first, last)).unwrap();
                let day = world.first.plus_days(of_year);
                let open =
                    if kind == Kind::Sunday { day.weekday() == 7 } else { World::is_open(day) };
                if open && taken.insert(day) {
                    break day;
                }
            };
            planned.push(Misdeed { kind, day, rule });
        }
    }
    planned
}

/// One misdeed as it is done: who is there, and where it is written down.
struct Scene<'a> {
    world: &'a mut World,
    day: Day,
    /// Its number in the plan.
    at: usize,
    /// At the desk, and a doctor who is on shift with the hour of it.
    who: &'static str,
    doctor: &'static str,
    minute: u64,
    entries: &'a mut Vec<Draft>,
    beside: &'a mut Beside,
}

/// Does one, as number `at` of the plan.
pub fn commit(
    world: &mut World,
    day: Day,
    kind: Kind,
    at: usize,
    entries: &mut Vec<Draft>,
    beside: &mut Beside,
) {
    let present = desk(world, day);
    let who = *world.dice.one_of(&present);
    let on_shift: Vec<&str> =
        DOCTORS.iter().copied().filter(|id| world.shift(id, day).is_some()).collect();
    let doctor = if on_shift.is_empty() { DOCTORS[0] } else { *world.dice.one_of(&on_shift) };
    let minute = world.shift(doctor, day).map_or(700, |shift| u64::from(shift.starts) + 120);
    let mut scene = Scene { world, day, at, who, doctor, minute, entries, beside };
    match kind {
        Kind::MassHour
        | Kind::MassDay
        | Kind::DoctorPries
        | Kind::DeskPries
        | Kind::Night
        | Kind::Sunday
        | Kind::LeaverCards
        | Kind::Ghost
        | Kind::Drip => scene.strangers(kind),
        Kind::Famous | Kind::Family | Kind::OwnCard | Kind::Colleague => scene.curiosity(kind),
        Kind::Lists | Kind::Papers | Kind::Iins | Kind::LeaverPapers | Kind::NewRights => {
            scene.taking(kind);
        }
        Kind::StolenPassword | Kind::TwoPeople | Kind::Guessing | Kind::Denials | Kind::Clock => {
            scene.doors(kind);
        }
        Kind::Emergency => scene.emergency(),
        Kind::SharedPhone => scene.phone(4, false),
        Kind::StaffPhone => scene.phone(1, true),
        Kind::Anchor => scene.beside.no_anchor = true,
    }
}

impl Scene<'_> {
    fn dice(&mut self, first: u64, last: u64) -> u64 {
        self.world.dice.between(first, last)
    }

    fn write(&mut self, minute: u64, who: &str, act: &str) -> Draft {
        self.world.draft(self.day, minute, who, act).part_of(self.at)
    }

    fn keep(&mut self, draft: Draft) {
        self.entries.push(draft);
    }

    /// Cards of people who do not come these days: how many, and within what time.
    fn strangers(&mut self, kind: Kind) {
        let (who, doctor, minute) = (self.who, self.doctor, self.minute);
        let (one, start, within, many) = match kind {
            Kind::MassHour => (who, self.dice(600, 1000), 50, self.dice(55, 90)),
            Kind::MassDay => (who, 560, 560, self.dice(110, 140)),
            Kind::DoctorPries => (doctor, minute, 30, self.dice(1, 4)),
            Kind::DeskPries => (who, 800, 200, self.dice(18, 30)),
            Kind::Night => {
                let one = if self.world.dice.chance(50) { who } else { doctor };
                (one, self.dice(1330, 1400), 30, self.dice(3, 9))
            }
            Kind::LeaverCards => ("reception-2", 700, 300, self.dice(24, 36)),
            Kind::Ghost => ("reception-2", 700, 20, 3),
            Kind::Drip => (who, 600, 400, 5),
            _ => (who, 700, 60, 5),
        };
        for number in 0..many {
            let id = loop {
                let id = self.world.anybody();
                if !self.world.by_patient.contains_key(&id) {
                    break id;
                }
            };
            let seen = self.write(start + number * within / many, one, "patient.viewed").about(id);
            self.keep(seen);
        }
    }

    /// One look at one card that is somebody's.
    fn curiosity(&mut self, kind: Kind) {
        let all: Vec<&'static str> = RECEPTION.iter().chain(&DOCTORS).copied().collect();
        let of = |number: u64| all[usize::try_from(number).unwrap()];
        let (who, card, minute) = match kind {
            Kind::Famous => (self.doctor, 50 + self.dice(0, 5), self.minute),
            Kind::Colleague => {
                let number = self.dice(0, 7);
                let own = of(number) == self.doctor;
                (self.doctor, 10 + if own { (number + 1) % 8 } else { number }, self.minute)
            }
            _ => {
                let number = self.dice(0, 3) * 2;
                let shift = self.world.shift(of(number), self.day);
                let minute = shift.map_or(700, |shift| u64::from(shift.starts) + 60);
                (of(number), number + if kind == Kind::Family { 30 } else { 10 }, minute)
            }
        };
        let seen = self.write(minute, who, "patient.viewed").about(patient(card));
        self.keep(seen);
    }

    /// Lists, papers, numbers, and a file by somebody with new rights.
    fn taking(&mut self, kind: Kind) {
        let who = self.who;
        let start = self.dice(600, 1000);
        match kind {
            Kind::Lists => {
                for page in 0..self.dice(8, 14) {
                    let mut listed = self.write(start + page * 2, who, "patients.listed");
                    for number in 0..50 {
                        listed = listed.about(patient(100 + page * 50 + number));
                    }
                    self.keep(listed);
                }
            }
            Kind::NewRights => {
                let given = self.write(660, "sysadmin", "staff.role_given").on("cashier");
                let taken = self.write(720, "cashier", "audit.exported");
                self.keep(given);
                self.keep(taken);
            }
            _ => {
                let (who, act, start, apart, many) = match kind {
                    Kind::Papers => (who, "consent.downloaded", start, 2, self.dice(14, 26)),
                    Kind::Iins => (who, "patient.iin_shown", 600, 9, self.dice(24, 40)),
                    _ => ("reception-2", "consent.downloaded", 620, 55, self.dice(5, 9)),
                };
                for number in 0..many {
                    let id = self.world.anybody();
                    let taken = self.write(start + number * apart, who, act).about(id);
                    self.keep(taken);
                }
            }
        }
    }

    /// Signing in as somebody else, trying what is closed, setting the clock.
    fn doors(&mut self, kind: Kind) {
        let (who, doctor) = (self.who, self.doctor);
        match kind {
            Kind::Guessing => {
                for number in 0..self.dice(14, 40) {
                    let mut failed = self.write(900 + number, doctor, "sign_in.failed").on(doctor);
                    "visitor".clone_into(&mut failed.trace.actor);
                    self.keep(failed);
                }
            }
            Kind::Denials => {
                for number in 0..self.dice(20, 40) {
                    let denied = self.write(700 + number, who, "permission.denied");
                    self.keep(denied);
                }
            }
            Kind::Clock => {
                let mut before = self.write(1100, "cashier", "session.locked");
                before.trace.at = before.trace.at.plus_ms(-7_200_000);
                self.keep(before);
            }
            _ => {
                let ip = format!("{FOREIGN}.{}", self.dice(2, 250));
                let start = if kind == Kind::TwoPeople { self.minute } else { 1290 };
                let id = self.world.anybody();
                let begun = self.write(start, doctor, "session.started");
                self.keep(begun.from(&ip, "Firefox, Windows"));
                if kind == Kind::TwoPeople {
                    let here = self.write(start + 3, doctor, "patient.viewed").about(id);
                    self.keep(here);
                }
                let there = self.write(start + 4, doctor, "patient.viewed").about(id);
                self.keep(there.from(&ip, "Firefox, Windows"));
            }
        }
    }

    /// An emergency that nobody reviews.
    fn emergency(&mut self) {
        let (opened, id) = (self.world.at(self.day, self.minute, 0), self.world.anybody());
        let name = format!("unreviewed-{}", self.at);
        let entry = self.write(self.minute, self.doctor, "emergency.opened").about(id).on(&name);
        self.keep(entry.because("life"));
        self.beside.emergencies.push(Emergency {
            seq: -1,
            id: name,
            actor: self.doctor.to_owned(),
            opened,
            day: self.day,
            due: self.day.plus_days(5),
            reviewed: false,
        });
    }

    /// Codes of so many families to one phone.
    fn phone(&mut self, families: usize, staff: bool) {
        let names = ["ахметов", "ким", "омаров", "ли"];
        self.beside.codes.push(CodePhone {
            tag: format!("phone-{}", self.at),
            surnames: names[..families].iter().map(|name| (*name).to_owned()).collect(),
            staff,
            last: self.world.at(self.day, self.minute, 0),
            day: self.day,
            entries: Vec::new(),
        });
    }
}
