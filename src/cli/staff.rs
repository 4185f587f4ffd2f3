//! `tirkeu staff`: who works here, from the machine itself. For the first
//! colleague, and for an owner who lost password and phone.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::{self, AccessError, NewStaff};
use crate::cli::desk::{self, Order};
use crate::cli::error::Refusal;
use crate::cli::{CliError, Common};
use crate::clinic::Clinic;
use crate::crypto::password::one_time;
use crate::i18n::Language;
use crate::vault::permission::Role;
use crate::vault::{Actor, VaultError};

/// Who works here. Works while the server runs.
#[derive(Debug, Serialize, Deserialize, clap::Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum Staff {
    /// Enter somebody and print a password for one sign-in.
    Add {
        /// Latin letters, digits, dots.
        login: String,
        /// As colleagues see it; without it the login.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What they may do: owner, reception, doctor, marketer, cashier,
        /// compliance, sysadmin.
        #[arg(long, value_parser = role)]
        role: Role,
        /// The language of their pages: ru, kk, en.
        #[arg(long, value_parser = language, default_value = "ru")]
        language: Language,
    },
    /// Give somebody a new password for one sign-in; the second factor is set
    /// up anew, open sessions end.
    Reset {
        /// Whose.
        login: String,
    },
    /// List everybody.
    List,
}

impl Staff {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let told = desk::settle(common, Order::Staff(self)).await?;
        let words = match told["staff"].as_array() {
            Some(staff) => staff.iter().map(in_words).collect::<Vec<_>>().join("\n"),
            None => format!(
                "{} signs in once with the password\n\n  {}",
                text(&told, "login"),
                text(&told, "password"),
            ),
        };
        common.tell(&told, &words);
        Ok(())
    }

    /// What programs get.
    pub async fn carry_out(self, clinic: &Clinic, actor: &Actor) -> Result<Value, Refusal> {
        let password = one_time(&clinic.random);
        let login = match self {
            Self::List => {
                let grant = actor.grant().map_err(Refusal::failed)?;
                let staff = access::staff(clinic, &grant).await.map_err(Refusal::failed)?;
                return Ok(json!({ "staff": staff }));
            }
            Self::Add { login, name, role, language } => {
                let new = NewStaff {
                    login: login.clone(),
                    name: name.unwrap_or_else(|| login.clone()),
                    role,
                    language,
                    password: password.as_str().to_owned(),
                    must_change: true,
                    totp_secret: None,
                };
                let grant = actor.grant().map_err(Refusal::failed)?;
                access::add(clinic, &grant, &new).await.map_err(refusal)?;
                login
            }
            Self::Reset { login } => {
                let grant = actor.grant().map_err(Refusal::failed)?;
                access::reset(clinic, &grant, &login, &password).await.map_err(refusal)?;
                login
            }
        };
        Ok(json!({ "login": login, "password": *password }))
    }
}

fn refusal(error: AccessError) -> Refusal {
    let code = match &error {
        AccessError::LoginTaken => "login_taken",
        AccessError::BadLogin => "bad_login",
        AccessError::NoSuchPerson => "no_such_person",
        AccessError::Vault(VaultError::NotCommitted) => "not_stored",
        _ => "failed",
    };
    Refusal::new(code, error, 1)
}

fn in_words(member: &Value) -> String {
    let left = if member["left"] == true { "  (left)" } else { "" };
    let (login, role) = (text(member, "login"), text(member, "role"));
    format!("{login:<16}{role:<12}{}{left}", text(member, "name"))
}

fn text<'a>(told: &'a Value, field: &str) -> &'a str {
    told[field].as_str().unwrap_or_default()
}

fn role(name: &str) -> Result<Role, String> {
    let names: Vec<&str> = Role::STAFF.iter().map(|role| role.name()).collect();
    Role::staff(name).ok_or_else(|| format!("one of {}", names.join(", ")))
}

fn language(tag: &str) -> Result<Language, String> {
    let found = Language::ALL.into_iter().find(|language| language.tag() == tag);
    found.ok_or_else(|| "one of ru, kk, en".to_owned())
}
