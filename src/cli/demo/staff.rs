//! The invented people who work in the demo clinic.

use crate::access::NewStaff;
use crate::crypto::totp::TotpSecret;
use crate::i18n::Language;
use crate::vault::permission::Role;

/// Somebody of the demo's staff.
pub struct Member {
    pub login: &'static str,
    pub name: &'static str,
    pub role: Role,
    pub language: Language,
}

const fn member(login: &'static str, name: &'static str, role: Role, language: Language) -> Member {
    Member { login, name, role, language }
}

/// One in each role.
pub const STAFF: [Member; 7] = [
    member("saule", "Сәуле Ерғалиқызы", Role::Owner, Language::Ru),
    member("aigul", "Айгуль Бекова", Role::Reception, Language::Ru),
    member("dana", "Дана Сейтқали", Role::Doctor, Language::Kk),
    member("timur", "Тимур Ахметов", Role::Marketer, Language::Ru),
    member("olga", "Ольга Ким", Role::Cashier, Language::Ru),
    member("gulnara", "Гүлнара Омарова", Role::Compliance, Language::Kk),
    member("ruslan", "Руслан Ли", Role::Sysadmin, Language::Ru),
];

impl Member {
    pub fn to_new(&self, password: &str, secret: &TotpSecret) -> NewStaff {
        NewStaff {
            login: self.login.to_owned(),
            name: self.name.to_owned(),
            role: self.role,
            language: self.language,
            password: password.to_owned(),
            must_change: false,
            totp_secret: Some(secret.bytes().to_vec()),
        }
    }
}
