//! Consents on the web: the desk, the tablet, the wordings.

mod desk;
mod handout;
mod kiosk;
mod seal;
mod texts;

use axum::http::StatusCode;
use serde::Serialize;

use crate::consents::template::Part;
use crate::consents::{ConsentError, tablets};
use crate::paper::Text;
use crate::vault::Denied;
use crate::vault::permission::{Permission, SignConsent};
use crate::web::{Problem, Routes};

pub use desk::{ConsentListPage, ConsentPage, ConsentPrint, PatientConsents};
pub use handout::HandoutPage;
pub use kiosk::{KioskPage, LockPage};
pub use seal::SealPage;
pub use texts::{StaffPhonesPage, WordingPage, WordingsPage};

pub fn routes() -> Routes {
    desk::routes()
        .merge(handout::routes())
        .merge(kiosk::routes())
        .merge(seal::routes())
        .merge(texts::routes())
        .merge(tablets::routes())
}

/// A part of a text as templates show it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownPart {
    /// `heading`, `paragraph`, `list`, `boxed`, `check`.
    kind: &'static str,
    /// One text for each paragraph or point: stretches, bold or not.
    lines: Vec<Vec<ShownRun>>,
    /// Of a box.
    key: String,
    required: bool,
    ticked: bool,
}

#[derive(Clone, Debug, Serialize)]
struct ShownRun {
    text: String,
    bold: bool,
}

impl ShownPart {
    fn of(part: &Part) -> Self {
        let plain = |kind, texts: &[String]| Self {
            kind,
            lines: texts.iter().map(|text| runs(text)).collect(),
            key: String::new(),
            required: false,
            ticked: false,
        };
        match part {
            Part::Heading { text } => plain("heading", std::slice::from_ref(text)),
            Part::Paragraph { text } => plain("paragraph", std::slice::from_ref(text)),
            Part::Boxed { text } => plain("boxed", std::slice::from_ref(text)),
            Part::List { items } => plain("list", items),
            Part::Check { key, text, required, ticked } => Self {
                key: key.clone(),
                required: *required,
                ticked: *ticked,
                ..plain("check", std::slice::from_ref(text))
            },
        }
    }

    fn all(parts: &[Part]) -> Vec<Self> {
        parts.iter().map(Self::of).collect()
    }
}

fn runs(text: &str) -> Vec<ShownRun> {
    let Text(runs) = Text::marked(text);
    runs.into_iter().map(|run| ShownRun { text: run.text, bold: run.bold }).collect()
}

impl ConsentError {
    /// What to tell whoever asked: a Fluent key.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::NothingChosen => "consents-nothing-chosen",
            Self::TabletBusy => "consents-tablet-busy",
            Self::IdentityMissing => "consents-identity-missing",
            Self::NoPhone => "consents-no-phone",
            Self::StaffPhone => "consents-staff-phone",
            Self::PaperOnly => "consents-paper-only",
            Self::DocumentChanged => "consents-document-changed",
            Self::CodeDead => "consents-code-dead",
            Self::CodeGone => "consents-code-gone",
            Self::NotStanding => "consents-not-standing",
            Self::Unchanged => "consents-unchanged",
            Self::PairingRefused => "consents-pairing-refused",
            Self::Signature(_) => "consents-signature-empty",
            Self::Tick(_) => "consents-tick-required",
            Self::Send(refusal) => match refusal {
                super::otp::SendRefusal::TooSoon { .. } => "consents-send-too-soon",
                super::otp::SendRefusal::ConsentSpent => "consents-send-consent-spent",
                super::otp::SendRefusal::PhoneSpent => "consents-send-phone-spent",
                super::otp::SendRefusal::ClinicSpent => "consents-send-clinic-spent",
            },
            Self::Paper(_) => "consents-letter",
            Self::NoSuchTablet => "consents-no-tablet",
            _ => "consents-out-of-step",
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::WrongCode { .. } | Self::Tick(_) | Self::Signature(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::CodeGone => StatusCode::GONE,
            Self::Send(super::otp::SendRefusal::ConsentSpent) | Self::DocumentChanged => {
                StatusCode::CONFLICT
            }
            Self::CodeDead | Self::Send(_) => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::NoSuchConsent | ConsentError::NoSuchTablet => Self::NotFound,
            ConsentError::Ended | ConsentError::CodeGone => Self::Gone,
            ConsentError::OtherTablet => {
                Self::Denied(Denied { permission: <SignConsent as Permission>::NAME })
            }
            ConsentError::CodeDead | ConsentError::PairingTooSoon { .. } => Self::TooMany,
            ConsentError::Patient(error) => error.into(),
            ConsentError::Vault(error) => error.into(),
            ConsentError::Stored(_) | ConsentError::File(_) | ConsentError::Messaging(_) => {
                Self::Internal(Box::new(error))
            }
            ConsentError::OutOfStep
            | ConsentError::TabletBusy
            | ConsentError::DocumentChanged
            | ConsentError::NotStanding
            | ConsentError::PaperOnly => Self::Conflict(error.key()),
            other => Self::Invalid(other.key()),
        }
    }
}
