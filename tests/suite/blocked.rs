//! Blocked data is kept and not used, also by the schedule (law 94-V art. 25).

use axum::http::StatusCode;
use tirkeu::booking::{self, BookingError, CancelReason, NewAppointment};
use tirkeu::ids::PatientId;
use tirkeu::patients::blocking::{self, BlockReason, NewBlock};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{BlockPatients, Overbook, Role};

use crate::booking::Day1;
use crate::online::{DANA, Online, Typed};
use crate::waitlist::Hall;

async fn block(day: &Day1) {
    block_card(day, day.patient).await;
}

async fn block_card(day: &Day1, patient_id: PatientId) {
    let officer = day.clinic.grant::<BlockPatients>(Role::Compliance).await;
    let new = NewBlock {
        patient_id,
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

/// As the patient of [`Day1`] would fill the form.
const ERZHAN: Typed<'_> = Typed { name: "Ержан Мусин", phone: "8 701 234 56 78", ..DANA };

#[tokio::test]
async fn a_blocked_person_who_books_online_is_told_to_call_and_gets_no_fresh_card() {
    let online = Online::open().await;
    online.write("UPDATE patient SET birth_date = '1990-05-17'").await;
    block(&online.day).await;
    let tries = [
        ERZHAN,
        Typed {
            name: "мусин ержан болатович", birth: "1990", ip: "203.0.113.8", ..ERZHAN
        },
        // By another phone, but it is they: name and whole day of birth.
        Typed { phone: "8 701 999 88 77", birth: "17.05.1990", ip: "203.0.113.9", ..ERZHAN },
    ];
    for typed in tries {
        let visit = online.booked(&online.slot("14:00"), typed).await;
        let told = online.get(&visit).await.body;
        assert!(told.contains("Позвоните в клинику"), "{told}");
        assert!(!told.contains("блокир") && !told.contains("Мусин"), "{told}");
        online.later(2);
    }
    assert_eq!(online.state().await, ["call"; 3]);
    assert_eq!(online.rows("SELECT id FROM patient").await.len(), 1, "nobody is registered");
    assert!(online.rows("SELECT id FROM appointment").await.is_empty());
    assert!(online.rows("SELECT a FROM likely_duplicate").await.is_empty());
    let written = "SELECT why FROM audit_event WHERE act = 'online.not_booked'";
    assert_eq!(online.rows(written).await, ["blocked"; 3], "the officer learns why");
}

#[tokio::test]
async fn what_the_blocked_are_told_online_is_what_those_are_told_who_missed_too_many_visits() {
    let online = Online::open().await;
    block(&online.day).await;
    let blocked = online.booked(&online.slot("14:00"), ERZHAN).await;
    online.booked(&online.slot("15:00"), DANA).await;
    let gone = "UPDATE appointment SET status = 'no_show', starts = '2026-11-02T09:30'";
    online.write(gone).await;
    online.set("no_shows = 1").await;
    online.later(2);
    let missed = online.booked(&online.slot("14:00"), DANA).await;
    let (one, other) = (online.get(&blocked).await.body, online.get(&missed).await.body);
    let plain = |page: &str, link: &str| page.replace(link.trim_start_matches("/visit/"), "");
    assert_eq!(plain(&one, &blocked), plain(&other, &missed));
}

#[tokio::test]
async fn others_of_a_blocked_persons_family_book_and_are_not_held_for_the_same_person() {
    let online = Online::open().await;
    block(&online.day).await;
    let other = Typed { name: "Дана Ахметова", ..ERZHAN };
    online.booked(&online.slot("14:00"), other).await;
    assert_eq!(online.state().await, ["booked"]);
    assert!(online.rows("SELECT a FROM likely_duplicate").await.is_empty());
    // The same name and year with another phone: half the country, not one person.
    let namesake = Typed { phone: "8 701 999 88 77", birth: "1990", ..ERZHAN };
    online.booked(&online.slot("15:00"), namesake).await;
    assert_eq!(online.state().await, ["booked"; 2]);
}

#[tokio::test]
async fn the_desk_sees_of_a_blocked_persons_online_booking_only_the_time() {
    let online = Online::open().await;
    let dana = Typed { birth: "17.05.1990", ..DANA };
    online.booked(&online.slot("14:00"), dana).await;
    online.later(2);
    let moderated = format!(
        "INSERT INTO online_service
            (service_id, moderated, urgent, prepare_ru, prepare_kk) VALUES ('{}', 1, 0, '', '')",
        online.day.filling
    );
    online.write(&moderated).await;
    online.booked(&online.slot("15:00"), dana).await;
    let card = online.rows("SELECT id FROM patient WHERE surname = 'Ахметова'").await;
    block_card(&online.day, card[0].parse().unwrap()).await;
    let desk = online.day.clinic.sign_in(Role::Reception).await;

    let page = desk.get("/online").await.body;

    assert!(!page.contains("Ахметова") && !page.contains(&card[0]), "{page}");
    assert!(!page.contains("5556677") && page.contains("15:00") && page.contains("14:00"));
    assert_eq!(page.matches("Данные пациента заблокированы").count(), 3, "{page}");
    let held = online.rows("SELECT appointment_id FROM appointment_hold").await;
    assert!(!page.contains(&format!("/online/{}/approve", held[0])));
    desk.post(&format!("/online/{}/approve", held[0]), "").await;
    let open = "SELECT outcome IS NULL FROM appointment_hold";
    let open = online.rows(&format!("SELECT CAST(({open}) AS TEXT)")).await;
    assert_eq!(open, ["1"], "it is not approved with blocked data");
    let owner = online.day.clinic.sign_in(Role::Owner).await;
    assert!(owner.get("/online").await.body.contains("Ахметова"));
}

#[tokio::test]
async fn a_blocked_person_is_on_no_waiting_list_that_the_desk_sees_and_takes_no_offer() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let asked = hall.patient("Ждущая", "+77010000011").await;
    let called = hall.patient("Тихая", "+77010000012").await;
    let wish = hall.waits(asked, "").await;
    hall.waits(called, "call=on").await;
    hall.cancel(&made).await;
    let offers = hall.offers_to("+77010000011");
    let desk = hall.reception().await;
    let page = desk.get("/waitlist").await.body;
    assert!(page.contains("Ждущая") && page.contains("Тихая"));
    block_card(&hall.day, asked).await;
    block_card(&hall.day, called).await;

    let page = desk.get("/waitlist").await.body;
    assert!(!page.contains("Ждущая") && !page.contains("Тихая"), "{page}");
    let one = desk.get(&format!("/waitlist/{wish}")).await;
    assert_eq!(one.status, StatusCode::CONFLICT);
    assert!(!one.body.contains("Ждущая"));
    let link = hall.get(&offers[0]).await.body;
    assert!(link.contains("Вы больше не в листе ожидания"), "{link}");
    hall.post(&format!("{}/accept", offers[0]), "").await;
    let live = "SELECT id FROM appointment WHERE status IN ('booked', 'confirmed')";
    assert!(hall.day.clinic.rows(live).await.is_empty(), "blocked data books nothing");
    let form = format!(
        "patient={asked}&service={}&first_day=23.11.2026&last_day=23.12.2026",
        hall.day.talk
    );
    assert_eq!(desk.post("/waitlist", &form).await.status, StatusCode::CONFLICT);
    let owner = hall.day.clinic.sign_in(Role::Owner).await;
    assert!(owner.get("/waitlist").await.body.contains("Ждущая"));
    assert_eq!(hall.day.clinic.clinic.waiting.at("waitlist"), 0, "nobody is to be called");
}

#[tokio::test]
async fn whose_data_is_blocked_is_written_to_about_nothing() {
    let hall = Hall::open().await;
    let (kept, gone) = (hall.day.booked("15:00").await, hall.day.booked("16:00").await);
    block(&hall.day).await;
    booking::cancel(&hall.day.clinic.clinic, &hall.day.book, gone.id, CancelReason::Clinic)
        .await
        .unwrap();

    hall.later(1).await;

    assert!(hall.server.taken().is_empty(), "{:?}", hall.server.taken());
    let states = "SELECT DISTINCT state || ' ' || reason FROM message";
    let states = hall.day.clinic.rows(states).await;
    assert_eq!(states, ["withheld blocked"]);
    let desk = hall.reception().await;
    let again = hall.day.clinic.rows("SELECT id FROM message LIMIT 1").await;
    desk.post(&format!("/messages/{}/again", again[0]), "sure=1").await;
    hall.later(1).await;
    assert!(hall.server.taken().is_empty(), "not even on purpose");
    drop(kept);
}

#[tokio::test]
async fn of_a_blocked_patient_of_an_absent_doctor_the_desk_sees_that_a_visit_stands() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    block(&hall.day).await;
    let desk = hall.reception().await;
    let form = format!("doctor={}&reason=sick&first_day=23.11.2026", hall.day.anna);
    let path = desk.post("/absences", &form).await.header("location").to_owned();

    let page = desk.get(&path).await.body;

    assert!(!page.contains("Мусин") && !page.contains("2345678"), "{page}");
    assert!(page.contains("Данные пациента заблокированы") && page.contains("15:00"));
    assert!(!page.contains(&made.id.to_string()), "nothing to click");
    let moved = format!("starts=2026-11-24T10:00&doctor={}&version=1", hall.day.anna);
    let moved = desk.post(&format!("{path}/move/{}", made.id), &moved).await;
    assert_eq!(moved.status, StatusCode::CONFLICT);
    let owner = hall.day.clinic.sign_in(Role::Owner).await;
    assert!(owner.get(&path).await.body.contains("Мусин"));
}
