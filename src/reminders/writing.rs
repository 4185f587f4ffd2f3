//! "What may we write to you": the page behind the link of any message, with a
//! tick for each aim and channel. It tells nothing of whoever holds the link.

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::Query;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::ids::PatientId;
use crate::messaging::wanted::{self, Aim, Author, Choices, Offered, Source, Ticked};
use crate::messaging::{Channel, setup};
use crate::pages::View;
use crate::reminders::{self, LinkVisit};
use crate::vault::permission::AnswerAppointment;
use crate::vault::{Event, Events, Tx, VaultError};
use crate::web::{Problem, Routes, see_other};

pub fn public_routes() -> Routes {
    Routes::new()
        .get("/m/{token}/writing", show)
        .post("/m/{token}/writing", save)
        .get("/m/{token}/leave", ask_to_leave)
        .post("/m/{token}/leave", leave)
}

#[derive(Debug, Serialize)]
pub struct WritingPage {
    token: String,
    aims: Vec<Offered>,
    /// It was just saved.
    saved: bool,
}

type Visit = LinkVisit<AnswerAppointment>;

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

async fn show(visit: Visit, Query(Done { done }): Query<Done>) -> Result<Response, Problem> {
    let (whose, language) = match reminders::whose(&visit.clinic, &visit.grant, &visit.token).await
    {
        Ok(whose) => whose,
        Err(error) => return visit.refuse(error).await,
    };
    let choices = wanted::of(&visit.clinic.vault, &visit.grant, whose[0]).await?;
    let channels = setup::channels(&visit.clinic, &visit.grant).await?;
    let page = WritingPage {
        token: visit.token.as_str().to_owned(),
        aims: Offered::all(&choices, &channels),
        saved: !done.is_empty(),
    };
    visit.page(&page, language)
}

async fn save(visit: Visit, Form(typed): Form<Vec<(String, String)>>) -> Result<Response, Problem> {
    let (whose, _) = match reminders::whose(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(whose) => whose,
        Err(error) => return visit.refuse(error).await,
    };
    let channels = setup::channels(&visit.clinic, &visit.grant).await?;
    let names: BTreeSet<String> = typed.into_iter().map(|(name, _)| name).collect();
    let ticked = wanted::ticked(&names, &channels);
    choose(&visit, &whose, &ticked).await
}

/// A look at the address changes nothing: providers look at every link.
async fn ask_to_leave(visit: Visit) -> Response {
    see_other(&format!("/m/{}/writing", visit.token.as_str()))
}

/// One press in a mail program: no letters any more, of any kind (RFC 8058). Asked
/// again it says the same.
async fn leave(visit: Visit) -> Result<Response, Problem> {
    let (whose, _) = match reminders::whose(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(whose) => whose,
        Err(error) => return visit.refuse(error).await,
    };
    let none: Vec<Ticked> = Aim::ALL.iter().map(|aim| (*aim, Channel::Email, false)).collect();
    choose(&visit, &whose, &none).await
}

/// Sets it for all whom the link was sent for, and shows what stands now.
async fn choose(
    visit: &Visit,
    whose: &[PatientId],
    ticked: &[Ticked],
) -> Result<Response, Problem> {
    let (first, others) = whose.split_first().expect("a link is somebody's");
    visit
        .clinic
        .vault
        .change(&visit.grant, async |tx| {
            let mut events = Events::from(chosen(tx, *first, ticked).await?);
            for other in others {
                events = events.and(chosen(tx, *other, ticked).await?);
            }
            Ok::<_, VaultError>(((), events))
        })
        .await?;
    Ok(see_other(&format!("/m/{}/writing?done=1", visit.token.as_str())))
}

async fn chosen(tx: &mut Tx, patient: PatientId, ticked: &[Ticked]) -> Result<Event, VaultError> {
    let changed = wanted::set_in(tx, patient, ticked, Author::patient(Source::Link)).await?;
    Ok(wanted::event(patient, Source::Link, changed))
}

impl View for WritingPage {
    const TEMPLATE: &'static str = "public/writing.html";

    fn samples() -> Vec<Self> {
        let channels = crate::messaging::Channel::ALL;
        let sample = |saved, channels: &[_]| Self {
            token: "A".repeat(22),
            aims: Offered::all(&Choices::default(), channels),
            saved,
        };
        vec![sample(false, &channels), sample(true, &channels[..1])]
    }
}
