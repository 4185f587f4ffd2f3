//! The ledger outlives what it tells about: ids, codes and numbers, never a
//! name, a telephone number or a sentence.

use std::collections::BTreeSet;

use serde_json::Value;
use tirkeu::vault::permission::{Role, SetUpClinic};
use tirkeu::vault::{Event, Subject};

use crate::log_hygiene::{MARKS, ask_everything, plant};
use crate::support::TestClinic;

/// What a body may have, and nothing else.
const FIELDS: [&str; 16] = [
    "act", "actor", "detail", "dev", "ip", "obj", "oid", "pat", "pats", "perm", "role", "salt",
    "seq", "sess", "ts", "v",
];

#[tokio::test]
async fn whatever_is_typed_anywhere_the_ledger_holds_codes_ids_and_numbers_only() {
    let clinic = TestClinic::open().await;
    let id = plant(&clinic).await;
    ask_everything(&clinic, id).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    for mark in ["Маркербаева", "+77059876541", "850101300005"] {
        let mark = mark.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
        officer.get(&format!("/audit?act={mark}&actor={mark}&card={mark}&from={mark}")).await;
        officer.get(&format!("/audit/export.csv?act={mark}&actor={mark}")).await;
    }

    let ledger = clinic.ledger().await;
    assert!(50 < ledger.len(), "nothing happened");
    let mut kinds = BTreeSet::new();
    for event in &ledger {
        let text = event.to_string();
        for mark in MARKS {
            assert!(!text.contains(mark), "{mark} is in the ledger: {text}");
        }
        for (name, value) in event.as_object().unwrap() {
            assert!(FIELDS.contains(&name.as_str()) || name == "why", "{name} in {text}");
            // The browser in a few words, and the account that typed a command.
            if name != "dev" {
                check(value, &text);
            }
        }
        kinds.insert(event["act"].as_str().unwrap().to_owned());
    }
    assert!(10 < kinds.len(), "only {kinds:?} happened");
}

/// Codes have no blanks, no capitals, no letters but Latin ones.
fn check(value: &Value, event: &str) {
    match value {
        Value::String(text) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._:-+".contains(c);
            assert!(text.chars().all(plain), "{text} in {event}");
            let long_number = text.len() > 6 && text.chars().all(|c| c.is_ascii_digit());
            // A session has 8 digits of hex, a hash 16 or more.
            let hex = text.len() == 8 || text.len() >= 16;
            assert!(!long_number || hex, "{text} in {event}");
        }
        Value::Array(items) => items.iter().for_each(|item| check(item, event)),
        Value::Object(fields) => fields.values().for_each(|field| check(field, event)),
        _ => {}
    }
}

#[tokio::test]
async fn a_detail_that_names_somebody_is_withheld_whoever_wrote_it() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    let detail = serde_json::json!({ "name": "Айгуль", "phone": "87012345678", "kind": "recall" });
    let event = Event::new("test.done", Subject::Clinic).on("thing", "Айгуль").with_detail(detail);
    clinic.vault().record(&grant, event).await.unwrap();
    let last = clinic.ledger().await.pop().unwrap();
    let left = serde_json::json!({ "name": "withheld", "phone": "withheld", "kind": "recall" });
    assert_eq!((&last["detail"], &last["oid"]), (&left, &"withheld".into()));
}
