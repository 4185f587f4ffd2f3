//! Whose a conversation is: cards with the number first, then a search, then a
//! new card. Nobody is chosen by the program.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::contact::{Name, Phone};
use crate::conversations::{ConversationId, WAITING};
use crate::i18n::Language;
use crate::inbox::model::{Candidate, Conversation};
use crate::inbox::{self, InboxError};
use crate::pages::Chrome;
use crate::patients;
use crate::vault::Grant;
use crate::vault::permission::{ReadInbox, RegisterPatient, WriteInbox};
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct PeoplePage {
    pub(super) talk: Conversation,
    /// The messenger tells no number.
    pub(super) is_handle: bool,
    /// Cards with the number.
    pub(super) candidates: Vec<Candidate>,
    /// None: nothing was looked for.
    pub(super) found: Option<Vec<Candidate>>,
    pub(super) query: String,
    /// As the lead is called.
    pub(super) name: String,
    /// Whether to book once it is known.
    pub(super) book: bool,
    pub(super) may_register: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Then {
    book: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    q: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    /// Empty: nobody in particular.
    patient: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewCard {
    surname: String,
    given: String,
    /// Where the conversation has none.
    phone: String,
    language: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    chrome: Chrome,
    Path(id): Path<ConversationId>,
    Query(then): Query<Then>,
) -> Result<Page, Problem> {
    let view = PeoplePage::of(&clinic, &grant, &chrome, id, &then).await?;
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

pub(super) async fn find(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    chrome: Chrome,
    Path(id): Path<ConversationId>,
    Query(then): Query<Then>,
    Form(search): Form<Search>,
) -> Result<Page, Problem> {
    let mut view = PeoplePage::of(&clinic, &grant, &chrome, id, &then).await?;
    let found = patients::find(&clinic.vault, &grant.also()?, &search.q).await?;
    let found = found.into_iter().map(|brief| Candidate {
        id: brief.id,
        number: brief.number,
        name: brief.name,
        birth_date: brief.birth_date,
    });
    view.found = Some(found.collect());
    view.query = search.q;
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

pub(super) async fn attach(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(then): Query<Then>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let patient = match chosen.patient.as_str() {
        "" => None,
        known => Some(known.parse().map_err(|_| Problem::NotFound)?),
    };
    inbox::attach(&clinic, &grant, id, patient).await?;
    Ok(match patient {
        Some(patient) if then.book == "1" => {
            see_other(&format!("/schedule?new=1&patient={patient}"))
        }
        _ => see_other(&format!("/inbox/{id}")),
    })
}

pub(super) async fn card(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<ConversationId>,
    Query(then): Query<Then>,
    Form(card): Form<NewCard>,
) -> Result<Response, Problem> {
    let name = Name::new(&card.surname, &card.given, "");
    let language = card.language.parse().unwrap_or(Language::Ru);
    let phone = match card.phone.trim() {
        "" => None,
        typed => Some(Phone::parse(typed).map_err(|_| InboxError::Missing("inbox-card-phone"))?),
    };
    let patient = inbox::make_card(&clinic, &grant, id, (name, phone), language).await?;
    Ok(if then.book == "1" {
        see_other(&format!("/schedule?new=1&patient={patient}"))
    } else {
        see_other(&format!("/inbox/{id}"))
    })
}

impl PeoplePage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<WriteInbox>,
        chrome: &Chrome,
        id: ConversationId,
        then: &Then,
    ) -> Result<Self, Problem> {
        let read: Grant<ReadInbox> = grant.also()?;
        let talk = inbox::talk(clinic, &read, id, chrome.language).await?;
        if talk.conversation.patient_id.is_some() {
            return Err(InboxError::Meanwhile.into());
        }
        Ok(Self {
            is_handle: talk.conversation.has_handle(),
            name: talk.lead.map(|lead| lead.name).unwrap_or_default(),
            talk: talk.conversation,
            candidates: talk.candidates,
            found: None,
            query: String::new(),
            book: then.book == "1",
            may_register: grant.actor().may::<RegisterPatient>(),
        })
    }
}
