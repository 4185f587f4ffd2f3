//! The day: one column for each doctor or chair.

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use crate::booking::day::{self, DayEntry, Piece, WholeDay};
use crate::booking::grid::{Hours, lanes, rows};
use crate::booking::making::now;
use crate::booking::routes::words::{Say, delivery};
use crate::booking::slots::Span;
use crate::booking::store::midnight;
use crate::booking::supply::on_day;
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::dates;
use crate::ids::{AppointmentId, ResourceId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, SetUpClinic, ViewSchedule};
use crate::web::{Page, Problem};

/// Gaps shorter than this are not offered.
pub const SHORTEST_GAP: i64 = 15;

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
    /// `11:20`; empty unless the day is today.
    now: String,
    /// Whether the day is over and read only.
    past: bool,
    /// The holiday's name; empty for most days.
    holiday: String,
    columns: Vec<Column>,
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

#[derive(Debug, Serialize)]
struct Column {
    id: ResourceId,
    /// `doctor` or `chair`.
    kind: &'static str,
    name: String,
    detail: String,
    /// Per cent of the shift that is booked; None without a shift.
    load: Option<i64>,
    day: Day,
    day_start: Civil,
    from_hour: u32,
    to_hour: u32,
    /// Row of the present; 0 when it is not on the grid.
    now_row: u32,
    can_book: bool,
    shut: Vec<Shut>,
    free: Vec<Free>,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Shut {
    row: u32,
    span: u32,
    text: String,
}

#[derive(Debug, Serialize)]
struct Free {
    row: u32,
    span: u32,
    starts: Civil,
    minutes: i64,
}

#[derive(Debug, Serialize)]
struct Entry {
    id: AppointmentId,
    /// The random end of the id: enough to tell entries of one page apart.
    short: String,
    version: i64,
    state: &'static str,
    row: u32,
    span: u32,
    lane: String,
    starts: Civil,
    minutes: i64,
    patient: String,
    service: String,
    /// The other resource: the chair beside the doctor, the doctor beside the chair.
    beside: String,
    flags: Vec<&'static str>,
    delivery: &'static str,
    locked: bool,
}

/// Which column a thing of the clinic stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    #[default]
    #[serde(alias = "doctors")]
    Doctor,
    #[serde(alias = "chairs")]
    Chair,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Chair => "chair",
        }
    }

    fn shows(self, piece: &Piece) -> bool {
        match self {
            Self::Doctor => piece.is_doctor(),
            Self::Chair => piece.is_place(),
        }
    }

    fn of(self, entry: &DayEntry) -> Option<ResourceId> {
        match self {
            Self::Doctor => entry.doctor_id,
            Self::Chair => entry.place_id,
        }
    }

    fn beside(self, entry: &DayEntry) -> Option<ResourceId> {
        match self {
            Self::Doctor => entry.place_id,
            Self::Chair => entry.doctor_id,
        }
    }
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
    patient: String,
}

pub(super) async fn day(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Query(query): Query<DayQuery>,
) -> Result<Page, Problem> {
    let today = now(&clinic).day();
    let asked = query.day.parse().or_else(|_| query.starts.get(..10).unwrap_or("").parse());
    let shown = asked.unwrap_or(today);
    let whole = day::whole_day(&clinic, &grant, shown, None, chrome.language).await?;
    let say = Say::to(&clinic, &chrome);
    let drawing = Drawing::of(&whole, &say, query.by, may_book(&grant, &whole), None);
    let view = ScheduleView {
        day: shown,
        previous: shown.plus_days(-1),
        next: shown.plus_days(1),
        by: query.by.name(),
        from_hour: drawing.hours.from,
        to_hour: drawing.hours.to,
        now: if shown == today { dates::time(whole.now) } else { String::new() },
        past: shown < today,
        holiday: holiday(&say, &whole),
        columns: drawing.columns(),
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
    /// The hours of the grid that the column stands in.
    from: u32,
    to: u32,
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
    let drawing = Drawing::of(&whole, &say, query.by, may_book(&grant, &whole), Some(hours));
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
    let ids = [("doctor", &query.doctor), ("chair", &query.chair), ("patient", &query.patient)];
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

/// A day being drawn.
struct Drawing<'a> {
    whole: &'a WholeDay,
    say: &'a Say<'a>,
    by: By,
    can_book: bool,
    hours: Hours,
    start: Civil,
}

impl<'a> Drawing<'a> {
    fn of(
        whole: &'a WholeDay,
        say: &'a Say<'a>,
        by: By,
        can_book: bool,
        hours: Option<Hours>,
    ) -> Self {
        let hours = hours.unwrap_or_else(|| {
            let shifts = whole.plan.shifts.iter().map(|shift| on_day(whole.day, shift.span()));
            let holding = whole.entries.iter().filter(|entry| entry.status.holds()).map(span);
            Hours::around(shifts.chain(holding))
        });
        let start = midnight(whole.day).plus_minutes(i64::from(hours.from) * 60);
        Self { whole, say, by, can_book, hours, start }
    }

    /// Whoever works or is booked; every chair when some doctor works.
    fn columns(&self) -> Vec<Column> {
        let busy = |piece: &Piece| {
            let own = |entry: &DayEntry| self.by.of(entry) == Some(piece.id);
            self.whole.entries.iter().any(|entry| entry.status.holds() && own(entry))
        };
        let works = |piece: &Piece| {
            let open = self.by == By::Chair && !piece.ended && !self.whole.plan.shifts.is_empty();
            open || self.whole.plan.shifts.iter().any(|shift| shift.doctor == piece.id)
        };
        let pieces = self.whole.furniture.resources.iter();
        let shown = pieces.filter(|piece| self.by.shows(piece) && (works(piece) || busy(piece)));
        shown.map(|piece| self.column(piece)).collect()
    }

    fn column(&self, piece: &Piece) -> Column {
        let own: Vec<&DayEntry> =
            self.whole.entries.iter().filter(|entry| self.by.of(entry) == Some(piece.id)).collect();
        let open = self.whole.supply.open(piece.id);
        let now = Span { starts: self.whole.now, ends: self.whole.now };
        let end = self.start.plus_minutes(i64::from(self.hours.to - self.hours.from) * 60);
        let on_grid = (self.start..end).contains(&self.whole.now);
        Column {
            id: piece.id,
            kind: self.by.name(),
            name: piece.name.clone(),
            detail: self.detail(piece),
            load: load(&open, &own),
            day: self.whole.day,
            day_start: self.start,
            from_hour: self.hours.from,
            to_hour: self.hours.to,
            now_row: if on_grid { rows(self.start, now).0 } else { 0 },
            can_book: self.can_book,
            shut: self.shut(piece, &open, end),
            free: if self.can_book { self.free(piece.id, &open) } else { Vec::new() },
            entries: self.entries(&own),
        }
    }

    /// «терапевт · Кресло 1», or whose chair it is today.
    fn detail(&self, piece: &Piece) -> String {
        let shifts = self.whole.plan.shifts.iter();
        let others = shifts.filter_map(|shift| match self.by {
            By::Doctor => shift.place.filter(|_| shift.doctor == piece.id),
            By::Chair => Some(shift.doctor).filter(|_| shift.place == Some(piece.id)),
        });
        let names = others.map(|id| self.whole.furniture.name(Some(id)).to_owned());
        let mut parts: Vec<String> = Vec::new();
        for part in [piece.specialty.clone()].into_iter().chain(names) {
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(" · ")
    }

    /// Where nobody works, and why.
    fn shut(&self, piece: &Piece, open: &[Span], end: Civil) -> Vec<Shut> {
        let mut shut = Vec::new();
        let mut put = |span: Span, text: String| {
            let span = Span { starts: span.starts.max(self.start), ends: span.ends.min(end) };
            if span.starts < span.ends {
                let (row, rows) = rows(self.start, span);
                shut.push(Shut { row, span: rows, text });
            }
        };
        if self.by == By::Chair {
            let closed = self.whole.plan.closures.iter().filter(|one| one.resource == piece.id);
            for closure in closed {
                let text = self.say.key("booking-closed");
                put(on_day(self.whole.day, closure.span), text);
            }
            return shut;
        }
        let (Some(first), Some(last)) = (open.first(), open.last()) else {
            put(Span { starts: self.start, ends: end }, self.say.key("booking-off"));
            return shut;
        };
        let from = [("time", dates::time(first.starts))];
        let until = [("time", dates::time(last.ends))];
        let before = Span { starts: self.start, ends: first.starts };
        put(before, self.say.with("booking-shift-from", &from));
        for pair in open.windows(2) {
            let between = Span { starts: pair[0].ends, ends: pair[1].starts };
            put(between, self.say.key("booking-break"));
        }
        let after = Span { starts: last.ends, ends: end };
        put(after, self.say.with("booking-shift-until", &until));
        shut
    }

    /// What can still be booked.
    fn free(&self, id: ResourceId, open: &[Span]) -> Vec<Free> {
        let gaps = self.whole.supply.gaps(id, open).into_iter();
        gaps.filter_map(|gap| {
            let gap = Span { starts: from_now(gap.starts, self.whole.now), ..gap };
            if gap.ends < gap.starts || gap.minutes() < SHORTEST_GAP {
                return None;
            }
            let (row, span) = rows(self.start, gap);
            Some(Free { row, span, starts: gap.starts, minutes: gap.minutes() })
        })
        .collect()
    }

    /// What is cancelled, missed or moved away shows only where nothing else does.
    fn entries(&self, own: &[&DayEntry]) -> Vec<Entry> {
        let free = |entry: &DayEntry| {
            own.iter().all(|other| !other.status.holds() || !span(other).overlaps(span(entry)))
        };
        let shown: Vec<&DayEntry> =
            own.iter().copied().filter(|one| one.status.holds() || free(one)).collect();
        let spans: Vec<Span> = shown.iter().map(|entry| span(entry)).collect();
        let placed = lanes(&spans);
        shown.iter().zip(placed).map(|(entry, lane)| self.entry(entry, lane)).collect()
    }

    fn entry(&self, entry: &DayEntry, (lane, of): (usize, usize)) -> Entry {
        let (row, span) = rows(self.start, span(entry));
        Entry {
            id: entry.id,
            short: short(entry.id),
            version: entry.version,
            state: entry.status.name(),
            row,
            span,
            lane: if of == 1 { String::new() } else { format!("lane-{lane}-{of}") },
            starts: entry.starts,
            minutes: entry.minutes,
            patient: entry.patient.clone(),
            service: entry.service.clone(),
            beside: self.whole.furniture.name(self.by.beside(entry)).to_owned(),
            flags: entry.flags(),
            delivery: delivery(entry.message),
            locked: !self.can_book || !entry.status.may_move(),
        }
    }
}

fn short(id: AppointmentId) -> String {
    id.to_string().chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect()
}

fn span(entry: &DayEntry) -> Span {
    Span { starts: entry.starts, ends: entry.ends() }
}

/// The next quarter of an hour, if that is later: what is past is not offered.
pub fn from_now(starts: Civil, now: Civil) -> Civil {
    if now <= starts {
        return starts;
    }
    let off = i64::from(now.minute_of_day()) % SHORTEST_GAP;
    now.plus_minutes((SHORTEST_GAP - off) % SHORTEST_GAP)
}

/// Per cent of the shift that is booked.
pub fn load(open: &[Span], own: &[&DayEntry]) -> Option<i64> {
    let worked: i64 = open.iter().map(|span| span.minutes()).sum();
    let holding = own.iter().filter(|entry| entry.status.holds());
    let booked: i64 = holding.map(|entry| entry.minutes).sum();
    (0 < worked).then(|| (booked * 100 / worked).min(100))
}

fn sample_column() -> Column {
    let now = Timestamp::from_unix_ms(1_795_402_800_000);
    let at = |text: &str| -> Civil { text.parse().expect("a time") };
    let entry = |state: &'static str, minutes: i64| Entry {
        id: AppointmentId::new(now),
        short: short(AppointmentId::new(now)),
        version: 3,
        state,
        row: 13,
        span: 6,
        lane: if minutes < 45 { "lane-1-2".to_owned() } else { String::new() },
        starts: at("2026-11-23T10:00"),
        minutes,
        patient: "Ержан Мусин".to_owned(),
        service: "Лечение".to_owned(),
        beside: if minutes < 30 { String::new() } else { "Кресло 1".to_owned() },
        flags: vec!["allergy", "new", "no_shows", "child"],
        delivery: if minutes < 30 { "failed" } else { "" },
        locked: state != "booked",
    };
    let states = crate::booking::Status::ALL.map(crate::booking::Status::name);
    Column {
        id: ResourceId::new(now),
        kind: "doctor",
        name: "Сейтова А. Н.".to_owned(),
        detail: String::new(),
        load: Some(82),
        day: at("2026-11-23T09:00").day(),
        day_start: at("2026-11-23T09:00"),
        from_hour: 9,
        to_hour: 18,
        now_row: 20,
        can_book: true,
        shut: vec![Shut { row: 1, span: 6, text: "—".to_owned() }],
        free: vec![Free { row: 7, span: 6, starts: at("2026-11-23T09:30"), minutes: 30 }],
        entries: states
            .into_iter()
            .zip([60, 45, 30, 15].into_iter().cycle())
            .map(|(s, m)| entry(s, m))
            .collect(),
    }
}

impl View for ScheduleView {
    const TEMPLATE: &'static str = "booking/schedule.html";

    fn samples() -> Vec<Self> {
        let full = || {
            let column = sample_column();
            Self {
                day: column.day,
                previous: column.day.plus_days(-1),
                next: column.day.plus_days(1),
                by: "doctor",
                from_hour: 9,
                to_hour: 18,
                now: "10:35".to_owned(),
                past: false,
                holiday: String::new(),
                columns: vec![column],
                panel_href: "/appointments/new".to_owned(),
                panel_open: false,
                finding: true,
                can_book: true,
                can_set_up: true,
            }
        };
        let past = Self { past: true, can_book: false, holiday: "—".to_owned(), ..full() };
        let empty = Self { columns: Vec::new(), now: String::new(), ..full() };
        let chairs = Self { by: "chair", can_set_up: false, panel_open: true, ..full() };
        vec![full(), past, empty, chairs]
    }
}

impl View for ColumnView {
    const TEMPLATE: &'static str = "booking/column.html";

    fn samples() -> Vec<Self> {
        let bare = Column { load: None, now_row: 0, can_book: false, ..sample_column() };
        vec![Self { column: sample_column() }, Self { column: bare }]
    }
}
