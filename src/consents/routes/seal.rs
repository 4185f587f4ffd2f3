//! The clinic's seal: the public key whose fingerprint proves that a pack is
//! this clinic's. To be printed, signed by the director and published.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::consents::pack;
use crate::crypto::qr;
use crate::pages::{Chrome, View};
use crate::schedule;
use crate::vault::Grant;
use crate::vault::permission::{ViewClinic, ViewConsents};
use crate::web::{Page, Problem, Routes};

pub fn routes() -> Routes {
    Routes::new().get("/consents/seal", show).get("/consents/seal.pem", pem)
}

/// The public key, for people and for machines.
#[derive(Debug, Serialize)]
pub struct SealPage {
    /// As registered, or as on the sign.
    clinic: String,
    /// Empty until it is given.
    bin: String,
    /// SHA-256 of the key in DER, hex in groups of eight.
    fingerprint: String,
    qr: String,
    pem: String,
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewConsents>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view: Grant<ViewClinic> = grant.also()?;
    let facts = schedule::facts(&mut clinic.vault.read(&view).await?).await?;
    let of = facts.map(|facts| facts.requisites).unwrap_or_default();
    let key = clinic.keys.get().seal_key().verifying_key();
    let fingerprint = pack::fingerprint(&key);
    let name =
        if of.legal_name.is_empty() { clinic.profile.get().name.clone() } else { of.legal_name };
    let page = SealPage {
        clinic: name,
        bin: of.bin.map(String::from).unwrap_or_default(),
        qr: qr::svg(&fingerprint).unwrap_or_default(),
        fingerprint: pack::grouped(&fingerprint),
        pem: key.to_pem(),
    };
    Page::of(&clinic, &chrome.active("consents"), &page)
}

async fn pem(
    State(clinic): State<Clinic>,
    _grant: Grant<ViewConsents>,
) -> Result<Response, Problem> {
    let pem = clinic.keys.get().seal_key().verifying_key().to_pem();
    let headers = [
        (CONTENT_TYPE, "application/x-pem-file"),
        (CONTENT_DISPOSITION, "attachment; filename=\"seal.pub.pem\""),
    ];
    Ok((headers, pem).into_response())
}

impl View for SealPage {
    const TEMPLATE: &'static str = "consents/seal.html";

    fn samples() -> Vec<Self> {
        let sample = |bin: &str| Self {
            clinic: "ТОО «Арай Дент»".to_owned(),
            bin: bin.to_owned(),
            fingerprint: pack::grouped(&"ab".repeat(32)),
            qr: "<svg></svg>".to_owned(),
            pem: "-----BEGIN PUBLIC KEY-----\n".to_owned(),
        };
        vec![sample(""), sample("190340012348")]
    }
}
