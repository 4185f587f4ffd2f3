//! The machine looks at itself.

use axum::http::StatusCode;
use tirkeu::booking::{self, NewAppointment};
use tirkeu::system;
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{Overbook, Role};

use crate::booking::Day1;

/// A database whose own word against overlaps was taken away, and one came in.
async fn doubled() -> Day1 {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let other = day.booked("11:00").await;
    day.clinic.write("DROP TRIGGER reservation_overlaps_none").await.unwrap();
    let shoved = format!(
        "INSERT INTO reservation VALUES ('{}', 9, '{}', '2026-11-23T10:10', '2026-11-23T10:20', \
         1, 0)",
        other.id, day.anna
    );
    day.clinic.write(&shoved).await.unwrap();
    assert_ne!(made.id, other.id);
    day
}

#[tokio::test]
async fn the_night_counts_overlaps_and_finds_none_that_the_database_refused() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let grant: Grant<Overbook> = day.book.also().unwrap();
    let over = NewAppointment { place_id: None, ..day.at("10:15") };
    booking::overbook(&day.clinic.clinic, &grant, &over, "Острая боль").await.unwrap();

    assert!(system::nightly_if_due(&day.clinic.clinic).await.unwrap());
    assert!(!system::nightly_if_due(&day.clinic.clinic).await.unwrap(), "once a night");
    let found = day.clinic.rows("SELECT check_name || wrong FROM self_check ORDER BY 1").await;
    assert_eq!(found, ["ledger0", "overlaps0", "pages0"], "an overbooking has its reason");
    assert_eq!(day.clinic.clinic.waiting.at(system::WAITING), 0);
}

#[tokio::test]
async fn an_overlap_that_came_in_all_the_same_is_counted_and_shown_until_it_is_gone() {
    let day = doubled().await;
    system::nightly_if_due(&day.clinic.clinic).await.unwrap();
    let found = "SELECT CAST(wrong AS TEXT) FROM self_check WHERE check_name = 'overlaps'";
    assert_eq!(day.clinic.rows(found).await, ["1"]);
    assert_eq!(day.clinic.clinic.waiting.at(system::WAITING), 1, "the rail counts it");

    let admin = day.clinic.sign_in(Role::Sysadmin).await;
    let page = admin.get("/system").await;
    assert!(page.body.contains("1 нарушение"), "{}", page.body);
    assert_eq!(day.clinic.audited().await.last().unwrap(), "system.checked");
}

#[tokio::test]
async fn whoever_keeps_the_machine_asks_for_the_checks_and_reception_does_not() {
    let day = Day1::open().await;
    let admin = day.clinic.sign_in(Role::Sysadmin).await;
    assert!(admin.get("/system").await.body.contains("ещё не проверялось"));
    assert_eq!(admin.post("/system/check", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.get("/system/progress").await.status, StatusCode::NO_CONTENT);
    let jobs = tirkeu::app::jobs();
    while jobs.run_due(day.clinic.vault(), &day.clinic.clinic).await.unwrap() > 0 {}
    assert_eq!(admin.get("/system/progress").await.header("hx-refresh"), "true");
    assert!(!admin.get("/system").await.body.contains("ещё не проверялось"));

    let desk = day.clinic.sign_in(Role::Reception).await;
    assert_eq!(desk.post("/system/check", "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_ledger_whose_head_outside_the_database_is_gone_is_not_called_whole() {
    let day = Day1::open().await;
    std::fs::remove_file(day.clinic.database().with_file_name("ledger.head")).unwrap();
    system::nightly_if_due(&day.clinic.clinic).await.unwrap();
    let found = "SELECT CAST(wrong AS TEXT) FROM self_check WHERE check_name = 'ledger'";
    assert_eq!(day.clinic.rows(found).await, ["1"]);
}
