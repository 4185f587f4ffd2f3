//! First or repeated: the other service of the two, in words and as a button.

use serde::Serialize;

use crate::booking::again::{Advice, Planned, advice};
use crate::booking::day::{Furniture, Offer};
use crate::booking::routes::Choice;
use crate::booking::routes::words::Say;
use crate::clinic::Clinic;
use crate::i18n::{Language, dates};
use crate::ids::ServiceId;
use crate::vault::Grant;
use crate::vault::permission::ViewSchedule;
use crate::web::Problem;

/// That another service fits better.
#[derive(Debug, Serialize)]
pub struct Advised {
    pub(super) text: String,
    /// What fits, with its length and price.
    pub(super) services: Vec<Choice>,
}

/// None when the service fits.
///
/// # Errors
/// Those of the database.
pub async fn advised(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    language: Language,
    furniture: &Furniture,
    planned: Planned,
) -> Result<Option<Advised>, Problem> {
    let say = &Say { clinic, language };
    let Some(advice) = advice(clinic, grant, planned).await? else { return Ok(None) };
    let (text, fitting) = worded(say, furniture, &advice);
    let offered = |id: &ServiceId| furniture.services.iter().find(|offer| offer.id == *id);
    let choice = |offer: &Offer| {
        let minutes = offer.minutes_with(planned.doctor).unwrap_or(offer.minutes);
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

impl Advised {
    /// For samples of pages.
    pub(crate) fn sample() -> Self {
        let choice = Choice { value: "—".to_owned(), label: "—".to_owned() };
        Self { text: "—".to_owned(), services: vec![choice] }
    }
}
