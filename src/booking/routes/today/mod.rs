//! Today: who is here, who is late, who has not confirmed, what is free.

mod samples;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::booking::Status;
use crate::booking::day::{self, DayEntry, WholeDay};
use crate::booking::routes::drawing::{from_now, load};
use crate::booking::routes::words::{Say, delivery};
use crate::booking::slots::Span;
use crate::booking::store::midnight;
use crate::booking::stranded::stranded;
use crate::booking::supply::on_day;
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::followups;
use crate::i18n::dates;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{
    Attend, Book, OwnAccount, RunLate, SetUpClinic, ViewFollowUps, ViewSchedule,
};
use crate::web::{Page, Problem, see_other};

/// Somebody who waits longer than so many minutes is waiting too long.
const LONG_WAIT: i64 = 10;

/// Free slots shorter than this are not counted.
const WORTH_OFFERING: i64 = 30;

/// How many free slots are shown.
const SLOTS: usize = 8;

#[derive(Debug, Serialize)]
pub struct TodayView {
    #[serde(flatten)]
    board: Board,
}

/// What the board asks for when something has changed.
#[derive(Debug, Serialize)]
pub struct BoardView {
    #[serde(flatten)]
    board: Board,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
#[derive(Debug, Serialize)]
struct Board {
    day: Day,
    now: String,
    counts: Vec<StateCount>,
    /// Free slots of half an hour or more until the evening.
    free: usize,
    flow: Vec<FlowColumn>,
    unconfirmed: Vec<Unconfirmed>,
    slots: Vec<TodaySlot>,
    undelivered: Vec<Undelivered>,
    doctors: Vec<DoctorToday>,
    /// Visits ahead whose doctor will not be there, of all days.
    stranded: usize,
    /// Patients who are to be asked to come again.
    follow_ups: u32,
    can_book: bool,
    can_work: bool,
    /// Whether whoever looks may say how late a doctor is.
    can_run_late: bool,
    /// Whether there is nobody yet who could be booked.
    not_set_up: bool,
}

#[derive(Debug, Serialize)]
struct StateCount {
    state: &'static str,
    count: usize,
}

#[derive(Debug, Serialize)]
struct FlowColumn {
    id: &'static str,
    count: usize,
    entries: Vec<FlowEntry>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct FlowEntry {
    id: AppointmentId,
    version: i64,
    state: &'static str,
    starts: Civil,
    /// When they are to be expected, if the doctor is late.
    expected: Option<Civil>,
    ends: Civil,
    patient_id: PatientId,
    patient: String,
    service: String,
    doctor: String,
    flags: Vec<&'static str>,
    /// Minutes since arrival, or since the hour booked; 0 when not late.
    waiting: i64,
    late: bool,
    /// The next step, or "".
    verb: &'static str,
}

#[derive(Debug, Serialize)]
struct Unconfirmed {
    id: AppointmentId,
    version: i64,
    starts: Civil,
    tomorrow: bool,
    patient_id: PatientId,
    patient: String,
    phone: String,
    doctor: String,
    service: String,
    flags: Vec<&'static str>,
    delivery: &'static str,
}

#[derive(Debug, Serialize)]
struct TodaySlot {
    starts: Civil,
    minutes: i64,
    doctor: String,
    resource: ResourceId,
}

#[derive(Debug, Serialize)]
struct Undelivered {
    appointment: AppointmentId,
    patient_id: PatientId,
    patient: String,
    phone: String,
    starts: Civil,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct DoctorToday {
    name: String,
    detail: String,
    load: Option<i64>,
    resource: ResourceId,
    /// Minutes; 0: in time.
    late: i64,
}

/// The first page after signing in. Whoever may not see patients is sent to
/// the first page that is theirs; whoever can set up a clinic that has nothing
/// yet, to where that is done.
pub(super) async fn today(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    let Ok(view) = grant.also::<ViewSchedule>() else {
        let own = chrome.nav.iter().find(|entry| entry.href != "/").map(|entry| entry.href);
        return Ok(see_other(own.unwrap_or("/account")));
    };
    let empty = day::is_empty(&clinic, &view.also()?).await?;
    if empty && view.actor().may::<SetUpClinic>() {
        return Ok(see_other("/setup"));
    }
    let board = Board { not_set_up: empty, ..drawn(&clinic, &view, &chrome).await? };
    let mut chrome = chrome.active("today");
    chrome.live = true;
    Ok(Page::of(&clinic, &chrome, &TodayView { board })?.into_response())
}

pub(super) async fn board(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let board = drawn(&clinic, &grant, &chrome).await?;
    Page::of(&clinic, &chrome.active("today"), &BoardView { board })
}

async fn drawn(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    chrome: &Chrome,
) -> Result<Board, Problem> {
    let now = crate::booking::making::now(clinic);
    let day = now.day();
    let mut whole = day::whole_day(clinic, grant, day, None, chrome.language).await?;
    let (from, until) = (midnight(day.plus_days(1)), midnight(day.plus_days(2)));
    let mut tomorrow = day::entries(clinic, grant, from, until, None, chrome.language).await?;
    let (free, doctors) = (free(&whole), doctors(&whole));
    // A doctor's board is of their own patients.
    whole.entries.retain(|entry| !entry.hidden);
    tomorrow.retain(|entry| !entry.hidden);
    let actor = grant.actor();
    Ok(Board {
        day,
        now: dates::time(now),
        counts: counts(&whole.entries),
        free: free.len(),
        flow: flow(&whole),
        unconfirmed: unconfirmed(&whole, &tomorrow),
        slots: free.into_iter().take(SLOTS).collect(),
        undelivered: undelivered(whole.entries.iter().chain(&tomorrow), now),
        doctors,
        stranded: stranded(clinic, grant).await?.len(),
        follow_ups: follow_ups(clinic, grant).await?,
        can_book: actor.may::<Book>(),
        can_work: actor.may::<Attend>(),
        can_run_late: actor.may::<RunLate>(),
        not_set_up: false,
    })
}

/// None for those who may not see them.
async fn follow_ups(clinic: &Clinic, grant: &Grant<ViewSchedule>) -> Result<u32, Problem> {
    let Ok(grant) = grant.also::<ViewFollowUps>() else { return Ok(0) };
    Ok(followups::due(clinic, &grant).await?)
}

/// In the order of a day, zeros left out.
fn counts(entries: &[DayEntry]) -> Vec<StateCount> {
    use Status::{Arrived, Booked, Completed, Confirmed, InTreatment, NoShow};
    [Completed, InTreatment, Arrived, Confirmed, Booked, NoShow]
        .into_iter()
        .map(|status| {
            let count = entries.iter().filter(|entry| entry.status == status).count();
            StateCount { state: status.name(), count }
        })
        .filter(|one| 0 < one.count)
        .collect()
}

/// Those expected, here, in treatment and done.
fn flow(whole: &WholeDay) -> Vec<FlowColumn> {
    use Status::{Arrived, Booked, Completed, Confirmed, InTreatment, NoShow};
    let column = |id: &'static str, statuses: &[Status], shown: usize| {
        let own = whole.entries.iter().filter(|entry| statuses.contains(&entry.status));
        let mut entries: Vec<FlowEntry> = own.map(|entry| flow_entry(whole, entry)).collect();
        if id == "completed" {
            entries.reverse();
        } else {
            entries.sort_by_key(|entry| (!entry.late, entry.starts));
        }
        let count = entries.len();
        entries.truncate(shown);
        FlowColumn { id, count, more: count - entries.len(), entries }
    };
    vec![
        column("expected", &[Booked, Confirmed], 6),
        column("arrived", &[Arrived], 12),
        column("in_treatment", &[InTreatment], 12),
        column("completed", &[Completed, NoShow], 5),
    ]
}

fn flow_entry(whole: &WholeDay, entry: &DayEntry) -> FlowEntry {
    let (waiting, late) = waiting(whole, entry);
    FlowEntry {
        id: entry.id,
        version: entry.version,
        state: entry.status.name(),
        starts: entry.starts,
        expected: whole.expected(entry),
        ends: entry.ends(),
        patient_id: entry.patient_id,
        patient: entry.patient.clone(),
        service: entry.service.clone(),
        doctor: whole.furniture.name(entry.doctor_id).to_owned(),
        flags: entry.flags(),
        waiting,
        late,
        verb: match entry.status {
            Status::Booked | Status::Confirmed => "arrive",
            Status::Arrived => "start",
            Status::InTreatment => "complete",
            _ => "",
        },
    }
}

/// Minutes of waiting or of being late, and whether that is too long.
fn waiting(whole: &WholeDay, entry: &DayEntry) -> (i64, bool) {
    match entry.status {
        Status::Booked | Status::Confirmed => {
            let expected = entry.starts.plus_minutes(whole.late.of(entry.doctor_id));
            let late = whole.now.minutes_since(expected).max(0);
            (late, 0 < late)
        }
        Status::Arrived => {
            let since = entry.arrived_at.map(|at| whole.zone.civil(at));
            let waits = since.map_or(0, |since| whole.now.minutes_since(since).max(0));
            (waits, LONG_WAIT < waits)
        }
        _ => (0, false),
    }
}

/// Today's and tomorrow's that nobody has confirmed, but for what is past.
fn unconfirmed(whole: &WholeDay, tomorrow: &[DayEntry]) -> Vec<Unconfirmed> {
    let ahead = whole.entries.iter().filter(|entry| whole.now <= entry.starts);
    let open = ahead.chain(tomorrow).filter(|entry| entry.status == Status::Booked);
    open.map(|entry| Unconfirmed {
        id: entry.id,
        version: entry.version,
        starts: entry.starts,
        tomorrow: entry.starts.day() != whole.day,
        patient_id: entry.patient_id,
        patient: entry.patient.clone(),
        phone: entry.phone.clone().unwrap_or_default(),
        doctor: whole.furniture.name(entry.doctor_id).to_owned(),
        service: entry.service.clone(),
        flags: entry.flags(),
        delivery: delivery(entry.message),
    })
    .collect()
}

/// What is left of today's shifts, earliest first.
fn free(whole: &WholeDay) -> Vec<TodaySlot> {
    let doctors = whole.furniture.resources.iter().filter(|piece| piece.is_doctor());
    let mut slots: Vec<TodaySlot> = doctors
        .flat_map(|doctor| {
            let open = whole.supply.open(doctor.id);
            let gaps = whole.supply.gaps(doctor.id, &open).into_iter();
            gaps.map(|gap| Span { starts: from_now(gap.starts, whole.now), ..gap })
                .filter(|gap| WORTH_OFFERING <= gap.minutes())
                .map(|gap| TodaySlot {
                    starts: gap.starts,
                    minutes: gap.minutes(),
                    doctor: doctor.name.clone(),
                    resource: doctor.id,
                })
                .collect::<Vec<_>>()
        })
        .collect();
    slots.sort_by_key(|slot| slot.starts);
    slots
}

fn undelivered<'a>(entries: impl Iterator<Item = &'a DayEntry>, now: Civil) -> Vec<Undelivered> {
    entries
        .filter(|entry| entry.status.may_move() && now <= entry.starts)
        .filter(|entry| matches!(delivery(entry.message), "failed" | "uncertain"))
        .map(|entry| Undelivered {
            appointment: entry.id,
            patient_id: entry.patient_id,
            patient: entry.patient.clone(),
            phone: entry.phone.clone().unwrap_or_default(),
            starts: entry.starts,
            state: delivery(entry.message),
        })
        .collect()
}

/// Who works today, when and where, and how full they are.
fn doctors(whole: &WholeDay) -> Vec<DoctorToday> {
    let doctors = whole.furniture.resources.iter().filter(|piece| piece.is_doctor());
    doctors
        .filter_map(|doctor| {
            let shifts = whole.plan.shifts.iter().filter(|shift| shift.doctor == doctor.id);
            let hours: Vec<String> = shifts
                .map(|shift| {
                    let span = on_day(whole.day, shift.span());
                    let place = whole.furniture.name(shift.place);
                    let hours = Say::hours(span.starts, span.ends);
                    if place.is_empty() { hours } else { format!("{hours} · {place}") }
                })
                .collect();
            let own: Vec<&DayEntry> =
                whole.entries.iter().filter(|one| one.doctor_id == Some(doctor.id)).collect();
            (!hours.is_empty()).then(|| DoctorToday {
                name: doctor.name.clone(),
                detail: hours.join(", "),
                load: load(&whole.supply.open(doctor.id), &own),
                resource: doctor.id,
                late: whole.late.of(Some(doctor.id)),
            })
        })
        .collect()
}

impl View for TodayView {
    const TEMPLATE: &'static str = "booking/today.html";

    fn samples() -> Vec<Self> {
        samples::boards().into_iter().map(|board| Self { board }).collect()
    }
}

impl View for BoardView {
    const TEMPLATE: &'static str = "booking/board.html";

    fn samples() -> Vec<Self> {
        samples::boards().into_iter().map(|board| Self { board }).collect()
    }
}
