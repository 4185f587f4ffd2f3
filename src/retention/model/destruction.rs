//! Whether everything that is kept of a person may be destroyed on a day, and
//! what stands in the way: pure rules (law 94-V art. 18 and 25; SECURITY.md 9.5).
//!
//! Nothing is destroyed here. What no rule speaks of stands in the way.

use super::{Code, Fate, Why};
use crate::clock::Day;

/// A kind of record that may not be destroyed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub record: Code,
    /// The first day it may be destroyed; None: nobody can say today.
    pub until: Option<Day>,
    pub why: Why,
    /// The rule and its version; None when no rule speaks.
    pub rule: Option<(Code, i64)>,
}

/// What stands in the way of destroying these records: of each kind the one
/// that is kept longest, in the order the kinds come. Empty: all may go.
pub fn obstacles<'a>(
    records: impl IntoIterator<Item = (Code, &'a Fate)>,
    today: Day,
) -> Vec<Obstacle> {
    let mut found: Vec<Obstacle> = Vec::new();
    for (record, fate) in records {
        if fate.due.is_some_and(|due| due <= today) {
            continue;
        }
        let next = Obstacle { record, until: fate.due, why: fate.why, rule: fate.rule };
        match found.iter_mut().find(|known| known.record == record) {
            None => found.push(next),
            Some(known) if outlasts(next.until, known.until) => *known = next,
            Some(_) => {}
        }
    }
    found
}

/// Whether a date is later than another; no date is later than any.
fn outlasts(next: Option<Day>, known: Option<Day>) -> bool {
    match (next, known) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(next), Some(known)) => next > known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn due(on: Option<&str>) -> Fate {
        Fate {
            due: on.map(day),
            why: if on.is_some() { Why::Years } else { Why::Held },
            rule: None,
            from: day("2020-01-01"),
            years: 5,
            until_age: None,
            basis: String::new(),
        }
    }

    #[test]
    fn what_is_due_today_may_go_and_what_is_due_tomorrow_may_not() {
        let (today, tomorrow) = (due(Some("2026-11-27")), due(Some("2026-11-28")));
        let now = day("2026-11-27");
        assert!(obstacles([(Code::DentalCard, &today)], now).is_empty());
        assert_eq!(obstacles([(Code::DentalCard, &tomorrow)], now)[0].until, tomorrow.due);
    }

    #[test]
    fn a_record_without_a_date_stands_in_the_way_before_any_date() {
        let (later, held) = (due(Some("2090-01-01")), due(None));
        let records = [(Code::VisitJournal, &later), (Code::VisitJournal, &held)];
        let found = obstacles(records, day("2026-11-27"));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].until, found[0].why), (None, Why::Held));
    }

    #[test]
    fn one_kept_visit_holds_back_a_card_that_is_due() {
        let (gone, kept) = (due(Some("2020-01-01")), due(Some("2031-01-01")));
        let records = [(Code::OutpatientCard, &gone), (Code::VisitJournal, &kept)];
        let found = obstacles(records, day("2026-11-27"));
        assert_eq!(found.iter().map(|kept| kept.record).collect::<Vec<_>>(), [Code::VisitJournal]);
    }
}
