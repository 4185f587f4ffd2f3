//! The calendar itself, as a program takes it.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::clinic::Clinic;
use crate::crypto::hash::{hex, sha256};
use crate::feeds;
use crate::reminders::Token;
use crate::web::{Guest, Problem};

/// `/c/{token}.ics`. Unchanged since the program last took it: 304 (RFC 9110 13.1.2).
pub(super) async fn show(
    State(clinic): State<Clinic>,
    guest: Guest,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let token = file.strip_suffix(".ics").and_then(Token::parse).ok_or(Problem::NotFound)?;
    let calendar = feeds::read(&clinic, &guest.grant()?, &token).await?;
    let calendar = calendar.ok_or(Problem::NotFound)?;
    let tag = format!("\"{}\"", hex(&sha256(calendar.as_bytes())));
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(ETAG, tag), (CACHE_CONTROL, "private, no-cache".to_owned())];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [(CONTENT_TYPE, "text/calendar; charset=utf-8")];
    Ok((about, kind, calendar).into_response())
}
