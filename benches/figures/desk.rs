//! The compliance desk: pages of the log with filters at 10,000,000 entries,
//! and what its indexes cost a booking. Takes a quarter of an hour and eight
//! gigabytes, so it runs only when it is named: `scripts/bench desk`.

use std::time::{Duration, Instant};

use tirkeu::audit::{self, Filter, Origin};
use tirkeu::vault::permission::{ReviewLog, Role};

use crate::booking::BusyClinic;
use crate::measure::median;
use crate::support::TestClinic;

const ENTRIES: u64 = 10_000_000;
const BATCH: u64 = 500_000;
const LOOKS: usize = 20;
const BOOKED: usize = 150;

pub async fn all() {
    write_cost().await;
    let clinic = TestClinic::open().await;
    let begun = Instant::now();
    fill(&clinic).await;
    println!("{ENTRIES} entries made in {:.0} s", begun.elapsed().as_secs_f64());
    pages(&clinic).await;
}

/// Bookings one by one with the desk's indexes and with those of before, in turns.
async fn write_cost() {
    let busy = BusyClinic::open().await;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        with.push(book(&busy).await);
        for sql in [
            "DROP INDEX audit_event_by_place",
            "DROP INDEX audit_event_by_why",
            "DROP INDEX audit_event_by_session",
            "DROP INDEX audit_event_by_act",
            "CREATE INDEX audit_event_by_act ON audit_event (act, seq)",
        ] {
            busy.clinic.write(sql).await.unwrap();
        }
        without.push(book(&busy).await);
        for sql in [
            "DROP INDEX audit_event_by_act",
            "CREATE INDEX audit_event_by_act ON audit_event (act, actor, seq)",
            "CREATE INDEX audit_event_by_place ON audit_event (place, act, seq, actor)
                WHERE place <> '|'",
            "CREATE INDEX audit_event_by_why ON audit_event (why, seq, act, actor)
                WHERE why IS NOT NULL",
            "CREATE INDEX audit_event_by_session ON audit_event (sess, seq)
                WHERE act = 'session.started'",
        ] {
            busy.clinic.write(sql).await.unwrap();
        }
    }
    let ratio = with.iter().zip(&without).map(|(with, without)| with / without).collect();
    println!(
        "a booking with the desk's indexes: {:.2} ms, without: {:.2} ms, ratio {:.3} (<= 1.10)",
        median(with),
        median(without),
        median(ratio)
    );
}

/// Milliseconds of one booking.
async fn book(busy: &BusyClinic) -> f64 {
    let begun = Instant::now();
    for _ in 0..BOOKED {
        busy.book_next().await;
    }
    begun.elapsed().as_secs_f64() * 1000.0 / BOOKED as f64
}

/// Past the vault: forty people, twenty-five addresses, a few rare actions.
async fn fill(clinic: &TestClinic) {
    let first: u64 = clinic.ledger().await.len() as u64;
    let mut from = first;
    while from < ENTRIES {
        let to = (from + BATCH).min(ENTRIES);
        let sql = format!(
            "INSERT INTO audit_event (seq, body, leaf)
             WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})
             SELECT i, json_object('v', 1, 'seq', i,
                 'ts', strftime('%Y-%m-%dT%H:%M:%S.000Z', 1500000000 + i * 29, 'unixepoch'),
                 'act', CASE WHEN i % 50021 = 0 THEN 'consent.downloaded'
                     WHEN i % 997 = 0 THEN 'permission.denied' WHEN i % 3 = 0 THEN 'patients.found'
                     WHEN i % 5 = 0 THEN 'appointment.booked' ELSE 'patient.viewed' END,
                 'actor', printf('01900000-0000-7000-8000-%012d', i % 40), 'role', 'reception',
                 'ip', '10.0.4.' || (i % 25), 'dev', 'Chrome, Windows',
                 'sess', printf('%08x', i / 300), 'perm', 'x', 'salt', hex(randomblob(16))),
                 randomblob(32) FROM n"
        );
        clinic.write(&sql).await.unwrap();
        from = to;
    }
    let head = format!(
        "UPDATE audit_head SET size = {ENTRIES}, frontier = zeroblob({})",
        32 * ENTRIES.count_ones()
    );
    clinic.write(&head).await.unwrap();
}

async fn pages(clinic: &TestClinic) {
    let grant = clinic.grant::<ReviewLog>(Role::Compliance).await;
    let text = |text: &str| Some(text.to_owned());
    let acts = |acts: &[&str]| Some(acts.iter().map(|act| (*act).to_owned()).collect());
    let who = "01900000-0000-7000-8000-000000000007";
    let at = |address: &str| Some(Origin { address: text(address), device: None });
    let asked = [
        ("nothing", Filter::default()),
        ("person", Filter { actor: text(who), ..Filter::default() }),
        ("rare action", Filter { acts: acts(&["consent.downloaded"]), ..Filter::default() }),
        (
            "denials of a person",
            Filter { actor: text(who), acts: acts(&["permission.denied"]), ..Filter::default() },
        ),
        (
            "exports of a person",
            Filter { actor: text(who), acts: acts(&["consent.downloaded"]), ..Filter::default() },
        ),
        ("address", Filter { origin: at("10.0.4.3"), ..Filter::default() }),
        (
            "address and a rare action",
            Filter {
                origin: at("10.0.4.3"),
                acts: acts(&["consent.downloaded"]),
                ..Filter::default()
            },
        ),
        (
            "a month five years ago, person, action",
            Filter {
                from: text("2021-03-01T00:00:00.000Z"),
                until: text("2021-04-01T00:00:00.000Z"),
                actor: text(who),
                acts: acts(&["appointment.booked", "patient.viewed"]),
                ..Filter::default()
            },
        ),
    ];
    for (name, filter) in asked {
        let mut times: Vec<Duration> = Vec::new();
        let mut found = 0;
        for _ in 0..LOOKS {
            let begun = Instant::now();
            found = audit::entries(&clinic.clinic, &grant, &filter).await.unwrap().len();
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        println!(
            "log page: {name:<40} {found:>3} rows  p50 {:>8.1} ms  p95 {:>8.1} ms",
            times[LOOKS / 2].as_secs_f64() * 1000.0,
            times[LOOKS * 95 / 100].as_secs_f64() * 1000.0
        );
    }
}
