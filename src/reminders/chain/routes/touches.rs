//! What became of every step of a visit: behind the panel's "reminders", and on
//! the patient's card.

use axum::extract::{Path, State};
use fluent_bundle::FluentArgs;
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId};
use crate::messaging::Channel;
use crate::pages::{Chrome, View};
use crate::reminders::chain::routes::when;
use crate::reminders::chain::{self, Fate, Line, Reason, Touches};
use crate::vault::Grant;
use crate::vault::permission::ViewMessages;
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
pub struct TouchesPage {
    visit: VisitView,
}

#[derive(Debug, Serialize)]
pub struct CardRemindersView {
    patient_id: PatientId,
    visits: Vec<VisitView>,
}

#[derive(Debug, Serialize)]
struct VisitView {
    id: AppointmentId,
    patient_id: PatientId,
    starts: Civil,
    lines: Vec<LineView>,
}

#[derive(Debug, Serialize)]
struct LineView {
    /// «за 2 дня».
    when: String,
    due: Civil,
    /// When it would have been due, where quiet hours or a holiday moved it.
    wanted: Option<Civil>,
    moved_from: Option<Civil>,
    /// `planned`, `waits`, `spared`, `written` or `not`.
    state: &'static str,
    /// By the shared names; empty for what was not written.
    delivery: &'static str,
    /// The channel that it took, once it left.
    by: Option<Channel>,
    /// When it was decided.
    at: Option<Timestamp>,
    together: bool,
    /// Why, in words; empty where all went as it should.
    why: String,
}

pub(super) async fn of_appointment(
    State(clinic): State<Clinic>,
    grant: Grant<ViewMessages>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
) -> Result<Page, Problem> {
    let touches = chain::of_appointment(&clinic, &grant, id).await?.ok_or(Problem::NotFound)?;
    let visit = VisitView::of(&clinic, chrome.language, touches);
    Page::of(&clinic, &chrome.active("schedule"), &TouchesPage { visit })
}

pub(super) async fn of_patient(
    State(clinic): State<Clinic>,
    grant: Grant<ViewMessages>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let all = chain::of_patient(&clinic, &grant, patient_id).await?;
    let visits = all.into_iter().map(|one| VisitView::of(&clinic, chrome.language, one));
    let view = CardRemindersView { patient_id, visits: visits.collect() };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

impl VisitView {
    fn of(clinic: &Clinic, language: Language, touches: Touches) -> Self {
        let lines = touches.lines.into_iter().map(|line| LineView::of(clinic, language, line));
        Self {
            id: touches.id,
            patient_id: touches.patient_id,
            starts: touches.starts,
            lines: lines.collect(),
        }
    }
}

impl LineView {
    fn of(clinic: &Clinic, language: Language, line: Line) -> Self {
        let own = |reason: Reason| {
            clinic.pages.words().plain(language, &format!("reminders-reason-{}", reason.name()))
        };
        let mut view = Self {
            when: when(clinic, language, line.before_minutes),
            due: line.placed.due,
            wanted: Some(line.placed.wanted).filter(|wanted| *wanted != line.placed.due),
            moved_from: line.moved_from,
            state: "planned",
            delivery: "",
            by: None,
            at: None,
            together: false,
            why: String::new(),
        };
        match line.fate {
            Fate::Planned => {}
            Fate::Waits => view.state = "waits",
            Fate::Spared(reason) => (view.state, view.why) = ("spared", own(reason)),
            Fate::Not { at, reason } => {
                (view.state, view.at) = ("not", Some(at));
                view.why = reason.map(own).unwrap_or_default();
            }
            Fate::Written { at, together, message } => {
                (view.state, view.at, view.together) = ("written", Some(at), together);
                if let Some(message) = message {
                    view.delivery = message.state.shown();
                    view.by = message.state.has_left().then_some(message.channel);
                    let why = message.reason.map(|code| said(clinic, language, &code));
                    view.why = why.unwrap_or_default();
                }
            }
        }
        view
    }
}

/// The outbox's reason in words; its code where there are none.
fn said(clinic: &Clinic, language: Language, code: &str) -> String {
    let key = format!("messaging-reason-{code}");
    let words = clinic.pages.words().say(language, &key, &FluentArgs::new());
    words.unwrap_or_else(|| code.to_owned())
}

fn sample_visit() -> VisitView {
    let at = Timestamp::from_unix_ms(1_790_000_000_000);
    let due: Civil = "2026-12-01T09:30".parse().expect("a time");
    let line = |state, delivery, why: &str, moved: bool| LineView {
        when: "A".to_owned(),
        due,
        wanted: moved.then_some(due),
        moved_from: moved.then_some(due),
        state,
        delivery,
        by: (state == "written").then_some(Channel::Whatsapp),
        at: Some(at),
        together: moved,
        why: why.to_owned(),
    };
    let lines = vec![
        line("written", "delivered", "", false),
        line("written", "", "B", true),
        line("not", "", "B", false),
        line("spared", "", "B", false),
        line("waits", "", "", false),
        LineView { at: None, ..line("planned", "", "", true) },
    ];
    let (id, patient_id) = (AppointmentId::new(at), PatientId::new(at));
    VisitView { id, patient_id, starts: due, lines }
}

impl View for TouchesPage {
    const TEMPLATE: &'static str = "reminders/touches.html";

    fn samples() -> Vec<Self> {
        let none = VisitView { lines: Vec::new(), ..sample_visit() };
        vec![Self { visit: sample_visit() }, Self { visit: none }]
    }
}

impl View for CardRemindersView {
    const TEMPLATE: &'static str = "reminders/of_patient.html";

    fn samples() -> Vec<Self> {
        let patient_id = sample_visit().patient_id;
        let full = Self { patient_id, visits: vec![sample_visit()] };
        vec![full, Self { patient_id, visits: Vec::new() }]
    }
}
