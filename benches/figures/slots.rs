//! Free times with any doctor: thirty days of twelve doctors and their chairs,
//! six tenths taken. The bare query reads what is taken there, on connections
//! like ours, and finds nothing.

use std::sync::Arc;

use sqlx::sqlite::SqlitePoolOptions;
use tirkeu::clock::Day;
use tirkeu::vault::connect_options;

use crate::booking::{BusyClinic, FIRST_DAY};
use crate::measure::{CLIENTS, TRIES, line, load};
use crate::support::TestClinic;

const DAYS: usize = 30;
const LOOKS: usize = 100;

const TAKEN: &str = "
    SELECT resource_id, starts, ends FROM reservation
    WHERE live = 1 AND starts >= ?1 AND starts < ?2";

pub async fn all() {
    let busy = Arc::new(BusyClinic::open().await);
    busy.fill(DAYS).await;
    let first: Day = FIRST_DAY.parse().unwrap();
    let last = first.plus_days(i64::try_from(DAYS).unwrap() - 1);
    let options = connect_options(&busy.clinic.database(), &TestClinic::database_key());
    let bare = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
    println!("free times found: {}", busy.free(FIRST_DAY, last).await);
    for clients in CLIENTS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=TRIES {
            let asked = busy.clone();
            let our = load(clients, LOOKS, move |_, _| {
                let busy = asked.clone();
                async move {
                    assert!(0 < busy.free(FIRST_DAY, last).await);
                }
            });
            let our = our.await;
            let pool = bare.clone();
            let their = load(clients, LOOKS, move |_, _| {
                let pool = pool.clone();
                async move {
                    let query = sqlx::query(TAKEN).bind(FIRST_DAY).bind(last.plus_days(1));
                    assert!(!query.fetch_all(&pool).await.unwrap().is_empty());
                }
            });
            let their = their.await;
            if 0 < round {
                ours.push(our);
                theirs.push(their);
            }
        }
        line("free times, any of 12 doctors, 30 days", clients, ours, &theirs, "");
    }
}
