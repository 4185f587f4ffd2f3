//! What goes with a person: every table that holds or points at their data, and
//! which tables keep an id without a value, and why. A test compares the list
//! with `accountability/columns.txt`, so that a new column cannot be forgotten.

mod store;

pub use store::{RECORDS, UNKEPT, erase_in};

/// Tables that hold personal data and are left as they are: of other people, or
/// without a value that says anything of somebody who has no card any more.
pub const LEFT: &[(&str, &str)] = &[
    ("staff", "employees: their own time is another rule's"),
    ("session", "sign-ins of employees"),
    ("credential", "of employees"),
    ("sign_in_attempt", "of employees"),
    ("recovery_code", "of employees"),
    ("known_device", "of employees"),
    ("pin", "of employees"),
    ("passkey", "of employees"),
    ("staff_mail", "of employees"),
    ("mail_outside", "of those whom the owner chose to write to"),
    ("letter", "to employees; names no patient"),
    ("deputation", "of employees"),
    ("calendar_feed", "of doctors: no visit is kept in it"),
    ("account_hold", "of employees"),
    ("resource", "of doctors"),
    ("shift_pattern", "of doctors"),
    ("shift_exception", "of doctors"),
    ("absence", "of doctors"),
    ("lateness", "of doctors"),
    ("online_doctor", "of doctors"),
    ("consent_staff_phone", "of employees"),
    ("clinic", "the clinic's own"),
    ("webhook_event", "emptied once worked through, and gone after nine days"),
    ("telegram_update", "emptied once worked through, and gone after three days"),
    ("responsible_person", "of employees"),
    ("rules_acknowledgement", "of employees"),
    ("yearly_review", "the clinic's own; names nobody"),
    ("paper_export", "who made a paper"),
    ("tablet_join_failure", "addresses of tablets"),
    ("audit_event", "the ledger: codes and ids only"),
    ("audit_patient", "the ledger: ids only"),
    ("audit_anchor", "the ledger: who carried a checkpoint"),
    ("audit_finding", "behaviour of employees: codes and ids"),
    ("audit_note", "about employees; tells of no patient"),
    ("audit_review", "of employees"),
    ("audit_day", "counts of employees' steps"),
    ("audit_place", "places of employees"),
    ("audit_person", "of employees"),
    ("incident_list", "a breach must be proven later; names nobody"),
    ("incident_person", "a breach must be proven later: ids and numbers, the card is gone"),
    ("incident_event", "what was done about a breach"),
    ("import_run", "who brought a file in"),
    ("disposal", "the act itself: ids, counts, rules"),
    ("disposal_replay", "an act done again after a restore: ids"),
];

/// Tables that no statement names, because the code that fills them empties
/// them: how a card is found by its name.
pub const BY_NAME: &[&str] = &["patient_words", "patient_grams", "name_slip"];

/// Columns that stay in rows whose other columns are emptied: the lines of the
/// register of requests, which must prove later that they were answered.
pub const REGISTERED: &[(&str, &[&str])] = &[
    ("subject_request", &["number", "kind", "way", "requester", "received_at"]),
    // The log of transfers: that something went to whom must be proven later; of nobody.
    ("transfer", &["at", "purpose", "party", "country", "classes"]),
    ("subject_request_step", &["state", "document", "reason", "at", "basis", "basis_kk"]),
];
