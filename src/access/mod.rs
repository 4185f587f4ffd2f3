//! Access: who works here, and how they prove who they are.
//!
//! Argon2id for passwords, TOTP (RFC 6238) as the second factor, passkeys (W3C
//! Web Authentication) in place of both, throttling that slows a guesser down
//! and cannot lock the clinic out (SECURITY.md 5.3–5.5).

pub mod attempts;
mod challenge;
pub mod devices;
mod door;
mod members;
mod model;
pub mod passkeys;
mod passwords;
pub mod pin;
mod proof;
pub mod recovery_codes;
pub mod rights;
mod routes;
pub mod rules;
pub mod second_factor;
mod store;
mod trust;
mod views;

use crate::crypto::passkeys::PasskeyError;
use crate::crypto::{PasswordError, Weakness};
use crate::vault::VaultError;
use crate::vault::permission::Role;

pub use attempts::throttle_ms;
pub use challenge::{Challenge, Step};
pub use door::{Entered, Progress, give_code, give_new_password, give_password, sign_in};
pub use members::{add, leave, reset, staff};
pub use model::{NewStaff, StaffMember, login_fault};
pub use passwords::{change_password, unlock};
pub use proof::prove;
pub use routes::{
    AccessList, AccountPage, CodesPage, EnrolPage, OwnFactorPage, PasswordPage, PersonPage,
    ProvePage, RolePage, RolesPage, RulesPage, SignInPage, StaffPage, UnlockPage, public_routes,
    routes,
};
pub use trust::TrustPage;

/// Why somebody was not added or not signed in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("there is somebody with this login already")]
    LoginTaken,
    /// Latin letters, digits, dots and dashes only.
    #[error("this cannot be a login")]
    BadLogin,
    /// Login, password or code: which of them is not said.
    #[error("the login, the password or the code is wrong")]
    Wrong,
    /// Until the next try is looked at.
    #[error("too many attempts")]
    TooSoon { wait_ms: i64 },
    /// The steps took too long or were tampered with.
    #[error("sign in from the beginning")]
    StartOver,
    #[error("the password is too weak")]
    Weak(Weakness),
    #[error("there is nobody like that")]
    NoSuchPerson,
    /// Somebody must be able to let others in.
    #[error("the last owner stays")]
    LastOwner,
    /// Only who gives rights touches an owner's account.
    #[error("an owner's account is another owner's to change")]
    OwnersOnly,
    /// Somebody who does not give rights entered or reset the account.
    #[error("the account waits for an owner's yes")]
    Held,
    /// Not six digits, or the first that anybody tries.
    #[error("this cannot be a PIN")]
    BadPin,
    #[error("nobody gives rights to themselves")]
    OwnRights,
    #[error("there is a role with this name already")]
    NameTaken,
    #[error("a role without rights")]
    NoRights,
    #[error("there is no such role, or it has ended")]
    NoSuchRole,
    #[error("the time is over, ends before it begins or is too long")]
    BadTime,
    /// The clinic's rules, or what somebody may do, ask for a second factor.
    #[error("the second factor is compulsory")]
    FactorNeeded,
    #[error("the rule is out of its bounds")]
    BadRule,
    /// A name is needed, to know one's keys apart.
    #[error("this cannot be a name of a key")]
    BadKeyName,
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The staff roles, in the order that lists show them.
pub const ROLES: [Role; 7] = Role::STAFF;
