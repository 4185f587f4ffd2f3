//! `tirkeu staff`: who works here, from the machine itself. For the first
//! colleague, and for an owner who lost password and phone.

use serde_json::json;

use crate::access::{self, NewStaff, StaffMember};
use crate::cli::{CliError, Common, Installation};
use crate::crypto::password::one_time;
use crate::i18n::Language;
use crate::vault::Actor;
use crate::vault::permission::Role;

/// Who works here. The server must not be running.
#[derive(clap::Subcommand)]
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
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let installation = Installation::open(&common.settings()?).await?;
        let done = self.on(&installation, common).await;
        installation.close().await;
        done
    }

    async fn on(&self, installation: &Installation, common: &Common) -> Result<(), CliError> {
        let clinic = &installation.clinic;
        let console = Actor::console();
        let password = one_time(&clinic.random);
        let login = match self {
            Self::List => {
                let grant = console.grant().map_err(CliError::said)?;
                let staff = access::staff(clinic, &grant).await.map_err(CliError::said)?;
                let lines: Vec<String> = staff.iter().map(in_words).collect();
                common.tell(&json!({ "staff": staff }), &lines.join("\n"));
                return Ok(());
            }
            Self::Add { login, name, role, language } => {
                let new = NewStaff {
                    login: login.clone(),
                    name: name.clone().unwrap_or_else(|| login.clone()),
                    role: *role,
                    language: *language,
                    password: password.as_str().to_owned(),
                    must_change: true,
                    totp_secret: None,
                };
                let grant = console.grant().map_err(CliError::said)?;
                access::add(clinic, &grant, &new).await.map_err(CliError::said)?;
                login
            }
            Self::Reset { login } => {
                let grant = console.grant().map_err(CliError::said)?;
                access::reset(clinic, &grant, login, &password).await.map_err(CliError::said)?;
                login
            }
        };
        common.tell(
            &json!({ "login": login, "password": *password }),
            &format!("{login} signs in once with the password\n\n  {}", *password),
        );
        Ok(())
    }
}

fn in_words(member: &StaffMember) -> String {
    let left = if member.left { "  (left)" } else { "" };
    format!("{:<16}{:<12}{}{left}", member.login, member.role.name(), member.name)
}

fn role(name: &str) -> Result<Role, String> {
    let names: Vec<&str> = Role::STAFF.iter().map(|role| role.name()).collect();
    Role::staff(name).ok_or_else(|| format!("one of {}", names.join(", ")))
}

fn language(tag: &str) -> Result<Language, String> {
    let found = Language::ALL.into_iter().find(|language| language.tag() == tag);
    found.ok_or_else(|| "one of ru, kk, en".to_owned())
}
