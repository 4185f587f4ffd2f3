//! The empty-chair ledger over a day that can be reckoned by hand.

use axum::http::StatusCode;

use tirkeu::booking::{self, CancelReason};
use tirkeu::vault::permission::Role;

use crate::booking::Day1;

#[tokio::test]
async fn a_day_is_reckoned_to_the_minute_and_each_stretch_names_its_appointment() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    day.clinic.write("UPDATE service SET price_tiyn = duration_minutes * 10000").await.unwrap();
    let made = day.booked("10:00").await;
    let cancelled = day.booked("11:00").await;
    booking::cancel(clinic, &day.book, cancelled.id, CancelReason::Ill).await.unwrap();

    let owner = day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/capacity?first=23.11.2026&last=23.11.2026").await;
    assert_eq!(page.status, StatusCode::OK);
    // Anna: nine hours, one of them lunch, half an hour of them used.
    let body = page.body;
    assert!(body.contains("8:30") && body.contains("0:30"), "{body}");
    assert!(body.contains("10:00–10:30") && body.contains("11:00–11:30"), "{body}");
    for id in [made.id, cancelled.id] {
        assert!(body.contains(&format!("/appointments/{id}")), "{body}");
    }
    assert!(body.contains("Поздняя отмена") && !body.contains("Мусин"), "no patient's name");
}

#[tokio::test]
async fn odd_periods_are_refused_with_words_and_what_was_typed() {
    let day = Day1::open().await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    for query in ["first=soon&last=23.11.2026", "first=24.11.2026&last=23.11.2026"] {
        let page = owner.get(&format!("/capacity?{query}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.body.contains("23.11.2026"), "{query}");
    }
    let desk = day.clinic.sign_in(Role::Reception).await;
    assert_eq!(desk.get("/capacity").await.status, StatusCode::FORBIDDEN);
}
