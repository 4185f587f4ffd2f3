//! When a record may be destroyed, and why: pure rules.
//!
//! Years count from 1 January after the event that starts them; where years
//! and age both count, the rule says which; what no rule speaks of is kept
//! (SECURITY.md 9.5). Nothing is destroyed here.

pub mod destruction;

use serde::{Deserialize, Serialize};

use crate::clock::{Day, Timestamp};
use crate::ids::{StaffId, id};

id! {
    /// A ban on destroying one patient's records.
    HoldId
}

id! {
    /// A discharge that was written down.
    DischargeId
}

/// What kind of card a patient has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum CardKind {
    Dental,
    Outpatient,
    Inpatient,
}

/// What kind of record a rule is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Code {
    OutpatientCard,
    InpatientCard,
    DentalCard,
    /// Of somebody who booked or asked and was never treated.
    UntreatedCard,
    VisitJournal,
    Consent,
}

/// The event that years are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Start {
    LastEntry,
    Discharge,
    /// The card was entered.
    Registered,
    Visit,
    CardEnd,
}

/// Which of two dates counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Combine {
    Later,
    Earlier,
}

/// One version of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Rule {
    pub code: Code,
    pub version: i64,
    pub years: i64,
    /// Years of age; None when age does not count.
    pub until_age: Option<i64>,
    pub combine: Option<Combine>,
    #[sqlx(rename = "start_event")]
    pub start: Start,
    /// The law, for people.
    pub basis: String,
    /// The same in Kazakh; empty in versions from before it was asked for.
    pub basis_kk: String,
    /// Where it was read.
    pub source: String,
    pub checked_on: Day,
    /// Whether the clinic's lawyer has confirmed it.
    pub confirmed: bool,
    pub effective_from: Day,
    /// The first day it no longer counts; None until it is replaced.
    pub effective_to: Option<Day>,
    pub made_at: Timestamp,
    /// None for the rules that are shipped.
    pub made_by: Option<StaffId>,
}

/// All versions of all rules.
#[derive(Clone, Debug)]
pub struct Rules(Vec<Rule>);

/// What is known of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFacts {
    pub code: Code,
    pub registered: Day,
    /// The last day the patient was treated; None when they never were.
    pub last_entry: Option<Day>,
    /// The day the patient left the ward; None while nobody has written it down.
    pub discharged: Option<Day>,
    pub birth: Option<Day>,
    /// Whether a ban stands.
    pub held: bool,
}

/// What will become of a record, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The first day it may be destroyed; None: it is kept.
    pub due: Option<Day>,
    pub why: Why,
    /// The rule that decided, None when none did.
    pub rule: Option<(Code, i64)>,
    /// The day of the event that started the years.
    pub from: Day,
    pub years: i64,
    pub until_age: Option<i64>,
    /// The law, for people; empty when no rule speaks.
    pub basis: String,
    pub basis_kk: String,
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// So many years after the event.
    Years,
    /// The patient's age.
    Age,
    /// As long as the card it belongs to.
    Card,
    /// A ban stands.
    Held,
    /// The years begin with a discharge that nobody has written down.
    NotDischarged,
    /// No rule is in force: what is unknown is kept.
    NoRule,
}

impl Code {
    pub const ALL: [Self; 6] = [
        Self::DentalCard,
        Self::OutpatientCard,
        Self::InpatientCard,
        Self::UntreatedCard,
        Self::VisitJournal,
        Self::Consent,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::OutpatientCard => "outpatient_card",
            Self::InpatientCard => "inpatient_card",
            Self::DentalCard => "dental_card",
            Self::UntreatedCard => "untreated_card",
            Self::VisitJournal => "visit_journal",
            Self::Consent => "consent",
        }
    }

    /// The event that starts the years of this kind of record.
    pub fn start(self) -> Start {
        match self {
            Self::OutpatientCard | Self::DentalCard => Start::LastEntry,
            Self::InpatientCard => Start::Discharge,
            Self::UntreatedCard => Start::Registered,
            Self::VisitJournal => Start::Visit,
            Self::Consent => Start::CardEnd,
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// The rule for a kind of card.
    pub fn of_card(kind: CardKind) -> Self {
        match kind {
            CardKind::Outpatient => Self::OutpatientCard,
            CardKind::Inpatient => Self::InpatientCard,
            CardKind::Dental => Self::DentalCard,
        }
    }
}

impl CardFacts {
    /// Whether nobody ever treated them here. Somebody of the ward was.
    pub fn is_untreated(&self) -> bool {
        self.last_entry.is_none() && self.discharged.is_none() && self.code != Code::InpatientCard
    }
}

impl Rules {
    pub fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// The version that counts on a day: the newest that has begun and has
    /// not ended.
    pub fn in_force(&self, code: Code, on: Day) -> Option<&Rule> {
        let begun = self.0.iter().filter(|rule| rule.code == code && rule.effective_from <= on);
        let live = begun.filter(|rule| rule.effective_to.is_none_or(|end| on < end));
        live.max_by_key(|rule| rule.version)
    }

    /// All versions, newest first.
    pub fn history(&self, code: Code) -> Vec<&Rule> {
        let mut versions: Vec<&Rule> = self.0.iter().filter(|rule| rule.code == code).collect();
        versions.sort_by_key(|rule| std::cmp::Reverse(rule.version));
        versions
    }

    /// When a card may be destroyed, by the rules of `today`.
    pub fn card(&self, facts: &CardFacts, today: Day) -> Fate {
        let entry = facts.last_entry.unwrap_or(facts.registered);
        // Until the clinic's lawyer says that no order speaks of such a card, it
        // is kept as one of somebody who was treated.
        let untreated = self.in_force(Code::UntreatedCard, today);
        let untreated = untreated.filter(|rule| rule.confirmed && facts.is_untreated());
        let Some(rule) = untreated.or_else(|| self.in_force(facts.code, today)) else {
            return Fate::kept(Why::NoRule, entry);
        };
        let kept = |why| Fate { rule: Some((rule.code, rule.version)), ..Fate::kept(why, entry) };
        if facts.held {
            return kept(Why::Held);
        }
        let from = match (rule.start, facts.discharged) {
            (Start::Discharge, None) => return kept(Why::NotDischarged),
            // Whoever came back as an outpatient is not forgotten sooner.
            (Start::Discharge, Some(day)) => facts.last_entry.map_or(day, |entry| entry.max(day)),
            _ => entry,
        };
        let by_years = january(from, rule.years);
        let by_age = rule.until_age.and_then(|age| january(facts.birth?, age));
        let (due, why) = match (rule.combine, by_age) {
            (Some(Combine::Later), Some(age)) if by_years.is_none_or(|years| years < age) => {
                (Some(age), Why::Age)
            }
            (Some(Combine::Earlier), Some(age)) if by_years.is_none_or(|years| age < years) => {
                (Some(age), Why::Age)
            }
            // Without a date of birth the years alone count: they are the
            // longer, as nobody is treated before they are born.
            _ => (by_years, Why::Years),
        };
        Fate::by(rule, due, why, from)
    }

    /// When an entry of the visit journal may be destroyed.
    pub fn visit(&self, visit: Day, held: bool, today: Day) -> Fate {
        match self.in_force(Code::VisitJournal, today) {
            None => Fate::kept(Why::NoRule, visit),
            Some(rule) if held => {
                Fate { rule: Some((rule.code, rule.version)), ..Fate::kept(Why::Held, visit) }
            }
            Some(rule) => Fate::by(rule, january(visit, rule.years), Why::Years, visit),
        }
    }

    /// When a consent may be destroyed: never before its card.
    pub fn consent(&self, given: Day, card: &Fate, today: Day) -> Fate {
        let Some(rule) = self.in_force(Code::Consent, today) else {
            return Fate::kept(Why::NoRule, given);
        };
        match card.due {
            None => Fate { rule: Some((rule.code, rule.version)), ..Fate::kept(card.why, given) },
            Some(end) => Fate::by(rule, plus_years(end, rule.years), Why::Card, end),
        }
    }
}

impl Fate {
    fn kept(why: Why, from: Day) -> Self {
        let (basis, basis_kk) = (String::new(), String::new());
        Self { due: None, why, rule: None, from, years: 0, until_age: None, basis, basis_kk }
    }

    fn by(rule: &Rule, due: Option<Day>, why: Why, from: Day) -> Self {
        Self {
            due,
            why,
            rule: Some((rule.code, rule.version)),
            from,
            years: rule.years,
            until_age: rule.until_age,
            basis: rule.basis.clone(),
            basis_kk: rule.basis_kk.clone(),
        }
    }
}

/// 1 January after so many years that begin on the 1 January after a day.
fn january(day: Day, years: i64) -> Option<Day> {
    let year = i64::from(day.year()) + 1 + years;
    Day::new(i16::try_from(year).ok()?, 1, 1)
}

fn plus_years(day: Day, years: i64) -> Option<Day> {
    let year = i64::from(day.year()) + years;
    Day::new(i16::try_from(year).ok()?, 1, 1)
}

#[cfg(test)]
mod tests;
