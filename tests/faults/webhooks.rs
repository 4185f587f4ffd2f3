//! Webhooks whose listener is killed at any moment: what was answered with 200 is
//! worked through, also when it was killed before it began or before it was done,
//! and once, however often Meta tells it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::json;
use sqlx::ConnectOptions;
use tirkeu::clinic::Places;
use tirkeu::clock::Timestamp;
use tirkeu::crypto::hash::{HmacKey, hex};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::whatsapp::{self, AppChange};
use tirkeu::vault::permission::SetUpGateways;
use tirkeu::vault::{Actor, Grant, connect_options};

use crate::disk::Chance;
use crate::support::{NOW, TestClinic};
use crate::{Outcome, listener, sender};

const EVENTS: usize = 300;

/// A listener is killed after so many answers, or fewer.
const ANSWERS: usize = 40;

/// Microseconds that it lives on at most, with one more event on its way.
const AFTER: usize = 6000;

/// Between two lives: what the dead one had begun is begun anew.
const BETWEEN_MS: i64 = 3 * 60_000;

const NUMBER: &str = "106540352242922";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub fn killed() -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).await;
        let mut now = Timestamp::from_unix_ms(NOW);
        let mut meta = Meta { answered: BTreeSet::new(), chance: Chance::new(6) };
        let (mut kills, mut left) = (0, 0);
        while meta.answered.len() < EVENTS {
            meta.tell_one_life(folder.path(), now).await;
            kills += 1;
            left += count(folder.path(), "state = 'waiting'").await;
            now = now.plus_ms(BETWEEN_MS);
        }
        let clinic = TestClinic::clinic_in(folder.path(), now).await;
        let jobs = tirkeu::app::jobs();
        while 0 < jobs.run_due(&clinic.vault, &clinic).await.unwrap() {}
        clinic.vault.close().await;
        compare(folder.path()).await?;
        let begun_again = count(folder.path(), "1 < attempts").await;
        if left == 0 || begun_again == 0 {
            return Err(format!("{left} left, {begun_again} begun again: the test is blind"));
        }
        Ok(format!("{kills} kills, {left} times one was left, {begun_again} begun again"))
    })
}

/// Who tells: what was not answered with 200 is told again.
struct Meta {
    answered: BTreeSet<usize>,
    chance: Chance,
}

impl Meta {
    async fn tell_one_life(&mut self, folder: &Path, now: Timestamp) {
        let mut command = sender::command(listener::ROLE, folder, now);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let port = port(&mut child);
        let enough = 1 + self.chance.below(ANSWERS);
        for _ in 0..enough {
            let event = self.next();
            assert!(tell(port, event).await, "a living door answers");
            self.answered.insert(event);
        }
        let event = self.next();
        let last = tokio::spawn(tell(port, event));
        let wait = u64::try_from(self.chance.below(AFTER)).unwrap();
        tokio::time::sleep(Duration::from_micros(wait)).await;
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        if last.await.unwrap() {
            self.answered.insert(event);
        }
    }

    /// The first that was not answered; now and then one once more that was.
    fn next(&mut self) -> usize {
        let open = (0..EVENTS).find(|event| !self.answered.contains(event));
        let again = self.chance.below(EVENTS);
        match open {
            Some(open) if !again.is_multiple_of(6) || !self.answered.contains(&again) => open,
            _ => again,
        }
    }
}

fn port(child: &mut Child) -> u16 {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    line.trim().parse().unwrap()
}

/// Whether it was answered with 200.
async fn tell(port: u16, event: usize) -> bool {
    let body = body(event);
    let tag = HmacKey::new(SECRET.as_bytes()).sign(&[body.as_bytes()]);
    let ring = rustls::crypto::ring::default_provider();
    drop(rustls::crypto::CryptoProvider::install_default(ring));
    let request = reqwest::Client::new()
        .post(format!("http://127.0.0.1:{port}/hooks/whatsapp"))
        .header("content-type", "application/json")
        .header("x-hub-signature-256", format!("sha256={}", hex(&tag)))
        .body(body);
    request.send().await.is_ok_and(|answer| answer.status() == 200)
}

/// What somebody wrote, the same each time it is told.
fn body(event: usize) -> String {
    let from = format!("7701{:07}", event % 50);
    let message = json!({"id": format!("wamid.{event}"), "from": from, "type": "text",
        "timestamp": (NOW / 1000).to_string(), "text": {"body": format!("Сұрақ {event}")}});
    let value = json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "77000000000", "phone_number_id": NUMBER},
        "messages": [message], "contacts": [{"wa_id": from}]});
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1020", "changes": [{"field": "messages", "value": value}]}]})
    .to_string()
}

async fn rows(folder: &Path, sql: String) -> Vec<String> {
    let options = connect_options(&Places::database(folder), &TestClinic::database_key());
    let mut database = options.connect().await.unwrap();
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
    query.fetch_all(&mut database).await.unwrap()
}

async fn count(folder: &Path, what: &str) -> usize {
    let count = format!("SELECT '' || count(*) FROM webhook_event WHERE {what}");
    rows(folder, count).await[0].parse().unwrap()
}

async fn compare(folder: &Path) -> Result<(), String> {
    let kept = count(folder, "TRUE").await;
    let done = count(folder, "state = 'done' AND body = ''").await;
    if (kept, done) != (EVENTS, EVENTS) {
        return Err(format!("{kept} kept and {done} done of {EVENTS}"));
    }
    let heard = "SELECT text FROM reply ORDER BY text";
    let heard = rows(folder, heard.to_owned()).await;
    let mut told: Vec<String> = (0..EVENTS).map(|event| format!("Сұрақ {event}")).collect();
    told.sort();
    if heard != told {
        return Err(format!("{} told, {} heard", told.len(), heard.len()));
    }
    let unread = "SELECT '' || coalesce(sum(unread), 0) FROM conversation";
    let unread = rows(folder, unread.to_owned()).await.remove(0);
    if unread == EVENTS.to_string() { Ok(()) } else { Err(format!("{unread} unread")) }
}

async fn prepare(folder: &Path) {
    let clinic = TestClinic::clinic_in(folder, Timestamp::from_unix_ms(NOW)).await;
    let console: Grant<SetUpGateways> = Actor::console().grant().unwrap();
    let change = GatewayChange {
        kind: GatewayKind::Whatsapp,
        endpoint: "http://127.0.0.1:1/".to_owned(),
        username: NUMBER.to_owned(),
        password: "EAAJB0123456789".to_owned(),
        sender: String::new(),
        report_url: String::new(),
    };
    let terms = Terms::usual(GatewayKind::Whatsapp);
    setup::save_gateway(&clinic.vault, &console, None, &change, terms).await.unwrap();
    let app = AppChange {
        business_account_id: "1020".to_owned(),
        app_secret: SECRET.to_owned(),
        wait_minutes: "30".to_owned(),
        to_all: false,
        ..AppChange::default()
    };
    whatsapp::save_app(&clinic, &console, &app).await.unwrap();
    clinic.vault.close().await;
}
