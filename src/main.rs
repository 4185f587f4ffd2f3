//! The `tirkeu` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    tirkeu::cli::main()
}
