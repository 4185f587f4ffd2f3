//! The process that is killed as it is told things: the public door of a clinic,
//! and the work that is done with what it took.

use std::path::Path;

use tirkeu::clock::Timestamp;

use crate::reminders::say;
use crate::support::TestClinic;

pub const ROLE: &str = "--listener";

/// Listens until killed; says at which port.
pub fn run(folder: &Path, at: &str) -> ! {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let at = Timestamp::from_unix_ms(at.parse().unwrap());
        let clinic = TestClinic::clinic_in(folder, at).await;
        let door = tirkeu::app::public_router(clinic.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        say(&format!("{}\n", listener.local_addr().unwrap().port()));
        tokio::spawn(async move { axum::serve(listener, door).await });
        let jobs = tirkeu::app::jobs();
        loop {
            if jobs.run_due(&clinic.vault, &clinic).await.unwrap() == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
    })
}
