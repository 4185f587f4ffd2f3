//! The program's man pages and shell completions, from the same text as `--help`.

use std::io::{Write, stdout};
use std::path::Path;

use clap::CommandFactory;

use crate::cli::{Cli, CliError};

/// `tirkeu.1`, and one page for each command.
pub fn man(folder: &Path) -> Result<(), CliError> {
    let command = Cli::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder)
        .map_err(|error| CliError::Said(format!("{}: {error}", folder.display())))
}

pub fn completions(shell: clap_complete::Shell) {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tirkeu", &mut text);
    // Whoever closed the pipe does not want the rest.
    let _ = stdout().write_all(&text);
}
