//! A purpose, as typed.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::accountability::purposes::{NewPurpose, Purpose};
use crate::accountability::{DataClass, Whose, past_day, said};
use crate::clock::Day;
use crate::i18n::dates;
use crate::retention::Code;
use crate::web::FieldErrors;

/// What was typed. Boxes come as many fields of one name, so the form is read
/// from pairs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PurposeForm {
    pub seen: i64,
    pub title_ru: String,
    pub title_kk: String,
    pub basis_ru: String,
    pub basis_kk: String,
    /// The boxes that are ticked: codes of classes, people and rules.
    pub ticked: BTreeSet<String>,
    pub source: String,
    pub checked_on: String,
    pub confirmed: bool,
    pub effective_from: String,
    pub ended: bool,
}

impl PurposeForm {
    /// Empty but for the days.
    pub fn blank(today: Day) -> Self {
        let today = dates::numeric(today);
        Self { checked_on: today.clone(), effective_from: today, ..Self::default() }
    }

    /// The purpose as it stands, to begin from.
    pub fn of(purpose: &Purpose, today: Day) -> Self {
        let classes = purpose.classes.iter().map(|one| one.name());
        let people = purpose.people.iter().map(|one| one.name());
        let kept = purpose.kept.iter().map(|one| one.name());
        let ticked = [("class", classes.collect::<Vec<_>>()), ("whose", people.collect())];
        let ticked = ticked.into_iter().chain([("kept", kept.collect())]);
        let ticked = ticked
            .flat_map(|(kind, codes)| codes.into_iter().map(move |code| format!("{kind}-{code}")));
        Self {
            seen: purpose.version,
            title_ru: purpose.title_ru.clone(),
            title_kk: purpose.title_kk.clone(),
            basis_ru: purpose.basis_ru.clone(),
            basis_kk: purpose.basis_kk.clone(),
            ticked: ticked.collect(),
            source: purpose.source.clone(),
            confirmed: purpose.confirmed,
            ended: purpose.ended,
            ..Self::blank(today)
        }
    }

    pub fn typed(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "seen" => form.seen = value.parse().unwrap_or_default(),
                "title_ru" => form.title_ru = value,
                "title_kk" => form.title_kk = value,
                "basis_ru" => form.basis_ru = value,
                "basis_kk" => form.basis_kk = value,
                "source" => form.source = value,
                "checked_on" => form.checked_on = value,
                "confirmed" => form.confirmed = true,
                "effective_from" => form.effective_from = value,
                "ended" => form.ended = true,
                kind @ ("class" | "whose" | "kept") => {
                    form.ticked.insert(format!("{kind}-{value}"));
                }
                _ => {}
            }
        }
        form
    }

    fn is_ticked(&self, kind: &str, code: &str) -> bool {
        self.ticked.contains(&format!("{kind}-{code}"))
    }

    /// What was said. Begins today or later: what counted before stays.
    pub fn read(&self, today: Day) -> Result<NewPurpose, FieldErrors> {
        let mut errors = FieldErrors::new();
        let title = [
            said(&self.title_ru, "title_ru", true, &mut errors),
            said(&self.title_kk, "title_kk", true, &mut errors),
        ];
        let basis = [
            said(&self.basis_ru, "basis_ru", true, &mut errors),
            said(&self.basis_kk, "basis_kk", true, &mut errors),
        ];
        let classes = DataClass::ALL.iter().copied();
        let classes: Vec<_> = classes.filter(|one| self.is_ticked("class", one.name())).collect();
        if classes.is_empty() {
            errors.insert("class", "accountability-error-class".to_owned());
        }
        let people = Whose::ALL.iter().copied();
        let people: Vec<_> = people.filter(|one| self.is_ticked("whose", one.name())).collect();
        if people.is_empty() {
            errors.insert("whose", "accountability-error-whose".to_owned());
        }
        let kept = Code::ALL.into_iter();
        let kept = kept.filter(|one| self.is_ticked("kept", one.name())).collect();
        let source = said(&self.source, "source", false, &mut errors);
        let checked_on = past_day(&self.checked_on, "checked_on", today, &mut errors);
        let from = dates::read(&self.effective_from).filter(|day| today <= *day);
        if from.is_none() {
            errors.insert("effective_from", "workdays-error-from".to_owned());
        }
        let (Some(checked_on), Some(effective_from), true) = (checked_on, from, errors.is_empty())
        else {
            return Err(errors);
        };
        let (confirmed, ended) = (self.confirmed, self.ended);
        Ok(NewPurpose {
            title,
            basis,
            classes,
            people,
            kept,
            source,
            checked_on,
            confirmed,
            effective_from,
            ended,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_field_of_a_purpose_is_named_and_nothing_typed_is_lost() {
        let today = Day::new(2026, 11, 27).unwrap();
        let pairs = [("title_ru", "Звонки"), ("class", "contact"), ("checked_on", "01.01.2030")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let form = PurposeForm::typed(pairs.to_vec());
        let errors = form.read(today).unwrap_err();
        let fields: Vec<&str> = errors.keys().copied().collect();
        let expected =
            ["basis_kk", "basis_ru", "checked_on", "effective_from", "title_kk", "whose"];
        assert_eq!(fields, expected);
        assert!(form.title_ru == "Звонки" && form.ticked.contains("class-contact"));
    }
}
