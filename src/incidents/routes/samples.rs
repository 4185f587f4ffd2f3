//! Every state the pages of incidents can be in.

use super::one::{IncidentPage, sample_moment};
use super::opening::{Choice, FoundView, NewIncidentPage};
use super::{Duty, IncidentsPage, LeftView, Row, kinds};
use crate::ids::PatientId;
use crate::incidents::form::{CorrectionForm, EventForm, ScopeForm};
use crate::incidents::{
    EventKind, EventRow, Field, FrozenList, IncidentId, Listed, Nature, Origin, Story, Way,
};
use crate::pages::View;
use crate::web::FieldErrors;

fn left(overdue: bool) -> LeftView {
    let due = "2026-11-30T18:00".parse().expect("a minute");
    LeftView { due, overdue, hours: 9, minutes: 30, days: 1 }
}

fn duty(done: bool, late: bool) -> Duty {
    Duty { done_at: done.then(sample_moment), late, left: Some(left(late)) }
}

fn row(done: bool, late: bool) -> Row {
    Row {
        id: IncidentId::new(sample_moment()),
        number: 3,
        detected_at: sample_moment(),
        people: 37,
        authority: duty(done, late),
        subjects: Duty { left: None, ..duty(done, late) },
        closed_at: done.then(sample_moment),
    }
}

fn origin(known: bool) -> Origin {
    let said = |text: &str| known.then(|| text.to_owned());
    Origin {
        session: said("0badcafe"),
        ip: said("10.0.4.21"),
        device: said("Chrome, Windows"),
        entries: 40,
        people: 37,
    }
}

impl View for IncidentsPage {
    const TEMPLATE: &'static str = "incidents/list.html";

    fn samples() -> Vec<Self> {
        let rows = vec![row(false, false), row(false, true), row(true, false), row(true, true)];
        vec![
            Self { incidents: rows, may_handle: true },
            Self { incidents: Vec::new(), may_handle: true },
            Self { incidents: Vec::new(), may_handle: false },
        ]
    }
}

impl View for NewIncidentPage {
    const TEMPLATE: &'static str = "incidents/new.html";

    fn samples() -> Vec<Self> {
        let page = |found, errors| Self {
            form: ScopeForm::default(),
            errors,
            accounts: vec![Choice { value: "a".to_owned(), label: "A".to_owned() }],
            natures: Nature::ALL.map(Nature::name).to_vec(),
            found,
        };
        let found = |people, doubtful, redacted| FoundView {
            people,
            doubtful,
            redacted,
            origins: vec![origin(true), origin(false)],
            fields: Field::ALL.into_iter().map(|field| (field.name(), 2)).collect(),
        };
        let nobody = FoundView { origins: Vec::new(), fields: Vec::new(), ..found(0, 0, 0) };
        let wrong = FieldErrors::from([
            ("from", "incidents-error-moment".to_owned()),
            ("until", "incidents-error-backwards".to_owned()),
            ("detected", "incidents-error-future".to_owned()),
        ]);
        vec![
            page(None, FieldErrors::new()),
            page(Some(found(37, 2, 1)), FieldErrors::new()),
            page(Some(nobody), FieldErrors::new()),
            page(None, wrong),
        ]
    }
}

impl View for IncidentPage {
    const TEMPLATE: &'static str = "incidents/one.html";

    fn samples() -> Vec<Self> {
        let at = sample_moment();
        let list = |version, reason: &str, known: bool| FrozenList {
            version,
            actor: known.then(|| "console".to_owned()),
            actor_name: None,
            session: known.then(|| "0badcafe".to_owned()),
            ip: known.then(|| "10.0.4.21".to_owned()),
            device: known.then(|| "Chrome".to_owned()),
            from_at: at,
            until_at: at,
            people: 37,
            sha256: "9f3c".repeat(16),
            reason: reason.to_owned(),
            made_at: at,
            made_by: known.then(|| "A".to_owned()),
        };
        let listed = |times, known: bool, doubtful| Listed {
            patient_id: PatientId::new(at),
            card: 1482,
            times,
            first_at: known.then_some(at),
            last_at: known.then_some(at),
            fields: if known { Field::ALL.to_vec() } else { Vec::new() },
            ways: vec![Way::Seen, Way::Exported, Way::Changed, Way::Sent],
            doubtful,
        };
        let event = |kind, note: &str, known: bool| EventRow {
            kind,
            at,
            note: note.to_owned(),
            recorded_at: at,
            recorded_by: known.then(|| "A".to_owned()),
        };
        let mut events = vec![event(EventKind::Detected, "", false)];
        events.extend(EventKind::WRITTEN.map(|kind| event(kind, "n", true)));
        let full = || Self {
            id: IncidentId::new(at),
            row: row(false, true),
            list: list(2, "own patients", true),
            earlier: vec![list(1, "", false)],
            people: vec![listed(3, true, false), listed(1, true, true), listed(0, false, false)],
            more: true,
            doubtful: true,
            events: events.clone(),
            story: Story { measures_ru: "m".to_owned(), ..Story::default() },
            natures: Nature::ALL.map(Nature::name).to_vec(),
            kinds: kinds(),
            event: EventForm { kind: "contained".to_owned(), ..EventForm::default() },
            correction: CorrectionForm { seen: 2, ..CorrectionForm::default() },
            errors: FieldErrors::new(),
            refused: "",
            may_handle: true,
            may_name: true,
        };
        let refused = |form, field, key: &str| Self {
            refused: form,
            errors: FieldErrors::from([(field, key.to_owned())]),
            ..full()
        };
        let closed = Self {
            row: row(true, false),
            list: list(1, "", false),
            earlier: Vec::new(),
            people: Vec::new(),
            more: false,
            doubtful: false,
            may_handle: false,
            may_name: false,
            ..full()
        };
        vec![
            full(),
            closed,
            refused("event", "at", "incidents-bad-time"),
            refused("story", "advice_ru", "incidents-error-story"),
            refused("correction", "reason", "incidents-error-reason"),
            refused("papers", "password", "workdays-error-proof"),
        ]
    }
}
