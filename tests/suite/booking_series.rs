//! Series: what the screen shows, and all visits or none, once for each form.

use std::collections::HashMap;

use axum::http::StatusCode;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use tirkeu::booking::series::{
    self, Choice, Course, Pick, Planned, Repeated, Rhythm, SeriesError, Unit, picked,
};
use tirkeu::booking::{self, Appointment, FreeSlot};
use tirkeu::clinic::Clinic;
use tirkeu::clock::Timestamp;
use tirkeu::ids::{AppointmentId, SeriesId};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{Role, ViewClinic};

use crate::booking::{Day1, time};
use crate::support::send;
use crate::waitlist::Hall;

pub const WEEKLY: Rhythm = Rhythm { count: 4, every: 1, unit: Unit::Weeks };

pub fn fresh() -> SeriesId {
    SeriesId::new(Timestamp::from_unix_ms(1_795_402_800_000))
}

pub async fn first(day: &Day1) -> Appointment {
    booking::book(&day.clinic.clinic, &day.book, &day.at("10:00")).await.unwrap()
}

/// The dates after an appointment, with what was chosen for the second visit.
pub async fn planned(day: &Day1, first: &Appointment, second: Option<Choice>) -> Vec<Planned> {
    let what = Repeated {
        service_id: day.filling,
        doctor_id: first.place.doctor_id,
        minutes: first.place.minutes,
    };
    let look: Grant<ViewClinic> = day.book.also().unwrap();
    let chosen = |number| second.filter(|_| number == 2);
    let course = Course::after(first.place.starts, what, WEEKLY);
    series::plan(&day.clinic.clinic, &look, &course, chosen).await.unwrap()
}

pub async fn live(day: &Day1) -> Vec<String> {
    let all = "SELECT starts FROM appointment WHERE status = 'booked' ORDER BY starts";
    day.clinic.rows(all).await
}

#[tokio::test]
async fn a_series_stands_at_the_same_time_every_week() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;

    series::book_series(&day.clinic.clinic, &day.book, fresh(), first.id, WEEKLY, &picked(&dates))
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
        series::book_series(clinic, &day.book, fresh(), first.id, WEEKLY, &picked(&dates)).await;

    assert!(matches!(made, Err(SeriesError::Lost(3))), "{made:?}");
    assert_eq!(live(&day).await, before);
    assert!(day.clinic.rows("SELECT id FROM series").await.is_empty());
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
async fn a_holiday_is_named_on_the_screen_and_the_same_hour_of_a_near_day_is_offered() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = day.booked("2026-12-02T10:00").await;

    let page = format!("/appointments/{}/repeat", first.id);
    let answer = desk.post(&page, "count=4&every=1&unit=weeks&doctor=same&do=show").await;

    // 16 December is Independence Day.
    assert!(answer.body.contains("День Независимости"), "{}", answer.body);
    assert!(answer.body.contains("value=\"2026-12-17T10:00"));
    assert!(!answer.body.contains("value=\"2026-12-16T10:00"));
}

#[tokio::test]
async fn the_panel_the_card_and_the_story_say_which_visit_of_a_series_it_is() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = first(&day).await;
    let dates = planned(&day, &first, None).await;
    let clinic = &day.clinic.clinic;
    let id = fresh();
    series::book_series(clinic, &day.book, id, first.id, WEEKLY, &picked(&dates)).await.unwrap();
    let third = series::visits(clinic, &day.book, id).await.unwrap()[2].id;

    for page in [
        format!("/appointments/{third}"),
        format!("/appointments/{third}/story"),
        format!("/patients/{}/appointments", day.patient),
    ] {
        let body = desk.get(&page).await.body;
        assert!(body.contains("Приём 3 из 4 в серии"), "{page}: {body}");
    }
    let whole = desk.get(&format!("/series/{id}")).await.body;
    assert!(whole.contains("Впереди: 4"), "{whole}");
}

#[tokio::test]
async fn two_visits_of_a_series_are_never_on_one_day() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let same_day = Pick { starts: time("2026-11-30T15:00"), doctor_id: day.anna };
    let dates = planned(&day, &first, None).await;
    let mut picks = picked(&dates);
    picks[1] = (3, same_day);

    let clinic = &day.clinic.clinic;
    let made = series::book_series(clinic, &day.book, fresh(), first.id, WEEKLY, &picks).await;

    assert!(matches!(made, Err(SeriesError::SameDay(3))), "{made:?}");
    assert_eq!(live(&day).await, ["2026-11-23T10:00"]);
}

/// Days on which the clinic rests between November 2026 and May 2027.
const HOLIDAYS: [&str; 13] = [
    "2026-12-16",
    "2027-01-01",
    "2027-01-02",
    "2027-01-04",
    "2027-01-07",
    "2027-03-08",
    "2027-03-15",
    "2027-03-22",
    "2027-03-23",
    "2027-03-24",
    "2027-05-03",
    "2027-05-07",
    "2027-05-10",
];

/// One after another in one clinic that fills up: series of all rhythms, with
/// whatever is offered instead of what is refused.
#[tokio::test]
async fn whatever_is_in_the_way_a_series_keeps_its_hour_its_step_and_the_shifts() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let look: Grant<ViewClinic> = day.book.also().unwrap();
    let mut runner = TestRunner::deterministic();
    let (mut booked, mut replaced) = (0, 0);
    for _ in 0..40 {
        let drawn = (0_i64..60, 0_i64..17, 2_i64..9, 1_i64..5, any::<bool>(), any::<bool>());
        let (after, half, count, every, weeks, any_doctor) =
            drawn.new_tree(&mut runner).unwrap().current();
        let starts = time("2026-11-23T09:00").plus_minutes(after * 24 * 60 + half * 30);
        let Ok(first) = day.try_book(&day.at(&starts.to_string())).await else { continue };
        let unit = if weeks { Unit::Weeks } else { Unit::Days };
        let rhythm = Rhythm::new(count, every, unit).unwrap();
        let what = Repeated {
            service_id: day.filling,
            doctor_id: first.place.doctor_id.filter(|_| !any_doctor),
            minutes: first.place.minutes,
        };
        let course = Course::after(starts, what, rhythm);
        let picks = decided(clinic, &look, &course).await;
        if picks.is_empty() {
            continue;
        }
        let made = series::book_series(clinic, &day.book, fresh(), first.id, rhythm, &picks).await;
        made.unwrap();

        let step = if weeks { 7 * every } else { every };
        let mut days = vec![starts.day()];
        for (number, pick) in picks {
            let due = starts.plus_minutes((number - 1) * step * 24 * 60);
            let own = course.dates.contains(&(number, pick.starts));
            assert_eq!(own, due == pick.starts, "visit {number} from {starts}");
            replaced += usize::from(!own);
            let minute = i64::from(pick.starts.minute_of_day());
            let ends = minute + first.place.minutes;
            let works =
                (9 * 60 <= minute && ends <= 13 * 60) || (14 * 60 <= minute && ends <= 18 * 60);
            assert!(works && pick.starts.day().weekday() < 6, "{}", pick.starts);
            assert!(!HOLIDAYS.contains(&pick.starts.day().to_string().as_str()), "{}", pick.starts);
            days.push(pick.starts.day());
        }
        booked += days.len();
        days.sort();
        days.dedup();
        assert_eq!(days.len(), series_length(&day, first.id).await);
    }
    assert!(day.overlaps().await.is_empty());
    assert!(60 < booked && 10 < replaced, "{booked} booked, {replaced} of them elsewhere");
}

async fn series_length(day: &Day1, first: AppointmentId) -> usize {
    let mark = series::mark(&day.clinic.clinic, &day.book, first).await.unwrap().unwrap();
    usize::try_from(mark.visits).unwrap()
}

/// Somebody who takes the first time offered instead, and leaves out what has none.
async fn decided(clinic: &Clinic, look: &Grant<ViewClinic>, course: &Course) -> Vec<(i64, Pick)> {
    let mut chosen: HashMap<i64, Choice> = HashMap::new();
    loop {
        let dates = series::plan(clinic, look, course, |number| chosen.get(&number).copied());
        let dates = dates.await.unwrap();
        let open: Vec<&Planned> = dates.iter().filter(|date| date.chosen.is_none()).collect();
        if open.is_empty() {
            return picked(&dates);
        }
        for date in open {
            let slot = date.instead.first().filter(|_| date.trouble.is_none());
            let at = |slot: &FreeSlot| Pick { starts: slot.starts, doctor_id: slot.doctor_id };
            chosen.insert(date.number, slot.map_or(Choice::Out, |slot| Choice::At(at(slot))));
        }
    }
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

/// Books a series of four after the first visit.
async fn booked_series(hall: &Hall) -> (Appointment, SeriesId) {
    let first = first(&hall.day).await;
    let dates = planned(&hall.day, &first, None).await;
    let (clinic, id) = (&hall.day.clinic.clinic, fresh());
    let picks = picked(&dates);
    series::book_series(clinic, &hall.day.book, id, first.id, WEEKLY, &picks).await.unwrap();
    (first, id)
}

#[tokio::test]
async fn a_series_is_told_of_in_one_message_whose_link_opens_every_visit() {
    let hall = Hall::open().await;
    let (first, _) = booked_series(&hall).await;
    hall.work().await;
    hall.work().await;

    let texts = hall.server.taken();
    assert_eq!(texts.len(), 2, "one about the first visit, one about all: {texts:?}");
    let whole = texts.iter().find(|sms| sms.text.contains("серия из 4 визитов"));
    let text = &whole.unwrap().text;
    assert!(text.contains("14.12.2026"), "the last of them: {text}");
    let link = text.split_once("https://clinic.example").unwrap().1;
    let link = link.split_whitespace().next().unwrap();
    let open = async |path: &str| {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        send(&hall.day.clinic.public, request).await.body
    };
    let page = open(link).await.replace("&#x2f;", "/");
    let own: Vec<&str> = page.split("href=\"").filter(|part| part.starts_with("/m/")).collect();
    assert_eq!(own.len(), 4, "{page}");
    let third = own[2].split('"').next().unwrap();
    let body = open(third).await;
    assert!(body.contains("7\u{a0}декабря"), "each visit has a link of its own: {third} {body}");

    let desk = hall.reception().await;
    let story = desk.get(&format!("/appointments/{}/story", first.id)).await.body;
    assert!(story.contains("серия из 4 визитов"), "the dispute sheet tells of it");
    let told = "SELECT body ->> '$.obj' FROM audit_event WHERE act = 'appointment.told'";
    let told = hall.day.clinic.rows(told).await;
    assert!(told.contains(&"series".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_series_that_changed_before_its_message_left_is_not_told_of_as_it_was() {
    let hall = Hall::open().await;
    let (first, _) = booked_series(&hall).await;
    tirkeu::app::jobs().run_due(hall.day.clinic.vault(), &hall.day.clinic.clinic).await.unwrap();
    let clinic = &hall.day.clinic.clinic;
    let reason = booking::CancelReason::Ill;
    series::cancel_from(clinic, &hall.day.book, first.id, None, reason).await.unwrap();
    hall.work().await;

    let state = "SELECT state || ' ' || reason FROM message WHERE purpose = 'series_made'";
    assert_eq!(hall.day.clinic.rows(state).await, ["withheld cancelled"]);
    assert!(hall.server.taken().iter().all(|sms| !sms.text.contains("серия")));
}
