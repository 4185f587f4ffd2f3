//! What a feed is, and what it says of a visit.

use serde::Serialize;

use crate::booking::Status;
use crate::booking::calendar::{Standing, Visit};
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, StaffId, id};

id! {
    /// An address at which a calendar program finds a doctor's visits.
    FeedId
}

/// A live feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Feed {
    pub id: FeedId,
    pub made_at: Timestamp,
    /// When a program last asked.
    pub read_at: Option<Timestamp>,
}

/// A live feed and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct FeedLine {
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub feed: Feed,
    /// The name.
    pub staff: String,
}

/// The feed behind an address.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Found {
    pub id: FeedId,
    pub staff_id: StaffId,
    pub language: Language,
    /// The doctor, as the schedule calls them.
    pub doctor: String,
    pub names: bool,
}

/// A visit as a feed may show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct FedVisit {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub starts: Civil,
    pub minutes: i64,
    pub status: Status,
    /// Waits for the desk's word.
    pub held: bool,
    pub version: i64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub given: String,
    pub surname: String,
    pub service: String,
    /// Chair or room; empty where none is kept.
    pub place: String,
    pub address: String,
    /// The patient's data is blocked: kept, not used.
    #[sqlx(default)]
    pub blocked: bool,
}

impl FedVisit {
    /// Who comes, or what is done: never both.
    fn summary(&self, names: bool, say: &impl Fn(&str) -> String) -> String {
        if names && self.blocked {
            return say("feeds-taken");
        }
        if !names {
            let service = self.service.trim();
            return if service.is_empty() { say("feeds-visit") } else { service.to_owned() };
        }
        let initial = self.surname.trim().chars().next().map(|letter| format!(" {letter}."));
        let name = format!("{}{}", self.given.trim(), initial.unwrap_or_default());
        if name.trim().is_empty() { say("feeds-visit") } else { name.trim().to_owned() }
    }

    pub fn entry(
        &self,
        names: bool,
        say: &impl Fn(&str) -> String,
        instant: &impl Fn(Civil) -> Timestamp,
    ) -> Visit {
        let starts = instant(self.starts);
        let parts = [self.place.as_str(), self.address.as_str()];
        let location: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Visit {
            uid: format!("{}@tirkeu", self.id),
            made_at: self.created_at,
            changed_at: self.changed_at,
            sequence: u32::try_from(self.version - 1).unwrap_or_default(),
            standing: Standing::of(self.status, self.held),
            starts,
            ends: starts.plus_ms(self.minutes * 60_000),
            summary: self.summary(names, say),
            location: location.join(", "),
            description: String::new(),
            alarm_minutes: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit() -> FedVisit {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        FedVisit {
            id: AppointmentId::new(at),
            patient_id: PatientId::new(at),
            starts: "2026-11-23T10:00".parse().unwrap(),
            minutes: 30,
            status: Status::Booked,
            held: false,
            version: 1,
            created_at: at,
            changed_at: at,
            given: "Ержан".to_owned(),
            surname: "Мусин".to_owned(),
            service: "Удаление".to_owned(),
            place: "Кресло 1".to_owned(),
            address: "Абая, 52".to_owned(),
            blocked: false,
        }
    }

    #[test]
    fn a_feed_never_says_who_comes_for_what() {
        let say = |key: &str| key.to_owned();
        let instant = |_| Timestamp::from_unix_ms(0);
        for names in [false, true] {
            for blocked in [false, true] {
                let one = FedVisit { blocked, ..visit() }.entry(names, &say, &instant);
                let file = one.file();
                let who = file.contains("Ержан") || file.contains("Мусин");
                assert!(!(who && file.contains("Удаление")), "{file}");
                assert!(!file.contains("Мусин"), "a surname is one letter: {file}");
                assert_eq!(who, names && !blocked);
            }
        }
        let nameless = FedVisit { given: String::new(), surname: " ".to_owned(), ..visit() };
        assert_eq!(nameless.summary(true, &say), "feeds-visit");
    }
}
