//! The chain on the web: its settings, the editor of a step, and what became of
//! every step of a visit.

mod settings;
mod step;
mod touches;

use serde::Serialize;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::messaging::text::Purpose;
use crate::messaging::{Channel, Preview, Sending, setup, whatsapp};
use crate::pages::Chrome;
use crate::reminders::chain::model::{Step, Unit};
use crate::reminders::chain::{ChainError, purpose};
use crate::vault::permission::EditTexts;
use crate::vault::{Grant, VaultError};
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

/// By which channels the clinic can write now.
struct Ways {
    channels: Vec<Channel>,
    /// Purposes for which WhatsApp has templates.
    templates: Vec<Purpose>,
}

impl Ways {
    async fn read(clinic: &Clinic, grant: &Grant<EditTexts>) -> Result<Self, VaultError> {
        let templates = whatsapp::templates(clinic, grant).await?;
        Ok(Self {
            channels: setup::channels_in_use(clinic, grant).await?,
            templates: templates.into_iter().map(|one| one.purpose).collect(),
        })
    }

    /// What a channel lacks to carry a step: `gateway`, `template` or nothing.
    fn lacks(&self, purpose: Purpose, channel: Channel) -> &'static str {
        if !self.channels.contains(&channel) {
            "gateway"
        } else if channel == Channel::Whatsapp && !self.templates.contains(&purpose) {
            "template"
        } else {
            ""
        }
    }

    /// Channels that a step may try first, each with what it lacks; none of them in
    /// front.
    fn choices(&self, clinic: &Clinic, language: Language, purpose: Purpose) -> Vec<Choice> {
        let words = clinic.pages.words();
        let named = |channel: Channel| {
            let name = words.plain(language, &format!("wanted-channel-{}", channel.name()));
            let label = match self.lacks(purpose, channel) {
                "" => name,
                what => {
                    let key = format!("reminders-channel-lacks-{what}");
                    words.with(language, &key, &[("channel", name.into())])
                }
            };
            Choice { value: channel.name().to_owned(), label }
        };
        let any = words.plain(language, "reminders-channel-any");
        let any = Choice { value: String::new(), label: any };
        [any].into_iter().chain(Channel::ALL.map(named)).collect()
    }
}

/// How a wording of a step would arrive: `words` are its own and the program's.
fn previewed(
    clinic: &Clinic,
    chrome: &Chrome,
    (step, language): (&Step, Language),
    (source, standard): (&str, &str),
    sending: Sending,
) -> Preview {
    let preview = Preview::of(clinic, chrome, (purpose(step), language), source, sending);
    if source.trim() == standard.trim() { preview.of_own() } else { preview }
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
