//! What came, from whom, and what was done with it; open ones first.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::booking::Status;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::conversations::{self, ConversationId};
use crate::ids::{AppointmentId, PatientId};
use crate::pages::{Chrome, View};
use crate::replies::desk::{self, Hand, Line, Visit};
use crate::replies::model::{ReplyId, Why};
use crate::replies::{Meaning, Outcome, ReplyState};
use crate::vault::Grant;
use crate::vault::permission::{EditTexts, SettleReplies};
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct RepliesPage {
    open: Vec<Line>,
    done: Vec<Line>,
    /// Whether the reader may change how people answer.
    sets_up: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct About {
    visit: AppointmentId,
    /// The conversation it was settled in; empty: on the page of replies.
    #[serde(default)]
    conversation: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct From {
    conversation: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SettleReplies>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let (open, done) = desk::lines(&clinic, &grant).await?;
    let sets_up = grant.actor().may::<EditTexts>();
    let chrome = Chrome { live: true, ..chrome.active(conversations::WAITING) };
    Page::of(&clinic, &chrome, &RepliesPage { open, done, sets_up })
}

pub(super) async fn confirm(
    State(clinic): State<Clinic>,
    grant: Grant<SettleReplies>,
    Path(id): Path<ReplyId>,
    Form(about): Form<About>,
) -> Result<Response, Problem> {
    settled(&clinic, &grant, id, Hand::Confirm(about.visit), &about.conversation).await
}

pub(super) async fn cancel(
    State(clinic): State<Clinic>,
    grant: Grant<SettleReplies>,
    Path(id): Path<ReplyId>,
    Form(about): Form<About>,
) -> Result<Response, Problem> {
    settled(&clinic, &grant, id, Hand::Cancel(about.visit), &about.conversation).await
}

pub(super) async fn nothing(
    State(clinic): State<Clinic>,
    grant: Grant<SettleReplies>,
    Path(id): Path<ReplyId>,
    Form(from): Form<From>,
) -> Result<Response, Problem> {
    settled(&clinic, &grant, id, Hand::Nothing, &from.conversation).await
}

async fn settled(
    clinic: &Clinic,
    grant: &Grant<SettleReplies>,
    id: ReplyId,
    hand: Hand,
    conversation: &str,
) -> Result<Response, Problem> {
    desk::settle(clinic, grant, id, hand).await?;
    match conversation.parse::<ConversationId>() {
        Ok(conversation) => Ok(see_other(&format!("/inbox/{conversation}"))),
        Err(_) => Ok(see_other("/replies")),
    }
}

impl View for RepliesPage {
    const TEMPLATE: &'static str = "replies/desk.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let patient_id = PatientId::new(at);
        let visit = |status| Visit {
            id: AppointmentId::new(at),
            patient_id,
            patient: "Вера".to_owned(),
            starts: "2026-12-01T09:30".parse().expect("a civil time"),
            status,
            doctor: "Сейтова А. Н.".to_owned(),
        };
        let line = |reason: Option<Why>, visits: Vec<Visit>| Line {
            id: ReplyId::new(at),
            phone: "+77012345678".to_owned(),
            text: "да, но можно позже?".to_owned(),
            came_at: at,
            meaning: Meaning::Unclear,
            state: if reason.is_some() { ReplyState::Open } else { ReplyState::Done },
            outcome: reason.is_none().then_some(Outcome::Confirmed),
            reason,
            patient_id: Some(patient_id),
            patient: "Ким Вера".to_owned(),
            visits,
            settled_by: String::new(),
            settled_at: None,
            hidden: false,
        };
        let reasons = [
            Why::Unclear,
            Why::Unknown,
            Why::Unasked,
            Why::Several,
            Why::Other,
            Why::Moved,
            Why::Over,
            Why::Late,
            Why::TooLate,
            Why::Away,
            Why::Move,
            Why::Stop,
            Why::Blocked,
            Why::Failed,
        ];
        let visits = || vec![visit(Status::Booked), visit(Status::Confirmed)];
        let mut open: Vec<Line> =
            reasons.into_iter().map(|why| line(Some(why), visits())).collect();
        let stranger = Line {
            patient_id: None,
            patient: String::new(),
            phone: "Beeline".to_owned(),
            ..line(Some(Why::Unknown), Vec::new())
        };
        open.push(stranger);
        let taken = Line { state: ReplyState::Taken, outcome: None, ..line(None, Vec::new()) };
        open.push(taken);
        let mut hidden = line(Some(Why::Blocked), visits());
        hidden.hide();
        open.push(hidden);
        let outcomes = [
            Outcome::Confirmed,
            Outcome::Cancelled,
            Outcome::Move,
            Outcome::Stopped,
            Outcome::Nothing,
        ];
        let done = outcomes.into_iter().map(|outcome| Line {
            state: ReplyState::Settled,
            outcome: Some(outcome),
            settled_by: "Reception".to_owned(),
            settled_at: Some(at),
            ..line(None, visits())
        });
        let mut done: Vec<Line> = done.collect();
        done.push(line(None, visits()));
        vec![
            Self { open, done, sets_up: true },
            Self { open: Vec::new(), done: Vec::new(), sets_up: false },
        ]
    }
}
