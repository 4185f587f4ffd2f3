//! The clinic itself.

use serde::Serialize;

use crate::clock::{Day, Timestamp};
use crate::contact::{Bin, Phone};
use crate::i18n::Language;

/// What the clinic says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct ClinicFacts {
    /// As on the sign.
    pub name: String,
    /// None until it is given.
    pub phone: Option<Phone>,
    /// Empty until it is given.
    pub address_ru: String,
    /// Empty where it is the same.
    pub address_kk: String,
    /// How the door is found; empty until it is given.
    pub entrance_ru: String,
    /// Empty where it is the same.
    pub entrance_kk: String,
    /// tzdata name.
    pub zone: String,
    #[sqlx(flatten)]
    pub requisites: Requisites,
    /// None until the first-run wizard is finished.
    pub set_up_at: Option<Timestamp>,
}

/// What papers say of the clinic as a legal person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Requisites {
    /// ТОО «Арай Дент»; empty until it is given, and so are the others.
    pub legal_name: String,
    pub bin: Option<Bin>,
    pub licence_number: String,
    pub licence_date: Option<Day>,
    /// Where the organisation is registered.
    pub legal_address: String,
    pub email: String,
    /// Who answers for the processing of personal data (94-V art. 25(2)(10)).
    pub responsible: String,
}

/// What a consent must say of the clinic and the clinic has not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    LegalName,
    Bin,
    Licence,
    LegalAddress,
    Phone,
    Responsible,
}

/// What is entered of the clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClinicDraft {
    pub name: String,
    pub phone: Option<Phone>,
    pub address_ru: String,
    pub address_kk: String,
    pub entrance_ru: String,
    pub entrance_kk: String,
    /// tzdata name.
    pub zone: String,
    pub requisites: Requisites,
}

impl ClinicFacts {
    /// The address in a language that has one of its own.
    pub fn address(&self, language: Language) -> &str {
        own(language, &self.address_ru, &self.address_kk)
    }

    /// How the door is found.
    pub fn entrance(&self, language: Language) -> &str {
        own(language, &self.entrance_ru, &self.entrance_kk)
    }

    /// In the order of the form; empty when consents are complete. E-mail may
    /// be left out: the telephone serves.
    pub fn missing(&self) -> Vec<Missing> {
        let of = &self.requisites;
        let licensed = !of.licence_number.is_empty() && of.licence_date.is_some();
        let given = [
            (Missing::LegalName, !of.legal_name.is_empty()),
            (Missing::Bin, of.bin.is_some()),
            (Missing::Licence, licensed),
            (Missing::LegalAddress, !of.legal_address.is_empty()),
            (Missing::Phone, self.phone.is_some()),
            (Missing::Responsible, !of.responsible.is_empty()),
        ];
        given.into_iter().filter(|(_, there)| !there).map(|(what, _)| what).collect()
    }
}

/// Kazakh has its own words where they were given.
fn own<'a>(language: Language, ru: &'a str, kk: &'a str) -> &'a str {
    if language == Language::Kk && !kk.is_empty() { kk } else { ru }
}

impl Missing {
    pub const ALL: [Self; 6] = [
        Self::LegalName,
        Self::Bin,
        Self::Licence,
        Self::LegalAddress,
        Self::Phone,
        Self::Responsible,
    ];

    /// The field of the form, the end of the Fluent key, the word of `doctor`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LegalName => "legal_name",
            Self::Bin => "bin",
            Self::Licence => "licence_number",
            Self::LegalAddress => "legal_address",
            Self::Phone => "phone",
            Self::Responsible => "responsible",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_counts_with_its_number_and_its_date() {
        let mut facts = ClinicFacts {
            name: "Арай".to_owned(),
            phone: None,
            address_ru: String::new(),
            address_kk: String::new(),
            entrance_ru: String::new(),
            entrance_kk: String::new(),
            zone: "Asia/Almaty".to_owned(),
            requisites: Requisites::default(),
            set_up_at: None,
        };
        assert_eq!(facts.missing(), Missing::ALL);
        facts.requisites.licence_number = "18012345".to_owned();
        assert!(facts.missing().contains(&Missing::Licence));
        facts.requisites.licence_date = Day::new(2018, 3, 12);
        assert!(!facts.missing().contains(&Missing::Licence));
    }
}
