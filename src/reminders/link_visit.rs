//! A followed link, with all that its pages need: of an appointment, of an
//! offer. Nothing is looked up for what cannot be a token.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::pages::{Chrome, View};
use crate::reminders::Token;
use crate::schedule;
use crate::vault::Grant;
use crate::vault::permission::Permission;
use crate::web::{Guest, Page, Problem, cookie};

/// Whoever follows a link that grants `P`.
pub struct LinkVisit<P: Permission> {
    pub clinic: Clinic,
    pub grant: Grant<P>,
    pub token: Token,
    pub chrome: Chrome,
    /// Whether the patient chose the pages' language.
    language_chosen: bool,
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    Unknown,
    /// The appointment is over.
    Expired,
    /// The offered time is over.
    Offer,
}

/// A link that opens nothing.
#[derive(Debug, Serialize)]
pub struct ClosedPage {
    /// E.164; empty when the clinic has not given one.
    phone: String,
    why: Closed,
}

impl<P: Permission + Send + Sync> FromRequestParts<Clinic> for LinkVisit<P> {
    type Rejection = Response;

    /// What cannot be a token gets the page of a link that opens nothing.
    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Response> {
        let refuse = IntoResponse::into_response;
        let guest = Guest::from_request_parts(parts, clinic).await.map_err(refuse)?;
        let grant = guest.grant().map_err(refuse)?;
        let chrome = Chrome::from_request_parts(parts, clinic).await.map_err(refuse)?;
        let token = Path::<String>::from_request_parts(parts, clinic).await;
        let Some(token) = token.ok().and_then(|Path(text)| Token::parse(&text)) else {
            let page = closed(clinic, &grant, &chrome, Closed::Unknown).await;
            return Err(page.unwrap_or_else(IntoResponse::into_response));
        };
        let language_chosen = cookie(&parts.headers, "lang").is_some();
        Ok(Self { clinic: clinic.clone(), grant, token, chrome, language_chosen })
    }
}

impl<P: Permission> LinkVisit<P> {
    /// The language the patient chose on a page, else that of the message.
    pub fn chrome_in(&self, language: Language) -> Chrome {
        let language = if self.language_chosen { self.chrome.language } else { language };
        Chrome { language, ..self.chrome.clone() }
    }

    /// The clinic's phone in E.164, for the link that calls; empty without one.
    pub async fn phone(&self) -> Result<String, Problem> {
        phone(&self.clinic, &self.grant).await
    }

    /// The page of a link that opens nothing.
    pub async fn closed(&self, why: Closed) -> Result<Response, Problem> {
        closed(&self.clinic, &self.grant, &self.chrome, why).await
    }
}

async fn phone<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<String, Problem> {
    let mut reader = clinic.vault.read(grant).await?;
    let facts = schedule::facts(&mut reader).await?;
    let phone = facts.and_then(|facts| facts.phone);
    Ok(phone.map(|phone| phone.as_str().to_owned()).unwrap_or_default())
}

async fn closed<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    chrome: &Chrome,
    why: Closed,
) -> Result<Response, Problem> {
    let page = ClosedPage { phone: phone(clinic, grant).await?, why };
    let status = if why == Closed::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    Ok(Page::of(clinic, chrome, &page)?.status(status).into_response())
}

impl View for ClosedPage {
    const TEMPLATE: &'static str = "public/closed.html";

    fn samples() -> Vec<Self> {
        let phone = || "+77273550000".to_owned();
        [Closed::Unknown, Closed::Expired, Closed::Offer]
            .into_iter()
            .flat_map(|why| [Self { phone: phone(), why }, Self { phone: String::new(), why }])
            .collect()
    }
}
