//! What the desk sees of conversations, and its rules.

use serde::Serialize;

use crate::clock::{Day, Timestamp};
use crate::contact::Phone;
use crate::conversations::{ConversationId, ConversationState};
use crate::i18n::Language;
use crate::ids::{PatientId, StaffId, id, words};
use crate::messaging::{Channel, Handle, To};

id!(
    /// Somebody who may become a patient.
    LeadId
);

/// WhatsApp and Instagram take free words for so long after the person wrote.
pub const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

words! {
    /// Which conversations are shown.
    Filter {
        Mine = "mine",
        Unassigned = "unassigned",
        Waiting = "waiting",
        /// All that are open.
        All = "all",
        Closed = "closed",
    }
}

words! {
    /// What became of a lead.
    LeadState {
        New = "new",
        Booked = "booked",
        Lost = "lost",
    }
}

/// A conversation on the list.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the list asks")]
pub struct Conversation {
    pub id: ConversationId,
    pub channel: Channel,
    /// E.164; what is no telephone stands as it came.
    pub address: String,
    pub patient_id: Option<PatientId>,
    /// Empty: nobody's card.
    pub patient: String,
    /// As whoever has no number calls themselves; empty: not told.
    pub name: String,
    /// As a lead is called; empty: none.
    pub lead: String,
    /// The patient's; the clinic's first for strangers.
    pub language: Language,
    pub assigned_to: Option<StaffId>,
    pub assignee: String,
    pub state: ConversationState,
    pub unread: i64,
    pub waiting_since: Option<Timestamp>,
    pub last_in_at: Option<Timestamp>,
    pub last_at: Timestamp,
    pub silent_until: Option<Timestamp>,
    /// The last words of either side.
    pub words: String,
    /// Whether those are the clinic's.
    pub by_us: bool,
    /// Only the bot has spoken with them: those are its.
    pub by_bot: bool,
    /// What the desk wrote last will not arrive.
    pub undelivered: bool,
    /// Blocked data: that there is a conversation is all that is shown.
    #[sqlx(default)]
    pub hidden: bool,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, Serialize, sqlx::FromRow)]
pub struct Counts {
    pub mine: i64,
    pub unassigned: i64,
    pub waiting: i64,
    #[sqlx(rename = "total")]
    pub all: i64,
}

/// A card that has the number of a conversation.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Candidate {
    pub id: PatientId,
    pub number: i64,
    pub name: String,
    pub birth_date: Option<Day>,
}

/// Somebody who may become a patient.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Lead {
    pub id: LeadId,
    pub conversation_id: Option<ConversationId>,
    pub patient_id: Option<PatientId>,
    pub name: String,
    /// E.164; empty: not known.
    pub phone: String,
    pub source: String,
    pub note: String,
    pub state: LeadState,
    pub made_at: Timestamp,
    pub made_by: String,
}

/// Words that are written often.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct QuickReply {
    pub id: i64,
    pub name: String,
    pub ru: String,
    pub kk: String,
}

/// Somebody at the desk.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Colleague {
    pub id: StaffId,
    pub name: String,
}

/// A way to write in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    pub channel: Channel,
    /// Until when; None: for good.
    pub until: Option<Timestamp>,
}

impl Conversation {
    /// None where the address is no telephone.
    pub fn phone(&self) -> Option<Phone> {
        Phone::stored(&self.address)
    }

    /// Where it can be answered on its own channel. None: the sender of an SMS was no
    /// telephone.
    pub fn to(&self) -> Option<To> {
        match self.phone() {
            Some(phone) => Some(To::Phone(phone)),
            None if self.has_handle() => {
                Some(To::Handle(Handle { channel: self.channel, id: self.address.clone() }))
            }
            None => None,
        }
    }

    /// The messenger tells no number of them.
    pub fn has_handle(&self) -> bool {
        let is_one =
            matches!(self.channel, Channel::Whatsapp | Channel::Instagram | Channel::Telegram);
        is_one && self.phone().is_none() && !self.address.is_empty()
    }

    /// Leaves that there is one, and when.
    pub fn hide(&mut self) {
        self.address.clear();
        self.patient.clear();
        self.lead.clear();
        self.name.clear();
        self.words.clear();
        (self.patient_id, self.hidden) = (None, true);
    }

    /// Whether they can be asked by a template to write again: WhatsApp's hours are
    /// over, and it has one in their language.
    pub fn may_be_invited(&self, languages: &[Language], now: Timestamp) -> bool {
        let until = window(self.channel, self.last_in_at);
        self.channel == Channel::Whatsapp
            && self.phone().is_some()
            && languages.contains(&self.language)
            && until.is_none_or(|until| until <= now)
    }

    /// The ways to write, the conversation's own first. `channels` are those the
    /// clinic has.
    pub fn ways(&self, channels: &[Channel], now: Timestamp) -> Vec<Way> {
        let own = Way { channel: self.channel, until: window(self.channel, self.last_in_at) };
        let is_open = self.to().is_some()
            && channels.contains(&self.channel)
            && (!has_window(self.channel) || own.until.is_some_and(|until| now < until));
        let sms = Way { channel: Channel::Sms, until: None };
        let has_sms = self.phone().is_some()
            && self.channel != Channel::Sms
            && channels.contains(&Channel::Sms);
        is_open.then_some(own).into_iter().chain(has_sms.then_some(sms)).collect()
    }
}

/// Whether a channel takes words only for a while after the person wrote.
pub fn has_window(channel: Channel) -> bool {
    matches!(channel, Channel::Whatsapp | Channel::Instagram)
}

/// Until when a channel takes free words, when it does not always.
pub fn window(channel: Channel, last_in_at: Option<Timestamp>) -> Option<Timestamp> {
    last_in_at.filter(|_| has_window(channel)).map(|at| at.plus_ms(WINDOW_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(channel: Channel, address: &str) -> Conversation {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        Conversation { channel, address: address.to_owned(), ..Conversation::sample(now) }
    }

    #[test]
    fn whatsapp_takes_words_for_24_hours_and_sms_at_any_time() {
        let talk = conversation(Channel::Whatsapp, "+77012345678");
        let both = [Channel::Sms, Channel::Whatsapp];
        let came = talk.last_in_at.unwrap();
        let names = |at| talk.ways(&both, at).iter().map(|way| way.channel).collect::<Vec<_>>();
        assert_eq!(names(came), [Channel::Whatsapp, Channel::Sms]);
        assert_eq!(names(came.plus_ms(WINDOW_MS - 1)), [Channel::Whatsapp, Channel::Sms]);
        assert_eq!(names(came.plus_ms(WINDOW_MS)), [Channel::Sms]);
        assert!(talk.ways(&[Channel::Whatsapp], came.plus_ms(WINDOW_MS)).is_empty());
    }

    #[test]
    fn what_is_no_telephone_cannot_be_written_to() {
        let both = [Channel::Sms, Channel::Whatsapp];
        for address in ["Beeline", "KZ.abc", ""] {
            let talk = conversation(Channel::Sms, address);
            assert!(talk.ways(&both, talk.last_at).is_empty(), "{address}");
        }
        let sms = conversation(Channel::Sms, "+77012345678");
        assert_eq!(sms.ways(&both, sms.last_at).len(), 1);
        assert!(sms.ways(&[], sms.last_at).is_empty());
    }

    #[test]
    fn whoever_has_no_number_is_answered_there_for_24_hours_and_nowhere_else() {
        let all = [Channel::Sms, Channel::Whatsapp, Channel::Instagram];
        // An id of 15 digits is no telephone, however it looks.
        for (channel, address) in
            [(Channel::Whatsapp, "KZ.abc"), (Channel::Instagram, "770123456789012")]
        {
            let talk = conversation(channel, address);
            let came = talk.last_in_at.unwrap();
            let names = |at| talk.ways(&all, at).iter().map(|way| way.channel).collect::<Vec<_>>();
            assert_eq!(names(came.plus_ms(WINDOW_MS - 1)), [channel]);
            assert!(names(came.plus_ms(WINDOW_MS)).is_empty(), "{address}");
            assert!(talk.phone().is_none());
        }
    }
}
