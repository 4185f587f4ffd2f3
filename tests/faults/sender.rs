//! The process that is killed as it sends: the message worker of a clinic, whose
//! clock begins where it is told to.

use std::path::Path;
use std::process::{Command, Stdio};

use tirkeu::clock::Timestamp;
use tirkeu::messaging::{Hooks, run_due};

use crate::support::TestClinic;

pub const ROLE: &str = "--sender";

/// Milliseconds that go by between two looks at the outbox.
const PACE: i64 = 250;

/// This program in one of its roles, for a clinic whose clock stands there.
pub fn command(role: &str, folder: &Path, at: Timestamp) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(role).arg(folder).arg(at.unix_ms().to_string()).stdout(Stdio::null());
    command
}

/// Sends until killed.
pub fn run(folder: &Path, at: &str) -> ! {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let at = Timestamp::from_unix_ms(at.parse().unwrap());
        let clinic = TestClinic::clinic_in(folder, at).await;
        loop {
            if run_due(&clinic, &Hooks::new()).await.unwrap() == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            clinic.clock().advance_ms(PACE);
        }
    })
}
