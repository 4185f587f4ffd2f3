//! A doctor who runs late: no time moves, every screen says when, and whoever is
//! still to come is told once.

use axum::http::StatusCode;

use tirkeu::booking::{self, Appointment, CancelReason, NewAppointment};
use tirkeu::ids::PatientId;
use tirkeu::vault::permission::Role;

use crate::booking::Day1;
use crate::support::{Answer, Browser, send};
use crate::waitlist::Hall;

/// Half a minute and a little: after it patients are written to.
const SETTLED: i64 = 1;

/// Says at the desk how late Anna is, when the page showed `seen`.
pub async fn late(desk: &Browser<'_>, hall: &Hall, minutes: i64, seen: i64) -> Answer {
    let form = format!("minutes={minutes}&seen={seen}&back=/my-day");
    desk.post(&format!("/late/{}", hall.day.anna), &form).await
}

/// Somebody of their own with Anna at a time.
async fn comes(hall: &Hall, surname: &str, phone: &str, starts: &str) -> Appointment {
    let patient_id = hall.patient(surname, phone).await;
    book(hall, patient_id, starts).await
}

async fn book(hall: &Hall, patient_id: PatientId, starts: &str) -> Appointment {
    let new = NewAppointment { patient_id, ..hall.day.at(starts) };
    booking::book(&hall.day.clinic.clinic, &hall.day.book, &new).await.unwrap()
}

/// The last digits of the phones written to, and what was said, of the messages
/// about lateness so far.
fn told(hall: &Hall) -> Vec<(String, &'static str)> {
    let all = hall.server.taken().into_iter();
    let of = |text: &str| {
        if text.contains("врач задерживается") {
            Some("late")
        } else if text.contains("больше не задерживается") {
            Some("on time")
        } else {
            None
        }
    };
    let mut told: Vec<_> = all
        .filter_map(|sms| Some((sms.phone[sms.phone.len() - 2..].to_owned(), of(&sms.text)?)))
        .collect();
    told.sort();
    told
}

fn both(phones: [&str; 2], word: &'static str) -> Vec<(String, &'static str)> {
    phones.map(|phone| (phone.to_owned(), word)).to_vec()
}

async fn states(day: &Day1) -> Vec<String> {
    let all = "SELECT purpose || ' ' || state || coalesce(' ' || reason, '') FROM message
        WHERE purpose IN ('doctor_late', 'doctor_on_time') ORDER BY created_at, rowid";
    day.clinic.rows(all).await
}

#[tokio::test]
async fn no_time_moves_and_every_screen_says_when_the_visit_is_to_be_expected() {
    let hall = Hall::open().await;
    let made = comes(&hall, "Ахметова", "+77010000011", "11:00").await;
    hall.work().await;
    let sms = hall.server.taken().last().unwrap().text.clone();
    let link = sms.split_once("https://clinic.example").unwrap().1;
    let link = link.split_whitespace().next().unwrap();
    let desk = hall.reception().await;
    let free = "SELECT starts || ends FROM reservation WHERE live = 1 ORDER BY 1";
    let before = hall.day.clinic.rows(free).await;

    let answer = late(&desk, &hall, 15, 0).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/my-day"));

    let stored = format!("SELECT starts FROM appointment WHERE id = '{}'", made.id);
    assert_eq!(hall.day.clinic.rows(&stored).await, ["2026-11-23T11:00"]);
    assert_eq!(hall.day.clinic.rows(free).await, before, "no time becomes free");
    let page = format!("/late/{}", hall.day.anna);
    let panel = format!("/appointments/{}", made.id);
    for (path, part) in [
        ("/", "Сейтова А. Н.: задержка 15 мин"),
        ("/", "≈ 11:15"),
        ("/schedule?day=2026-11-23", "≈ 11:15"),
        ("/schedule?day=2026-11-23", "+15 мин"),
        ("/schedule?day=2026-11-23&by=chair", "≈ 11:15"),
        (&page, "Задерживается на 15 мин"),
        (&panel, "около 11:15"),
    ] {
        let body = desk.get(path).await.body;
        assert!(body.contains(part), "{path} {part}: {body}");
    }
    let request = axum::http::Request::get(link).body(axum::body::Body::empty()).unwrap();
    let own = send(&hall.day.clinic.public, request).await.body;
    assert!(own.contains("11:00") && own.contains("около 11:15"), "{own}");
    let tomorrow = desk.get("/schedule?day=2026-11-24").await.body;
    assert!(!tomorrow.contains("+15 мин"), "of that day alone");
    let set = hall.day.clinic.ledger().await;
    let set = set.iter().rev().find(|event| event["act"] == "lateness.set").unwrap();
    assert_eq!(
        (&set["detail"]["minutes"], &set["detail"]["was"]),
        (&15.into(), &0.into()),
        "{set}"
    );
}

#[tokio::test]
async fn whoever_is_still_to_come_gets_one_message_with_the_hour_and_nothing_clinical() {
    let hall = Hall::open().await;
    let here = comes(&hall, "Ахметова", "+77010000011", "10:00").await;
    let off = comes(&hall, "Болатов", "+77010000012", "10:30").await;
    comes(&hall, "Валиева", "+77010000013", "11:00").await;
    comes(&hall, "Габитов", "", "11:30").await;
    comes(&hall, "Досов", "+77010000015", "2026-11-24T10:00").await;
    let quiet = hall.patient("Ерланов", "+77010000016").await;
    let quiet = NewAppointment { patient_id: quiet, notify: false, ..hall.day.at("12:00") };
    booking::book(&hall.day.clinic.clinic, &hall.day.book, &quiet).await.unwrap();
    let bolats = hall.patient("Жанов", "+77010000017").await;
    let bolats = NewAppointment {
        patient_id: bolats,
        doctor_id: Some(hall.day.bolat),
        ..hall.day.at("12:00")
    };
    booking::book(&hall.day.clinic.clinic, &hall.day.book, &bolats).await.unwrap();
    comes(&hall, "Ибраев", "+77010000018", "12:30").await;
    let clinic = &hall.day.clinic.clinic;
    let desk = hall.reception().await;

    late(&desk, &hall, 15, 0).await;
    booking::arrive(clinic, &hall.day.attend, here.id).await.unwrap();
    booking::cancel(clinic, &hall.day.book, off.id, CancelReason::Ill).await.unwrap();
    hall.work().await;
    assert_eq!(told(&hall), [], "not before half a minute has passed");
    hall.later(SETTLED).await;

    assert_eq!(told(&hall), both(["13", "18"], "late"));
    let texts = hall.server.taken();
    let sms = texts.iter().rfind(|sms| sms.phone.ends_with("13")).unwrap();
    assert!(sms.text.contains("11:00") && sms.text.contains("около 11:15"), "{}", sms.text);
    for secret in ["Валиева", "Лечение", "кариес", "Сейтова"] {
        assert!(!sms.text.contains(secret), "{}", sms.text);
    }
    hall.later(SETTLED).await;
    assert_eq!(told(&hall).len(), 2, "once");
    let page = desk.get(&format!("/late/{}", hall.day.anna)).await.body;
    for part in ["Знает: около 11:15", "Знает: около 12:45", "Нет мобильного номера", "Просил не"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Досов") && !page.contains("Жанов") && !page.contains("Болатов"));
}

#[tokio::test]
async fn a_delay_that_grows_is_said_again_one_that_shrinks_is_not_and_its_end_to_those_who_knew() {
    let hall = Hall::open().await;
    comes(&hall, "Ахметова", "+77010000011", "11:00").await;
    let desk = hall.reception().await;
    // Messages of one moment leave in whatever order.
    let heard = |words: [&str; 2]| {
        let texts = hall.server.taken();
        texts.iter().any(|sms| words.iter().all(|word| sms.text.contains(word)))
    };

    late(&desk, &hall, 15, 0).await;
    hall.later(SETTLED).await;
    assert!(heard(["около 11:15", ""]));
    late(&desk, &hall, 30, 15).await;
    hall.later(SETTLED).await;
    assert!(heard(["около 11:30", ""]));
    late(&desk, &hall, 25, 30).await;
    hall.later(SETTLED).await;
    assert_eq!(told(&hall).len(), 2, "smaller: nobody is written to");

    // Booked since: was told of nothing, and is not told of its end.
    comes(&hall, "Болатов", "+77010000012", "12:00").await;
    late(&desk, &hall, 0, 25).await;
    hall.later(SETTLED).await;
    assert!(heard(["больше не задерживается", "11:00"]));
    let on_time: Vec<_> = told(&hall).into_iter().filter(|(_, word)| *word == "on time").collect();
    assert_eq!(on_time, [("11".to_owned(), "on time")]);
    assert!(!desk.get("/").await.body.contains("задержка"));

    late(&desk, &hall, 15, 0).await;
    hall.later(SETTLED).await;
    assert_eq!(told(&hall).len(), 5, "late again: both hear of it");
}

#[tokio::test]
async fn a_slip_of_the_thumb_is_put_right_before_anybody_hears_of_it() {
    let hall = Hall::open().await;
    comes(&hall, "Ахметова", "+77010000011", "11:00").await;
    comes(&hall, "Болатов", "+77010000012", "11:30").await;
    let desk = hall.reception().await;

    for (minutes, seen) in [(30, 0), (60, 30), (5, 60)] {
        late(&desk, &hall, minutes, seen).await;
    }
    hall.later(SETTLED).await;

    assert_eq!(told(&hall), both(["11", "12"], "late"), "one message each");
    let texts = hall.server.taken();
    assert!(texts.iter().any(|sms| sms.text.contains("около 11:35")), "in whatever order");
    late(&desk, &hall, 15, 5).await;
    late(&desk, &hall, 5, 15).await;
    hall.later(SETTLED).await;
    assert_eq!(told(&hall).len(), 2, "taken back in time");
}

#[tokio::test]
async fn a_message_whose_turn_comes_late_says_how_it_stands_then_or_nothing() {
    let hall = Hall::open().await;
    comes(&hall, "Ахметова", "+77010000011", "11:00").await;
    let gone = comes(&hall, "Болатов", "+77010000012", "11:30").await;
    hall.work().await;
    let desk = hall.reception().await;
    let clinic = &hall.day.clinic.clinic;
    let write = async || {
        clinic.clock().advance_ms(60_000);
        while 0 < tirkeu::app::jobs().run_due(&clinic.vault, clinic).await.unwrap() {}
    };

    late(&desk, &hall, 30, 0).await;
    write().await;
    assert_eq!(states(&hall.day).await, ["doctor_late queued", "doctor_late queued"]);
    booking::cancel(clinic, &hall.day.book, gone.id, CancelReason::Ill).await.unwrap();
    late(&desk, &hall, 10, 30).await;
    hall.work().await;
    hall.later(SETTLED).await;

    let mut states = states(&hall.day).await;
    states.sort();
    let withheld = "doctor_late withheld";
    assert_eq!(
        states,
        [
            "doctor_late accepted".to_owned(),
            format!("{withheld} cancelled"),
            format!("{withheld} late_changed"),
        ]
    );
    assert_eq!(told(&hall), [("11".to_owned(), "late")]);
    assert!(hall.server.taken().last().unwrap().text.contains("около 11:10"));
}

#[tokio::test]
async fn a_doctor_says_it_of_themselves_with_one_tap_and_of_nobody_else() {
    let hall = Hall::open().await;
    hall.day.booked("11:00").await;
    let doctor = hall.day.clinic.sign_in(Role::Doctor).await;
    let other = late(&doctor, &hall, 15, 0).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);

    let staff = doctor.actor().staff().unwrap();
    let sql = format!("UPDATE resource SET staff_id = '{staff}' WHERE id = '{}'", hall.day.anna);
    hall.day.clinic.write(&sql).await.unwrap();
    let page = doctor.get("/my-day").await.body;
    for part in ["По расписанию", "name=\"minutes\" value=\"15\"", "name=\"seen\" value=\"0\""]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(late(&doctor, &hall, 15, 0).await.status, StatusCode::SEE_OTHER);
    let page = doctor.get("/my-day").await.body;
    for part in [
        "Вы задерживаетесь на 15 мин",
        "≈ 11:15",
        "name=\"minutes\" value=\"20\"",
        "name=\"minutes\" value=\"10\"",
        "name=\"minutes\" value=\"0\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let bolat = format!("/late/{}", hall.day.bolat);
    let refused = doctor.post(&bolat, "minutes=15&seen=0").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let desk = hall.reception().await;
    assert_eq!(desk.post(&bolat, "minutes=15&seen=0").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn said_twice_is_said_once_and_no_word_is_written_over_unread() {
    let hall = Hall::open().await;
    let desk = hall.reception().await;
    for _ in 0..2 {
        assert_eq!(late(&desk, &hall, 15, 0).await.status, StatusCode::SEE_OTHER);
    }
    let said = hall.day.clinic.audited().await;
    assert_eq!(said.iter().filter(|act| *act == "lateness.set").count(), 1);
    let stale = late(&desk, &hall, 5, 0).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("Задержку уже изменил кто-то другой"), "{}", stale.body);
    for odd in [7, -5, 245] {
        let refused = late(&desk, &hall, odd, 15).await;
        assert!(refused.status.is_client_error(), "{odd}");
    }
    let chair = format!("/late/{}", hall.day.chair);
    assert_eq!(desk.post(&chair, "minutes=15&seen=0").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get(&chair).await.status, StatusCode::NOT_FOUND);
    let kept = hall.day.clinic.rows("SELECT minutes || '' FROM lateness").await;
    assert_eq!(kept, ["15"]);
}

#[tokio::test]
async fn whoever_is_booked_to_a_doctor_who_is_late_already_is_told_too() {
    let hall = Hall::open().await;
    comes(&hall, "Ахметова", "+77010000011", "11:00").await;
    let desk = hall.reception().await;
    late(&desk, &hall, 15, 0).await;
    hall.later(SETTLED).await;
    assert_eq!(told(&hall).len(), 1);

    comes(&hall, "Болатов", "+77010000012", "12:00").await;
    comes(&hall, "Валиева", "+77010000013", "2026-11-24T10:00").await;
    hall.work().await;
    hall.later(SETTLED).await;
    assert_eq!(told(&hall), both(["11", "12"], "late"), "and nobody twice, nor of another day");
}
