//! The form of the clinic's site: "call me back". Name, number and what it is
//! about become a conversation in the inbox, and a lead, so that none is lost.
//!
//! Nobody proves a number here, so nothing is done by it: it is matched to no
//! card, answers no question, and no SMS goes there by itself. Who may ask, and
//! how often, is what online booking says of codes; consent is taken by the
//! version of its text (law 94-V, art. 7 and 8).

mod routes;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::conversations;
use crate::i18n::Language;
use crate::inbox;
use crate::online::{self, Campaign, Capped, FormKey, settings};
use crate::replies;
use crate::vault::permission::BookOnline;
use crate::vault::{Event, Events, Grant, Subject, VaultError};

pub use routes::{AskPage, AskedPage, public_routes};

/// What somebody left on the site.
#[derive(Clone, Debug)]
pub struct Enquiry {
    pub name: String,
    pub phone: Phone,
    /// What it is about and when to call; may be empty.
    pub about: String,
    pub language: Language,
    pub campaign: Campaign,
}

/// Why it is not taken.
#[derive(Debug, thiserror::Error)]
pub enum EnquiryError {
    /// The clinic takes none.
    #[error("the form is closed")]
    Off,
    #[error(transparent)]
    Capped(#[from] Capped),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Takes it. The same form sent again changes nothing.
///
/// # Errors
/// [`EnquiryError`].
pub async fn leave(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    form: &FormKey,
    work: &str,
    enquiry: &Enquiry,
) -> Result<(), EnquiryError> {
    let settings = settings::current(clinic, grant).await?;
    if !settings.asks {
        return Err(EnquiryError::Off);
    }
    let consent = settings::newest_consent(&mut clinic.vault.read(grant).await?).await?;
    let worked = form.is_solved_by(work, settings.work_bits);
    let keys = online::keys(clinic, grant, enquiry.phone.as_str());
    let left = clinic
        .vault
        .change(grant, async |tx| {
            let text = enquiry.text();
            let left = replies::left_on_site_in(tx, &form.hash(), &enquiry.phone, &text).await?;
            let (reply, conversation) = left.ok_or(Refused::Known)?;
            let since = tx.now().plus_ms(-online::DAY_MS);
            let before = store::counted(tx, keys, since).await?;
            online::may_send(&settings, &before, worked, tx.now())?;
            store::count(tx, keys, worked).await?;
            store::insert(tx, reply, enquiry, consent.version).await?;
            let who = (enquiry.name.as_str(), &enquiry.phone, enquiry.about.as_str());
            let lead = inbox::leave_lead_in(tx, conversation, who).await?;
            let detail = json!({ "conversation": conversation, "version": consent.version,
                "source": enquiry.campaign.source, "worked": worked });
            let event = Event::new("enquiry.left", Subject::Clinic)
                .on("reply", reply)
                .with_detail(detail)
                .touching(replies::TOPIC)
                .touching(conversations::TOPIC);
            let events: Events = match lead {
                Some(lead) => event.and(lead),
                None => event.into(),
            };
            Ok(((), events))
        })
        .await;
    match left {
        Ok(()) => Ok(conversations::count_waiting(clinic).await?),
        Err(Refused::Known) => Ok(()),
        Err(Refused::Capped(capped)) => Err(capped.into()),
        Err(Refused::Vault(error)) => Err(error.into()),
    }
}

impl Enquiry {
    /// As the desk reads it.
    fn text(&self) -> String {
        if self.about.is_empty() {
            self.name.clone()
        } else {
            format!("{}\n{}", self.name, self.about)
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it was left before")]
    Known,
    #[error(transparent)]
    Capped(#[from] Capped),
    #[error(transparent)]
    Vault(#[from] VaultError),
}
