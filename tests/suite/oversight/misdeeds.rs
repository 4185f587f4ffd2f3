//! The year's misdeeds: what somebody should not have done, on which day, and
//! which rules may see it. Some are small on purpose: they stay below the limits.

use tirkeu::audit::findings::Rule;
use tirkeu::audit::findings::facts::{CodePhone, Emergency};
use tirkeu::clock::Day;

use super::work::desk;
use super::world::{DOCTORS, Draft, FOREIGN, NEWCOMER, RECEPTION, World, patient};

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
    /// Eight strangers a day, for three days: below the desk's limit.
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
    let dice = &mut world.dice;
    match kind {
        Kind::MassHour => {
            let (start, many) = (dice.between(600, 1000), dice.between(55, 90));
            open_strangers(world, day, who, start, 50, many, at, entries);
        }
        Kind::MassDay => {
            let many = dice.between(110, 140);
            open_strangers(world, day, who, 560, 560, many, at, entries);
        }
        Kind::Lists => {
            let start = dice.between(600, 1000);
            for page in 0..dice.between(8, 14) {
                let mut listed = world.draft(day, start + page * 2, who, "patients.listed");
                for number in 0..50 {
                    listed = listed.about(patient(100 + page * 50 + number));
                }
                entries.push(listed.part_of(at));
            }
        }
        Kind::DoctorPries => {
            let many = dice.between(1, 4);
            open_strangers(world, day, doctor, minute, 30, many, at, entries);
        }
        Kind::DeskPries => {
            let many = dice.between(18, 30);
            open_strangers(world, day, who, 800, 200, many, at, entries);
        }
        Kind::Night => {
            let (start, many) = (dice.between(1330, 1400), dice.between(3, 9));
            let one = if dice.chance(50) { who } else { doctor };
            open_strangers(world, day, one, start, 30, many, at, entries);
        }
        Kind::Sunday => open_strangers(world, day, who, 700, 60, 5, at, entries),
        Kind::Famous => {
            let id = patient(50 + dice.between(0, 5));
            entries.push(world.draft(day, minute, doctor, "patient.viewed").about(id).part_of(at));
        }
        Kind::Family | Kind::OwnCard => {
            let number = dice.between(0, 3) * 2;
            let all: Vec<&str> = RECEPTION.iter().chain(&DOCTORS).copied().collect();
            let one = all[usize::try_from(number).unwrap()];
            let id = patient(if kind == Kind::Family { 30 } else { 10 } + number);
            let minute = world.shift(one, day).map_or(700, |shift| u64::from(shift.starts) + 60);
            entries.push(world.draft(day, minute, one, "patient.viewed").about(id).part_of(at));
        }
        Kind::Colleague => {
            let mut number = dice.between(0, 7);
            let all: Vec<&str> = RECEPTION.iter().chain(&DOCTORS).copied().collect();
            if all[usize::try_from(number).unwrap()] == doctor {
                number = (number + 1) % 8;
            }
            let id = patient(10 + number);
            entries.push(world.draft(day, minute, doctor, "patient.viewed").about(id).part_of(at));
        }
        Kind::Papers => {
            let (start, many) = (dice.between(600, 1000), dice.between(14, 26));
            for number in 0..many {
                let id = world.anybody();
                let taken = world.draft(day, start + number * 2, who, "consent.downloaded");
                entries.push(taken.about(id).part_of(at));
            }
        }
        Kind::Iins => {
            for number in 0..dice.between(24, 40) {
                let id = world.anybody();
                let shown = world.draft(day, 600 + number * 9, who, "patient.iin_shown");
                entries.push(shown.about(id).part_of(at));
            }
        }
        Kind::Emergency => {
            let (opened, id) = (world.at(day, minute, 0), world.anybody());
            let name = format!("unreviewed-{at}");
            let entry = world.draft(day, minute, doctor, "emergency.opened").about(id).on(&name);
            entries.push(entry.because("life").part_of(at));
            let due = day.plus_days(5);
            let actor = doctor.to_owned();
            let one = Emergency { seq: -1, id: name, actor, opened, day, due, reviewed: false };
            beside.emergencies.push(one);
        }
        Kind::StolenPassword | Kind::TwoPeople => {
            let ip = format!("{FOREIGN}.{}", dice.between(2, 250));
            let start = if kind == Kind::TwoPeople { minute } else { 1290 };
            let begun = world.draft(day, start, doctor, "session.started");
            entries.push(begun.from(&ip, "Firefox, Windows").part_of(at));
            let id = world.anybody();
            if kind == Kind::TwoPeople {
                let here = world.draft(day, start + 3, doctor, "patient.viewed").about(id);
                entries.push(here.part_of(at));
            }
            let there = world.draft(day, start + 4, doctor, "patient.viewed").about(id);
            entries.push(there.from(&ip, "Firefox, Windows").part_of(at));
        }
        Kind::Guessing => {
            for number in 0..dice.between(14, 40) {
                let mut failed = world.draft(day, 900 + number, doctor, "sign_in.failed");
                failed.trace.actor = "visitor".to_owned();
                entries.push(failed.on(doctor).part_of(at));
            }
        }
        Kind::LeaverPapers => {
            for number in 0..dice.between(5, 9) {
                let id = world.anybody();
                let minute = 620 + number * 55;
                let taken = world.draft(day, minute, "reception-2", "consent.downloaded");
                entries.push(taken.about(id).part_of(at));
            }
        }
        Kind::LeaverCards => {
            let many = dice.between(24, 36);
            open_strangers(world, day, "reception-2", 700, 300, many, at, entries);
        }
        Kind::Ghost => open_strangers(world, day, "reception-2", 700, 20, 3, at, entries),
        Kind::NewRights => {
            let given = world.draft(day, 660, "sysadmin", "staff.role_changed").on("cashier");
            entries.push(given.part_of(at));
            entries.push(world.draft(day, 720, "cashier", "audit.exported").part_of(at));
        }
        Kind::SharedPhone | Kind::StaffPhone => {
            let names = ["ахметов", "ким", "омаров", "ли"];
            let many = if kind == Kind::StaffPhone { 1 } else { 4 };
            let last = world.at(day, minute, 0);
            beside.codes.push(CodePhone {
                tag: format!("phone-{at}"),
                surnames: names[..many].iter().map(|name| (*name).to_owned()).collect(),
                staff: kind == Kind::StaffPhone,
                last,
                day,
                entries: Vec::new(),
            });
        }
        Kind::Clock => {
            let mut before = world.draft(day, 1100, "cashier", "session.locked");
            before.trace.at = before.trace.at.plus_ms(-7_200_000);
            entries.push(before.part_of(at));
        }
        Kind::Anchor => beside.no_anchor = true,
        Kind::Denials => {
            for number in 0..dice.between(20, 40) {
                entries.push(world.draft(day, 700 + number, who, "permission.denied").part_of(at));
            }
        }
        Kind::Drip => open_strangers(world, day, who, 600, 400, 5, at, entries),
    }
    debug_assert!(NEWCOMER != who || world.people.contains_key(NEWCOMER));
}

#[expect(clippy::too_many_arguments, reason = "who, when, how long and how many")]
fn open_strangers(
    world: &mut World,
    day: Day,
    who: &str,
    start: u64,
    minutes: u64,
    many: u64,
    at: usize,
    entries: &mut Vec<Draft>,
) {
    for number in 0..many {
        // Nobody who comes these days: those would be work.
        let id = loop {
            let id = world.anybody();
            if !world.by_patient.contains_key(&id) {
                break id;
            }
        };
        let minute = start + number * minutes / many;
        entries.push(world.draft(day, minute, who, "patient.viewed").about(id).part_of(at));
    }
}
