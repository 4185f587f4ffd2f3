//! A doctor's own day, made for a phone: who comes when, what to know of them,
//! and the next step with one tap.

use axum::extract::State;
use serde::Serialize;

use crate::booking::Status;
use crate::booking::day::{self, DayEntry, Furniture};
use crate::booking::late;
use crate::booking::making::now;
use crate::booking::routes::late::Running;
use crate::booking::store::midnight;
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::dates;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Attend, KeepFollowUps, RunLate, ViewSchedule};
use crate::web::{Page, Problem};

/// The rail's entry.
pub const MY_DAY: &str = "my-day";

#[derive(Debug, Serialize)]
pub struct MyDayView {
    day: Day,
    now: String,
    /// Whether whoever asks is a doctor of the schedule.
    doctor: bool,
    visits: Vec<Mine>,
    done: usize,
    /// How late each of their columns is, with the buttons.
    late: Vec<Running>,
    can_work: bool,
    can_follow_up: bool,
}

#[derive(Debug, Serialize)]
struct Mine {
    id: AppointmentId,
    version: i64,
    state: &'static str,
    starts: Civil,
    /// When they are to be expected, if the doctor is late.
    expected: Option<Civil>,
    ends: Civil,
    patient_id: PatientId,
    /// Empty for somebody whose data is blocked: the time is taken, no more.
    patient: String,
    service: String,
    place: String,
    flags: Vec<&'static str>,
    /// Minutes since they arrived; 0 when nobody waits.
    waiting: i64,
    /// The one under way, else the first that is not over.
    next: bool,
    over: bool,
    hidden: bool,
    /// The next step, or "".
    verb: &'static str,
    /// The form of a follow-up after this visit; "" when there is none.
    follow_up: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let now = now(&clinic);
    let (from, until) = (midnight(now.day()), midnight(now.day().plus_days(1)));
    let own = day::own_resources(&clinic, &grant).await?;
    let furniture = day::resources(&clinic, &grant.also()?).await?;
    let mut entries = Vec::new();
    for id in &own {
        let of = Some(*id);
        entries.extend(day::entries(&clinic, &grant, from, until, of, chrome.language).await?);
    }
    entries.retain(|entry| !matches!(entry.status, Status::Cancelled | Status::Moved));
    entries.sort_by_key(|entry| (entry.starts, entry.id));
    let zone = clinic.profile.get().zone.clone();
    let waits = |since: Timestamp| now.minutes_since(zone.civil(since)).max(0);
    let lateness = late::on_day(&mut clinic.vault.read(&grant).await?, now.day()).await?;
    let running = |id: &ResourceId| {
        let minutes = lateness.of(Some(*id));
        Running::of(*id, minutes, grant.actor().may::<RunLate>(), "/my-day".to_owned())
    };
    let visits = entries.into_iter().map(|entry| {
        let late = lateness.of(entry.doctor_id);
        let expected = late::expected(entry.status, entry.starts, late, now);
        Mine { expected, ..mine(entry, &furniture, waits) }
    });
    let visits: Vec<Mine> = visits.collect();
    let view = MyDayView {
        day: now.day(),
        now: dates::time(now),
        doctor: !own.is_empty(),
        late: own.iter().map(running).collect(),
        done: visits.iter().filter(|one| one.over).count(),
        visits: marked(visits),
        can_work: grant.actor().may::<Attend>(),
        can_follow_up: grant.actor().may::<KeepFollowUps>(),
    };
    let mut chrome = chrome.active(MY_DAY);
    chrome.live = true;
    Page::of(&clinic, &chrome, &view)
}

fn mine(entry: DayEntry, furniture: &Furniture, waits: impl Fn(Timestamp) -> i64) -> Mine {
    Mine {
        id: entry.id,
        version: entry.version,
        state: entry.status.name(),
        starts: entry.starts,
        expected: None,
        ends: entry.ends(),
        patient_id: entry.patient_id,
        place: furniture.name(entry.place_id).to_owned(),
        flags: entry.flags(),
        waiting: entry.arrived_at.map_or(0, waits),
        next: false,
        over: matches!(entry.status, Status::Completed | Status::NoShow),
        hidden: entry.hidden,
        verb: match entry.status {
            _ if entry.hidden => "",
            Status::Booked | Status::Confirmed => "arrive",
            Status::Arrived => "start",
            Status::InTreatment => "complete",
            _ => "",
        },
        follow_up: follow_up(&entry),
        patient: entry.patient,
        service: entry.service,
    }
}

/// While they are in the chair and after it; nothing follows a visit that was not.
fn follow_up(entry: &DayEntry) -> String {
    let here = matches!(entry.status, Status::InTreatment | Status::Completed);
    if entry.hidden || !here {
        return String::new();
    }
    let DayEntry { id, patient_id, .. } = entry;
    let doctor = entry.doctor_id.map(|id| id.to_string()).unwrap_or_default();
    format!("/follow-ups/new?patient={patient_id}&doctor={doctor}&after={id}&back=/my-day")
}

/// With the visit marked that the doctor looks for first.
fn marked(mut visits: Vec<Mine>) -> Vec<Mine> {
    let under_way = visits.iter().position(|one| one.state == Status::InTreatment.name());
    let first = under_way.or_else(|| visits.iter().position(|one| !one.over));
    if let Some(one) = first.and_then(|index| visits.get_mut(index)) {
        one.next = true;
    }
    visits
}

impl View for MyDayView {
    const TEMPLATE: &'static str = "booking/my_day.html";

    fn samples() -> Vec<Self> {
        let made = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let visit = |status: Status, verb, hidden: bool| Mine {
            id: AppointmentId::new(made),
            version: 2,
            state: status.name(),
            starts,
            expected: (verb == "arrive").then(|| starts.plus_minutes(15)),
            ends: starts.plus_minutes(30),
            patient_id: PatientId::new(made),
            patient: if hidden { "" } else { "Ержан Мусин" }.to_owned(),
            service: if hidden { "" } else { "Лечение" }.to_owned(),
            place: "Кресло 1".to_owned(),
            flags: if hidden { vec![] } else { vec!["allergy", "child"] },
            waiting: if status == Status::Arrived { 12 } else { 0 },
            next: false,
            over: status == Status::Completed,
            hidden,
            verb,
            follow_up: if verb == "complete" { "/follow-ups/new" } else { "" }.to_owned(),
        };
        let page = |visits: Vec<Mine>, doctor: bool| Self {
            day: starts.day(),
            now: "10:20".to_owned(),
            doctor,
            late: if doctor { Running::samples().into() } else { Vec::new() },
            done: 1,
            visits: marked(visits),
            can_work: doctor,
            can_follow_up: doctor,
        };
        let all = vec![
            visit(Status::Completed, "", false),
            visit(Status::InTreatment, "complete", false),
            visit(Status::Arrived, "start", false),
            visit(Status::Booked, "arrive", false),
            visit(Status::Booked, "", true),
            visit(Status::NoShow, "", false),
        ];
        vec![page(all, true), page(Vec::new(), true), page(Vec::new(), false)]
    }
}
