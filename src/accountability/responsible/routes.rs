//! Who answers, on the web.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Appointed, NewAppointment};
use crate::accountability::{ENTRY, past_day, responsible, said, today};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::pages::Chrome;
use crate::schedule;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ViewRegisters};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

const PATH: &str = "/personal-data/responsible";

pub fn routes() -> Routes {
    Routes::new().get(PATH, show).post(PATH, appoint)
}

/// Who answers now, who did, and the next order.
#[derive(Debug, Serialize)]
pub struct ResponsiblePage {
    pub(in crate::accountability) history: Vec<Appointed>,
    /// The name that consents print, when it is another.
    pub(in crate::accountability) printed: Option<String>,
    pub(in crate::accountability) form: AppointmentForm,
    pub(in crate::accountability) errors: FieldErrors,
    pub(in crate::accountability) may_keep: bool,
}

/// An order, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppointmentForm {
    pub name: String,
    pub position: String,
    pub order_number: String,
    pub order_date: String,
    pub effective_from: String,
}

impl AppointmentForm {
    fn read(&self, today: Day) -> Result<NewAppointment, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = said(&self.name, "name", true, &mut errors);
        let position = said(&self.position, "position", false, &mut errors);
        let order_number = said(&self.order_number, "order_number", true, &mut errors);
        let order_date = past_day(&self.order_date, "order_date", today, &mut errors);
        let from = past_day(&self.effective_from, "effective_from", today, &mut errors);
        let (Some(order_date), Some(effective_from), true) = (order_date, from, errors.is_empty())
        else {
            return Err(errors);
        };
        Ok(NewAppointment { name, position, order_number, order_date, effective_from })
    }
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn appoint(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Form(form): Form<AppointmentForm>,
) -> Result<Response, Problem> {
    match form.read(today(&clinic)) {
        Ok(new) => {
            responsible::appoint(&clinic.vault, &grant, &new).await?;
            Ok(see_other(PATH))
        }
        Err(errors) => {
            let view = ResponsiblePage { form, errors, ..page(&clinic, &grant.also()?).await? };
            Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
        }
    }
}

async fn page(clinic: &Clinic, grant: &Grant<ViewRegisters>) -> Result<ResponsiblePage, Problem> {
    let history = responsible::history(&clinic.vault, grant).await?;
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    let printed = facts.map(|facts| facts.requisites.responsible).unwrap_or_default();
    let appointed = history.first().map(|one| one.name.clone()).unwrap_or_default();
    let today = dates::numeric(today(clinic));
    let form = AppointmentForm { effective_from: today, ..AppointmentForm::default() };
    Ok(ResponsiblePage {
        printed: Some(printed).filter(|printed| *printed != appointed && !printed.is_empty()),
        history,
        form,
        errors: FieldErrors::new(),
        may_keep: grant.actor().may::<KeepRegisters>(),
    })
}
