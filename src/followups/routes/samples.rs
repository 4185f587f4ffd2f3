//! Every state the pages of follow-ups can be in.

use crate::clock::{Civil, Timestamp};
use crate::followups::form::ON_A_DAY;
use crate::followups::model::{FollowUpId, Lapse, Note, Shown, State, Wait};
use crate::followups::routes::card::CardFollowUpsView;
use crate::followups::routes::form::FollowUpPage;
use crate::followups::routes::list::FollowUpsPage;
use crate::followups::routes::{Choice, Line, reasons};
use crate::followups::{FollowUpForm, FollowUpLine, TOPIC};
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId};
use crate::pages::View;

fn made() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

fn at() -> Civil {
    "2026-11-23T10:00".parse().expect("a time")
}

fn line(state: State, lapse: Lapse, late: i64, note: Note) -> Line {
    let bare = note == Note::None;
    let follow_up = FollowUpLine {
        id: FollowUpId::new(made()),
        version: 2,
        patient_id: PatientId::new(made()),
        patient: "Мусин Ержан".to_owned(),
        phone: (!bare).then(|| "+77012345678".to_owned()),
        service_id: ServiceId::new(made()),
        service: "Профессиональная гигиена".to_owned(),
        doctor_id: ResourceId::new(made()),
        doctor: "Сейтова А. Н.".to_owned(),
        due: at().day().plus_days(-late),
        note,
        state,
        lapse,
        reason: if state == State::Closed { "not_needed" } else { "" }.to_owned(),
        created_at: made(),
        ended_at: (state == State::Closed).then(made),
        booked_id: (state == State::Booked).then(|| AppointmentId::new(made())),
        booked_for: (state == State::Booked).then(at),
        by_name: (!bare).then(|| "Сейтова А. Н.".to_owned()),
    };
    Line::of(follow_up, at())
}

fn lines() -> Vec<Line> {
    let open = |lapse, late, note| line(State::Open, lapse, late, note);
    let mut all = vec![
        open(Lapse::NoShow, 12, Note::Hygiene),
        open(Lapse::Cancelled, 0, Note::None),
        open(Lapse::None, -9, Note::Checkup),
        open(Lapse::None, -90, Note::Healing),
        line(State::Booked, Lapse::None, -9, Note::Brace),
    ];
    all.push(line(State::Closed, Lapse::None, 40, Note::None));
    all.extend(Note::ALL.map(|note| open(Lapse::None, 1, note)));
    all
}

fn choice() -> Vec<Choice> {
    vec![Choice { value: "1".to_owned(), label: "Сейтова А. Н.".to_owned() }]
}

impl View for FollowUpsPage {
    const TEMPLATE: &'static str = "followups/list.html";

    fn samples() -> Vec<Self> {
        let page = |shown: Shown, lines: Vec<Line>, can: bool| Self {
            lines,
            shown: shown.name(),
            views: Shown::ALL.map(Shown::name).into(),
            doctor: if can { "1" } else { "" }.to_owned(),
            doctors: if can { choice() } else { Vec::new() },
            reasons: reasons(),
            topic: TOPIC,
            can_keep: can,
            can_book: can,
        };
        let empty = Shown::ALL.map(|shown| page(shown, Vec::new(), false));
        let full = [page(Shown::Due, lines(), true), page(Shown::Open, lines(), false)];
        full.into_iter().chain(empty).collect()
    }
}

impl View for FollowUpPage {
    const TEMPLATE: &'static str = "followups/new.html";

    fn samples() -> Vec<Self> {
        let page = |wrong: &[&'static str]| Self {
            form: FollowUpForm::default().proposed(),
            errors: wrong
                .iter()
                .map(|field| (*field, format!("followups-error-{field}")))
                .collect(),
            patient: "Мусин Ержан".to_owned(),
            services: choice(),
            doctors: choice(),
            waits: Wait::CHOICES.iter().map(|(name, _)| *name).chain([ON_A_DAY]).collect(),
            notes: Note::ALL.map(Note::name).into(),
            back: "/".to_owned(),
        };
        vec![page(&[]), page(&["service", "doctor", "day"]), page(&["wait"])]
    }
}

impl View for CardFollowUpsView {
    const TEMPLATE: &'static str = "followups/of_patient.html";

    fn samples() -> Vec<Self> {
        let patient_id = PatientId::new(made());
        let card = |lines, can| Self {
            patient_id,
            lines,
            reasons: reasons(),
            can_keep: can,
            can_book: can,
        };
        vec![card(lines(), true), card(lines(), false), card(Vec::new(), true)]
    }
}
