//! Visits together: a route through rooms and a family side by side, planned on
//! one screen with what each part leaves to the next, booked all or none.

use axum::http::StatusCode;

use tirkeu::booking::series::together::{self, Opening, Part, Placed, Placing, picked};
use tirkeu::booking::series::{self, Choice, Pick, SeriesError};
use tirkeu::booking::{self, Appointment};
use tirkeu::contact::name::Name;
use tirkeu::ids::{PatientId, ResourceId, ServiceId};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::booking::{Day1, time};
use crate::booking_series::{first, fresh, live};

/// A child on the patient's phone.
async fn child(day: &Day1) -> PatientId {
    let register = day.clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new("Мусина", "Айша", ""),
        phones: vec!["+77012345678".parse().unwrap()],
        ..NewPatient::default()
    };
    patients::register(day.clinic.vault(), &register, &new).await.unwrap()
}

fn part(
    number: i64,
    patient_id: PatientId,
    service_id: ServiceId,
    doctor_id: Option<ResourceId>,
    placing: Placing,
) -> Part {
    Part { number, patient_id, service_id, doctor_id, placing }
}

async fn planned(day: &Day1, first: &Appointment, parts: &[Part]) -> Vec<Placed> {
    let opening = Opening {
        patient_id: first.patient_id,
        starts: first.place.starts,
        ends: first.place.ends(),
    };
    together::plan(&day.clinic.clinic, &day.book, &opening, parts, |_| None).await.unwrap()
}

fn times(placed: &[Placed]) -> Vec<Option<String>> {
    let at = |one: &Placed| match one.planned.chosen? {
        Choice::At(pick) => Some(pick.starts.to_string()[11..].to_owned()),
        Choice::Out => None,
    };
    placed.iter().map(at).collect()
}

#[tokio::test]
async fn a_route_goes_from_room_to_room_in_order_and_leaves_out_what_is_taken() {
    let day = Day1::open().await;
    let first = first(&day).await;
    day.booked("10:30").await; // somebody else is with Anna until eleven
    let who = first.patient_id;
    let child = child(&day).await;
    let busy = booking::NewAppointment { patient_id: child, ..day.at("11:00") };
    day.try_book(&busy).await.unwrap();
    let route = [
        part(2, who, day.filling, Some(day.bolat), Placing::After),
        part(3, who, day.talk, None, Placing::After),
    ];

    let placed = planned(&day, &first, &route).await;

    // The patient has another visit at 10:30, Anna is busy until 11:30.
    let at = ["11:00", "11:30"].map(|text| Some(text.to_owned()));
    assert_eq!(times(&placed), at);
    let clinic = &day.clinic.clinic;
    let id = fresh();
    together::book_together(clinic, &day.book, id, first.id, &picked(&placed)).await.unwrap();
    let all = series::visits(clinic, &day.book, id).await.unwrap();
    let starts: Vec<String> = all.iter().map(|one| one.starts.to_string()).collect();
    assert_eq!(starts, ["2026-11-23T10:00", "2026-11-23T11:00", "2026-11-23T11:30"]);
    let mark = series::mark(clinic, &day.book, all[1].id).await.unwrap().unwrap();
    assert!(mark.together);
    assert_eq!((mark.position, mark.visits, mark.later), (2, 3, 2));
    let audited = day.clinic.audited().await;
    let acts = ["appointment.together_booked", "appointment.booked", "appointment.booked"];
    assert_eq!(audited[audited.len() - 3..], acts);
    assert!(day.overlaps().await.is_empty());
}

#[tokio::test]
async fn a_family_comes_at_one_time_to_two_doctors_or_in_turn_to_one() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let child = child(&day).await;
    let with = |doctor, placing| [part(2, child, day.filling, Some(doctor), placing)];

    let beside = planned(&day, &first, &with(day.bolat, Placing::Beside)).await;
    assert_eq!(times(&beside), [Some("10:00".to_owned())]);
    let in_turn = planned(&day, &first, &with(day.anna, Placing::After)).await;
    assert_eq!(times(&in_turn), [Some("10:30".to_owned())]);
    let refused = planned(&day, &first, &with(day.anna, Placing::Beside)).await;
    assert_eq!(times(&refused), [None]);
    assert!(!refused[0].planned.refused.is_empty(), "the rule is named");
    let others: Vec<(String, ResourceId)> = refused[0]
        .planned
        .instead
        .iter()
        .map(|slot| (slot.starts.to_string()[11..].to_owned(), slot.doctor_id))
        .collect();
    assert!(others.contains(&("10:00".to_owned(), day.bolat)), "{others:?}");
    assert!(others.contains(&("10:30".to_owned(), day.anna)), "{others:?}");

    let clinic = &day.clinic.clinic;
    let picks = picked(&beside);
    together::book_together(clinic, &day.book, fresh(), first.id, &picks).await.unwrap();
    assert_eq!(live(&day).await, ["2026-11-23T10:00"; 2]);
    let made = day.clinic.rows("SELECT payload FROM job WHERE kind = 'booking.made'").await;
    assert_eq!(made.len(), 2, "the child's visit is written about, too: {made:?}");
}

#[tokio::test]
async fn what_one_part_takes_up_is_not_there_for_the_next_and_nobody_is_in_two_places() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let child = child(&day).await;
    let twice = [
        part(2, child, day.filling, Some(day.bolat), Placing::Beside),
        part(3, first.patient_id, day.filling, None, Placing::Beside),
        part(4, child, day.filling, Some(day.bolat), Placing::Beside),
    ];

    let placed = planned(&day, &first, &twice).await;

    assert_eq!(times(&placed), [Some("10:00".to_owned()), None, None]);
}

#[tokio::test]
async fn when_one_part_is_lost_nothing_is_booked() {
    let day = Day1::open().await;
    let first = first(&day).await;
    let child = child(&day).await;
    let parts = [
        part(2, child, day.filling, Some(day.bolat), Placing::Beside),
        part(3, child, day.filling, Some(day.bolat), Placing::After),
    ];
    let placed = planned(&day, &first, &parts).await;
    assert_eq!(times(&placed), ["10:00", "10:30"].map(|text| Some(text.to_owned())));
    let quick = booking::NewAppointment { doctor_id: Some(day.bolat), ..day.at("10:30") };
    day.try_book(&quick).await.unwrap();
    let before = live(&day).await;

    let clinic = &day.clinic.clinic;
    let picks = picked(&placed);
    let made = together::book_together(clinic, &day.book, fresh(), first.id, &picks).await;
    assert!(matches!(made, Err(SeriesError::Lost(3))), "{made:?}");
    // The patient of the open visit cannot be in another chair meanwhile.
    let there = Pick { starts: time("10:00"), doctor_id: day.bolat };
    let own = part(2, first.patient_id, day.filling, None, Placing::Beside);
    let made = together::book_together(clinic, &day.book, fresh(), first.id, &[(own, there)]).await;
    assert!(matches!(made, Err(SeriesError::Lost(2))), "{made:?}");

    assert_eq!(live(&day).await, before);
    assert!(day.clinic.rows("SELECT id FROM series").await.is_empty());
}

#[tokio::test]
async fn the_screen_finds_the_family_books_once_and_calls_all_off_with_one_word() {
    let day = Day1::open().await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let first = first(&day).await;
    let child = child(&day).await;
    let page = format!("/appointments/{}/together", first.id);
    assert!(desk.get(&page).await.body.contains("Мусина Айша"), "she is on the same phone");

    let nobody = desk.post(&page, &format!("service-2={}&do=show", day.filling)).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("выберите для каждого приёма человека"));

    let line =
        format!("who-2={child}&service-2={}&doctor-2={}&placing-2=beside", day.filling, day.bolat);
    let asked = format!("asked={child}/{}/{}/beside", day.filling, day.bolat);
    let shown = desk.post(&page, &format!("{line}&do=show")).await;
    let value = format!("2026-11-23T10:00/{}", day.bolat);
    assert!(shown.body.contains("value=\"2026-11-23T10:00"), "{}", shown.body);
    let form = format!("series={}&{line}&{asked}&row-2={value}&do=book", fresh());
    let answers = [desk.post(&page, &form).await, desk.post(&page, &form).await];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [StatusCode::SEE_OTHER; 2]);
    assert_eq!(live(&day).await.len(), 2);

    let whole = desk.get(answers[0].header("location")).await.body;
    assert!(whole.contains("Мусина Айша") && whole.contains("Мусин Ержан"), "{whole}");
    let panel = desk.get(&format!("/appointments/{}", first.id)).await.body;
    assert!(panel.contains("Вместе: 1 из 2") && !panel.contains("/rest"), "{panel}");
    let cancel = format!("/appointments/{}/cancel", first.id);
    desk.post(&cancel, "reason=ill&scope=after").await;
    assert!(live(&day).await.is_empty());
}
