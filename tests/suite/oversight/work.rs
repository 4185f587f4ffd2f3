//! An honest day: calls, arrivals, treatment, notes after the shift, a sick
//! doctor's patients with a colleague, a night's emergency, a new computer.

use tirkeu::audit::findings::facts::{Kin, Visit};
use tirkeu::clock::Day;
use tirkeu::ids::PatientId;

use super::world::{DOCTORS, Draft, NEWCOMER, PATIENTS, RECEPTION, World, patient};

/// Appointments that a working day gets, on average.
const BOOKINGS: u64 = 38;

pub struct Honest {
    pub entries: Vec<Draft>,
    /// Emergencies opened on the day: id and by whom.
    pub emergencies: Vec<(String, String)>,
}

pub fn day(world: &mut World, day: Day) -> Honest {
    let mut done = Honest { entries: Vec::new(), emergencies: Vec::new() };
    nights(world, day, &mut done);
    if !World::is_open(day) {
        return done;
    }
    sign_ins(world, day, &mut done.entries);
    bookings(world, day, &mut done.entries);
    visits(world, day, &mut done.entries);
    calls(world, day, &mut done.entries);
    doctors_look_back(world, day, &mut done.entries);
    small_things(world, day, &mut done.entries);
    done
}

/// Who is at the desk: two of three, a newcomer instead of who left.
pub fn desk(world: &World, day: Day) -> Vec<&'static str> {
    let skipped = usize::try_from(day.days_since(world.first).rem_euclid(3)).unwrap();
    let present = RECEPTION
        .iter()
        .enumerate()
        .filter(|(at, id)| *at != skipped && world.people[**id].left_at.is_none());
    let mut present: Vec<&str> = present.map(|(_, id)| *id).collect();
    if world.people.contains_key(NEWCOMER) {
        present.push(NEWCOMER);
    }
    present
}

fn sign_ins(world: &mut World, day: Day, entries: &mut Vec<Draft>) {
    let mut present: Vec<(String, u64)> = desk(world, day)
        .into_iter()
        .chain(["cashier", "officer"])
        .map(|id| (id.to_owned(), 520))
        .collect();
    for doctor in DOCTORS {
        if let Some(shift) = world.shift(doctor, day) {
            present.push((doctor.to_owned(), u64::from(shift.starts) - 15));
        }
    }
    for (id, minute) in present {
        let typos = if world.dice.chance(15) { world.dice.between(1, 3) } else { 0 };
        // Once in a while somebody comes back from leave without the password.
        let typos = if world.dice.between(1, 700) == 1 { 7 } else { typos };
        for _ in 0..typos {
            let mut failed = world.draft(day, minute, &id, "sign_in.failed").on(&id);
            "visitor".clone_into(&mut failed.trace.actor);
            entries.push(failed);
        }
        entries.push(world.draft(day, minute + 1, &id, "session.started"));
        // After lunch, sometimes at the neighbour's computer.
        if world.dice.chance(30) {
            let other = format!("{}.{}", super::world::LAN, world.dice.between(20, 80));
            let device = world.devices[&id];
            entries.push(world.draft(day, 840, &id, "session.started").from(&other, device));
        }
    }
}

/// People who call or stand at the desk and get a time within two weeks.
fn bookings(world: &mut World, day: Day, entries: &mut Vec<Draft>) {
    let busy = if day.weekday() == 1 { 16 } else { 10 };
    let wanted = world.dice.between(BOOKINGS * busy / 14, BOOKINGS * busy / 9);
    let present = desk(world, day);
    for _ in 0..wanted {
        let who = *world.dice.one_of(&present);
        let minute = world.dice.between(545, 1130);
        let known = !world.dice.chance(12) && !world.quiet;
        let id = if known { patient(world.dice.between(1, PATIENTS - 1)) } else { world.anybody() };
        search(world, day, minute, who, entries);
        if known {
            entries.push(world.draft(day, minute, who, "patient.viewed").about(id));
        } else {
            entries.push(world.draft(day, minute, who, "patient.registered").about(id));
        }
        // Most find a time at last; some call again another day.
        let mut visit = None;
        for _ in 0..4 {
            let lead = i64::try_from(world.dice.between(0, 14)).unwrap();
            visit = visit.or_else(|| free(world, day.plus_days(lead), None));
        }
        let Some(visit) = visit else { continue };
        entries.push(world.draft(day, minute + 2, who, "appointment.booked").about(id));
        world.book(id, day, visit);
    }
}

/// A time of somebody who works on that day.
fn free(world: &mut World, day: Day, doctor: Option<&str>) -> Option<Visit> {
    let doctor = doctor.map_or_else(
        || *world.dice.one_of(&DOCTORS),
        |doctor| DOCTORS.iter().copied().find(|one| *one == doctor).unwrap(),
    );
    let shift = world.shift(doctor, day)?;
    let starts = u64::from(shift.starts) + 30 * world.dice.between(0, 11);
    let starts = u16::try_from(starts).unwrap();
    Some(Visit { day, starts, minutes: 30, doctor: Some(doctor.to_owned()) })
}

/// Letters are typed and people who are not meant are shown as well.
fn search(world: &mut World, day: Day, minute: u64, who: &str, entries: &mut Vec<Draft>) {
    let mut found = world.draft(day, minute, who, "patients.found");
    for _ in 0..world.dice.between(1, 6) {
        let other = patient(world.dice.between(1, PATIENTS - 1));
        found = found.about(other);
    }
    entries.push(found);
}

fn visits(world: &mut World, day: Day, entries: &mut Vec<Draft>) {
    let present = desk(world, day);
    // Tomorrow's are called today.
    let tomorrow = world.by_day.get(&day.plus_days(1)).cloned().unwrap_or_default();
    for booked in tomorrow {
        if world.dice.chance(70) {
            let (who, minute) = (*world.dice.one_of(&present), world.dice.between(960, 1120));
            if is_own(world, who, booked.patient) {
                continue;
            }
            entries.push(world.draft(day, minute, who, "patient.viewed").about(booked.patient));
        }
    }
    let today = world.by_day.get(&day).cloned().unwrap_or_default();
    for booked in today {
        let (id, starts) = (booked.patient, u64::from(booked.visit.starts));
        // Colleagues are received and treated by others.
        let who = *world.dice.one_of(&present);
        if is_own(world, who, id) {
            continue;
        }
        if world.dice.chance(9) {
            entries.push(world.draft(day, starts, who, "appointment.cancelled").about(id));
            continue;
        }
        entries.push(world.draft(day, starts - 5, who, "patient.viewed").about(id));
        entries.push(world.draft(day, starts - 4, who, "appointment.arrived").about(id));
        if world.dice.chance(8) {
            entries.push(world.draft(day, starts - 3, who, "patient.iin_shown").about(id));
        }
        if world.dice.chance(7) {
            entries.push(world.draft(day, starts + 25, who, "consent.downloaded").about(id));
        }
        // A sick doctor's patients go to whoever is there.
        let doctor = booked.visit.doctor.clone().unwrap();
        let there = DOCTORS
            .iter()
            .find(|other| world.shift(other, day).is_some() && !is_own(world, other, id));
        let treats = match (world.shift(&doctor, day), there) {
            (Some(_), _) if !is_own(world, &doctor, id) => doctor,
            (_, Some(other)) => (*other).to_owned(),
            (_, None) => continue,
        };
        entries.push(world.draft(day, starts + 1, &treats, "patient.viewed").about(id));
        entries.push(world.draft(day, starts + 2, &treats, "appointment.viewed").about(id));
        let late = world.shift(&treats, day).map_or(0, |shift| u64::from(shift.ends));
        if world.dice.chance(12) && late > 0 {
            let minute = late + world.dice.between(10, 130);
            entries.push(world.draft(day, minute, &treats, "patient.viewed").about(id));
            entries.push(world.draft(day, minute + 3, &treats, "patient.edited").about(id));
        }
        if world.dice.chance(40) {
            let lead = i64::try_from(world.dice.between(7, 30)).unwrap();
            let Some(visit) = free(world, day.plus_days(lead), Some(&treats)) else { continue };
            world.book(id, day, visit);
            entries.push(world.draft(day, starts + 28, who, "appointment.booked").about(id));
        }
    }
}

fn is_own(world: &World, who: &str, id: PatientId) -> bool {
    world.kin.get(who).is_some_and(|cards| cards.get(&id) == Some(&Kin::Own))
}

/// "When was I there last?": a card is opened and nothing is booked.
fn calls(world: &mut World, day: Day, entries: &mut Vec<Draft>) {
    let present = desk(world, day);
    let busy = if day.weekday() == 1 { 12 } else { 8 };
    for _ in 0..world.dice.between(2, busy) {
        let (who, minute) = (*world.dice.one_of(&present), world.dice.between(545, 1130));
        let id = world.anybody();
        search(world, day, minute, who, entries);
        entries.push(world.draft(day, minute + 1, who, "patient.viewed").about(id));
    }
    // Twice a year people are called who have not come for long.
    let of_year = day.days_since(world.first);
    if matches!(of_year, 99 | 100 | 282 | 283) {
        for _ in 0..world.dice.between(24, 34) {
            let (who, minute) = (present[0], world.dice.between(600, 1000));
            let id = world.anybody();
            entries.push(world.draft(day, minute, who, "patient.viewed").about(id));
            if world.dice.chance(35) {
                entries.push(world.draft(day, minute + 2, who, "message.queued").about(id));
            }
        }
    }
}

/// A result comes, a colleague asks: own patients of months ago, patients of others
/// who are in the house, and now and then a namesake's card.
fn doctors_look_back(world: &mut World, day: Day, entries: &mut Vec<Draft>) {
    if world.quiet {
        return;
    }
    for doctor in DOCTORS {
        let Some(shift) = world.shift(doctor, day) else { continue };
        let minute = u64::from(shift.starts) + world.dice.between(10, 300);
        if world.dice.chance(30) {
            let back = i64::try_from(world.dice.between(20, 150)).unwrap();
            let then = world.by_day.get(&day.plus_days(-back)).cloned().unwrap_or_default();
            let mine = then.iter().find(|one| one.visit.doctor.as_deref() == Some(doctor));
            if let Some(mine) = mine {
                let seen = world.draft(day, minute, doctor, "patient.viewed").about(mine.patient);
                entries.push(seen);
            }
        }
        if world.dice.chance(20) {
            let today = world.by_day.get(&day).cloned().unwrap_or_default();
            if !today.is_empty() {
                let other = world.dice.one_of(&today).patient;
                if is_own(world, doctor, other) {
                    continue;
                }
                entries.push(world.draft(day, minute + 5, doctor, "patient.viewed").about(other));
            }
        }
        if world.dice.between(1, 250) == 1 {
            let namesake = world.anybody();
            entries.push(world.draft(day, minute + 9, doctor, "patient.viewed").about(namesake));
        }
    }
}

fn small_things(world: &mut World, day: Day, entries: &mut Vec<Draft>) {
    for _ in 0..world.dice.between(0, 2) {
        let minute = world.dice.between(560, 1100);
        let who = *world.dice.one_of(&["cashier", "officer", "reception-1"]);
        entries.push(world.draft(day, minute, who, "permission.denied"));
    }
    for _ in 0..world.dice.between(0, 3) {
        let (id, minute) = (world.anybody(), world.dice.between(600, 1100));
        let seen = world.draft(day, minute, "owner", "patient.viewed").about(id);
        entries.push(seen.because("complaint"));
    }
    if day.weekday() == 5 {
        entries.push(world.draft(day, 1000, "officer", "audit.reviewed"));
        entries.push(world.draft(day, 1005, "officer", "audit.exported"));
    }
}

/// Emergencies at night, the owner at home, the administrator's updates; new
/// computers, journeys, one who comes and one who goes.
fn nights(world: &mut World, day: Day, done: &mut Honest) {
    let of_year = day.days_since(world.first);
    let entries = &mut done.entries;
    if of_year % 45 == 20 {
        let (doctor, id) = (*world.dice.one_of(&DOCTORS), world.anybody());
        let minute = world.dice.between(1290, 1400);
        if world.dice.chance(50) {
            let starts = u16::try_from(minute).unwrap();
            let visit = Visit { day, starts, minutes: 60, doctor: Some(doctor.to_owned()) };
            world.book(id, day, visit);
        } else {
            let emergency = format!("emergency-{of_year}");
            let opened = world.draft(day, minute - 5, doctor, "emergency.opened").about(id);
            entries.push(opened.on(&emergency).because("life"));
            done.emergencies.push((emergency, doctor.to_owned()));
        }
        entries.push(world.draft(day, minute, doctor, "patient.viewed").about(id));
        entries.push(world.draft(day, minute + 20, doctor, "patient.edited").about(id));
    }
    if world.dice.chance(40) {
        let home = world.draft(day, 1260, "owner", "session.started");
        entries.push(home.from("92.46.10.5", "Safari, macOS"));
    }
    if world.dice.chance(20) {
        let home = world.draft(day, 1385, "sysadmin", "session.started");
        entries.push(home.from("92.47.33.9", "Firefox, Linux"));
    }
    if of_year == 150 || of_year == 290 {
        let away = world.draft(day, 1200, "owner", "session.started");
        entries.push(away.from(&format!("88.204.{of_year}.7"), "Safari, macOS"));
    }
    if matches!(of_year, 60 | 130 | 230) {
        let who = ["reception-1", "doctor-2", "cashier"][usize::try_from(of_year % 3).unwrap()];
        world.devices.insert(who.to_owned(), "Edge, Windows");
    }
    if of_year == 196 {
        let last = day.plus_days(14);
        world.people.get_mut("reception-2").unwrap().leaving_on = Some(last);
    }
    if of_year == 211 {
        let left_at = world.at(day, 1150, 0);
        world.people.get_mut("reception-2").unwrap().left_at = Some(left_at);
        let person = tirkeu::audit::findings::facts::Person {
            role: "reception".to_owned(),
            since: Some(day),
            ..Default::default()
        };
        world.people.insert(NEWCOMER.to_owned(), person);
        world.devices.insert(NEWCOMER.to_owned(), "Chrome, Windows");
        entries.push(world.draft(day, 560, "owner", "staff.added").on(NEWCOMER));
    }
}
