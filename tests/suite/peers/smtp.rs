//! aiosmtpd, an SMTP server that is not ours, behind three doors
//! (`tests/peers/smtp.py`).

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use tirkeu::post::{MailChange, Patience};

pub const LOGIN: &str = "clinic";
pub const PASSWORD: &str = "mail-secret";

/// How long the suite waits for a server that says nothing.
pub const SHORT: Patience =
    Patience { command: Duration::from_secs(10), text: Duration::from_millis(400) };

/// A letter that has not come by then is not coming.
const LATEST: Duration = Duration::from_mins(1);

/// A running server.
pub struct SmtpPeer {
    ports: [u16; 3],
    _child: Child,
    /// Closing it stops the server.
    _stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    pub folder: tempfile::TempDir,
}

/// A letter as the server read it, with Python's own library.
#[derive(Debug, Deserialize)]
pub struct Taken {
    pub door: String,
    pub tls: bool,
    pub login: bool,
    pub from: String,
    pub to: Vec<String>,
    headers: Vec<(String, String)>,
    pub defects: Vec<String>,
    pub text: String,
    /// For programs that show pages; empty where there is none.
    pub page: String,
    pub files: std::collections::BTreeMap<String, String>,
    /// As it came.
    #[serde(skip)]
    pub raw: String,
}

impl Taken {
    /// The header, decoded; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

impl SmtpPeer {
    /// None when it cannot run here.
    pub async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smtp.sh");
        let mut child = Command::new(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(first) = lines.next_line().await.unwrap() else {
            let status = child.wait().await.unwrap();
            assert_eq!(status.code(), Some(77), "the SMTP server did not start");
            return None;
        };
        let ports: Vec<u16> = first.split(' ').filter_map(|word| word.parse().ok()).collect();
        let ports = ports.try_into().unwrap_or_else(|_| panic!("{first}"));
        Some(Self { ports, _child: child, _stdin: stdin, lines, folder })
    }

    pub fn authority(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("ca.pem")).unwrap()
    }

    /// The settings of a door: `implicit`, `starttls` or `none`.
    pub fn settings(&self, tls: &str) -> MailChange {
        let port = match tls {
            "implicit" => self.ports[0],
            "starttls" => self.ports[1],
            _ => self.ports[2],
        };
        let is_plain = tls == "none";
        MailChange {
            host: "localhost".to_owned(),
            port: port.to_string(),
            tls: tls.to_owned(),
            username: if is_plain { String::new() } else { LOGIN.to_owned() },
            password: if is_plain { String::new() } else { PASSWORD.to_owned() },
            sender: "crm@arai.kz".to_owned(),
            ca: if is_plain { String::new() } else { self.authority() },
        }
    }

    /// The Python that it runs in, when that has a package.
    pub fn python_with(&self, package: &str) -> Option<std::path::PathBuf> {
        let python = std::fs::read_to_string(self.folder.path().join("python")).unwrap();
        let python = std::path::PathBuf::from(python.trim());
        let import = format!("import {package}");
        let status = std::process::Command::new(&python).args(["-c", &import]).output().unwrap();
        status.status.success().then_some(python)
    }

    /// The next letter that it took.
    pub async fn next(&mut self) -> Taken {
        let line = tokio::time::timeout(LATEST, self.lines.next_line()).await;
        let line = line.expect("a letter in time").unwrap().expect("a letter");
        let number = line.strip_prefix("letter ").unwrap();
        let read = |ending: &str| {
            std::fs::read_to_string(self.folder.path().join(format!("{number}.{ending}"))).unwrap()
        };
        let taken: Taken = serde_json::from_str(&read("json")).unwrap();
        Taken { raw: read("eml"), ..taken }
    }

    /// How many letters it ever took.
    pub fn count(&self) -> usize {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files
            .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|it| it == "eml"))
            .count()
    }
}
