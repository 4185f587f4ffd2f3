//! A patient's card as it is read, with the sections of other capabilities.

use axum::Extension;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{CardSections, Place};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::contact::{Iin, Phone, Sex};
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::patients::blocking::Block;
use crate::patients::{self, Mask, Patient};
use crate::vault::permission::{
    Book, EditPatient, MergePatients, OpenEmergency, SeeIin, TakeRequests, ViewPatient,
};
use crate::vault::{Event, Grant, Subject};
use crate::web::{Page, Problem, see_other};

/// A patient's card.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub struct PatientCard {
    pub(super) patient: CardView,
    /// Until when the reader has emergency access to this card.
    pub(super) emergency: Option<Timestamp>,
    pub(super) may_open_emergency: bool,
    pub(super) may_book: bool,
    pub(super) may_edit: bool,
    pub(super) may_merge: bool,
    /// The number of the absorbed card that led here.
    pub(super) merged: Option<i64>,
    /// For those who may see it: since when and why the data is blocked.
    pub(super) block: Option<Block>,
    /// Whether a request about this data can be taken in.
    pub(super) may_ask: bool,
    pub(super) facts: Vec<SectionView>,
    pub(super) main: Vec<SectionView>,
    pub(super) side: Vec<SectionView>,
}

#[derive(Debug, Serialize)]
pub(super) struct SectionView {
    pub(super) id: &'static str,
    pub(super) href: String,
    pub(super) label: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct CardView {
    id: PatientId,
    number: i64,
    name: String,
    age: Option<i16>,
    sex: Option<&'static str>,
    birth_date: Option<Day>,
    phones: Vec<String>,
    other_contacts: Vec<String>,
    email: Option<EmailView>,
    /// All but the last four digits are hidden.
    iin_masked: Option<String>,
    iin_unverified: Option<String>,
    iin_disagrees: bool,
    language: &'static str,
    allergy: String,
    source: String,
    note: String,
    /// Whether there are warnings that the reader does not see.
    warnings_hidden: bool,
    /// Whether the reader may ask for the whole IIN.
    may_see_iin: bool,
}

#[derive(Debug, Serialize)]
struct EmailView {
    address: String,
    /// Its server knows no such mailbox.
    refused: bool,
}

impl CardView {
    pub(super) fn of(mut patient: Patient, today: Day, mask: Mask) -> Self {
        let warned = !patient.allergy.is_empty() || !patient.note.is_empty();
        if !mask.warnings {
            (patient.allergy, patient.note) = Default::default();
        }
        if !mask.contacts {
            let phones = patient.phones.iter().filter_map(|phone| Phone::parse(phone).ok());
            patient.phones = phones.map(|phone| phone.masked()).collect();
            patient.other_contacts.clear();
            patient.email = None;
        }
        Self {
            warnings_hidden: warned && !mask.warnings,
            may_see_iin: mask.iin,
            age: patient.age(today),
            iin_disagrees: patient.iin_disagrees(),
            sex: patient.sex.map(|sex| match sex {
                Sex::Male => "male",
                Sex::Female => "female",
            }),
            iin_masked: patient.iin.as_ref().map(Iin::masked),
            language: patient.language.tag(),
            id: patient.id,
            number: patient.number,
            name: patient.name,
            birth_date: patient.birth_date.filter(|_| mask.contacts),
            phones: patient.phones,
            other_contacts: patient.other_contacts,
            email: patient.email.map(|email| EmailView {
                address: email.to_string(),
                refused: patient.email_refused,
            }),
            iin_unverified: patient.iin_unverified,
            allergy: patient.allergy,
            source: patient.source,
            note: patient.note,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AfterMerge {
    merged: Option<i64>,
}

pub async fn card(
    State(clinic): State<Clinic>,
    grant: Grant<ViewPatient>,
    chrome: Chrome,
    sections: Option<Extension<CardSections>>,
    Path(id): Path<PatientId>,
    UrlQuery(after): UrlQuery<AfterMerge>,
) -> Result<Response, Problem> {
    let patients::Opened { card: patient, emergency, block } =
        patients::open_for(&clinic.vault, &grant, id).await?;
    if let Some(kept) = patient.merged_into {
        return Ok(see_other(&format!("/patients/{kept}?merged={}", patient.number)));
    }
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let all = sections.map_or(&[][..], |Extension(sections)| sections.0);
    let actor = grant.actor();
    let placed = |place| {
        let here = all.iter().filter(|section| section.place == place);
        here.filter(|section| actor.holds(section.right))
            .map(|section| SectionView {
                id: section.path,
                href: format!("/patients/{id}/{}", section.path),
                label: section.label,
            })
            .collect()
    };
    let mask = Mask::of(actor, emergency.is_some());
    let view = PatientCard {
        patient: CardView::of(patient, today, mask),
        emergency,
        may_open_emergency: actor.may::<OpenEmergency>(),
        may_book: actor.may::<Book>(),
        may_edit: grant.actor().may::<EditPatient>(),
        may_merge: grant.actor().may::<MergePatients>(),
        merged: after.merged,
        block,
        may_ask: grant.actor().may::<TakeRequests>(),
        facts: placed(Place::Facts),
        main: placed(Place::Main),
        side: placed(Place::Side),
    };
    Ok(Page::of(&clinic, &chrome.active("patients"), &view)?.into_response())
}

/// The whole IIN. Asking for it is in the ledger; the page says so.
pub async fn show_iin(
    State(clinic): State<Clinic>,
    grant: Grant<SeeIin>,
    headers: HeaderMap,
    Path(id): Path<PatientId>,
) -> Result<Response, Problem> {
    let shown = Event::new("patient.iin_shown", Subject::Patient(id));
    clinic.vault.record(&grant, shown).await?;
    let patient = patients::open(&clinic.vault, &grant.also()?, id).await?;
    if !crate::web::wants_fragment(&headers) {
        return Ok(see_other(&format!("/patients/{id}")));
    }
    let iin = patient.iin.map(|iin| iin.as_str().to_owned()).unwrap_or_default();
    Ok(iin.into_response())
}
