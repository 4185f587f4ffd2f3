//! The ledger: what an entry costs beside a booking, and how fast a million
//! entries are checked.

use std::time::Instant;

use tirkeu::vault::permission::{Role, SetUpClinic};
use tirkeu::vault::{Event, Events, Subject, VaultError, leaf};

use crate::measure::{TRIES, rates};
use crate::support::TestClinic;

const ROWS: usize = 1_000_000;
const BATCH: usize = 2_000;

pub async fn all() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    let begun = Instant::now();
    for _ in 0..ROWS / BATCH {
        let filled = clinic.vault().change(&grant, async |_| {
            let event =
                || Event::new("appointment.moved", Subject::Clinic).on("appointment", UNKNOWN);
            let mut events = Events::from(event());
            for _ in 1..BATCH {
                events = events.and(event());
            }
            Ok::<_, VaultError>(((), events))
        });
        filled.await.unwrap();
    }
    let rate = ROWS as f64 / begun.elapsed().as_secs_f64();
    rates("ledger: events appended (in large changes)", vec![rate], vec![rate], "-");

    let bodies = bodies(&clinic).await;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TRIES {
        let begun = Instant::now();
        let found = clinic.vault().verify(None).await.unwrap();
        ours.push(found.head.size as f64 / begun.elapsed().as_secs_f64());
        assert_eq!(found.fault, None);
        let begun = Instant::now();
        for body in bodies.split('\n') {
            std::hint::black_box(leaf(body.as_bytes()));
        }
        bare.push(ROWS as f64 / begun.elapsed().as_secs_f64());
    }
    rates("ledger: rows verified (bare: SHA-256)", ours, bare, ">= 650,000/s");
}

const UNKNOWN: &str = "01900000-0000-7000-8000-000000000000";

/// Plain text of a million events: a quarter of a gigabyte.
async fn bodies(clinic: &TestClinic) -> String {
    clinic.rows("SELECT body FROM audit_event ORDER BY seq LIMIT 1000000").await.join("\n")
}
