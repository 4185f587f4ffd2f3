//! A column of the day, as its template takes it.

use serde::Serialize;

use crate::booking::Status;
use crate::booking::grid::Scale;
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
    /// Per cent of the shift that is booked; None without a shift.
    pub load: Option<i64>,
    pub day: Day,
    pub day_start: Civil,
    pub from_hour: u32,
    pub to_hour: u32,
    pub scale: Scale,
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
    pub minutes: i64,
}

/// An appointment.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub id: AppointmentId,
    /// The random end of the id: enough to tell entries of one page apart.
    pub short: String,
    pub version: i64,
    pub state: &'static str,
    pub row: u32,
    pub span: u32,
    pub lane: String,
    pub starts: Civil,
    pub minutes: i64,
    /// Whether it is drawn longer than it is.
    pub stretched: bool,
    pub patient: String,
    pub service: String,
    /// The other resource: the chair beside the doctor, the doctor beside the chair.
    pub beside: String,
    pub flags: Vec<&'static str>,
    pub delivery: &'static str,
    pub locked: bool,
}

/// The random end of an id.
pub(super) fn short(id: AppointmentId) -> String {
    id.to_string().chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect()
}

impl Column {
    /// With one entry in each state, and bare of what may be missing: for the
    /// samples of views.
    pub fn samples() -> [Self; 2] {
        let bare = Self { load: None, now_row: 0, can_book: false, ..Self::sample() };
        [Self::sample(), bare]
    }

    pub fn sample() -> Self {
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
            stretched: minutes < 25,
            patient: "Ержан Мусин".to_owned(),
            service: "Лечение".to_owned(),
            beside: if minutes < 30 { String::new() } else { "Кресло 1".to_owned() },
            flags: vec!["allergy", "new", "no_shows", "child"],
            delivery: if minutes < 30 { "failed" } else { "" },
            locked: state != "booked",
        };
        let states = Status::ALL.map(Status::name);
        Self {
            id: ResourceId::new(now),
            kind: "doctor",
            name: "Сейтова А. Н.".to_owned(),
            detail: String::new(),
            load: Some(82),
            day: at("2026-11-23T09:00").day(),
            day_start: at("2026-11-23T09:00"),
            from_hour: 9,
            to_hour: 18,
            scale: Scale::Usual,
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
}
