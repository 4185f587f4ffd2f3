//! Settings of one installation: a single TOML file. Secrets are never in it;
//! they live in the keyring and in the encrypted database.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What `/etc/tirkeu/tirkeu.toml` may say. Each key may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where everything of the clinic lies.
    pub data_dir: PathBuf,
    /// Where staff and tablets connect.
    pub staff_listen: SocketAddr,
    /// Where patients connect; none until the clinic wants online booking.
    pub public_listen: Option<SocketAddr>,
    /// Names and addresses the appliance is reached by, for its certificate.
    pub names: Vec<String>,
    /// How patients reach the public listener, for links in messages:
    /// `https://clinic.kz`.
    pub public_url: Option<String>,
    /// Where the technical log is written; none for standard error alone.
    pub log_dir: Option<PathBuf>,
    /// When the nightly backup runs and where it goes; none for no backup.
    pub backup_dir: Option<PathBuf>,
}

/// Why the settings were refused, in words for whoever edits them.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{path} could not be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: {reason}{hint}")]
    Refused { path: PathBuf, reason: String, hint: String },
}

/// Every key there is, for the hint on a misspelt one.
const KEYS: [&str; 7] =
    ["data_dir", "staff_listen", "public_listen", "names", "public_url", "log_dir", "backup_dir"];

/// The likeness (Jaro-Winkler, 0 to 1) from which a key is offered as meant.
const MEANT: f64 = 0.7;

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("/var/lib/tirkeu"),
            staff_listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443),
            public_listen: None,
            names: Vec::new(),
            public_url: None,
            log_dir: None,
            backup_dir: None,
        }
    }
}

impl Settings {
    /// Reads the file; when there is none, everything is as by default.
    ///
    /// # Errors
    /// Names the file, the line and what was probably meant.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|(reason, hint)| SettingsError::Refused {
                path: path.to_owned(),
                reason,
                hint,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SettingsError::Unreadable { path: path.to_owned(), source }),
        }
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// What is wrong, with its line, and a hint (or nothing).
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let hint = text
                .lines()
                .nth(line - 1)
                .and_then(|line| line.split(['=', ' ']).next())
                .filter(|key| !KEYS.contains(key))
                .and_then(nearest)
                .map(|key| format!(" — did you mean `{key}`?"))
                .unwrap_or_default();
            (format!("line {line}: {}", error.message()), hint)
        })
    }
}

fn nearest(key: &str) -> Option<&'static str> {
    let scored = KEYS.into_iter().map(|known| (strsim::jaro_winkler(key, known), known));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 >= MEANT).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_refused_with_its_line_and_what_was_meant() {
        let text = "data_dir = \"/srv/clinic\"\nstaf_listen = \"0.0.0.0:8443\"\n";
        let (reason, hint) = Settings::parse(text).unwrap_err();
        assert!(reason.starts_with("line 2: unknown field `staf_listen`"), "{reason}");
        assert_eq!(hint, " — did you mean `staff_listen`?");
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
    }
}
