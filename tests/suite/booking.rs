//! Appointments: made, moved, attended, cancelled, and never over each other.

use tirkeu::booking::{
    self, Appointment, BookingError, CancelReason, Moving, NewAppointment, PastVisit, Place,
    Source, Status, Wanting,
};
use tirkeu::clock::{Civil, Day};
use tirkeu::contact::name::Name;
use tirkeu::ids::{AppointmentId, BranchId, PatientId, ResourceId, ServiceId};
use tirkeu::patients::{self, NewPatient};
use tirkeu::schedule::{
    self, BranchDraft, PatternDraft, Performer, ResourceDraft, ResourceKind, ServiceDraft, Span,
};
use tirkeu::vault::permission::{
    AnswerAppointment, Attend, Book, ImportRecords, Overbook, RegisterPatient, Role, SetUpClinic,
    ViewClinic,
};
use tirkeu::vault::{Actor, Event, Grant, Origin};

use crate::support::TestClinic;

/// A clinic with two doctors, two chairs and three services, at work on
/// weekdays from nine to six with lunch from one to two. Its clock stands at
/// eight on Monday 2026-11-23.
pub struct Day1 {
    pub clinic: TestClinic,
    pub branch: BranchId,
    pub anna: ResourceId,
    pub bolat: ResourceId,
    pub chair: ResourceId,
    pub other_chair: ResourceId,
    /// Half an hour in any chair, by anybody.
    pub filling: ServiceId,
    /// An hour, by Anna only (forty-five minutes), needs nothing.
    pub talk: ServiceId,
    pub patient: PatientId,
    pub book: Grant<Book>,
    pub attend: Grant<Attend>,
}

pub fn time(text: &str) -> Civil {
    let text = if text.len() == 5 { format!("2026-11-23T{text}") } else { text.to_owned() };
    text.parse().unwrap()
}

impl Day1 {
    pub async fn open() -> Self {
        let clinic = TestClinic::open().await;
        let setup = clinic.grant::<SetUpClinic>(Role::Owner).await;
        let vault = clinic.vault();
        let branch = BranchDraft {
            name: "На Абая".to_owned(),
            address: "Абая 1".to_owned(),
            phone: None,
            zone: "Asia/Almaty".to_owned(),
        };
        let branch = schedule::add_branch(vault, &setup, &branch).await.unwrap();
        let made = [
            (ResourceKind::Doctor, "Сейтова Анна Нурлановна"),
            (ResourceKind::Doctor, "Оспанов Болат Маратович"),
            (ResourceKind::Chair, "Кресло 1"),
            (ResourceKind::Chair, "Кресло 2"),
        ];
        let mut ids = Vec::new();
        for (kind, name) in made {
            let draft = ResourceDraft::named(branch, kind, name);
            ids.push(schedule::add_resource(vault, &setup, &draft).await.unwrap());
        }
        let [anna, bolat, chair, other_chair] = ids.try_into().unwrap();
        let from: Day = "2026-11-02".parse().unwrap();
        for (doctor, place) in [(anna, chair), (bolat, other_chair)] {
            let week: Vec<PatternDraft> = (1..=5)
                .map(|weekday| PatternDraft {
                    alternate_from: None,
                    weekday,
                    hours: Span { starts: 9 * 60, ends: 18 * 60 },
                    lunch: Some(Span { starts: 13 * 60, ends: 14 * 60 }),
                    place_id: Some(place),
                })
                .collect();
            schedule::set_week(vault, &setup, doctor, from, &week).await.unwrap();
        }
        let mut filling = ServiceDraft::named("Лечение кариеса");
        filling.needs = vec![ResourceKind::Chair];
        let filling = schedule::add_service(vault, &setup, &filling).await.unwrap();
        let mut talk = ServiceDraft::named("Консультация");
        talk.duration_minutes = 60;
        talk.performers = vec![Performer { resource_id: anna, duration_minutes: Some(45) }];
        let talk = schedule::add_service(vault, &setup, &talk).await.unwrap();
        let register = clinic.grant::<RegisterPatient>(Role::Reception).await;
        let new = NewPatient {
            name: Name::new("Мусин", "Ержан", ""),
            phones: vec!["+77012345678".parse().unwrap()],
            ..NewPatient::default()
        };
        let patient = patients::register(vault, &register, &new).await.unwrap();
        let book = clinic.grant::<Book>(Role::Reception).await;
        let attend = book.also().unwrap();
        Self {
            clinic,
            branch,
            anna,
            bolat,
            chair,
            other_chair,
            filling,
            talk,
            patient,
            book,
            attend,
        }
    }

    /// Somebody else who works Monday to Friday in a chair of their own.
    pub async fn another_doctor(&self, name: &str) -> ResourceId {
        let setup = self.clinic.grant::<SetUpClinic>(Role::Owner).await;
        let vault = self.clinic.vault();
        let doctor = ResourceDraft::named(self.branch, ResourceKind::Doctor, name);
        let doctor = schedule::add_resource(vault, &setup, &doctor).await.unwrap();
        let chair = ResourceDraft::named(self.branch, ResourceKind::Chair, &format!("К. {name}"));
        let chair = schedule::add_resource(vault, &setup, &chair).await.unwrap();
        let hours = Span { starts: 9 * 60, ends: 18 * 60 };
        let on = |weekday| PatternDraft {
            weekday,
            hours,
            lunch: None,
            place_id: Some(chair),
            alternate_from: None,
        };
        let week: Vec<PatternDraft> = (1..=5).map(on).collect();
        let from: Day = "2026-11-02".parse().unwrap();
        schedule::set_week(vault, &setup, doctor, from, &week).await.unwrap();
        doctor
    }

    /// A filling with Anna.
    pub fn at(&self, starts: &str) -> NewAppointment {
        NewAppointment {
            patient_id: self.patient,
            service_id: self.filling,
            starts: time(starts),
            minutes: None,
            doctor_id: Some(self.anna),
            place_id: None,
            source: Source::Phone,
            comment: String::new(),
            notify: true,
        }
    }

    pub async fn booked(&self, starts: &str) -> Appointment {
        booking::book(&self.clinic.clinic, &self.book, &self.at(starts)).await.unwrap()
    }

    pub async fn try_book(&self, new: &NewAppointment) -> Result<Appointment, BookingError> {
        booking::book(&self.clinic.clinic, &self.book, new).await
    }

    pub async fn move_to(
        &self,
        made: &Appointment,
        to: Moving,
    ) -> Result<booking::Moved, BookingError> {
        booking::move_to(&self.clinic.clinic, &self.book, made.id, made.version, &to).await
    }

    pub fn visitor() -> Grant<AnswerAppointment> {
        Actor::visitor(Origin::default()).grant().unwrap()
    }

    pub fn advance_to(&self, text: &str) {
        let zone = self.clinic.clinic.profile.get().zone.clone();
        let clock = self.clinic.clinic.clock();
        clock.advance_ms(zone.instant(time(text)).unix_ms() - clock.now().unix_ms());
    }

    /// Live reservations that overlap another of the same resource.
    pub async fn overlaps(&self) -> Vec<String> {
        let overlapping = "SELECT a.appointment_id FROM reservation AS a JOIN reservation AS b
            ON a.resource_id = b.resource_id AND a.appointment_id < b.appointment_id
            WHERE a.live AND b.live AND a.starts < b.ends AND b.starts < a.ends";
        self.clinic.rows(overlapping).await
    }
}

fn starts(moving: &str) -> Moving {
    Moving { starts: Some(time(moving)), ..Moving::default() }
}

#[tokio::test]
async fn an_appointment_takes_up_its_doctor_and_the_chair_of_the_shift() {
    let day = Day1::open().await;

    let made = day.booked("10:00").await;

    assert_eq!(made.status, Status::Booked);
    assert_eq!((made.place.minutes, made.place.place_id), (30, Some(day.chair)));
    let audited = day.clinic.audited().await;
    assert_eq!(audited.last().unwrap(), "appointment.booked");
    let queued = day.clinic.rows("SELECT payload FROM job WHERE kind = 'booking.made'").await;
    assert_eq!(queued, [format!("{{\"appointment\":\"{}\"}}", made.id)]);
}

#[tokio::test]
async fn a_service_takes_each_doctor_their_own_time() {
    let day = Day1::open().await;
    let new = NewAppointment { service_id: day.talk, doctor_id: None, ..day.at("10:00") };
    let made = day.try_book(&new).await.unwrap();
    assert_eq!((made.place.doctor_id, made.place.minutes), (Some(day.anna), 45));

    let other = NewAppointment { doctor_id: Some(day.bolat), ..new };
    assert!(matches!(day.try_book(&other).await, Err(BookingError::Impossible)));
}

#[tokio::test]
async fn nobody_is_booked_twice_and_other_slots_are_offered() {
    let day = Day1::open().await;
    day.booked("10:00").await;

    let long = NewAppointment { minutes: Some(60), ..day.at("09:30") };
    let Err(BookingError::Taken(refusal)) = day.try_book(&long).await else {
        panic!("the doctor is busy at ten")
    };

    assert_eq!(refusal.clashes[0].resource_id, day.anna);
    assert_eq!(refusal.clashes[0].starts, time("10:00"));
    let offered: Vec<_> =
        refusal.alternatives.iter().map(|slot| (slot.starts, slot.doctor_id)).collect();
    assert!(offered.contains(&(time("10:30"), day.anna)), "{offered:?}");
    assert!(offered.iter().any(|(_, doctor)| *doctor == day.bolat), "{offered:?}");
    for slot in &refusal.alternatives {
        let new = NewAppointment {
            doctor_id: Some(slot.doctor_id),
            minutes: Some(60),
            ..day.at(&slot.starts.to_string())
        };
        let made = day.try_book(&new).await.unwrap();
        booking::cancel(&day.clinic.clinic, &day.book, made.id, CancelReason::Mistake)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_chair_is_not_taken_twice_either() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let in_hers =
        NewAppointment { doctor_id: Some(day.bolat), place_id: Some(day.chair), ..day.at("10:15") };

    let Err(BookingError::Taken(refusal)) = day.try_book(&in_hers).await else {
        panic!("the chair is taken")
    };

    assert_eq!(refusal.clashes[0].resource_id, day.chair);
    assert!(refusal.alternatives.iter().any(|slot| slot.doctor_id == day.bolat));
    let anywhere = NewAppointment { place_id: None, ..in_hers };
    assert_eq!(day.try_book(&anywhere).await.unwrap().place.place_id, Some(day.other_chair));
}

#[tokio::test]
async fn one_appointment_may_begin_when_another_ends() {
    let day = Day1::open().await;
    for starts in ["10:00", "10:30", "09:30"] {
        day.booked(starts).await;
    }
    assert!(day.overlaps().await.is_empty());
}

#[tokio::test]
async fn what_a_service_keeps_free_around_itself_is_kept_free() {
    let day = Day1::open().await;
    let setup = day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let buffer = booking::Buffer { before_minutes: 0, after_minutes: 10 };
    booking::set_buffer(&day.clinic.clinic, &setup, day.filling, buffer).await.unwrap();
    day.booked("10:00").await;

    assert!(matches!(day.try_book(&day.at("10:30")).await, Err(BookingError::Taken(_))));
    day.booked("10:40").await;
}

#[tokio::test]
async fn lunch_days_off_and_days_gone_are_refused() {
    let day = Day1::open().await;
    for off in ["12:45", "13:00", "17:45", "2026-11-28T10:00"] {
        let Err(BookingError::OffShift(refusal)) = day.try_book(&day.at(off)).await else {
            panic!("nobody works at {off}")
        };
        assert!(!refusal.alternatives.is_empty(), "{off}");
    }
    let past = day.try_book(&day.at("2026-11-20T10:00")).await;
    assert!(matches!(past, Err(BookingError::Past)));
    for odd in [("10:03", None), ("10:00", Some(7)), ("10:00", Some(725))] {
        let new = NewAppointment { minutes: odd.1, ..day.at(odd.0) };
        assert!(matches!(day.try_book(&new).await, Err(BookingError::OddTime)), "{odd:?}");
    }
}

#[tokio::test]
async fn overbooking_is_a_deed_of_its_own_with_a_reason() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let grant: Grant<Overbook> = day.book.also().unwrap();
    let new = NewAppointment { place_id: None, ..day.at("10:15") };

    let without = booking::overbook(&day.clinic.clinic, &grant, &new, " ").await;
    assert!(matches!(without, Err(BookingError::ReasonNeeded)));
    booking::overbook(&day.clinic.clinic, &grant, &new, "Острая боль").await.unwrap();

    assert_eq!(day.clinic.rows("SELECT reason FROM overbooking").await, ["Острая боль"]);
    assert_eq!(day.clinic.audited().await.last().unwrap(), "appointment.overbooked");
    let after = day.try_book(&day.at("10:30")).await;
    assert!(matches!(after, Err(BookingError::Taken(_))), "others do not lie over it");
}

#[tokio::test]
async fn a_move_keeps_the_place_it_left() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;

    let to = Moving { resource_id: Some(day.bolat), ..starts("15:00") };
    let moved = day.move_to(&made, to).await.unwrap();

    assert_eq!(moved.now.id, made.id, "links in messages still find it");
    assert_eq!(moved.now.place.doctor_id, Some(day.bolat));
    assert_eq!(moved.now.place.place_id, Some(day.other_chair), "his chair, not hers");
    assert_eq!(moved.now.version, 2);
    let kept = day
        .clinic
        .rows("SELECT moved_to || starts FROM appointment WHERE status = 'moved' AND minutes = 30")
        .await;
    assert_eq!(kept, [format!("{}2026-11-23T10:00", made.id)]);
    day.booked("10:00").await;
    let queued = day.clinic.rows("SELECT kind FROM job WHERE kind LIKE 'booking.%' ORDER BY rowid");
    let queued = queued.await;
    assert_eq!(queued, ["booking.made", "booking.moved", "booking.freed", "booking.made"]);
}

#[tokio::test]
async fn a_longer_appointment_stays_where_it_is_and_leaves_no_copy() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    day.booked("11:00").await;

    let longer = Moving { minutes: Some(60), ..Moving::default() };
    let moved = day.move_to(&made, longer).await.unwrap();
    assert_eq!((moved.now.place.minutes, moved.kept), (60, None));

    let too_long = Moving { minutes: Some(75), ..Moving::default() };
    let refused = day.move_to(&moved.now, too_long).await;
    assert!(matches!(refused, Err(BookingError::Taken(_))));
}

#[tokio::test]
async fn whoever_moves_second_learns_who_was_first_and_what_they_did() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    day.move_to(&made, starts("11:00")).await.unwrap();

    let Err(BookingError::Changed(changed)) = day.move_to(&made, starts("12:00")).await else {
        panic!("it was changed meanwhile")
    };

    assert_eq!(changed.now.place.starts, time("11:00"));
    assert_eq!(changed.seen.unwrap().place.starts, time("10:00"));
    assert_eq!(changed.last.staff_name.as_deref(), Some("Reception"));
    assert_eq!(changed.last.version, 2);
}

#[tokio::test]
async fn a_moved_appointment_may_lie_over_its_own_old_place() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let moved = day.move_to(&made, starts("10:15")).await.unwrap();
    assert_eq!(moved.now.place.starts, time("10:15"));
    assert!(day.overlaps().await.is_empty());
}

#[tokio::test]
async fn a_visit_goes_from_booked_to_completed_one_step_after_another() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let id = day.booked("10:00").await.id;

    let early = booking::start(clinic, &day.attend, id).await;
    assert!(matches!(early, Err(BookingError::NotAllowed { from: Status::Booked, .. })));
    booking::confirm(clinic, &day.attend, id).await.unwrap();
    let twice = booking::confirm(clinic, &day.attend, id).await;
    assert!(matches!(twice, Err(BookingError::NotAllowed { .. })));
    booking::arrive(clinic, &day.attend, id).await.unwrap();
    let late = booking::no_show(clinic, &day.attend, id).await;
    assert!(matches!(late, Err(BookingError::NotAllowed { .. })), "the patient is here");
    booking::start(clinic, &day.attend, id).await.unwrap();
    let gone = booking::cancel(clinic, &day.book, id, CancelReason::Other).await;
    assert!(matches!(gone, Err(BookingError::NotAllowed { .. })));
    let done = booking::complete(clinic, &day.attend, id).await.unwrap();

    assert_eq!((done.status, done.version), (Status::Completed, 5));
    let moved = day.move_to(&done, starts("12:00")).await;
    assert!(matches!(moved, Err(BookingError::Settled(Status::Completed))));
    let audited = day.clinic.audited().await;
    assert!(audited.ends_with(&[
        "appointment.confirmed".to_owned(),
        "appointment.arrived".to_owned(),
        "appointment.started".to_owned(),
        "appointment.completed".to_owned(),
    ]));
}

#[tokio::test]
async fn nobody_arrives_on_another_day_or_is_missed_before_their_time() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let tomorrow = day.booked("2026-11-24T10:00").await.id;
    let arrived = booking::arrive(clinic, &day.attend, tomorrow).await;
    assert!(matches!(arrived, Err(BookingError::TooEarly)));

    let today = day.booked("10:00").await.id;
    let missed = booking::no_show(clinic, &day.attend, today).await;
    assert!(matches!(missed, Err(BookingError::TooEarly)));
    day.advance_to("10:00");
    booking::no_show(clinic, &day.attend, today).await.unwrap();
    day.booked("10:00").await;
}

#[tokio::test]
async fn a_cancelled_time_is_free_and_comes_back_only_while_nobody_has_it() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let id = day.booked("10:00").await.id;
    booking::cancel(clinic, &day.book, id, CancelReason::Ill).await.unwrap();
    let back = booking::undo(clinic, &day.attend, id, "").await.unwrap();
    assert_eq!(back.status, Status::Booked);
    assert!(matches!(day.try_book(&day.at("10:00")).await, Err(BookingError::Taken(_))));

    booking::cancel(clinic, &day.book, id, CancelReason::Ill).await.unwrap();
    day.booked("10:15").await;
    let refused = booking::undo(clinic, &day.attend, id, "").await;
    assert!(matches!(refused, Err(BookingError::Taken(_))));
    let status =
        day.clinic.rows("SELECT status FROM appointment WHERE starts LIKE '%T10:00'").await;
    assert_eq!(status, ["cancelled"], "nothing was half-done");
}

#[tokio::test]
async fn taking_back_the_end_of_a_visit_needs_a_reason_and_happens_once() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let id = day.booked("10:00").await.id;
    assert!(matches!(
        booking::undo(clinic, &day.attend, id, "").await,
        Err(BookingError::NothingToUndo)
    ));
    booking::arrive(clinic, &day.attend, id).await.unwrap();
    booking::start(clinic, &day.attend, id).await.unwrap();
    let bare = booking::undo(clinic, &day.attend, id, "").await;
    assert!(matches!(bare, Err(BookingError::ReasonNeeded)));

    let back = booking::undo(clinic, &day.attend, id, "Не тот пациент").await.unwrap();

    assert_eq!(back.status, Status::Arrived);
    let again = booking::undo(clinic, &day.attend, id, "ещё").await;
    assert!(matches!(again, Err(BookingError::NothingToUndo)));
    let ledger = day.clinic.ledger().await;
    assert!(!ledger.iter().any(|event| event.to_string().contains("Не тот")), "no free text");
}

#[tokio::test]
async fn the_database_itself_refuses_overlaps_and_overbooking_without_an_author() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let other = day.booked("11:00").await;
    let shove = |overbooked: i64| {
        format!(
            "INSERT INTO reservation VALUES ('{}', 9, '{}', '2026-11-23T10:29', \
             '2026-11-23T10:31', 1, {overbooked})",
            other.id, day.anna
        )
    };
    for overbooked in [0, 1] {
        let error = day.clinic.write(&shove(overbooked)).await.unwrap_err();
        assert!(error.contains("resource_taken"), "{error}");
    }
    let stretch = format!(
        "UPDATE reservation SET ends = '2026-11-23T11:30' WHERE appointment_id = '{}'",
        made.id
    );
    assert!(day.clinic.write(&stretch).await.unwrap_err().contains("resource_taken"));
}

#[tokio::test]
async fn an_appointment_keeps_its_wall_time_when_the_law_moves_the_clock() {
    let day = Day1::open().await;
    let made = day.booked("2026-12-01T09:30").await;
    let stored = day.clinic.rows("SELECT starts FROM appointment").await;
    assert_eq!(stored, ["2026-12-01T09:30"], "no zone, no offset, nothing to recompute");
    assert_eq!(made.place.starts.to_string(), "2026-12-01T09:30");
}

#[tokio::test]
async fn the_nearest_slots_are_free_spread_out_and_not_in_the_past() {
    let day = Day1::open().await;
    day.booked("09:00").await;
    day.advance_to("09:20");
    let grant = day.clinic.grant::<ViewClinic>(Role::Reception).await;
    let wanted = Wanting {
        service_id: Some(day.filling),
        doctor_id: Some(day.anna),
        place_id: None,
        minutes: None,
        from: time("2026-11-23T00:00"),
    };

    let slots = booking::find_slots(&day.clinic.clinic, &grant, &wanted, 6).await.unwrap();

    let starts: Vec<String> = slots.iter().map(|slot| slot.starts.to_string()).collect();
    assert_eq!(
        starts,
        [
            "2026-11-23T09:30",
            "2026-11-23T10:00",
            "2026-11-23T10:30",
            "2026-11-23T11:00",
            "2026-11-24T09:00",
            "2026-11-24T09:30"
        ]
    );
}

#[tokio::test]
async fn a_patient_confirms_moves_and_cancels_by_the_link() {
    let day = Day1::open().await;
    let clinic = &day.clinic.clinic;
    let visitor = Day1::visitor();
    let id = day.booked("10:00").await.id;

    booking::answer_confirm(clinic, &visitor, id).await.unwrap();
    booking::answer_confirm(clinic, &visitor, id).await.unwrap();
    let shown = booking::answering(clinic, &visitor, id).await.unwrap().unwrap();
    assert_eq!((shown.status, shown.doctor.as_str()), (Status::Confirmed, "Сейтова А. Н."));
    let slots = booking::answer_slots(clinic, &visitor, id, 3).await.unwrap();
    assert!(slots.iter().all(|slot| slot.doctor_id == day.anna));
    let moved = booking::answer_move(clinic, &visitor, id, slots[1].starts, None).await.unwrap();
    assert_eq!((moved.now.status, moved.now.place.starts), (Status::Confirmed, slots[1].starts));
    let busy = day.booked("16:00").await;
    let taken = booking::answer_move(clinic, &visitor, id, busy.place.starts, None).await;
    assert!(matches!(taken, Err(BookingError::Taken(_))));
    booking::answer_cancel(clinic, &visitor, id).await.unwrap();
    booking::answer_cancel(clinic, &visitor, id).await.unwrap();
    let late = booking::answer_confirm(clinic, &visitor, id).await;
    assert!(matches!(late, Err(BookingError::NotAllowed { from: Status::Cancelled, .. })));

    day.advance_to("17:00");
    let over = booking::answer_cancel(clinic, &visitor, busy.id).await;
    assert!(matches!(over, Err(BookingError::Past)));
    assert!(day.clinic.audited().await.contains(&"appointment.followed".to_owned()));
}

#[tokio::test]
async fn a_visit_of_before_is_recorded_as_it_ended_and_takes_up_nothing() {
    let day = Day1::open().await;
    let grant = day.clinic.grant::<ImportRecords>(Role::Reception).await;
    let visit = PastVisit {
        branch_id: day.branch,
        patient_id: day.patient,
        service_id: None,
        place: Place {
            starts: time("2024-05-06T09:10"),
            minutes: 40,
            doctor_id: Some(day.anna),
            place_id: None,
        },
        status: Status::Completed,
        comment: "из журнала".to_owned(),
    };
    let record = async || {
        day.clinic
            .vault()
            .change(&grant, async |tx| {
                let (id, event) = booking::record_history(tx, &grant, &visit).await?;
                Ok::<(AppointmentId, Event), BookingError>((id, event))
            })
            .await
    };

    record().await.unwrap();
    record().await.unwrap();

    assert_eq!(day.clinic.rows("SELECT source FROM appointment").await, ["import", "import"]);
    assert!(day.clinic.rows("SELECT version FROM reservation").await.is_empty());
    assert!(day.clinic.rows("SELECT kind FROM job WHERE kind LIKE 'booking.%'").await.is_empty());
}

#[tokio::test]
async fn whoever_watches_learns_which_days_and_columns_changed() {
    let day = Day1::open().await;
    let made = day.booked("10:00").await;
    let mut watcher = day.clinic.vault().watch();

    let to = Moving { resource_id: Some(day.bolat), ..starts("2026-11-24T15:00") };
    day.move_to(&made, to).await.unwrap();

    let mut topics = Vec::new();
    while let Ok(topic) = watcher.try_recv() {
        topics.push(topic.to_string());
    }
    topics.sort();
    let mut expected = vec![
        "schedule:2026-11-23".to_owned(),
        "schedule:2026-11-24".to_owned(),
        format!("column:2026-11-23:{}", day.anna),
        format!("column:2026-11-23:{}", day.chair),
        format!("column:2026-11-24:{}", day.bolat),
        format!("column:2026-11-24:{}", day.other_chair),
    ];
    expected.sort();
    assert_eq!(topics, expected);
}
