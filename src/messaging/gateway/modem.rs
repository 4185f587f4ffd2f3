//! The clinic's own GSM modem, driven by `gammu-smsd` through its file back end
//! (gammu-smsd(1), SMSD files backend): a message is a file in `outbox`, which
//! the daemon moves to `sent` or `error`.
//!
//! The file's name carries our reference, so a message is put there once however
//! often it is tried, and can always be asked about. Once it has left, number and
//! text are taken off the disk: an empty file keeps the name of what was done.
//!
//! What leaves by it is never called delivered: this back end writes a report to its
//! log, or as a message of that telephone's, with a number of the network that no file
//! of ours is ever told, so a report could be tied to a message by guess alone.

use std::fs::{Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::replies::{self, Written};
use super::{Delivery, EndpointError, Health, Outcome, Reason, Reference, Sms, Trouble};
use crate::messaging::segments::Segments;

const INBOX: &str = "inbox";
const OUTBOX: &str = "outbox";
const SENT: &str = "sent";
const ERROR: &str = "error";

/// What is done is asked about for two days; its name is kept a little longer.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// A spool folder of `gammu-smsd`.
#[derive(Clone)]
pub struct Modem {
    folder: PathBuf,
}

impl Modem {
    /// # Errors
    /// When this is no absolute path of a folder.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim().trim_end_matches('/');
        let is_clean = !text.contains("..") && !text.chars().any(char::is_control);
        if !text.starts_with('/') || !is_clean || text.len() > 200 {
            return Err(EndpointError::NotAnAddress);
        }
        Ok(Self { folder: PathBuf::from(text) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn below(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) async fn send(&self, sms: Sms<'_>) -> Outcome {
        let parts = Segments::of(sms.text).parts;
        let provider_id = Some(sms.reference.to_string());
        let accepted = Outcome::Accepted { provider_id, parts, cost: None };
        match self.find(sms.reference).await {
            Ok(Some(_)) => return accepted,
            Ok(None) => {}
            Err(trouble) => return retry(trouble),
        }
        match self.put(sms).await {
            Ok(()) => accepted,
            Err(error) => retry(trouble_of(error.kind())),
        }
    }

    /// The daemon takes up names that begin with OUT: the file gets its name
    /// when it is whole and on the disk.
    async fn put(&self, sms: Sms<'_>) -> std::io::Result<()> {
        let outbox = self.below(OUTBOX);
        let unfinished = outbox.join(format!(".{}", name_of(sms.reference)));
        let mut file = fs::File::create(&unfinished).await?;
        let units = std::iter::once(0xfeff).chain(sms.text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        file.write_all(&bytes).await?;
        let_the_daemon_read(&file, &fs::metadata(&outbox).await?).await?;
        file.sync_all().await?;
        drop(file);
        // Priority, date, time and serial number are the daemon's; "d" asks the
        // operator for a report.
        let (phone, name) = (sms.to.as_str(), name_of(sms.reference));
        let finished = outbox.join(format!("OUTA20000101_000000_00_{phone}_{name}.txtd"));
        fs::rename(&unfinished, &finished).await
    }

    pub(super) async fn replies(&self) -> Vec<Written> {
        replies::of_spool(&self.below(INBOX)).await
    }

    pub(super) async fn status(&self, reference: Reference) -> Delivery {
        match self.find(reference).await {
            Ok(Some((OUTBOX, _))) => Delivery::OnTheWay,
            Ok(Some((SENT, file))) => {
                self.forget(SENT, &file, reference).await;
                Delivery::OnTheWay
            }
            Ok(Some((_, file))) => {
                self.forget(ERROR, &file, reference).await;
                Delivery::Failed(Reason::Other)
            }
            Ok(None) => Delivery::NotFound,
            Err(_) => Delivery::Unknown,
        }
    }

    /// Where the message is. The order matters: a file moves forwards only, so
    /// one that moves meanwhile is found twice rather than never.
    async fn find(&self, reference: Reference) -> Result<Option<(&'static str, PathBuf)>, Trouble> {
        let name = name_of(reference);
        for place in [OUTBOX, SENT, ERROR] {
            let listed = fs::read_dir(self.below(place)).await;
            let mut files = listed.map_err(|error| trouble_of(error.kind()))?;
            while let Ok(Some(file)) = files.next_entry().await {
                let found = file.file_name();
                let found = found.to_string_lossy();
                if found
                    .strip_suffix(".txtd")
                    .or(found.strip_suffix(".done"))
                    .is_some_and(|stem| stem == name || stem.rsplit('_').next() == Some(&name))
                {
                    return Ok(Some((place, file.path())));
                }
            }
        }
        Ok(None)
    }

    /// Leaves an empty file that says by its name that this was done.
    async fn forget(&self, place: &str, file: &Path, reference: Reference) {
        let done = self.below(place).join(format!("{}.done", name_of(reference)));
        if file != done && fs::write(&done, b"").await.is_ok() {
            let _ = fs::remove_file(file).await;
        }
    }

    /// Takes away the names of what was done long ago, and what was never finished.
    async fn tidy(&self, place: &str) {
        let Ok(mut files) = fs::read_dir(self.below(place)).await else { return };
        while let Ok(Some(file)) = files.next_entry().await {
            let name = file.file_name();
            let name = name.to_string_lossy();
            let is_ours = name.starts_with(".tirkeu-")
                || (name.starts_with("tirkeu-") && name.ends_with(".done"));
            let Ok(known) = file.metadata().await else { continue };
            let age = known.modified().ok().and_then(|at| at.elapsed().ok());
            if is_ours && age.is_some_and(|age| KEPT < age) {
                let _ = fs::remove_file(file.path()).await;
            }
        }
    }

    /// Whether the folders are there and may be written to.
    pub(super) async fn health(&self) -> Health {
        for place in [SENT, ERROR, OUTBOX] {
            self.tidy(place).await;
            if let Err(error) = fs::read_dir(self.below(place)).await {
                return Health::Ill(trouble_of(error.kind()));
            }
        }
        let probe = self.below(OUTBOX).join(".tirkeu-probe");
        match fs::write(&probe, b"").await {
            Ok(()) => {
                let _ = fs::remove_file(&probe).await;
                Health::Well { balance: None }
            }
            Err(error) => Health::Ill(trouble_of(error.kind())),
        }
    }
}

/// The daemon is another user: its group may read the message. Where a file
/// cannot be given to that group (a service with users of its own), all may,
/// if the folder lets nobody else in.
async fn let_the_daemon_read(file: &fs::File, folder: &Metadata) -> std::io::Result<()> {
    let is_given = fchown(file, None, Some(folder.gid())).is_ok();
    let is_closed = folder.mode() & 0o001 == 0;
    let mode = match (is_given, is_closed) {
        (true, _) => 0o640,
        (false, true) => 0o644,
        (false, false) => 0o600,
    };
    file.set_permissions(Permissions::from_mode(mode)).await
}

fn name_of(reference: Reference) -> String {
    format!("tirkeu-{reference}")
}

fn trouble_of(kind: ErrorKind) -> Trouble {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Trouble::WrongAddress,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Trouble::NoEntry,
        _ => Trouble::Busy,
    }
}

fn retry(trouble: Trouble) -> Outcome {
    Outcome::Retry { after: Duration::from_mins(5), trouble }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Phone;

    fn spool() -> (tempfile::TempDir, Modem) {
        let folder = tempfile::tempdir().unwrap();
        for place in [OUTBOX, SENT, ERROR] {
            std::fs::create_dir(folder.path().join(place)).unwrap();
        }
        let modem = Modem::parse(folder.path().to_str().unwrap()).unwrap();
        (folder, modem)
    }

    fn names(modem: &Modem, place: &str) -> Vec<String> {
        let files = std::fs::read_dir(modem.below(place)).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_message_is_put_into_the_outbox_once_and_leaves_no_trace_of_the_person() {
        let (_folder, modem) = spool();
        let to = Phone::parse("+77010000001").unwrap();
        let reference = Reference::from_random(84);
        let sms = Sms { to: &to, text: "Сәлем", reference, report_url: None };
        assert_eq!(modem.health().await, Health::Well { balance: None });
        assert_eq!(modem.status(reference).await, Delivery::NotFound);
        for _ in 0..2 {
            assert!(matches!(modem.send(sms).await, Outcome::Accepted { parts: 1, .. }));
            assert_eq!(names(&modem, OUTBOX).len(), 1);
        }
        let name = names(&modem, OUTBOX).remove(0);
        let file = std::fs::metadata(modem.below(OUTBOX).join(&name)).unwrap();
        let folder = std::fs::metadata(modem.below(OUTBOX)).unwrap();
        assert_eq!((file.gid(), file.mode() & 0o777), (folder.gid(), 0o640), "the daemon reads it");
        std::fs::rename(modem.below(OUTBOX).join(&name), modem.below(SENT).join(&name)).unwrap();
        for _ in 0..2 {
            assert_eq!(modem.status(reference).await, Delivery::OnTheWay);
            assert_eq!(names(&modem, SENT), ["tirkeu-42.done"]);
        }
        assert!(matches!(modem.send(sms).await, Outcome::Accepted { .. }));
        assert!(names(&modem, OUTBOX).is_empty(), "it was sent already");
        // Its name is kept for a week.
        let done = modem.below(SENT).join("tirkeu-42.done");
        let age = |days: u64| {
            let file = std::fs::File::options().write(true).open(&done).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            file.set_modified(now - Duration::from_hours(days * 24)).unwrap();
        };
        for (days, left) in [(6, 1), (2, 0)] {
            age(days);
            modem.health().await;
            assert_eq!(names(&modem, SENT).len(), left);
        }
        // A reference that is the end of another is another.
        assert_eq!(modem.status(Reference::from_random(4)).await, Delivery::NotFound);
    }

    #[tokio::test]
    async fn what_the_modem_could_not_send_failed_and_a_wrong_folder_is_said_so() {
        let (folder, modem) = spool();
        let to = Phone::parse("+77010000001").unwrap();
        let reference = Reference::from_random(84);
        let sms = Sms { to: &to, text: "hi", reference, report_url: None };
        modem.send(sms).await;
        let name = names(&modem, OUTBOX).remove(0);
        std::fs::rename(modem.below(OUTBOX).join(&name), modem.below(ERROR).join(&name)).unwrap();
        assert_eq!(modem.status(reference).await, Delivery::Failed(Reason::Other));
        std::fs::remove_dir_all(folder.path().join(SENT)).unwrap();
        assert_eq!(modem.health().await, Health::Ill(Trouble::WrongAddress));
        assert_eq!(modem.send(sms).await, retry(Trouble::WrongAddress));
        for odd in ["", "spool", "/a/../b", "https://smsc.kz/", "/a\nb"] {
            assert!(Modem::parse(odd).is_err(), "{odd}");
        }
    }
}
