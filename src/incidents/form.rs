//! What is typed on the pages of an incident.

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, Zone};
use crate::incidents::Correction;
use crate::incidents::model::{EventKind, Nature, Story};
use crate::incidents::touched::Scope;
use crate::web::FieldErrors;
use crate::workdays::read_moment;

/// Longest texts, in characters.
const LONGEST: usize = 2000;
/// Most cards in one correction.
const MOST_CARDS: usize = 1000;

/// Whose doing and when, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScopeForm {
    /// Empty: everybody.
    pub actor: String,
    pub session: String,
    pub ip: String,
    pub device: String,
    pub from: String,
    pub until: String,
    pub detected: String,
    pub nature: String,
    /// `look` or `open`.
    #[serde(rename = "do")]
    pub verb: String,
}

/// Something that happened, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventForm {
    pub kind: String,
    pub at: String,
    pub note: String,
}

/// A correction of the list, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    pub seen: i64,
    /// Numbers of cards, apart by whatever is no digit.
    pub without: String,
    #[serde(rename = "with")]
    pub added: String,
    pub reason: String,
}

/// A scope that makes sense.
#[derive(Clone, Debug)]
pub struct Asked {
    pub scope: Scope,
    pub detected_at: Timestamp,
    pub nature: Nature,
}

impl ScopeForm {
    pub fn read(&self, zone: &Zone, now: Timestamp) -> Result<Asked, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut moment = |field: &'static str, text: &str| {
            let read = read_moment(text).map(|civil| zone.instant(civil));
            if read.is_none() {
                errors.insert(field, "incidents-error-moment".to_owned());
            }
            read
        };
        let (from, until) = (moment("from", &self.from), moment("until", &self.until));
        // Nobody types the day of the discovery before they know what they look for.
        let detected = if self.detected.trim().is_empty() {
            Some(now)
        } else {
            moment("detected", &self.detected)
        };
        if detected.is_some_and(|at| now < at) {
            errors.insert("detected", "incidents-error-future".to_owned());
        }
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            errors.insert("until", "incidents-error-backwards".to_owned());
        }
        let nature = Nature::named(&self.nature).unwrap_or_default();
        let (Some(from), Some(until), Some(detected_at), true) =
            (from, until, detected, errors.is_empty())
        else {
            return Err(errors);
        };
        let said = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let session = said(&self.session).map(|text| text.to_lowercase());
        let (actor, ip, device) = (said(&self.actor), said(&self.ip), said(&self.device));
        let scope = Scope { actor, session, ip, device, from, until };
        Ok(Asked { scope, detected_at, nature })
    }
}

impl EventForm {
    pub fn read(&self, zone: &Zone) -> Result<(EventKind, Timestamp, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let kind = EventKind::named(&self.kind);
        if kind.is_none() {
            errors.insert("kind", "incidents-error-kind".to_owned());
        }
        let at = read_moment(&self.at).map(|civil| zone.instant(civil));
        if at.is_none() {
            errors.insert("at", "incidents-error-moment".to_owned());
        }
        let note = self.note.trim();
        if LONGEST < note.chars().count() {
            errors.insert("note", "incidents-error-long".to_owned());
        } else if kind == Some(EventKind::Noted) && note.is_empty() {
            errors.insert("note", "incidents-error-note".to_owned());
        }
        match (kind, at) {
            (Some(kind), Some(at)) if errors.is_empty() => Ok((kind, at, note.to_owned())),
            _ => Err(errors),
        }
    }
}

impl CorrectionForm {
    pub fn read(&self) -> Result<Correction, FieldErrors> {
        let mut errors = FieldErrors::new();
        let (without, with) = (cards(&self.without), cards(&self.added));
        if without.is_empty() && with.is_empty() {
            errors.insert("without", "incidents-error-cards".to_owned());
        }
        if MOST_CARDS < without.len() + with.len() {
            errors.insert("without", "incidents-error-many".to_owned());
        }
        let reason = self.reason.trim();
        if reason.is_empty() || LONGEST < reason.chars().count() {
            errors.insert("reason", "incidents-error-reason".to_owned());
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Correction { without, with, reason: reason.to_owned() })
    }
}

/// The numbers in a text: `№ 12, 15 и 7`.
fn cards(text: &str) -> Vec<i64> {
    let parts = text.split(|letter: char| !letter.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// What is wrong with a story: each text is there and not too long.
pub fn check_story(story: &Story) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    for (field, text) in [
        ("consequences_ru", &story.consequences_ru),
        ("consequences_kk", &story.consequences_kk),
        ("measures_ru", &story.measures_ru),
        ("measures_kk", &story.measures_kk),
        ("advice_ru", &story.advice_ru),
        ("advice_kk", &story.advice_kk),
    ] {
        if text.trim().is_empty() || LONGEST < text.chars().count() {
            errors.insert(field, "incidents-error-story".to_owned());
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn almaty() -> Zone {
        Zone::named("Asia/Almaty").unwrap()
    }

    #[test]
    fn a_scope_is_read_by_the_clinics_clock_and_each_wrong_field_is_named() {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        let form = ScopeForm {
            from: "22.11.2026 09:00".to_owned(),
            until: "22.11.2026 18:00".to_owned(),
            session: " 0BADCAFE ".to_owned(),
            ..ScopeForm::default()
        };
        let asked = form.read(&almaty(), now).unwrap();
        assert_eq!(asked.scope.from.rfc3339(), "2026-11-22T04:00:00.000Z");
        assert_eq!(asked.scope.session.as_deref(), Some("0badcafe"));
        assert_eq!((asked.scope.actor, asked.detected_at), (None, now));

        let wrong = ScopeForm {
            from: "x".to_owned(),
            detected: "01.01.2030".to_owned(),
            ..ScopeForm::default()
        };
        let errors = wrong.read(&almaty(), now).unwrap_err();
        let fields: Vec<&str> = errors.keys().copied().collect();
        assert_eq!(fields, ["detected", "from", "until"]);
        let back = ScopeForm { until: "21.11.2026".to_owned(), ..form };
        assert!(back.read(&almaty(), now).unwrap_err().contains_key("until"));
    }

    #[test]
    fn a_correction_takes_numbers_however_they_are_written_and_wants_a_reason() {
        let form = CorrectionForm {
            without: "№ 12, 15 и 7".to_owned(),
            reason: "own patients".to_owned(),
            ..CorrectionForm::default()
        };
        assert_eq!(form.read().unwrap().without, [12, 15, 7]);
        let errors = CorrectionForm::default().read().unwrap_err();
        assert!(errors.contains_key("reason") && errors.contains_key("without"));
    }
}
