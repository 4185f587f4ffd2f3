//! Tables as text: JSON lines for programs and CSV for people.
//!
//! The rows say which files of the store they own, so that a reader of the
//! archive finds a patient's documents without a database.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use serde_json::Value;

use crate::backup::archive::{ArchiveError, ArchiveWriter};
use crate::backup::store::{self, Column};
use crate::backup::{BackupError, Lock};
use crate::clock::Timestamp;
use crate::crypto::BlobHash;
use crate::pages::inert;
use crate::vault::Snapshot;

/// Tables that are of no use as text, or hold nothing but secrets.
const NOT_EXPORTED: [&str; 2] = ["_sqlx_migrations", "session"];

/// Tables that only programs read.
const NOT_FOR_PEOPLE: [&str; 3] = ["audit_", "job", "backup_"];

/// Who owns a file of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub table: String,
    /// The row's `id`, when it has one.
    pub row: String,
    /// None when the row belongs to no patient.
    pub patient: Option<String>,
}

/// Owners by file, as far as rows name files.
pub type Owners = HashMap<BlobHash, Owner>;

/// Writes every table into the archive.
pub async fn tables<W: Write>(
    snapshot: &mut Snapshot,
    archive: &mut ArchiveWriter<W>,
    files: &HashSet<BlobHash>,
    lock: &mut Lock,
) -> Result<Owners, BackupError> {
    let mut owners = Owners::new();
    for table in store::tables(snapshot.sql()).await? {
        if NOT_EXPORTED.contains(&table.as_str()) {
            continue;
        }
        let columns = store::columns(snapshot.sql(), &table).await?;
        archive.begin(&format!("export/jsonl/{table}.jsonl"), true)?;
        store::rows(snapshot, &table, &columns, |json| {
            note_owner(&table, json, files, &mut owners);
            writeln!(archive, "{json}").map_err(ArchiveError::from)?;
            lock.advance(json.len() as u64);
            Ok::<_, BackupError>(())
        })
        .await?;
        if !NOT_FOR_PEOPLE.iter().any(|prefix| table.starts_with(prefix)) {
            csv(snapshot, archive, &table, &columns).await?;
        }
    }
    Ok(owners)
}

/// UTF-8 with a byte order mark, without which spreadsheets guess wrongly.
async fn csv<W: Write>(
    snapshot: &mut Snapshot,
    archive: &mut ArchiveWriter<W>,
    table: &str,
    columns: &[Column],
) -> Result<(), BackupError> {
    archive.begin(&format!("export/csv/{table}.csv"), true)?;
    archive.write_all("\u{feff}".as_bytes()).map_err(ArchiveError::from)?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(64 * 1024));
    let open: Vec<&Column> = columns.iter().filter(|column| !column.is_secret()).collect();
    writer.write_record(open.iter().map(|column| &column.name)).map_err(of_csv)?;
    store::rows(snapshot, table, columns, |json| {
        let row: Value = serde_json::from_str(json).unwrap_or_default();
        writer.write_record(open.iter().map(|column| cell(column, &row))).map_err(of_csv)?;
        if writer.get_ref().len() > 32 * 1024 {
            pour(&mut writer, archive)?;
        }
        Ok::<_, BackupError>(())
    })
    .await?;
    pour(&mut writer, archive)
}

fn pour<W: Write>(
    writer: &mut csv::Writer<Vec<u8>>,
    archive: &mut ArchiveWriter<W>,
) -> Result<(), BackupError> {
    writer.flush().map_err(ArchiveError::from)?;
    let full = std::mem::replace(
        writer,
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()),
    );
    let bytes = full.into_inner().map_err(|error| ArchiveError::from(error.into_error()))?;
    Ok(archive.write_all(&bytes).map_err(ArchiveError::from)?)
}

/// Instants are written out; what a spreadsheet would take for a formula gets
/// an apostrophe.
fn cell(column: &Column, row: &Value) -> String {
    match row.get(&column.name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Number(number)) => match number.as_i64().filter(|_| is_instant(column)) {
            Some(ms) => Timestamp::try_from(ms).map_or_else(|_| ms.to_string(), Timestamp::rfc3339),
            None => number.to_string(),
        },
        Some(Value::String(text)) => inert(text).into_owned(),
        Some(other) => other.to_string(),
    }
}

fn is_instant(column: &Column) -> bool {
    column.name.ends_with("_at") && column.kind.eq_ignore_ascii_case("INTEGER")
}

/// A string of 64 hex digits that is the name of a file makes the row its
/// owner; the first row keeps it. The ledger names files that others own.
fn note_owner(table: &str, json: &str, files: &HashSet<BlobHash>, owners: &mut Owners) {
    if table.starts_with("audit_") || table.starts_with("backup_") {
        return;
    }
    let quoted = json.split('"').filter(|part| part.len() == 64);
    let named = quoted.filter_map(|part| part.parse::<BlobHash>().ok());
    for hash in named.filter(|hash| files.contains(hash)) {
        if owners.contains_key(&hash) {
            continue;
        }
        let row: Value = serde_json::from_str(json).unwrap_or_default();
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let patient = text("patient_id").or_else(|| (table == "patient").then(|| text("id"))?);
        let row = text("id").unwrap_or_default();
        owners.insert(hash, Owner { table: table.to_owned(), row, patient });
    }
}

fn of_csv(error: csv::Error) -> BackupError {
    ArchiveError::Io(std::io::Error::other(error)).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(name: &str, kind: &str) -> Column {
        Column { name: name.to_owned(), kind: kind.to_owned(), pk: 0 }
    }

    #[test]
    fn cells_show_instants_as_dates_and_disarm_formulas() {
        let row = json!({"made_at": 1_790_000_000_000_i64, "phone": "+77011234567",
                         "note": "=HYPERLINK(1)", "sum": 5, "none": null, "minus": "-=1"});
        let cell = |name, kind| super::cell(&column(name, kind), &row);

        assert_eq!(cell("made_at", "INTEGER"), "2026-09-21T14:13:20.000Z");
        assert_eq!(cell("phone", "TEXT"), "+77011234567");
        assert_eq!(cell("note", "TEXT"), "'=HYPERLINK(1)");
        assert_eq!(cell("minus", "TEXT"), "'-=1");
        assert_eq!(cell("sum", "INTEGER"), "5");
        assert_eq!(cell("none", "TEXT"), "");
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["password_hash", "totp_secret", "token_hash", "api_key"] {
            assert!(column(name, "TEXT").is_secret(), "{name}");
        }
        assert!(!column("patient_id", "TEXT").is_secret());
    }

    #[test]
    fn a_file_belongs_to_the_first_row_that_names_it() {
        let hash = BlobHash::of(b"scan");
        let files = HashSet::from([hash]);
        let mut owners = Owners::new();
        let row = |id: &str| json!({"id": id, "patient_id": "p", "file": hash}).to_string();
        note_owner("audit_event", &row("0"), &files, &mut owners);
        assert!(owners.is_empty());
        note_owner("consent", &row("1"), &files, &mut owners);
        note_owner("consent", &row("2"), &files, &mut owners);

        let owner = &owners[&hash];
        assert_eq!((owner.row.as_str(), owner.patient.as_deref()), ("1", Some("p")));
    }
}
