//! The form of a card: what was typed, and what is wrong with it.

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::contact::{Email, Iin, IinError, Name, Phone, PhoneError, Sex};
use crate::i18n::Language;
use crate::patients::model::{Mask, NewPatient, Patient};

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PatientForm {
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    pub phone: String,
    pub phone2: String,
    pub email: String,
    /// `12.05.1984`, `1984-05-12`.
    pub birth_date: String,
    pub iin: String,
    /// `on`: keep the IIN although its check digit is wrong.
    pub iin_anyway: String,
    pub sex: String,
    pub language: String,
    pub allergy: String,
    pub source: String,
    pub note: String,
    /// `on`: the IIN that is on file was wrong and goes.
    pub iin_remove: String,
    pub version: i64,
}

/// What a form does not show, or left empty because it is on file, and an edit
/// therefore leaves as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub iin: bool,
    pub warnings: bool,
}

impl Kept {
    /// Takes over from the card what stays as it is.
    pub fn fill(self, new: &mut NewPatient, card: &Patient) {
        new.other_contacts.clone_from(&card.other_contacts);
        if self.iin {
            (new.iin, new.iin_unverified) = (card.iin.clone(), card.iin_unverified.clone());
        }
        if self.warnings {
            (new.allergy, new.note) = (card.allergy.clone(), card.note.clone());
        }
    }
}

/// A field and the Fluent key of what is wrong with it.
pub type FormError = (&'static str, &'static str);

impl PatientForm {
    /// Of the IIN that is on file the form shows nothing; of the rest, what the
    /// reader sees.
    pub fn of(patient: &Patient, mask: Mask) -> Self {
        let open = |text: &String| if mask.warnings { text.clone() } else { String::new() };
        let phone = |position: usize| {
            patient.phones.get(position).map_or_else(String::new, |phone| spaced(phone))
        };
        Self {
            surname: patient.surname.clone(),
            given: patient.given.clone(),
            patronymic: patient.patronymic.clone(),
            phone: phone(0),
            phone2: phone(1),
            email: patient.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            birth_date: patient.birth_date.map(crate::i18n::dates::numeric).unwrap_or_default(),
            iin: String::new(),
            iin_anyway: String::new(),
            sex: match patient.sex {
                Some(Sex::Male) => "male".to_owned(),
                Some(Sex::Female) => "female".to_owned(),
                None => String::new(),
            },
            language: patient.language.tag().to_owned(),
            allergy: open(&patient.allergy),
            source: patient.source.clone(),
            note: open(&patient.note),
            iin_remove: String::new(),
            version: patient.version,
        }
    }

    pub fn kept(&self, mask: Mask) -> Kept {
        let untouched = self.iin.trim().is_empty() && self.iin_remove.is_empty();
        Kept { iin: untouched, warnings: !mask.warnings }
    }

    /// What the fields mean, or what is wrong with each.
    pub fn understand(&self, today: Day) -> Result<NewPatient, Vec<FormError>> {
        let mut errors = Vec::new();
        let name = Name::new(self.surname.trim(), self.given.trim(), self.patronymic.trim());
        if name.is_empty() {
            errors.push(("surname", "patients-error-name"));
        }
        let mut phones = Vec::new();
        for (field, text) in [("phone", &self.phone), ("phone2", &self.phone2)] {
            match Phone::parse(text) {
                Ok(phone) if !phones.contains(&phone) => phones.push(phone),
                Ok(_) | Err(PhoneError::Empty) => {}
                Err(error) => errors.push((field, phone_error(&error))),
            }
        }
        let email = Some(self.email.trim()).filter(|text| !text.is_empty()).map(Email::parse);
        if matches!(email, Some(Err(_))) {
            errors.push(("email", "patients-error-email"));
        }
        let birth_date = self.birth_date(today, &mut errors);
        let (iin, iin_unverified) = self.iin(&mut errors);
        let inside = iin.as_ref().and_then(Iin::birth_date).map(Day::from_jiff);
        if let (Some(inside), Some(stated)) = (inside, birth_date)
            && inside != stated
        {
            errors.push(("birth_date", "patients-error-birth-differs"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let stated_sex = match self.sex.as_str() {
            "male" => Some(Sex::Male),
            "female" => Some(Sex::Female),
            _ => None,
        };
        Ok(NewPatient {
            name,
            phones,
            other_contacts: Vec::new(),
            email: email.and_then(Result::ok),
            birth_date: birth_date.or(inside),
            sex: stated_sex.or_else(|| iin.as_ref().and_then(Iin::sex)),
            iin,
            iin_unverified,
            language: self.language.parse::<Language>().unwrap_or_default(),
            allergy: self.allergy.trim().to_owned(),
            source: self.source.trim().to_owned(),
            note: self.note.trim().to_owned(),
        })
    }

    fn birth_date(&self, today: Day, errors: &mut Vec<FormError>) -> Option<Day> {
        let text = self.birth_date.trim();
        if text.is_empty() {
            return None;
        }
        let Some(day) = read_day(text, today) else {
            errors.push(("birth_date", "patients-error-birth-date"));
            return None;
        };
        match day.years_until(today) {
            None => errors.push(("birth_date", "patients-error-birth-future")),
            Some(years) if years > 125 => errors.push(("birth_date", "patients-error-birth-past")),
            Some(_) => {}
        }
        Some(day)
    }

    fn iin(&self, errors: &mut Vec<FormError>) -> (Option<Iin>, Option<String>) {
        let text = self.iin.trim();
        if text.is_empty() {
            return (None, None);
        }
        match Iin::parse(text) {
            Ok(iin) => (Some(iin), None),
            Err(_) if !self.iin_anyway.is_empty() => (None, Some(text.to_owned())),
            Err(error) => {
                errors.push(("iin", iin_error(&error)));
                (None, None)
            }
        }
    }
}

/// Day, month, year by dots, slashes or dashes, or ISO 8601; a year of two
/// digits is taken for one that has been.
fn read_day(text: &str, today: Day) -> Option<Day> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let parts: Vec<i16> =
        text.split(['.', '/', '-']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let [day, month, year] = parts.try_into().ok()?;
    let year = match year {
        0..=99 if 2000 + year <= today.year() => 2000 + year,
        0..=99 => 1900 + year,
        year => year,
    };
    Day::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// A kept number as the field shows it while it is typed.
fn spaced(e164: &str) -> String {
    Phone::parse(e164).map_or_else(|_| e164.to_owned(), |phone| phone.to_string())
}

fn phone_error(error: &PhoneError) -> &'static str {
    match error {
        PhoneError::TooShort { .. } => "patients-error-phone-short",
        PhoneError::TooLong { .. } => "patients-error-phone-long",
        PhoneError::NotKazakh => "patients-error-phone-country",
        _ => "patients-error-phone",
    }
}

fn iin_error(error: &IinError) -> &'static str {
    match error {
        IinError::NotDigits => "patients-error-iin-digits",
        IinError::Length { .. } => "patients-error-iin-length",
        IinError::Organisation => "patients-error-iin-bin",
        IinError::Century { .. } => "patients-error-iin-century",
        IinError::BirthDate => "patients-error-iin-date",
        IinError::CheckDigit => "patients-error-iin-check",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        "2026-11-23".parse().unwrap()
    }

    fn form() -> PatientForm {
        PatientForm { surname: "Мусин".to_owned(), ..PatientForm::default() }
    }

    #[test]
    fn a_card_takes_birth_date_and_sex_from_the_iin() {
        let form = PatientForm { iin: "850101300005".to_owned(), ..form() };
        let new = form.understand(today()).unwrap();
        assert_eq!(new.birth_date.unwrap().to_string(), "1985-01-01");
        assert_eq!(new.sex, Some(Sex::Male));
    }

    #[test]
    fn a_birth_date_that_disagrees_with_the_iin_is_explained() {
        let iin = "850101300005".to_owned();
        let form = PatientForm { iin, birth_date: "02.01.1985".to_owned(), ..form() };
        assert_eq!(
            form.understand(today()).unwrap_err(),
            [("birth_date", "patients-error-birth-differs")]
        );
    }

    #[test]
    fn a_wrong_iin_is_refused_unless_it_is_kept_on_purpose() {
        let mut form = PatientForm { iin: "123456789012".to_owned(), ..form() };
        assert!(form.understand(today()).is_err());
        form.iin_anyway = "on".to_owned();
        let new = form.understand(today()).unwrap();
        assert_eq!((new.iin, new.iin_unverified.as_deref()), (None, Some("123456789012")));
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["1.2.84", "01.02.1984", "1984-02-01", "01/02/1984"] {
            assert_eq!(read_day(text, today()).unwrap().to_string(), "1984-02-01", "{text}");
        }
        assert_eq!(read_day("31.02.1984", today()), None);
        let born = |year: &str| read_day(&format!("1.1.{year}"), today()).unwrap().year();
        let now = today().year() % 100;
        assert_eq!(born(&format!("{now:02}")), 2000 + now, "this year");
        assert_eq!(born(&format!("{:02}", now + 1)), 1901 + now, "nobody is born next year");
    }
}
