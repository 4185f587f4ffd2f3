//! Passkeys: a key opens for its owner, from our own page, once; a copied one
//! opens nothing.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::StatusCode;
use tirkeu::access;
use tirkeu::clinic::Places;
use tirkeu::clock::Timestamp;
use tirkeu::crypto::passkeys::{ASKED_FOR_MS, Answer, Ceremonies, Home, KnownKey, PasskeyError};
use tirkeu::vault::{Actor, PROOF_LASTS_MS};

use crate::authenticator::Authenticator;
use crate::desk::{Desk, hire};
use crate::support::{self, TestClinic};

const ORIGIN: &str = "https://desk.example:8443";

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A key that its owner, who is signed in at this desk, has just added.
async fn add(desk: &mut Desk<'_>, name: &str) -> Authenticator {
    let mut key = Authenticator::new(ORIGIN);
    let asked = desk.post("/account/passkeys/ask", "").await.body;
    let form = format!("name={}&answer={}", encoded(name), encoded(&key.make(&asked)));
    let kept = desk.post("/account/passkeys", &form).await;
    assert_eq!(kept.status, StatusCode::OK);
    assert!(kept.body.contains(name));
    key
}

/// A desk of somebody who has a key.
async fn with_key<'a>(clinic: &'a TestClinic, login: &str) -> (Desk<'a>, Authenticator) {
    hire(clinic, login).await;
    let mut desk = Desk::new(clinic);
    assert_eq!(desk.sign_in_with_code(login).await.status, StatusCode::SEE_OTHER);
    let key = add(&mut desk, "YubiKey").await;
    (desk, key)
}

async fn offer(desk: &mut Desk<'_>, door: &str, answer: &str) -> support::Answer {
    desk.post(door, &format!("next=%2Fpatients&answer={}", encoded(answer))).await
}

async fn question(desk: &mut Desk<'_>, door: &str) -> String {
    desk.post(&format!("{door}/ask"), "").await.body
}

#[tokio::test]
async fn a_key_signs_in_and_proves_in_place_of_password_and_code_until_it_is_removed() {
    let clinic = TestClinic::open().await;
    let (mut desk, mut key) = with_key(&clinic, "aigul").await;
    let asked = question(&mut desk, "/sign-in/passkey").await;
    for part in ["\"rpId\":\"desk.example\"", "\"userVerification\":\"required\""] {
        assert!(asked.contains(part), "{part} in {asked}");
    }

    let mut other = Desk::new(&clinic);
    let asked = question(&mut other, "/sign-in/passkey").await;
    let entered = offer(&mut other, "/sign-in/passkey", &key.answer(&asked)).await;
    assert_eq!(entered.header("location"), "/patients", "{}", entered.body);
    assert_eq!(other.who().await, "aigul");

    for _ in 0..4 {
        clinic.clinic.clock().advance_ms(PROOF_LASTS_MS / 3);
        other.get("/account").await;
    }
    let refused = other.post("/account/passkeys/ask", "").await;
    assert_ne!(refused.status, StatusCode::OK, "the proof has run out");
    let asked = question(&mut other, "/prove/passkey").await;
    let proven = offer(&mut other, "/prove/passkey", &key.answer(&asked)).await;
    assert_eq!(proven.header("location"), "/patients");

    let page = other.get("/account").await.body.replace("&#x2f;", "/");
    let (_, rest) = page.split_once("action=\"/account/passkeys/").expect("a key to remove");
    let id = rest.split_once('/').unwrap().0;
    let gone = other.post(&format!("/account/passkeys/{id}/remove"), "").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{id}");
    let asked = question(&mut other, "/sign-in/passkey").await;
    let again = offer(&mut other, "/sign-in/passkey", &key.answer(&asked)).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

    let acts = clinic.audited().await;
    for act in ["passkey.registered", "sign_in.passkey_used", "session.proven", "passkey.removed"] {
        assert!(acts.contains(&act.to_owned()), "{act}");
    }
    let ledger = serde_json::to_string(&clinic.ledger().await).unwrap();
    assert!(!ledger.contains("YubiKey") && !ledger.contains("withheld"));
}

#[tokio::test]
async fn an_answer_is_good_once_in_its_time_and_where_it_was_asked_for() {
    let clinic = TestClinic::open().await;
    let (mut desk, mut key) = with_key(&clinic, "aigul").await;
    let mut door = Desk::new(&clinic);
    let asked = question(&mut door, "/sign-in/passkey").await;
    let answer = key.answer(&asked);
    assert_eq!(offer(&mut door, "/sign-in/passkey", &answer).await.status, StatusCode::SEE_OTHER);
    let mut thief = Desk::new(&clinic);
    let replayed = offer(&mut thief, "/sign-in/passkey", &answer).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(replayed.body.contains("уже был использован"), "{}", replayed.body);

    let asked = question(&mut desk, "/prove/passkey").await;
    let elsewhere = offer(&mut thief, "/sign-in/passkey", &key.answer(&asked)).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY, "a proof opens no door");
    let asked = question(&mut thief, "/sign-in/passkey").await;
    let elsewhere = offer(&mut desk, "/prove/passkey", &key.answer(&asked)).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);

    let asked = question(&mut thief, "/sign-in/passkey").await;
    clinic.clinic.clock().advance_ms(ASKED_FOR_MS);
    let late = offer(&mut thief, "/sign-in/passkey", &key.answer(&asked)).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.body);
    let nonsense = offer(&mut thief, "/sign-in/passkey", "{\"a\":1}").await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_key_is_believed_from_our_own_page_with_its_owner_verified() {
    let clinic = TestClinic::open().await;
    let (_, mut key) = with_key(&clinic, "aigul").await;
    let mut door = Desk::new(&clinic);
    let spoilt: [fn(&mut Authenticator); 4] = [
        |key| "https://desk.example.evil".clone_into(&mut key.origin),
        |key| "https://desk.example".clone_into(&mut key.origin),
        |key| "evil.example".clone_into(&mut key.host),
        |key| key.verifies = false,
    ];
    for spoil in spoilt {
        let honest = (key.origin.clone(), key.host.clone(), key.verifies);
        spoil(&mut key);
        let asked = question(&mut door, "/sign-in/passkey").await;
        let refused = offer(&mut door, "/sign-in/passkey", &key.answer(&asked)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{} {}", key.origin, key.host);
        (key.origin, key.host, key.verifies) = honest;
    }
    let asked = question(&mut door, "/sign-in/passkey").await;
    let mut forged: serde_json::Value = serde_json::from_str(&key.answer(&asked)).unwrap();
    forged["response"]["signature"] = "MEUCIQDabc".into();
    let refused = offer(&mut door, "/sign-in/passkey", &forged.to_string()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let failures = clinic.audited().await.iter().filter(|act| *act == "sign_in.failed").count();
    assert_eq!(failures, 5, "each is in the ledger");
    let asked = question(&mut door, "/sign-in/passkey").await;
    let entered = offer(&mut door, "/sign-in/passkey", &key.answer(&asked)).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "and the owner is not locked out");
}

#[tokio::test]
async fn a_key_whose_counter_goes_back_opens_nothing_more_and_the_password_still_does() {
    let clinic = TestClinic::open().await;
    let (_, mut key) = with_key(&clinic, "aigul").await;
    let mut door = Desk::new(&clinic);
    for (counter, status) in [
        (40, StatusCode::SEE_OTHER),
        (40, StatusCode::UNPROCESSABLE_ENTITY),
        (90, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        key.counter = counter;
        let asked = question(&mut door, "/sign-in/passkey").await;
        if status != StatusCode::SEE_OTHER && counter == 40 {
            key.counter -= 1; // the copy is a step behind
        }
        let answer = offer(&mut door, "/sign-in/passkey", &key.answer(&asked)).await;
        assert_eq!(answer.status, status, "{counter}");
    }
    let acts = clinic.audited().await;
    assert!(acts.contains(&"passkey.counter_went_back".to_owned()));
    clinic.clinic.clock().advance_ms(60_000);
    let mut own = Desk::new(&clinic);
    assert_eq!(own.sign_in_with_code("aigul").await.status, StatusCode::SEE_OTHER);
    assert!(own.get("/account").await.body.contains("возможно, скопирован"));
}

#[tokio::test]
async fn a_key_proves_its_owner_only_and_ends_with_the_account() {
    let clinic = TestClinic::open().await;
    let (mut aigul, _) = with_key(&clinic, "aigul").await;
    let (_, mut danas) = with_key(&clinic, "dana").await;
    let asked = question(&mut aigul, "/prove/passkey").await;
    let borrowed = offer(&mut aigul, "/prove/passkey", &danas.answer(&asked)).await;
    assert_eq!(
        borrowed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a colleague's key proves nothing"
    );

    let console = Actor::console().grant().unwrap();
    let id = clinic.rows("SELECT id FROM staff WHERE login = 'dana'").await[0].parse().unwrap();
    access::leave(&clinic.clinic, &console, id).await.unwrap();
    let mut door = Desk::new(&clinic);
    let asked = question(&mut door, "/sign-in/passkey").await;
    let refused = offer(&mut door, "/sign-in/passkey", &danas.answer(&asked)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    access::reset(&clinic.clinic, &console, "aigul", "new one-time password").await.unwrap();
    let stay = clinic.rows("SELECT login FROM passkey JOIN staff ON staff.id = staff_id").await;
    assert_eq!(stay, ["dana"], "a reset takes the keys away");
}

#[tokio::test]
async fn where_the_server_has_no_domain_name_the_page_says_why_and_nothing_is_asked() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    for (url, works) in [
        ("https://crm.arai.kz:8443", true),
        ("https://localhost:8443", true),
        ("https://192.168.1.10:8443", false),
        ("https://[fd00::1]:8443", false),
        ("https://reception-pc:8443", false),
        ("https://tirkeu.local:8443", false),
    ] {
        assert_eq!(Home::of(url).is_ok(), works, "{url}");
    }
    let mut elsewhere = clinic.clinic.clone();
    let places = Places {
        staff_url: "https://192.168.1.10:8443".to_owned(),
        names: vec!["desk.example".to_owned()],
        ..(*elsewhere.places).clone()
    };
    elsewhere.places = Arc::new(places);
    let staff = tirkeu::app::staff_router(elsewhere.clone());
    let folder = tempfile::tempdir().unwrap();
    let (clinic, public) = (elsewhere, clinic.public.clone());
    let other = TestClinic { clinic, staff, public, folder };
    let mut desk = Desk::new(&other);
    assert!(!desk.get("/sign-in").await.body.contains("data-passkey"));
    desk.sign_in_with_code("aigul").await;
    let page = desk.get("/account").await.body;
    assert!(page.contains("192.168.1.10") && !page.contains("data-passkey="), "{page}");
    let refused = desk.post("/sign-in/passkey/ask", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn whoever_asks_a_thousand_times_pushes_out_nobody_elses_question() {
    let (home, now) = (Home::of(ORIGIN).unwrap(), Timestamp::from_unix_ms(support::NOW));
    let (ceremonies, owner) = (Ceremonies::default(), uuid::Uuid::from_bytes([7; 16]));
    let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
    let mut key = Authenticator::new(ORIGIN);
    let called = ("aigul", "Айгүл");
    let asked = ceremonies.ask_to_make(&home, owner, called, Vec::new(), (address(1), now));
    let made = ceremonies.made(&home, owner, &key.make(&asked.unwrap()), now).unwrap();
    let known = KnownKey { public: made.public, state: made.state };

    let own = ceremonies.ask_to_use(&home, None, (address(1), now)).unwrap();
    let first = ceremonies.ask_to_use(&home, None, (address(2), now)).unwrap();
    for _ in 0..1000 {
        ceremonies.ask_to_use(&home, None, (address(2), now)).unwrap();
    }
    let mut used = |asked: &str| {
        let answer = Answer::read(&key.answer(asked)).unwrap();
        ceremonies.used(&home, None, &answer, &known, now)
    };
    assert_eq!(used(&first).unwrap_err(), PasskeyError::NotAsked, "their own oldest went");
    assert!(used(&own).is_ok());
}

#[tokio::test]
async fn a_key_opens_its_owners_locked_screen_and_nobody_elses() {
    let clinic = TestClinic::open().await;
    let (mut aigul, mut key) = with_key(&clinic, "aigul").await;
    let (_, mut danas) = with_key(&clinic, "dana").await;
    aigul.post("/lock", "").await;
    assert!(aigul.get("/unlock").await.body.contains("data-passkey=\"/unlock/passkey/ask\""));

    let asked = question(&mut aigul, "/unlock/passkey").await;
    let borrowed = offer(&mut aigul, "/unlock/passkey", &danas.answer(&asked)).await;
    assert_eq!(borrowed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(aigul.get("/account").await.status, StatusCode::SEE_OTHER, "still locked");

    let asked = question(&mut aigul, "/unlock/passkey").await;
    let opened = offer(&mut aigul, "/unlock/passkey", &key.answer(&asked)).await;
    assert_eq!(opened.header("location"), "/patients", "{}", opened.body);
    assert_eq!(aigul.who().await, "aigul");
}
