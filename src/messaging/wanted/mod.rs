//! What a patient wants to be written: for each aim and channel, said by the
//! link, by a word sent back, at the desk, or by a request about their data (94-V
//! art. 8, 24; on advertising also the law on advertising, 508-II). Looked at in
//! the transaction in which a message leaves.
//!
//! Without a word service messages and recalls may be written and advertising may
//! not. What somebody asks for at that moment, a code or an answer to what they
//! wrote, goes out always.

mod store;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId, words};
use crate::messaging::Channel;
use crate::messaging::text::Purpose;
use crate::vault::permission::{Permission, SendMessages, ViewMessages};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError};

pub(super) use store::hand_over_in;

words! {
    /// What a message is good for, as people choose it.
    Aim {
        /// About visits that the patient has or waits for.
        Service = "service",
        /// "It is time to come again."
        Recall = "recall",
        /// News and offers.
        Marketing = "marketing",
    }
}

words! {
    /// How a choice was made.
    Source {
        /// On the page behind a message's link.
        Link = "link",
        /// A word sent back: "stop".
        Word = "word",
        /// Told at the desk.
        Desk = "desk",
        /// A request about the patient's own data.
        Request = "request",
    }
}

impl Aim {
    /// What holds while nobody has chosen.
    pub fn is_usual(self) -> bool {
        self != Self::Marketing
    }
}

impl Purpose {
    /// None: whoever gets it asked for it a moment ago.
    pub fn aim(self) -> Option<Aim> {
        match self {
            Self::BookingMade
            | Self::SeriesMade
            | Self::BookingMoved
            | Self::BookingCancelled
            | Self::DoctorAway
            | Self::DoctorLate
            | Self::DoctorOnTime
            | Self::VisitReminder
            | Self::FamilyReminder
            | Self::WaitlistOffer => Some(Aim::Service),
            Self::ReplyConfirmed
            | Self::ReplyCancelled
            | Self::ReplyMove
            | Self::ReplyHanded
            | Self::ReplyStopped
            | Self::ReplyStarted
            | Self::ConsentCode
            | Self::BookingCode
            | Self::StaffText
            | Self::Dialogue
            | Self::Trial => None,
        }
    }
}

/// What stands for one aim and channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Choice {
    pub aim: Aim,
    pub channel: Channel,
    pub allowed: bool,
    pub at: Timestamp,
    pub source: Source,
    /// None: the patient.
    pub by_name: Option<String>,
    /// What the desk typed.
    pub reason: String,
}

/// All that stands for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(pub Vec<Choice>);

impl Choices {
    pub fn of(&self, aim: Aim, channel: Channel) -> Option<&Choice> {
        self.0.iter().find(|one| (one.aim, one.channel) == (aim, channel))
    }

    pub fn allow(&self, aim: Aim, channel: Channel) -> bool {
        self.of(aim, channel).map_or(aim.is_usual(), |one| one.allowed)
    }
}

/// The same as a message that is due has it: `service sms 0`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wanted(Vec<String>);

impl Wanted {
    pub fn allow(&self, purpose: Purpose, channel: Channel) -> bool {
        let Some(aim) = purpose.aim() else { return true };
        let said = |allowed: u8| {
            let one = format!("{} {} {allowed}", aim.name(), channel.name());
            self.0.contains(&one)
        };
        said(1) || aim.is_usual() && !said(0)
    }
}

/// Who chooses, and how.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    pub source: Source,
    pub by: Option<StaffId>,
    /// Empty where the patient chooses.
    pub reason: &'a str,
}

impl Author<'_> {
    pub fn patient(source: Source) -> Self {
        Self { source, by: None, reason: "" }
    }
}

/// One line of a form: may this be written by that?
pub type Ticked = (Aim, Channel, bool);

/// One aim of a form, with a tick for each channel.
#[derive(Clone, Debug, Serialize)]
pub struct Offered {
    pub aim: Aim,
    pub channels: Vec<Tick>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// Of the field: `service-sms`.
    pub name: String,
    pub channel: Channel,
    /// What stands.
    pub allowed: bool,
    /// What the form shows: another thing once it was refused.
    pub ticked: bool,
    /// The choice that stands; none: as usual.
    pub choice: Option<Choice>,
}

impl Offered {
    pub fn all(choices: &Choices, channels: &[Channel]) -> Vec<Self> {
        let tick = |aim: Aim, channel: Channel| Tick {
            name: field(aim, channel),
            channel,
            allowed: choices.allow(aim, channel),
            ticked: choices.allow(aim, channel),
            choice: choices.of(aim, channel).cloned(),
        };
        let of = |aim: &Aim| Self {
            aim: *aim,
            channels: channels.iter().map(|channel| tick(*aim, *channel)).collect(),
        };
        Aim::ALL.iter().map(of).collect()
    }
}

fn field(aim: Aim, channel: Channel) -> String {
    format!("{}-{}", aim.name(), channel.name())
}

/// What was ticked in a form with these channels. A channel that was not there
/// goes with the others: whoever unticks all wants none.
pub fn ticked(names: &BTreeSet<String>, shown: &[Channel]) -> Vec<Ticked> {
    let is_ticked = |aim: Aim, channel: Channel| names.contains(&field(aim, channel));
    let of = |aim: &Aim| {
        let any = shown.iter().any(|channel| is_ticked(*aim, *channel));
        Channel::ALL.map(|channel| {
            let allowed = if shown.contains(&channel) { is_ticked(*aim, channel) } else { any };
            (*aim, channel, allowed)
        })
    };
    Aim::ALL.iter().flat_map(of).collect()
}

/// What stands for a patient, for their card.
pub async fn of_patient(
    vault: &Vault,
    grant: &Grant<ViewMessages>,
    patient: PatientId,
) -> Result<Choices, VaultError> {
    store::of_patient(&mut vault.disclose(grant, patient).await?).await
}

/// What stands for whoever holds a link, without a name.
pub async fn of<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
    patient: PatientId,
) -> Result<Choices, VaultError> {
    store::stands(vault.read(grant).await?.sql(), patient).await
}

/// Whether a patient may be written this by that, as it stands inside a change.
pub(super) async fn allow_in(
    tx: &mut Tx,
    patient: PatientId,
    purpose: Purpose,
    channel: Channel,
) -> Result<bool, VaultError> {
    let Some(aim) = purpose.aim() else { return Ok(true) };
    Ok(store::stands(tx.sql(), patient).await?.allow(aim, channel))
}

/// By which channels somebody wants to hear of their visits. Who wants the same may
/// be told of in one message.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Wishes {
    choice: Option<Channel>,
    refused: Option<String>,
}

impl Wishes {
    /// Whether they asked for letters: a mailbox is one person's.
    pub fn are_letters(&self) -> bool {
        self.choice == Some(Channel::Email)
    }

    /// Whether letters are the clinic's to choose: they said nothing, and refused none.
    pub fn leave_letters_open(&self) -> bool {
        let refused = self.refused.as_deref().unwrap_or_default();
        self.choice.is_none() && !refused.split(' ').any(|one| one == Channel::Email.name())
    }
}

pub async fn wishes_in(tx: &mut Tx, patient: PatientId) -> Result<Wishes, VaultError> {
    store::wishes(tx, patient).await
}

/// Sets what was ticked at the desk, with the reason that was given.
pub async fn set(
    vault: &Vault,
    grant: &Grant<SendMessages>,
    patient: PatientId,
    ticked: &[Ticked],
    reason: &str,
) -> Result<(), VaultError> {
    vault
        .change(grant, async |tx| {
            let author = Author { source: Source::Desk, by: grant.staff(), reason };
            let changed = set_in(tx, patient, ticked, author).await?;
            Ok(((), event(patient, Source::Desk, changed)))
        })
        .await
}

/// Sets what differs from what stands, inside a change. Gives how much did.
pub async fn set_in(
    tx: &mut Tx,
    patient: PatientId,
    ticked: &[Ticked],
    author: Author<'_>,
) -> Result<usize, VaultError> {
    let stands = store::stands(tx.sql(), patient).await?;
    let mut changed = 0;
    for (aim, channel, allowed) in ticked {
        let differs = stands.allow(*aim, *channel) != *allowed;
        if differs || stands.of(*aim, *channel).is_none() {
            store::insert(tx, patient, (*aim, *channel, *allowed), author).await?;
        }
        changed += usize::from(differs);
    }
    Ok(changed)
}

/// Everything that somebody may be written for these aims, by every channel.
pub fn all(aims: &[Aim], allowed: bool) -> Vec<Ticked> {
    let of = |aim: &Aim| Channel::ALL.map(|channel| (*aim, channel, allowed));
    aims.iter().flat_map(of).collect()
}

/// The event of a choice: how it was made, and how much it changed.
pub fn event(patient: PatientId, source: Source, changed: usize) -> Event {
    let event = Event::new("writing.chosen", Subject::Patient(patient)).because(source.name());
    event.with_detail(json!({ "changed": changed })).touching(format!("patient:{patient}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_word_all_but_advertising_may_be_written_and_a_word_changes_just_that() {
        let none = Wanted::default();
        let said = Wanted(vec!["service sms 0".to_owned()]);
        assert!(none.allow(Purpose::VisitReminder, Channel::Sms));
        assert!(!said.allow(Purpose::VisitReminder, Channel::Sms));
        assert!(said.allow(Purpose::VisitReminder, Channel::Whatsapp));
        for asked in [Purpose::ConsentCode, Purpose::BookingCode, Purpose::ReplyMove] {
            assert!(said.allow(asked, Channel::Sms), "{asked:?}");
        }
        assert!(!Choices::default().allow(Aim::Marketing, Channel::Sms));
        assert!(Choices::default().allow(Aim::Recall, Channel::Whatsapp));
    }
}
