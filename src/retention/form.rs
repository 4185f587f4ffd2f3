//! The form of a rule, as typed.

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::i18n::dates;
use crate::retention::model::{Code, Combine, Rule};
use crate::web::FieldErrors;

/// Years that are not a slip of the finger.
const YEARS: std::ops::RangeInclusive<i64> = 1..=150;
const LONGEST_TEXT: usize = 500;

/// What was typed, kept when it is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub years: String,
    /// Empty: age does not count.
    pub until_age: String,
    pub combine: String,
    pub basis: String,
    pub basis_kk: String,
    pub source: String,
    pub checked_on: String,
    /// `on` when the clinic's lawyer has confirmed it.
    pub confirmed: String,
    pub effective_from: String,
}

/// A form that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    pub years: i64,
    pub until_age: Option<i64>,
    pub combine: Option<Combine>,
    pub basis: String,
    pub basis_kk: String,
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
}

impl RuleForm {
    /// The rule as it stands, to begin from.
    pub fn of(rule: &Rule, today: Day) -> Self {
        Self {
            years: rule.years.to_string(),
            until_age: rule.until_age.map(|age| age.to_string()).unwrap_or_default(),
            combine: match rule.combine {
                Some(Combine::Earlier) => "earlier".to_owned(),
                _ => "later".to_owned(),
            },
            basis: rule.basis.clone(),
            basis_kk: rule.basis_kk.clone(),
            source: rule.source.clone(),
            checked_on: dates::numeric(today),
            confirmed: if rule.confirmed { "on".to_owned() } else { String::new() },
            effective_from: dates::numeric(today),
        }
    }

    /// What the form says, or what is wrong with each field. A rule begins
    /// today or later: what was destroyed under the old one was rightly so.
    pub fn read(&self, code: Code, today: Day) -> Result<NewRule, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field, key: &str| {
            errors.insert(field, key.to_owned());
        };
        let number = |text: &str| text.trim().parse::<i64>().ok();
        let least = if code == Code::Consent { 0 } else { *YEARS.start() };
        let years = number(&self.years).filter(|years| (least..=*YEARS.end()).contains(years));
        if years.is_none() {
            wrong("years", "retention-error-years");
        }
        let typed_age = (!self.until_age.trim().is_empty()).then(|| number(&self.until_age));
        let until_age = typed_age.flatten().filter(|age| YEARS.contains(age));
        if typed_age.is_some() && until_age.is_none() {
            wrong("until_age", "retention-error-years");
        }
        let (basis, basis_kk) = (self.basis.trim(), self.basis_kk.trim());
        for (field, text) in [("basis", basis), ("basis_kk", basis_kk)] {
            if text.is_empty() || text.chars().count() > LONGEST_TEXT {
                wrong(field, "retention-error-basis");
            }
        }
        if self.source.chars().count() > LONGEST_TEXT {
            wrong("source", "retention-error-source");
        }
        let checked_on = dates::read(&self.checked_on).filter(|day| *day <= today);
        if checked_on.is_none() {
            wrong("checked_on", "retention-error-checked");
        }
        let effective_from = dates::read(&self.effective_from).filter(|day| today <= *day);
        if effective_from.is_none() {
            wrong("effective_from", "retention-error-from");
        }
        let (Some(years), Some(checked_on), Some(effective_from), true) =
            (years, checked_on, effective_from, errors.is_empty())
        else {
            return Err(errors);
        };
        let way = if self.combine == "earlier" { Combine::Earlier } else { Combine::Later };
        Ok(NewRule {
            years,
            until_age,
            combine: until_age.map(|_| way),
            basis: basis.to_owned(),
            basis_kk: basis_kk.to_owned(),
            source: self.source.trim().to_owned(),
            checked_on,
            confirmed: self.confirmed == "on",
            effective_from,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> RuleForm {
        RuleForm {
            years: " 30 ".to_owned(),
            basis: "Order 1".to_owned(),
            basis_kk: "Order 1".to_owned(),
            checked_on: "2026-11-22".to_owned(),
            effective_from: "2027-01-01".to_owned(),
            ..RuleForm::default()
        }
    }

    fn today() -> Day {
        "2026-11-23".parse().unwrap()
    }

    #[test]
    fn a_whole_form_is_read() {
        let rule = typed().read(Code::OutpatientCard, today()).unwrap();

        assert_eq!((rule.years, rule.until_age, rule.combine), (30, None, None));
        let aged =
            RuleForm { until_age: "75".to_owned(), combine: "earlier".to_owned(), ..typed() };
        let rule = aged.read(Code::DentalCard, today()).unwrap();
        assert_eq!((rule.until_age, rule.combine), (Some(75), Some(Combine::Earlier)));
    }

    #[test]
    fn each_wrong_field_is_named() {
        let form = RuleForm {
            years: "0".to_owned(),
            until_age: "old".to_owned(),
            basis: " ".to_owned(),
            basis_kk: String::new(),
            source: "x".repeat(501),
            checked_on: "2026-11-24".to_owned(),
            effective_from: "2026-11-22".to_owned(),
            ..RuleForm::default()
        };
        let errors = form.read(Code::DentalCard, today()).unwrap_err();
        let fields: Vec<&str> = errors.keys().copied().collect();

        assert_eq!(
            fields,
            ["basis", "basis_kk", "checked_on", "effective_from", "source", "until_age", "years"]
        );
        let as_card = RuleForm { years: "0".to_owned(), ..typed() };
        assert!(as_card.read(Code::Consent, today()).is_ok());
    }
}
