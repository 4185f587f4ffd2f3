//! What is looked at, and what was found.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day, Timestamp, Zone};

/// A night and some hours: older than that, a night was missed.
const STALE_MS: i64 = 30 * 60 * 60 * 1000;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Check {
    /// Pairs of live reservations of one thing at one time, overbookings aside.
    Overlaps,
    /// Whether every page of the database is as it was written.
    Pages,
    /// Whether the ledger is whole, compared with its head outside.
    Ledger,
}

impl Check {
    pub const ALL: [Self; 3] = [Self::Overlaps, Self::Pages, Self::Ledger];

    pub fn name(self) -> &'static str {
        match self {
            Self::Overlaps => "overlaps",
            Self::Pages => "pages",
            Self::Ledger => "ledger",
        }
    }
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Outcome {
    #[sqlx(rename = "check_name")]
    pub check: Check,
    pub at: Timestamp,
    /// How many things were wrong.
    pub wrong: i64,
    pub took_ms: i64,
}

/// Minute of the day, in the clinic's time: after the night's backup.
const NIGHTLY_AT: u16 = 4 * 60;

/// Whether a check was not made since the last four in the morning.
pub fn is_due(last: &[Outcome], now: Timestamp, zone: &Zone) -> bool {
    let today = zone.today(now);
    let slot = |day: Day| Civil::new(day, NIGHTLY_AT).map(|at| zone.instant(at));
    let night = slot(today).filter(|at| *at <= now).or_else(|| slot(today.plus_days(-1)));
    let seen = |check| last.iter().any(|one| one.check == check && night <= Some(one.at));
    !Check::ALL.into_iter().all(seen)
}

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Never,
    /// Good when last looked at, and that is too long ago.
    Stale,
    Good,
    Wrong,
}

impl Standing {
    pub fn of(last: Option<&Outcome>, now: Timestamp) -> Self {
        match last {
            None => Self::Never,
            Some(last) if 0 < last.wrong => Self::Wrong,
            Some(last) if STALE_MS < now.unix_ms() - last.at.unix_ms() => Self::Stale,
            Some(_) => Self::Good,
        }
    }
}

/// Queued work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Work {
    /// Due and not done.
    pub due: i64,
    /// Tried before and not done.
    pub failing: i64,
    /// Whether the checks are among it.
    pub checking: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_is_made_up_for_and_not_done_twice() {
        let zone = Zone::named("Asia/Almaty").unwrap();
        let at = |text: &str| zone.instant(text.parse().unwrap());
        let all = |at: Timestamp| {
            Check::ALL.map(|check| Outcome { check, at, wrong: 0, took_ms: 1 }).to_vec()
        };
        let night = all(at("2026-11-27T04:05"));
        assert!(!is_due(&night, at("2026-11-27T23:00"), &zone));
        assert!(!is_due(&night, at("2026-11-28T03:55"), &zone));
        assert!(is_due(&night, at("2026-11-28T04:05"), &zone));
        assert!(is_due(&night, at("2026-12-05T01:00"), &zone), "the machine was off");
        assert!(is_due(&night[..2], at("2026-11-27T05:00"), &zone), "one is new");
    }

    #[test]
    fn a_check_that_missed_its_night_is_not_called_good_and_a_wrong_one_stays_wrong() {
        let now = Timestamp::from_unix_ms(1_800_000_000_000);
        let outcome = |hours: i64, wrong| Outcome {
            check: Check::Overlaps,
            at: now.plus_ms(-hours * 60 * 60 * 1000),
            wrong,
            took_ms: 1,
        };
        assert_eq!(Standing::of(None, now), Standing::Never);
        assert_eq!(Standing::of(Some(&outcome(20, 0)), now), Standing::Good);
        assert_eq!(Standing::of(Some(&outcome(31, 0)), now), Standing::Stale);
        assert_eq!(Standing::of(Some(&outcome(31, 2)), now), Standing::Wrong);
    }
}
