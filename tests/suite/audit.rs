//! The access log as the compliance officer reads it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use tirkeu::contact::Name;
use tirkeu::i18n::{Language, Words};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{ALL, RegisterPatient, Role};

use crate::architecture::rust_files;
use crate::support::TestClinic;

#[tokio::test]
async fn the_officer_sees_who_opened_which_card_and_from_where_but_no_names_of_patients() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new("Цойтестова", "Анна", ""), ..NewPatient::default()
    };
    let id = patients::register(clinic.vault(), &grant, &new).await.unwrap();
    let desk = clinic.sign_in(Role::Reception).await;
    desk.get(&format!("/patients/{id}")).await;
    let officer = clinic.sign_in(Role::Compliance).await;

    let log = officer.get("/audit").await;
    assert_eq!(log.status, StatusCode::OK);
    for shown in ["Открыта карта", "Карта № 1", "Reception", "Заведена карта"]
    {
        assert!(log.body.contains(shown), "{shown}");
    }
    assert!(!log.body.contains("Цойтестова"));

    let other = officer.get("/audit?card=1&act=patient.viewed").await;
    assert!(other.body.contains("Карта № 1"));
    let none = officer.get("/audit?from=01.01.2030").await;
    assert!(none.body.contains("Ничего не найдено"));
    let wrong = officer.get("/audit?from=31.02.2026").await;
    assert!(wrong.body.contains("Такой даты нет") && wrong.body.contains("31.02.2026"));
}

#[tokio::test]
async fn verifying_says_that_the_chain_is_whole_and_is_itself_in_the_log() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let answer = officer.post("/audit/verify", "").await;
    assert!(answer.body.contains("Цепочка цела"), "{}", answer.body);
    assert_eq!(clinic.audited().await, ["audit.verified", "audit.reviewed"]);
}

#[tokio::test]
async fn nobody_else_reads_the_log() {
    let clinic = TestClinic::open().await;
    for role in [Role::Reception, Role::Doctor, Role::Marketer, Role::Cashier, Role::Sysadmin] {
        let answer = clinic.sign_in(role).await.get("/audit").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
    }
}

/// Words with a dot that stand in the source and are no event.
const NO_EVENTS: [&str; 25] = [
    "messaging.speech",
    "dialogue.forget",
    "inbox.forget",
    "replies.forget",
    "replies.answer",
    "hub.mode",
    "hub.challenge",
    "hub.verify_token",
    "disposals.done",
    "disposals.files",
    "aigul.b",
    "booking.cancelled",
    "booking.freed",
    "booking.hold_ends",
    "booking.late",
    "booking.made",
    "messaging.webhook",
    "online.forget",
    "booking.moved",
    "booking.series_made",
    "consents.expire",
    "consents.pack",
    "schedule.opened",
    "waitlist.ended",
    "waitlist.look",
];

/// Ends of names of files and hosts.
const NAMES: [&str; 25] = [
    "checkpoints",
    "age",
    "crt",
    "csv",
    "db",
    "der",
    "head",
    "jpg",
    "json",
    "jsonl",
    "key",
    "kz",
    "local",
    "lock",
    "pdf",
    "pem",
    "sh",
    "sock",
    "svg",
    "test",
    "txt",
    "xlsx",
    "xml",
    "zip",
    "html",
];

/// An event without its words would stand in the log as a code.
#[test]
fn every_event_has_its_words_in_every_language() {
    let permissions: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
    let words = Words::load();
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for (file, _) in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        if file.ends_with("tests.rs") {
            continue;
        }
        let source = fs::read_to_string(&file).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for text in line.split('"').skip(1).step_by(2) {
                let Some((noun, verb)) = text.split_once('.') else { continue };
                let plain = |word: &str| {
                    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                };
                let other = permissions.contains(&text)
                    || NO_EVENTS.contains(&text)
                    || NAMES.contains(&verb);
                if !plain(noun) || !plain(verb) || other {
                    continue;
                }
                seen += 1;
                let key = format!("audit-act-{}", text.replace(['.', '_'], "-"));
                for language in Language::ALL {
                    if words.plain(language, &key) == key {
                        missing.insert(format!("{text} ({})", file.display()));
                    }
                }
            }
        }
    }
    assert!(100 < seen, "the events were not found");
    assert!(missing.is_empty(), "give these their words in locales/*/audit.ftl: {missing:#?}");
}

/// So would a job without its name, or a thing of a kind nobody named.
#[test]
fn whoever_acts_without_a_name_and_whatever_was_touched_has_its_words() {
    let words = Words::load();
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for (file, _) in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = fs::read_to_string(&file).unwrap();
        for (call, book) in [("Actor::job(", "audit-actor-job-"), (".on(", "audit-object-")] {
            for rest in source.split(call).skip(1) {
                let Some((code, _)) =
                    rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
                else {
                    continue;
                };
                seen += 1;
                let key = format!("{book}{}", code.replace('_', "-"));
                for language in Language::ALL {
                    if words.plain(language, &key) == key {
                        missing.insert(key.clone());
                    }
                }
            }
        }
    }
    assert!(15 < seen, "no actors and things were found");
    assert!(missing.is_empty(), "give these their words in locales/*/audit.ftl: {missing:#?}");
}
