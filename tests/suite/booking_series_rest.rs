//! What is left of a series goes to another time or is called off, all or none.

use axum::http::StatusCode;

use tirkeu::booking::CancelReason;
use tirkeu::booking::series::{self, Pick, SeriesError, picked};
use tirkeu::vault::permission::Role;

use crate::booking::{Day1, time};
use crate::booking_series::{WEEKLY, first, fresh, live, planned};

#[tokio::test]
async fn the_rest_of_a_series_is_cancelled_with_one_reason_and_what_was_before_stays() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    let clinic = &day.clinic.clinic;
    let id = fresh();
    series::book_series(clinic, &day.book, id, first.id, WEEKLY, &picked(&dates)).await.unwrap();
    let visits = series::visits(clinic, &day.book, id).await.unwrap();

    let second = visits[1].id;
    series::cancel_from(clinic, &day.book, second, None, CancelReason::Ill).await.unwrap();

    assert_eq!(live(&day).await, ["2026-11-23T10:00"]);
    let reasons = "SELECT reason FROM appointment_status WHERE to_status = 'cancelled'";
    assert_eq!(day.clinic.rows(reasons).await, ["ill"; 3]);
}

#[tokio::test]
async fn the_rest_of_a_series_goes_to_another_hour_even_where_its_own_visits_stood() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    let clinic = &day.clinic.clinic;
    let id = fresh();
    series::book_series(clinic, &day.book, id, first.id, WEEKLY, &picked(&dates)).await.unwrap();
    let second = series::visits(clinic, &day.book, id).await.unwrap()[1].id;

    // A week further at the same hour: each goes where the next one stood.
    let page = format!("/appointments/{second}/rest");
    let to = format!("day=07.12.2026&time=10:00&doctor={}", day.anna);
    let shown = desk.post(&page, &format!("{to}&do=show")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.body.contains("Врач занят"), "{}", shown.body);
    let asked = format!("asked=07.12.2026/10:00/{}&do=move", day.anna);
    let moved = desk.post(&page, &format!("{to}&{asked}")).await;

    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let at = ["2026-11-23T10:00", "2026-12-07T10:00", "2026-12-14T10:00", "2026-12-21T10:00"];
    assert_eq!(live(&day).await, at);
    assert!(day.overlaps().await.is_empty());
    let told = day.clinic.rows("SELECT payload FROM job WHERE kind = 'booking.moved'").await;
    assert_eq!(told, [format!("{{\"appointment\":\"{second}\"}}")]);
    let audited = day.clinic.audited().await;
    assert_eq!(audited.iter().filter(|act| *act == "appointment.moved").count(), 3);
}

#[tokio::test]
async fn a_visit_of_the_rest_may_stay_and_a_lost_time_moves_nothing() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    let clinic = &day.clinic.clinic;
    let id = fresh();
    series::book_series(clinic, &day.book, id, first.id, WEEKLY, &picked(&dates)).await.unwrap();
    let second = series::visits(clinic, &day.book, id).await.unwrap()[1].id;
    let before = live(&day).await;
    let at = |number, text| (number, Pick { starts: time(text), doctor_id: day.anna });

    day.booked("2026-12-08T15:00").await;
    let lost = [at(2, "2026-12-01T15:00"), at(3, "2026-12-08T15:00")];
    let moved = series::move_rest(clinic, &day.book, second, &lost).await;
    assert!(matches!(moved, Err(SeriesError::Lost(3))), "{moved:?}");
    let crowded = [at(2, "2026-12-07T15:00")];
    let moved = series::move_rest(clinic, &day.book, second, &crowded).await;
    assert!(matches!(moved, Err(SeriesError::SameDay(2))), "{moved:?}");
    let still = live(&day).await;
    assert!(before.iter().all(|starts| still.contains(starts)), "{still:?}");

    let free = [at(2, "2026-12-01T15:00")];
    assert_eq!(series::move_rest(clinic, &day.book, second, &free).await.unwrap(), 1);
    assert!(live(&day).await.contains(&"2026-12-07T10:00".to_owned()), "the third one stays");
    assert!(day.overlaps().await.is_empty());
}

#[tokio::test]
async fn a_day_that_cannot_be_read_is_said_and_kept_when_the_rest_is_moved() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    let clinic = &day.clinic.clinic;
    series::book_series(clinic, &day.book, fresh(), first.id, WEEKLY, &picked(&dates))
        .await
        .unwrap();

    let page = format!("/appointments/{}/rest", first.id);
    let answer = desk.post(&page, "day=завтра&time=10:00&doctor=&do=show").await;

    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"завтра\""), "{}", answer.body);
    let alone = day.booked("12:00").await;
    let none = desk.get(&format!("/appointments/{}/rest", alone.id)).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn leaving_appointments_out_still_searches_the_live_reservations_by_their_index() {
    let day = Day1::open().await;
    let store = include_str!("../../src/booking/store.rs");
    let (_, rest) = store.split_once("const BUSY: &str = \"").unwrap();

    let plan = day.clinic.plan(rest.split_once("\";").unwrap().0).await;

    let by_index = "reservation_live (resource_id=? AND starts>? AND starts<?)";
    assert!(plan.contains(by_index), "{plan}");
    assert!(!plan.contains("CORRELATED"), "the list is read once: {plan}");
}
