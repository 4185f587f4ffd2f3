//! A review, as answered.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::accountability::yearly::{Check, Item, NewReview, Reply};
use crate::web::FieldErrors;

/// Longest note and conclusion, in characters.
const LONGEST: usize = 2000;

/// What was typed, by the code of the point.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReviewForm {
    pub answers: BTreeMap<String, String>,
    pub notes: BTreeMap<String, String>,
    pub conclusion: String,
    #[serde(skip)]
    pub password: String,
    #[serde(skip)]
    pub proof: String,
}

impl ReviewForm {
    pub fn typed(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.split_once('-') {
                Some(("answer", code)) => {
                    form.answers.insert(code.to_owned(), value);
                }
                Some(("note", code)) => {
                    form.notes.insert(code.to_owned(), value);
                }
                _ if name == "conclusion" => form.conclusion = value,
                _ if name == "password" => form.password = value,
                _ if name == "proof" => form.proof = value,
                _ => {}
            }
        }
        form
    }

    /// The review over what was found. Each point is answered; what is not in
    /// order, or still to be done, is explained. The errors name the points.
    pub fn read(&self, checks: &[Check]) -> Result<NewReview, (FieldErrors, Vec<&'static str>)> {
        let mut errors = FieldErrors::new();
        let mut unanswered = Vec::new();
        let mut items = Vec::new();
        for check in checks {
            let code = check.code.name();
            let answer = self.answers.get(code).and_then(|name| Reply::named(name));
            let note = self.notes.get(code).map(|note| note.trim()).unwrap_or_default();
            let explained = !note.is_empty() || check.fine && answer == Some(Reply::Done);
            let fits = note.chars().count() <= LONGEST;
            match answer.filter(|_| explained && fits) {
                Some(answer) => items.push(Item {
                    code: check.code,
                    found: check.found,
                    fine: check.fine,
                    answer,
                    note: note.to_owned(),
                }),
                None => unanswered.push(code),
            }
        }
        if !unanswered.is_empty() {
            errors.insert("points", "accountability-error-points".to_owned());
        }
        let conclusion = self.conclusion.trim();
        if conclusion.is_empty() || LONGEST < conclusion.chars().count() {
            errors.insert("conclusion", "accountability-error-conclusion".to_owned());
        }
        if !errors.is_empty() {
            return Err((errors, unanswered));
        }
        Ok(NewReview { items, conclusion: conclusion.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accountability::yearly::CheckCode;

    #[test]
    fn what_is_not_in_order_is_not_signed_without_an_explanation() {
        let checks = [CheckCode::Findings.judge(Some(2)), CheckCode::Rules.judge(Some(0))];
        let form = |note: &str| {
            let pairs = [
                ("answer-findings", "done"),
                ("note-findings", note),
                ("answer-rules", "done"),
                ("conclusion", "Всё в порядке"),
            ];
            ReviewForm::typed(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec())
        };
        let (errors, points) = form(" ").read(&checks).unwrap_err();
        assert!(errors.contains_key("points") && points == ["findings"]);
        let review = form("Обе разобраны 27.11").read(&checks).unwrap();
        assert_eq!((review.items.len(), review.items[0].found), (2, Some(2)));
        let nothing = ReviewForm::default().read(&checks).unwrap_err();
        assert_eq!(nothing.1, ["findings", "rules"]);
    }
}
