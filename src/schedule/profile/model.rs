//! The clinic itself.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::contact::Phone;

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
    /// tzdata name.
    pub zone: String,
    /// None until the first-run wizard is finished.
    pub set_up_at: Option<Timestamp>,
}

/// What is entered of the clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClinicDraft {
    pub name: String,
    pub phone: Option<Phone>,
    pub address_ru: String,
    pub address_kk: String,
    /// tzdata name.
    pub zone: String,
}
