//! Series: all visits or none, once for each form, and the rest of one goes
//! with one word.

use axum::http::StatusCode;

use tirkeu::booking::series::{self, Choice, Pick, Planned, Repeated, Rhythm, SeriesError, Unit};
use tirkeu::booking::{self, Appointment, CancelReason};
use tirkeu::clock::Timestamp;
use tirkeu::ids::SeriesId;
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{Role, ViewClinic};

use crate::booking::{Day1, time};

const WEEKLY: Rhythm = Rhythm { count: 4, every: 1, unit: Unit::Weeks };

fn fresh() -> SeriesId {
    SeriesId::new(Timestamp::from_unix_ms(1_795_402_800_000))
}

async fn first(day: &Day1) -> Appointment {
    booking::book(&day.clinic.clinic, &day.book, &day.at("10:00")).await.unwrap()
}

/// The dates after an appointment, with what was chosen for the second visit.
async fn planned(day: &Day1, first: &Appointment, second: Option<Choice>) -> Vec<Planned> {
    let what = Repeated {
        service_id: day.filling,
        doctor_id: first.place.doctor_id,
        starts: first.place.starts,
        minutes: first.place.minutes,
    };
    let look: Grant<ViewClinic> = day.book.also().unwrap();
    let chosen = |number| second.filter(|_| number == 2);
    series::plan(&day.clinic.clinic, &look, &what, WEEKLY, chosen).await.unwrap()
}

fn picks(dates: &[Planned]) -> Vec<(i64, Pick)> {
    let pick = |date: &Planned| match date.chosen {
        Some(Choice::At(pick)) => Some((date.number, pick)),
        _ => None,
    };
    dates.iter().filter_map(pick).collect()
}

async fn live(day: &Day1) -> Vec<String> {
    let all = "SELECT starts FROM appointment WHERE status = 'booked' ORDER BY starts";
    day.clinic.rows(all).await
}

#[tokio::test]
async fn a_series_stands_at_the_same_time_every_week() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;

    series::book_series(&day.clinic.clinic, &day.book, fresh(), first.id, WEEKLY, &picks(&dates))
        .await
        .unwrap();

    let at = ["2026-11-23T10:00", "2026-11-30T10:00", "2026-12-07T10:00", "2026-12-14T10:00"];
    assert_eq!(live(&day).await, at);
    let mark = series::mark(&day.clinic.clinic, &day.book, first.id).await.unwrap().unwrap();
    assert_eq!((mark.position, mark.visits, mark.later), (1, 4, 3));
}

#[tokio::test]
async fn a_taken_date_names_the_rule_and_other_times_and_keeps_what_is_chosen_instead() {
    let day = Day1::open().await;
    let first = first(&day).await;
    booking::book(&day.clinic.clinic, &day.book, &day.at("2026-11-30T10:00")).await.unwrap();

    let dates = planned(&day, &first, None).await;
    assert_eq!(dates[0].chosen, None);
    assert!(dates[0].refused.iter().any(|(_, rules)| rules.iter().any(booking::Rule::refuses)));
    let slot = dates[0].instead.first().unwrap();
    let pick = Pick { starts: slot.starts, doctor_id: slot.doctor_id };
    assert!(dates[1..].iter().all(|date| date.refused.is_empty() && date.chosen.is_some()));

    let dates = planned(&day, &first, Some(Choice::At(pick))).await;
    assert_eq!(dates[0].chosen, Some(Choice::At(pick)));
}

#[tokio::test]
async fn when_one_time_is_lost_nothing_is_booked_and_the_screen_says_which() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    booking::book(&day.clinic.clinic, &day.book, &day.at("2026-12-07T10:00")).await.unwrap();
    let before = live(&day).await;

    let clinic = &day.clinic.clinic;
    let made =
        series::book_series(clinic, &day.book, fresh(), first.id, WEEKLY, &picks(&dates)).await;

    assert!(matches!(made, Err(SeriesError::Lost(3))), "{made:?}");
    assert_eq!(live(&day).await, before);
    assert!(day.clinic.rows("SELECT id FROM series").await.is_empty());
}

#[tokio::test]
async fn the_rest_of_a_series_is_cancelled_with_one_reason_and_what_was_before_stays() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    let clinic = &day.clinic.clinic;
    let id = fresh();
    series::book_series(clinic, &day.book, id, first.id, WEEKLY, &picks(&dates)).await.unwrap();
    let visits = series::visits(clinic, &day.book, id).await.unwrap();

    let second = visits[1].id;
    series::cancel_from(clinic, &day.book, second, None, CancelReason::Ill).await.unwrap();

    assert_eq!(live(&day).await, ["2026-11-23T10:00"]);
    let reasons = "SELECT reason FROM appointment_status WHERE to_status = 'cancelled'";
    assert_eq!(day.clinic.rows(reasons).await, ["ill"; 3]);
}

#[tokio::test]
async fn the_form_sent_twice_books_one_series_and_a_conflict_brings_the_same_screen_back() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = first(&day).await;
    let page = format!("/appointments/{}/repeat", first.id);
    let rhythm = "count=3&every=1&unit=weeks&doctor=same";
    let asked = "asked=3/1/weeks/same&do=book";
    let pick = |at: &str| format!("{at}/{}", day.anna);
    booking::book(&day.clinic.clinic, &day.book, &day.at("2026-11-30T10:00")).await.unwrap();

    let taken = format!(
        "series={}&{rhythm}&{asked}&row-2={}&row-3={}",
        fresh(),
        pick("2026-11-30T10:00"),
        pick("2026-12-07T10:00")
    );
    let refused = desk.post(&page, &taken).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(live(&day).await.len(), 2);

    let fine =
        format!("series={}&{rhythm}&{asked}&row-2={}&row-3=out", fresh(), pick("2026-11-30T11:00"));
    let answers = [desk.post(&page, &fine).await, desk.post(&page, &fine).await];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [StatusCode::SEE_OTHER; 2]);
    assert_eq!(answers[0].header("location"), answers[1].header("location"));
    assert_eq!(live(&day).await.len(), 3);
}

#[tokio::test]
async fn a_rhythm_that_makes_no_sense_is_said_and_kept() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = first(&day).await;

    let page = format!("/appointments/{}/repeat", first.id);
    let answer = desk.post(&page, "count=99&every=4&unit=weeks&doctor=same&do=show").await;

    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"99\""));
}
