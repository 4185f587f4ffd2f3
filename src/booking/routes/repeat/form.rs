//! What the form of a series says, and what makes no sense in it.

use std::collections::HashMap;

use serde::Serialize;

use crate::booking::day::Details;
use crate::booking::series::{self, Course, Repeated, Rhythm, Unit, Wrong};
use crate::clinic::Clinic;
use crate::ids::SeriesId;
use crate::web::FieldErrors;

/// What stands in the form at first: twelve visits every four weeks.
const USUAL: (&str, &str) = ("12", "4");

/// What was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Typed {
    /// The id that the series will have: sent again, the form books nothing twice.
    pub(super) series: String,
    pub(super) count: String,
    pub(super) every: String,
    pub(super) unit: String,
    pub(super) doctor: String,
    #[serde(skip)]
    pub(super) rows: HashMap<i64, series::Choice>,
    #[serde(skip)]
    pub(super) books: bool,
}

impl Typed {
    pub(super) fn of(clinic: &Clinic, fields: &HashMap<String, String>) -> Self {
        let text = |name: &str, usual: &str| {
            fields.get(name).map_or(usual, |value| value.trim()).to_owned()
        };
        let mut typed = Self {
            series: text("series", ""),
            count: text("count", USUAL.0),
            every: text("every", USUAL.1),
            unit: text("unit", Unit::Weeks.name()),
            doctor: text("doctor", "same"),
            ..Self::default()
        };
        if typed.series.parse::<SeriesId>().is_err() {
            typed.series = SeriesId::new(clinic.clock().now()).to_string();
        }
        // What was chosen for other dates says nothing about these.
        if fields.get("asked") == Some(&typed.asked()) {
            typed.rows = rows(fields);
            typed.books = fields.get("do").is_some_and(|verb| verb == "book");
        }
        typed
    }

    /// Which dates the rows below the form are for.
    fn asked(&self) -> String {
        format!("{}/{}/{}/{}", self.count, self.every, self.unit, self.doctor)
    }

    pub(super) fn rhythm(&self) -> Result<Rhythm, FieldErrors> {
        let wrong = |field, key: &str| -> FieldErrors {
            [(field, format!("booking-repeat-error-{key}"))].into()
        };
        let count = self.count.parse().map_err(|_| wrong("count", "count"))?;
        let every = self.every.parse().map_err(|_| wrong("every", "every"))?;
        let unit = Unit::named(&self.unit).unwrap_or(Unit::Weeks);
        Rhythm::new(count, every, unit).map_err(|error| match error {
            Wrong::Count => wrong("count", "count"),
            Wrong::Every => wrong("every", "every"),
            Wrong::TooLong => wrong("count", "too-long"),
        })
    }

    /// None when what is open has no service or doctor to repeat.
    pub(super) fn course(&self, details: &Details, rhythm: Rhythm) -> Option<Course> {
        let doctor_id = details.doctor_id?;
        let what = Repeated {
            service_id: details.service_id?,
            doctor_id: (self.doctor != "any").then_some(doctor_id),
            minutes: details.minutes,
        };
        Some(Course::after(details.starts, what, rhythm))
    }
}

/// What was chosen for each date, by its number.
pub(in crate::booking::routes) fn rows(
    fields: &HashMap<String, String>,
) -> HashMap<i64, series::Choice> {
    let chosen = |(name, value): (&String, &String)| {
        Some((
            name.strip_prefix("row-")?.parse::<i64>().ok()?,
            value.parse::<series::Choice>().ok()?,
        ))
    };
    fields.iter().filter_map(chosen).collect()
}
