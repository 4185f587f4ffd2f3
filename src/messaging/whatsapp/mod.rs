//! WhatsApp as a way for messages: the clinic's app with Meta, its templates,
//! and the door through which Meta tells what became of them.
//!
//! Meta's servers are abroad, so a template is filled with neutral values only
//! ([`NEUTRAL`](crate::messaging::text::NEUTRAL); KAZAKHSTAN.md 3.5), and only for those who chose WhatsApp or
//! where the clinic writes so to all.

mod app;
mod button;
mod event;
mod person;
mod plan;
mod settle;
mod shape;
mod speech;
mod store;
mod talk;
mod template;
mod webhook;

pub(super) use app::kept_secret;
pub use app::{App, AppChange, AppError, app, languages_of, save_app, templates, with_app};
pub(super) use button::make as make_buttons;
pub use event::{Heard, Kind, Status};
pub(super) use plan::Plan;
pub(super) use store::{choice, hand_over_in, mark_over};
pub use store::{forget_people_in, forget_speeches as forget_said_in, hidden_behind_in};
pub use template::{
    Category, Template, TemplateChange, may_go, may_have_buttons, neutral_of, remove_template,
    save_template,
};
pub use webhook::{HEARD, Shut, Source, handshake, jobs, keep};

use crate::ids::PatientId;
use crate::messaging::Channel;
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

/// How a patient wants to be written to; none: as the clinic does.
pub async fn choose(
    vault: &Vault,
    grant: &Grant<SendMessages>,
    patient_id: PatientId,
    channel: Option<Channel>,
) -> Result<(), VaultError> {
    vault
        .change(grant, async |tx| {
            store::choose(tx, patient_id, channel).await?;
            let event = Event::new("message.channel_chosen", Subject::Patient(patient_id));
            let event = event.because(channel.map_or("any", Channel::name));
            Ok(((), event.touching(format!("patient:{patient_id}"))))
        })
        .await
}
