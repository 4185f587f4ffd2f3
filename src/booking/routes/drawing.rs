//! A day as it is drawn: columns, and in them what is booked, free and shut.

use serde::Deserialize;

use crate::booking::day::{DayEntry, Piece, WholeDay};
use crate::booking::grid::{Frame, Hours, Scale, lanes, rows};
use crate::booking::routes::column::{Column, Entry, Free, Shut, class, short};
use crate::booking::routes::words::{Say, delivery};
use crate::booking::slots::Span;
use crate::booking::store::midnight;
use crate::booking::supply::on_day;
use crate::clock::Civil;
use crate::i18n::dates;
use crate::ids::ResourceId;

/// Gaps shorter than this are not offered.
pub const SHORTEST_GAP: i64 = 15;

/// Entries of so many minutes have a line for flags.
const ROOM_FOR_FLAGS: i64 = 45;

/// Which column a thing of the clinic stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    #[default]
    #[serde(alias = "doctors")]
    Doctor,
    #[serde(alias = "chairs")]
    Chair,
}

impl By {
    pub fn name(self) -> &'static str {
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

/// A day being drawn.
pub(super) struct Drawing<'a> {
    whole: &'a WholeDay,
    say: &'a Say<'a>,
    by: By,
    can_book: bool,
    pub frame: Frame,
    start: Civil,
}

impl<'a> Drawing<'a> {
    /// In a frame of its own, or in the one that a column stands in already.
    pub fn of(
        whole: &'a WholeDay,
        say: &'a Say<'a>,
        by: By,
        can_book: bool,
        frame: Option<Frame>,
    ) -> Self {
        let frame = frame.unwrap_or_else(|| Frame::around(whole, by));
        let start = midnight(whole.day).plus_minutes(i64::from(frame.hours.from) * 60);
        Self { whole, say, by, can_book, frame, start }
    }

    /// Whoever works or is booked; every chair when some doctor works.
    pub fn columns(&self) -> Vec<Column> {
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

    pub fn column(&self, piece: &Piece) -> Column {
        let own: Vec<&DayEntry> =
            self.whole.entries.iter().filter(|entry| self.by.of(entry) == Some(piece.id)).collect();
        let open = self.whole.supply.open(piece.id);
        let hours = self.frame.hours;
        let now = Span { starts: self.whole.now, ends: self.whole.now };
        let end = self.start.plus_minutes(i64::from(hours.to - hours.from) * 60);
        let on_grid = (self.start..end).contains(&self.whole.now);
        Column {
            id: piece.id,
            kind: self.by.name(),
            name: piece.name.clone(),
            detail: self.detail(piece),
            late: match self.by {
                By::Doctor => self.whole.late.of(Some(piece.id)),
                By::Chair => 0,
            },
            load: load(&open, &own),
            day: self.whole.day,
            day_start: self.start,
            now_row: if on_grid { rows(self.start, now).0 } else { 0 },
            can_book: self.can_book,
            shut: self.shut(piece, &open, end),
            free: if self.can_book { self.free(piece.id, &open, &own) } else { Vec::new() },
            entries: self.entries(piece, &own),
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

    /// What can still be booked, as far as it can be hit.
    fn free(&self, id: ResourceId, open: &[Span], own: &[&DayEntry]) -> Vec<Free> {
        let scale = self.frame.scale;
        let holding = own.iter().filter(|entry| entry.status.holds());
        let drawn: Vec<Span> = holding.map(|entry| scale.drawn(span(entry))).collect();
        let gaps = self.whole.supply.gaps(id, open).into_iter();
        gaps.filter_map(|gap| {
            let gap = Span { starts: from_now(gap.starts, self.whole.now), ..gap };
            if gap.ends < gap.starts || gap.minutes() < SHORTEST_GAP {
                return None;
            }
            let (row, span) = rows(self.start, scale.uncovered(gap, &drawn)?);
            let (starts, time) = (gap.starts, dates::time(gap.starts));
            Some(Free { row, span, starts, time, minutes: gap.minutes() })
        })
        .collect()
    }

    /// What is cancelled, missed or moved away shows only where nothing else does.
    fn entries(&self, piece: &Piece, own: &[&DayEntry]) -> Vec<Entry> {
        let detail = self.detail(piece);
        let free = |entry: &DayEntry| {
            own.iter().all(|other| !other.status.holds() || !span(other).overlaps(span(entry)))
        };
        let shown: Vec<&DayEntry> =
            own.iter().copied().filter(|one| one.status.holds() || free(one)).collect();
        let scale = self.frame.scale;
        let spans: Vec<Span> = shown.iter().map(|entry| scale.drawn(span(entry))).collect();
        let placed = lanes(&spans);
        let beside = |entry: &DayEntry| self.can_book && !entry.status.holds();
        let placed = shown.iter().zip(placed).map(|(entry, lane)| match lane {
            // The time that it gave up can be booked again: leave room to click.
            (1, 1) if beside(entry) => self.entry(entry, (2, 2), &detail),
            lane => self.entry(entry, lane, &detail),
        });
        placed.collect()
    }

    fn entry(&self, entry: &DayEntry, (lane, of): (usize, usize), head: &str) -> Entry {
        let beside = self.whole.furniture.name(self.by.beside(entry));
        let flags = entry.flags();
        let roomy = ROOM_FOR_FLAGS <= entry.minutes;
        let awaits = entry.held && entry.status.holds();
        let drawn = self.frame.scale.drawn(span(entry));
        let (row, rows) = rows(self.start, drawn);
        Entry {
            id: entry.id,
            short: short(entry.id),
            version: entry.version,
            state: if awaits { "held" } else { entry.status.name() },
            class: if awaits { "held" } else { class(entry.status) },
            row,
            span: rows,
            lane: if of == 1 { String::new() } else { format!("lane-{lane}-{of}") },
            time: dates::time(entry.starts),
            expected: self.whole.expected(entry).map(dates::time).unwrap_or_default(),
            minutes: entry.minutes,
            stretched: entry.minutes < drawn.minutes(),
            patient: entry.patient.clone(),
            service: entry.service.clone(),
            beside: if head.contains(beside) { String::new() } else { beside.to_owned() },
            allergy: !roomy && flags.contains(&"allergy"),
            flags: if roomy { flags } else { Vec::new() },
            undelivered: match delivery(entry.message) {
                state @ ("failed" | "uncertain") => state,
                _ => "",
            },
            locked: !self.can_book || !entry.status.may_move(),
            hidden: entry.hidden,
        }
    }
}

impl Frame {
    /// Whole hours around the shifts and all that is booked, and rows for the
    /// shortest of it.
    fn around(whole: &WholeDay, by: By) -> Self {
        let shown = || whole.entries.iter().filter(|entry| by.of(entry).is_some());
        let scale = Scale::showing(shown().map(|entry| entry.minutes));
        let shifts = whole.plan.shifts.iter().map(|shift| on_day(whole.day, shift.span()));
        let booked = shown().filter(|entry| entry.status.holds());
        let booked = booked.map(|entry| scale.drawn(span(entry)));
        Self { hours: Hours::around(shifts.chain(booked)), scale }
    }
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
