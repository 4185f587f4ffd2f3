//! A booking form that is sent again because its answer was lost.

use axum::http::StatusCode;

use tirkeu::clock::Timestamp;
use tirkeu::ids::AppointmentId;
use tirkeu::vault::permission::Role;

use crate::booking::Day1;

fn form(day: &Day1, id: AppointmentId, starts: &str) -> String {
    format!(
        "id={id}&patient={}&service={}&doctor={}&starts=2026-11-23T{starts}&shown=1&notify=on",
        day.patient, day.filling, day.anna
    )
}

fn fresh() -> AppointmentId {
    AppointmentId::new(Timestamp::from_unix_ms(1_795_402_800_000))
}

async fn appointments(day: &Day1) -> usize {
    day.clinic.rows("SELECT id FROM appointment").await.len()
}

#[tokio::test]
async fn the_same_form_sent_twice_books_once_and_answers_the_same_both_times() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let form = form(&day, fresh(), "10:00");

    let first = desk.post("/appointments", &form).await;
    let second = desk.post("/appointments", &form).await;

    assert_eq!([first.status, second.status], [StatusCode::SEE_OTHER; 2]);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(appointments(&day).await, 1);
}

#[tokio::test]
async fn the_same_form_sent_ten_times_at_one_moment_books_once() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let newcomer = format!(
        "id={}&new_patient=1&name=Серикова Айгуль&phone=87010000031&language=ru&service={}\
         &doctor={}&starts=2026-11-23T11:00&shown=1",
        fresh(),
        day.filling,
        day.anna
    );
    let patients = day.clinic.rows("SELECT id FROM patient").await.len();

    let sent = (0..10).map(|_| desk.post("/appointments", &newcomer));
    let answers = futures_util::future::join_all(sent).await;

    let states: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(states, [StatusCode::SEE_OTHER; 10]);
    assert_eq!(appointments(&day).await, 1);
    assert_eq!(day.clinic.rows("SELECT id FROM patient").await.len(), patients + 1);
}

#[tokio::test]
async fn another_form_for_the_same_time_is_refused_as_ever() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;

    let first = desk.post("/appointments", &form(&day, fresh(), "10:00")).await;
    let other = desk.post("/appointments", &form(&day, fresh(), "10:00")).await;

    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(appointments(&day).await, 1);
}
