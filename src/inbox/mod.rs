//! The desk's inbox: one list for all that people write to the clinic, by SMS or
//! by a messenger, a conversation for each address and channel.
//!
//! What came in is `replies`', what left `messaging`'s: here they stand beside
//! each other, with who answers, since when somebody waits, and what can be done:
//! write, say whose the number is, make a lead, book, settle what a reply asked.
//! Nothing is written through servers abroad but what somebody at the desk typed;
//! the page says beside the field that nothing clinical goes there (94-V).

mod acting;
mod desk;
mod elsewhere;
mod leads;
mod model;
mod quick;
mod routes;
mod store;
mod writing;

use crate::messaging::MessagingError;
use crate::patients::PatientError;
use crate::vault::{Denied, VaultError};

pub use crate::conversations::{
    ConversationId, TOPIC, WAITING, hand_back_in, hand_over_in, is_with_a_person,
};
pub use acting::{assign, attach, close, hand_back, mark_read, reopen};
pub use desk::{Entry, Listed, Sent, Talk, list, search, talk};
pub use elsewhere::answered;
pub use leads::{forget_later, jobs, leads, leave_lead_in, make_card, make_lead, set_lead};
pub use model::{
    Candidate, Colleague, Conversation, Counts, Filter, Lead, LeadId, LeadState, QuickReply, Way,
};
pub use quick::{QuickForm, quick_replies, remove_quick, save_quick};
pub use routes::{InboxPage, LeadsPage, PeoplePage, QuickPage, SegmentsView, routes};
pub use store::hand_over_leads_in;
pub use writing::{hooks, invite, send_again, write};

/// Why something was not done in a conversation.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    #[error("there is no such conversation")]
    NoSuch,
    /// Somebody else was quicker.
    #[error("somebody did it meanwhile")]
    Meanwhile,
    /// The channel takes no words now, or the clinic does not have it.
    #[error("this way is shut")]
    Shut,
    /// What was typed cannot be sent; the Fluent key says why.
    #[error("the text cannot be sent: {0}")]
    Text(&'static str),
    /// A field was left empty; the Fluent key says which.
    #[error("something is missing: {0}")]
    Missing(&'static str),
    #[error(transparent)]
    Patient(#[from] PatientError),
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Vault(#[from] VaultError),
}
