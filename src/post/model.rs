//! The mail server's settings and their rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::Email;
use crate::crypto::authority;
use crate::post::smtp::{Server, Tls, is_this_machine};
use crate::vault::VaultError;

/// What may be shown of the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub username: String,
    pub sender: Email,
    /// PEM.
    pub ca: Option<String>,
}

/// All of it. No `Debug`: the password stays out of logs.
#[derive(Clone, sqlx::FromRow)]
pub struct StoredServer {
    #[sqlx(flatten)]
    pub settings: MailSettings,
    pub password: String,
}

/// What the form asks for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct MailChange {
    pub host: String,
    pub port: String,
    pub tls: String,
    pub username: String,
    /// Empty: as it is.
    pub password: String,
    pub sender: String,
    pub ca: String,
}

/// Why the settings were refused.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// Field name to a Fluent key.
    #[error("the settings of the mail server are not right")]
    Fields(BTreeMap<&'static str, &'static str>),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl StoredServer {
    pub fn server(&self) -> Server {
        let Self { settings, password } = self;
        Server {
            host: settings.host.clone(),
            port: settings.port,
            tls: settings.tls,
            username: settings.username.clone(),
            password: password.clone(),
            ca: settings.ca.clone(),
            hello: settings.sender.domain().to_owned(),
        }
    }

    fn is_account_of(&self, other: &MailSettings) -> bool {
        let own = &self.settings;
        let same = (own.port, own.tls, &own.ca) == (other.port, other.tls, &other.ca);
        (&own.host, &own.username) == (&other.host, &other.username) && same
    }
}

impl MailChange {
    /// The settings as they would be stored. A password is kept only for the same
    /// account at the same server, reached in the same way, so that nobody can
    /// have it sent elsewhere.
    pub fn applied_to(
        &self,
        before: Option<&StoredServer>,
    ) -> Result<StoredServer, MailSetupError> {
        let mut wrong = BTreeMap::new();
        let host = self.host.trim().to_ascii_lowercase();
        if !is_host(&host) {
            wrong.insert("host", "mail-error-host");
        }
        let port = self.port.trim().parse().ok().filter(|port| *port != 0);
        if port.is_none() {
            wrong.insert("port", "mail-error-port");
        }
        let tls = Tls::ALL.into_iter().find(|tls| tls.name() == self.tls);
        match tls {
            None => drop(wrong.insert("tls", "mail-error-needed")),
            Some(Tls::None) if !is_this_machine(&host) => {
                wrong.insert("tls", "mail-error-tls");
            }
            Some(_) => {}
        }
        let sender = Email::parse(&self.sender);
        if sender.is_err() {
            wrong.insert("sender", "mail-error-address");
        }
        let ca = authority::tidied(&self.ca);
        if ca.as_deref().is_some_and(|ca| authority::roots(ca).is_none()) {
            wrong.insert("ca", "mail-error-ca");
        }
        let username = self.username.trim().to_owned();
        let (Some(port), Some(tls), Ok(sender)) = (port, tls, sender) else {
            return Err(MailSetupError::Fields(wrong));
        };
        let settings = MailSettings { host, port, tls, username, sender, ca };
        let password = match (self.password.is_empty(), settings.username.is_empty()) {
            (_, true) => Some(String::new()),
            (false, _) => Some(self.password.clone()),
            (true, _) => {
                before.filter(|it| it.is_account_of(&settings)).map(|it| it.password.clone())
            }
        };
        if password.is_none() {
            wrong.insert("password", "mail-error-password");
        }
        match password.filter(|_| wrong.is_empty()) {
            Some(password) => Ok(StoredServer { settings, password }),
            None => Err(MailSetupError::Fields(wrong)),
        }
    }
}

/// A name or an address, without a port or a path.
fn is_host(host: &str) -> bool {
    let literal = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    literal || (host.len() <= 253 && !host.is_empty() && host.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> MailChange {
        MailChange {
            host: "mail.arai.kz".to_owned(),
            port: "465".to_owned(),
            tls: "implicit".to_owned(),
            username: "crm".to_owned(),
            password: "secret".to_owned(),
            sender: "crm@arai.kz".to_owned(),
            ca: String::new(),
        }
    }

    fn wrong(change: &MailChange, before: Option<&StoredServer>) -> Vec<&'static str> {
        match change.applied_to(before) {
            Err(MailSetupError::Fields(fields)) => fields.into_keys().collect(),
            Err(MailSetupError::Vault(error)) => panic!("{error}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn a_kept_password_goes_only_where_it_went_before() {
        let first = change().applied_to(None).ok().unwrap();
        let same = MailChange { password: String::new(), ..change() };
        let kept = same.applied_to(Some(&first)).ok().unwrap();
        assert_eq!(kept.password, "secret");
        for elsewhere in [
            MailChange { host: "evil.kz".to_owned(), ..same.clone() },
            MailChange { port: "587".to_owned(), ..same.clone() },
            MailChange { tls: "starttls".to_owned(), ..same.clone() },
            MailChange { username: "other".to_owned(), ..same.clone() },
        ] {
            assert_eq!(wrong(&elsewhere, Some(&first)), ["password"]);
        }
    }

    #[test]
    fn nothing_but_this_machine_is_written_to_in_the_clear() {
        for far in ["mail.arai.kz", "192.168.1.5", "8.8.8.8"] {
            let plain = MailChange { host: far.to_owned(), tls: "none".to_owned(), ..change() };
            assert_eq!(wrong(&plain, None), ["tls"], "{far}");
        }
        for near in ["localhost", "127.0.0.1", "[::1]"] {
            let plain = MailChange { host: near.to_owned(), tls: "none".to_owned(), ..change() };
            assert_eq!(wrong(&plain, None), Vec::<&str>::new(), "{near}");
        }
    }

    #[test]
    fn each_wrong_field_is_named() {
        let all = MailChange {
            host: "https://mail.arai.kz/".to_owned(),
            port: "0".to_owned(),
            tls: "maybe".to_owned(),
            sender: "crm".to_owned(),
            ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned(),
            ..MailChange::default()
        };
        assert_eq!(wrong(&all, None), ["ca", "host", "port", "sender", "tls"]);
        let nobody = MailChange { username: String::new(), password: String::new(), ..change() };
        assert_eq!(wrong(&nobody, None), Vec::<&str>::new());
    }
}
