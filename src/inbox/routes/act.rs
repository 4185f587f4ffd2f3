//! What is done with a conversation, and then it is shown again.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::clinic::Clinic;
use crate::conversations::ConversationId;
use crate::ids::MessageId;
use crate::inbox;
use crate::inbox::routes::desk::Asked;
use crate::vault::Grant;
use crate::vault::permission::{ReadInbox, WriteInbox};
use crate::web::{Problem, see_other};

#[derive(Deserialize)]
pub(super) struct Lost {
    message: MessageId,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    from: String,
    to: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LeadForm {
    name: String,
    note: String,
}

pub(super) async fn read(
    State(clinic): State<Clinic>,
    grant: Grant<ReadInbox>,
    Path(id): Path<ConversationId>,
) -> Result<StatusCode, Problem> {
    inbox::mark_read(&clinic, &grant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn again(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
    Form(lost): Form<Lost>,
) -> Result<Response, Problem> {
    inbox::send_again(&clinic, &grant, id, lost.message).await?;
    Ok(see_other(&asked.path(id)))
}

pub(super) async fn invite(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    inbox::invite(&clinic, &grant, id).await?;
    Ok(see_other(&asked.path(id)))
}

pub(super) async fn assign(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let (from, to) = (given.from.parse().ok(), given.to.parse().ok());
    inbox::assign(&clinic, &grant, id, from, to).await?;
    Ok(see_other(&asked.path(id)))
}

pub(super) async fn close(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    inbox::close(&clinic, &grant, id).await?;
    Ok(see_other(&asked.list()))
}

pub(super) async fn reopen(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
) -> Result<Response, Problem> {
    inbox::reopen(&clinic, &grant, id).await?;
    Ok(see_other(&Asked::default().path(id)))
}

pub(super) async fn hand_back(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    inbox::hand_back(&clinic, &grant, id).await?;
    Ok(see_other(&asked.path(id)))
}

pub(super) async fn lead(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
    Form(form): Form<LeadForm>,
) -> Result<Response, Problem> {
    inbox::make_lead(&clinic, &grant, id, (&form.name, &form.note)).await?;
    Ok(see_other(&asked.path(id)))
}
