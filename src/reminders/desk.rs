//! Sending again, from a patient's messages.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::clinic::Clinic;
use crate::ids::MessageId;
use crate::reminders::again::{AgainError, send_again};
use crate::reminders::chain;
use crate::vault::Grant;
use crate::vault::permission::SendMessages;
use crate::web::{Problem, Routes, see_other};

pub fn routes() -> Routes {
    chain::routes().post("/messages/{message_id}/again", again)
}

#[derive(Debug, Deserialize)]
struct Sure {
    #[serde(default)]
    sure: String,
}

async fn again(
    State(clinic): State<Clinic>,
    grant: Grant<SendMessages>,
    Path(id): Path<MessageId>,
    Form(form): Form<Sure>,
) -> Result<Response, Problem> {
    let patient = send_again(&clinic, &grant, id, form.sure == "1").await?;
    Ok(see_other(&format!("/patients/{patient}/messages")))
}

impl From<AgainError> for Problem {
    fn from(error: AgainError) -> Self {
        match error {
            AgainError::NoSuchMessage => Self::NotFound,
            AgainError::Underway => Self::Conflict("messaging-again-underway"),
            AgainError::Unsure => Self::Conflict("messaging-again-unsure"),
            AgainError::NothingToTell => Self::Conflict("messaging-again-untrue"),
            AgainError::Messaging(cause) => cause.into(),
            AgainError::Vault(cause) => cause.into(),
        }
    }
}
