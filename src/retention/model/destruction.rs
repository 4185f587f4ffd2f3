//! Whether everything that is kept of a person may be destroyed on a day, and
//! what stands in the way: pure rules (law 94-V art. 12, 18 and 25; Digital Code
//! art. 41(3); SECURITY.md 9.5).
//!
//! Nothing is destroyed here. What no rule speaks of stands in the way, and so
//! does a rule that the clinic's lawyer has not confirmed.

use serde::{Deserialize, Serialize};

use super::{CardFacts, Code, Fate, Rule, Rules};
use crate::clock::Day;
use crate::i18n::Language;

/// Everything of a person that a duty to keep may lie on; the cards that were
/// merged into theirs included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    pub card: CardFacts,
    /// Booked and not ended.
    pub bookings: i64,
    /// That took place.
    pub visits: i64,
    pub last_visit: Option<Day>,
    /// Signed, or refused in writing.
    pub consents: i64,
    pub last_consent: Option<Day>,
}

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A ban: a dispute, an inquiry.
    Hold,
    /// Somebody waits for them on a day.
    Bookings,
    Card,
    Visits,
    Consents,
    /// A rule that nobody has confirmed yet.
    Unconfirmed,
}

/// How much of what is held may be destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Whole,
    /// What no law orders kept; the rest is blocked.
    Unkept,
}

/// One thing that may not be destroyed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    pub what: What,
    /// Whose rule it is, where a rule is meant.
    pub code: Option<Code>,
    pub count: i64,
    /// Until when, and by what law; None where no time ends it.
    pub fate: Option<Fate>,
}

/// What a destruction would rest on, and what stands in its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destruction {
    /// Empty: all may go.
    pub obstacles: Vec<Obstacle>,
    /// The rules that let it go, with their versions.
    pub rules: Vec<(Code, i64)>,
    /// Their laws, for people.
    pub bases: Vec<Law>,
}

/// The law that something rests on, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Law {
    #[sqlx(rename = "basis")]
    pub ru: String,
    /// Empty where it was written down before it was asked for.
    #[sqlx(rename = "basis_kk")]
    pub kk: String,
}

impl Law {
    pub fn of(rule: &Rule) -> Self {
        Self { ru: rule.basis.clone(), kk: rule.basis_kk.clone() }
    }

    pub fn in_language(&self, language: Language) -> &str {
        if language == Language::Kk && !self.kk.is_empty() { &self.kk } else { &self.ru }
    }
}

impl Obstacle {
    fn bare(what: What, count: i64) -> Self {
        Self { what, code: None, count, fate: None }
    }
}

impl Rules {
    /// Whether all that is held of somebody may be destroyed today.
    pub fn destruction(&self, of: &Holdings, today: Day) -> Destruction {
        let mut found = Destruction::default();
        if of.card.held {
            found.obstacles.push(Obstacle::bare(What::Hold, 1));
        }
        if 0 < of.bookings {
            found.obstacles.push(Obstacle::bare(What::Bookings, of.bookings));
        }
        // The ban was told of; the dates below are those without it.
        let facts = CardFacts { held: false, ..of.card.clone() };
        let untreated = facts.is_untreated() && of.visits == 0;
        let card = self.card(&facts, today);
        if untreated {
            // On request it goes at once: no duty to keep lies on it.
            self.rest_on(Code::UntreatedCard, today, &mut found);
        } else {
            self.rest_on(facts.code, today, &mut found);
            found.keep_back(What::Card, facts.code, 1, &card, today);
        }
        if let Some(last) = of.last_visit {
            self.rest_on(Code::VisitJournal, today, &mut found);
            let fate = self.visit(last, false, today);
            found.keep_back(What::Visits, Code::VisitJournal, of.visits, &fate, today);
        }
        if let Some(last) = of.last_consent {
            self.rest_on(Code::Consent, today, &mut found);
            let fate = self.consent(last, &card, today);
            found.keep_back(What::Consents, Code::Consent, of.consents, &fate, today);
        }
        found
    }

    /// Takes a rule for what lets something go, when it is confirmed.
    fn rest_on(&self, code: Code, today: Day, found: &mut Destruction) {
        match self.in_force(code, today) {
            Some(rule) if rule.confirmed => {
                found.rules.push((code, rule.version));
                found.bases.push(Law::of(rule));
            }
            _ => found
                .obstacles
                .push(Obstacle { code: Some(code), ..Obstacle::bare(What::Unconfirmed, 1) }),
        }
    }
}

impl Destruction {
    /// How much may go today; None while a ban or a booking stands.
    pub fn extent(&self) -> Option<Extent> {
        let stops = |one: &Obstacle| matches!(one.what, What::Hold | What::Bookings);
        if self.obstacles.iter().any(stops) {
            None
        } else if self.obstacles.is_empty() {
            Some(Extent::Whole)
        } else {
            Some(Extent::Unkept)
        }
    }

    fn keep_back(&mut self, what: What, code: Code, count: i64, fate: &Fate, today: Day) {
        if fate.due.is_none_or(|due| today < due) {
            let fate = Some(fate.clone());
            self.obstacles.push(Obstacle { what, code: Some(code), count, fate });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::retention::model::Combine;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Rules as they are shipped, confirmed or not.
    fn rules(confirmed: bool) -> Rules {
        let rule = |code: Code, years| Rule {
            code,
            version: 1,
            years,
            until_age: (code == Code::DentalCard).then_some(75),
            combine: (code == Code::DentalCard).then_some(Combine::Later),
            start: code.start(),
            basis: code.name().to_owned(),
            basis_kk: String::new(),
            source: String::new(),
            checked_on: day("2026-11-27"),
            confirmed,
            effective_from: day("2013-01-01"),
            effective_to: None,
            made_at: Timestamp::from_unix_ms(0),
            made_by: None,
        };
        let years = |code| match code {
            Code::DentalCard => 75,
            Code::UntreatedCard => 3,
            Code::VisitJournal => 5,
            Code::Consent => 0,
            _ => 25,
        };
        Rules::new(Code::ALL.map(|code| rule(code, years(code))).to_vec())
    }

    fn stranger() -> Holdings {
        Holdings {
            card: CardFacts {
                code: Code::DentalCard,
                registered: day("2026-11-01"),
                last_entry: None,
                discharged: None,
                birth: None,
                held: false,
            },
            bookings: 0,
            visits: 0,
            last_visit: None,
            consents: 0,
            last_consent: None,
        }
    }

    fn treated(on: &str) -> Holdings {
        let mut of = stranger();
        (of.card.last_entry, of.visits, of.last_visit) = (Some(day(on)), 1, Some(day(on)));
        of
    }

    fn in_the_way(of: &Holdings, today: &str) -> Vec<What> {
        let found = rules(true).destruction(of, day(today));
        found.obstacles.iter().map(|one| one.what).collect()
    }

    #[test]
    fn who_was_never_treated_may_go_at_once_and_by_which_rule_is_said() {
        let found = rules(true).destruction(&stranger(), day("2026-11-27"));
        assert_eq!((found.obstacles.len(), found.rules), (0, vec![(Code::UntreatedCard, 1)]));
        assert_eq!(found.bases.iter().map(|law| &*law.ru).collect::<Vec<_>>(), ["untreated_card"]);
    }

    #[test]
    fn a_rule_that_nobody_confirmed_lets_nothing_go() {
        let found = rules(false).destruction(&stranger(), day("2026-11-27"));
        assert_eq!(found.obstacles[0].what, What::Unconfirmed);
        let old = rules(false).destruction(&treated("1900-05-05"), day("2026-11-27"));
        assert!(
            old.obstacles.iter().all(|one| one.what == What::Unconfirmed)
                && 1 < old.obstacles.len()
        );
    }

    #[test]
    fn a_treated_card_goes_on_the_day_its_years_end_and_not_the_day_before() {
        let of = treated("1950-06-01");
        assert_eq!(in_the_way(&of, "2025-12-31"), [What::Card]);
        assert!(in_the_way(&of, "2026-01-01").is_empty());
        assert_eq!(in_the_way(&treated("2020-06-01"), "2025-12-31"), [What::Card, What::Visits]);
        assert_eq!(in_the_way(&treated("2020-06-01"), "2026-01-01"), [What::Card]);
    }

    #[test]
    fn a_ban_a_booking_and_a_signed_consent_each_stand_in_the_way() {
        let mut of = stranger();
        of.card.held = true;
        assert_eq!(in_the_way(&of, "2026-11-27"), [What::Hold]);
        of.card.held = false;
        of.bookings = 2;
        assert_eq!(in_the_way(&of, "2026-11-27"), [What::Bookings]);
        of.bookings = 0;
        (of.consents, of.last_consent) = (1, Some(day("2026-11-02")));
        assert_eq!(in_the_way(&of, "2026-11-27"), [What::Consents]);
        assert!(in_the_way(&of, "2030-01-01").is_empty(), "with the card, three years on");
    }

    #[test]
    fn what_a_law_keeps_leaves_the_rest_to_go_and_a_ban_or_a_booking_leaves_nothing() {
        let extent = |of: &Holdings| rules(true).destruction(of, day("2026-11-27")).extent();
        assert_eq!(extent(&stranger()), Some(Extent::Whole));
        let mut of = treated("2026-06-01");
        assert_eq!(extent(&of), Some(Extent::Unkept));
        of.bookings = 1;
        assert_eq!(extent(&of), None);
        (of.bookings, of.card.held) = (0, true);
        assert_eq!(extent(&of), None);
    }

    #[test]
    fn somebody_of_the_ward_counts_as_treated_whatever_is_written_down() {
        let mut of = stranger();
        of.card.code = Code::InpatientCard;
        assert_eq!(in_the_way(&of, "2026-11-27"), [What::Card]);
    }
}
