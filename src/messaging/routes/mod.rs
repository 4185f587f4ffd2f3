//! Messages on the web: the gateway's page, the wording, a patient's messages,
//! and where gateways report.

mod gateway;
mod patient;
mod report;
mod texts;

use serde::Serialize;

use crate::messaging::MessagingError;
use crate::messaging::setup::GatewayError;
use crate::web::{Problem, Routes};

pub use gateway::{GatewayHealthPage, GatewayPage};
pub use patient::MessagesPage;
pub use texts::{Named, Preview, PreviewPage, TextPage, TextsPage, explained};

pub fn routes() -> Routes {
    Routes::new()
        .get("/messages/gateway", gateway::show)
        .post("/messages/gateway", gateway::save)
        .get("/messages/gateway/health", gateway::health)
        .post("/messages/gateway/trial", gateway::send_trial)
        .get("/messages/texts", texts::list)
        .get("/messages/texts/{purpose}/{language}", texts::edit)
        .post("/messages/texts/{purpose}/{language}", texts::save)
        .post("/messages/texts/{purpose}/{language}/preview", texts::preview)
        .get("/patients/{patient_id}/messages", patient::list)
}

pub fn public_routes() -> Routes {
    Routes::new().get("/r/{token}", report::take)
}

/// A choice in a form.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: &'static str,
    label: String,
}

impl From<MessagingError> for Problem {
    fn from(error: MessagingError) -> Self {
        match error {
            MessagingError::Text(_) => Self::Invalid("messaging-error-text"),
            MessagingError::NoSuchPatient => Self::NotFound,
            MessagingError::Vault(cause) => cause.into(),
        }
    }
}

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::Fields(_) => Self::Invalid("messaging-error-gateway"),
            GatewayError::Vault(cause) => cause.into(),
        }
    }
}
