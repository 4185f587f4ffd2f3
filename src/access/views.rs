//! What the pages of signing in and of the staff list show.

use serde::Serialize;

use crate::access::StaffMember;
use crate::access::routes::StaffForm;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::pages::View;
use crate::vault::permission::{ALL, ManageStaff, Role, ViewStaff};
use crate::vault::{Grant, SessionInfo};
use crate::web::FieldErrors;

/// Login and password.
#[derive(Debug, Serialize)]
pub struct SignInPage {
    pub login: String,
    pub next: String,
    /// Fluent key of what was wrong.
    pub error: Option<&'static str>,
    /// Seconds until the next try is looked at.
    pub wait_s: i64,
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
    pub next: String,
    pub error: Option<&'static str>,
}

/// One's own account.
#[derive(Debug, Serialize)]
pub struct AccountPage {
    pub login: String,
    /// Which of the sessions is this one.
    pub this: String,
    pub sessions: Vec<SessionInfo>,
    pub errors: FieldErrors,
    /// The password was just changed.
    pub changed: bool,
}

/// Who works here, and what each role may do.
#[derive(Debug, Serialize)]
pub struct StaffPage {
    pub staff: Vec<StaffMember>,
    pub roles: Vec<&'static str>,
    /// Each permission that people can have, with yes or no for each of `roles`.
    pub matrix: Vec<(&'static str, Vec<bool>)>,
    pub may_manage: bool,
    pub form: StaffForm,
    pub errors: FieldErrors,
    /// A login and its one-time password, shown this once.
    pub one_time: Option<(String, String)>,
}

impl StaffPage {
    pub fn of(grant: &Grant<ViewStaff>, staff: Vec<StaffMember>) -> Self {
        let may_manage = grant.actor().may::<ManageStaff>();
        Self { may_manage, ..Self::with(staff) }
    }

    fn with(staff: Vec<StaffMember>) -> Self {
        let row = |(name, roles): &(&'static str, &'static [Role])| {
            let allowed: Vec<bool> = Role::STAFF.iter().map(|role| roles.contains(role)).collect();
            allowed.contains(&true).then_some((*name, allowed))
        };
        Self {
            staff,
            roles: Role::STAFF.iter().map(|role| role.name()).collect(),
            matrix: ALL.iter().filter_map(row).collect(),
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
        let sample = |error| Self { name: "Aigul".to_owned(), next: String::new(), error };
        vec![sample(None), sample(Some("access-error-wrong"))]
    }
}

impl View for AccountPage {
    const TEMPLATE: &'static str = "access/account.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let session = SessionInfo {
            tag: "a1b2c3d4".to_owned(),
            started_at: at,
            last_seen_at: at,
            ip: Some("10.0.4.21".to_owned()),
            device: Some("Chrome, Windows".to_owned()),
        };
        let page = |errors, changed| Self {
            login: "aigul.b".to_owned(),
            this: "a1b2c3d4".to_owned(),
            sessions: vec![session.clone()],
            errors,
            changed,
        };
        let wrong = FieldErrors::from([("password", "access-error-short".to_owned())]);
        vec![page(FieldErrors::new(), true), page(wrong, false)]
    }
}

impl View for StaffPage {
    const TEMPLATE: &'static str = "access/staff.html";

    fn samples() -> Vec<Self> {
        let person = |left| StaffMember {
            id: StaffId::new(Timestamp::from_unix_ms(1_795_402_800_000)),
            login: "aigul.b".to_owned(),
            name: "Aigul Bekova".to_owned(),
            role: Role::Reception,
            language: crate::i18n::Language::Ru,
            left,
        };
        let plain = Self::with(vec![person(false), person(true)]);
        let mut refused = Self::with(vec![person(false)]);
        refused.errors = FieldErrors::from([("login", "access-error-login-taken".to_owned())]);
        let mut once = Self::with(vec![person(false)]);
        once.one_time = Some(("aigul.b".to_owned(), "word word".to_owned()));
        vec![plain, refused, once]
    }
}
