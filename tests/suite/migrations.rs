//! Migrations that carry rows over, run on rows as an older program left them.

use std::fs;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

/// A database as it was before a migration.
struct Older {
    database: SqliteConnection,
    /// What is still to come, in order.
    left: Vec<String>,
}

impl Older {
    async fn before(number: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> =
            fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        files.sort();
        let is_later = |file: &Path| file.file_name().unwrap().to_str().unwrap() >= number;
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let mut older = Self { database: options.connect().await.unwrap(), left: Vec::new() };
        for file in files {
            let sql = fs::read_to_string(&file).unwrap();
            if is_later(&file) {
                older.left.push(sql);
            } else {
                older.run(&sql).await;
            }
        }
        older
    }

    async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.database)
            .await
            .unwrap();
    }

    async fn migrate(&mut self) {
        for sql in std::mem::take(&mut self.left) {
            self.run(&sql).await;
        }
    }

    async fn rows(&mut self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(&mut self.database).await.unwrap()
    }
}

#[tokio::test]
async fn days_that_the_law_says_leave_the_clinics_calendar_and_what_the_clinic_said_stays() {
    let mut older = Older::before("0036").await;
    older
        .run(
            "INSERT INTO holiday VALUES ('2026-12-31', 'off', 'own', 'party');
            UPDATE holiday SET kind = 'work', name = 'own' WHERE day = '2026-05-27'",
        )
        .await;
    older.migrate().await;
    let kept = older.rows("SELECT day || ' ' || kind FROM holiday ORDER BY day").await;
    assert_eq!(kept, ["2026-05-27 work", "2026-12-31 off"]);
    let law = "SELECT day FROM legal_day WHERE day = '2026-05-27'";
    assert_eq!(older.rows(law).await, ["2026-05-27"], "the law goes on saying it is off");
}

#[tokio::test]
async fn a_service_of_before_english_names_keeps_its_words_and_has_none_in_english() {
    let mut older = Older::before("0058").await;
    older
        .run(
            "INSERT INTO service (id, name, name_kk, category, duration_minutes, price_from, online)
                VALUES ('s', 'Осмотр', 'Қарау', '', 30, 0, 1);
            INSERT INTO online_service VALUES ('s', 0, 0, 'Паспорт', 'Куәлік')",
        )
        .await;
    older.migrate().await;
    let said = "SELECT name || '/' || name_kk || '/' || name_en FROM service";
    assert_eq!(older.rows(said).await, ["Осмотр/Қарау/"]);
    let prepare = "SELECT prepare_ru || '/' || prepare_kk || '/' || prepare_en FROM online_service";
    assert_eq!(older.rows(prepare).await, ["Паспорт/Куәлік/"]);
}
