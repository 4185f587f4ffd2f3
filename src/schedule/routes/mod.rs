//! The set-up on the web: the first-run wizard and the settings pages.
//!
//! Every form is a plain POST that answers with a redirect, or with itself and
//! what is wrong, field by field, holding all that was typed.

mod branches;
mod facts;
mod holidays;
mod hours;
mod hours_forms;
mod kit;
mod repeat;
mod requisites;
mod resources;
mod services;
mod typed;
mod wizard;

use serde::{Deserialize, Serialize};

use crate::schedule::ScheduleError;
use crate::web::{Problem, Routes};

pub use branches::{BranchEditPage, BranchesPage};
pub use facts::ClinicPage;
pub use holidays::HolidaysPage;
pub use hours::{DoctorHoursPage, HoursPage};
pub use kit::KitPage;
pub use repeat::RepeatPage;
pub use resources::{ResourceEditPage, ResourcesPage};
pub use services::{ServiceEditPage, ServicesPage};
pub use wizard::{
    WizardClinicPage, WizardDonePage, WizardHoursPage, WizardResourcesPage, WizardServicesPage,
};

/// The settings and the wizard.
pub fn routes() -> Routes {
    Routes::new()
        .merge(facts::routes())
        .merge(branches::routes())
        .merge(resources::routes())
        .merge(services::routes())
        .merge(repeat::routes())
        .merge(hours::routes())
        .merge(holidays::routes())
        .merge(wizard::routes())
        .merge(kit::routes())
}

/// The entry of the rail that these pages belong to.
const ENTRY: &str = "settings";

/// What was just done: the page says so once.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    done: String,
}

impl Done {
    /// A word that the page knows, or nothing.
    fn word(&self) -> &'static str {
        let words = ["saved", "added", "ended", "resumed", "withdrawn"];
        words.into_iter().find(|word| *word == self.done).unwrap_or_default()
    }
}

/// One choice of a list.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

impl Choice {
    fn new(value: impl std::fmt::Display, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into() }
    }
}

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::NoSuch => Self::NotFound,
            ScheduleError::LastBranch => Self::Conflict("schedule-error-last-branch"),
            ScheduleError::ShiftsOverlap { .. } => Self::Invalid("schedule-error-overlap"),
            ScheduleError::BadPeriod => Self::Invalid("schedule-error-period"),
            ScheduleError::BadZone => Self::Invalid("schedule-error-zone"),
            ScheduleError::NotReady => Self::Conflict("schedule-error-not-ready"),
            ScheduleError::Vault(error) => error.into(),
        }
    }
}
