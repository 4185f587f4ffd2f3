//! Follow-ups: whom to ask to come again, until a visit of that kind is booked.

use axum::http::StatusCode;

use tirkeu::booking::{self, CancelReason, NewAppointment};
use tirkeu::clock::Day;
use tirkeu::followups::{self, CloseReason, FollowUpError, FollowUpId, NewFollowUp, Note, Shown};
use tirkeu::i18n::Language;
use tirkeu::ids::PatientId;
use tirkeu::patients::blocking::{self, BlockReason, NewBlock};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{BlockPatients, KeepFollowUps, Role, ViewFollowUps};

use crate::booking::{Day1, time};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The clinic of [`Day1`] on its Monday, with somebody who sets follow-ups.
struct Desk {
    day: Day1,
    keep: Grant<KeepFollowUps>,
    view: Grant<ViewFollowUps>,
}

impl Desk {
    async fn open() -> Self {
        let day = Day1::open().await;
        let keep = day.clinic.grant(Role::Reception).await;
        let view = day.clinic.grant(Role::Reception).await;
        Self { day, keep, view }
    }

    fn due_on(&self, due: &str) -> NewFollowUp {
        NewFollowUp {
            patient_id: self.day.patient,
            service_id: self.day.filling,
            doctor_id: self.day.anna,
            after_id: None,
            due: day(due),
            note: Note::Checkup,
        }
    }

    async fn set(&self, due: &str) -> FollowUpId {
        followups::set(&self.day.clinic.clinic, &self.keep, &self.due_on(due)).await.unwrap()
    }

    /// State, how it fell through, and why it was closed, of each on a list.
    async fn listed(&self, shown: Shown) -> Vec<String> {
        let clinic = &self.day.clinic.clinic;
        let lines = followups::list(clinic, &self.view, shown, None, Language::Ru).await.unwrap();
        lines
            .iter()
            .map(|line| format!("{:?} {:?} {}", line.state, line.lapse, line.reason))
            .collect()
    }

    async fn due(&self) -> u32 {
        followups::due(&self.day.clinic.clinic, &self.view).await.unwrap()
    }

    fn at(&self, starts: &str) -> NewAppointment {
        NewAppointment { starts: time(starts), ..self.day.at("09:00") }
    }

    async fn book(&self, starts: &str) -> booking::Appointment {
        booking::book(&self.day.clinic.clinic, &self.day.book, &self.at(starts)).await.unwrap()
    }

    async fn last_event(&self, act: &str) -> serde_json::Value {
        let ledger = self.day.clinic.ledger().await;
        ledger.into_iter().rev().find(|event| event["act"] == act).unwrap()
    }
}

#[tokio::test]
async fn it_stands_on_the_list_until_a_visit_of_that_kind_is_booked() {
    let desk = Desk::open().await;
    let id = desk.set("2026-12-01").await;
    assert_eq!(desk.listed(Shown::Due).await, ["Open None "]);
    assert_eq!(desk.due().await, 1);

    let made = desk.book("2026-11-30T10:00").await;
    assert!(desk.listed(Shown::Due).await.is_empty());
    assert_eq!(desk.listed(Shown::Booked).await, ["Booked None "]);
    let event = desk.last_event("appointment.booked").await;
    assert_eq!(event["detail"]["follow_up"], id.to_string());
    assert_eq!(event["oid"], made.id.to_string());
}

#[tokio::test]
async fn what_falls_through_is_to_be_booked_again_and_what_stands_again_is_not() {
    let desk = Desk::open().await;
    let id = desk.set("2026-11-24").await;
    let clinic = &desk.day.clinic.clinic;

    let made = desk.book("2026-11-24T10:00").await;
    booking::cancel(clinic, &desk.day.book, made.id, CancelReason::Patient).await.unwrap();
    assert_eq!(desk.listed(Shown::Due).await, ["Open Cancelled "]);
    let event = desk.last_event("appointment.cancelled").await;
    assert_eq!(event["detail"]["follow_up"], id.to_string());

    booking::undo(clinic, &desk.day.attend, made.id, "").await.unwrap();
    assert_eq!(desk.listed(Shown::Booked).await, ["Booked None "]);
    assert!(desk.listed(Shown::Due).await.is_empty());

    clinic.clock().advance_ms(28 * 3_600_000);
    booking::no_show(clinic, &desk.day.attend, made.id).await.unwrap();
    assert_eq!(desk.listed(Shown::Due).await, ["Open NoShow "]);
}

#[tokio::test]
async fn a_visit_of_another_kind_or_of_this_week_does_not_answer_for_half_a_year() {
    let desk = Desk::open().await;
    desk.set("2027-05-24").await;
    assert_eq!(desk.due().await, 0, "nobody is called half a year ahead");
    desk.book("2026-11-25T10:00").await;
    let clinic = &desk.day.clinic.clinic;
    let talk = NewAppointment { service_id: desk.day.talk, ..desk.at("2027-05-24T10:00") };
    booking::book(clinic, &desk.day.book, &talk).await.unwrap();
    assert_eq!(desk.listed(Shown::Open).await, ["Open None "]);
    desk.book("2027-03-01T10:00").await;
    assert!(desk.listed(Shown::Open).await.is_empty());
}

#[tokio::test]
async fn who_is_booked_for_about_then_already_is_not_called() {
    let desk = Desk::open().await;
    desk.book("2026-12-01T10:00").await;
    desk.set("2026-12-01").await;
    assert_eq!(desk.listed(Shown::Booked).await, ["Booked None "]);
    // The same visit answers no second one.
    let other = NewFollowUp { doctor_id: desk.day.bolat, ..desk.due_on("2026-12-02") };
    followups::set(&desk.day.clinic.clinic, &desk.keep, &other).await.unwrap();
    assert_eq!(desk.listed(Shown::Open).await, ["Open None "]);
}

#[tokio::test]
async fn said_twice_of_one_service_and_doctor_the_later_word_holds() {
    let desk = Desk::open().await;
    let first = desk.set("2027-05-24").await;
    assert_eq!(desk.set("2026-12-01").await, first);
    assert_eq!(desk.listed(Shown::Open).await.len(), 1);
    assert_eq!(desk.due().await, 1);
}

#[tokio::test]
async fn a_reason_closes_it_and_a_mistake_is_taken_back() {
    let desk = Desk::open().await;
    let id = desk.set("2026-12-01").await;
    let clinic = &desk.day.clinic.clinic;
    followups::close(clinic, &desk.keep, id, 1, CloseReason::Declined).await.unwrap();
    assert_eq!(desk.listed(Shown::Closed).await, ["Closed None declined"]);
    assert_eq!(desk.due().await, 0);
    assert_eq!(desk.last_event("follow_up.closed").await["why"], "declined");
    let stale = followups::close(clinic, &desk.keep, id, 1, CloseReason::Came).await;
    assert!(matches!(stale, Err(FollowUpError::Changed)), "{stale:?}");
    followups::reopen(clinic, &desk.keep, id, 2).await.unwrap();
    assert_eq!(desk.listed(Shown::Due).await, ["Open None "]);
}

#[tokio::test]
async fn nothing_is_set_for_what_is_not_there() {
    let desk = Desk::open().await;
    let clinic = &desk.day.clinic.clinic;
    let refused =
        async |new: NewFollowUp| followups::set(clinic, &desk.keep, &new).await.unwrap_err();
    let due = "2026-12-01";
    let nobody = PatientId::new(clinic.clock().now());
    let error = refused(NewFollowUp { patient_id: nobody, ..desk.due_on(due) }).await;
    assert!(matches!(error, FollowUpError::NoSuch));
    let error = refused(NewFollowUp { doctor_id: desk.day.chair, ..desk.due_on(due) }).await;
    assert!(matches!(error, FollowUpError::NoSuch));
    let by_bolat = NewFollowUp { doctor_id: desk.day.bolat, ..desk.due_on(due) };
    let error = refused(NewFollowUp { service_id: desk.day.talk, ..by_bolat }).await;
    assert!(matches!(error, FollowUpError::Impossible));
    assert!(desk.listed(Shown::Open).await.is_empty());
}

#[tokio::test]
async fn whose_data_is_blocked_is_neither_listed_nor_counted_nor_set() {
    let desk = Desk::open().await;
    desk.set("2026-12-01").await;
    let block = desk.day.clinic.grant::<BlockPatients>(Role::Owner).await;
    let new = NewBlock {
        patient_id: desk.day.patient,
        reason: BlockReason::Asked,
        basis: "94-V".to_owned(),
        until: None,
        request_id: None,
    };
    blocking::block(desk.day.clinic.vault(), &block, &new).await.unwrap();
    assert!(desk.listed(Shown::Due).await.is_empty());
    assert_eq!(desk.due().await, 0);
    let again =
        followups::set(&desk.day.clinic.clinic, &desk.keep, &desk.due_on("2026-12-02")).await;
    assert!(matches!(again, Err(FollowUpError::Blocked)), "{again:?}");
}

#[tokio::test]
async fn a_doctor_sees_what_they_said_and_sets_nothing_for_strangers() {
    let desk = Desk::open().await;
    desk.set("2026-12-01").await;
    let doctor = desk.day.clinic.sign_in(Role::Doctor).await;
    let list = doctor.get("/follow-ups").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(!list.body.contains("Мусин"), "another doctor's");
    let form = format!(
        "patient={}&service={}&doctor={}&wait=6m",
        desk.day.patient, desk.day.filling, desk.day.anna
    );
    let answer = doctor.post("/follow-ups", &form).await;
    assert_ne!(answer.status, StatusCode::SEE_OTHER, "not their patient");

    desk.day.clinic.let_doctors_reach_everybody().await;
    let answer = doctor.post("/follow-ups", &form).await;
    assert_eq!(answer.header("location"), format!("/patients/{}", desk.day.patient));
}

#[tokio::test]
async fn the_form_keeps_what_was_typed_and_says_what_is_wrong() {
    let desk = Desk::open().await;
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let form = format!("patient={}&doctor={}&day=31.02.2027", desk.day.patient, desk.day.anna);
    let answer = reception.post("/follow-ups", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("31.02.2027") && answer.body.contains("Выберите услугу"));
    let form = format!(
        "patient={}&service={}&doctor={}&wait=day&day=1.12.2026&back=/follow-ups",
        desk.day.patient, desk.day.filling, desk.day.anna
    );
    assert_eq!(reception.post("/follow-ups", &form).await.header("location"), "/follow-ups");
    let list = reception.get("/follow-ups").await;
    assert!(
        list.body.contains("01.12.2026") && list.body.contains("tel:+77012345678"),
        "{}",
        list.body
    );
    assert!(list.body.contains("nearest=1"), "one key books it");
    let today = reception.get("/").await;
    assert!(today.body.contains("Пригласить на повторный приём: 1"));
    let card = reception.get(&format!("/patients/{}/follow-ups", desk.day.patient)).await;
    assert!(card.body.contains("01.12.2026"));
}

#[tokio::test]
async fn the_rail_counts_those_to_be_called_on_the_day_they_are() {
    let desk = Desk::open().await;
    let clinic = &desk.day.clinic.clinic;
    let work = async || {
        while 0 < tirkeu::app::jobs().run_due(&clinic.vault, clinic).await.unwrap() {}
        clinic.waiting.at(followups::WAITING)
    };
    desk.set("2026-12-10").await;
    assert_eq!(work().await, 0, "in seventeen days");
    clinic.clock().advance_ms(3 * 24 * 3_600_000);
    assert_eq!(work().await, 1);
    desk.book("2026-12-10T10:00").await;
    assert_eq!(work().await, 0);
}
