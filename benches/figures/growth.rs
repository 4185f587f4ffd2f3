//! What grows with the clinic: the same questions at 10,000, 100,000 and
//! 1,000,000 patients, each beside its own figure at the first size. Takes half
//! an hour, so it runs only when it is named: `scripts/bench growth`.

use std::time::Instant;

use tirkeu::clock::Clock;
use tirkeu::patients;
use tirkeu::vault::permission::{FindPatients, Role};
use tirkeu::vault::{Vault, VaultError};
use tirkeu::web::SESSION_COOKIE;

use crate::booking::BusyClinic;
use crate::measure::{Speed, load};
use crate::pages::{self, DAY_PAGE, resident_megabytes};
use crate::people::{self, person, phone};
use crate::support::TestClinic;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const LOOKS: usize = 300;
const BOOKED: usize = 60;

pub async fn all() {
    let busy = BusyClinic::open().await;
    for _ in 0..BOOKED {
        busy.book_next().await;
    }
    println!(
        "{:<10} {:>12} {:>12} {:>12} {:>10} {:>10} {:>8}",
        "patients", "day p50/p99", "name p50/p99", "phone", "open ms", "added/s", "MB"
    );
    let mut there = busy.patients();
    for size in SIZES {
        let begun = Instant::now();
        people::fill(&busy.clinic, there, size).await;
        let added = (size - there) as f64 / begun.elapsed().as_secs_f64();
        there = size;
        let day = day_page(&busy).await;
        let name = looks(&busy.clinic, size, |number| {
            let name = person(number).name;
            format!("{} {}", name.surname, name.given)
        });
        let name = name.await;
        let end = looks(&busy.clinic, size, |number| phone(number)[5..].to_owned()).await;
        println!(
            "{size:<10} {:>12} {:>12} {:>12} {:>10.0} {added:>10.0} {:>8}",
            both(day),
            both(name),
            both(end),
            opening(&busy.clinic).await.unwrap(),
            resident_megabytes(),
        );
    }
}

fn both(speed: Speed) -> String {
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    format!("{:.1}/{:.1}", ms(speed.p50), ms(speed.p99))
}

async fn day_page(busy: &BusyClinic) -> Speed {
    let desk = busy.clinic.sign_in(Role::Reception).await;
    let cookie = format!("{SESSION_COOKIE}={}", desk.session.cookie_value());
    let (address, stop) = pages::serve(busy.clinic.staff.clone()).await;
    let speed = pages::ask_often(&address, 1, DAY_PAGE, &cookie).await;
    drop(stop);
    speed
}

async fn looks(clinic: &TestClinic, size: usize, typed: fn(usize) -> String) -> Speed {
    let grant = clinic.grant::<FindPatients>(Role::Reception).await;
    let vault = clinic.vault().clone();
    let looking = load(1, LOOKS, move |_, piece| {
        let (vault, grant) = (vault.clone(), grant.clone());
        let whom = typed((piece * 7919 + 13) % size);
        async move {
            patients::find(&vault, &grant, &whom).await.unwrap();
        }
    });
    looking.await
}

/// Milliseconds until a second program could serve the same file.
async fn opening(clinic: &TestClinic) -> Result<f64, VaultError> {
    let begun = Instant::now();
    let second =
        Vault::open(&clinic.database(), &TestClinic::database_key(), Clock::machine()).await?;
    let opened = begun.elapsed().as_secs_f64() * 1000.0;
    second.close().await;
    Ok(opened)
}
