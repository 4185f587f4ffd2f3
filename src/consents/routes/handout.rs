//! The form that gives documents to a patient.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::consents::handing::{self, Handout, Signer};
use crate::consents::model::{Identity, IdentityDocument, Language, Level, age_on, masked_phone};
use crate::consents::{ConsentError, tablets, wordings};
use crate::contact::Phone;
use crate::ids::{PatientId, TabletId};
use crate::pages::{Chrome, View};
use crate::patients::{self, Patient};
use crate::vault::Grant;
use crate::vault::permission::{StartConsent, ViewPatient};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/patients/{patient_id}/consents/new", form)
        .post("/patients/{patient_id}/consents", hand_out)
}

/// The form, with what was typed into it.
#[derive(Debug, Serialize)]
pub struct HandoutPage {
    patient_id: PatientId,
    name: String,
    phone: String,
    age: Option<u16>,
    documents: Vec<Choice>,
    tablets: Vec<Entry>,
    identity_documents: Vec<Entry>,
    typed: Typed,
    /// Which field is wrong and why: Fluent keys.
    errors: FieldErrors,
}

#[derive(Debug, Serialize)]
struct Choice {
    key: String,
    title: String,
    level: u8,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Entry {
    value: String,
    label: String,
}

/// The form's fields as they came.
#[derive(Debug, Default, Serialize)]
struct Typed {
    documents: Vec<String>,
    language: String,
    tablet: String,
    service: String,
    doctor: String,
    price: String,
    identity_document: String,
    identity_last4: String,
    face: bool,
}

async fn form(
    State(clinic): State<Clinic>,
    grant: Grant<StartConsent>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let patient = card(&clinic, &grant, patient_id).await?;
    let typed = Typed {
        language: if patient.language == crate::i18n::Language::Kk { "kk" } else { "ru" }
            .to_owned(),
        ..Typed::default()
    };
    let page = page(&clinic, &grant, &chrome, &patient, typed, None).await?;
    Page::of(&clinic, &chrome.active("patients"), &page)
}

async fn hand_out(
    State(clinic): State<Clinic>,
    grant: Grant<StartConsent>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let patient = card(&clinic, &grant, patient_id).await?;
    let typed = Typed::of(fields);
    match handing::hand_out(&clinic, &grant, &typed.handout(&patient)).await {
        Ok(ids) if ids.len() == 1 => Ok(see_other(&format!("/consents/{}", ids[0]))),
        Ok(_) => Ok(see_other(&format!("/patients/{patient_id}/consents"))),
        Err(error) if error.field().is_some() => {
            let page = page(&clinic, &grant, &chrome, &patient, typed, Some(&error)).await?;
            Ok(Page::of(&clinic, &chrome.active("patients"), &page)?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn card(
    clinic: &Clinic,
    grant: &Grant<StartConsent>,
    id: PatientId,
) -> Result<Patient, Problem> {
    let view = grant.also::<ViewPatient>()?;
    Ok(patients::open(&clinic.vault, &view, id).await.map_err(ConsentError::from)?)
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<StartConsent>,
    chrome: &Chrome,
    patient: &Patient,
    typed: Typed,
    error: Option<&ConsentError>,
) -> Result<HandoutPage, Problem> {
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(chrome.language, key);
    let kazakh = chrome.language == crate::i18n::Language::Kk;
    let language = if kazakh { Language::Kazakh } else { Language::Russian };
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let age = patient.birth_date.and_then(|born| age_on(born, today));
    let offered = wordings::offered(clinic, grant).await?;
    let documents = offered.iter().map(|template| Choice {
        key: template.key.clone(),
        title: template.wording(language).title.clone(),
        level: template.level().for_age(age, template.russian.self_from).number(),
        chosen: typed.documents.contains(&template.key),
    });
    let in_use = tablets::in_use(clinic, grant).await?;
    let tablets =
        in_use.into_iter().map(|one| Entry { value: one.id.to_string(), label: one.name });
    let identity_documents = IDENTITY_DOCUMENTS.iter().map(|(value, _)| Entry {
        value: (*value).to_owned(),
        label: say(&format!("consents-identity-{}", value.replace('_', "-"))),
    });
    let errors = error.and_then(|error| Some((error.field()?, error.key().to_owned())));
    Ok(HandoutPage {
        patient_id: patient.id,
        name: patient.name.clone(),
        phone: mobile(patient).map(|phone| masked_phone(&phone)).unwrap_or_default(),
        age,
        documents: documents.collect(),
        tablets: tablets.collect(),
        identity_documents: identity_documents.collect(),
        typed,
        errors: errors.into_iter().collect(),
    })
}

const IDENTITY_DOCUMENTS: [(&str, IdentityDocument); 5] = [
    ("id_card", IdentityDocument::IdCard),
    ("passport", IdentityDocument::Passport),
    ("residence_permit", IdentityDocument::ResidencePermit),
    ("birth_certificate", IdentityDocument::BirthCertificate),
    ("known_in_person", IdentityDocument::KnownInPerson),
];

/// The first mobile phone of a card: only those receive SMS.
fn mobile(patient: &Patient) -> Option<String> {
    let phones = patient.phones.iter().filter_map(|phone| Phone::parse(phone).ok());
    phones.into_iter().find(Phone::is_mobile).map(|phone| phone.as_str().to_owned())
}

impl ConsentError {
    /// The field of the form that it is about; None for what is not the form's.
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NothingChosen => Some("documents"),
            Self::TabletBusy | Self::NoSuchTablet | Self::NoPhone | Self::StaffPhone => {
                Some("tablet")
            }
            Self::IdentityMissing => Some("identity_document"),
            Self::Paper(_) => Some("service"),
            _ => None,
        }
    }
}

impl Typed {
    fn of(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "documents" => typed.documents.push(value),
                "language" => typed.language = value,
                "tablet" => typed.tablet = value,
                "service" => typed.service = value,
                "doctor" => typed.doctor = value,
                "price" => typed.price = value,
                "identity_document" => typed.identity_document = value,
                "identity_last4" => typed.identity_last4 = value,
                "face" => typed.face = true,
                _ => {}
            }
        }
        typed
    }

    fn handout(&self, patient: &Patient) -> Handout {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let known = IDENTITY_DOCUMENTS.iter().find(|(name, _)| *name == self.identity_document);
        let last4 = self.identity_last4.trim();
        let last4 = last4.char_indices().rev().nth(3).map_or(last4, |(at, _)| &last4[at..]);
        let iin = patient.iin.as_ref().map(|iin| iin.as_str().to_owned()).unwrap_or_default();
        Handout {
            signer: Signer {
                id: patient.id,
                name: patient.name.clone(),
                born: patient.birth_date,
                iin_last4: iin.get(8..).unwrap_or_default().to_owned(),
                phone: mobile(patient),
                allergy: some(&patient.allergy),
            },
            appointment: None,
            service: some(&self.service),
            doctor: some(&self.doctor),
            price: some(&self.price),
            templates: self.documents.clone(),
            language: Language::from_tag(&self.language),
            tablet: serde_json::from_value::<TabletId>(self.tablet.clone().into()).ok(),
            identity: known.filter(|_| self.face).map(|(_, document)| Identity {
                document: *document,
                last4: last4.to_owned(),
                face_matches: self.face,
            }),
        }
    }
}

impl View for HandoutPage {
    const TEMPLATE: &'static str = "consents/handout.html";

    fn samples() -> Vec<Self> {
        let now = crate::clock::Timestamp::from_unix_ms(1_790_000_000_000);
        let sample = |errors: FieldErrors, tablets: Vec<Entry>| Self {
            patient_id: PatientId::new(now),
            name: "Ada Lovelace".to_owned(),
            phone: "+7 (701) ***-**-78".to_owned(),
            age: Some(17),
            documents: vec![Choice {
                key: "treatment".to_owned(),
                title: "Treatment".to_owned(),
                level: Level::L2.number(),
                chosen: true,
            }],
            tablets,
            identity_documents: Vec::new(),
            typed: Typed::default(),
            errors,
        };
        let tablet = Entry { value: "1".to_owned(), label: "Desk".to_owned() };
        let error = |field| (field, "consents-nothing-chosen".to_owned());
        vec![
            sample(FieldErrors::new(), vec![tablet]),
            sample(FieldErrors::from([error("documents"), error("tablet")]), Vec::new()),
        ]
    }
}
