//! Signing in and out, one's own account, and the staff list.

mod account;
mod passkeys;
mod prove;
mod rights;
mod rules;
mod second_factor;
mod session;
mod sign_in;
mod staff;

use axum::Form;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde::Deserialize;

use crate::access::{AccessError, trust};
use crate::crypto::Weakness;
use crate::crypto::passkeys::PasskeyError;
use crate::i18n::Language;
use crate::web::{Guest, Problem, Routes, local_path, see_other};

pub use super::views::account::{AccountPage, CodesPage, OwnFactorPage, ProvePage};
pub use super::views::rights::{AccessList, PersonPage, RolePage, RolesPage};
pub use super::views::rules::RulesPage;
pub use super::views::{EnrolPage, PasswordPage, SignInPage, StaffPage, UnlockPage};
pub use staff::StaffForm;

const A_YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;

const PLAIN: &str = "layout/plain.html";

pub fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", sign_in::sign_in_form)
        .post("/sign-in", sign_in::sign_in)
        .post("/sign-in/code", sign_in::give_code)
        .post("/sign-in/password", sign_in::give_new_password)
        .post("/sign-in/passkey/ask", passkeys::ask_at_door)
        .post("/sign-in/passkey", passkeys::sign_in)
        .get("/unlock", session::unlock_form)
        .post("/unlock", session::unlock)
        .post("/unlock/passkey/ask", passkeys::ask_to_unlock)
        .post("/unlock/passkey", passkeys::unlock)
        .post("/lock", session::lock)
        .post("/sign-out", session::sign_out)
        .post("/sign-out/everywhere", session::sign_out_everywhere)
        .post("/language", set_language)
        .get("/account", account::account)
        .post("/account/password", account::change_password)
        .get("/staff", staff::staff)
        .post("/staff", staff::add_staff)
        .post("/staff/{staff_id}/reset", staff::reset_staff)
        .post("/staff/{staff_id}/leave", staff::staff_leaves)
        .post("/staff/{staff_id}/sign-out", staff::sign_out_staff)
        .get("/staff/{staff_id}", rights::person)
        .post("/staff/{staff_id}/role", rights::give)
        .post("/staff/{staff_id}/deputations", rights::depute)
        .post("/staff/{staff_id}/deputations/{deputation_id}/end", rights::end_deputation)
        .post("/staff/{staff_id}/let-in", rights::let_in)
        .get("/access-list", rights::access_list)
        .get("/roles", rights::roles)
        .post("/roles", rights::define)
        .get("/roles/new", rights::new_role)
        .get("/roles/{role_id}", rights::role)
        .post("/reach", rights::set_reach)
        .get("/prove", prove::form)
        .post("/prove", prove::prove)
        .post("/prove/passkey/ask", passkeys::ask_for_proof)
        .post("/prove/passkey", passkeys::prove)
        .post("/switch", session::switch)
        .post("/account/sessions/{tag}/end", account::end_session)
        .post("/account/devices/{tag}/forget", account::forget_device)
        .post("/account/pin", account::set_pin)
        .post("/account/recovery-codes", account::renew_recovery_codes)
        .post("/account/passkeys/ask", passkeys::ask_to_make)
        .post("/account/passkeys", passkeys::register)
        .post("/account/passkeys/{passkey_id}/remove", passkeys::remove)
        .get("/account/second-factor", second_factor::form)
        .post("/account/second-factor", second_factor::set_up)
        .post("/account/second-factor/give-up", second_factor::give_up)
        .get("/sign-in-rules", rules::page)
        .post("/sign-in-rules", rules::set)
        .get("/trust", trust::page)
        .get("/trust/ca.crt", trust::certificate)
        .get("/trust/tirkeu.mobileconfig", trust::mobileconfig)
}

/// What the pages of the public listener need of it.
pub fn public_routes() -> Routes {
    Routes::new().post("/language", set_language)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Next {
    next: String,
}

impl Next {
    /// A path of this site, or the start page.
    fn path(&self) -> &str {
        local_path(&self.next).unwrap_or("/")
    }
}

/// The Fluent key of why a step was refused, and how many seconds to wait.
fn explain(error: AccessError) -> Result<(&'static str, i64), Problem> {
    Ok(match error {
        AccessError::Wrong => ("access-error-wrong", 0),
        AccessError::TooSoon { wait_ms } => ("access-error-too-soon", (wait_ms + 999) / 1000),
        AccessError::StartOver => ("access-error-start-over", 0),
        AccessError::Held => ("access-error-held", 0),
        AccessError::Passkey(error) => (of_passkey(error), 0),
        AccessError::Weak(Weakness::TooShort) => ("access-error-short", 0),
        AccessError::Weak(Weakness::TooLong) => ("access-error-long", 0),
        AccessError::Weak(_) => ("access-error-guessable", 0),
        other => return Err(other.into()),
    })
}

/// Which words say why a passkey was not believed.
fn of_passkey(error: PasskeyError) -> &'static str {
    match error {
        PasskeyError::NoHome => "access-error-passkey-home",
        PasskeyError::NotAsked => "access-error-passkey-late",
        PasskeyError::CounterWentBack => "access-error-passkey-copied",
        PasskeyError::Unreadable | PasskeyError::Wrong => "access-error-passkey",
    }
}

#[derive(Deserialize)]
struct ChosenLanguage {
    language: Language,
    #[serde(default)]
    back: String,
}

async fn set_language(_guest: Guest, Form(form): Form<ChosenLanguage>) -> Response {
    let mut response = see_other(Next { next: form.back }.path());
    let cookie =
        format!("lang={}; Secure; SameSite=Lax; Path=/; Max-Age={A_YEAR_SECONDS}", form.language);
    let value = HeaderValue::from_str(&cookie).expect("a tag and constants");
    response.headers_mut().append(SET_COOKIE, value);
    response
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::TooSoon { .. } => Self::TooMany,
            AccessError::NoSuchPerson | AccessError::NoSuchRole => Self::NotFound,
            AccessError::LastOwner => Self::Conflict("access-error-last-owner"),
            AccessError::OwnersOnly => Self::Conflict("access-error-owners-only"),
            AccessError::Held => Self::Conflict("access-error-held"),
            AccessError::BadPin => Self::Invalid("access-error-pin"),
            AccessError::OwnRights => Self::Conflict("access-error-own-rights"),
            AccessError::NameTaken => Self::Conflict("access-error-role-name-taken"),
            AccessError::NoRights => Self::Invalid("access-error-no-rights"),
            AccessError::BadTime => Self::Invalid("access-error-time"),
            AccessError::LoginTaken => Self::Conflict("access-error-login-taken"),
            AccessError::BadLogin => Self::Invalid("access-error-login"),
            AccessError::Wrong | AccessError::StartOver => Self::SignedOut,
            AccessError::FactorNeeded => Self::Conflict("access-error-factor-needed"),
            AccessError::BadRule => Self::Invalid("access-error-rule"),
            AccessError::BadKeyName => Self::Invalid("access-error-passkey-name"),
            AccessError::Passkey(error) => Self::Invalid(of_passkey(error)),
            AccessError::Weak(_) => Self::Invalid("access-error-guessable"),
            AccessError::Password(crate::crypto::PasswordError::Busy) => Self::Unavailable,
            AccessError::Password(other) => Self::Internal(Box::new(other)),
            AccessError::Vault(error) => error.into(),
        }
    }
}
