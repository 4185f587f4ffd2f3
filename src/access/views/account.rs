//! What the pages of one's own account show.

use serde::Serialize;

use crate::access::devices::Device;
use crate::access::passkeys::{self, Passkey, PasskeyId};
use crate::access::second_factor::Standing;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::totp::TotpSecret;
use crate::pages::View;
use crate::vault::permission::OwnAccount;
use crate::vault::{Grant, SessionInfo};
use crate::web::{FieldErrors, Problem};

/// One's own account.
#[derive(Debug, Serialize)]
pub struct AccountPage {
    pub login: String,
    /// Which of the sessions is this one.
    pub this: String,
    pub sessions: Vec<SessionInfo>,
    pub devices: Vec<Device>,
    /// Recovery codes that are good.
    pub codes_left: i64,
    pub passkeys: Vec<Passkey>,
    /// The name of this server, when passkeys cannot work with it.
    pub passkeys_host: Option<String>,
    pub factor: Standing,
    /// Whether they proved a short while ago who they are.
    pub proven: bool,
    /// The name of a key that was not made, as typed.
    pub key_name: String,
    pub errors: FieldErrors,
    /// Fluent key of what was just done, or "".
    pub done: &'static str,
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize)]
pub struct CodesPage {
    pub login: String,
    pub codes: Vec<String>,
}

/// Setting one's own second factor up, beside signing in.
#[derive(Debug, Serialize)]
pub struct OwnFactorPage {
    challenge: String,
    /// Base32, to type into an authenticator app.
    secret: String,
    /// The same as an SVG picture.
    qr: Option<String>,
    error: Option<&'static str>,
}

impl OwnFactorPage {
    pub fn new(
        clinic: &Clinic,
        grant: &Grant<OwnAccount>,
        secret: String,
        challenge: String,
        error: Option<&'static str>,
    ) -> Self {
        let login = grant.actor().person().map(|person| person.login.clone()).unwrap_or_default();
        let name = clinic.profile.get().name.clone();
        let qr = TotpSecret::from_base32(&secret).and_then(|one| one.qr_svg(&name, &login));
        Self { challenge, secret, qr, error }
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
        let device = Device {
            tag: "0badcafe".to_owned(),
            device: Some("Chrome, Windows".to_owned()),
            first_at: at,
            last_at: at,
        };
        let passkey = |suspect: bool, used_at| Passkey {
            id: PasskeyId::new(at),
            name: "YubiKey".to_owned(),
            host: "crm.arai.kz".to_owned(),
            made_at: at,
            used_at,
            suspect,
        };
        let page = |errors, done: &'static str| Self {
            login: "aigul.b".to_owned(),
            this: "a1b2c3d4".to_owned(),
            sessions: vec![session.clone()],
            devices: if done.is_empty() { Vec::new() } else { vec![device.clone()] },
            codes_left: if done.is_empty() { 0 } else { 7 },
            passkeys: vec![passkey(false, Some(at)), passkey(true, None)],
            factor: Standing { set_up: !done.is_empty(), needed: false },
            proven: !done.is_empty(),
            key_name: String::new(),
            passkeys_host: done.is_empty().then(|| "localhost".to_owned()),
            errors,
            done,
        };
        let wrong = FieldErrors::from([
            ("password", "access-error-short".to_owned()),
            ("pin", "access-error-pin".to_owned()),
            ("name", "access-error-passkey-name".to_owned()),
        ]);
        let mut first = page(wrong.clone(), "");
        (first.passkeys, first.passkeys_host, first.proven) = (Vec::new(), None, true);
        vec![page(FieldErrors::new(), "access-password-changed"), page(wrong, ""), first]
    }
}

impl View for CodesPage {
    const TEMPLATE: &'static str = "access/codes.html";

    fn samples() -> Vec<Self> {
        let codes = vec!["ABCD-EFGH-IJKL-MNOP-QRST-2345".to_owned(); 2];
        vec![Self { login: "aigul.b".to_owned(), codes }]
    }
}

impl View for OwnFactorPage {
    const TEMPLATE: &'static str = "access/own_factor.html";

    fn samples() -> Vec<Self> {
        let page = |error, qr: Option<&str>| Self {
            challenge: "c".to_owned(),
            secret: "ABCD".to_owned(),
            qr: qr.map(ToOwned::to_owned),
            error,
        };
        vec![page(None, Some("<svg></svg>")), page(Some("access-error-code"), None)]
    }
}

/// The proof that is asked for before what cannot lightly be taken back.
#[derive(Debug, Serialize)]
pub struct ProvePage {
    pub next: String,
    pub error: Option<&'static str>,
    pub wait_s: i64,
    /// Whether one of one's own passkeys may be given instead.
    pub passkeys: bool,
}

impl ProvePage {
    pub async fn load(
        clinic: &Clinic,
        grant: &Grant<OwnAccount>,
        next: &str,
        error: Option<(&'static str, i64)>,
    ) -> Result<Self, Problem> {
        let works = passkeys::home(clinic).is_ok();
        let own = if works { passkeys::own(clinic, grant).await? } else { Vec::new() };
        let passkeys = own.iter().any(|key| !key.suspect);
        let (error, wait_s) = error.map_or((None, 0), |(key, wait_s)| (Some(key), wait_s));
        Ok(Self { next: next.to_owned(), error, wait_s, passkeys })
    }
}

impl View for ProvePage {
    const TEMPLATE: &'static str = "access/prove.html";

    fn samples() -> Vec<Self> {
        let page = |error: Option<_>| Self {
            next: "/staff".to_owned(),
            passkeys: error.is_none(),
            error,
            wait_s: 4,
        };
        vec![page(None), page(Some("access-error-too-soon"))]
    }
}
