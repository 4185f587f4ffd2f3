//! The papers of an incident as files.

use std::io::{Cursor, Write};

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::one::{IncidentPage, load, refuse};
use super::{InLanguage, csv_file, file, letterhead};
use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::incidents::papers::{Case, Speech, printed};
use crate::incidents::{self, IncidentId, Named};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{NameAffected, ViewIncidents};
use crate::web::{FieldErrors, Problem};

const PDF: &str = "application/pdf";

/// Most letters in one archive: each is a PDF of its own.
const MOST_LETTERS: usize = 500;

/// The people of the newest list by the numbers of their cards.
pub(super) async fn people(
    State(clinic): State<Clinic>,
    grant: Grant<ViewIncidents>,
    Path(id): Path<IncidentId>,
) -> Result<Response, Problem> {
    incidents::whole(&clinic.vault, &grant, id).await?;
    let people = incidents::people(&clinic.vault, &grant, id, i64::MAX).await?;
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let mut written =
        writer.write_record(["card", "times", "first", "last", "fields", "ways", "doubtful"]);
    let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
    for one in &people {
        let fields: Vec<&str> = one.fields.iter().map(|field| field.name()).collect();
        let ways: Vec<&str> = one.ways.iter().map(|way| way.name()).collect();
        written = written.and(writer.write_record([
            one.card.to_string(),
            one.times.to_string(),
            moment(one.first_at),
            moment(one.last_at),
            fields.join(" "),
            ways.join(" "),
            u8::from(one.doubtful).to_string(),
        ]));
    }
    csv_file(written, writer, "people.csv")
}

/// The notice to the authority: names nobody, so it needs no proof.
pub(super) async fn authority(
    State(clinic): State<Clinic>,
    grant: Grant<ViewIncidents>,
    Path(id): Path<IncidentId>,
    Query(asked): Query<InLanguage>,
) -> Result<Response, Problem> {
    let whole = incidents::whole(&clinic.vault, &grant, id).await?;
    let listed = incidents::people(&clinic.vault, &grant, id, i64::MAX).await?;
    let speech = Speech::of(&clinic, asked.language());
    let head = letterhead(&clinic, &grant, &speech).await?;
    let story = whole.story.clone().unwrap_or_default();
    let case = Case::of(&whole, &story, &head).ok_or(Problem::NotFound)?;
    let name = format!("notice-{}-{}.pdf", whole.incident.number, speech.language);
    Ok(file(printed(case.authority(&speech, &listed)).await?, PDF, &name))
}

/// Which paper with names, and who asks for it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PaperForm {
    /// `list`, `letters`, `letter`.
    paper: String,
    /// The number of a card, for one letter.
    card: String,
    lang: String,
    password: String,
    code: String,
}

impl PaperForm {
    fn language(&self) -> Language {
        if self.lang == "kk" { Language::Kk } else { Language::Ru }
    }
}

/// What is wrong, by field.
fn wrong(field: &'static str, key: &str) -> FieldErrors {
    FieldErrors::from([(field, key.to_owned())])
}

pub(super) async fn named(
    State(clinic): State<Clinic>,
    grant: Grant<NameAffected>,
    chrome: Chrome,
    Path(id): Path<IncidentId>,
    Form(form): Form<PaperForm>,
) -> Result<Response, Problem> {
    match make(&clinic, &grant, id, &form).await? {
        Ok(paper) => Ok(paper),
        Err(errors) => {
            let view = load(&clinic, &grant.also()?, id).await?;
            refuse(&clinic, chrome, &IncidentPage { errors, refused: "papers", ..view })
        }
    }
}

async fn make(
    clinic: &Clinic,
    grant: &Grant<NameAffected>,
    id: IncidentId,
    form: &PaperForm,
) -> Result<Result<Response, FieldErrors>, Problem> {
    let whole = incidents::whole(&clinic.vault, &grant.also()?, id).await?;
    let one = form.paper == "letter";
    let card = form.card.trim().trim_start_matches('№').trim().parse::<i64>().ok();
    if one && card.is_none() {
        return Ok(Err(wrong("card", "incidents-error-card")));
    }
    match access::prove(clinic, grant, &form.password, &form.code).await {
        Ok(()) => {}
        Err(AccessError::Wrong) => return Ok(Err(wrong("password", "workdays-error-proof"))),
        Err(AccessError::TooSoon { .. }) => {
            return Ok(Err(wrong("password", "workdays-error-proof-soon")));
        }
        Err(error) => return Err(error.into()),
    }
    let kind = match form.paper.as_str() {
        "letter" => "letter",
        "letters" => "letters",
        _ => "list",
    };
    let card = card.filter(|_| one);
    let named = incidents::name_affected(&clinic.vault, grant, id, card, kind).await?;
    if one && named.is_empty() {
        return Ok(Err(wrong("card", "incidents-error-not-listed")));
    }
    if kind == "letters" && MOST_LETTERS < named.len() {
        return Ok(Err(wrong("paper", "incidents-error-letters")));
    }
    let speech = Speech::of(clinic, form.language());
    let head = letterhead(clinic, grant, &speech).await?;
    let story = whole.story.clone().unwrap_or_default();
    let case = Case::of(&whole, &story, &head).ok_or(Problem::NotFound)?;
    let number = whole.incident.number;
    let tag = speech.language;
    let made = match (kind, named.first()) {
        ("letter", Some(first)) => {
            let paper = printed(case.letter(&speech, first)).await?;
            file(paper, PDF, &format!("letter-{number}-{}-{tag}.pdf", first.card))
        }
        ("letters", _) => {
            let archive = letters(&case, &speech, &named).await?;
            file(archive, "application/zip", &format!("letters-{number}-{tag}.zip"))
        }
        _ => file(
            printed(case.list(&speech, &named)).await?,
            PDF,
            &format!("list-{number}-{tag}.pdf"),
        ),
    };
    Ok(Ok(made))
}

/// One letter for each, named by the number of the card.
async fn letters(
    case: &Case<'_>,
    speech: &Speech<'_>,
    named: &[Named],
) -> Result<Vec<u8>, Problem> {
    let broken = |error: zip::result::ZipError| Problem::Internal(Box::new(error));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for one in named {
        let bytes = printed(case.letter(speech, one)).await?;
        let name = format!("letter-{}.pdf", one.card);
        archive.start_file(name, SimpleFileOptions::default()).map_err(broken)?;
        archive.write_all(&bytes).map_err(|error| Problem::Internal(Box::new(error)))?;
    }
    Ok(archive.finish().map_err(broken)?.into_inner())
}
