//! An absence as it is typed.

use serde::{Deserialize, Serialize};

use crate::absences::NewAbsence;
use crate::absences::model::Reason;
use crate::clock::Day;
use crate::i18n::dates;
use crate::ids::ResourceId;
use crate::schedule::{Span, read_minute};
use crate::web::FieldErrors;

/// The longest absence entered here, in days: a vacation is planned in the hours.
const LONGEST: i64 = 60;

/// What stands in the form, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AbsenceForm {
    pub doctor: String,
    pub first_day: String,
    /// Empty: one day.
    pub last_day: String,
    /// Empty: all day.
    pub from: String,
    pub until: String,
    pub reason: String,
}

impl AbsenceForm {
    /// What a new form proposes.
    #[must_use]
    pub fn proposed(mut self, today: Day) -> Self {
        if self.first_day.is_empty() {
            self.first_day = dates::numeric(today);
        }
        if self.reason.is_empty() {
            Reason::Sick.name().clone_into(&mut self.reason);
        }
        self
    }

    /// # Errors
    /// What is wrong with each field, by its name.
    pub fn understand(&self, today: Day) -> Result<NewAbsence, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field, key: &str| {
            errors.insert(field, format!("absences-error-{key}"));
        };
        let doctor = self.doctor.parse::<ResourceId>().ok();
        if doctor.is_none() {
            wrong("doctor", "doctor");
        }
        let first = dates::read(&self.first_day);
        let last =
            if self.last_day.trim().is_empty() { first } else { dates::read(&self.last_day) };
        match (first, last) {
            (None, _) => wrong("first_day", "day"),
            (_, None) => wrong("last_day", "day"),
            (Some(first), _) if first < today => wrong("first_day", "past"),
            (Some(first), Some(last)) if !(0..LONGEST).contains(&last.days_since(first)) => {
                wrong("last_day", "days");
            }
            _ => {}
        }
        let part = !(self.from.trim().is_empty() && self.until.trim().is_empty());
        let hours = read_minute(&self.from).zip(read_minute(&self.until));
        let hours = hours.and_then(|(from, until)| Span::new(from, until));
        if part && hours.is_none() {
            wrong("from", "hours");
        }
        let (Some(doctor_id), Some((first_day, last_day)), true) =
            (doctor, first.zip(last), errors.is_empty())
        else {
            return Err(errors);
        };
        let reason = Reason::ALL.into_iter().find(|one| one.name() == self.reason);
        let hours = hours.filter(|_| part);
        let reason = reason.unwrap_or_default();
        Ok(NewAbsence { doctor_id, first_day, last_day, hours, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn one_day_is_enough_and_each_wrong_field_is_named() {
        let today: Day = "2026-11-23".parse().unwrap();
        let doctor = ResourceId::new(Timestamp::from_unix_ms(1_795_402_800_000)).to_string();
        let form = AbsenceForm { doctor, ..AbsenceForm::default() }.proposed(today);
        let new = form.understand(today).unwrap();
        assert_eq!((new.first_day, new.last_day, new.hours), (today, today, None));
        let wrong = |change: fn(&mut AbsenceForm)| {
            let mut typed = form.clone();
            change(&mut typed);
            typed.understand(today).unwrap_err().into_keys().collect::<Vec<_>>()
        };
        assert_eq!(wrong(|form| form.doctor.clear()), ["doctor"]);
        assert_eq!(wrong(|form| form.first_day = "22.11.2026".to_owned()), ["first_day"]);
        assert_eq!(wrong(|form| form.last_day = "22.11.2026".to_owned()), ["last_day"]);
        assert_eq!(wrong(|form| form.from = "12".to_owned()), ["from"]);
    }
}
