//! Where gateways push replies. What came is kept and the gateway let go at once;
//! what is done with it, a job does.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::clinic::Clinic;
use crate::messaging::setup::GatewayKind;
use crate::reminders::Token;
use crate::replies::door::{self, Pushed};
use crate::web::{Guest, Problem};

pub(super) async fn smsc(
    State(clinic): State<Clinic>,
    guest: Guest,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let pushed = door::of_smsc(&door::pairs(&body));
    take(&clinic, &guest, &token, GatewayKind::Smsc, pushed).await
}

pub(super) async fn kannel(
    State(clinic): State<Clinic>,
    guest: Guest,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let pushed = door::of_kannel(&door::pairs(query.unwrap_or_default().as_bytes()));
    take(&clinic, &guest, &token, GatewayKind::Kannel, pushed).await
}

/// An empty answer: Kannel would send any words on as an SMS.
async fn take(
    clinic: &Clinic,
    guest: &Guest,
    token: &str,
    kind: GatewayKind,
    pushed: Option<Pushed>,
) -> Result<Response, Problem> {
    let token = Token::parse(token).ok_or(Problem::NotFound)?;
    if !door::push(clinic, &guest.grant()?, &token, kind, pushed).await? {
        return Err(Problem::NotFound);
    }
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], "").into_response())
}
