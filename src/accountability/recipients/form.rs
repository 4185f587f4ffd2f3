//! A recipient, as typed.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::accountability::recipients::{Country, NewRecipient, Recipient};
use crate::accountability::{DataClass, said};
use crate::web::FieldErrors;

/// What was typed; boxes come as many fields of one name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecipientForm {
    pub seen: i64,
    pub name: String,
    pub country: String,
    pub purpose_ru: String,
    pub purpose_kk: String,
    pub basis_ru: String,
    pub basis_kk: String,
    /// The classes that are ticked: `class-contact`.
    pub ticked: BTreeSet<String>,
    pub contract: String,
    pub ended: bool,
}

impl RecipientForm {
    pub fn of(told: &Recipient) -> Self {
        Self {
            seen: told.version,
            name: told.name.clone(),
            country: told.country.name().to_owned(),
            purpose_ru: told.purpose_ru.clone(),
            purpose_kk: told.purpose_kk.clone(),
            basis_ru: told.basis_ru.clone(),
            basis_kk: told.basis_kk.clone(),
            ticked: told.classes.iter().map(|one| format!("class-{}", one.name())).collect(),
            contract: told.contract.clone(),
            ended: told.ended,
        }
    }

    pub fn typed(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "seen" => form.seen = value.parse().unwrap_or_default(),
                "name" => form.name = value,
                "country" => form.country = value,
                "purpose_ru" => form.purpose_ru = value,
                "purpose_kk" => form.purpose_kk = value,
                "basis_ru" => form.basis_ru = value,
                "basis_kk" => form.basis_kk = value,
                "contract" => form.contract = value,
                "ended" => form.ended = true,
                "class" => {
                    form.ticked.insert(format!("class-{value}"));
                }
                _ => {}
            }
        }
        form
    }

    pub fn read(&self) -> Result<NewRecipient, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = said(&self.name, "name", true, &mut errors);
        let country = Country::named(&self.country);
        if country.is_none() {
            errors.insert("country", "accountability-error-country".to_owned());
        }
        let purpose = [
            said(&self.purpose_ru, "purpose_ru", true, &mut errors),
            said(&self.purpose_kk, "purpose_kk", true, &mut errors),
        ];
        let basis = [
            said(&self.basis_ru, "basis_ru", true, &mut errors),
            said(&self.basis_kk, "basis_kk", true, &mut errors),
        ];
        let ticked = |class: &DataClass| self.ticked.contains(&format!("class-{}", class.name()));
        let classes: Vec<DataClass> = DataClass::ALL.iter().copied().filter(ticked).collect();
        if classes.is_empty() {
            errors.insert("class", "accountability-error-class".to_owned());
        }
        let contract = said(&self.contract, "contract", false, &mut errors);
        let (Some(country), true) = (country, errors.is_empty()) else { return Err(errors) };
        Ok(NewRecipient { name, country, purpose, basis, classes, contract, ended: self.ended })
    }
}
