//! The `tirkeu` command: what scripts and the administrator of the machine use.
//!
//! Every command takes `--data-dir` and `--json`. With `--json` standard
//! output holds one JSON object and nothing else; words for people go to
//! standard error; the exit status is 0 only on success. A failure's object is
//! `{"error":{"code","message"}}`, unless the command has a better one.

mod audit;
mod backup;
mod consent;
mod demo;
mod describe;
mod desk;
mod doctor;
mod error;
mod import;
mod init;
mod installation;
mod log;
mod serve;
mod staff;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::settings::{Settings, SettingsError};

use error::print_object;

pub use error::CliError;
pub use installation::{Installation, InstallationError};

/// The registry of a private clinic: schedule, cards, consents, backups, on
/// the clinic's own machine.
#[derive(Parser)]
#[command(name = "tirkeu", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args)]
pub struct Common {
    /// The clinic's data folder; without it the one of the settings
    /// (`/var/lib/tirkeu`).
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The settings file.
    #[arg(long, global = true, value_name = "FILE", default_value = "/etc/tirkeu/tirkeu.toml")]
    config: PathBuf,
    /// Print one JSON object on standard output, for programs.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Make a clinic: keys, encrypted database, certificate authority, owner.
    Init(init::Init),
    /// Serve the clinic over HTTPS until stopped.
    Serve,
    Import(import::Import),
    /// Make a clinic with invented patients and serve it, to look around.
    Demo(demo::Demo),
    /// The ledger of who looked at what and changed what.
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Staff(staff::Staff),
    /// Evidence packs of consents.
    #[command(subcommand)]
    Consent(consent::Consent),
    /// Say what is wrong with this installation and what to do.
    Doctor,
    /// Backups: one encrypted archive of everything.
    #[command(subcommand)]
    Backup(backup::Backup),
    /// Bring a clinic back from a backup into a new folder.
    Restore(backup::Restore),
    /// Write the man pages into a folder.
    #[command(hide = true)]
    Man {
        folder: PathBuf,
    },
    /// Print the completions of a shell.
    #[command(hide = true)]
    Completions {
        shell: clap_complete::Shell,
    },
}

impl Common {
    /// The settings with `--data-dir` put over them.
    pub fn settings(&self) -> Result<Settings, SettingsError> {
        let mut settings = Settings::read(&self.config)?;
        if let Some(data_dir) = &self.data_dir {
            settings.data_dir.clone_from(data_dir);
        }
        Ok(settings)
    }

    /// Says the outcome: the object to programs, the words to people.
    pub fn tell(&self, object: &serde_json::Value, words: &str) {
        if self.json { print_object(object) } else { print_object(&words) }
    }

    /// Says a failure to programs; people hear it on standard error.
    pub fn tell_programs(&self, object: &serde_json::Value) {
        if self.json {
            print_object(object);
        }
    }
}

/// Runs the command that the program was called with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misspoken(&error),
    };
    std::panic::set_hook(Box::new(|panicked| eprintln!("tirkeu: {}", log::place(panicked))));
    // Whatever we make is ours alone, also when nobody thought of saying so.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("tirkeu: {error}");
            return ExitCode::FAILURE;
        }
    };
    let json = cli.common.json;
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.tell(json);
            ExitCode::from(error.status())
        }
    }
}

/// What was typed makes no sense, or asks for help.
fn misspoken(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let said = error.to_string();
        let message = said.lines().next().unwrap_or_default();
        print_object(&error::error_object("usage", message.trim_start_matches("error: ")));
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1))
}

async fn run(cli: Cli) -> Result<(), CliError> {
    let common = &cli.common;
    match cli.command {
        Command::Init(init) => init.run(common).await,
        Command::Serve => serve::run(common).await,
        Command::Import(import) => import.run(common).await,
        Command::Demo(demo) => demo.run(common).await,
        Command::Audit(audit) => audit.run(common).await,
        Command::Staff(staff) => staff.run(common).await,
        Command::Consent(consent) => consent.run(common),
        Command::Doctor => doctor::run(common).await,
        Command::Backup(backup) => backup.run(common).await,
        Command::Restore(restore) => restore.run(common).await,
        Command::Man { folder } => describe::man(&folder),
        Command::Completions { shell } => {
            describe::completions(shell);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_and_option_says_what_it_is_for() {
        super::Cli::command().debug_assert();
        let mut silent = Vec::new();
        let mut commands = vec![super::Cli::command()];
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands().cloned());
            if command.get_about().is_none() {
                silent.push(command.get_name().to_owned());
            }
            let options = command.get_arguments().filter(|option| !option.is_hide_set());
            let options = options.filter(|option| option.get_help().is_none());
            if !command.is_hide_set() {
                silent.extend(options.map(|option| option.get_id().to_string()));
            }
        }
        assert_eq!(silent, Vec::<String>::new());
    }
}
