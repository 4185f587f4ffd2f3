//! How the clinic offers what became free.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::schedule::{minute_text, read_minute};
use crate::vault::Grant;
use crate::vault::permission::SetUpClinic;
use crate::waitlist::{self, Rule, WAITING};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct RulePage {
    pub(super) form: RuleForm,
    pub(super) errors: FieldErrors,
    pub(super) done: bool,
}

/// The rule as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RuleForm {
    pub(super) automatic: String,
    pub(super) at_once: String,
    pub(super) answer_minutes: String,
    pub(super) notice_minutes: String,
    pub(super) quiet_from: String,
    pub(super) quiet_until: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let form = RuleForm::of(waitlist::rule(&clinic, &grant).await?);
    let view = RulePage { form, errors: FieldErrors::new(), done: !asked.done.is_empty() };
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    match form.understand() {
        Ok(rule) => {
            waitlist::set_rule(&clinic, &grant, rule).await?;
            Ok(see_other("/waitlist/rule?done=1"))
        }
        Err(errors) => {
            let view = RulePage { form, errors, done: false };
            Ok(Page::of(&clinic, &chrome.active(WAITING), &view)?.refused().into_response())
        }
    }
}

impl RuleForm {
    pub(super) fn of(rule: Rule) -> Self {
        Self {
            automatic: if rule.automatic { "on" } else { "" }.to_owned(),
            at_once: rule.at_once.to_string(),
            answer_minutes: rule.answer_minutes.to_string(),
            notice_minutes: rule.notice_minutes.to_string(),
            quiet_from: minute_text(rule.quiet_from),
            quiet_until: minute_text(rule.quiet_until),
        }
    }

    fn understand(&self) -> Result<Rule, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut number = |field, typed: &str, bounds: std::ops::RangeInclusive<i64>, key: &str| {
            let read = typed.trim().parse().ok().filter(|number| bounds.contains(number));
            if read.is_none() {
                errors.insert(field, format!("waitlist-error-{key}"));
            }
            read
        };
        let at_once = number("at_once", &self.at_once, 1..=10, "at-once");
        let answer = number("answer_minutes", &self.answer_minutes, 5..=1440, "answer");
        let notice = number("notice_minutes", &self.notice_minutes, 0..=2880, "notice");
        let mut hour = |field, typed: &str| {
            let read = read_minute(typed).map(|minute| minute % 1440);
            if read.is_none() {
                errors.insert(field, "waitlist-error-time".to_owned());
            }
            read
        };
        let from = hour("quiet_from", &self.quiet_from);
        let until = hour("quiet_until", &self.quiet_until);
        match (at_once, answer, notice, from, until) {
            (
                Some(at_once),
                Some(answer_minutes),
                Some(notice_minutes),
                Some(from),
                Some(until),
            ) => Ok(Rule {
                automatic: !self.automatic.is_empty(),
                at_once,
                answer_minutes,
                notice_minutes,
                quiet_from: from,
                quiet_until: until,
            }),
            _ => Err(errors),
        }
    }
}
