//! The search box: by the beginnings of names, with a slip of the finger, by
//! the last digits of a number; at 10,000 and 100,000 patients. The bare query
//! is the first one ours makes, on connections like ours, without rights,
//! weighing, or the entry in the ledger of who was shown.

use std::sync::Arc;

use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use tirkeu::contact::name::fold;
use tirkeu::patients;
use tirkeu::vault::connect_options;
use tirkeu::vault::permission::{FindPatients, Role};

use crate::measure::{CLIENTS, Speed, TRIES, line, load};
use crate::people::{self, person};
use crate::support::TestClinic;

const SIZES: [usize; 2] = [10_000, 100_000];
const LOOKS: usize = 300;

const WORDS: &str = "
    SELECT patient.id, name, phone FROM patient_words
    JOIN patient ON patient.number = patient_words.rowid
    LEFT JOIN patient_phone ON patient_id = patient.id AND position = 0
    WHERE patient_words MATCH ?1 LIMIT 12";

const END: &str = "
    SELECT patient.id, name, found.phone FROM patient_phone AS found
    JOIN patient ON patient.id = found.patient_id
    WHERE found.reversed >= ?1 AND found.reversed < ?1 || '~' LIMIT 12";

#[derive(Clone, Copy)]
struct Kind {
    what: &'static str,
    /// What is typed in search of a person.
    typed: fn(usize) -> String,
    sql: &'static str,
    /// What the bare query is asked.
    asked: fn(&str) -> String,
    to_reach: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        what: "first and last name, beginnings",
        typed: |number| {
            let name = person(number).name;
            format!("{} {}", beginning(&name.surname, 6), beginning(&name.given, 3))
        },
        sql: WORDS,
        asked: pattern,
        to_reach: "p99 <= 8 ms",
    },
    Kind {
        what: "one word, four letters",
        typed: |number| beginning(&person(number).name.surname, 4),
        sql: WORDS,
        asked: pattern,
        to_reach: "p99 <= 8 ms",
    },
    Kind {
        what: "first and last name, a letter wrong",
        typed: |number| {
            let name = person(number).name;
            let slip: String = [beginning(&name.surname, 3), "ы".to_owned()].concat();
            let rest: String = name.surname.chars().skip(4).collect();
            format!("{slip}{rest} {}", name.given)
        },
        sql: WORDS,
        asked: pattern,
        to_reach: "p99 <= 8 ms",
    },
    Kind {
        what: "last four digits",
        typed: |number| people::phone(number)[8..].to_owned(),
        sql: END,
        asked: |typed| typed.chars().rev().collect(),
        to_reach: "p99 <= 1 ms in the store",
    },
];

fn beginning(word: &str, letters: usize) -> String {
    word.chars().take(letters).collect()
}

fn pattern(typed: &str) -> String {
    let words: Vec<_> = fold(typed).split(' ').map(|word| format!("\"{word}\"*")).collect();
    words.join(" AND ")
}

pub async fn all() {
    let clinic = Arc::new(TestClinic::open().await);
    let mut there = 0;
    for size in SIZES {
        people::fill(&clinic, there, size).await;
        there = size;
        for kind in KINDS {
            for clients in CLIENTS {
                compare(&clinic, size, kind, clients).await;
            }
        }
    }
}

async fn compare(clinic: &TestClinic, size: usize, kind: Kind, clients: usize) {
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let pool = SqlitePoolOptions::new().max_connections(4).min_connections(4);
    let pool: SqlitePool = pool.connect_with(options.read_only(true)).await.unwrap();
    let (mut ours, mut bare): (Vec<Speed>, Vec<Speed>) = Default::default();
    for round in 0..=TRIES {
        // A new session: what it sees is entered in the ledger, as in life.
        let grant = clinic.grant::<FindPatients>(Role::Reception).await;
        let vault = clinic.vault().clone();
        let whom = move |piece: usize| (kind.typed)((piece * 7919 + 13) % size);
        let our = load(clients, LOOKS, move |_, piece| {
            let (vault, grant) = (vault.clone(), grant.clone());
            async move {
                let found = patients::find(&vault, &grant, &whom(piece)).await.unwrap();
                assert!(!found.is_empty(), "{}", whom(piece));
            }
        });
        let our = our.await;
        let pool = pool.clone();
        let their = load(clients, LOOKS, move |_, piece| {
            let pool = pool.clone();
            async move {
                let asked = (kind.asked)(&whom(piece));
                let query = sqlx::query_as::<_, (String, String, String)>(kind.sql).bind(asked);
                query.fetch_all(&pool).await.unwrap();
            }
        });
        let their = their.await;
        if round > 0 {
            ours.push(our);
            bare.push(their);
        }
    }
    pool.close().await;
    let what = format!("search {size}: {}", kind.what);
    line(&what, clients, ours, &bare, kind.to_reach);
}
