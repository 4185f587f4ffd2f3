//! Members of staff, their credentials, and how guessing is slowed down.

use crate::clock::Timestamp;
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
    pub failures: i64,
    pub last_failed_at: Option<Timestamp>,
}

/// The words an attacker who knows the person and the clinic tries first (NIST
/// SP 800-63B-4, 3.1.1.2), lower case.
pub(super) fn words_of(texts: &[&str]) -> Vec<String> {
    let text = texts.join(" ").to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2).map(str::to_owned).collect()
}

/// Failures that cost nothing: everybody mistypes.
const FREE_FAILURES: i64 = 5;
const FIRST_DELAY_MS: i64 = 2_000;
const LAST_DELAY_MS: i64 = 15 * 60 * 1000;

/// How long until the next try is looked at: after five failures 2 s, doubling
/// up to 15 minutes (SECURITY.md 5.5). Zero when at once.
pub fn throttle_ms(failures: i64, last: Option<Timestamp>, now: Timestamp) -> i64 {
    let Some(last) = last.filter(|_| FREE_FAILURES <= failures) else { return 0 };
    let delay = FIRST_DELAY_MS << (failures - FREE_FAILURES).clamp(0, 20);
    (last.unix_ms() + delay.min(LAST_DELAY_MS) - now.unix_ms()).max(0)
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

    #[test]
    fn guessing_is_slowed_down_and_never_stopped() {
        let last = Timestamp::from_unix_ms(1_000_000);
        assert_eq!(throttle_ms(4, Some(last), last), 0);
        assert_eq!(throttle_ms(5, Some(last), last), 2_000);
        assert_eq!(throttle_ms(7, Some(last), last), 8_000);
        assert_eq!(throttle_ms(500, Some(last), last), 15 * 60 * 1000);
        assert_eq!(throttle_ms(500, Some(last), last.plus_ms(16 * 60 * 1000)), 0);
    }
}
