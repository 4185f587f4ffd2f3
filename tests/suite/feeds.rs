//! A doctor's visits in the calendar of their own phone: by a secret address, never
//! saying who comes for what.

use axum::body::Body;
use axum::http::header::IF_NONE_MATCH;
use axum::http::{Request, StatusCode};
use icalendar::parser::{read_calendar, unfold};

use tirkeu::booking::{self, CancelReason, Moving, NewAppointment};
use tirkeu::vault::permission::Role;

use crate::booking::{Day1, time};
use crate::support::{Answer, Browser, send};

/// A doctor who is Anna of the schedule, signed in.
async fn anna(day: &Day1) -> Browser<'_> {
    let doctor = day.clinic.sign_in(Role::Doctor).await;
    let staff = doctor.actor().staff().unwrap();
    let link = format!("UPDATE resource SET staff_id = '{staff}' WHERE id = '{}'", day.anna);
    day.clinic.write(&link).await.unwrap();
    doctor
}

/// Makes an address; gives its path.
async fn made(doctor: &Browser<'_>) -> String {
    let page = doctor.post("/my-day/calendar", "").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let body = page.body.replace("&#x2f;", "/");
    let address = body.split("value=\"https://clinic.example/c/").nth(1).unwrap();
    format!("/c/{}", address.split('"').next().unwrap())
}

async fn taken(day: &Day1, path: &str) -> Answer {
    send(&day.clinic.public, Request::get(path).body(Body::empty()).unwrap()).await
}

/// The summaries of a calendar that a parser has read.
fn summaries(file: &str) -> Vec<String> {
    let unfolded = unfold(file);
    let calendar = read_calendar(&unfolded).unwrap_or_else(|error| panic!("{error}: {file}"));
    let of = |name: &str, one: &icalendar::parser::Component<'_>| {
        one.find_prop(name).map(|found| found.val.to_string()).unwrap_or_default()
    };
    let events = calendar.components.iter().filter(|one| one.name == "VEVENT");
    events.map(|one| format!("{} {}", of("DTSTART", one), of("SUMMARY", one))).collect()
}

#[tokio::test]
async fn a_phone_takes_the_doctors_own_visits_and_nobody_is_named_in_them() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let bolats = NewAppointment { doctor_id: Some(day.bolat), ..day.at("11:00") };
    booking::book(&day.clinic.clinic, &day.book, &bolats).await.unwrap();
    let gone = day.booked("12:00").await;
    booking::cancel(&day.clinic.clinic, &day.book, gone.id, CancelReason::Patient).await.unwrap();
    let doctor = anna(&day).await;
    let path = made(&doctor).await;

    let answer = taken(&day, &path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    // 10:00 in Almaty; another doctor's and a cancelled visit are not in it.
    let all = summaries(&answer.body);
    assert_eq!(all.len(), 1, "{}", answer.body);
    assert!(all[0].starts_with("20261123T050000Z "), "{all:?}");
    let plain = unfold(&answer.body);
    for name in ["Ержан", "Мусин", "7012345678"] {
        assert!(!plain.contains(name), "{plain}");
    }

    let ledger = day.clinic.ledger().await;
    let read = ledger.iter().find(|event| event["act"] == "feed.read").unwrap();
    assert_eq!(read["detail"]["staff"], doctor.actor().staff().unwrap().to_string());
}

#[tokio::test]
async fn a_clinic_that_allows_names_has_names_and_not_what_is_done() {
    let day = Day1::open().await;
    let visit = day.booked("10:00").await;
    let doctor = anna(&day).await;
    let path = made(&doctor).await;
    let service = summaries(&taken(&day, &path).await.body);
    let service = service[0].split_once(' ').unwrap().1.to_owned();
    assert!(!service.is_empty());

    let officer = day.clinic.sign_in(Role::Compliance).await;
    let set = officer.post("/settings/calendars", "names=on").await;
    assert_eq!(set.status, StatusCode::SEE_OTHER);
    let file = taken(&day, &path).await.body;
    assert_eq!(summaries(&file), ["20261123T050000Z Ержан М."]);
    assert!(!unfold(&file).contains(&service), "{file}");
    // Whoever was named is in the ledger by number.
    let ledger = day.clinic.ledger().await;
    let read = ledger.iter().rev().find(|event| event["act"] == "feed.read").unwrap();
    let patient = format!("SELECT patient_id FROM appointment WHERE id = '{}'", visit.id);
    let patient = day.clinic.rows(&patient).await.remove(0);
    assert!(read.to_string().contains(&patient), "{read}");
    // What the phone took counts as seen by its doctor, though a visitor asked.
    let account = doctor.actor().staff().unwrap();
    let form = format!(
        "actor={account}&session=&ip=&device=&from=23.11.2026+00:00&until=24.11.2026+00:00\
         &detected=&nature=access&do=look"
    );
    let seen = officer.post("/personal-data/incidents", &form).await.body;
    assert!(seen.contains("Данные 1 человека"), "{seen}");
    assert!(officer.get("/settings/calendars").await.body.contains("personal-data&#x2f;papers"));

    for (role, status) in [(Role::Doctor, StatusCode::FORBIDDEN), (Role::Owner, StatusCode::OK)] {
        let person = day.clinic.sign_in(role).await;
        assert_eq!(person.get("/settings/calendars").await.status, status);
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again_and_what_has_is() {
    let day = Day1::open().await;
    let visit = day.booked("10:00").await;
    let doctor = anna(&day).await;
    let path = made(&doctor).await;
    let first = taken(&day, &path).await;
    let tag = first.header("etag").to_owned();
    let again = || Request::get(&path).header(IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    let same = send(&day.clinic.public, again()).await;
    assert_eq!((same.status, same.body.as_str()), (StatusCode::NOT_MODIFIED, ""));

    let to = Moving { starts: Some(time("2026-11-23T10:30")), ..Moving::default() };
    day.move_to(&visit, to).await.unwrap();
    let moved = send(&day.clinic.public, again()).await;
    assert_eq!(moved.status, StatusCode::OK);
    assert!(summaries(&moved.body)[0].starts_with("20261123T053000Z"), "{}", moved.body);
    assert!(moved.body.contains(&format!("UID:{}@tirkeu", visit.id)), "{}", moved.body);
    assert!(moved.body.contains("SEQUENCE:1"), "the same entry, changed: {}", moved.body);
}

#[tokio::test]
async fn an_address_ends_when_another_is_made_it_is_turned_off_or_its_doctor_leaves() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let doctor = anna(&day).await;
    let first = made(&doctor).await;
    let second = made(&doctor).await;
    assert_eq!(taken(&day, &first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(taken(&day, &second).await.status, StatusCode::OK);
    let page = doctor.get("/my-day/calendar").await;
    assert!(!page.body.contains(&second[3..]), "shown once: {}", page.body);
    let stored = day.clinic.rows("SELECT hex(token_hash) FROM calendar_feed").await;
    assert_eq!(stored.len(), 2);

    assert_eq!(doctor.post("/my-day/calendar/end", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(taken(&day, &second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(doctor.post("/my-day/calendar/end", "").await.status, StatusCode::NOT_FOUND);

    // The owner turns one off whose telephone was lost.
    let third = made(&doctor).await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/settings/calendars").await.body.replace("&#x2f;", "/");
    let end = page.split("action=\"").find(|part| part.contains("/end\"")).unwrap();
    let end = end.split('"').next().unwrap();
    assert_eq!(owner.post(end, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(taken(&day, &third).await.status, StatusCode::NOT_FOUND);

    let fourth = made(&doctor).await;
    assert_eq!(taken(&day, &fourth).await.status, StatusCode::OK);
    let staff = doctor.actor().staff().unwrap();
    let leaves = format!("UPDATE staff SET left_at = 1 WHERE id = '{staff}'");
    day.clinic.write(&leaves).await.unwrap();
    assert_eq!(taken(&day, &fourth).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_is_no_doctor_has_no_calendar_and_junk_is_no_address() {
    let day = Day1::open().await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/my-day/calendar").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(owner.post("/my-day/calendar", "").await.status, StatusCode::NOT_FOUND);
    for junk in ["/c/x.ics", "/c/AAAAAAAAAAAAAAAAAAAAAA", "/c/AAAAAAAAAAAAAAAAAAAAAA.ics"] {
        assert_eq!(taken(&day, junk).await.status, StatusCode::NOT_FOUND, "{junk}");
    }
}
