//! Members of staff, their credentials, and how guessing is slowed down.

use crate::i18n::Language;
use crate::ids::StaffId;
use crate::vault::permission::Role;

/// A member of staff to enter.
#[derive(Clone)]
pub struct NewStaff {
    /// Latin letters, digits, dots; kept in lower case.
    pub login: String,
    pub name: String,
    pub role: Role,
    pub language: Language,
    pub password: String,
    /// Whether the password is good for one sign-in only.
    pub must_change: bool,
    /// The second factor; None until its owner sets it up.
    pub totp_secret: Option<Vec<u8>>,
}

/// Somebody who works or worked here.
#[derive(Clone, Debug, sqlx::FromRow, serde::Serialize)]
pub struct StaffMember {
    pub id: StaffId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub language: Language,
    /// Whether they have left.
    pub left: bool,
}

/// What is compared when somebody signs in.
#[derive(sqlx::FromRow)]
pub(super) struct Credential {
    pub staff_id: StaffId,
    pub login: String,
    pub name: String,
    pub password_hash: String,
    pub must_change: bool,
    /// Waits for an owner's yes.
    pub held: bool,
    pub totp_secret: Option<Vec<u8>>,
    pub totp_last_step: i64,
}

/// The words an attacker who knows the person and the clinic tries first (NIST
/// SP 800-63B-4, 3.1.1.2), lower case.
pub(super) fn words_of(texts: &[&str]) -> Vec<String> {
    let text = texts.join(" ").to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2).map(str::to_owned).collect()
}

/// Whether a text cannot be a login.
pub fn login_fault(login: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !(2..=40).contains(&login.len()) || !login.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_person_clinic_and_product_are_no_password() {
        let known =
            words_of(&["a.serikova", "Әсел Серікова", "Стоматология «Арай Дент»", "Тіркеу"]);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        for password in
            ["АрайДент2026!!", "Тіркеу-Тіркеу1", "serikova.serikova", "Серікова Әсел 26"]
        {
            assert!(crate::crypto::password::weakness(password, &known).is_some(), "{password}");
        }
        let phrase = "верблюд скачет мимо луны";
        assert_eq!(crate::crypto::password::weakness(phrase, &known), None);
    }
}
