//! One incident: its terms, what happened, whose data, what the notices say.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{ENTRY, PATH, Row, Terminal, kinds};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::dates;
use crate::incidents::form::{CorrectionForm, EventForm, check_story};
use crate::incidents::{
    self, EventRow, FrozenList, IncidentError, IncidentId, Listed, Nature, Story, Whole,
};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{HandleIncidents, NameAffected, ViewIncidents};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// How many people the page lists; the file has all.
const SHOWN: i64 = 100;

/// One incident.
#[expect(clippy::struct_excessive_bools, reason = "a page shows each by itself")]
#[derive(Debug, Serialize)]
pub struct IncidentPage {
    pub(super) id: IncidentId,
    pub(super) row: Row,
    pub(super) list: FrozenList,
    /// Lists that were corrected, newest first.
    pub(super) earlier: Vec<FrozenList>,
    pub(super) people: Vec<Listed>,
    pub(super) more: bool,
    pub(super) doubtful: bool,
    pub(super) events: Vec<EventRow>,
    pub(super) story: Story,
    pub(super) natures: Vec<&'static str>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) event: EventForm,
    pub(super) correction: CorrectionForm,
    pub(super) errors: FieldErrors,
    /// Which form was refused: `event`, `story`, `correction`, `papers`, or none.
    pub(super) refused: &'static str,
    pub(super) may_handle: bool,
    pub(super) may_name: bool,
}

pub(super) async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewIncidents>,
    chrome: Chrome,
    Path(id): Path<IncidentId>,
) -> Result<Page, Problem> {
    let view = load(&clinic, &grant, id).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

pub(super) async fn load(
    clinic: &Clinic,
    grant: &Grant<ViewIncidents>,
    id: IncidentId,
) -> Result<IncidentPage, Problem> {
    let Whole { incident, lists, events, story } =
        incidents::whole(&clinic.vault, grant, id).await?;
    let mut people = incidents::people(&clinic.vault, grant, id, SHOWN + 1).await?;
    let more = i64::try_from(people.len()).is_ok_and(|count| SHOWN < count);
    people.truncate(usize::try_from(SHOWN).unwrap_or_default());
    let terminal = Terminal::load(clinic, grant).await?;
    let now = terminal.zone.civil(clinic.clock().now());
    let mut lists = lists.into_iter();
    let list = lists.next().ok_or(IncidentError::NoSuchIncident)?;
    let at = format!("{} {}", dates::numeric(now.day()), dates::time(now));
    Ok(IncidentPage {
        id,
        row: Row::of(&incident, &terminal),
        correction: CorrectionForm { seen: list.version, ..CorrectionForm::default() },
        list,
        earlier: lists.collect(),
        doubtful: people.iter().any(|one| one.doubtful),
        people,
        more,
        events,
        story: story.unwrap_or_default(),
        natures: Nature::ALL.map(Nature::name).to_vec(),
        kinds: kinds(),
        event: EventForm { kind: "contained".to_owned(), at, note: String::new() },
        errors: FieldErrors::new(),
        refused: "",
        may_handle: grant.actor().may::<HandleIncidents>() && incident.closed_at.is_none(),
        may_name: grant.actor().may::<NameAffected>(),
    })
}

pub(super) fn refuse(
    clinic: &Clinic,
    chrome: Chrome,
    view: &IncidentPage,
) -> Result<Response, Problem> {
    let page = Page::of(clinic, &chrome.active(ENTRY), view)?;
    Ok(page.refused().into_response())
}

pub(super) async fn add_event(
    State(clinic): State<Clinic>,
    grant: Grant<HandleIncidents>,
    chrome: Chrome,
    Path(id): Path<IncidentId>,
    Form(event): Form<EventForm>,
) -> Result<Response, Problem> {
    let zone = clinic.profile.get().zone.clone();
    let errors = match event.read(&zone) {
        Ok((kind, at, note)) => {
            match incidents::add_event(&clinic.vault, &grant, id, kind, at, &note).await {
                Ok(()) => return Ok(see_other(&format!("{PATH}/{id}"))),
                Err(IncidentError::BadTime) => {
                    FieldErrors::from([("at", "incidents-bad-time".to_owned())])
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let view = load(&clinic, &grant.also()?, id).await?;
    refuse(&clinic, chrome, &IncidentPage { event, errors, refused: "event", ..view })
}

pub(super) async fn describe(
    State(clinic): State<Clinic>,
    grant: Grant<HandleIncidents>,
    chrome: Chrome,
    Path(id): Path<IncidentId>,
    Form(story): Form<Story>,
) -> Result<Response, Problem> {
    if let Err(errors) = check_story(&story) {
        let view = load(&clinic, &grant.also()?, id).await?;
        return refuse(&clinic, chrome, &IncidentPage { story, errors, refused: "story", ..view });
    }
    incidents::describe(&clinic.vault, &grant, id, &story).await?;
    Ok(see_other(&format!("{PATH}/{id}")))
}

pub(super) async fn correct(
    State(clinic): State<Clinic>,
    grant: Grant<HandleIncidents>,
    chrome: Chrome,
    Path(id): Path<IncidentId>,
    Form(form): Form<CorrectionForm>,
) -> Result<Response, Problem> {
    let errors = match form.read() {
        Ok(correction) => {
            incidents::correct(&clinic.vault, &grant, id, form.seen, &correction).await?;
            return Ok(see_other(&format!("{PATH}/{id}")));
        }
        Err(errors) => errors,
    };
    let view = load(&clinic, &grant.also()?, id).await?;
    let view = IncidentPage { correction: form, errors, refused: "correction", ..view };
    refuse(&clinic, chrome, &view)
}

/// The moment of a sample.
pub(super) fn sample_moment() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}
