//! First or repeated: the other service of the two, in words and as a button.

use serde::Serialize;

use super::form::PanelForm;
use crate::booking::again::{Advice, Planned, advice};
use crate::booking::day::{Furniture, Offer};
use crate::booking::routes::Choice;
use crate::booking::routes::words::Say;
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::dates;
use crate::ids::{PatientId, ServiceId};
use crate::vault::Grant;
use crate::vault::permission::ViewSchedule;
use crate::web::Problem;

/// That another service fits better.
#[derive(Debug, Serialize)]
pub(super) struct Advised {
    pub text: String,
    /// What fits, with its length and price.
    pub services: Vec<Choice>,
}

/// None while patient or service is open, and when the service fits.
pub(super) async fn advised(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    say: &Say<'_>,
    furniture: &Furniture,
    patient: Option<PatientId>,
    form: &PanelForm,
) -> Result<Option<Advised>, Problem> {
    let (Some(patient), Some(service)) = (patient, form.service_id()) else { return Ok(None) };
    let day: Option<Day> = form.starts.parse().map(Civil::day).or_else(|_| form.day.parse()).ok();
    let Some(day) = day else { return Ok(None) };
    let planned = Planned { patient, service, doctor: form.doctor_id(), day };
    let Some(advice) = advice(clinic, grant, planned).await? else { return Ok(None) };
    let (text, fitting) = worded(say, furniture, &advice);
    let offered = |id: &ServiceId| furniture.services.iter().find(|offer| offer.id == *id);
    let choice = |offer: &Offer| {
        let minutes = offer.minutes_with(form.doctor_id()).unwrap_or(offer.minutes);
        let minutes = say.with("booking-minutes", &[("minutes", minutes.to_string())]);
        let price = offer.price.map(|price| format!(" · {price}")).unwrap_or_default();
        let label = format!("{} · {minutes}{price}", offer.name);
        Choice { value: offer.id.to_string(), label }
    };
    let services: Vec<Choice> = fitting.iter().filter_map(offered).map(choice).collect();
    Ok((!services.is_empty()).then_some(Advised { text, services }))
}

fn worded(say: &Say<'_>, furniture: &Furniture, advice: &Advice) -> (String, Vec<ServiceId>) {
    match advice {
        Advice::Repeated { service, last } => {
            // With the year: the clinic may look back for three of them.
            let day = ("day", dates::numeric(last.day()));
            let text = match last.doctor_id {
                Some(id) => {
                    let doctor = ("doctor", furniture.name(Some(id)).to_owned());
                    say.with("booking-advised-repeated", &[day, doctor])
                }
                None => say.with("booking-advised-repeated-here", &[day]),
            };
            (text, vec![*service])
        }
        Advice::First { services, days } => {
            let text = say.with("booking-advised-first", &[("days", days.to_string())]);
            (text, services.clone())
        }
    }
}
