//! Reading the inbox: the list, and one conversation. Whose rows are shown is in
//! the ledger; what is blocked is not shown.

use std::collections::HashSet;

use fluent_bundle::FluentArgs;
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::conversations::ConversationId;
use crate::i18n::Language;
use crate::ids::PatientId;
use crate::inbox::InboxError;
use crate::inbox::model::{Candidate, Colleague, Conversation, Counts, Filter, Lead, Way};
use crate::inbox::store::{self, Wanted};
use crate::inbox::writing::{about, invitations};
use crate::messaging::speaking::{self, BotLine};
use crate::messaging::staff::{Outgoing, to_phone};
use crate::messaging::{Message, State, setup};
use crate::patients::{self, Query, blocking};
use crate::replies::{self, Line};
use crate::vault::permission::ReadInbox;
use crate::vault::{Grant, Listing, VaultError};

/// Conversations on one page.
const SHOWN: i64 = 100;

/// Of what came in and of what left, in one conversation.
const SAID: i64 = 100;

/// The list, and how many there are of each kind.
#[derive(Clone, Debug)]
pub struct Listed {
    pub conversations: Vec<Conversation>,
    pub counts: Counts,
}

/// One conversation.
#[derive(Clone, Debug)]
pub struct Talk {
    pub conversation: Conversation,
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Cards with the number, where it is nobody's yet.
    pub candidates: Vec<Candidate>,
    pub lead: Option<Lead>,
    pub ways: Vec<Way>,
    /// They can be asked by WhatsApp's template to write again.
    pub invites: bool,
    pub colleagues: Vec<Colleague>,
}

/// Something that was said.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "side", rename_all = "snake_case")]
pub enum Entry {
    In(Box<Line>),
    Out(Box<Sent>),
    /// The bot said it.
    Bot(Box<BotLine>),
}

/// Something that the clinic said.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    #[serde(flatten)]
    pub message: Message,
    /// Who wrote it; empty: the program did.
    pub author: String,
    /// The word of the badge; empty: none.
    pub delivery: &'static str,
    /// Why it is in this state, in words.
    pub why: String,
    /// Nobody will get it.
    pub lost: bool,
    /// Whether it can be sent as an SMS instead.
    pub again: bool,
}

impl Entry {
    pub fn at(&self) -> Timestamp {
        match self {
            Self::In(line) => line.came_at,
            Self::Out(sent) => sent.message.created_at,
            Self::Bot(line) => line.said_at,
        }
    }

    /// Says why a message is where it is; by its code when nobody has words for it.
    fn explain(&mut self, clinic: &Clinic, language: Language) {
        let Self::Out(sent) = self else { return };
        let Some(code) = &sent.message.reason else { return };
        let key = format!("messaging-reason-{code}");
        let said = clinic.pages.words().say(language, &key, &FluentArgs::new());
        sent.why = said.unwrap_or_else(|| code.clone());
    }
}

/// The conversations of a kind.
pub async fn list(
    clinic: &Clinic,
    grant: &Grant<ReadInbox>,
    filter: Filter,
) -> Result<Listed, VaultError> {
    listed(clinic, grant, filter, None).await
}

/// Those with whoever has this name or number.
///
/// # Errors
/// Those of the search of patients.
pub async fn search(
    clinic: &Clinic,
    grant: &Grant<ReadInbox>,
    text: &str,
) -> Result<Listed, InboxError> {
    let found = patients::find(&clinic.vault, &grant.also()?, text).await?;
    let digits = match Query::understand(text) {
        Query::Digits(digits) => digits,
        Query::Nothing | Query::Email(_) | Query::Words(_) => String::new(),
    };
    let typed = text.trim();
    let mut letters = typed.chars();
    let lead = match letters.next() {
        Some(first) if digits.is_empty() && 1 < typed.chars().count() => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => String::new(),
    };
    let patients = found.into_iter().map(|brief| brief.id).collect();
    let wanted = Wanted { patients, digits, lead };
    Ok(listed(clinic, grant, Filter::All, Some(&wanted)).await?)
}

async fn listed(
    clinic: &Clinic,
    grant: &Grant<ReadInbox>,
    filter: Filter,
    wanted: Option<&Wanted>,
) -> Result<Listed, VaultError> {
    clinic
        .vault
        .list(grant, "inbox.listed", async |listing| {
            let hidden = blocking::hidden_from(listing, grant).await?;
            let by = grant.staff();
            let mut conversations = store::list(listing, filter, by, wanted, SHOWN).await?;
            for one in &mut conversations {
                if one.patient_id.is_some_and(|id| hidden.contains(&id)) {
                    one.hide();
                }
            }
            if wanted.is_some() {
                conversations.retain(|one| !one.hidden);
            }
            let counts = store::counts(listing, by).await?;
            let whose = conversations.iter().filter_map(|one| one.patient_id).collect();
            Ok::<_, VaultError>((Listed { conversations, counts }, whose))
        })
        .await
}

/// One conversation with all that was said.
///
/// # Errors
/// [`InboxError::NoSuch`]; [`VaultError::Blocked`] when its patient is.
pub async fn talk(
    clinic: &Clinic,
    grant: &Grant<ReadInbox>,
    id: ConversationId,
    language: Language,
) -> Result<Talk, InboxError> {
    let channels = setup::channels_in_use(clinic, grant).await?;
    let invitations = invitations(clinic, grant).await?;
    let now = clinic.clock().now();
    clinic
        .vault
        .list(grant, "conversation.opened", async |listing| {
            let hidden = blocking::hidden_from(listing, grant).await?;
            let found = store::one(listing, id).await?;
            let conversation = found.ok_or(InboxError::NoSuch)?;
            if let Some(patient) = conversation.patient_id.filter(|one| hidden.contains(one)) {
                return Err(VaultError::Blocked { patient, emergency: false }.into());
            }
            let (mut entries, mut whose) = said(listing, &conversation, &hidden).await?;
            for entry in &mut entries {
                entry.explain(clinic, language);
            }
            let mut candidates = match conversation.patient_id {
                None => store::candidates(listing, &conversation.address).await?,
                Some(_) => Vec::new(),
            };
            let all = candidates.len();
            candidates.retain(|one| !hidden.contains(&one.id));
            // What the bot said may be of whoever is not to be seen.
            if candidates.len() == all {
                add_bot(listing, conversation.id, &mut entries).await?;
            }
            whose.extend(conversation.patient_id);
            whose.extend(candidates.iter().map(|one| one.id));
            let talk = Talk {
                entries,
                candidates,
                lead: store::lead_of(listing, id).await?,
                ways: conversation.ways(&channels, now),
                invites: conversation.may_be_invited(&invitations, now),
                colleagues: store::colleagues(listing, grant.staff()).await?,
                conversation,
            };
            Ok((talk, whose))
        })
        .await
}

async fn said(
    listing: &mut Listing,
    conversation: &Conversation,
    hidden: &HashSet<PatientId>,
) -> Result<(Vec<Entry>, Vec<PatientId>), VaultError> {
    let mut whose = Vec::new();
    let mut entries = Vec::new();
    for mut line in replies::of_conversation(listing, conversation.id, SAID).await? {
        let people: Vec<PatientId> = line.people().collect();
        if people.iter().any(|one| hidden.contains(one)) {
            line.hide();
        } else {
            whose.extend(people);
        }
        entries.push(Entry::In(Box::new(line)));
    }
    let about = about(conversation.id);
    let mut sent = to_phone(listing, &conversation.address, &about, SAID).await?;
    sent.retain(|one| one.patient_id.is_none_or(|id| !hidden.contains(&id)));
    whose.extend(sent.iter().filter_map(|one| one.patient_id));
    let ids: Vec<_> = sent.iter().map(|one| one.message.id).collect();
    let mut authors = store::authors(listing, &ids).await?;
    let mut is_newest = true;
    for Outgoing { message, .. } in sent {
        let author = authors.remove(&message.id).unwrap_or_default();
        let by_hand = !author.is_empty();
        let lost = matches!(message.state, State::Failed | State::Expired | State::Withheld);
        entries.push(Entry::Out(Box::new(Sent {
            delivery: message.state.shown(),
            why: String::new(),
            lost,
            again: lost && by_hand && is_newest && message.reason.as_deref() != Some("blocked"),
            author,
            message,
        })));
        is_newest &= !by_hand;
    }
    entries.sort_by_key(Entry::at);
    let first = entries.len().saturating_sub(usize::try_from(SAID).unwrap_or_default());
    Ok((entries.split_off(first), whose))
}

/// Puts what the bot said where it was said. What people wrote is not pushed out by
/// it: it goes as far back as that.
async fn add_bot(
    listing: &mut Listing,
    id: ConversationId,
    entries: &mut Vec<Entry>,
) -> Result<(), VaultError> {
    let is_whole = i64::try_from(entries.len()).unwrap_or(SAID) < SAID;
    let first = entries.first().map(Entry::at).filter(|_| !is_whole);
    let since = first.unwrap_or(Timestamp::from_unix_ms(0));
    let lines = speaking::of_conversation(listing, &id.to_string(), since, SAID).await?;
    // The oldest first: of what was said at once, what was said first stays first.
    entries.extend(lines.into_iter().rev().map(|line| Entry::Bot(Box::new(line))));
    entries.sort_by_key(Entry::at);
    Ok(())
}
