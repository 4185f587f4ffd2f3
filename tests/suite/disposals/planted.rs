//! A marked value in every column that may hold something of a person, put
//! there past the program: what it would be filled with does not matter here,
//! only that it is gone afterwards.

use std::collections::BTreeMap;

use tirkeu::accountability::classes::columns;
use tirkeu::disposals::erasing::{RECORDS, REGISTERED, UNKEPT};
use tirkeu::ids::PatientId;

use crate::support::TestClinic;

/// Somebody and the text that marks all of theirs.
pub struct Marked {
    pub id: PatientId,
    pub mark: &'static str,
    /// For the ids of their rows: one digit.
    pub digit: u8,
}

/// Tables that the statements of destruction name, in their order.
pub fn named() -> Vec<&'static str> {
    let statements = UNKEPT.split(';').chain(RECORDS.split(';'));
    let tables = statements.filter_map(|statement| {
        let mut words = statement.split_whitespace();
        match words.next()? {
            "DELETE" => words.nth(1),
            "UPDATE" => words.next(),
            _ => None,
        }
    });
    let mut found: Vec<&str> = Vec::new();
    for table in tables {
        if !found.contains(&table) {
            found.push(table);
        }
    }
    found
}

impl Marked {
    fn row(&self, table: &str) -> String {
        let sum = table.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
        format!("0190000{}-0000-7000-8000-0000{sum:08x}", self.digit)
    }

    /// What a column that leads somewhere holds, if it leads somewhere.
    fn key(&self, table: &str, column: &str) -> Option<String> {
        let of = |table: &str| Some(self.row(table));
        match (table, column) {
            ("patient", "merged_into")
            | ("import_made", "id")
            | ("patient_merge", "kept_id")
            | (_, "patient_id" | "a") => Some(self.id.to_string()),
            ("patient_merge", "absorbed_id") => of("patient"),
            ("online_code", "request_id") => of("online_request"),
            (_, "request_id") => of("subject_request"),
            (_, "appointment_id") => of("appointment"),
            (_, "consent_id") => of("consent"),
            (_, "message_id") => of("message"),
            (_, "reply_id") => of("reply"),
            ("bot_line", "conversation_id") => of("conversation"),
            (_, "wish_id") => of("waitlist_wish"),
            (_, "access_id") => of("emergency_access"),
            (_, "run_id") => of("import_run"),
            (_, "series_id") => of("series"),
            (_, "id" | "b") => of(table),
            _ => None,
        }
    }

    /// A row in every table, with the mark in every personal column; three
    /// files of the store with it.
    pub async fn plant(&self, clinic: &TestClinic) {
        let sheet = self.file(clinic, "sheet");
        let run = self.row("import_run");
        let run = format!(
            "INSERT INTO import_run (id, state, files, total, done, created_at, kept) VALUES
             ('{run}', 'stopped', '[{{\"name\":\"x\",\"kind\":null,\"blob\":\"{sheet}\",\
             \"layouts\":[]}}]', 1, 1, 0, 0)"
        );
        clinic.write(&run).await.unwrap();
        for table in named() {
            // Somebody who was discharged was treated: their card must be kept.
            if !["import_run", "job", "retention_discharge"].contains(&table) {
                self.plant_in(clinic, table).await;
            }
        }
    }

    fn file(&self, clinic: &TestClinic, about: &str) -> String {
        let text = format!("%PDF {} {about}", self.mark);
        clinic.clinic.files.put(text.as_bytes()).unwrap().0.to_string()
    }

    async fn plant_in(&self, clinic: &TestClinic, table: &str) {
        let kinds = format!("SELECT name || ' ' || type FROM pragma_table_info('{table}')");
        let kinds = clinic.rows(&kinds).await;
        let mut row = BTreeMap::new();
        for (at, kind) in kinds.iter().enumerate() {
            let (column, kind) = kind.split_once(' ').unwrap();
            row.insert(column.to_owned(), self.value(clinic, (table, column), kind, at));
        }
        let columns: Vec<&str> = row.keys().map(String::as_str).collect();
        let values: Vec<&str> = row.values().map(String::as_str).collect();
        let sql = format!(
            "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;
             INSERT INTO {table} ({}) VALUES ({})",
            columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "),
            values.join(", ")
        );
        clinic.write(&sql).await.unwrap_or_else(|error| panic!("{table}: {error}\n{sql}"));
    }

    fn value(&self, clinic: &TestClinic, at: (&str, &str), kind: &str, number: usize) -> String {
        let (table, column) = at;
        if column == "phone"
            && ["telegram_chat", "dialogue", "whatsapp_speech", "whatsapp_person"].contains(&table)
        {
            // A conversation is known by the telephone of the card.
            return format!("'{} patient_phone phone{}'", self.mark, self.digit);
        }
        let leads = self.key(table, column).filter(|_| kind == "TEXT");
        if let Some(key) = leads {
            return format!("'{key}'");
        }
        if ["document_pdf", "signed_pdf"].contains(&column) || at == ("consent_pack", "file") {
            return format!("'{}'", self.file(clinic, column));
        }
        let registered =
            REGISTERED.iter().any(|(of, names)| *of == table && names.contains(&column));
        let personal = columns()
            .iter()
            .any(|one| (one.table, one.name) == at && one.class.is_some() && !registered);
        let text =
            if personal { format!("{} {table} {column}", self.mark) } else { "x".to_owned() };
        let number = 4_200_000 + usize::from(self.digit) * 1000 + number;
        match kind {
            "INTEGER" => number.to_string(),
            "REAL" => "0.5".to_owned(),
            "BLOB" => format!("CAST('{text}{}' AS BLOB)", self.digit),
            _ => format!("'{text}{}'", self.digit),
        }
    }
}
