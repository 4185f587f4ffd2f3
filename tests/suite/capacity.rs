//! The empty-chair ledger over days that can be reckoned by hand.

use axum::http::StatusCode;
use calamine::{Data, DataType, Reader, Xlsx};

use tirkeu::booking::{self, CancelReason};
use tirkeu::capacity::{self, Basis, Cause, Load, Use};
use tirkeu::clock::Day;
use tirkeu::ids::ResourceId;
use tirkeu::schedule::{self, ExceptionDraft, ExceptionReason, OneDay};
use tirkeu::vault::permission::{Role, SetUpClinic, ViewCapacity};

use crate::booking::Day1;

fn date(text: &str) -> Day {
    text.parse().unwrap()
}

/// A price for every service: 100 ₸ a minute.
async fn priced() -> Day1 {
    let day = Day1::open().await;
    day.clinic.write("UPDATE service SET price_tiyn = duration_minutes * 10000").await.unwrap();
    day
}

async fn monday(day: &Day1) -> Vec<Load> {
    let grant = day.clinic.grant::<ViewCapacity>(Role::Owner).await;
    let monday = date("2026-11-23");
    capacity::loads(&day.clinic.clinic, &grant, (monday, monday)).await.unwrap()
}

fn of(loads: &[Load], id: ResourceId) -> &Load {
    loads.iter().find(|one| one.id == id).unwrap()
}

/// Minutes and tiyn of a cause.
fn idle(load: &Load, cause: Cause) -> (u64, i64) {
    let own = load.stretches.iter().filter(|one| one.stretch.what == Use::Idle(cause));
    own.fold((0, 0), |(minutes, tiyn), one| {
        (minutes + u64::from(one.stretch.span.minutes()), tiyn + one.tiyn)
    })
}

#[tokio::test]
async fn a_day_is_reckoned_to_the_minute_and_each_stretch_names_its_appointment() {
    let day = priced().await;
    let clinic = &day.clinic.clinic;
    let made = day.booked("10:00").await;
    let cancelled = day.booked("11:00").await;
    booking::cancel(clinic, &day.book, cancelled.id, CancelReason::Ill).await.unwrap();

    let owner = day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/capacity?first=23.11.2026&last=23.11.2026").await;
    assert_eq!(page.status, StatusCode::OK);
    // Anna: nine hours, one of them lunch, half an hour of them used.
    let body = page.body;
    assert!(body.contains("8:30") && body.contains("0:30"), "{body}");
    assert!(body.contains("10:00–10:30") && body.contains("11:00–11:30"), "{body}");
    for id in [made.id, cancelled.id] {
        assert!(body.contains(&format!("/appointments/{id}")), "{body}");
    }
    assert!(body.contains("Поздняя отмена") && !body.contains("Мусин"), "no patient's name");
    assert!(body.contains("<svg class=\"ch stackb\"") && !body.contains("style="), "drawn");
}

#[tokio::test]
async fn what_was_done_in_the_period_is_the_price_of_the_rest() {
    let day = priced().await;
    // The filling costs twice what the list's mean says, the talk half of it.
    let dear = format!("UPDATE service SET price_tiyn = 600000 WHERE id = '{}'", day.filling);
    day.clinic.write(&dear).await.unwrap();
    let made = day.booked("10:00").await;
    let missed = day.booked("11:00").await;
    for (id, status) in [(made.id, "completed"), (missed.id, "no_show")] {
        let set = format!("UPDATE appointment SET status = '{status}' WHERE id = '{id}'");
        day.clinic.write(&set).await.unwrap();
    }
    let loads = monday(&day).await;
    let anna = of(&loads, day.anna);
    assert_eq!(anna.rate.basis, Basis::Done { visits: 1 });
    assert_eq!(idle(anna, Cause::NoShow), (30, 600_000));
    assert_eq!(idle(anna, Cause::NoShift), (60, 0), "a doctor's lunch sells nothing");
    assert_eq!(idle(anna, Cause::Unsold), (420, 420 * 20_000));
    let chair = of(&loads, day.chair);
    assert_eq!(idle(chair, Cause::NoShift), (60, 60 * 20_000), "a chair could have been used");
    // Bolat did nothing: the mean of 600,000 for 30 minutes and 600,000 for 60.
    let bolat = of(&loads, day.bolat);
    assert_eq!(bolat.rate.basis, Basis::PriceList);
    assert_eq!(idle(bolat, Cause::Unsold), (480, 480 * 1_200_000 / 90));
    for load in &loads {
        let idle: u64 = Cause::ALL.iter().map(|cause| idle(load, *cause).0).sum();
        assert_eq!(idle + load.tally.used, 540, "every minute of the branch's nine hours, once");
    }
}

#[tokio::test]
async fn who_is_ill_is_absent_and_their_chair_with_them() {
    let day = priced().await;
    let setup = day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let ill = ExceptionDraft {
        resource_id: day.anna,
        from: date("2026-11-23"),
        until: date("2026-11-23"),
        what: OneDay::Off,
        reason: ExceptionReason::Sick,
    };
    schedule::add_exceptions(day.clinic.vault(), &setup, &ill).await.unwrap();
    let loads = monday(&day).await;
    for id in [day.anna, day.chair] {
        assert_eq!(idle(of(&loads, id), Cause::Absent).0, 480);
        assert_eq!(idle(of(&loads, id), Cause::NoShift).0, 60);
    }
    assert_eq!(idle(of(&loads, day.bolat), Cause::Absent).0, 0);
}

#[tokio::test]
async fn the_owner_sets_the_value_of_a_chairs_hour_and_when_a_cancellation_is_late() {
    let day = priced().await;
    let cancelled = day.booked("11:00").await;
    booking::cancel(&day.clinic.clinic, &day.book, cancelled.id, CancelReason::Ill).await.unwrap();
    let owner = day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/capacity/rule").await;
    assert!(page.status == StatusCode::OK && page.body.contains("value=\"24\""), "{}", page.body);
    let saved = owner.post("/capacity/rule", "late_hours=2&chair_hour=12+000").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);

    let loads = monday(&day).await;
    let chair = of(&loads, day.chair);
    assert_eq!(chair.rate.basis, Basis::Set);
    assert_eq!(idle(chair, Cause::LateCancel).0, 0, "three hours' notice is in time now");
    assert_eq!(idle(chair, Cause::Unsold), (480, 480 * 20_000));
    assert_eq!(of(&loads, day.anna).rate.basis, Basis::PriceList, "of chairs alone");
    let ledger = day.clinic.ledger().await;
    let event = ledger.iter().find(|event| event["act"] == "capacity.rule_set").unwrap();
    assert!(event.to_string().contains("1200000"), "{event}");

    let refused = owner.post("/capacity/rule", "late_hours=soon&chair_hour=-5").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"soon\"") && refused.body.contains("value=\"-5\""));
    let desk = day.clinic.sign_in(Role::Reception).await;
    assert_eq!(desk.get("/capacity/rule").await.status, StatusCode::FORBIDDEN);
    let tried = desk.post("/capacity/rule", "late_hours=1&chair_hour=").await;
    assert_eq!(tried.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_file_holds_every_minute_of_the_page_and_no_patient_and_is_in_the_ledger() {
    let day = priced().await;
    day.booked("10:00").await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let bytes = owner.raw("/capacity/report.xlsx?first=23.11.2026&last=24.11.2026").await;
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names.len(), 3, "{names:?}");
    let sheet = book.worksheet_range(&names[2]).unwrap();
    let minutes: f64 = sheet.rows().skip(1).filter_map(|row| row[4].get_float()).sum();
    assert!((minutes - 4.0 * 2.0 * 540.0).abs() < 0.1, "four, two days, nine hours: {minutes}");
    for name in names {
        let sheet = book.worksheet_range(&name).unwrap();
        let has = |word: &str| {
            sheet
                .cells()
                .any(|(_, _, cell)| matches!(cell, Data::String(text) if text.contains(word)))
        };
        assert!(!has("Мусин") && !has("7012345678"), "{name} names a patient");
    }
    assert!(day.clinic.audited().await.contains(&"capacity.exported".to_owned()));
    let bad = owner.get("/capacity/report.xlsx?first=soon&last=24.11.2026").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let desk = day.clinic.sign_in(Role::Reception).await;
    let tried = desk.get("/capacity/report.xlsx?first=23.11.2026&last=24.11.2026").await;
    assert_eq!(tried.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_closed_day_and_the_days_to_come_are_said_in_words() {
    let day = priced().await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let sunday = owner.get("/capacity?first=22.11.2026&last=22.11.2026").await;
    assert!(sunday.body.contains("нет ни одной смены"), "{}", sunday.body);
    let ahead = owner.get("/capacity?first=22.11.2026&last=29.11.2026").await;
    assert!(ahead.body.contains("Период ещё не закончился"), "{}", ahead.body);
    let past = owner.get("/capacity").await;
    assert!(past.body.contains("16.11.2026") && past.body.contains("22.11.2026"));
    assert!(!past.body.contains("Период ещё не закончился"));
}

#[tokio::test]
async fn odd_periods_are_refused_with_words_and_what_was_typed() {
    let day = Day1::open().await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    for query in ["first=soon&last=23.11.2026", "first=24.11.2026&last=23.11.2026"] {
        let page = owner.get(&format!("/capacity?{query}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.body.contains("23.11.2026"), "{query}");
    }
    let page = owner.get("/capacity?first=01.09.2026&last=02.12.2026").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "93 days");
    let page = owner.get("/capacity?first=01.09.2026&last=01.12.2026").await;
    assert_eq!(page.status, StatusCode::OK, "92 days");
    let desk = day.clinic.sign_in(Role::Reception).await;
    assert_eq!(desk.get("/capacity").await.status, StatusCode::FORBIDDEN);
}
