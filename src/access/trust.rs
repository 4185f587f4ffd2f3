//! How a tablet or a computer learns to trust the appliance's own certificate
//! authority. Open to everybody on the clinic's network: a public key is no secret.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::crypto::LocalCa;
use crate::pages::{Chrome, View};
use crate::web::{Guest, Page, Problem};

/// The steps for each kind of device, and the fingerprint to compare.
#[derive(Debug, Serialize)]
pub struct TrustPage {
    /// SHA-256 of the authority's certificate; none before there is one.
    fingerprint: Option<String>,
}

pub(super) async fn page(
    State(clinic): State<Clinic>,
    _guest: Guest,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let fingerprint = authority(&clinic).ok().map(|ca| ca.fingerprint());
    Page::of(&clinic, &chrome.layout("layout/plain.html"), &TrustPage { fingerprint })
}

pub(super) async fn certificate(
    State(clinic): State<Clinic>,
    _guest: Guest,
) -> Result<Response, Problem> {
    let pem = authority(&clinic)?.pem();
    let headers = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, "attachment; filename=\"tirkeu-ca.crt\""),
    ];
    Ok((headers, pem).into_response())
}

pub(super) async fn mobileconfig(
    State(clinic): State<Clinic>,
    _guest: Guest,
) -> Result<Response, Problem> {
    let profile = authority(&clinic)?.mobileconfig(&clinic.profile.get().name);
    let headers = [
        (CONTENT_TYPE, "application/x-apple-aspen-config"),
        (CONTENT_DISPOSITION, "attachment; filename=\"tirkeu.mobileconfig\""),
    ];
    Ok((headers, profile).into_response())
}

fn authority(clinic: &Clinic) -> Result<LocalCa, Problem> {
    let keys = clinic.keys.get();
    let entry = keys.local_ca.as_ref().ok_or(Problem::NotFound)?;
    LocalCa::open(entry).map_err(|error| Problem::Internal(Box::new(error)))
}

impl View for TrustPage {
    const TEMPLATE: &'static str = "access/trust.html";

    fn samples() -> Vec<Self> {
        vec![Self { fingerprint: Some("AB:CD".to_owned()) }, Self { fingerprint: None }]
    }
}
