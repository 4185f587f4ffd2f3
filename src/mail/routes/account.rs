//! One's own address for notices.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Email;
use crate::mail::people::{self, AddressError, OwnAddress};
use crate::pages::{Chrome, View};
use crate::post;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;
use crate::web::{FieldErrors, Page, Problem, Proven, see_other};

#[derive(Debug, Serialize)]
pub struct OwnAddressPage {
    own: OwnAddress,
    /// As typed.
    address: String,
    /// Without a server nothing can be confirmed.
    has_server: bool,
    errors: FieldErrors,
    /// `asked`, `confirmed`, `forgotten` or empty: what was just done.
    done: String,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    address: String,
    #[serde(default)]
    code: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let page = OwnAddressPage { done, ..page(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active("account"), &page)
}

pub(super) async fn ask(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    chrome: Chrome,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let error = match Email::parse(&typed.address) {
        Err(_) => "mail-error-address",
        Ok(address) => match people::ask(&clinic, &grant, &address).await {
            Ok(()) => return Ok(see_other("/account/mail?done=asked")),
            Err(AddressError::TooSoon) => "mail-error-too-soon",
            Err(other) => return Err(other.into()),
        },
    };
    refused(&clinic, &grant, chrome, typed.address, ("address", error)).await
}

pub(super) async fn confirm(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let error = match people::confirm(&clinic, &grant, &typed.code).await {
        Ok(()) => return Ok(see_other("/account/mail?done=confirmed")),
        Err(AddressError::WrongCode) => "mail-error-code-wrong",
        Err(AddressError::NoCode) => "mail-error-code",
        Err(other) => return Err(other.into()),
    };
    refused(&clinic, &grant, chrome, String::new(), ("code", error)).await
}

pub(super) async fn forget(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
) -> Result<Response, Problem> {
    people::forget(&clinic, &grant).await?;
    Ok(see_other("/account/mail?done=forgotten"))
}

async fn refused(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    chrome: Chrome,
    address: String,
    (field, key): (&'static str, &str),
) -> Result<Response, Problem> {
    let errors = FieldErrors::from([(field, key.to_owned())]);
    let page = OwnAddressPage { address, errors, ..page(clinic, grant).await? };
    Ok(Page::of(clinic, &chrome.active("account"), &page)?.refused().into_response())
}

async fn page(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<OwnAddressPage, Problem> {
    Ok(OwnAddressPage {
        own: people::own(clinic, grant).await?,
        address: String::new(),
        has_server: post::in_use(&clinic.vault, grant).await?.is_some(),
        errors: FieldErrors::new(),
        done: String::new(),
    })
}

impl View for OwnAddressPage {
    const TEMPLATE: &'static str = "mail/own.html";

    fn samples() -> Vec<Self> {
        let address = || Email::parse("aigul@clinic.example").ok();
        let page = |own, has_server, done: &str| Self {
            own,
            address: String::new(),
            has_server,
            errors: FieldErrors::new(),
            done: done.to_owned(),
        };
        let own = OwnAddress {
            address: address(),
            confirmed_at: Some(Timestamp::from_unix_ms(1_795_402_800_000)),
            wanted: None,
        };
        let waiting = || OwnAddress { wanted: address(), ..own.clone() };
        let wrong = |field, key: &str| FieldErrors::from([(field, key.to_owned())]);
        vec![
            page(OwnAddress::default(), false, ""),
            page(OwnAddress::default(), true, "forgotten"),
            page(own.clone(), true, "confirmed"),
            page(waiting(), true, "asked"),
            Self { errors: wrong("code", "mail-error-code-wrong"), ..page(waiting(), true, "") },
            Self { errors: wrong("address", "mail-error-address"), ..page(own.clone(), true, "") },
        ]
    }
}
