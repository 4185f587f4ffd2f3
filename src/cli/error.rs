//! Why a command failed: in words for whoever typed it, as an exit status, and
//! as `{"error":{"code","message"}}` for programs.

use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::installation::InstallationError;
use crate::settings::SettingsError;
use crate::vault::VaultError;

/// Exit status: another process has the data folder.
const IN_USE: u8 = 3;

#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Installation(#[from] InstallationError),
    #[error("{0}")]
    Said(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Programs have been told already, with the command's own object.
    #[error("{said}")]
    Told { said: String, status: u8 },
}

/// A failure by name, with the exit status that the command's help promises.
/// Also how a running server tells one to the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{said}")]
pub struct Refusal {
    /// Stable, for programs.
    pub code: String,
    pub said: String,
    pub status: u8,
}

impl Refusal {
    pub fn new(code: impl Into<String>, said: impl std::fmt::Display, status: u8) -> Self {
        Self { code: code.into(), said: said.to_string(), status }
    }

    /// Any other failure, in its own words.
    pub fn failed(said: impl std::fmt::Display) -> Self {
        Self::new("failed", said, 1)
    }
}

impl CliError {
    /// Any other failure, in its own words.
    pub fn said(error: impl std::fmt::Display) -> Self {
        Self::Said(error.to_string())
    }

    pub fn status(&self) -> u8 {
        match self {
            Self::Installation(InstallationError::InUse(_)) => IN_USE,
            Self::Refused(refusal) => refusal.status,
            Self::Told { status, .. } => *status,
            _ => 1,
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Settings(_) => "settings",
            Self::Installation(error) => match error {
                InstallationError::InUse(_) => "in_use",
                InstallationError::Absent(_) => "absent",
                InstallationError::Exists(_) => "exists",
                InstallationError::MachineKey(_) => "machine_key",
                InstallationError::Keyring(_) => "keyring",
                InstallationError::Vault(VaultError::WrongKey) => "wrong_key",
                _ => "installation",
            },
            Self::Refused(refusal) => &refusal.code,
            Self::Said(_) | Self::Told { .. } => "failed",
        }
    }

    /// Tells people, and programs too when they listen and were not told yet.
    pub fn tell(&self, json: bool) {
        eprintln!("tirkeu: {self}");
        if json && !matches!(self, Self::Told { .. }) {
            print_object(&error_object(self.code(), &self.to_string()));
        }
    }
}

/// `{"error":{"code","message"}}`
pub fn error_object(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

/// One line on standard output. Whoever closed it does not want to know.
pub fn print_object(object: &impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{object}").and_then(|()| out.flush());
}
