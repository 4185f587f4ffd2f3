//! What the pages of signing in and of the staff list show.

pub mod account;
pub mod rights;
pub mod rules;

use serde::Serialize;

use crate::access::pin::AtDesk;
use crate::access::rights::Member;
use crate::access::routes::StaffForm;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::pages::View;
use crate::vault::Grant;
use crate::vault::permission::{ManageStaff, Role, ViewStaff};
use crate::web::{FieldErrors, Problem};

/// Login and password.
#[derive(Debug, Serialize)]
pub struct SignInPage {
    pub login: String,
    pub next: String,
    /// Fluent key of what was wrong.
    pub error: Option<&'static str>,
    /// Seconds until the next try is looked at.
    pub wait_s: i64,
    /// Whether passkeys work with this server's name.
    pub passkeys: bool,
}

impl SignInPage {
    pub fn new(clinic: &Clinic, next: String) -> Self {
        let passkeys = crate::access::passkeys::home(clinic).is_ok();
        Self { login: String::new(), next, error: None, wait_s: 0, passkeys }
    }
}

/// The code of the second factor; with a secret, while it is being set up.
#[derive(Debug, Serialize)]
pub struct EnrolPage {
    pub challenge: String,
    pub login: String,
    pub next: String,
    pub error: Option<&'static str>,
    pub wait_s: i64,
    /// Base32, to type into an authenticator app.
    pub secret: Option<String>,
    /// The same as an SVG picture.
    pub qr: Option<String>,
}

/// A password of one's own.
#[derive(Debug, Serialize)]
pub struct PasswordPage {
    pub challenge: String,
    pub login: String,
    pub next: String,
    pub error: Option<&'static str>,
}

/// A locked screen.
#[derive(Debug, Serialize)]
pub struct UnlockPage {
    pub name: String,
    pub staff: StaffId,
    /// Whether a PIN opens it, on this browser.
    pub has_pin: bool,
    /// Whether a key of their own opens it.
    pub passkeys: bool,
    /// Colleagues whose sessions wait on this browser.
    pub others: Vec<AtDesk>,
    pub next: String,
    /// The Fluent key of what is wrong, and how many seconds to wait.
    pub error: Option<(&'static str, i64)>,
}

/// Who works here.
#[derive(Debug, Serialize)]
pub struct StaffPage {
    pub staff: Vec<Member>,
    pub roles: Vec<&'static str>,
    pub may_manage: bool,
    pub form: StaffForm,
    pub errors: FieldErrors,
    /// A login and its one-time password, shown this once.
    pub one_time: Option<(String, String)>,
}

impl StaffPage {
    pub async fn load(clinic: &Clinic, grant: &Grant<ViewStaff>) -> Result<Self, Problem> {
        let may_manage = grant.actor().may::<ManageStaff>();
        Ok(Self { may_manage, ..Self::with(crate::access::rights::members(clinic, grant).await?) })
    }

    fn with(staff: Vec<Member>) -> Self {
        Self {
            staff,
            roles: Role::STAFF.iter().map(|role| role.name()).collect(),
            may_manage: true,
            form: StaffForm::default(),
            errors: FieldErrors::new(),
            one_time: None,
        }
    }
}

impl View for SignInPage {
    const TEMPLATE: &'static str = "access/sign_in.html";

    fn samples() -> Vec<Self> {
        let sample = |error, wait_s| Self {
            login: "aigul.b".to_owned(),
            next: "/".to_owned(),
            error,
            wait_s,
            passkeys: wait_s == 0,
        };
        vec![
            sample(None, 0),
            sample(Some("access-error-wrong"), 0),
            sample(Some("access-error-too-soon"), 8),
        ]
    }
}

impl View for EnrolPage {
    const TEMPLATE: &'static str = "access/code.html";

    fn samples() -> Vec<Self> {
        let sample = |error, secret: Option<&str>| Self {
            challenge: "c".to_owned(),
            login: "aigul.b".to_owned(),
            next: String::new(),
            error,
            wait_s: 0,
            secret: secret.map(ToOwned::to_owned),
            qr: secret.map(|_| "<svg></svg>".to_owned()),
        };
        vec![sample(None, None), sample(Some("access-error-wrong"), Some("ABCD"))]
    }
}

impl View for PasswordPage {
    const TEMPLATE: &'static str = "access/password.html";

    fn samples() -> Vec<Self> {
        let sample = |error| Self {
            challenge: "c".to_owned(),
            login: "a".to_owned(),
            next: String::new(),
            error,
        };
        vec![sample(None), sample(Some("access-error-short"))]
    }
}

impl View for UnlockPage {
    const TEMPLATE: &'static str = "access/unlock.html";

    fn samples() -> Vec<Self> {
        let staff = StaffId::new(Timestamp::from_unix_ms(1_795_402_800_000));
        let colleague = AtDesk { staff, name: "Dana".to_owned(), has_pin: true };
        let sample = |error, others: Vec<AtDesk>| Self {
            name: "Aigul".to_owned(),
            staff,
            has_pin: !others.is_empty(),
            passkeys: !others.is_empty(),
            others,
            next: String::new(),
            error,
        };
        vec![sample(None, vec![colleague]), sample(Some(("access-error-wrong", 0)), Vec::new())]
    }
}

impl View for StaffPage {
    const TEMPLATE: &'static str = "access/staff.html";

    fn samples() -> Vec<Self> {
        let plain = Self::with(vec![rights::sample(true), rights::sample(false)]);
        let mut refused = Self::with(vec![rights::sample(false)]);
        refused.errors = FieldErrors::from([("login", "access-error-login-taken".to_owned())]);
        let mut once = Self::with(Vec::new());
        once.one_time = Some(("aigul.b".to_owned(), "word word".to_owned()));
        vec![plain, refused, once]
    }
}
