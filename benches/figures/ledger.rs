//! The ledger: what an entry costs beside a look at a card, how fast a million
//! entries are checked, and what a proof costs then.

use std::sync::Arc;
use std::time::Instant;

use sqlx::sqlite::SqlitePoolOptions;
use tirkeu::patients;
use tirkeu::vault::permission::{Role, SetUpClinic, ViewPatient};
use tirkeu::vault::{Cause, Event, Events, Subject, VaultError, connect_options, leaf};

use crate::measure::{CLIENTS, TRIES, line, load, median, rates, seconds};
use crate::people;
use crate::support::TestClinic;

const ROWS: usize = 1_000_000;
const BATCH: usize = 2_000;

pub async fn all() {
    looks().await;
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
    proofs(&clinic).await;
}

/// Cards that are opened for the first time, so that each look is an entry.
const CARDS: usize = 4_000;

/// A look at a card by way of the vault: the entry is on the disk before the
/// rows leave. Bare: the same rows from a pool of four readers.
async fn looks() {
    let clinic = TestClinic::open().await;
    let ids = Arc::new(people::fill(&clinic, 0, CARDS).await);
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let pool = SqlitePoolOptions::new().max_connections(4).min_connections(4);
    let pool = pool.connect_with(options.read_only(true)).await.unwrap();
    for clients in CLIENTS {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..TRIES {
            let grant = clinic.grant::<ViewPatient>(Role::Reception).await;
            let (vault, cards, pieces) = (clinic.vault().clone(), ids.clone(), CARDS / TRIES);
            let looking = load(clients, pieces, move |_, piece| {
                let (vault, grant, id) = (vault.clone(), grant.clone(), cards[piece]);
                async move { drop(patients::open(&vault, &grant, id).await.unwrap()) }
            });
            ours.push(looking.await);
            let (pool, cards) = (pool.clone(), ids.clone());
            let reading = load(clients, pieces, move |_, piece| {
                let (pool, id) = (pool.clone(), cards[piece]);
                async move {
                    let card: String =
                        sqlx::query_scalar(CARD).bind(id).fetch_one(&pool).await.unwrap();
                    std::hint::black_box(card);
                }
            });
            bare.push(reading.await);
        }
        line("a card with its ledger entry (bare: read)", clients, ours, &bare, "-");
    }
}

const CARD: &str = "
    SELECT json_object('name', name, 'birth', birth_date, 'note', note, 'allergy', allergy,
        'phones', (SELECT json_group_array(phone) FROM patient_phone WHERE patient_id = patient.id))
    FROM patient WHERE id = ?1";

/// The first checkpoint reads every leaf; later ones and proofs read two spans.
async fn proofs(clinic: &TestClinic) {
    let keyring = clinic.clinic.keys.get();
    let seal = || clinic.vault().seal(&keyring, Cause::Asked);
    let first = seconds(async { drop(seal().await.unwrap()) }).await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    let (mut later, mut proof) = (Vec::new(), Vec::new());
    for _ in 0..TRIES {
        clinic.vault().record(&grant, Event::new("test.done", Subject::Clinic)).await.unwrap();
        later.push(seconds(async { drop(seal().await.unwrap()) }).await * 1000.0);
        let size = clinic.vault().ledger_head().await.unwrap().size;
        let proving = async {
            let proof = clinic.vault().consistency(size / 3, size).await.unwrap();
            assert!(proof.is_some());
        };
        proof.push(seconds(proving).await * 1000.0);
    }
    println!(
        "ledger of a million: first checkpoint {first:.2} s, later ones {:.1} ms, \
         a consistency proof {:.1} ms",
        median(later),
        median(proof)
    );
}

const UNKNOWN: &str = "01900000-0000-7000-8000-000000000000";

/// Plain text of a million events: a quarter of a gigabyte.
async fn bodies(clinic: &TestClinic) -> String {
    clinic.rows("SELECT body FROM audit_event ORDER BY seq LIMIT 1000000").await.join("\n")
}
