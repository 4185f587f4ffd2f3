//! Somebody with root, the database's key and time.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tirkeu::crypto::Checkpoint;
use tirkeu::vault::{Frontier, connect_options, leaf};

use crate::support::TestClinic;

pub struct Forger {
    sql: SqliteConnection,
    origin: String,
    key: tirkeu::crypto::SigningKey,
}

/// Rows are moved past each other by way of numbers that nobody has.
const AWAY: i64 = 1_000_000;

impl Forger {
    /// Opens the database, and takes its own rules away first.
    pub async fn at(clinic: &TestClinic) -> Self {
        let options = connect_options(&clinic.database(), &TestClinic::database_key());
        let mut sql = options.foreign_keys(false).connect().await.unwrap();
        let triggers: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'audit|_%' ESCAPE '|'")
                .fetch_all(&mut sql)
                .await
                .unwrap();
        let keyring = clinic.clinic.keys.get();
        let mut forger = Self { sql, origin: keyring.audit_origin(), key: keyring.audit_key() };
        assert!(triggers.len() >= 5, "{triggers:?}");
        for trigger in triggers {
            forger.run(&format!("DROP TRIGGER {trigger}")).await;
        }
        forger
    }

    /// What was done is in the file, as a copy of it would hold.
    pub async fn leave(mut self) {
        self.run("PRAGMA wal_checkpoint(PASSIVE)").await;
        self.sql.close().await.unwrap();
    }

    async fn run(&mut self, sql: &str) {
        sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut self.sql).await.unwrap();
    }

    pub async fn edit_body(&mut self, seq: u64, from: &str, to: &str) {
        let has =
            format!("SELECT count(*) FROM audit_event WHERE seq = {seq} AND body LIKE '%{from}%'");
        let count: i64 =
            sqlx::query_scalar(AssertSqlSafe(has)).fetch_one(&mut self.sql).await.unwrap();
        assert_eq!(count, 1, "row {seq} does not say {from}");
        let edit = format!(
            "UPDATE audit_event SET body = replace(body, '{from}', '{to}') WHERE seq = {seq}"
        );
        self.run(&edit).await;
    }

    pub async fn remove(&mut self, seq: u64) {
        self.run(&format!("DELETE FROM audit_event WHERE seq = {seq}")).await;
    }

    pub async fn cut_from(&mut self, seq: u64) {
        self.run(&format!("DELETE FROM audit_event WHERE seq >= {seq}")).await;
    }

    pub async fn move_after(&mut self, seq: u64, by: i64) {
        self.run(&format!("UPDATE audit_event SET seq = seq + {AWAY} WHERE seq > {seq}")).await;
        let back = AWAY - by;
        self.run(&format!("UPDATE audit_event SET seq = seq - {back} WHERE seq > {AWAY}")).await;
    }

    pub async fn swap(&mut self, one: u64, other: u64) {
        for (from, to) in [(one, AWAY.cast_unsigned()), (other, one), (AWAY.cast_unsigned(), other)]
        {
            self.run(&format!("UPDATE audit_event SET seq = {to} WHERE seq = {from}")).await;
        }
    }

    pub async fn swap_bodies(&mut self, one: u64, other: u64) {
        self.run(&format!(
            "UPDATE audit_event SET body = (SELECT body FROM audit_event AS old
                WHERE old.seq = {one} + {other} - audit_event.seq) WHERE seq IN ({one}, {other})"
        ))
        .await;
    }

    /// A row that looks like its neighbour, with its own number and leaf.
    pub async fn insert(&mut self, seq: u64) {
        self.move_after(seq - 1, 1).await;
        let neighbour = seq + 1;
        let body: String = sqlx::query_scalar("SELECT body FROM audit_event WHERE seq = ?1")
            .bind(neighbour.cast_signed())
            .fetch_one(&mut self.sql)
            .await
            .unwrap();
        let forged = body.replace("test.done", "test.forged");
        sqlx::query("INSERT INTO audit_event (seq, body, leaf) VALUES (?1, ?2, ?3)")
            .bind(seq.cast_signed())
            .bind(&forged)
            .bind(leaf(forged.as_bytes()).as_slice())
            .execute(&mut self.sql)
            .await
            .unwrap();
    }

    /// Each body gets the number of its place.
    pub async fn renumber(&mut self) {
        for (seq, body) in self.rows().await {
            let mut body: serde_json::Value = serde_json::from_str(&body).unwrap();
            body["seq"] = seq.into();
            let body = serde_json_canonicalizer::to_string(&body).unwrap();
            sqlx::query("UPDATE audit_event SET body = ?2 WHERE seq = ?1")
                .bind(seq)
                .bind(body)
                .execute(&mut self.sql)
                .await
                .unwrap();
        }
    }

    /// Each leaf is that of its body.
    pub async fn hash_again(&mut self) {
        for (seq, body) in self.rows().await {
            sqlx::query("UPDATE audit_event SET leaf = ?2 WHERE seq = ?1")
                .bind(seq)
                .bind(leaf(body.as_bytes()).as_slice())
                .execute(&mut self.sql)
                .await
                .unwrap();
        }
    }

    /// Head and spans are those of the leaves.
    pub async fn rebuild_the_tree(&mut self) {
        let tree = self.tree(u64::MAX).await;
        self.run("DELETE FROM audit_span").await;
        sqlx::query("UPDATE audit_head SET size = ?1, frontier = ?2")
            .bind(tree.size().cast_signed())
            .bind(tree.to_bytes())
            .execute(&mut self.sql)
            .await
            .unwrap();
    }

    pub async fn forget_checkpoints(&mut self) {
        self.run("DELETE FROM audit_checkpoint").await;
    }

    /// With the clinic's own key: every one fits the new rows.
    pub async fn sign_checkpoints_again(&mut self) {
        let sizes: Vec<i64> = sqlx::query_scalar("SELECT size FROM audit_checkpoint")
            .fetch_all(&mut self.sql)
            .await
            .unwrap();
        for size in sizes {
            let root = self.tree(size.cast_unsigned()).await.root();
            let origin = self.origin.clone();
            let note = Checkpoint { origin, size: size.cast_unsigned(), root }.sign(&self.key);
            sqlx::query("UPDATE audit_checkpoint SET note = ?2 WHERE size = ?1")
                .bind(size)
                .bind(note)
                .execute(&mut self.sql)
                .await
                .unwrap();
        }
    }

    async fn tree(&mut self, size: u64) -> Frontier {
        let leaves: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT leaf FROM audit_event WHERE seq < ?1 ORDER BY seq")
                .bind(i64::try_from(size).unwrap_or(i64::MAX))
                .fetch_all(&mut self.sql)
                .await
                .unwrap();
        let mut tree = Frontier::default();
        for leaf in leaves {
            tree.push(leaf.try_into().unwrap());
        }
        tree
    }

    async fn rows(&mut self) -> Vec<(i64, String)> {
        sqlx::query_as("SELECT seq, body FROM audit_event ORDER BY seq")
            .fetch_all(&mut self.sql)
            .await
            .unwrap()
    }
}
