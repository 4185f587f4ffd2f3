//! A column of the day, as its template takes it.

use serde::Serialize;

use crate::booking::Status;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, ResourceId};

/// A doctor's or a chair's day on the grid.
#[derive(Debug, Serialize)]
pub(super) struct Column {
    pub id: ResourceId,
    /// `doctor` or `chair`.
    pub kind: &'static str,
    pub name: String,
    pub detail: String,
    /// How late the doctor is, in minutes; 0: in time, or a chair.
    pub late: i64,
    /// Per cent of the shift that is booked; None without a shift.
    pub load: Option<i64>,
    pub day: Day,
    pub day_start: Civil,
    /// Row of the present; 0 when it is not on the grid.
    pub now_row: u32,
    pub can_book: bool,
    pub shut: Vec<Shut>,
    pub free: Vec<Free>,
    pub entries: Vec<Entry>,
}

/// Where nobody works.
#[derive(Debug, Serialize)]
pub(super) struct Shut {
    pub row: u32,
    pub span: u32,
    pub text: String,
}

/// What can be booked by a click.
#[derive(Debug, Serialize)]
pub(super) struct Free {
    pub row: u32,
    pub span: u32,
    pub starts: Civil,
    /// `09:30`.
    pub time: String,
    pub minutes: i64,
}

/// An appointment.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(super) struct Entry {
    pub id: AppointmentId,
    /// The random end of the id: enough to tell entries of one page apart.
    pub short: String,
    pub version: i64,
    /// A status, or `held` while it waits for the desk's word.
    pub state: &'static str,
    /// The state's short name in the styles.
    pub class: &'static str,
    pub row: u32,
    pub span: u32,
    pub lane: String,
    /// `09:30`.
    pub time: String,
    /// `09:45`, when the doctor is late; else empty.
    pub expected: String,
    pub minutes: i64,
    /// Whether it is drawn longer than it is.
    pub stretched: bool,
    pub patient: String,
    pub service: String,
    /// The other resource, the chair beside the doctor, unless the column's
    /// head names it.
    pub beside: String,
    /// As far as there is room for them.
    pub flags: Vec<&'static str>,
    /// Whether an allergy must be shown though there is no room for flags.
    pub allergy: bool,
    /// `failed` or `uncertain` when the last message did not arrive.
    pub undelivered: &'static str,
    pub locked: bool,
    /// Somebody else's patient: no more than that the time is taken.
    pub hidden: bool,
}

/// The short name of a status in the styles: `status_class` of lib/ui.html.
pub(super) fn class(status: Status) -> &'static str {
    match status {
        Status::Booked => "new",
        Status::Confirmed => "conf",
        Status::Arrived => "here",
        Status::InTreatment => "chair",
        Status::Completed => "done",
        Status::NoShow => "miss",
        Status::Cancelled | Status::Moved => "cancel",
    }
}

/// The random end of an id.
pub(super) fn short(id: AppointmentId) -> String {
    id.to_string().chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect()
}

impl Column {
    /// With one entry in each state, and bare of what may be missing: for the
    /// samples of views.
    pub fn samples() -> [Self; 2] {
        let bare = Self { late: 0, load: None, now_row: 0, can_book: false, ..Self::sample() };
        [Self::sample(), bare]
    }

    pub fn sample() -> Self {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        let at = |text: &str| -> Civil { text.parse().expect("a time") };
        let entry = |status: Status, minutes: i64| Entry {
            id: AppointmentId::new(now),
            short: short(AppointmentId::new(now)),
            version: 3,
            state: status.name(),
            class: class(status),
            row: 13,
            span: 6,
            lane: if minutes < 45 { "lane-1-2".to_owned() } else { String::new() },
            time: "10:00".to_owned(),
            expected: if minutes == 60 { "10:15".to_owned() } else { String::new() },
            minutes,
            stretched: minutes < 25,
            patient: "Ержан Мусин".to_owned(),
            service: "Лечение".to_owned(),
            beside: if minutes < 30 { String::new() } else { "Кресло 1".to_owned() },
            flags: if minutes < 45 { vec![] } else { vec!["allergy", "new", "no_shows", "child"] },
            allergy: minutes < 45,
            undelivered: if minutes < 30 { "failed" } else { "" },
            locked: status != Status::Booked,
            hidden: status == Status::Completed,
        };
        Self {
            id: ResourceId::new(now),
            kind: "doctor",
            name: "Сейтова А. Н.".to_owned(),
            detail: String::new(),
            late: 15,
            load: Some(82),
            day: at("2026-11-23T09:00").day(),
            day_start: at("2026-11-23T09:00"),
            now_row: 20,
            can_book: true,
            shut: vec![Shut { row: 1, span: 6, text: "—".to_owned() }],
            free: vec![Free {
                row: 7,
                span: 6,
                starts: at("2026-11-23T09:30"),
                time: "09:30".to_owned(),
                minutes: 30,
            }],
            entries: Status::ALL
                .into_iter()
                .zip([60, 45, 30, 15].into_iter().cycle())
                .map(|(s, m)| entry(s, m))
                .collect(),
        }
    }
}
