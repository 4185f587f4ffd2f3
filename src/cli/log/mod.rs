//! The technical log: start, stop and trouble, never personal data (SECURITY.md
//! 8.3). To standard error (the journal, under systemd) and, when the settings
//! name a folder, as JSON lines into a file a day, thirty days long.
//!
//! Whoever logs something leaves personal data out. Messages of libraries are
//! not ours: what looks like it is struck out as the line is written
//! ([`scrub`]), and of a panic only its place is told.

mod scrub;

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Days that a file of the log is kept.
const KEPT_DAYS: usize = 30;

/// Lines are written until the guard is dropped.
///
/// # Errors
/// When no file can be made in the folder.
pub fn start(folder: Option<&Path>) -> Result<Option<WorkerGuard>, InitError> {
    panic::set_hook(Box::new(|panicked| tracing::error!("{}", place(panicked))));
    let filter = || EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The journal keeps the time itself.
    let colours = std::io::stderr().is_terminal();
    let terminal = fmt::layer().with_writer(|| Scrubbed(io::stderr())).with_ansi(colours);
    let terminal = terminal.without_time().with_target(false);
    let (file, guard) = match folder {
        Some(folder) => {
            let appender = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_prefix("tirkeu")
                .filename_suffix("log")
                .max_log_files(KEPT_DAYS)
                .build(folder)?;
            let (writer, guard) = tracing_appender::non_blocking(Scrubbed(appender));
            (Some(fmt::layer().json().with_writer(writer).with_filter(filter())), Some(guard))
        }
        None => (None, None),
    };
    // A second start in one process (tests) keeps the first.
    let _ =
        tracing_subscriber::registry().with(terminal.with_filter(filter())).with(file).try_init();
    Ok(guard)
}

/// Where a panic was. Its message may hold what somebody typed.
pub(super) fn place(panicked: &PanicHookInfo<'_>) -> String {
    let place = panicked.location();
    place.map_or("a panic".to_owned(), |at| format!("a panic at {}:{}", at.file(), at.line()))
}

/// Lines without what looks like personal data. The log's formats write a whole
/// line at once.
struct Scrubbed<W>(W);

impl<W: io::Write> io::Write for Scrubbed<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(scrub::scrubbed(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn of_a_panic_only_its_place_is_told() {
        let told = Arc::new(Mutex::new(String::new()));
        let (heard, here) = (Arc::clone(&told), std::thread::current().id());
        let before = Arc::new(panic::take_hook());
        let others = Arc::clone(&before);
        panic::set_hook(Box::new(move |panicked| {
            if std::thread::current().id() == here {
                *heard.lock().unwrap() = place(panicked);
            } else {
                others(panicked);
            }
        }));
        let typed = "Маркербаева";
        let outcome = panic::catch_unwind(|| assert_eq!(&typed[..1], "М"));
        panic::set_hook(Box::new(move |panicked| before(panicked)));

        assert!(outcome.is_err());
        let told = told.lock().unwrap().clone();
        assert!(told.starts_with("a panic at src/cli/log/mod.rs:"), "{told}");
        assert!(told.is_ascii());
    }

    #[test]
    fn a_line_is_scrubbed_on_its_way_out() {
        let mut out = Vec::new();
        let line = "cause: unknown variant `Маркербаева`\n".as_bytes();
        let written = io::Write::write(&mut Scrubbed(&mut out), line).unwrap();
        assert_eq!(
            (written, out.as_slice()),
            (line.len(), "cause: unknown variant `…`\n".as_bytes())
        );
    }
}
