//! The link of a patient whose doctor runs late.

use tirkeu::booking::{self, BookingError};

use crate::booking::{Day1, time};
use crate::lateness::late;
use crate::waitlist::Hall;

#[tokio::test]
async fn the_patients_own_link_counts_from_when_it_will_begin() {
    let hall = Hall::open().await;
    let made = hall.day.booked("10:00").await;
    let desk = hall.reception().await;
    late(&desk, &hall, 30, 0).await;
    hall.day.advance_to("10:10");

    let visitor = Day1::visitor();
    let clinic = &hall.day.clinic.clinic;
    let open = booking::answering(clinic, &visitor, made.id).await.unwrap().unwrap();
    assert_eq!((open.late, open.expected()), (30, time("10:30")));
    assert!(open.is_open(time("10:29")) && !open.is_open(time("10:30")));
    booking::answer_confirm(clinic, &visitor, made.id).await.unwrap();
    let desk = hall.reception().await;
    let today = desk.get("/").await.body;
    assert!(today.contains("≈ 10:30") && !today.contains("опаздывает"), "the doctor is late");
    hall.day.advance_to("10:30");
    let over = booking::answer_cancel(clinic, &visitor, made.id).await;
    assert!(matches!(over, Err(BookingError::Past)));
    hall.day.advance_to("10:35");
    let desk = hall.reception().await;
    assert!(desk.get("/").await.body.contains("опаздывает"), "now it is the patient");
}
