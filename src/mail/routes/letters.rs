//! What became of the newest letters.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::mail::{self, Kind, LetterId, Posted};
use crate::messaging::State as At;
use crate::pages::{Chrome, View};
use crate::post::Why;
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct LettersView {
    pub(super) letters: Vec<LetterView>,
    /// Something is about to happen to one of them: the page looks again.
    pub(super) moving: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct LetterView {
    #[serde(flatten)]
    posted: Posted,
    /// As in the words: with dashes.
    why: Option<String>,
    may_be_repeated: bool,
}

/// A letter that is tried again later than that, in milliseconds, is not waited for.
const SOON_MS: i64 = 10_000;

impl LettersView {
    pub(super) fn of(letters: Vec<Posted>, now: Timestamp) -> Self {
        let is_moving = |letter: &Posted| match letter.state {
            At::Sending => true,
            At::Queued => letter.due_at.is_none_or(|at| at < now.plus_ms(SOON_MS)),
            _ => false,
        };
        let moving = letters.iter().any(is_moving);
        let view = |posted: Posted| LetterView {
            why: posted.reason.as_ref().map(|reason| reason.replace('_', "-")),
            may_be_repeated: posted.state.may_be_repeated()
                && matches!(posted.kind, Kind::Emergency | Kind::Checkpoint | Kind::Farewell),
            posted,
        };
        Self { letters: letters.into_iter().map(view).collect(), moving }
    }

    pub(super) async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpGateways>,
    ) -> Result<Self, Problem> {
        Ok(Self::of(mail::latest(clinic, grant).await?, clinic.clock().now()))
    }
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = LettersView::load(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("messages"), &view)
}

pub(super) async fn again(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    Path(id): Path<LetterId>,
) -> Result<Response, Problem> {
    if mail::send_again(&clinic, &grant, id).await? {
        Ok(see_other("/messages/mail"))
    } else {
        Err(Problem::NotFound)
    }
}

pub(super) fn samples() -> Vec<LettersView> {
    let at = Timestamp::from_unix_ms(1_795_402_800_000);
    let letter = |kind, state, reason: Option<&str>| Posted {
        id: LetterId::new(at),
        kind,
        name: Some("Aigul Bekova".to_owned()),
        sent_to: Some("aigul@clinic.example".to_owned()),
        state,
        reason: reason.map(str::to_owned),
        said: reason.map(|_| "550 5.1.1 no such user".to_owned()),
        created_at: at,
        since: at,
        due_at: (state == At::Queued).then_some(at),
        attempts: 1,
    };
    let mut letters: Vec<Posted> =
        Why::ALL.map(|why| letter(Kind::Emergency, At::Failed, Some(why.code()))).into();
    letters.extend(Kind::ALL.map(|kind| letter(kind, At::Accepted, None)));
    letters.extend([
        letter(Kind::Code, At::Queued, Some("busy")),
        letter(Kind::Code, At::Sending, None),
        letter(Kind::Code, At::Expired, Some("too_late")),
        letter(Kind::Code, At::Withheld, Some("replaced")),
        letter(Kind::Emergency, At::Withheld, Some("reviewed")),
        letter(Kind::Checkpoint, At::Withheld, Some("not_wanted")),
        letter(Kind::Checkpoint, At::Uncertain, Some("no_answer")),
        letter(Kind::Checkpoint, At::Uncertain, Some("worker_died")),
        Posted { name: None, sent_to: None, ..letter(Kind::Trial, At::Queued, None) },
    ]);
    vec![LettersView::of(letters, at), LettersView::of(Vec::new(), at)]
}

impl View for LettersView {
    const TEMPLATE: &'static str = "mail/letters.html";

    fn samples() -> Vec<Self> {
        samples()
    }
}
