//! The scripted theft: an account views 37 of 5,000 cards over HTTP while the
//! desk works, and the breach desk names exactly those.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tirkeu::ids::PatientId;
use tirkeu::incidents;
use tirkeu::vault::permission::{HandleIncidents, Role, ViewIncidents};

use crate::people;
use crate::support::TestClinic;

const CARDS: usize = 5000;
const STOLEN: usize = 37;
/// Cards that others open before, between and after.
const OTHERS: usize = 400;
/// What it must not take longer than.
const MOST: Duration = Duration::from_mins(1);

pub async fn all() {
    let clinic = TestClinic::open().await;
    let ids = people::fill(&clinic, 0, CARDS).await;
    let thief = clinic.sign_in(Role::Reception).await;
    let actor = thief.actor().staff().unwrap();
    let desk = clinic.sign_in(Role::Reception).await;
    for number in 0..OTHERS {
        let id = ids[number * 11 % CARDS];
        assert_eq!(desk.get(&format!("/patients/{id}")).await.status, 200);
        if number % 10 == 0 && number / 10 < STOLEN {
            let id = ids[number * 13 + 7];
            assert_eq!(thief.get(&format!("/patients/{id}")).await.status, 200);
        }
        clinic.clinic.clock().advance_ms(1000);
    }
    let stolen: BTreeSet<PatientId> = (0..STOLEN).map(|n| ids[n * 10 * 13 + 7]).collect();

    let officer = clinic.sign_in(Role::Compliance).await;
    let form =
        format!("actor={actor}&from=23.11.2026+00:00&until=24.11.2026+00:00&nature=access&do=open");
    let begun = Instant::now();
    let answer = officer.post("/personal-data/incidents", &form).await;
    let path = answer.header("location").to_owned();
    assert_eq!(officer.get(&path).await.status, 200);
    let took = begun.elapsed();
    let view = clinic.grant::<ViewIncidents>(Role::Owner).await;
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let listed = incidents::people(clinic.vault(), &view, id, i64::MAX).await.unwrap();
    let found: BTreeSet<PatientId> = listed.iter().map(|one| one.patient_id).collect();
    assert_eq!(found, stolen, "exactly those");
    assert!(took < MOST, "{took:?}");
    let said = format!("breach: {STOLEN} of {CARDS} cards found, frozen and shown");
    println!("{said}: {:.1} ms (at most 60,000)", took.as_secs_f64() * 1000.0);

    // The widest question: everybody, the whole day.
    let handle = clinic.grant::<HandleIncidents>(Role::Compliance).await;
    let scope = incidents::Scope {
        actor: None,
        session: None,
        ip: None,
        device: None,
        from: tirkeu::clock::Timestamp::from_unix_ms(crate::support::NOW),
        until: clinic.clinic.clock().now(),
    };
    let begun = Instant::now();
    let look = incidents::look(&clinic.clinic, &handle, &scope).await.unwrap();
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    println!("breach: all accounts of the day, {} people: {took:.1} ms", look.people.len());
}
