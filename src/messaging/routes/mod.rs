//! Messages on the web: the gateway's page, the wording, a patient's messages,
//! and where gateways report.

mod gateway;
mod gateways;
mod instagram;
mod patient;
mod report;
mod telegram;
mod texts;
mod trial;
mod webhook;
mod whatsapp;

use crate::messaging::MessagingError;
use crate::messaging::setup::GatewayError;
use crate::web::{Problem, Routes};

pub use gateway::GatewayPage;
pub use gateways::{GatewayHealthPage, GatewaysPage};
pub use instagram::InstagramPage;
pub use patient::MessagesPage;
pub use telegram::TelegramPage;
pub use texts::{Named, Preview, PreviewPage, Sending, TextPage, TextsPage, explained};
pub use trial::TrialPage;
pub use whatsapp::WhatsappPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/messages/gateway", gateways::list)
        .post("/messages/gateway", gateway::add)
        .get("/messages/gateway/new/{kind}", gateway::new)
        .get("/messages/gateway/{gateway_id}", gateway::show)
        .post("/messages/gateway/{gateway_id}", gateway::save)
        .get("/messages/gateway/{gateway_id}/health", gateways::health)
        .post("/messages/gateway/{gateway_id}/aside", gateways::take_up)
        .post("/messages/gateway/{gateway_id}/raise", gateways::raise)
        .post("/messages/gateway/{gateway_id}/remove", gateways::remove)
        .get("/messages/gateway/{gateway_id}/trial", trial::show)
        .post("/messages/gateway/{gateway_id}/trial", trial::send)
        .get("/messages/whatsapp", whatsapp::show)
        .post("/messages/whatsapp", whatsapp::save)
        .post("/messages/whatsapp/{purpose}/{language}", whatsapp::save_template)
        .post("/messages/whatsapp/{purpose}/{language}/remove", whatsapp::remove_template)
        .get("/messages/instagram", instagram::show)
        .post("/messages/instagram", instagram::save)
        .get("/messages/telegram", telegram::show)
        .post("/messages/telegram", telegram::save)
        .post("/messages/telegram/test", telegram::test)
        .get("/messages/texts", texts::list)
        .get("/messages/texts/{purpose}/{language}", texts::edit)
        .post("/messages/texts/{purpose}/{language}", texts::save)
        .post("/messages/texts/{purpose}/{language}/preview", texts::preview)
        .get("/patients/{patient_id}/messages", patient::list)
        .post("/patients/{patient_id}/messages/channel", patient::choose)
        .post("/patients/{patient_id}/messages/wanted", patient::set_wanted)
}

pub fn public_routes() -> Routes {
    Routes::new()
        .get("/r/{token}", report::take)
        .get("/hooks/whatsapp", webhook::whatsapp_handshake)
        .get("/hooks/instagram", webhook::instagram_handshake)
        .upload("/hooks/whatsapp", webhook::LARGEST, webhook::take_whatsapp)
        .upload("/hooks/instagram", webhook::LARGEST, webhook::take_instagram)
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
            GatewayError::NoSuchGateway => Self::NotFound,
            GatewayError::Fields(_) => Self::Invalid("messaging-error-gateway"),
            GatewayError::Vault(cause) => cause.into(),
        }
    }
}
