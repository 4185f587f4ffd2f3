//! Consents: what patients agreed to, on exactly which bytes, and the proof.
//!
//! A document is made from a published wording ([`wordings`]), given out at the
//! desk ([`handing`]), read on a paired tablet ([`tablets`]), ticked, signed
//! with a finger ([`kiosk`]) and confirmed by a code from an SMS
//! ([`confirming`]); or signed on paper, where the law or the risk asks for more. What came of it is sealed
//! with the clinic's key into a pack that anybody can check without Tirkeu
//! ([`pack`]).
//!
//! Law of the Republic of Kazakhstan: Code on public health (360-VI) art.
//! 134-137, law on personal data (94-V) art. 7-8, Digital Code art. 47.

pub mod confirming;
pub mod desk;
pub mod document;
pub mod evidence;
pub mod handing;
pub mod handover;
mod jobs;
pub mod kiosk;
pub mod model;
pub mod otp;
pub mod pack;
pub mod routes;
pub mod seal;
pub mod signature;
mod store;
pub mod tablets;
pub mod template;
pub mod wordings;

use crate::consents::document::TickError;
use crate::consents::otp::SendRefusal;
use crate::consents::signature::SignatureError;
use crate::consents::template::WordingError;
use crate::crypto::BlobError;
use crate::messaging::MessagingError;
use crate::paper::PaperError;
use crate::patients::PatientError;
use crate::vault::VaultError;

pub use desk::{of_patient, withdraw};
pub use jobs::jobs;
pub use model::ConsentId;
pub use routes::routes;
pub use store::{Row, TemplateRow};

/// Why something about a consent was not done.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    #[error("there is no such consent")]
    NoSuchConsent,
    #[error("there is no such tablet")]
    NoSuchTablet,
    /// It was signed, refused, cancelled or ran out of time.
    #[error("this consent has ended")]
    Ended,
    /// It is not where this step belongs; the page shown was an old one.
    #[error("this is not the next step")]
    OutOfStep,
    /// It lies on another tablet.
    #[error("this consent is on another tablet")]
    OtherTablet,
    #[error("no document was chosen")]
    NothingChosen,
    #[error("the tablet shows another patient's document")]
    TabletBusy,
    /// A drawn signature wants somebody who checked who draws it.
    #[error("nobody has checked who signs")]
    IdentityMissing,
    #[error("the card has no mobile phone")]
    NoPhone,
    #[error("this is the phone of a member of staff")]
    StaffPhone,
    /// At level 3 only paper will do.
    #[error("this must be signed on paper")]
    PaperOnly,
    #[error("the document is not the one the code was sent for")]
    DocumentChanged,
    #[error("the code is wrong")]
    WrongCode {
        /// How many more may be tried.
        left: u8,
    },
    #[error("the code was typed wrongly too often")]
    CodeDead,
    #[error("the code is too old or was used")]
    CodeGone,
    #[error("it is withdrawn already, or was never given")]
    NotStanding,
    #[error("the text is the one in force")]
    Unchanged,
    #[error("this pairing code does not work")]
    PairingRefused,
    /// Too many wrong ones came before.
    #[error("too many wrong pairing codes")]
    PairingTooSoon {
        /// Until the next is looked at, in whole seconds, rounded up.
        seconds: i64,
    },
    #[error(transparent)]
    Send(#[from] SendRefusal),
    #[error(transparent)]
    Tick(#[from] TickError),
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error(transparent)]
    Wording(#[from] WordingError),
    #[error(transparent)]
    Paper(#[from] PaperError),
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Patient(#[from] PatientError),
    #[error(transparent)]
    File(#[from] BlobError),
    #[error("stored data could not be read back")]
    Stored(#[from] serde_json::Error),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What pages that follow one consent watch.
pub fn topic(id: ConsentId) -> String {
    format!("consent:{id}")
}

/// What pages that follow all of them watch.
pub const TOPIC: &str = "consents";
