//! The gateway of a demo clinic: messages land in a list on this machine,
//! which [`Inbox`](crate::messaging::inbox::Inbox) shows.

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::http::{self, Http, Silence};
use super::{Delivery, Endpoint, Health, Outcome, Reference, Sms, Trouble};
use crate::contact::Phone;
use crate::messaging::segments::Segments;

/// Hands messages to an inbox on this machine.
#[derive(Clone)]
pub struct Demo {
    http: Http,
    endpoint: Endpoint,
}

/// A message as the inbox gets it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoSms {
    pub reference: Reference,
    pub to: Phone,
    pub text: String,
}

impl Demo {
    pub fn new(endpoint: Endpoint) -> Self {
        Self { http: Http::new(), endpoint }
    }

    pub(super) async fn send(&self, sms: Sms<'_>) -> Outcome {
        let (to, text) = (sms.to.clone(), sms.text.to_owned());
        let message = DemoSms { reference: sms.reference, to, text };
        let request = self.http.post(self.endpoint.url()).json(&message);
        match http::fetch(request).await {
            Ok(answer) if answer.status == StatusCode::ACCEPTED => Outcome::Accepted {
                provider_id: Some(sms.reference.to_string()),
                parts: Segments::of(sms.text).parts,
                cost: None,
            },
            Ok(_) => retry(Trouble::WrongAddress),
            Err(Silence::NotSent) => retry(Trouble::Unreachable),
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    pub(super) async fn status(&self, reference: Reference) -> Delivery {
        let url = self.endpoint.join(&format!("/{reference}"));
        match http::fetch(self.http.get(url)).await.map(|answer| answer.status) {
            Ok(StatusCode::NO_CONTENT) => Delivery::Delivered(None),
            Ok(StatusCode::NOT_FOUND) => Delivery::NotFound,
            _ => Delivery::Unknown,
        }
    }

    pub(super) async fn health(&self) -> Health {
        match http::fetch(self.http.get(self.endpoint.url())).await.map(|answer| answer.status) {
            Ok(StatusCode::OK) => Health::Well { balance: None },
            Ok(_) => Health::Ill(Trouble::WrongAddress),
            Err(_) => Health::Ill(Trouble::Unreachable),
        }
    }
}

fn retry(trouble: Trouble) -> Outcome {
    Outcome::Retry { after: Duration::from_secs(10), trouble }
}
