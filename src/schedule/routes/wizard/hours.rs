//! The wizard's hours: one line a doctor, with defaults that most clinics keep.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::ids::ResourceId;
use crate::pages::{Chrome, View};
use crate::schedule::routes::Choice;
use crate::schedule::routes::hours_forms::lies_inside;
use crate::schedule::routes::resources::sample;
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::wizard::{Frame, Known, LAYOUT, Step};
use crate::schedule::{
    self, Pattern, PatternDraft, Resource, ResourceKind, SimpleWeek, Span, minute_text,
};
use crate::vault::Grant;
use crate::vault::permission::SetUpClinic;
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get("/setup/hours", show).post("/setup/hours", save)
}

/// One line for each doctor.
#[derive(Debug, Serialize)]
pub struct WizardHoursPage {
    wizard: Frame,
    rows: Vec<RowForm>,
    /// Doctors whose week is not so simple: the editor has it.
    own: Vec<OwnWeek>,
    places: Vec<Choice>,
    errors: Errors,
}

/// What stands in the fields of a doctor, as typed.
#[derive(Clone, Debug, Default, Serialize)]
struct RowForm {
    id: String,
    name: String,
    week_starts: String,
    week_ends: String,
    lunch_starts: String,
    lunch_ends: String,
    sat_starts: String,
    sat_ends: String,
    sun_starts: String,
    sun_ends: String,
    place: String,
}

#[derive(Debug, Serialize)]
struct OwnWeek {
    id: ResourceId,
    name: String,
}

impl RowForm {
    fn of(doctor: &Resource, week: &SimpleWeek) -> Self {
        let starts = |span: Option<Span>| span.map(|span| minute_text(span.starts));
        let ends = |span: Option<Span>| span.map(|span| minute_text(span.ends));
        Self {
            id: doctor.id.to_string(),
            name: doctor.name.clone(),
            week_starts: starts(week.workdays).unwrap_or_default(),
            week_ends: ends(week.workdays).unwrap_or_default(),
            lunch_starts: starts(week.lunch).unwrap_or_default(),
            lunch_ends: ends(week.lunch).unwrap_or_default(),
            sat_starts: starts(week.saturday).unwrap_or_default(),
            sat_ends: ends(week.saturday).unwrap_or_default(),
            sun_starts: starts(week.sunday).unwrap_or_default(),
            sun_ends: ends(week.sunday).unwrap_or_default(),
            place: week.place_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    fn read(typed: &Typed, row: usize, known: &Known) -> Self {
        let id = typed.at("doctor", row);
        let doctor = known.catalog.doctors().find(|doctor| doctor.id.to_string() == id);
        Self {
            name: doctor.map(|doctor| doctor.name.clone()).unwrap_or_default(),
            id,
            week_starts: typed.at("week_starts", row),
            week_ends: typed.at("week_ends", row),
            lunch_starts: typed.at("lunch_starts", row),
            lunch_ends: typed.at("lunch_ends", row),
            sat_starts: typed.at("sat_starts", row),
            sat_ends: typed.at("sat_ends", row),
            sun_starts: typed.at("sun_starts", row),
            sun_ends: typed.at("sun_ends", row),
            place: typed.at("place", row),
        }
    }

    /// None when the doctor is not there any more.
    fn understand(
        &self,
        row: usize,
        errors: &mut Errors,
    ) -> Option<(ResourceId, Vec<PatternDraft>)> {
        let mut span = |starts: &str, ends: &str, field: &str| {
            typed::span(starts, ends, &format!("{field}-{row}"), errors)
        };
        let workdays = span(&self.week_starts, &self.week_ends, "week_starts");
        let lunch = span(&self.lunch_starts, &self.lunch_ends, "lunch_starts");
        let saturday = span(&self.sat_starts, &self.sat_ends, "sat_starts");
        let sunday = span(&self.sun_starts, &self.sun_ends, "sun_starts");
        let lunch = lunch.filter(|_| workdays.is_some());
        if let (Some(lunch), Some(hours)) = (lunch, workdays)
            && !lies_inside(lunch, hours)
        {
            errors.insert(format!("lunch_starts-{row}"), "schedule-error-lunch");
        }
        let place_id = self.place.parse().ok();
        let week = SimpleWeek { workdays, lunch, saturday, sunday, place_id };
        Some((self.id.parse().ok()?, week.drafts()))
    }
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    WizardHoursPage::of(&known).page(&clinic, chrome)
}

async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let rows = 0..typed.rows("doctor");
    let forms: Vec<_> = rows.map(|row| RowForm::read(&typed, row, &known)).collect();
    let mut errors = Errors::new();
    let weeks = forms.iter().enumerate();
    let weeks: Vec<_> = weeks.filter_map(|(row, form)| form.understand(row, &mut errors)).collect();
    if !errors.is_empty() {
        let view = WizardHoursPage { rows: forms, errors, ..WizardHoursPage::of(&known) };
        return Ok(view.page(&clinic, chrome)?.refused().into_response());
    }
    schedule::set_weeks(&clinic.vault, &grant, known.today, &weeks).await?;
    Ok(see_other(known.after(Step::Hours)))
}

impl WizardHoursPage {
    fn of(known: &Known) -> Self {
        let places: Vec<&Resource> = known.catalog.places().collect();
        let (mut rows, mut own) = (Vec::new(), Vec::new());
        for (index, doctor) in known.catalog.doctors().enumerate() {
            let patterns: Vec<Pattern> = known
                .patterns
                .iter()
                .filter(|pattern| pattern.resource_id == doctor.id)
                .cloned()
                .collect();
            let usual = SimpleWeek::usual(places.get(index).map(|place| place.id));
            match SimpleWeek::of(&patterns) {
                _ if patterns.is_empty() => rows.push(RowForm::of(doctor, &usual)),
                Some(week) => rows.push(RowForm::of(doctor, &week)),
                None => own.push(OwnWeek { id: doctor.id, name: doctor.name.clone() }),
            }
        }
        let places = places.iter().map(|place| Choice::new(place.id, &*place.name)).collect();
        Self { wizard: known.frame(Step::Hours), rows, own, places, errors: Errors::new() }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.layout(LAYOUT), self)
    }
}

impl View for WizardHoursPage {
    const TEMPLATE: &'static str = "schedule/setup/hours.html";

    fn samples() -> Vec<Self> {
        let doctor = sample(ResourceKind::Doctor, "Сейтова Айгуль Нурлановна");
        let own = vec![OwnWeek { id: doctor.id, name: doctor.name.clone() }];
        let mut row = RowForm::of(&doctor, &SimpleWeek::usual(None));
        "утро".clone_into(&mut row.week_starts);
        let mut errors = Errors::new();
        let _ = row.understand(0, &mut errors);
        let wizard = Frame::sample(Step::Hours);
        let places = vec![Choice::new(1, "Кресло 1")];
        let (rows, none) = (Vec::new(), Vec::new());
        let empty = Self {
            wizard: wizard.clone(),
            rows,
            own: Vec::new(),
            places: none,
            errors: Errors::new(),
        };
        vec![empty, Self { wizard, rows: vec![row], own, places, errors }]
    }
}
