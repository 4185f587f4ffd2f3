//! Every state the pages of requests can be in.

use super::blocked::BlockedPage;
use super::one::{KeptView, RequestPage};
use super::take::TakePage;
use super::{FilterForm, RequestsPage, Row};
use crate::clock::{Day, Timestamp};
use crate::ids::PatientId;
use crate::incidents::LeftView;
use crate::pages::View;
use crate::patients::blocking::{Block, BlockId, BlockReason};
use crate::retention::{Code, Fate, Why};
use crate::subject_requests::form::{BlockForm, StepForm, TakeForm};
use crate::subject_requests::{
    IdentityDocument, Kind, Refusal, RequestId, Requester, State, Step, Way,
};
use crate::web::FieldErrors;

fn moment() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

fn left(overdue: bool) -> LeftView {
    let due = "2026-11-30T18:00".parse().expect("a minute");
    LeftView { due, overdue, hours: 9, minutes: 0, days: 1 }
}

fn row(kind: Kind, state: State, overdue: bool) -> Row {
    Row {
        id: RequestId::new(moment()),
        number: 7,
        kind,
        card: (!overdue).then_some(1482),
        received_at: moment(),
        state,
        answered_at: state.is_final().then(moment),
        left: Some(left(overdue)),
    }
}

fn block(reason: BlockReason, known: bool) -> Block {
    Block {
        id: BlockId::new(moment()),
        patient_id: PatientId::new(moment()),
        card: 1482,
        reason,
        basis: "Order 1".to_owned(),
        until: if known { Day::new(2052, 1, 1) } else { None },
        blocked_at: moment(),
        blocked_by: known.then(|| "A".to_owned()),
        lifted_at: None,
        lift_reason: String::new(),
    }
}

fn names<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(name).collect()
}

impl View for RequestsPage {
    const TEMPLATE: &'static str = "subject_requests/list.html";

    fn samples() -> Vec<Self> {
        let kinds = || names(Kind::ALL, Kind::name);
        let mut requests: Vec<Row> =
            Kind::ALL.iter().map(|kind| row(*kind, State::InWork, false)).collect();
        requests.extend(State::ALL.iter().map(|state| row(Kind::Access, *state, true)));
        requests.push(Row { left: None, ..row(Kind::Access, State::Received, false) });
        let filter = FilterForm { state: "open".to_owned(), ..FilterForm::default() };
        vec![
            Self {
                requests,
                filter: filter.clone(),
                kinds: kinds(),
                any: true,
                counts_people: true,
            },
            Self { requests: Vec::new(), filter, kinds: kinds(), any: true, counts_people: false },
            Self {
                requests: Vec::new(),
                filter: FilterForm::default(),
                kinds: kinds(),
                any: false,
                counts_people: true,
            },
        ]
    }
}

impl View for TakePage {
    const TEMPLATE: &'static str = "subject_requests/take.html";

    fn samples() -> Vec<Self> {
        let page = |taken, left, may_view, errors| Self {
            form: TakeForm { kind: "access".to_owned(), ..TakeForm::default() },
            errors,
            kinds: names(Kind::ALL, Kind::name),
            ways: names(Way::ALL, Way::name),
            documents: names(IdentityDocument::ALL, IdentityDocument::name),
            taken,
            left,
            may_view,
        };
        let wrong = FieldErrors::from([
            ("card", "requests-no-such-card".to_owned()),
            ("applicant", "requests-error-applicant".to_owned()),
        ]);
        vec![
            page(None, None, true, FieldErrors::new()),
            page(Some(7), Some(left(false)), false, FieldErrors::new()),
            page(Some(7), None, false, FieldErrors::new()),
            page(None, None, false, wrong),
        ]
    }
}

impl View for BlockedPage {
    const TEMPLATE: &'static str = "subject_requests/blocked.html";

    fn samples() -> Vec<Self> {
        let blocks: Vec<Block> =
            BlockReason::ALL.map(|reason| block(reason, reason == BlockReason::Asked)).into();
        let refused = blocks.first().map(|block| block.patient_id);
        let errors = FieldErrors::from([("lift_reason", "requests-error-lift".to_owned())]);
        let page = |blocks, may_lift, refused, errors| Self {
            blocks,
            may_lift,
            refused,
            reason: String::new(),
            errors,
        };
        vec![
            page(blocks.clone(), true, refused, errors),
            page(blocks, false, None, FieldErrors::new()),
            page(Vec::new(), true, None, FieldErrors::new()),
        ]
    }
}

fn step(state: State, document: Option<IdentityDocument>, refusal: Option<Refusal>) -> Step {
    Step {
        state,
        document,
        refusal,
        basis: refusal.map(|_| "Law 1".to_owned()).unwrap_or_default(),
        basis_kk: String::new(),
        note_ru: if document.is_some() { "n".to_owned() } else { String::new() },
        note_kk: String::new(),
        at: moment(),
        by_name: refusal.map(|_| "A".to_owned()),
    }
}

impl View for RequestPage {
    const TEMPLATE: &'static str = "subject_requests/one.html";

    fn samples() -> Vec<Self> {
        let fate = |due| Fate {
            due,
            why: Why::Years,
            rule: None,
            from: Day::new(2026, 11, 23).expect("a day"),
            years: 25,
            until_age: None,
            basis: "Order 1".to_owned(),
            basis_kk: String::new(),
        };
        let due = Day::new(2052, 1, 1);
        let kept = |code: Code, last_visit| KeptView {
            code: code.name(),
            card: fate(due),
            visits: 3,
            last_visit,
            consents: 1,
            consent: fate(None),
        };
        let mut steps: Vec<Step> = vec![step(State::Received, None, None)];
        steps.extend(
            IdentityDocument::ALL
                .iter()
                .map(|document| step(State::Identified, Some(*document), None)),
        );
        steps.push(step(State::InWork, None, None));
        steps.push(step(State::Answered, None, None));
        steps.extend(Refusal::ALL.iter().map(|refusal| step(State::Refused, None, Some(*refusal))));
        let page = |kind, state: State, overdue| Self {
            id: RequestId::new(moment()),
            row: row(kind, state, overdue),
            way: Way::Egov,
            requester: Requester::Representative,
            applicant: "A".to_owned(),
            contact: "c".to_owned(),
            wish: "w".to_owned(),
            act: None,
            destroys: kind == Kind::Destruction,
            steps: steps.clone(),
            next: State::ALL
                .iter()
                .filter(|next| state.leads_to(**next))
                .map(|next| next.name())
                .collect(),
            documents: names(IdentityDocument::ALL, IdentityDocument::name),
            refusals: names(Refusal::ALL, Refusal::name),
            step: StepForm::default(),
            kept: None,
            block: None,
            wants_block: false,
            block_form: BlockForm::default(),
            reasons: BlockReason::ALL.map(BlockReason::name).to_vec(),
            errors: FieldErrors::new(),
            refused: "",
            may_handle: !state.is_final(),
            may_block: true,
            may_answer: state.is_final(),
        };
        let mut all: Vec<Self> = Way::ALL
            .iter()
            .map(|way| Self { way: *way, ..page(Kind::Access, State::Received, false) })
            .collect();
        all.extend(Code::ALL.into_iter().map(|code| Self {
            kept: Some(kept(code, Some(fate(due)))),
            wants_block: true,
            ..page(Kind::Destruction, State::InWork, true)
        }));
        all.push(Self {
            kept: Some(kept(Code::DentalCard, None)),
            block: Some(block(BlockReason::Destruction, true)),
            ..page(Kind::Destruction, State::Answered, false)
        });
        all.push(Self { act: Some(3), ..page(Kind::Destruction, State::Answered, false) });
        let nobody = Self {
            requester: Requester::Patient,
            applicant: String::new(),
            contact: String::new(),
            wish: String::new(),
            may_block: false,
            may_answer: false,
            ..page(Kind::Correction, State::Refused, true)
        };
        all.push(nobody);
        for (refused, field, key) in [
            ("step", "document", "requests-error-document"),
            ("block", "basis", "requests-error-basis"),
            ("answer", "password", "workdays-error-proof"),
        ] {
            let errors = FieldErrors::from([(field, key.to_owned())]);
            let state = if refused == "answer" { State::Answered } else { State::InWork };
            let base = page(Kind::Blocking, state, false);
            all.push(Self { wants_block: refused == "block", errors, refused, ..base });
        }
        all
    }
}
