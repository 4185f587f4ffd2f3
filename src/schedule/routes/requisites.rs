//! What papers say of the clinic: the second half of its form.

use serde::Serialize;

use crate::clock::Day;
use crate::contact::{Bin, BinError};
use crate::schedule::Requisites;
use crate::schedule::routes::typed::{self, Errors, Typed};

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RequisitesForm {
    pub legal_name: String,
    pub bin: String,
    pub licence_number: String,
    pub licence_date: String,
    pub legal_address: String,
    pub email: String,
    pub responsible: String,
}

impl RequisitesForm {
    pub fn of(stored: &Requisites) -> Self {
        let date = |day: Day| day.to_jiff().strftime("%d.%m.%Y").to_string();
        Self {
            legal_name: stored.legal_name.clone(),
            bin: stored.bin.as_ref().map(ToString::to_string).unwrap_or_default(),
            licence_number: stored.licence_number.clone(),
            licence_date: stored.licence_date.map(date).unwrap_or_default(),
            legal_address: stored.legal_address.clone(),
            email: stored.email.clone(),
            responsible: stored.responsible.clone(),
        }
    }

    pub fn read(typed: &Typed) -> Self {
        Self {
            legal_name: typed.text("legal_name"),
            bin: typed.text("bin"),
            licence_number: typed.text("licence_number"),
            licence_date: typed.text("licence_date"),
            legal_address: typed.text("legal_address"),
            email: typed.text("email"),
            responsible: typed.text("responsible"),
        }
    }

    /// Every field may be empty; what is typed must make sense.
    pub fn understand(&self, today: Day, errors: &mut Errors) -> Requisites {
        let short = |text: &str, field: &str, errors: &mut Errors| {
            if typed::LONGEST_NAME < text.chars().count() {
                errors.insert(field.to_owned(), "schedule-error-long");
            }
            text.to_owned()
        };
        let licence_number = short(&self.licence_number, "licence_number", errors);
        let licence_date = if self.licence_date.is_empty() {
            None
        } else {
            typed::day(&self.licence_date, "licence_date", errors)
        };
        if licence_date.is_some_and(|day| today < day) {
            errors.insert("licence_date".to_owned(), "schedule-error-licence-future");
        }
        if !errors.contains_key("licence_date")
            && licence_number.is_empty() != licence_date.is_none()
        {
            let empty = if licence_date.is_none() { "licence_date" } else { "licence_number" };
            errors.insert(empty.to_owned(), "schedule-error-licence-half");
        }
        Requisites {
            legal_name: short(&self.legal_name, "legal_name", errors),
            bin: bin(&self.bin, errors),
            licence_number,
            licence_date,
            legal_address: short(&self.legal_address, "legal_address", errors),
            email: email(&self.email, errors),
            responsible: short(&self.responsible, "responsible", errors),
        }
    }
}

fn bin(text: &str, errors: &mut Errors) -> Option<Bin> {
    if text.is_empty() {
        return None;
    }
    let key = match Bin::parse(text) {
        Ok(bin) => return Some(bin),
        Err(BinError::NotDigits | BinError::Length { .. }) => "schedule-error-bin-length",
        Err(BinError::CheckDigit) => "schedule-error-bin-check",
        Err(_) => "schedule-error-bin",
    };
    errors.insert("bin".to_owned(), key);
    None
}

/// Something at something with a dot (RFC 5321 allows more than mail takes).
fn email(text: &str, errors: &mut Errors) -> String {
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && !"@,;<>".contains(c))
    };
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        let dotted = host.split('.').count() > 1 && host.split('.').all(|label| !label.is_empty());
        plain(name) && plain(host) && dotted && text.len() <= 254
    });
    if !text.is_empty() && !fits {
        errors.insert("email".to_owned(), "schedule-error-email");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(form: &RequisitesForm) -> Vec<String> {
        let mut errors = Errors::new();
        form.understand(Day::new(2026, 11, 23).unwrap(), &mut errors);
        errors.into_iter().map(|(field, key)| format!("{field} {key}")).collect()
    }

    #[test]
    fn nothing_has_to_be_given() {
        assert_eq!(wrong(&RequisitesForm::default()), [""; 0]);
    }

    #[test]
    fn a_whole_form_is_read_and_comes_back_as_it_was_typed() {
        let form = RequisitesForm {
            legal_name: "ТОО «Арай Дент»".to_owned(),
            bin: "190340012348".to_owned(),
            licence_number: "18012345".to_owned(),
            licence_date: "12.03.2018".to_owned(),
            legal_address: "г. Алматы, пр. Абая, 52".to_owned(),
            email: "info@arai.kz".to_owned(),
            responsible: "Сейтова Айгуль".to_owned(),
        };
        let mut errors = Errors::new();
        let read = form.understand(Day::new(2026, 11, 23).unwrap(), &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        let back = RequisitesForm::of(&read);
        assert_eq!(format!("{back:?}"), format!("{form:?}"));
    }

    #[test]
    fn each_wrong_field_says_what_is_wrong() {
        let form = RequisitesForm {
            bin: "190340012347".to_owned(),
            licence_date: "12.03.2027".to_owned(),
            email: "info@arai".to_owned(),
            responsible: "x".repeat(201),
            ..RequisitesForm::default()
        };
        assert_eq!(
            wrong(&form),
            [
                "bin schedule-error-bin-check",
                "email schedule-error-email",
                "licence_date schedule-error-licence-future",
                "responsible schedule-error-long",
            ]
        );
        let bin = |bin: &str| wrong(&RequisitesForm { bin: bin.to_owned(), ..Default::default() });
        assert_eq!(bin("1903"), ["bin schedule-error-bin-length"]);
        assert_eq!(bin("850101300006"), ["bin schedule-error-bin"]);
        let half = RequisitesForm { licence_number: "1".to_owned(), ..Default::default() };
        assert_eq!(wrong(&half), ["licence_date schedule-error-licence-half"]);
    }
}
