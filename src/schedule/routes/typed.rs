//! What was typed into a form, and what is wrong with it.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{FromRequest, Request};

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::contact::{Phone, PhoneError};
use crate::i18n::dates;
use crate::money::Money;
use crate::schedule::{Span, read_minute};
use crate::web::Problem;

/// The fields of a form in the order of the page; rows repeat their names.
#[derive(Debug, Default)]
pub struct Typed(Vec<(String, String)>);

/// Field to Fluent key of what is wrong with it.
pub type Errors = BTreeMap<String, &'static str>;

/// The longest name that is taken, in characters.
pub const LONGEST_NAME: usize = 200;

impl FromRequest<Clinic> for Typed {
    type Rejection = Problem;

    async fn from_request(request: Request, clinic: &Clinic) -> Result<Self, Problem> {
        let form = Form::<Vec<(String, String)>>::from_request(request, clinic).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| Problem::Invalid("web-invalid"))
    }
}

impl Typed {
    /// A field without the blanks around it; empty when it was not sent.
    pub fn text(&self, name: &str) -> String {
        self.all(name).next().unwrap_or_default().to_owned()
    }

    /// A field of every row.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, text)| text.trim())
    }

    /// A field of one row.
    pub fn at(&self, name: &str, row: usize) -> String {
        self.all(name).nth(row).unwrap_or_default().to_owned()
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// How many rows were sent, by a field that each has.
    pub fn rows(&self, name: &str) -> usize {
        self.all(name).count()
    }
}

/// A name that must be there.
pub fn name(text: &str, field: &str, errors: &mut Errors) -> String {
    if text.is_empty() {
        errors.insert(field.to_owned(), "schedule-error-name");
    } else if LONGEST_NAME < text.chars().count() {
        errors.insert(field.to_owned(), "schedule-error-long");
    }
    text.to_owned()
}

/// A telephone number, or nothing.
pub fn phone(text: &str, field: &str, errors: &mut Errors) -> Option<Phone> {
    let key = match Phone::parse(text) {
        Ok(phone) => return Some(phone),
        Err(PhoneError::Empty) => return None,
        Err(PhoneError::TooShort { .. }) => "schedule-error-phone-short",
        Err(PhoneError::TooLong { .. }) => "schedule-error-phone-long",
        Err(_) => "schedule-error-phone",
    };
    errors.insert(field.to_owned(), key);
    None
}

/// A sum, or nothing.
pub fn price(text: &str, field: &str, errors: &mut Errors) -> Option<Money> {
    if text.is_empty() {
        return None;
    }
    let price = Money::parse(text).filter(|price| 0 <= price.tiyn());
    if price.is_none() {
        errors.insert(field.to_owned(), "schedule-error-price");
    }
    price
}

/// Minutes of a visit: 5 to 720, in steps of 5.
pub fn duration(text: &str, field: &str, errors: &mut Errors) -> u16 {
    let minutes = text.parse::<u16>().ok();
    let fits = minutes.filter(|minutes| (5..=720).contains(minutes) && minutes.is_multiple_of(5));
    if fits.is_none() {
        errors.insert(field.to_owned(), "schedule-error-duration");
    }
    fits.unwrap_or(30)
}

/// Minutes kept free around a visit: 0 to 120, in steps of 5; nothing is 0.
pub fn buffer(text: &str, field: &str, errors: &mut Errors) -> u16 {
    let minutes = if text.is_empty() { Some(0) } else { text.parse::<u16>().ok() };
    let fits = minutes.filter(|minutes| *minutes <= 120 && minutes.is_multiple_of(5));
    if fits.is_none() {
        errors.insert(field.to_owned(), "schedule-error-buffer");
    }
    fits.unwrap_or(0)
}

/// From and to; nothing when both are empty.
pub fn span(starts: &str, ends: &str, field: &str, errors: &mut Errors) -> Option<Span> {
    if starts.is_empty() && ends.is_empty() {
        return None;
    }
    let (starts, ends) = (read_minute(starts), read_minute(ends));
    let key = match (starts, ends) {
        (Some(starts), Some(ends)) => match Span::new(starts, ends) {
            Some(span) => return Some(span),
            None => "schedule-error-backwards",
        },
        _ => "schedule-error-time",
    };
    errors.insert(field.to_owned(), key);
    None
}

/// A day that must be there.
pub fn day(text: &str, field: &str, errors: &mut Errors) -> Option<Day> {
    let day = dates::read(text);
    if day.is_none() {
        errors.insert(field.to_owned(), "schedule-error-day");
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_order_and_their_empty_fields() {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let typed = Typed(vec![field("name", " Ли "), field("x", "1"), field("name", "")]);
        assert_eq!(
            (typed.rows("name"), typed.at("name", 0), typed.at("name", 1)),
            (2, "Ли".to_owned(), String::new())
        );
        assert!(typed.has("x") && !typed.has("y"));
    }

    #[test]
    fn a_time_that_ends_before_it_starts_is_said_to() {
        let mut errors = Errors::new();
        assert_eq!(span("", "", "a", &mut errors), None);
        assert!(errors.is_empty());
        assert_eq!(span("18", "9", "a", &mut errors), None);
        assert_eq!(span("9", "", "b", &mut errors), None);
        assert_eq!(errors["a"], "schedule-error-backwards");
        assert_eq!(errors["b"], "schedule-error-time");
    }
}
