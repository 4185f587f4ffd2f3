//! When a cancellation is late, and what a chair's hour is worth.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::capacity::{self, Rule};
use crate::clinic::Clinic;
use crate::money::Money;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::SetCapacity;
use crate::web::{FieldErrors, Page, Problem, see_other};

/// The most an hour of a chair may be worth: 10,000,000 ₸.
const DEAREST_TIYN: i64 = 1_000_000_000;

/// The longest notice that is still late, in hours: two weeks.
const LATEST_HOURS: i64 = 336;

#[derive(Debug, Serialize)]
pub struct CapacityRulePage {
    pub(super) form: RuleForm,
    pub(super) errors: FieldErrors,
    pub(super) done: bool,
}

/// The rule as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RuleForm {
    pub(super) late_hours: String,
    /// Tenge; empty: what was done says.
    pub(super) chair_hour: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetCapacity>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let form = RuleForm::of(capacity::rule(&clinic, &grant).await?);
    let view = CapacityRulePage { form, errors: FieldErrors::new(), done: !asked.done.is_empty() };
    Page::of(&clinic, &chrome.active("capacity"), &view)
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<SetCapacity>,
    chrome: Chrome,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    match form.understand() {
        Ok(rule) => {
            capacity::set_rule(&clinic, &grant, rule).await?;
            Ok(see_other("/capacity/rule?done=1"))
        }
        Err(errors) => {
            let view = CapacityRulePage { form, errors, done: false };
            Ok(Page::of(&clinic, &chrome.active("capacity"), &view)?.refused().into_response())
        }
    }
}

impl RuleForm {
    fn of(rule: Rule) -> Self {
        let tenge = |tiyn: i64| match tiyn % 100 {
            0 => (tiyn / 100).to_string(),
            rest => format!("{},{rest:02}", tiyn / 100),
        };
        Self {
            late_hours: (rule.late_minutes / 60).to_string(),
            chair_hour: rule.chair_hour_tiyn.map(tenge).unwrap_or_default(),
        }
    }

    fn understand(&self) -> Result<Rule, FieldErrors> {
        let mut errors = FieldErrors::new();
        let hours: Option<i64> = self.late_hours.trim().parse().ok();
        let hours = hours.filter(|hours| (0..=LATEST_HOURS).contains(hours));
        if hours.is_none() {
            errors.insert("late_hours", "capacity-bad-late".to_owned());
        }
        let typed = self.chair_hour.trim();
        let worth = Money::parse(typed).map(Money::tiyn);
        let worth = worth.filter(|tiyn| (1..=DEAREST_TIYN).contains(tiyn));
        if !typed.is_empty() && worth.is_none() {
            errors.insert("chair_hour", "capacity-bad-hour".to_owned());
        }
        match hours {
            Some(hours) if errors.is_empty() => {
                Ok(Rule { late_minutes: hours * 60, chair_hour_tiyn: worth })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(late: &str, hour: &str) -> RuleForm {
        RuleForm { late_hours: late.to_owned(), chair_hour: hour.to_owned() }
    }

    #[test]
    fn a_sum_is_read_as_people_type_it_and_nothing_typed_is_no_sum() {
        let rule = typed("24", "15 000,50 ₸").understand().unwrap();
        assert_eq!(rule, Rule { late_minutes: 1440, chair_hour_tiyn: Some(1_500_050) });
        assert_eq!(RuleForm::of(rule).chair_hour, "15000,50");
        assert_eq!(typed("0", " ").understand().unwrap().chair_hour_tiyn, None);
    }

    #[test]
    fn what_cannot_be_is_refused_field_by_field() {
        for (late, hour, fields) in [
            ("-1", "", vec!["late_hours"]),
            ("337", "0", vec!["chair_hour", "late_hours"]),
            ("24", "-5", vec!["chair_hour"]),
            ("24", "10000001", vec!["chair_hour"]),
        ] {
            let errors = typed(late, hour).understand().unwrap_err();
            assert_eq!(errors.keys().copied().collect::<Vec<_>>(), fields, "{late} {hour}");
        }
    }
}
