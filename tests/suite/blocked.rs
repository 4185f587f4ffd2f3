//! Blocked data is kept and not used, also by the schedule (law 94-V art. 25).

use axum::http::StatusCode;
use tirkeu::booking::{self, BookingError, NewAppointment};
use tirkeu::patients::blocking::{self, BlockReason, NewBlock};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{BlockPatients, Overbook, Role};

use crate::booking::Day1;

async fn block(day: &Day1) {
    let officer = day.clinic.grant::<BlockPatients>(Role::Compliance).await;
    let new = NewBlock {
        patient_id: day.patient,
        request_id: None,
        reason: BlockReason::Asked,
        basis: "94-V".to_owned(),
        until: None,
    };
    blocking::block(day.clinic.vault(), &officer, &new).await.unwrap();
}

#[tokio::test]
async fn the_schedule_keeps_a_blocked_patients_time_and_does_not_say_whose_it_is() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let (path, own) = ("/schedule?day=2026-11-23", format!("/appointments/{}", made.id));
    let desk = day.clinic.sign_in(Role::Reception).await;
    assert!(desk.get(path).await.body.contains("Мусин"));
    block(&day).await;

    let shown = desk.get(path).await.body;
    assert!(!shown.contains("Мусин") && shown.contains("Занято"), "{shown}");
    for closed in [own.clone(), format!("{own}/story")] {
        let answer = desk.get(&closed).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{closed}");
        assert!(!answer.body.contains("Мусин"));
    }
    assert!(!desk.get("/").await.body.contains("Мусин"));
    let owner = day.clinic.sign_in(Role::Owner).await;
    assert!(owner.get(&own).await.body.contains("Мусин"), "those who answer for it see it");
}

#[tokio::test]
async fn nobody_books_with_blocked_data_not_even_over_what_is_there() {
    let day = Day1::open().await;
    block(&day).await;
    assert!(matches!(day.try_book(&day.at("11:00")).await, Err(BookingError::Blocked)));
    let grant: Grant<Overbook> = day.book.also().unwrap();
    let over = NewAppointment { place_id: None, ..day.at("11:00") };
    let over = booking::overbook(&day.clinic.clinic, &grant, &over, "Острая боль").await;
    assert!(matches!(over, Err(BookingError::Blocked)));
    assert!(day.clinic.rows("SELECT id FROM appointment").await.is_empty());
}
