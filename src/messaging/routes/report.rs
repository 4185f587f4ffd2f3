//! Where Kannel reports what became of a message: one address for each
//! message, good for that and nothing else.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::clinic::Clinic;
use crate::messaging;
use crate::messaging::gateway::Report;
use crate::web::{Guest, Problem};

#[derive(Deserialize)]
pub(super) struct Told {
    r#type: Report,
}

pub(super) async fn take(
    State(clinic): State<Clinic>,
    guest: Guest,
    Path(token): Path<String>,
    Query(told): Query<Told>,
) -> Result<StatusCode, Problem> {
    let grant = guest.grant()?;
    if messaging::report(&clinic.vault, &grant, &token, told.r#type).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::NotFound)
    }
}
