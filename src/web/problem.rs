//! Why a request was not done, in words for the person who asked.

use std::collections::BTreeMap;
use std::error::Error;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ids::PatientId;
use crate::pages::{RenderError, View};
use crate::vault::{Denied, VaultError, is_disk_full};

/// What is wrong with each field of a form: name to Fluent key. A form that is
/// refused is shown again with what was typed and these.
pub type FieldErrors = BTreeMap<&'static str, String>;

/// A request that was not done.
///
/// Capabilities turn their own errors into one of these in their `routes.rs`,
/// where both sides are known.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("not signed in")]
    SignedOut,
    #[error("the session is locked")]
    Locked,
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Signed in, but not proven anew: see [`Proven`](crate::web::Proven).
    #[error("password and code are needed once more")]
    ProofNeeded,
    /// A card of somebody who is not the reader's own patient.
    #[error("not one's own patient")]
    NotOwnPatient(PatientId),
    /// A card whose data is kept and not used; whose, when an emergency opens it.
    #[error("the data of this patient is blocked")]
    BlockedCard(Option<PatientId>),
    #[error("there is no such thing")]
    NotFound,
    /// The records changed since the page was shown, or forbid the change. The
    /// Fluent key says how; `{key}-hint`, what to do.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// What was sent makes no sense; the Fluent key says why.
    #[error("invalid: {0}")]
    Invalid(&'static str),
    #[error("the request came from another site")]
    ForeignOrigin,
    /// A request that no browser of ours makes.
    #[error("malformed")]
    Malformed,
    /// Asked under a name that is not ours (RFC 9110 15.5.20).
    #[error("unknown host")]
    UnknownHost,
    #[error("too many attempts")]
    TooMany,
    #[error("too large")]
    TooLarge,
    /// A link that was used or is too old.
    #[error("gone")]
    Gone,
    /// Full of work, or the disk says no; nothing was stored.
    #[error("unavailable")]
    Unavailable,
    /// Nothing was stored; reading goes on.
    #[error("no room on the disk")]
    DiskFull,
    /// Our fault. The cause goes to the log, never to the browser.
    #[error("internal error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

/// What the outer layer needs to draw the page of a [`Problem`].
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub key: &'static str,
    pub signed_out: bool,
    /// Whether proving who one is, once more, opens the way.
    pub proof_needed: bool,
    pub code: Option<String>,
    /// Another way than home: where, and the Fluent key of its words.
    pub action: Option<(String, &'static str)>,
}

impl Told {
    /// For a refusal that came without words of ours.
    pub fn of_status(status: StatusCode) -> Self {
        let key = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "web-not-found",
            StatusCode::REQUEST_TIMEOUT => "web-timeout",
            StatusCode::PAYLOAD_TOO_LARGE => "web-too-large",
            _ if status.is_server_error() => "web-internal",
            _ => "web-malformed",
        };
        Self { key, signed_out: false, proof_needed: false, code: None, action: None }
    }
}

/// The page of a [`Problem`].
#[derive(Debug, Serialize)]
pub struct ProblemPage {
    pub status: u16,
    /// For support, when it is our fault.
    pub code: Option<String>,
    pub heading: String,
    pub hint: String,
    pub action_href: String,
    pub action_label: String,
}

impl View for ProblemPage {
    const TEMPLATE: &'static str = "web/problem.html";

    fn samples() -> Vec<Self> {
        let sample = |status, code| Self {
            status,
            code,
            heading: "h".to_owned(),
            hint: "t".to_owned(),
            action_href: "/".to_owned(),
            action_label: "a".to_owned(),
        };
        vec![sample(404, None), sample(500, Some("0190".to_owned()))]
    }
}

impl Problem {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut | Self::Locked => StatusCode::UNAUTHORIZED,
            Self::ProofNeeded | Self::Denied(_) | Self::NotOwnPatient(_) | Self::ForeignOrigin => {
                StatusCode::FORBIDDEN
            }
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) | Self::BlockedCard(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Gone => StatusCode::GONE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::SignedOut => "web-signed-out",
            Self::Locked => "web-locked",
            Self::Denied(_) => "web-denied",
            Self::ProofNeeded => "web-proof-needed",
            Self::NotOwnPatient(_) => "web-not-own-patient",
            Self::BlockedCard(_) => "requests-card-blocked",
            Self::NotFound => "web-not-found",
            Self::Conflict(key) | Self::Invalid(key) => key,
            Self::ForeignOrigin => "web-foreign-origin",
            Self::Malformed => "web-malformed",
            Self::UnknownHost => "web-unknown-host",
            Self::TooMany => "web-too-many",
            Self::TooLarge => "web-too-large",
            Self::Gone => "web-gone",
            Self::Unavailable => "web-unavailable",
            Self::DiskFull => "web-disk-full",
            Self::Internal(_) => "web-internal",
        }
    }
}

/// Whom somebody may not see, if that is what lies below this error.
fn out_of_reach(error: &(dyn Error + 'static)) -> Option<PatientId> {
    match error.downcast_ref::<VaultError>() {
        Some(VaultError::OutOfReach(patient)) => Some(*patient),
        _ => error.source().and_then(out_of_reach),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Capabilities wrap what the vault and the file store say: looked for here,
        // once, so that nobody has to think of it.
        let problem = match self {
            Self::Internal(cause) if is_disk_full(cause.as_ref()) => Self::DiskFull,
            Self::Internal(cause) => match out_of_reach(cause.as_ref()) {
                Some(patient) => Self::NotOwnPatient(patient),
                None => Self::Internal(cause),
            },
            other => other,
        };
        problem.drawn()
    }
}

impl Problem {
    fn drawn(self) -> Response {
        let mut code = None;
        if let Self::Internal(cause) = &self {
            let random = crate::crypto::Random::system();
            let made: String = random.hex::<4>();
            tracing::error!(cause = cause.as_ref(), code = made, "request failed");
            code = Some(made);
        }
        let signed_out = matches!(self, Self::SignedOut | Self::Locked);
        let action = match &self {
            Self::NotOwnPatient(patient) | Self::BlockedCard(Some(patient)) => {
                Some((format!("/patients/{patient}/emergency"), "web-open-emergency"))
            }
            _ => None,
        };
        let proof_needed = matches!(self, Self::ProofNeeded);
        let told = Told { key: self.key(), signed_out, proof_needed, code, action };
        let mut response = (self.status(), told.key).into_response();
        response.extensions_mut().insert(told);
        response
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::NotCommitted => Self::Unavailable,
            VaultError::OutOfReach(patient) => Self::NotOwnPatient(patient),
            VaultError::Blocked { patient, emergency } => {
                Self::BlockedCard(emergency.then_some(patient))
            }
            error if is_disk_full(&error) => Self::DiskFull,
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        Self::Internal(Box::new(error))
    }
}
