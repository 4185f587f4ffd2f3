//! The technical log: start, stop and trouble, never personal data (SECURITY.md
//! 8.3). To standard error (the journal, under systemd) and, when the settings
//! name a folder, as JSON lines into a file a day, thirty days long.

use std::io::IsTerminal;
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
    let filter = || EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The journal keeps the time itself.
    let colours = std::io::stderr().is_terminal();
    let terminal = fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let terminal = terminal.without_time().with_target(false);
    let (file, guard) = match folder {
        Some(folder) => {
            let appender = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_prefix("tirkeu")
                .filename_suffix("log")
                .max_log_files(KEPT_DAYS)
                .build(folder)?;
            let (writer, guard) = tracing_appender::non_blocking(appender);
            (Some(fmt::layer().json().with_writer(writer).with_filter(filter())), Some(guard))
        }
        None => (None, None),
    };
    // A second start in one process (tests) keeps the first.
    let _ =
        tracing_subscriber::registry().with(terminal.with_filter(filter())).with(file).try_init();
    Ok(guard)
}
