//! What is typed on the pages of requests.

use serde::{Deserialize, Serialize};

use crate::clock::Zone;
use crate::patients::blocking::BlockReason;
use crate::subject_requests::model::{
    IdentityDocument, Kind, NewRequest, NewStep, Refusal, Requester, State, Way,
};
use crate::web::FieldErrors;
use crate::workdays::read_moment;

/// Longest texts, in characters.
const LONGEST: usize = 2000;
const LONGEST_NAME: usize = 200;

/// A request, as typed at the desk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TakeForm {
    pub kind: String,
    /// The number of the card; empty when there is none.
    pub card: String,
    pub requester: String,
    pub applicant: String,
    pub contact: String,
    pub way: String,
    pub received: String,
    pub wish: String,
    /// Empty when the identity is still to be checked.
    pub document: String,
}

/// A step, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    /// The state it was seen in.
    pub seen: String,
    pub state: String,
    pub document: String,
    pub refusal: String,
    pub note_ru: String,
    pub note_kk: String,
}

/// A blocking, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BlockForm {
    pub reason: String,
    pub basis: String,
}

impl TakeForm {
    pub fn read(&self, zone: &Zone) -> Result<NewRequest, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field, key: &str| {
            errors.insert(field, key.to_owned());
        };
        let kind = Kind::named(&self.kind);
        if kind.is_none() {
            wrong("kind", "requests-error-kind");
        }
        let typed = self.card.trim().trim_start_matches('№').trim();
        let card = typed.parse::<i64>().ok().filter(|card| 0 < *card);
        if !typed.is_empty() && card.is_none() {
            wrong("card", "requests-error-card");
        }
        let requester = Requester::named(&self.requester).unwrap_or(Requester::Patient);
        let applicant = self.applicant.trim();
        let own = requester == Requester::Patient && card.is_some();
        if applicant.is_empty() && !own {
            wrong("applicant", "requests-error-applicant");
        }
        for (field, text, longest) in [
            ("applicant", &self.applicant, LONGEST_NAME),
            ("contact", &self.contact, LONGEST_NAME),
            ("wish", &self.wish, LONGEST),
        ] {
            if longest < text.chars().count() {
                wrong(field, "requests-error-long");
            }
        }
        let received = read_moment(&self.received).map(|civil| zone.instant(civil));
        if received.is_none() {
            wrong("received", "requests-error-moment");
        }
        let (Some(kind), Some(received_at), true) = (kind, received, errors.is_empty()) else {
            return Err(errors);
        };
        Ok(NewRequest {
            kind,
            card,
            way: Way::named(&self.way).unwrap_or(Way::InPerson),
            requester,
            applicant: applicant.to_owned(),
            contact: self.contact.trim().to_owned(),
            wish: self.wish.trim().to_owned(),
            received_at,
            document: IdentityDocument::named(&self.document),
        })
    }
}

impl StepForm {
    /// The step, and the state it was seen from.
    pub fn read(&self) -> Result<(State, NewStep), FieldErrors> {
        let mut errors = FieldErrors::new();
        let (seen, state) = (State::named(&self.seen), State::named(&self.state));
        let document = IdentityDocument::named(&self.document);
        if state == Some(State::Identified) && document.is_none() {
            errors.insert("document", "requests-error-document".to_owned());
        }
        let refusal = Refusal::named(&self.refusal);
        if state == Some(State::Refused) && refusal.is_none() {
            errors.insert("refusal", "requests-error-refusal".to_owned());
        }
        for (field, text) in [("note_ru", &self.note_ru), ("note_kk", &self.note_kk)] {
            if LONGEST < text.chars().count() {
                errors.insert(field, "requests-error-long".to_owned());
            }
        }
        // What is said in one language is said in the other (law on consumers).
        if self.note_ru.trim().is_empty() != self.note_kk.trim().is_empty() {
            errors.insert("note_kk", "requests-error-both".to_owned());
        }
        let (Some(seen), Some(state), true) = (seen, state, errors.is_empty()) else {
            if errors.is_empty() {
                errors.insert("state", "requests-error-state".to_owned());
            }
            return Err(errors);
        };
        let step = NewStep {
            state,
            document: document.filter(|_| state == State::Identified),
            refusal: refusal.filter(|_| state == State::Refused),
            note_ru: self.note_ru.trim().to_owned(),
            note_kk: self.note_kk.trim().to_owned(),
        };
        Ok((seen, step))
    }
}

impl BlockForm {
    pub fn read(&self) -> Result<(BlockReason, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = BlockReason::named(&self.reason);
        if reason.is_none() {
            errors.insert("reason", "requests-error-reason".to_owned());
        }
        let basis = self.basis.trim();
        if basis.is_empty() || LONGEST < basis.chars().count() {
            errors.insert("basis", "requests-error-basis".to_owned());
        }
        match reason.filter(|_| errors.is_empty()) {
            Some(reason) => Ok((reason, basis.to_owned())),
            None => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn almaty() -> Zone {
        Zone::named("Asia/Almaty").unwrap()
    }

    #[test]
    fn a_patient_with_a_card_needs_no_name_and_everybody_else_does() {
        let form = TakeForm {
            kind: "access".to_owned(),
            card: "№ 12".to_owned(),
            received: "23.11.2026 08:00".to_owned(),
            ..TakeForm::default()
        };
        assert_eq!(form.read(&almaty()).unwrap().card, Some(12));
        let stranger = TakeForm { card: String::new(), ..form.clone() };
        assert!(stranger.read(&almaty()).unwrap_err().contains_key("applicant"));
        let other = TakeForm { requester: "representative".to_owned(), ..form };
        assert!(other.read(&almaty()).unwrap_err().contains_key("applicant"));
        let errors = TakeForm::default().read(&almaty()).unwrap_err();
        let fields: Vec<&str> = errors.keys().copied().collect();
        assert_eq!(fields, ["applicant", "kind", "received"]);
    }

    #[test]
    fn a_refusal_names_its_reason_and_what_is_said_is_said_twice() {
        let step = StepForm {
            seen: "received".to_owned(),
            state: "refused".to_owned(),
            note_ru: "x".to_owned(),
            ..StepForm::default()
        };
        let errors = step.read().unwrap_err();
        assert!(errors.contains_key("refusal") && errors.contains_key("note_kk"));
        let identified = StepForm { state: "identified".to_owned(), ..StepForm::default() };
        assert!(identified.read().unwrap_err().contains_key("document"));
        assert!(BlockForm::default().read().unwrap_err().contains_key("basis"));
    }
}
