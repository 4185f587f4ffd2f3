//! `tirkeu init`: makes a clinic in an empty folder.

use std::path::PathBuf;

use serde_json::json;

use crate::access::{self, NewStaff};
use crate::cli::installation::{self, Installation, ca_file};
use crate::cli::{CliError, Common};
use crate::clock::Clock;
use crate::crypto::password::one_time;
use crate::crypto::{RecoveryKit, files};
use crate::i18n::Language;
use crate::vault::Actor;
use crate::vault::permission::Role;

/// Makes the keys, the encrypted database, the clinic's own certificate
/// authority and the first owner, and prints the owner's first sign-in.
#[derive(clap::Args)]
pub struct Init {
    /// Succeed and change nothing when there is a clinic already.
    #[arg(long)]
    if_absent: bool,
    /// The owner's login.
    #[arg(long, value_name = "LOGIN", default_value = "owner")]
    owner: String,
    /// Also make a recovery key and write it into this new file. Print it, put
    /// the paper into a safe and delete the file. Without this option the
    /// owner makes it on the first day, in the browser.
    #[arg(long, value_name = "FILE")]
    recovery_kit: Option<PathBuf>,
}

impl Init {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let settings = common.settings()?;
        let data_dir = &settings.data_dir;
        if self.if_absent && installation::exists(data_dir) {
            common
                .tell(&json!({ "made": false }), "There is a clinic already; nothing was changed.");
            return Ok(());
        }
        let kit = self.recovery_kit.as_ref().map(|_| RecoveryKit::generate());
        let installation = Installation::create(&settings, kit.as_ref(), Clock::machine()).await?;
        if let (Some(file), Some(kit)) = (&self.recovery_kit, &kit) {
            let text = format!("{}\n", *kit.identity().to_text());
            files::write(file, text.as_bytes())
                .map_err(|error| CliError::Said(format!("{}: {error}", file.display())))?;
        }
        let clinic = &installation.clinic;
        let password = one_time(&clinic.random);
        let owner = NewStaff {
            login: self.owner.clone(),
            name: self.owner.clone(),
            role: Role::Owner,
            language: Language::Ru,
            password: password.as_str().to_owned(),
            must_change: true,
            totp_secret: None,
        };
        let grant = Actor::console().grant().map_err(CliError::said)?;
        access::add(clinic, &grant, &owner).await.map_err(CliError::said)?;
        let (login, address) = (&self.owner, &clinic.places.staff_url);
        common.tell(
            &json!({
                "made": true, "login": login, "password": *password,
                "url": address, "ca_file": ca_file(data_dir), "recovery_kit": self.recovery_kit,
            }),
            &format!(
                "The clinic is made. Its owner signs in once with this, then chooses a password and\n\
                 sets up the code of the second factor:\n\
                 \n  address   {address}\n  login     {login}\n  password  {}\n\n\
                 Browsers trust it once they know {}.\n\
                 The owner's first day begins with the recovery kit: without it a dead machine \
                 takes the records with it.",
                *password,
                ca_file(data_dir).display(),
            ),
        );
        installation.close().await;
        Ok(())
    }
}
