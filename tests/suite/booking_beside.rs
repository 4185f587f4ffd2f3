//! Who else has the same thing open, and that asking for it keeps nothing open.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use tower::ServiceExt;

use tirkeu::vault::IDLE_LOCK_MS;
use tirkeu::vault::permission::Role;
use tirkeu::web::SESSION_COOKIE;

use crate::booking::Day1;
use crate::support::{Answer, Browser};

/// As the page asks by itself.
async fn by_itself(browser: &Browser<'_>, path: &str) -> Answer {
    let request = Request::get(path).header("hx-request", "true").header("x-by-itself", "1");
    browser.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn two_with_the_same_appointment_open_see_each_others_names_until_one_has_left() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let panel = format!("/appointments/{}", made.id);
    let beside = format!("{panel}/beside");

    assert!(!desk.get(&panel).await.body.contains("открыто также"));
    assert!(owner.get(&panel).await.body.contains("открыто также у: Reception"));
    assert!(by_itself(&desk, &beside).await.body.contains("открыто также у: Owner"));
    assert!(!by_itself(&desk, &beside).await.body.contains("Reception"), "nobody sees themselves");

    day.clinic.clinic.clock().advance_ms(12_000);
    by_itself(&desk, &beside).await;
    day.clinic.clinic.clock().advance_ms(12_000);
    assert!(!by_itself(&desk, &beside).await.body.contains("Owner"), "no sign for 24 s");
    assert!(by_itself(&owner, &beside).await.body.contains("Reception"));
}

#[tokio::test]
async fn two_who_book_for_the_same_patient_see_each_other_and_for_another_they_do_not() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let form = format!("/appointments/new?patient={}", day.patient);

    assert!(!desk.get(&form).await.body.contains("записывают ещё"));
    assert!(owner.get(&form).await.body.contains("записывают ещё: Reception"));
    let beside = format!("/patients/{}/beside", day.patient);
    assert!(by_itself(&desk, &beside).await.body.contains("записывают ещё: Owner"));
    assert!(!owner.get("/appointments/new").await.body.contains("id=\"beside\""), "nobody chosen");
}

#[tokio::test]
async fn nobody_learns_by_an_id_who_works_on_what_they_have_not_opened() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let doctor = day.clinic.sign_in(Role::Doctor).await;
    let panel = format!("/appointments/{}", made.id);
    desk.get(&panel).await;

    assert_ne!(doctor.get(&panel).await.status, StatusCode::OK, "not the doctor's patient");
    let answer = by_itself(&doctor, &format!("{panel}/beside")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!answer.body.contains("Reception"));
}

#[tokio::test]
async fn the_event_of_an_arrival_names_the_thing_and_nobody() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let other = day.clinic.sign_in(Role::Owner).await;
    let request = Request::get("/live?topics=presence:*")
        .header("cookie", format!("{SESSION_COOKIE}={}", other.session.cookie_value()))
        .body(Body::empty())
        .unwrap();
    let mut body = day.clinic.staff.clone().oneshot(request).await.unwrap().into_body();

    desk.get(&format!("/appointments/{}", made.id)).await;

    let mut heard = String::new();
    while !heard.contains("event: presence") {
        let frame = body.frame().await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
    }
    while let Some(Some(Ok(frame))) = body.frame().now_or_never() {
        heard.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
    }
    assert!(heard.contains(&format!("data: appointment:{}", made.id)), "{heard}");
    assert!(!heard.contains("Reception"), "{heard}");
}

#[tokio::test]
async fn signs_of_presence_write_nothing_down() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    desk.get(&format!("/appointments/{}", made.id)).await;
    let before = day.clinic.ledger().await.len();

    by_itself(&desk, &format!("/appointments/{}/beside", made.id)).await;

    assert_eq!(day.clinic.ledger().await.len(), before);
}

#[tokio::test]
async fn what_a_page_asks_by_itself_does_not_keep_a_screen_from_locking() {
    let day = Day1::open().await;
    let left = day.clinic.sign_in(Role::Reception).await;
    let used = day.clinic.sign_in(Role::Reception).await;
    for _ in 0..3 {
        day.clinic.clinic.clock().advance_ms(IDLE_LOCK_MS / 2);
        by_itself(&left, "/today/board").await;
        assert_eq!(used.get("/today/board").await.status, StatusCode::OK);
    }
    assert_eq!(by_itself(&left, "/today/board").await.status, StatusCode::UNAUTHORIZED);
}
