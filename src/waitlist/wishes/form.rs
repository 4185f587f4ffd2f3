//! A wish as it is typed.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day};
use crate::i18n::dates;
use crate::ids::{PatientId, ResourceId, ServiceId};
use crate::schedule::read_minute;
use crate::waitlist::model::{DAY_ENDS, When};
use crate::waitlist::wishes::{Channel, NewWish, Note};
use crate::web::FieldErrors;

/// Nobody waits longer, in days.
const LONGEST: i64 = 365;

/// How long somebody waits when nothing else is said, in days.
const USUAL: i64 = 30;

/// What stands in the form, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WishForm {
    pub patient: String,
    pub service: String,
    pub doctor: String,
    /// The appointment they would have sooner; empty for none.
    pub appointment: String,
    /// `on` for each weekday; all of them when none is ticked.
    pub d1: String,
    pub d2: String,
    pub d3: String,
    pub d4: String,
    pub d5: String,
    pub d6: String,
    pub d7: String,
    pub from: String,
    pub until: String,
    pub first_day: String,
    pub last_day: String,
    pub priority: String,
    pub note: String,
    /// `on`: asked not to be written to.
    pub call: String,
}

impl WishForm {
    /// What a new form proposes.
    #[must_use]
    pub fn proposed(mut self, today: Day) -> Self {
        if self.first_day.is_empty() {
            self.first_day = dates::numeric(today);
        }
        if self.last_day.is_empty() {
            self.last_day = dates::numeric(today.plus_days(USUAL));
        }
        self
    }

    fn weekdays(&self) -> String {
        let ticks = [&self.d1, &self.d2, &self.d3, &self.d4, &self.d5, &self.d6, &self.d7];
        let ticked = (1..).zip(ticks).filter(|(_, tick)| !tick.is_empty());
        let days: String = ticked.map(|(day, _): (i32, _)| day.to_string()).collect();
        if days.is_empty() { "1234567".to_owned() } else { days }
    }

    /// # Errors
    /// What is wrong with each field, by its name.
    pub fn understand(&self, now: Civil) -> Result<NewWish, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field, key: &str| {
            errors.insert(field, format!("waitlist-error-{key}"));
        };
        let patient = self.patient.parse::<PatientId>().ok();
        if patient.is_none() {
            wrong("patient", "patient");
        }
        let service = self.service.parse::<ServiceId>().ok();
        if service.is_none() {
            wrong("service", "service");
        }
        let from = minute(&self.from, 0);
        let until = minute(&self.until, DAY_ENDS);
        match (from, until) {
            (None, _) => wrong("from", "time"),
            (_, None) => wrong("until", "time"),
            (Some(from), Some(until)) if until <= from => wrong("until", "hours"),
            _ => {}
        }
        let (first, last) = (dates::read(&self.first_day), dates::read(&self.last_day));
        match (first, last) {
            (None, _) => wrong("first_day", "day"),
            (_, None) => wrong("last_day", "day"),
            (_, Some(last)) if last < now.day() => wrong("last_day", "past"),
            (Some(first), Some(last)) if last < first => wrong("last_day", "days"),
            (Some(first), Some(last)) if LONGEST < last.days_since(first) => {
                wrong("last_day", "long");
            }
            _ => {}
        }
        let all = (patient, service, from, until, first.zip(last));
        let (Some(patient_id), Some(service_id), Some(from), Some(until), Some(days)) = all else {
            return Err(errors);
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewWish {
            patient_id,
            service_id,
            doctor_id: self.doctor.parse::<ResourceId>().ok(),
            appointment_id: self.appointment.parse().ok(),
            when: When {
                weekdays: self.weekdays(),
                from_minute: from,
                until_minute: until,
                first_day: days.0,
                last_day: days.1,
            },
            priority: self.priority.parse().unwrap_or(0).clamp(0, 2),
            note: Note::ALL.into_iter().find(|note| note.name() == self.note).unwrap_or_default(),
            channel: if self.call.is_empty() { Channel::Sms } else { Channel::Call },
        })
    }
}

/// A time of day, or what stands for none.
fn minute(typed: &str, otherwise: u16) -> Option<u16> {
    if typed.trim().is_empty() { Some(otherwise) } else { read_minute(typed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn now() -> Civil {
        "2026-11-23T08:00".parse().unwrap()
    }

    fn form() -> WishForm {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        WishForm {
            patient: PatientId::new(at).to_string(),
            service: ServiceId::new(at).to_string(),
            ..WishForm::default()
        }
        .proposed(now().day())
    }

    #[test]
    fn whoever_says_nothing_comes_on_any_day_at_any_hour_for_a_month() {
        let wish = form().understand(now()).unwrap();
        assert_eq!(wish.when.weekdays, "1234567");
        assert_eq!((wish.when.from_minute, wish.when.until_minute), (0, DAY_ENDS));
        assert_eq!(wish.when.last_day.days_since(wish.when.first_day), USUAL);
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = |change: fn(&mut WishForm)| {
            let mut typed = form();
            change(&mut typed);
            typed.understand(now()).unwrap_err().into_keys().collect::<Vec<_>>()
        };
        assert_eq!(wrong(|form| form.from = "утром".to_owned()), ["from"]);
        assert_eq!(wrong(|form| (form.from, form.until) = ("15".into(), "9".into())), ["until"]);
        assert_eq!(wrong(|form| form.last_day = "01.11.2026".to_owned()), ["last_day"]);
        assert_eq!(wrong(|form| form.service.clear()), ["service"]);
        assert_eq!(wrong(|form| form.first_day = "32.13".to_owned()), ["first_day"]);
    }

    #[test]
    fn hours_are_typed_as_people_say_them() {
        let typed = WishForm {
            d1: "on".into(),
            d3: "on".into(),
            from: "9".into(),
            until: "1330".into(),
            ..form()
        };
        let when = typed.understand(now()).unwrap().when;
        assert_eq!((when.weekdays.as_str(), when.from_minute, when.until_minute), ("13", 540, 810));
    }
}
