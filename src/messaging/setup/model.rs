//! A gateway's settings and their rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::kind::GatewayKind;
use crate::crypto::authority;
use crate::messaging::gateway::smpp::{self, Address, Pool};
use crate::messaging::gateway::{
    Demo, Endpoint, EndpointError, Gateway, Instagram, Kannel, Mailer, Mobizon, Modem, Smpp, Smsc,
    Telegram, Whatsapp,
};
use crate::post::StoredServer;
use crate::vault::VaultError;

/// Number of a gateway among the clinic's, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct GatewayId(i64);

impl GatewayId {
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    pub fn number(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for GatewayId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What may be shown of a gateway's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct GatewaySettings {
    pub kind: GatewayKind,
    pub endpoint: String,
    pub username: String,
    /// Sender name registered with the operators. None: the gateway's own.
    pub sender: Option<String>,
    /// Where Kannel reaches this machine with its reports, such as
    /// `https://10.0.0.5:8444`. None: the public address.
    pub report_url: Option<String>,
    /// The authority of an SMPP centre, as PEM. None: those of the system.
    pub ca: Option<String>,
}

/// With the password. No `Debug`: it stays out of logs.
#[derive(Clone, sqlx::FromRow)]
pub struct Account {
    #[sqlx(flatten)]
    pub settings: GatewaySettings,
    pub password: String,
}

/// What the form asks for.
#[derive(Clone, Deserialize)]
pub struct GatewayChange {
    pub kind: GatewayKind,
    pub endpoint: String,
    /// Empty with SMSC: the password is an API key.
    #[serde(default)]
    pub username: String,
    /// Empty: as it is.
    #[serde(default)]
    pub password: String,
    #[serde(default)]
    pub sender: String,
    #[serde(default)]
    pub report_url: String,
    #[serde(default)]
    pub ca: String,
}

/// Why the settings were refused.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Field name to a Fluent key.
    #[error("the settings of the gateway are not right")]
    Fields(BTreeMap<&'static str, &'static str>),
    #[error("there is no such gateway, or none before it")]
    NoSuchGateway,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A wording and whether it is the clinic's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextVersion {
    pub source: String,
    pub own: bool,
}

impl Account {
    /// Whether both use one key of one account.
    pub fn has_token_of(&self, other: &Self) -> bool {
        self.is_account_of(&other.settings) && self.password == other.password
    }

    /// # Errors
    /// When the stored address is one that is no longer taken, or letters are to go
    /// and the clinic has no mail server.
    pub fn connect(
        &self,
        id: GatewayId,
        pool: &Pool,
        post: Option<&StoredServer>,
    ) -> Result<Gateway, EndpointError> {
        let Self { settings, password } = self;
        if settings.kind == GatewayKind::Email {
            let post = post.ok_or(EndpointError::NotAnAddress)?;
            return Ok(Gateway::Email(Mailer::new(post)));
        }
        let (username, password) = (settings.username.clone(), password.clone());
        let sender = settings.sender.clone();
        if settings.kind == GatewayKind::Smpp {
            let address = Address::parse(&settings.endpoint)?;
            let roots = settings.ca.as_deref().map(authority::roots);
            // Nobody else is trusted in the place of one that cannot be read.
            let roots = roots.map(|it| it.ok_or(EndpointError::NotAnAddress)).transpose()?;
            let account = smpp::Account { address, system_id: username, password, roots };
            return Ok(Gateway::Smpp(Smpp::new(id.number(), account, sender, pool.clone())));
        }
        if settings.kind == GatewayKind::Modem {
            return Ok(Gateway::Modem(Modem::parse(&settings.endpoint)?));
        }
        let endpoint = Endpoint::parse(&settings.endpoint)?;
        Ok(match settings.kind {
            GatewayKind::Smsc => Gateway::Smsc(Smsc::new(endpoint, username, password, sender)),
            GatewayKind::Mobizon => Gateway::Mobizon(Mobizon::new(endpoint, password, sender)),
            GatewayKind::Kannel => {
                Gateway::Kannel(Kannel::new(endpoint, username, password, sender))
            }
            GatewayKind::Smpp | GatewayKind::Modem | GatewayKind::Email => {
                unreachable!("returned above")
            }
            GatewayKind::Whatsapp => Gateway::Whatsapp(Whatsapp::new(endpoint, username, password)),
            GatewayKind::Telegram => Gateway::Telegram(Telegram::new(endpoint, password)),
            GatewayKind::Instagram => {
                Gateway::Instagram(Instagram::new(endpoint, username, password))
            }
            GatewayKind::Demo => Gateway::Demo(Demo::new(endpoint)),
        })
    }
}

impl GatewayChange {
    /// The settings as they would be stored.
    pub fn applied_to(&self, before: Option<&Account>) -> Result<Account, GatewayError> {
        let mut wrong = BTreeMap::new();
        let endpoint = match self.kind.address(&self.endpoint) {
            Ok(address) => address,
            Err(error) => {
                let key = match (self.kind, error) {
                    (GatewayKind::Modem, _) => "messaging-error-folder",
                    (GatewayKind::Smpp, EndpointError::Plain) => "messaging-error-plain-smpp",
                    (GatewayKind::Smpp, EndpointError::NotAnAddress) => {
                        "messaging-error-address-smpp"
                    }
                    _ => endpoint_key(error),
                };
                wrong.insert("endpoint", key);
                String::new()
            }
        };
        let report_url = filled(&self.report_url);
        if let Some(Err(error)) = report_url.as_deref().map(Endpoint::parse) {
            wrong.insert("report_url", endpoint_key(error));
        }
        let username = self.username.trim().to_owned();
        let needs_account =
            !matches!(self.kind, GatewayKind::Demo | GatewayKind::Modem | GatewayKind::Email);
        // SMSC takes an API key in place of both.
        let is_meta = matches!(self.kind, GatewayKind::Whatsapp | GatewayKind::Instagram);
        let is_named = is_meta || matches!(self.kind, GatewayKind::Kannel | GatewayKind::Smpp);
        if is_named && username.is_empty() {
            wrong.insert("username", "messaging-error-needed");
        } else if is_meta && !username.bytes().all(|byte| byte.is_ascii_digit()) {
            wrong.insert("username", "messaging-error-digits");
        }
        let sender = filled(&self.sender);
        if sender.as_deref().is_some_and(|sender| !is_sender(sender)) {
            wrong.insert("sender", "messaging-error-sender");
        }
        let ca = self.authority(&endpoint).unwrap_or_else(|key| {
            wrong.insert("ca", key);
            None
        });
        let kind = self.kind;
        let settings = GatewaySettings { kind, endpoint, username, sender, report_url, ca };
        let password = if self.password.is_empty() {
            before.filter(|before| before.is_account_of(&settings)).map(|it| it.password.clone())
        } else {
            Some(self.password.clone())
        };
        if needs_account && password.is_none() {
            wrong.insert("password", "messaging-error-password");
        }
        let is_bot = self.kind == GatewayKind::Telegram;
        if is_bot && password.as_deref().is_some_and(|token| !Telegram::is_token(token)) {
            wrong.insert("password", "messaging-error-bot-token");
        }
        if wrong.is_empty() {
            Ok(Account { settings, password: password.unwrap_or_default() })
        } else {
            Err(GatewayError::Fields(wrong))
        }
    }

    /// The authority of a centre. Only an encrypted address has use for one.
    fn authority(&self, endpoint: &str) -> Result<Option<String>, &'static str> {
        let ca = authority::tidied(&self.ca).filter(|_| self.kind == GatewayKind::Smpp);
        match &ca {
            Some(pem) if authority::roots(pem).is_none() => Err("messaging-error-ca"),
            Some(_) if endpoint.starts_with("smpp:") => Err("messaging-error-ca-plain"),
            _ => Ok(ca),
        }
    }
}

impl Account {
    fn is_account_of(&self, other: &GatewaySettings) -> bool {
        let own = &self.settings;
        let is_there = (&own.endpoint, &own.ca) == (&other.endpoint, &other.ca);
        is_there && (own.kind, &own.username) == (other.kind, &other.username)
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().trim_end_matches('/').to_owned()).filter(|text| !text.is_empty())
}

/// Up to 11 Latin letters and signs, or up to 15 digits (GSM 03.40 TP-OA).
fn is_sender(sender: &str) -> bool {
    let digits = sender.strip_prefix('+').unwrap_or(sender);
    let number = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let name = sender.len() <= 11 && sender.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    number || name
}

fn endpoint_key(error: EndpointError) -> &'static str {
    match error {
        EndpointError::NotAnAddress => "messaging-error-address",
        EndpointError::Plain => "messaging-error-plain",
        EndpointError::Laden => "messaging-error-laden",
        EndpointError::Nobodys => "messaging-error-nobodys",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(endpoint: &str, username: &str, password: &str) -> GatewayChange {
        GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: endpoint.to_owned(),
            username: username.to_owned(),
            password: password.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        }
    }

    fn wrong(change: &GatewayChange, before: Option<&Account>) -> Vec<&'static str> {
        match change.applied_to(before) {
            Err(GatewayError::Fields(fields)) => fields.into_keys().collect(),
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn a_kept_password_goes_only_where_it_went_before() {
        let first = change("https://smsc.kz/", "arai", "secret").applied_to(None).ok();
        let kept = change("https://smsc.kz", "arai", "").applied_to(first.as_ref()).ok().unwrap();
        assert_eq!(kept.password, "secret");

        for elsewhere in
            [change("https://evil.kz/", "arai", ""), change("https://smsc.kz/", "b", "")]
        {
            assert_eq!(wrong(&elsewhere, first.as_ref()), ["password"]);
        }
    }

    #[test]
    fn a_centres_authority_is_kept_when_it_is_one_and_the_address_is_encrypted() {
        let key = rcgen::KeyPair::generate().unwrap();
        let pem = rcgen::CertificateParams::new(vec!["smpp.example.kz".to_owned()]).unwrap();
        let pem = pem.self_signed(&key).unwrap().pem();
        let with = |kind, endpoint: &str, ca: &str| GatewayChange {
            kind,
            ca: ca.to_owned(),
            ..change(endpoint, "arai", "secret")
        };
        let smpp = |endpoint: &str, ca: &str| with(GatewayKind::Smpp, endpoint, ca);
        let kept = smpp("smpps://smpp.example.kz", &pem).applied_to(None).ok().unwrap();
        assert_eq!(kept.settings.ca.as_deref(), Some(pem.trim()));
        assert!(kept.connect(GatewayId(1), &Pool::default(), None).is_ok());
        let none = smpp("smpp://10.0.0.5", " ").applied_to(None).ok().unwrap();
        assert_eq!(none.settings.ca, None);
        let other = with(GatewayKind::Smsc, "https://smsc.kz/", "x").applied_to(None).ok().unwrap();
        assert_eq!(other.settings.ca, None);

        let said = |change: &GatewayChange| match change.applied_to(None) {
            Err(GatewayError::Fields(fields)) => fields,
            _ => panic!("taken"),
        };
        let key_too = format!("{pem}{}", key.serialize_pem());
        for wrong in ["x", &pem[..90], &key_too] {
            let all = BTreeMap::from([("ca", "messaging-error-ca")]);
            assert_eq!(said(&smpp("smpps://smpp.example.kz", wrong)), all, "{wrong}");
        }
        let plain = BTreeMap::from([("ca", "messaging-error-ca-plain")]);
        assert_eq!(said(&smpp("smpp://10.0.0.5", &pem)), plain);
        // Who vouches for the address is a part of where a password goes.
        assert_eq!(
            wrong(
                &GatewayChange { password: String::new(), ..smpp("smpps://smpp.example.kz", "") },
                Some(&kept)
            ),
            ["password"]
        );
        // Nobody is trusted in the place of an authority that cannot be read.
        let mut spoilt = kept;
        spoilt.settings.ca = Some("x".to_owned());
        assert!(spoilt.connect(GatewayId(1), &Pool::default(), None).is_err());
    }

    #[test]
    fn each_wrong_field_is_named() {
        let mut all = GatewayChange { kind: GatewayKind::Kannel, ..change("smsc", " ", "") };
        all.sender = "Клиника".to_owned();
        all.report_url = "http://example.com".to_owned();
        assert_eq!(wrong(&all, None), ["endpoint", "password", "report_url", "sender", "username"]);
        assert_eq!(wrong(&change("https://smsc.kz/", "", "key"), None), Vec::<&str>::new());
        let endpoint =
            |kind, endpoint| match (GatewayChange { kind, ..change(endpoint, "arai", "secret") })
                .applied_to(None)
            {
                Err(GatewayError::Fields(fields)) => fields["endpoint"],
                _ => "",
            };
        let smpp = |text| endpoint(GatewayKind::Smpp, text);
        assert_eq!(smpp("smpp://smpp.example.kz"), "messaging-error-plain-smpp");
        assert_eq!(smpp("https://smpp.example.kz"), "messaging-error-address-smpp");
        assert_eq!(smpp("smpps://smpp.example.kz"), "");
        assert_eq!(endpoint(GatewayKind::Modem, "spool"), "messaging-error-folder");
        assert_eq!(wrong(&change("https://smsc.kz/", "", ""), None), ["password"]);
        for sender in ["ARAI DENT", "+77273550000", "7000"] {
            let fine =
                GatewayChange { sender: sender.to_owned(), ..change("https://smsc.kz/", "a", "b") };
            assert_eq!(wrong(&fine, None), Vec::<&str>::new(), "{sender}");
        }
    }
}
