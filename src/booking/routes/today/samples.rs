//! A full board and an empty one, for the tests of templates.

use crate::booking::routes::today::{
    Board, DoctorToday, FlowColumn, FlowEntry, StateCount, TodaySlot, Unconfirmed, Undelivered,
};
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId};

pub(super) fn boards() -> Vec<Board> {
    let made = Timestamp::from_unix_ms(1_795_402_800_000);
    let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
    let name = || "Ержан Мусин".to_owned();
    let entry = |state: &'static str, verb: &'static str, late: bool| FlowEntry {
        id: AppointmentId::new(made),
        version: 2,
        state,
        starts,
        expected: late.then(|| starts.plus_minutes(15)),
        ends: starts.plus_minutes(30),
        patient_id: PatientId::new(made),
        patient: name(),
        service: "Лечение".to_owned(),
        doctor: "Сейтова А. Н.".to_owned(),
        flags: if late { vec!["allergy"] } else { vec![] },
        waiting: if late { 14 } else { 0 },
        late,
        verb,
    };
    let column = |id, entries: Vec<FlowEntry>| FlowColumn { id, count: 9, entries, more: 7 };
    let open = |phone: &str, delivery| Unconfirmed {
        id: AppointmentId::new(made),
        version: 1,
        starts,
        tomorrow: phone.is_empty(),
        patient_id: PatientId::new(made),
        patient: name(),
        phone: phone.to_owned(),
        doctor: "Сейтова А. Н.".to_owned(),
        service: "Лечение".to_owned(),
        flags: vec!["new"],
        delivery,
    };
    let full = Board {
        day: starts.day(),
        now: "11:20".to_owned(),
        counts: vec![StateCount { state: "booked", count: 3 }],
        free: 1,
        flow: vec![
            column("expected", vec![entry("booked", "arrive", true)]),
            column("arrived", vec![entry("arrived", "start", true)]),
            column("in_treatment", vec![entry("in_treatment", "complete", false)]),
            column("completed", vec![entry("no_show", "", false)]),
        ],
        unconfirmed: vec![open("+77012345678", "delivered"), open("", "")],
        slots: vec![TodaySlot {
            starts,
            minutes: 30,
            doctor: "Сейтова А. Н.".to_owned(),
            resource: ResourceId::new(made),
        }],
        undelivered: vec![Undelivered {
            appointment: AppointmentId::new(made),
            patient_id: PatientId::new(made),
            patient: name(),
            phone: String::new(),
            starts,
            state: "failed",
        }],
        doctors: vec![DoctorToday {
            name: "Сейтова А. Н.".to_owned(),
            detail: "09:00–18:00".to_owned(),
            load: Some(80),
            resource: ResourceId::new(made),
            late: 15,
        }],
        stranded: 2,
        follow_ups: 3,
        can_book: true,
        can_work: true,
        can_run_late: true,
        not_set_up: false,
    };
    let nothing = |id| FlowColumn { id, count: 0, entries: Vec::new(), more: 0 };
    let empty = Board {
        counts: Vec::new(),
        free: 0,
        flow: ["expected", "arrived", "in_treatment", "completed"].map(nothing).into(),
        unconfirmed: Vec::new(),
        slots: Vec::new(),
        undelivered: Vec::new(),
        doctors: Vec::new(),
        stranded: 0,
        follow_ups: 0,
        can_book: false,
        can_work: false,
        can_run_late: false,
        not_set_up: true,
        now: "11:20".to_owned(),
        day: starts.day(),
    };
    vec![full, empty]
}
