//! The day: one column for each doctor or chair.

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use crate::booking::day::{self, WholeDay};
use crate::booking::grid::{Frame, Hours, Scale};
use crate::booking::making::now;
use crate::booking::routes::column::Column;
use crate::booking::routes::drawing::{By, Drawing};
use crate::booking::routes::words::Say;
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::dates;
use crate::ids::{AppointmentId, ResourceId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, SetUpClinic, ViewSchedule};
use crate::web::{Page, Problem};

/// The day, by doctor or by chair.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of a page that do not depend on each other"
)]
pub struct ScheduleView {
    day: Day,
    previous: Day,
    next: Day,
    by: &'static str,
    from_hour: u32,
    to_hour: u32,
    scale: Scale,
    /// `11:20`; empty unless the day is today.
    now: String,
    /// Whether the day is over and read only.
    past: bool,
    /// The holiday's name; empty for most days.
    holiday: String,
    columns: Vec<Column>,
    /// Whether something waits for the desk's word.
    held: bool,
    /// What the panel beside the grid asks for first.
    panel_href: String,
    panel_open: bool,
    finding: bool,
    can_book: bool,
    can_set_up: bool,
}

/// A column alone: what it asks for when something in it has changed.
#[derive(Debug, Serialize)]
pub struct ColumnView {
    column: Column,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DayQuery {
    day: String,
    by: By,
    find: String,
    new: String,
    /// An appointment to open beside the grid.
    open: Option<AppointmentId>,
    starts: String,
    doctor: String,
    chair: String,
    service: String,
    patient: String,
}

pub(super) async fn day(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Query(query): Query<DayQuery>,
) -> Result<Page, Problem> {
    let today = now(&clinic).day();
    let asked = dates::read(&query.day).or_else(|| query.starts.get(..10)?.parse().ok());
    let shown = asked.unwrap_or(today);
    let whole = day::whole_day(&clinic, &grant, shown, None, chrome.language).await?;
    let say = Say::to(&clinic, &chrome);
    let drawing = Drawing::of(&whole, &say, query.by, may_book(&grant, &whole), None);
    let view = ScheduleView {
        day: shown,
        previous: shown.plus_days(-1),
        next: shown.plus_days(1),
        by: query.by.name(),
        from_hour: drawing.frame.hours.from,
        to_hour: drawing.frame.hours.to,
        scale: drawing.frame.scale,
        now: if shown == today { dates::time(whole.now) } else { String::new() },
        past: shown < today,
        holiday: holiday(&say, &whole),
        columns: drawing.columns(),
        held: whole.entries.iter().any(|entry| entry.held),
        panel_href: panel_href(&query, shown),
        panel_open: !query.new.is_empty() || query.open.is_some(),
        finding: !query.find.is_empty(),
        can_book: may_book(&grant, &whole),
        can_set_up: grant.actor().may::<SetUpClinic>(),
    };
    let mut chrome = chrome.active("schedule");
    chrome.live = true;
    Page::of(&clinic, &chrome, &view)
}

#[derive(Debug, Deserialize)]
pub(super) struct ColumnQuery {
    day: Day,
    #[serde(default)]
    by: By,
    resource: ResourceId,
    /// The hours of the grid that the column stands in, and its rows.
    from: u32,
    to: u32,
    #[serde(default)]
    scale: Scale,
}

pub(super) async fn column(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Query(query): Query<ColumnQuery>,
) -> Result<Page, Problem> {
    let (day, of) = (query.day, Some(query.resource));
    let whole = day::whole_day(&clinic, &grant, day, of, chrome.language).await?;
    let say = Say::to(&clinic, &chrome);
    let from = query.from.min(23);
    let hours = Hours { from, to: query.to.clamp(from + 1, 24) };
    let frame = Frame { hours, scale: query.scale };
    let drawing = Drawing::of(&whole, &say, query.by, may_book(&grant, &whole), Some(frame));
    let piece = whole.furniture.piece(query.resource).ok_or(Problem::NotFound)?;
    let view = ColumnView { column: drawing.column(piece) };
    Page::of(&clinic, &chrome, &view)
}

fn may_book(grant: &Grant<ViewSchedule>, whole: &WholeDay) -> bool {
    grant.actor().may::<Book>() && whole.now.day() <= whole.day
}

fn holiday(say: &Say<'_>, whole: &WholeDay) -> String {
    let name = whole.plan.holiday.as_deref();
    name.map(|name| say.key(&format!("schedule-holiday-{name}"))).unwrap_or_default()
}

fn panel_href(query: &DayQuery, day: Day) -> String {
    if let Some(id) = query.open {
        return format!("/appointments/{id}");
    }
    let mut href = format!("/appointments/new?day={day}");
    let ids = [
        ("service", &query.service),
        ("doctor", &query.doctor),
        ("chair", &query.chair),
        ("patient", &query.patient),
    ];
    for (name, value) in ids {
        if value.parse::<ResourceId>().is_ok() {
            href = format!("{href}&{name}={value}");
        }
    }
    if let Ok(starts) = query.starts.parse::<Civil>() {
        href = format!("{href}&starts={starts}");
    }
    href
}

impl View for ScheduleView {
    const TEMPLATE: &'static str = "booking/schedule.html";

    fn samples() -> Vec<Self> {
        let full = || {
            let column = Column::sample();
            Self {
                day: column.day,
                previous: column.day.plus_days(-1),
                next: column.day.plus_days(1),
                by: "doctor",
                from_hour: 9,
                to_hour: 18,
                scale: Scale::Usual,
                now: "10:35".to_owned(),
                past: false,
                holiday: String::new(),
                columns: vec![column],
                held: true,
                panel_href: "/appointments/new".to_owned(),
                panel_open: false,
                finding: true,
                can_book: true,
                can_set_up: true,
            }
        };
        let past =
            Self { past: true, can_book: false, held: false, holiday: "—".to_owned(), ..full() };
        let empty = Self { columns: Vec::new(), now: String::new(), scale: Scale::Fine, ..full() };
        let chairs = Self { by: "chair", can_set_up: false, panel_open: true, ..full() };
        vec![full(), past, empty, chairs]
    }
}

impl View for ColumnView {
    const TEMPLATE: &'static str = "booking/column.html";

    fn samples() -> Vec<Self> {
        Column::samples().map(|column| Self { column }).into()
    }
}
