//! Guessing at passwords and codes: slowed down where it is done, and nowhere else.

use axum::http::StatusCode;
use futures_util::future::join_all;

use crate::desk::{Desk, hire};
use crate::support::{Answer, PASSWORD, TestClinic};

const TOO_MANY: &str = "Слишком много попыток";

fn right(name: &str) -> String {
    format!("{name}={}", PASSWORD.replace(' ', "+"))
}

fn challenge(asked: &Answer) -> String {
    let (_, rest) = asked.body.split_once("name=\"challenge\" value=\"").expect(&asked.body);
    rest.split_once('"').unwrap().0.replace("&#x2f;", "/")
}

async fn failures(clinic: &TestClinic) -> usize {
    clinic.audited().await.iter().filter(|act| *act == "sign_in.failed").count()
}

#[tokio::test]
async fn what_strangers_guess_holds_nobody_up_who_is_at_their_own_desk() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    let mut thief = Desk::new(&clinic);
    for _ in 0..8 {
        thief.post("/sign-in", "login=aigul&password=guess").await;
    }
    assert_eq!(failures(&clinic).await, 5, "the rest is not even looked at");

    clinic.clinic.clock().advance_ms(30_000);
    for _ in 0..8 {
        thief.post("/sign-in", "login=aigul&password=guess").await;
    }
    assert_eq!(desk.sign_in_with_code("aigul").await.status, StatusCode::SEE_OTHER);
    desk.post("/lock", "").await;
    let opened = desk.post("/unlock", &right("password")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
}

#[tokio::test]
async fn a_known_browser_may_guess_no_more_often_than_a_strange_one() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    for _ in 0..6 {
        desk.post("/sign-in", "login=aigul&password=guess").await;
    }
    let form = format!("login=aigul&{}", right("password"));
    assert!(desk.post("/sign-in", &form).await.body.contains(TOO_MANY));
    let elsewhere = Desk::new(&clinic).post("/sign-in", &form).await;
    assert_eq!(elsewhere.status, StatusCode::OK, "{}", elsewhere.body);
    clinic.clinic.clock().advance_ms(2_000);
    assert_eq!(desk.post("/sign-in", &form).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_locked_screen_is_not_guessed_open() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    desk.post("/lock", "").await;
    for _ in 0..5 {
        let wrong = desk.post("/unlock", "password=guess").await;
        assert!(!wrong.body.contains(TOO_MANY), "five are free");
    }
    let held_up = desk.post("/unlock", &right("password")).await;
    assert!(held_up.body.contains("Подождите 2 с"), "{}", held_up.body);
    clinic.clinic.clock().advance_ms(2_000);
    assert_eq!(desk.post("/unlock", &right("password")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_hundred_codes_at_one_moment_are_no_more_than_a_hundred_in_a_row() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let form = format!("login=aigul&{}", right("password"));
    let challenge = challenge(&Desk::new(&clinic).post("/sign-in", &form).await);
    let guesses = (0..100).map(|guess| {
        let (clinic, form) =
            (&clinic, format!("challenge={challenge}&login=aigul&code={guess:06}"));
        async move { Desk::new(clinic).post("/sign-in/code", &form).await }
    });
    let refused = join_all(guesses).await;
    let unseen = refused.iter().filter(|answer| answer.body.contains(TOO_MANY)).count();
    assert_eq!((unseen, failures(&clinic).await), (95, 5));
}

#[tokio::test]
async fn whoever_gives_every_factor_at_the_door_has_all_tries_at_a_locked_screen_again() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    desk.post("/lock", "").await;
    for _ in 0..6 {
        desk.post("/unlock", "password=guess").await;
    }
    clinic.clinic.clock().advance_ms(30_000);
    assert_eq!(desk.sign_in_with_code("aigul").await.status, StatusCode::SEE_OTHER);
    desk.post("/lock", "").await;
    for _ in 0..5 {
        let wrong = desk.post("/unlock", "password=guess").await;
        assert!(!wrong.body.contains(TOO_MANY), "what was mistyped before is forgotten");
    }
}
