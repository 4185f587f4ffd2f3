//! "Call me back" on the clinic's site, as a browser without scripts does it.

use axum::http::StatusCode;
use tirkeu::vault::permission::Role;

use crate::online::{Online, worked};
use crate::support::Answer;

const ASEL: &str = "8 701 555 66 77";
const PLACE: &str = "203.0.113.7";

struct Site(Online);

impl Site {
    async fn open() -> Self {
        let site = Self(Online::open().await);
        site.0.set("asks = 1").await;
        site
    }

    async fn leave(&self, phone: &str, about: &str, place: &str, works: bool) -> Answer {
        let key = self.0.key("/ask").await;
        self.send(&key, phone, about, place, works).await
    }

    async fn send(&self, key: &str, phone: &str, about: &str, place: &str, works: bool) -> Answer {
        let work = if works { worked(key, 4) } else { String::new() };
        let fields = [
            ("key", key),
            ("work", &work),
            ("name", "  Асель  Нурланова "),
            ("phone", phone),
            ("about", about),
            ("consent", "on"),
        ];
        self.0.post_from(place, "/ask?src=2gis&lang=kk", &fields).await
    }

    async fn count(&self, table: &str) -> String {
        self.0.rows(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await.remove(0)
    }
}

#[tokio::test]
async fn whoever_asks_to_be_called_waits_in_the_inbox_and_is_a_lead() {
    let site = Site::open().await;
    let answer = site.leave(ASEL, "Чистка, после шести", PLACE, true).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(answer.header("location").starts_with("/ask/done"));
    let desk = site.0.day.clinic.sign_in(Role::Reception).await;
    let inbox = desk.get("/inbox?show=waiting").await;
    assert!(inbox.body.contains("Асель Нурланова"), "{}", inbox.body);
    let talk = site.0.rows("SELECT '/inbox/' || id FROM conversation").await.remove(0);
    let talk = desk.get(&talk).await.body;
    for said in ["Чистка, после шести", "Форма на сайте", "Лид: "] {
        assert!(talk.contains(said), "{said}");
    }
    let kept = "SELECT language || consent_version || campaign FROM enquiry";
    assert_eq!(site.0.rows(kept).await, [r#"kk1{"source":"2gis"}"#]);
    assert!(site.0.day.clinic.audited().await.contains(&"enquiry.left".to_owned()));
    assert!(site.0.server.taken().is_empty(), "nothing is written to a number nobody has proven");
}

#[tokio::test]
async fn a_number_from_the_site_is_nobodys_until_a_person_says_so() {
    let site = Site::open().await;
    let known = site.0.rows("SELECT phone FROM patient_phone LIMIT 1").await.remove(0);
    // What would confirm a visit by SMS is words here.
    site.leave(&known, "1", PLACE, true).await;
    let whose = "SELECT coalesce(patient_id, 'nobody') FROM conversation";
    assert_eq!(site.0.rows(whose).await, ["nobody"]);
    assert_eq!(site.0.rows("SELECT state || ' ' || reason FROM reply").await, ["open site"]);
    let desk = site.0.day.clinic.sign_in(Role::Reception).await;
    let talk = site.0.rows("SELECT '/inbox/' || id FROM conversation").await.remove(0);
    let page = desk.get(&talk).await.body;
    assert!(page.contains("Номер с сайта никто не подтвердил"), "{page}");
}

#[tokio::test]
async fn one_form_is_one_request_however_often_it_is_sent() {
    let site = Site::open().await;
    let key = site.0.key("/ask").await;
    for _ in 0..3 {
        let answer = site.send(&key, ASEL, "", PLACE, true).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!((site.count("reply").await, site.count("lead").await), ("1".into(), "1".into()));
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_call() {
    let site = Site::open().await;
    site.0.set("codes_per_net = 2, plain_per_net = 1, cooldown_seconds = 10").await;
    let numbers = ["8 701 555 66 70", "8 701 555 66 71", "8 701 555 66 72", "8 701 555 66 73"];
    let lazy = site.leave(numbers[0], "", PLACE, false).await;
    assert_eq!(lazy.status, StatusCode::SEE_OTHER, "the first may come without work");
    let again = site.leave(numbers[1], "о чём", PLACE, false).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(again.body.contains("о чём"), "what was typed is kept");
    assert_eq!(site.leave(numbers[2], "", PLACE, true).await.status, StatusCode::SEE_OTHER);
    let more = site.leave(numbers[3], "", PLACE, true).await;
    assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS);
    let elsewhere = site.leave(numbers[3], "", "198.51.100.4", true).await;
    assert_eq!(elsewhere.status, StatusCode::SEE_OTHER);
    // The same number a moment later is thanked, and kept once.
    let twice = site.leave(numbers[3], "", "198.51.100.5", true).await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER);
    assert_eq!(site.count("reply").await, "3");
}

#[tokio::test]
async fn a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed() {
    let site = Site::open().await;
    let key = site.0.key("/ask").await;
    let fields = [("key", key.as_str()), ("name", "А"), ("phone", "12"), ("about", "отбеливание")];
    let answer = site.0.post_from(PLACE, "/ask", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["как к вам обращаться", "номер целиком", "Без согласия", "отбеливание"]
    {
        assert!(answer.body.contains(said), "{said}");
    }
    let forged = site.send(&"A".repeat(54), ASEL, "", PLACE, true).await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.count("reply").await, "0");
}

#[tokio::test]
async fn a_clinic_that_wants_no_such_form_has_none() {
    let site = Site::open().await;
    let key = site.0.key("/ask").await;
    site.0.set("asks = 0").await;
    assert_eq!(site.0.get("/ask").await.status, StatusCode::NOT_FOUND);
    let late = site.send(&key, ASEL, "", PLACE, true).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert!(!site.0.get("/book").await.body.contains("/ask"));
    assert_eq!(site.count("reply").await, "0");
}
