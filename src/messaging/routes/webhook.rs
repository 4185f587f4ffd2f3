//! The public door of the messengers: the handshake by which Meta learns that
//! the address is the clinic's, and what it tells afterwards.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::clinic::Clinic;
use crate::messaging::whatsapp::{self, Shut, Source};
use crate::vault::Grant;
use crate::vault::permission::ReportDelivery;
use crate::web::{Guest, Problem};

/// Meta tells of up to a thousand things at once.
pub(super) const LARGEST: usize = 3 * 1024 * 1024;

/// A challenge is short; anything longer is not repeated.
const LONGEST_CHALLENGE: usize = 256;

#[derive(Deserialize)]
pub(super) struct Handshake {
    #[serde(default, rename = "hub.mode")]
    mode: String,
    #[serde(default, rename = "hub.verify_token")]
    verify_token: String,
    #[serde(default, rename = "hub.challenge")]
    challenge: String,
}

pub(super) async fn whatsapp_handshake(
    State(clinic): State<Clinic>,
    guest: Guest,
    Query(asked): Query<Handshake>,
) -> Result<String, StatusCode> {
    handshake(&clinic, &guest, Source::Whatsapp, asked).await
}

pub(super) async fn instagram_handshake(
    State(clinic): State<Clinic>,
    guest: Guest,
    Query(asked): Query<Handshake>,
) -> Result<String, StatusCode> {
    handshake(&clinic, &guest, Source::Instagram, asked).await
}

async fn handshake(
    clinic: &Clinic,
    guest: &Guest,
    source: Source,
    asked: Handshake,
) -> Result<String, StatusCode> {
    let grant: Grant<ReportDelivery> = guest.grant().map_err(|_| StatusCode::FORBIDDEN)?;
    let Handshake { mode, verify_token, challenge } = asked;
    let is_plain = challenge.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    if mode != "subscribe" || !is_plain || LONGEST_CHALLENGE < challenge.len() {
        return Err(StatusCode::FORBIDDEN);
    }
    match whatsapp::handshake(clinic, &grant, source, &verify_token).await {
        Ok(()) => Ok(challenge),
        Err(_) => Err(StatusCode::FORBIDDEN),
    }
}

pub(super) async fn take_instagram(
    State(clinic): State<Clinic>,
    guest: Guest,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    take(&clinic, &guest, Source::Instagram, &headers, &body).await
}

pub(super) async fn take_whatsapp(
    State(clinic): State<Clinic>,
    guest: Guest,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    take(&clinic, &guest, Source::Whatsapp, &headers, &body).await
}

async fn take(
    clinic: &Clinic,
    guest: &Guest,
    source: Source,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<StatusCode, Problem> {
    let grant = guest.grant()?;
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    match whatsapp::keep(clinic, &grant, source, signature.unwrap_or_default(), body).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(Shut::Unknown) => Ok(StatusCode::FORBIDDEN),
        Err(Shut::Vault(error)) => Err(error.into()),
    }
}
