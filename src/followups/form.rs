//! A follow-up as it is typed.

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::followups::model::{NewFollowUp, Note, Wait};
use crate::i18n::dates;
use crate::ids::{PatientId, ResourceId, ServiceId};
use crate::web::FieldErrors;

/// Nobody is asked to come later than in so many days.
const LONGEST: i64 = 3 * 366;

/// The choice "on a day".
pub const ON_A_DAY: &str = "day";

/// What stands in the form, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowUpForm {
    pub patient: String,
    pub service: String,
    pub doctor: String,
    /// The visit it comes of; empty from the card.
    pub after: String,
    /// One of [`Wait::CHOICES`], or [`ON_A_DAY`].
    pub wait: String,
    /// With a day typed in, it is what counts.
    pub day: String,
    pub note: String,
    /// Where to go afterwards.
    pub back: String,
}

impl FollowUpForm {
    /// What a new form proposes.
    #[must_use]
    pub fn proposed(mut self) -> Self {
        if self.wait.is_empty() {
            "6m".clone_into(&mut self.wait);
        }
        self
    }

    /// # Errors
    /// What is wrong with each field, by its name.
    pub fn understand(&self, today: Day) -> Result<NewFollowUp, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field, key: &str| {
            errors.insert(field, format!("followups-error-{key}"));
        };
        let patient = self.patient.parse::<PatientId>().ok();
        let service = self.service.parse::<ServiceId>().ok();
        let doctor = self.doctor.parse::<ResourceId>().ok();
        for (field, missing) in [
            ("patient", patient.is_none()),
            ("service", service.is_none()),
            ("doctor", doctor.is_none()),
        ] {
            if missing {
                wrong(field, field);
            }
        }
        let due = self.due(today);
        match due {
            Err(field) => wrong(field, field),
            Ok(due) if due <= today => wrong("day", "past"),
            Ok(due) if LONGEST < due.days_since(today) => wrong("day", "far"),
            Ok(_) => {}
        }
        let all = (patient, service, doctor, due);
        let (Some(patient_id), Some(service_id), Some(doctor_id), Ok(due)) = all else {
            return Err(errors);
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewFollowUp {
            patient_id,
            service_id,
            doctor_id,
            after_id: self.after.parse().ok(),
            due,
            note: Note::ALL.into_iter().find(|note| note.name() == self.note).unwrap_or_default(),
        })
    }

    /// The day meant, or the field that does not say it.
    fn due(&self, today: Day) -> Result<Day, &'static str> {
        if self.wait == ON_A_DAY || !self.day.trim().is_empty() {
            return dates::read(&self.day).ok_or("day");
        }
        let chosen = Wait::CHOICES.into_iter().find(|(name, _)| *name == self.wait);
        chosen.map(|(_, wait)| wait.after(today)).ok_or("wait")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn today() -> Day {
        "2026-11-23".parse().unwrap()
    }

    fn form() -> FollowUpForm {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        FollowUpForm {
            patient: PatientId::new(at).to_string(),
            service: ServiceId::new(at).to_string(),
            doctor: ResourceId::new(at).to_string(),
            ..FollowUpForm::default()
        }
        .proposed()
    }

    #[test]
    fn whoever_says_nothing_else_means_half_a_year() {
        assert_eq!(form().understand(today()).unwrap().due, "2027-05-23".parse().unwrap());
    }

    #[test]
    fn a_day_that_was_typed_counts_whatever_is_chosen() {
        let typed = FollowUpForm { day: "1.2.27".to_owned(), ..form() };
        assert_eq!(typed.understand(today()).unwrap().due, "2027-02-01".parse().unwrap());
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = |change: fn(&mut FollowUpForm)| {
            let mut typed = form();
            change(&mut typed);
            typed.understand(today()).unwrap_err().into_iter().collect::<Vec<_>>()
        };
        let said = |field, key: &str| vec![(field, format!("followups-error-{key}"))];
        assert_eq!(wrong(|form| form.service.clear()), said("service", "service"));
        assert_eq!(wrong(|form| form.wait = "2y".to_owned()), said("wait", "wait"));
        assert_eq!(wrong(|form| form.wait = ON_A_DAY.to_owned()), said("day", "day"));
        assert_eq!(wrong(|form| form.day = "32.13".to_owned()), said("day", "day"));
        assert_eq!(wrong(|form| form.day = "23.11.2026".to_owned()), said("day", "past"));
        assert_eq!(wrong(|form| form.day = "23.11.2036".to_owned()), said("day", "far"));
    }
}
