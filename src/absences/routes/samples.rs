//! Every state the pages of absences can be in.

use crate::absences::AbsenceForm;
use crate::absences::model::{Absence, AbsenceId, Reason, State};
use crate::absences::routes::Choice;
use crate::absences::routes::list::{AbsenceView, AbsencesPage, NewAbsencePage, UnheldView};
use crate::absences::routes::one::{AbsencePage, SlotView, VisitView};
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::pages::View;
use crate::web::FieldErrors;

fn made() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

fn at() -> Civil {
    "2026-11-23T10:00".parse().expect("a time")
}

fn absence(closed: bool) -> AbsenceView {
    AbsenceView::of(Absence {
        id: AbsenceId::new(made()),
        doctor_id: ResourceId::new(made()),
        doctor: "Сейтова А. Н.".to_owned(),
        first_day: at().day(),
        last_day: at().day().plus_days(i64::from(closed)),
        starts: closed.then_some(540),
        ends: closed.then_some(780),
        reason: Reason::Sick,
        closed_at: closed.then(made),
        left_over: i64::from(!closed),
    })
}

fn visit(state: State) -> VisitView {
    let left = matches!(state, State::Open | State::Told | State::NotTold | State::Called);
    let slot = || SlotView {
        starts: at(),
        doctor_id: ResourceId::new(made()),
        doctor: "Оспанов Б. М.".to_owned(),
    };
    VisitView {
        id: AppointmentId::new(made()),
        version: 1,
        patient_id: PatientId::new(made()),
        patient: "Мусин Ержан".to_owned(),
        phone: if state == State::NotTold { String::new() } else { "+77012345678".to_owned() },
        service: "Лечение".to_owned(),
        was: at(),
        starts: at(),
        doctor: "Оспанов Б. М.".to_owned(),
        state,
        left,
        hidden: false,
        to_tell: matches!(state, State::Open | State::NotTold),
        must_be_called: state == State::NotTold,
        why: if state == State::NotTold { "no-phone" } else { "" }.to_owned(),
        told_at: (state == State::Told).then(made),
        called_at: (state == State::Called).then(made),
        delivery: if state == State::Told { "delivered" } else { "" },
        slots: if state == State::Open { vec![slot(), slot()] } else { Vec::new() },
    }
}

impl View for AbsencesPage {
    const TEMPLATE: &'static str = "absences/list.html";

    fn samples() -> Vec<Self> {
        let unheld = UnheldView {
            doctor_id: ResourceId::new(made()),
            doctor: "Сейтова А. Н.".to_owned(),
            first_day: "23.11.2026".to_owned(),
            last_day: "24.11.2026".to_owned(),
            count: 2,
        };
        let absences = vec![absence(false), absence(true)];
        vec![
            Self { absences, unheld: vec![unheld], can_open: true },
            Self { absences: Vec::new(), unheld: Vec::new(), can_open: false },
        ]
    }
}

impl View for NewAbsencePage {
    const TEMPLATE: &'static str = "absences/new.html";

    fn samples() -> Vec<Self> {
        let page = |wrong: &[&'static str]| Self {
            form: AbsenceForm::default().proposed(at().day()),
            errors: wrong.iter().map(|one| (*one, "absences-error-day".to_owned())).collect(),
            doctors: vec![Choice {
                value: "1".to_owned(), label: "Сейтова А. Н.".to_owned()
            }],
            reasons: Reason::ALL.map(Reason::name).into(),
        };
        let none = Self { errors: FieldErrors::new(), ..page(&[]) };
        vec![none, page(&["doctor", "first_day", "last_day", "from"])]
    }
}

impl View for AbsencePage {
    const TEMPLATE: &'static str = "absences/one.html";

    fn samples() -> Vec<Self> {
        use State::{Called, Cancelled, Chose, Moved, NotTold, Open, Settled, Told};
        let states = [Open, Told, NotTold, Called, Chose, Moved, Cancelled, Settled];
        let page = |closed, visits: Vec<VisitView>, done| Self {
            absence: absence(closed),
            left: visits.iter().filter(|visit| visit.left).count(),
            to_tell: !visits.is_empty(),
            visits,
            done,
            taken: closed,
            can_work: !closed,
            can_tell: !closed,
        };
        let blocked =
            VisitView { hidden: true, patient: String::new(), slots: Vec::new(), ..visit(Open) };
        vec![
            page(false, states.map(visit).into_iter().chain([blocked]).collect(), Some((2, 1))),
            page(true, vec![visit(Open)], Some((0, 0))),
            page(false, Vec::new(), None),
        ]
    }
}
