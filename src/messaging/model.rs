//! Messages, apart from storage, gateways and the web.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::contact::Email;
use crate::i18n::Language;
use crate::ids::{MessageId, PatientId};
use crate::messaging::gateway::{Asking, Delivery, Outcome, Reference};
use crate::messaging::setup::GatewayId;
use crate::messaging::text::{Land, Purpose, Values};
use crate::messaging::to::To;
use crate::messaging::wanted::Wanted;
use crate::money::Money;

/// Where a message is on its way. `queued → sending → accepted → delivered`
/// when all goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn, or for another attempt.
    Queued,
    /// A worker holds it, and may have handed it over already.
    Sending,
    /// The gateway has it.
    Accepted,
    /// The phone has it.
    Delivered,
    /// It will never arrive; the reason says why.
    Failed,
    /// It left, and nobody knows whether it was taken. Not sent again blindly.
    Uncertain,
    /// It became useless before it could be sent, or the phone stayed off.
    Expired,
    /// At the moment of sending it was no longer true or wanted.
    Withheld,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Whatsapp,
    Telegram,
    Instagram,
    /// A letter through the clinic's mail server.
    Email,
    /// The form on the clinic's site: by it people only write to the clinic.
    Site,
}

/// What the channel of the desk's words ends with when they leave as a template.
pub(in crate::messaging) const BY_TEMPLATE: &str = " template";

/// What a message is about, for those who ask later what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, sqlx::FromRow)]
pub struct About {
    /// `appointment`, `consent`.
    #[sqlx(rename = "object_kind")]
    pub kind: String,
    #[sqlx(rename = "object_id")]
    pub id: String,
    /// How it stood when the message was written, in words of its own
    /// capability, which compares before the message leaves.
    #[sqlx(rename = "object_stamp")]
    pub stamp: String,
}

impl About {
    /// What is told to whoever watches messages about one kind of things:
    /// `message:appointment:{id}`.
    pub fn topic(&self) -> String {
        format!("message:{}:{}", self.kind, self.id)
    }
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// None for a trial of the gateway, and for a code to a phone that belongs to
    /// nobody's card yet.
    pub patient_id: Option<PatientId>,
    pub purpose: Purpose,
    pub about: About,
    pub language: Language,
    pub to: To,
    /// The clinic's name is added.
    pub values: Values,
    /// A part of the text that opens something, such as a code: taken out of
    /// the stored text once the message has left.
    pub secret: Option<String>,
    /// When the message is of no more use to the patient.
    pub not_after: Timestamp,
    /// The channel to try first where the patient has chosen none. None: as the
    /// clinic's gateways stand.
    pub first_by: Option<Channel>,
}

/// A message as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Message {
    pub id: MessageId,
    pub purpose: Purpose,
    pub channel: Channel,
    pub language: Language,
    #[serde(skip)]
    #[sqlx(flatten)]
    pub to: To,
    /// Where it went last; abroad went its neutral words.
    pub land: Land,
    /// As it went, with what opened something taken out.
    pub text: String,
    pub state: State,
    /// A code for the reason it is in this state.
    pub reason: Option<String>,
    pub created_at: Timestamp,
    /// When it came into this state.
    pub since: Timestamp,
    pub parts: Option<i64>,
    pub cost: Option<Money>,
    /// Whether no other about the same thing followed it.
    pub newest: bool,
}

/// A message about something, with its whole way.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Told {
    pub id: MessageId,
    pub purpose: Purpose,
    pub language: Language,
    #[sqlx(flatten)]
    pub to: To,
    /// With what opened something taken out.
    pub text: String,
    pub created_at: Timestamp,
    /// The kind of gateway that took it.
    pub gateway: Option<String>,
    /// The gateway's own number of it.
    pub provider_id: Option<String>,
    /// Oldest first.
    #[sqlx(skip)]
    pub states: Vec<ToldState>,
}

/// A state that a message was in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ToldState {
    pub message_id: MessageId,
    pub at: Timestamp,
    pub state: State,
    /// A code.
    pub reason: Option<String>,
}

/// The newest message about something, for its line on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Brief {
    pub object_id: String,
    pub purpose: Purpose,
    pub state: State,
    pub reason: Option<String>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Fate {
    pub id: MessageId,
    pub state: State,
    pub reason: Option<String>,
    /// The way it took last.
    pub channel: Channel,
}

/// A message whose turn it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    pub id: MessageId,
    pub patient_id: Option<PatientId>,
    pub purpose: Purpose,
    #[sqlx(flatten)]
    pub about: About,
    #[sqlx(flatten)]
    pub to: To,
    pub reference: Reference,
    pub state: State,
    pub not_after: Timestamp,
    pub asked: i64,
    /// The gateway that took it last.
    pub gateway_id: Option<GatewayId>,
    /// Gateways up to this rank refused it.
    pub past_rank: i64,
    /// The gateway's own number of it.
    pub provider_id: Option<String>,
    /// The way it took last.
    pub channel: Channel,
    pub language: Language,
    /// WhatsApp had its turn.
    pub whatsapp_over: bool,
    /// Telegram had its turn.
    pub telegram_over: bool,
    /// The patient's address, unless it was refused or the mail server had its turn.
    pub email: Option<Email>,
    /// The conversation of this telephone with the bot; none: there is none, or it
    /// is blocked.
    pub chat_id: Option<i64>,
    /// Whoever shared the number there asked to be written to there.
    pub chat_wants: bool,
    /// How the patient wants to be written to.
    pub choice: Option<Channel>,
    /// How the clinic writes this to whoever has not said.
    pub first_by: Option<Channel>,
    /// And what by which channel.
    #[sqlx(json)]
    pub wanted: Wanted,
}

/// In the order in which messages leave: the soonest useless first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub Timestamp, pub MessageId);

impl Place {
    pub fn of(due: &Due) -> Self {
        Self(due.not_after, due.id)
    }
}

impl Due {
    /// Where a letter goes: to the address it is for, else to the patient's own.
    pub fn letter_to(&self) -> Option<Email> {
        match self.to.handle() {
            Some(handle) if handle.channel == Channel::Email => Email::parse(&handle.id).ok(),
            Some(_) => None,
            None => self.email.clone(),
        }
    }

    /// The chat with the bot in which it is said.
    pub fn chat(&self) -> Option<i64> {
        match self.to.handle() {
            Some(handle) if handle.channel == Channel::Telegram => handle.id.parse().ok(),
            Some(_) => None,
            None => self.chat_id,
        }
    }

    /// Whether its patient may be written this by a channel.
    pub fn may_go_by(&self, channel: Channel) -> bool {
        self.wanted.allow(self.purpose, channel)
    }
}

impl Due {
    /// The one channel it may go by: that of what the desk wrote.
    pub fn only_by(&self) -> Option<Channel> {
        let name = self.about.stamp.strip_suffix(BY_TEMPLATE).unwrap_or(&self.about.stamp);
        Channel::named(name).filter(|_| self.purpose == Purpose::StaffText)
    }

    /// Whether what the desk wrote leaves as the messenger's template for it.
    pub fn is_template(&self) -> bool {
        self.about.stamp.ends_with(BY_TEMPLATE)
    }
}

/// A message as it leaves.
#[derive(Debug, sqlx::FromRow)]
pub struct Leaving {
    #[sqlx(flatten)]
    pub to: To,
    pub text: String,
    pub reference: Reference,
    /// The values that a template may have: JSON.
    pub neutral: Option<String>,
    /// The text is not the clinic's whole wording: it leaves the country.
    pub neutrally: bool,
    /// Of its buttons, where it has some.
    #[sqlx(skip)]
    pub payloads: Vec<String>,
}

/// A step of a message: what it becomes, why, and when to see to it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub state: State,
    pub reason: Option<&'static str>,
    /// None: nobody needs to see to it any more.
    pub due_at: Option<Timestamp>,
}

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A worker that holds a message for so long is taken for dead.
pub const LEASE_MS: i64 = 2 * MINUTE_MS;

/// When the gateway is asked about a message, after it took it: quickly at
/// first, because most arrive at once, and for two days in all.
const ASK_AFTER_MS: [i64; 12] = [
    5 * SECOND_MS,
    15 * SECOND_MS,
    30 * SECOND_MS,
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    28 * HOUR_MS,
];

/// An answer that was lost is asked for after a minute: the gateway may be
/// slow to note what it took.
const ASK_LOST_AFTER_MS: i64 = MINUTE_MS;

impl Channel {
    /// Those by which a patient's card lets itself be written to. By the others
    /// nobody is written to who did not write first, or nobody at all.
    pub const ALL: [Self; 4] = [Self::Sms, Self::Whatsapp, Self::Telegram, Self::Email];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Instagram => "instagram",
            Self::Email => "email",
            Self::Site => "site",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Instagram, Self::Site]).find(|one| one.name() == name)
    }

    /// One by which a patient may be written to.
    pub fn of_patients(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl About {
    pub fn new(kind: &str, id: impl std::fmt::Display) -> Self {
        Self { kind: kind.to_owned(), id: format!("{id}"), stamp: String::new() }
    }

    #[must_use]
    pub fn stamped(self, stamp: String) -> Self {
        Self { stamp, ..self }
    }
}

impl State {
    /// Nothing more will happen to it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Expired | Self::Withheld)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
            Self::Expired => "expired",
            Self::Withheld => "withheld",
        }
    }

    /// Whether a gateway has it, or may have it.
    pub fn has_left(self) -> bool {
        matches!(self, Self::Accepted | Self::Delivered | Self::Uncertain)
    }

    /// The action that the ledger knows this step by.
    pub fn action(self) -> &'static str {
        match self {
            Self::Queued => "message.queued",
            Self::Sending => "message.taken",
            Self::Accepted => "message.accepted",
            Self::Delivered => "message.delivered",
            Self::Failed => "message.failed",
            Self::Uncertain => "message.uncertain",
            Self::Expired => "message.expired",
            Self::Withheld => "message.withheld",
        }
    }

    /// The badge that staff see: a word of `shell-delivery-…`, none when
    /// nothing was sent on purpose.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Queued | Self::Sending => "queued",
            Self::Accepted => "sent",
            Self::Delivered => "delivered",
            Self::Failed | Self::Expired => "failed",
            Self::Uncertain => "uncertain",
            Self::Withheld => "",
        }
    }

    /// Whether staff may have it written anew.
    pub fn may_be_repeated(self) -> bool {
        matches!(self, Self::Failed | Self::Expired | Self::Uncertain)
    }

    /// Whether what the text opens may be taken out of it: not while it may
    /// have to be sent again.
    pub fn may_forget_secret(self) -> bool {
        self.is_final() || self == Self::Accepted
    }
}

impl Asking {
    /// Which of the times of asking is the first: a quarter of an hour where
    /// receipts come by themselves.
    pub fn first_time(self) -> usize {
        if self == Self::ByItsNumber { 6 } else { 0 }
    }
}

impl Step {
    pub fn last(state: State, reason: Option<&'static str>) -> Self {
        Self { state, reason, due_at: None }
    }

    /// Nothing will come of it.
    pub fn withheld(reason: &'static str) -> Self {
        Self::last(State::Withheld, Some(reason))
    }

    pub fn expired() -> Self {
        Self::last(State::Expired, Some("too_late"))
    }

    /// After an attempt. `elsewhere` is when another can be made, by this
    /// gateway or the next; none when no other would take what this one refused.
    pub fn after_attempt(
        outcome: &Outcome,
        asking: Asking,
        elsewhere: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let again = |reason| {
            let due_at = Some(elsewhere.unwrap_or(now));
            Self { state: State::Queued, reason: Some(reason), due_at }
        };
        match outcome {
            Outcome::Accepted { .. } => Self {
                state: State::Accepted,
                reason: None,
                due_at: (asking != Asking::Never)
                    .then(|| now.plus_ms(ASK_AFTER_MS[asking.first_time()])),
            },
            Outcome::Rejected(reason) if elsewhere.is_some() => again(reason.code()),
            Outcome::Rejected(reason) => Self::last(State::Failed, Some(reason.code())),
            Outcome::Retry { trouble, .. } => again(trouble.code()),
            Outcome::PutOff { .. } => again("put_off"),
            Outcome::Uncertain => Self::lost("no_answer", asking, now),
        }
    }

    /// A message whose answer was lost: asked about, never sent again as it is.
    pub fn lost(reason: &'static str, asking: Asking, now: Timestamp) -> Self {
        let due_at = (asking == Asking::ByReference).then(|| now.plus_ms(ASK_LOST_AFTER_MS));
        Self { state: State::Uncertain, reason: Some(reason), due_at }
    }

    /// After the gateway was asked, or reported by itself. `asked` counts this
    /// time.
    pub fn after_report(before: State, delivery: Delivery, asked: i64, now: Timestamp) -> Self {
        let again = || {
            let index = usize::try_from(asked).unwrap_or_default();
            ASK_AFTER_MS.get(index).map(|after| now.plus_ms(*after))
        };
        match (delivery, before) {
            (Delivery::Delivered(_), _) => Self::last(State::Delivered, None),
            (Delivery::Failed(reason), _) => Self::last(State::Failed, Some(reason.code())),
            (Delivery::Expired, _) => Self::last(State::Expired, Some("phone_off")),
            (Delivery::OnTheWay, _) => {
                Self { state: State::Accepted, reason: None, due_at: again() }
            }
            // It never arrived, so sending it is not sending it again.
            (Delivery::NotFound, State::Uncertain) => {
                Self { state: State::Queued, reason: Some("never_arrived"), due_at: Some(now) }
            }
            (Delivery::Unknown, State::Uncertain) => {
                Self { state: State::Uncertain, reason: Some("no_answer"), due_at: again() }
            }
            (Delivery::NotFound | Delivery::Unknown, state) => {
                Self { state, reason: None, due_at: again() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::messaging::gateway::{Reason, Trouble};

    fn now() -> Timestamp {
        Timestamp::from_unix_ms(1_790_000_000_000)
    }

    #[test]
    fn a_lost_answer_is_never_followed_by_another_attempt_before_the_gateway_denies_it() {
        let lost = Step::after_attempt(&Outcome::Uncertain, Asking::ByReference, None, now());
        assert_eq!(lost.state, State::Uncertain);
        for said in [Delivery::Unknown, Delivery::OnTheWay, Delivery::Delivered(None)] {
            let step = Step::after_report(State::Uncertain, said, 1, now());
            assert_ne!(step.state, State::Queued, "{said:?}");
        }
        let denied = Step::after_report(State::Uncertain, Delivery::NotFound, 1, now());
        assert_eq!((denied.state, denied.due_at), (State::Queued, Some(now())));
        // One that was accepted is not sent again even then.
        let accepted = Step::after_report(State::Accepted, Delivery::NotFound, 1, now());
        assert_eq!(accepted.state, State::Accepted);
    }

    #[test]
    fn a_gateway_that_cannot_be_asked_leaves_an_uncertain_message_alone() {
        for asking in [Asking::Never, Asking::ByItsNumber] {
            let lost = Step::after_attempt(&Outcome::Uncertain, asking, None, now());
            assert_eq!((lost.state, lost.due_at), (State::Uncertain, None));
        }
    }

    #[test]
    fn who_reports_by_itself_is_asked_late_or_never() {
        let taken = Outcome::Accepted { provider_id: None, parts: 1, cost: None };
        let asked = |asking| Step::after_attempt(&taken, asking, None, now()).due_at;
        assert_eq!(asked(Asking::ByReference), Some(now().plus_ms(5 * SECOND_MS)));
        assert_eq!(asked(Asking::ByItsNumber), Some(now().plus_ms(15 * MINUTE_MS)));
        assert_eq!(asked(Asking::Never), None);
    }

    #[test]
    fn what_was_certainly_not_taken_may_go_elsewhere_and_nothing_else_may() {
        let by = Asking::ByReference;
        let step = |outcome, elsewhere| Step::after_attempt(&outcome, by, elsewhere, now());
        let busy = Outcome::Retry { after: Duration::from_mins(1), trouble: Trouble::Busy };
        let later = Some(now().plus_ms(MINUTE_MS));
        assert_eq!(
            (step(busy.clone(), later).state, step(busy, later).due_at),
            (State::Queued, later)
        );
        let refused = || Outcome::Rejected(Reason::Forbidden);
        assert_eq!(step(refused(), None), Step::last(State::Failed, Some("forbidden")));
        assert_eq!(step(refused(), later).state, State::Queued);
        assert_eq!(step(Outcome::Uncertain, later).state, State::Uncertain);
    }

    #[test]
    fn the_gateway_is_asked_for_two_days_and_then_left_alone() {
        let step = |asked| Step::after_report(State::Accepted, Delivery::OnTheWay, asked, now());
        assert_eq!(step(1).due_at, Some(now().plus_ms(15 * SECOND_MS)));
        assert_eq!(step(12).due_at, None);
        let days = ASK_AFTER_MS.iter().sum::<i64>() / (24 * HOUR_MS);
        assert_eq!(days, 1, "between one day and two");
    }
}
