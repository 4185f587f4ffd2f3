//! Entries of the access log as they are shown, and what they are looked for by.

use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::{Civil, Day, Timestamp, Zone};

/// One row of the ledger, as far as it is shown. Patients appear by the number
/// of their card: the reader reviews behaviour, not charts.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Entry {
    pub seq: i64,
    /// RFC 3339, UTC.
    pub ts: String,
    /// `noun.verb`.
    pub act: String,
    /// A staff id, `job:backup`, `console`, `visitor`, `tablet:…`.
    pub actor: String,
    /// The name, when the actor is or was a member of staff.
    pub name: Option<String>,
    pub role: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    /// The first 8 hex digits of the session's hash.
    pub session: Option<String>,
    pub why: Option<String>,
    /// Kind of the thing it was done to.
    pub object: Option<String>,
    /// The number of the patient's card.
    pub card: Option<i64>,
    /// How many people's rows a list showed.
    pub people: Option<i64>,
    /// Hexadecimal.
    pub leaf: String,
    /// The worst finding that rests on it: code of its rule.
    pub rule: Option<String>,
    pub severity: Option<i64>,
}

/// What entries are looked for by; None means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Inclusive instants, RFC 3339 in UTC.
    pub from: Option<String>,
    /// Exclusive.
    pub until: Option<String>,
    pub actor: Option<String>,
    /// Any of these actions; an empty list finds nothing.
    pub acts: Option<Vec<String>>,
    /// Code of a reason.
    pub why: Option<String>,
    /// The number of a card.
    pub card: Option<i64>,
    pub origin: Option<Origin>,
    /// The first 8 hex digits of a session's hash.
    pub session: Option<String>,
    /// Only entries that a finding rests on.
    pub flagged: bool,
    /// Entries older than this one.
    pub before: Option<i64>,
}

/// Where entries came from; None means anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// An IP address.
    pub address: Option<String>,
    /// A browser, in the ledger's words.
    pub device: Option<String>,
}

/// What a search came to.
pub enum Found {
    /// What was asked for never was.
    Nothing,
    /// Numbers of entries, the newest first.
    Seqs(Vec<i64>),
}

/// How often cards were opened in each hour of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hours {
    pub labels: Vec<String>,
    pub counts: Vec<i64>,
    /// Of the same weekdays before; zeros while nothing is known.
    pub usual: Vec<i64>,
    pub total: i64,
}

impl Filter {
    /// From the first to the last day, both whole, by the clinic's clock.
    #[must_use]
    pub fn between(mut self, zone: &Zone, first: Option<Day>, last: Option<Day>) -> Self {
        self.from = first.map(|day| start(zone, day).rfc3339());
        self.until = last.map(|day| start(zone, day.plus_days(1)).rfc3339());
        self
    }

    /// Which filters were used, without their values where those are personal.
    pub fn used(&self) -> Value {
        json!({
            "from": self.from, "until": self.until, "actor": self.actor, "acts": self.acts,
            "why": self.why, "by_card": self.card.is_some(), "by_place": self.origin.is_some(),
            "by_session": self.session.is_some(), "flagged": self.flagged,
        })
    }
}

/// The first instant of a day.
pub fn start(zone: &Zone, day: Day) -> Timestamp {
    zone.instant(Civil::new(day, 0).expect("every day has a midnight"))
}

impl Hours {
    /// `counted` holds UTC hours (`2026-11-23T04`) and how often, `usual` the
    /// counts of the clinic's hours.
    pub fn of(zone: &Zone, day: Day, counted: &[(String, i64)], usual: &[i64; 24]) -> Self {
        let mut by_hour = [0_i64; 24];
        for (hour, count) in counted {
            let instant = format!("{hour}:00:00Z").parse::<jiff::Timestamp>();
            let Ok(instant) = instant else { continue };
            let civil = zone.civil(Timestamp::from_unix_ms(instant.as_millisecond()));
            if civil.day() == day {
                by_hour[usize::from(civil.minute_of_day() / 60)] += count;
            }
        }
        // The night is shown when somebody was there.
        let awake = |hour: &usize| by_hour[*hour] > 0 || usual[*hour] > 0;
        let first = (0..8).find(awake).unwrap_or(8);
        let last = (20..24).rev().find(awake).unwrap_or(19);
        Self {
            labels: (first..=last).map(|hour| hour.to_string()).collect(),
            counts: by_hour[first..=last].to_vec(),
            usual: usual[first..=last].to_vec(),
            total: by_hour.iter().sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_counted_by_the_clinics_clock() {
        let zone = Zone::named("Asia/Almaty").unwrap();
        let counted = [("2026-11-23T04".to_owned(), 3), ("2026-11-23T20".to_owned(), 9)];
        let day = "2026-11-23".parse().unwrap();
        let hours = Hours::of(&zone, day, &counted, &[0; 24]);
        assert_eq!(hours.counts[1], 3, "04 UTC is nine in Almaty");
        assert_eq!(hours.total, 3, "20 UTC is the next day");
    }
}
