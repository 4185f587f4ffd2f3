//! Links and what is said when.

use data_encoding::BASE64URL_NOPAD;

use crate::booking::{Due, Status};
use crate::clock::{Civil, Timestamp};
use crate::crypto::Random;
use crate::crypto::hash::{Digest, sha256};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId};
use crate::messaging::speaking::SpokenFate;
use crate::messaging::text::Purpose;
use crate::messaging::{About, Verdict};

/// The secret in a link: 128 random bits in 22 letters. Only its hash is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(String);

/// Letters of a token.
const LETTERS: usize = 22;

/// A link stays good for so long after its appointment was to begin, in
/// milliseconds: whoever was late still learns what to do.
pub const LINK_OUTLIVES_MS: i64 = 24 * 60 * 60 * 1000;

/// What may be written is chosen by it for longer, in milliseconds: a letter is
/// found again months later, and the way out of letters stands in it.
pub const CHOICES_OUTLIVE_MS: i64 = 366 * 24 * 60 * 60 * 1000;

/// What a chat answers has left or failed within that, in milliseconds.
const CHAT_MS: i64 = 16 * 60 * 1000;

/// Meanwhile it is looked again after so long, in milliseconds.
const CHAT_AGAIN_MS: i64 = 5 * 1000;

/// A link as stored.
#[derive(Debug, sqlx::FromRow)]
pub struct Link {
    pub appointment_id: AppointmentId,
    pub patient_id: PatientId,
    pub language: Language,
    pub expires_at: Timestamp,
    /// Visits that it opens: one, or those of a family.
    pub together: i64,
}

impl Token {
    pub fn generate(random: &Random) -> Self {
        Self(BASE64URL_NOPAD.encode(&random.bytes::<16>()))
    }

    /// None for what cannot be a token, so that junk is not looked up.
    pub fn parse(text: &str) -> Option<Self> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == LETTERS && text.bytes().all(letter)).then(|| Self(text.to_owned()))
    }

    /// The link of one of several visits, made from the link to all of them:
    /// whoever holds that holds these, and nobody comes from one to another.
    #[must_use]
    pub fn nth(&self, index: usize) -> Self {
        let hash = sha256(format!("tirkeu/visit/{index}/{}", self.0).as_bytes());
        let mut text = BASE64URL_NOPAD.encode(&hash);
        text.truncate(LETTERS);
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> Digest {
        sha256(self.0.as_bytes())
    }
}

/// What a message about an appointment is about: the appointment as it stands.
/// The version tells two moves to the same time apart.
pub fn about(due: &Due) -> About {
    moved(due.id, due.starts, Some(due.version))
}

/// What is told of a move; None: which version that makes is not known yet.
pub fn moved(id: AppointmentId, starts: Civil, version: Option<i64>) -> About {
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    About::new("appointment", id).stamped(format!("{starts}/{version}"))
}

/// Whether a message of a move is still to be sent, as far as a chat has told of it
/// already: `told` is what became of that, and since when.
pub fn unless_told(told: Option<(SpokenFate, Timestamp)>, now: Timestamp) -> Verdict {
    match told {
        Some((SpokenFate::Said, _)) => Verdict::Withhold("told_in_chat"),
        Some((SpokenFate::Waiting, since)) if now < since.plus_ms(CHAT_MS) => {
            Verdict::Later(now.plus_ms(CHAT_AGAIN_MS))
        }
        // It did not arrive, or nobody knows: twice is better than not at all.
        _ => Verdict::Send,
    }
}

/// Whether a message is still true when its turn comes. `stamp` is of [`about`].
pub fn verdict(purpose: Purpose, stamp: &str, due: Option<&Due>) -> Verdict {
    let Some(due) = due else {
        return Verdict::Withhold("cancelled");
    };
    let written_for: Option<Civil> = stamp.split('/').next().and_then(|at| at.parse().ok());
    match (purpose, due.status) {
        _ if !due.notify => Verdict::Withhold("not_wanted"),
        (Purpose::BookingCancelled, Status::Cancelled) => Verdict::Send,
        (Purpose::BookingCancelled, _) => Verdict::Withhold("answered"),
        (_, Status::Cancelled) => Verdict::Withhold("cancelled"),
        _ if written_for != Some(due.starts) => Verdict::Withhold("moved"),
        (_, Status::Booked | Status::Confirmed) => Verdict::Send,
        _ => Verdict::Withhold("answered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::BranchId;

    fn due(status: Status) -> Due {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        Due {
            id: AppointmentId::new(now),
            patient_id: PatientId::new(now),
            starts: "2026-12-01T09:30".parse().unwrap(),
            minutes: 30,
            status,
            version: 1,
            service_id: None,
            doctor_id: None,
            branch_id: BranchId::new(now),
            notify: true,
        }
    }

    #[test]
    fn a_move_that_the_chat_told_of_is_told_once_and_else_by_a_message() {
        let since = Timestamp::from_unix_ms(1_790_000_000_000);
        let told = |fate| unless_told(Some((fate, since)), since.plus_ms(1000));
        assert_eq!(told(SpokenFate::Said), Verdict::Withhold("told_in_chat"));
        assert_eq!(told(SpokenFate::Waiting), Verdict::Later(since.plus_ms(6000)));
        for fate in [SpokenFate::Lost, SpokenFate::Uncertain] {
            assert_eq!(told(fate), Verdict::Send, "{fate:?}");
        }
        let late = since.plus_ms(CHAT_MS);
        assert_eq!(unless_told(Some((SpokenFate::Waiting, since)), late), Verdict::Send);
        assert_eq!(unless_told(None, since), Verdict::Send);
    }

    #[test]
    fn a_booking_is_confirmed_only_while_it_stands_where_it_was() {
        let made = |due: &Due| verdict(Purpose::BookingMade, "2026-12-01T09:30/1", Some(due));
        assert_eq!(made(&due(Status::Booked)), Verdict::Send);
        assert_eq!(made(&due(Status::Confirmed)), Verdict::Send);
        assert_eq!(made(&due(Status::Cancelled)), Verdict::Withhold("cancelled"));
        assert_eq!(made(&due(Status::Arrived)), Verdict::Withhold("answered"));
        let elsewhere = Due { starts: "2026-12-02T09:30".parse().unwrap(), ..due(Status::Booked) };
        assert_eq!(made(&elsewhere), Verdict::Withhold("moved"));
        let quiet = Due { notify: false, ..due(Status::Booked) };
        assert_eq!(made(&quiet), Verdict::Withhold("not_wanted"));
        assert_eq!(verdict(Purpose::BookingMade, "", None), Verdict::Withhold("cancelled"));
    }

    #[test]
    fn a_cancellation_is_told_only_while_it_stands() {
        let cancelled =
            |status| verdict(Purpose::BookingCancelled, "2026-12-01T09:30/2", Some(&due(status)));
        assert_eq!(cancelled(Status::Cancelled), Verdict::Send);
        assert_eq!(cancelled(Status::Booked), Verdict::Withhold("answered"));
    }

    #[test]
    fn only_what_can_be_a_token_is_one() {
        let token = Token::generate(&Random::fixed(1));
        assert!(Token::parse(token.as_str()).is_some());
        for junk in ["", "abc", "../../../etc/passwd....", "ААААААААААА", &"A".repeat(23)]
        {
            assert!(Token::parse(junk).is_none(), "{junk}");
        }
    }
}
