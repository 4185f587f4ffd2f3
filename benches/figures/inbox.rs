//! The inbox of a clinic that has been writing for years: its lists beside the
//! bare rows of as many conversations.

use std::time::Instant;

use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use tirkeu::inbox::{self, Filter};
use tirkeu::vault::connect_options;
use tirkeu::vault::permission::{ReadInbox, Role};

use crate::measure::{Speed, TRIES, line};
use crate::support::TestClinic;

const CLOSED: u32 = 50_000;
const OPEN: u32 = 200;
const LOOKS: usize = 40;

const BARE: &str = "
    SELECT id FROM conversation WHERE state = 'open' ORDER BY last_at DESC LIMIT 60";

/// Three things were said in each conversation, and three by the bot.
fn fill() -> [String; 3] {
    let whole = CLOSED + OPEN;
    let conversations = format!(
        "INSERT INTO conversation (id, channel, address, state, waiting_since, last_in_at, last_at,
            opened_at, closed_at)
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {whole})
        SELECT printf('00000000-0000-7000-8000-%012x', n), iif(n % 3, 'whatsapp', 'sms'),
            printf('+7701%07d', n), iif(n <= {OPEN}, 'open', 'closed'),
            iif(n <= {OPEN} AND n % 2, n, NULL), n, n, n, iif(n <= {OPEN}, NULL, n)
        FROM number"
    );
    let said = "
        INSERT INTO reply (id, gateway_id, digest, phone, text, came_at, since, meaning, state,
            outcome, conversation_id)
        SELECT printf('%s-%d', c.id, said.value), 1, randomblob(32), address, 'сәлеметсіз бе',
            last_at - said.value, 0, 'unclear', 'done', 'nothing', c.id
        FROM conversation AS c, json_each('[0, 1, 2]') AS said";
    let bot = "
        INSERT INTO bot_line (conversation_id, heard, text, choices, said_at, fate)
        SELECT c.id, printf('%s-%d', c.id, said.value), 'сәлеметсіз бе', '[]',
            last_at - said.value, 'said'
        FROM conversation AS c, json_each('[0, 1, 2]') AS said";
    [conversations, said.to_owned(), bot.to_owned()]
}

pub async fn all() {
    let clinic = TestClinic::open().await;
    for sql in fill() {
        clinic.write(&sql).await.unwrap();
    }
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool: SqlitePool = pool.connect_with(options.read_only(true)).await.unwrap();
    let grant = clinic.grant::<ReadInbox>(Role::Reception).await;
    let of = &clinic.clinic;
    let kinds = [
        ("inbox, open ones", Some(Filter::All), "p99 <= 15 ms"),
        ("inbox, those that wait", Some(Filter::Waiting), "p99 <= 15 ms"),
        ("inbox, closed ones", Some(Filter::Closed), "p99 <= 15 ms"),
        ("inbox, search by digits", None, "p99 <= 60 ms"),
    ];
    for (what, filter, to_reach) in kinds {
        let (mut ours, mut bare): (Vec<Speed>, Vec<Speed>) = Default::default();
        for round in 0..=TRIES {
            let our = look(async || match filter {
                Some(filter) => inbox::list(of, &grant, filter).await.map(drop).unwrap(),
                None => inbox::search(of, &grant, "0004").await.map(drop).unwrap(),
            });
            let our = our.await;
            let their =
                look(async || drop(sqlx::query(BARE).fetch_all(&pool).await.unwrap())).await;
            if round > 0 {
                ours.push(our);
                bare.push(their);
            }
        }
        line(what, 1, ours, &bare, to_reach);
    }
}

async fn look(mut one: impl AsyncFnMut()) -> Speed {
    let mut times = Vec::new();
    for _ in 0..LOOKS {
        let begun = Instant::now();
        one().await;
        times.push(begun.elapsed());
    }
    let whole: f64 = times.iter().map(std::time::Duration::as_secs_f64).sum();
    times.sort_unstable();
    let per_second = LOOKS as f64 / whole;
    Speed { per_second, p50: times[LOOKS / 2], p99: times[LOOKS - 1] }
}
