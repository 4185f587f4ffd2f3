//! The chain on the web: its settings, the editor of a step, and what became of
//! every step of a visit.

mod settings;
mod step;
mod touches;

use serde::Serialize;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::reminders::chain::ChainError;
use crate::reminders::chain::model::Unit;
use crate::web::{Problem, Routes};

pub use settings::ChainPage;
pub use step::StepPage;
pub use touches::{CardRemindersView, TouchesPage};

pub fn routes() -> Routes {
    Routes::new()
        .get("/messages/reminders", settings::show)
        .post("/messages/reminders/rule", settings::set_rule)
        .post("/messages/reminders/steps", settings::add_step)
        .post("/messages/reminders/own", settings::make_own)
        .post("/messages/reminders/common", settings::drop_own)
        .get("/messages/reminders/steps/{step_id}", step::edit)
        .post("/messages/reminders/steps/{step_id}", step::save)
        .post("/messages/reminders/steps/{step_id}/remove", step::remove)
        .post("/messages/reminders/steps/{step_id}/preview/{language}", step::preview)
        .get("/appointments/{appointment_id}/reminders", touches::of_appointment)
        .get("/patients/{patient_id}/reminders", touches::of_patient)
}

/// One of several to choose from.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// When a step goes out, in words: «за 2 дня», «при записи».
fn when(clinic: &Clinic, language: Language, before: Option<i64>) -> String {
    let words = clinic.pages.words();
    match before.map(Unit::of) {
        None => words.plain(language, "reminders-at-booking"),
        Some((count, unit)) => {
            let key = format!("reminders-before-{}", unit.name());
            words.with(language, &key, &[("count", count.into())])
        }
    }
}

fn units(clinic: &Clinic, language: Language) -> Vec<Choice> {
    let label = |unit: Unit| {
        clinic.pages.words().plain(language, &format!("reminders-unit-{}", unit.name()))
    };
    let choice = |unit: Unit| Choice { value: unit.name().to_owned(), label: label(unit) };
    Unit::ALL.map(choice).into()
}

impl From<ChainError> for Problem {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::NoSuch => Self::NotFound,
            ChainError::Twice => Self::Conflict("reminders-twice"),
            ChainError::Text(..) => Self::Invalid("messaging-error-text"),
            ChainError::Vault(cause) => cause.into(),
        }
    }
}
