//! Why messages go out, and what each of them may name.

use serde::{Deserialize, Serialize};

use super::Variable;
use crate::i18n::{Language, Words};

/// Why a message goes out. Each has its text.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Purpose {
    /// "You are booked": at once, with the link to answer by.
    BookingMade,
    /// "You are booked for so many visits": once for a whole series.
    SeriesMade,
    BookingMoved,
    BookingCancelled,
    /// "The doctor is away": choose another time by the link.
    DoctorAway,
    /// "The doctor runs late": come, and know that it begins later.
    DoctorLate,
    /// "In time after all": to whoever was told of a wait.
    DoctorOnTime,
    /// "You are expected": a step of the reminder chain, whose wordings stand there.
    VisitReminder,
    /// The same about several visits of one telephone on one day.
    FamilyReminder,
    /// "A time is free": to somebody on the waiting list.
    WaitlistOffer,
    /// "You said that you will come": to whoever wrote back.
    ReplyConfirmed,
    ReplyCancelled,
    /// The link to other times, to whoever asked for one by SMS.
    ReplyMove,
    /// "Somebody will see to it": what could not be done at once.
    ReplyHanded,
    /// "We write no more": to whoever wrote "stop", once.
    ReplyStopped,
    /// "We write again".
    ReplyStarted,
    /// The code that signs a consent.
    ConsentCode,
    /// The code that proves a phone before somebody books online.
    BookingCode,
    /// The test button of the gateway's page.
    Trial,
    /// What somebody at the desk wrote.
    StaffText,
    /// What a dialogue says by itself: in no outbox, but in the log of transfers.
    Dialogue,
}

impl Purpose {
    /// All that have a wording: what the desk writes has none.
    pub const ALL: [Self; 19] = [
        Self::BookingMade,
        Self::SeriesMade,
        Self::BookingMoved,
        Self::BookingCancelled,
        Self::DoctorAway,
        Self::DoctorLate,
        Self::DoctorOnTime,
        Self::VisitReminder,
        Self::FamilyReminder,
        Self::WaitlistOffer,
        Self::ReplyConfirmed,
        Self::ReplyCancelled,
        Self::ReplyMove,
        Self::ReplyHanded,
        Self::ReplyStopped,
        Self::ReplyStarted,
        Self::ConsentCode,
        Self::BookingCode,
        Self::Trial,
    ];

    /// The name in the database, in addresses and in the keys of `locales/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BookingMade => "booking_made",
            Self::SeriesMade => "series_made",
            Self::BookingMoved => "booking_moved",
            Self::BookingCancelled => "booking_cancelled",
            Self::DoctorAway => "doctor_away",
            Self::DoctorLate => "doctor_late",
            Self::DoctorOnTime => "doctor_on_time",
            Self::VisitReminder => "visit_reminder",
            Self::FamilyReminder => "family_reminder",
            Self::WaitlistOffer => "waitlist_offer",
            Self::ReplyConfirmed => "reply_confirmed",
            Self::ReplyCancelled => "reply_cancelled",
            Self::ReplyMove => "reply_move",
            Self::ReplyHanded => "reply_handed",
            Self::ReplyStopped => "reply_stopped",
            Self::ReplyStarted => "reply_started",
            Self::ConsentCode => "consent_code",
            Self::BookingCode => "booking_code",
            Self::Trial => "trial",
            Self::StaffText => "staff_text",
            Self::Dialogue => "dialogue",
        }
    }

    /// Whether it can be written anew when it did not arrive. A code cannot: the
    /// tablet sends another.
    pub fn may_be_repeated(self) -> bool {
        matches!(
            self,
            Self::BookingMade | Self::BookingMoved | Self::BookingCancelled | Self::DoctorAway
        )
    }

    /// Whether somebody waits for it at this moment: they asked for it.
    pub fn is_awaited(self) -> bool {
        self.aim().is_none()
    }

    /// All that somebody waits for.
    pub fn awaited() -> impl Iterator<Item = Self> {
        let all = Self::ALL.into_iter().chain([Self::StaffText, Self::Dialogue]);
        all.filter(|purpose| purpose.is_awaited())
    }

    /// Whether it goes wherever the patient's card says: to the number there is when
    /// it leaves, and not to one that was corrected. Reminders of several visits are
    /// decided anew instead.
    pub fn goes_by_card(self) -> bool {
        self.aim().is_some() && self != Self::FamilyReminder
    }

    /// Whether its text may have a link.
    pub fn takes_link(self) -> bool {
        self.variables().iter().any(|(one, _)| *one == Variable::Link)
    }

    /// What its text may name, and whether it has to.
    pub fn variables(self) -> &'static [(Variable, bool)] {
        use Variable::{
            Address, Clinic, Code, Count, Date, Doctor, Document, Entrance, Expected, Last, Link,
            Name, Phone, Preparation, Service, Time, Until, Visits, Weekday,
        };
        match self {
            Self::SeriesMade => &[
                (Clinic, false),
                (Count, true),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Last, false),
                (Link, true),
                (Name, false),
                (Address, false),
                (Phone, false),
            ],
            Self::WaitlistOffer => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Until, true),
                (Link, true),
                (Name, false),
                (Phone, false),
            ],
            Self::FamilyReminder => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Visits, true),
                (Link, true),
                (Address, false),
                (Phone, false),
            ],
            Self::BookingMade | Self::BookingMoved | Self::DoctorAway | Self::VisitReminder => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Link, true),
                (Name, false),
                (Address, false),
                (Entrance, false),
                (Phone, false),
                (Doctor, false),
                (Service, false),
                (Preparation, false),
            ],
            Self::DoctorLate => &[
                (Clinic, false),
                (Weekday, false),
                (Date, false),
                (Time, true),
                (Expected, true),
                (Link, false),
                (Name, false),
                (Phone, false),
            ],
            Self::DoctorOnTime => &[
                (Clinic, false),
                (Weekday, false),
                (Date, false),
                (Time, true),
                (Link, false),
                (Name, false),
                (Phone, false),
            ],
            Self::BookingCancelled => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Name, false),
                (Phone, false),
                (Doctor, false),
                (Service, false),
            ],
            Self::ReplyConfirmed | Self::ReplyCancelled => {
                &[(Clinic, false), (Weekday, false), (Date, true), (Visits, true), (Phone, false)]
            }
            Self::ReplyMove => &[(Clinic, false), (Link, true), (Phone, false)],
            Self::ReplyHanded | Self::ReplyStopped | Self::ReplyStarted => {
                &[(Clinic, false), (Phone, false)]
            }
            Self::ConsentCode => &[(Clinic, true), (Code, true), (Document, false)],
            Self::BookingCode => &[(Clinic, true), (Code, true)],
            Self::Trial => &[(Clinic, true)],
            // The template that asks somebody to write again.
            Self::StaffText => &[(Clinic, false)],
            Self::Dialogue => &[],
        }
    }

    /// The text that goes abroad where none of the clinic's can: it names only
    /// what may leave.
    pub fn neutral(self, words: &Words, language: Language) -> String {
        match self {
            Self::SeriesMade
            | Self::FamilyReminder
            | Self::ReplyConfirmed
            | Self::ReplyCancelled
            | Self::ConsentCode => {
                let name = self.name().replace('_', "-");
                standard(words, language, &format!("messaging-neutral-{name}"))
            }
            _ => self.standard(words, language),
        }
    }

    /// The text this program comes with, as a template.
    pub fn standard(self, words: &Words, language: Language) -> String {
        standard(words, language, &format!("messaging-text-{}", self.name().replace('_', "-")))
    }
}

/// A text this program comes with, by its key, as a template.
pub fn standard(words: &Words, language: Language, key: &str) -> String {
    let names: Vec<(&str, String)> = Variable::ALL
        .iter()
        .map(|variable| (variable.name(), format!("{{{{ {} }}}}", variable.name())))
        .collect();
    let args: Vec<_> = names.iter().map(|(name, shown)| (*name, shown.as_str().into())).collect();
    words.with(language, key, &args)
}
