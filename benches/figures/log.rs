//! The access log at 100,000, a million and ten million entries: a page, and a
//! page by each filter, must not grow with the log. Takes ten minutes and 6 GB of
//! a disk, so it runs only when it is named: `scripts/bench log`.

use std::time::Instant;

use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use tirkeu::vault::connect_options;
use tirkeu::vault::permission::Role;

use crate::measure::median;
use crate::people;
use crate::support::{Browser, TestClinic};

const SIZES: [i64; 3] = [100_000, 1_000_000, 10_000_000];
const TRIES: usize = 9;
/// Entries that one statement adds.
const BATCH: i64 = 100_000;

/// Written past the vault: pages read bodies and indices, not hashes. Every
/// fifth is a look at one of fifty cards, one in a thousand a denial.
const FILL: &str = "
    INSERT INTO audit_event (seq, body, leaf)
    WITH RECURSIVE n(seq) AS (SELECT {from} UNION ALL SELECT seq + 1 FROM n WHERE seq + 1 < {to})
    SELECT seq, json_object(
        'act', CASE WHEN seq % 1000 = 0 THEN 'permission.denied'
                    WHEN seq % 5 = 0 THEN 'patient.viewed' ELSE 'schedule.viewed' END,
        'actor', (SELECT json_group_array(id) FROM staff) ->> (seq % (SELECT count(*) FROM staff)),
        'ip', '10.0.4.21', 'pat', CASE WHEN seq % 5 = 0
            THEN (SELECT id FROM patient WHERE number = 1 + seq / 5 % 50) END,
        'perm', 'patients.view', 'role', 'doctor', 'salt', '000102030405060708090a0b0c0d0e0f',
        'seq', seq, 'sess', '01234567',
        'ts', strftime('%Y-%m-%dT%H:%M:%S.000Z', 1764000000 + seq * 3, 'unixepoch'), 'v', 1),
        zeroblob(32)
    FROM n";

const INDEX: &str = "
    INSERT INTO audit_patient (patient_id, seq)
    SELECT pat, seq FROM audit_event WHERE seq >= {from} AND seq < {to} AND pat IS NOT NULL";

pub async fn all() {
    let clinic = TestClinic::open().await;
    people::fill(&clinic, 0, 50).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let actor = clinic.rows("SELECT id FROM staff ORDER BY id LIMIT 1").await.remove(0);
    let questions = [
        ("page", "/audit".to_owned()),
        ("person", format!("/audit?actor={actor}")),
        ("action", "/audit?act=permission.denied".to_owned()),
        ("card", "/audit?card=7".to_owned()),
        ("day", "/audit?from=28.11.2025&until=28.11.2025".to_owned()),
        (
            "person, action, day",
            format!("/audit?actor={actor}&act=patient.viewed&from=28.11.2025&until=28.11.2025"),
        ),
        ("ledger", "/audit/ledger".to_owned()),
    ];
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let mut sql = options.connect().await.unwrap();
    let mut there: i64 = sqlx::query_scalar("SELECT max(seq) + 1 FROM audit_event")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    print!("{:<24}", "entries (ms a page)");
    let heads: Vec<String> = questions.iter().map(|(name, _)| format!("{name:>20}")).collect();
    println!("{}", heads.concat());
    for size in SIZES {
        there = fill(&mut sql, there, size).await;
        let mut row = format!("{there:<24}");
        for (_, path) in &questions {
            let cell = format!("{:>20.1}", page(&officer, path).await);
            row += &cell;
        }
        println!("{row}");
    }
}

async fn fill(sql: &mut SqliteConnection, mut from: i64, size: i64) -> i64 {
    while from < size {
        let to = (from + BATCH).min(size);
        let spanned = |text: &str| {
            AssertSqlSafe(
                text.replace("{from}", &from.to_string()).replace("{to}", &to.to_string()),
            )
        };
        sqlx::query(spanned(FILL)).execute(&mut *sql).await.unwrap();
        sqlx::query(spanned(INDEX)).execute(&mut *sql).await.unwrap();
        from = to;
    }
    // The vault appends where the head says.
    sqlx::query("UPDATE audit_head SET size = ?1, frontier = zeroblob(32 * ?2)")
        .bind(from)
        .bind(i64::from(from.count_ones()))
        .execute(&mut *sql)
        .await
        .unwrap();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *sql).await.unwrap();
    from
}

async fn page(officer: &Browser<'_>, path: &str) -> f64 {
    let mut times = Vec::new();
    for _ in 0..TRIES {
        let begun = Instant::now();
        let answer = officer.get(path).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    median(times)
}
