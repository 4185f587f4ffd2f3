//! What the form of visits together says.

use std::collections::HashMap;

use serde::Serialize;

use crate::booking::routes::repeat::form::rows;
use crate::booking::series;
use crate::booking::series::together::{MOST, Part, Placing};
use crate::clinic::Clinic;
use crate::ids::SeriesId;

/// How many empty lines stand at least.
const EMPTY: usize = 2;

/// What was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Typed {
    /// The id that they will have: sent again, the form books nothing twice.
    pub(super) series: String,
    /// Who else is looked for.
    pub(super) query: String,
    pub(super) lines: Vec<Line>,
    /// What the times below are for.
    pub(super) asked: String,
    #[serde(skip)]
    pub(super) rows: HashMap<i64, series::Choice>,
    #[serde(skip)]
    pub(super) books: bool,
}

/// One visit more, as typed; without a service it is none.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) number: i64,
    pub(super) who: String,
    pub(super) service: String,
    pub(super) doctor: String,
    pub(super) placing: String,
}

impl Typed {
    pub(super) fn of(clinic: &Clinic, fields: &HashMap<String, String>) -> Self {
        let text = |name: &str| fields.get(name).map_or("", |value| value.trim()).to_owned();
        let line = |number: i64| Line {
            number,
            who: text(&format!("who-{number}")),
            service: text(&format!("service-{number}")),
            doctor: text(&format!("doctor-{number}")),
            placing: text(&format!("placing-{number}")),
        };
        let all: Vec<Line> = (2..).take(MOST).map(line).collect();
        let used = all.iter().rposition(|line| !line.service.is_empty()).map_or(0, |at| at + 1);
        let shown = (used + 1).clamp(EMPTY, MOST);
        let mut typed = Self {
            series: text("series"),
            query: text("query"),
            lines: all.into_iter().take(shown).collect(),
            ..Self::default()
        };
        if typed.series.parse::<SeriesId>().is_err() {
            typed.series = SeriesId::new(clinic.clock().now()).to_string();
        }
        let said =
            |line: &Line| format!("{}/{}/{}/{}", line.who, line.service, line.doctor, line.placing);
        typed.asked = typed.used().map(said).collect::<Vec<_>>().join(";");
        // What was chosen for other visits says nothing about these.
        if fields.get("asked") == Some(&typed.asked) {
            typed.rows = rows(fields);
            typed.books = fields.get("do").is_some_and(|verb| verb == "book");
        }
        typed
    }

    pub(super) fn used(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.service.is_empty())
    }

    /// The visits that are asked for; None when one of them makes no sense.
    pub(super) fn parts(&self) -> Option<Vec<Part>> {
        self.used().map(Line::part).collect()
    }
}

impl Line {
    fn part(&self) -> Option<Part> {
        Some(Part {
            number: self.number,
            patient_id: self.who.parse().ok()?,
            service_id: self.service.parse().ok()?,
            doctor_id: self.doctor.parse().ok(),
            placing: Placing::named(&self.placing).unwrap_or(Placing::After),
        })
    }
}
