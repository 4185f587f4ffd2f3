//! A yes counts for the time it was said for: what the desk does to the visit
//! afterwards is no yes to another time, and takes none back.

use tirkeu::booking::{self, Appointment, CancelReason, Moving};

use crate::booking::time;
use crate::reminders::Desk;

impl Desk {
    /// Confirmed, and then moved to four in the afternoon by the desk: nobody has
    /// said yes to that.
    async fn moved_after_a_yes(&self) -> Appointment {
        let (made, link) = self.booked("2026-11-26T14:30").await;
        self.post(&format!("{link}/confirm"), "").await;
        let to = Moving { starts: Some(time("2026-11-26T16:00")), ..Moving::default() };
        let clinic = &self.day.clinic.clinic;
        let book = &self.day.book;
        let moved = booking::move_to(clinic, book, made.id, made.version + 1, &to).await.unwrap();
        self.write().await;
        self.send().await;
        moved.now
    }

    async fn reminded_of_it(&self) -> usize {
        self.comes("2026-11-24T16:00").await;
        self.reminders().len()
    }
}

#[tokio::test]
async fn a_comment_on_a_visit_that_the_desk_moved_is_no_yes_to_its_new_time() {
    let desk = Desk::open().await;
    let moved = desk.moved_after_a_yes().await;
    let (clinic, book) = (&desk.day.clinic.clinic, &desk.day.book);
    booking::edit_comment(clinic, book, moved.id, moved.version, "на костылях").await.unwrap();
    assert_eq!(desk.reminded_of_it().await, 1, "{:?}", desk.touches().await);
}

#[tokio::test]
async fn an_arrival_that_is_taken_back_is_no_yes_to_a_time_that_the_desk_chose() {
    let desk = Desk::open().await;
    let moved = desk.moved_after_a_yes().await;
    let (clinic, attend) = (&desk.day.clinic.clinic, &desk.day.attend);
    // Pressed on the wrong line, a moment after the day has come.
    desk.day.advance_to("2026-11-26T09:30");
    booking::arrive(clinic, attend, moved.id).await.unwrap();
    booking::undo(clinic, attend, moved.id, "x").await.unwrap();
    desk.comes("2026-11-26T14:00").await;
    assert_eq!(desk.reminders().len(), 1, "{:?}", desk.touches().await);
}

#[tokio::test]
async fn a_cancellation_that_is_taken_back_is_no_yes_to_a_time_that_the_desk_chose() {
    let desk = Desk::open().await;
    let moved = desk.moved_after_a_yes().await;
    let (clinic, day) = (&desk.day.clinic.clinic, &desk.day);
    booking::cancel(clinic, &day.book, moved.id, CancelReason::Clinic).await.unwrap();
    booking::undo(clinic, &day.attend, moved.id, "x").await.unwrap();
    assert_eq!(desk.reminded_of_it().await, 1, "{:?}", desk.touches().await);
}

#[tokio::test]
async fn a_yes_outlives_a_comment_an_arrival_and_a_cancellation_that_were_taken_back() {
    let desk = Desk::open().await;
    let (made, link) = desk.booked("2026-11-26T14:30").await;
    desk.post(&format!("{link}/confirm"), "").await;
    let (clinic, day) = (&desk.day.clinic.clinic, &desk.day);
    let version = made.version + 1;
    booking::edit_comment(clinic, &day.book, made.id, version, "x").await.unwrap();
    booking::cancel(clinic, &day.book, made.id, CancelReason::Clinic).await.unwrap();
    booking::undo(clinic, &day.attend, made.id, "x").await.unwrap();
    desk.comes("2026-11-24T14:31").await;
    day.advance_to("2026-11-26T09:30");
    booking::arrive(clinic, &day.attend, made.id).await.unwrap();
    booking::undo(clinic, &day.attend, made.id, "x").await.unwrap();
    desk.comes("2026-11-26T12:31").await;
    assert_eq!(desk.reminders(), Vec::<String>::new());
}
