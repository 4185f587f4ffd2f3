//! Patients on the web: search, list, card, form.

use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::contact::{Iin, Phone};
use crate::ids::PatientId;
use crate::pages::{Chrome, View};
use crate::patients::blocking::Block;
use crate::patients::form::FormError;
use crate::patients::{self, Brief, Mask, NewPatient, Patient, PatientError, PatientForm};
use crate::vault::permission::{
    Book, EditPatient, FindPatients, MergePatients, OpenEmergency, RegisterPatient, Right, SeeIin,
    TakeRequests, ViewPatient,
};
use crate::vault::{Event, Grant, Subject};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/search", search)
        .post("/search", search)
        .get("/patients", list)
        .get("/patients/new", blank)
        .post("/patients", register)
        .get("/patients/{patient_id}", card)
        .get("/patients/{patient_id}/edit", edit_form)
        .post("/patients/{patient_id}", edit)
        .get("/patients/{patient_id}/iin", show_iin)
}

/// A part of the card that another capability fills: its fragment is at
/// `/patients/{id}/{path}` and is asked for when the card is open.
#[derive(Clone, Copy, Debug)]
pub struct CardSection {
    pub path: &'static str,
    /// Fluent key of its heading, shown while it loads.
    pub label: &'static str,
    pub place: Place,
    /// Who has it sees the section.
    pub right: Right,
}

/// Where a section stands on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The counters under the name.
    Facts,
    Main,
    Side,
}

/// Every section, put together in `app` and added to each request.
#[derive(Clone, Copy, Debug)]
pub struct CardSections(pub &'static [CardSection]);

/// How many cards a page of the list shows.
const PAGE: i64 = 50;

/// The answer to what was typed into the search box.
#[derive(Debug, Serialize)]
pub struct FoundList {
    query: String,
    may_add: bool,
    found: Vec<FoundItem>,
}

#[derive(Debug, Serialize)]
struct FoundItem {
    id: PatientId,
    name: String,
    number: i64,
    /// What tells namesakes apart: phone and year of birth.
    detail: String,
    allergy: bool,
    /// Not the reader's own patient.
    masked: bool,
}

impl FoundItem {
    fn of(brief: Brief) -> Self {
        let phone = brief.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
        let year = brief.birth_date.map(Day::year);
        let parts = [
            phone.map(|phone| phone.to_string()),
            year.map(|year| year.to_string()),
            Some(format!("№\u{a0}{}", brief.number)),
        ];
        let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let Brief { id, number, name, allergy, masked, .. } = brief;
        Self { id, name, number, detail, allergy, masked }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Search {
    q: String,
}

/// By POST from the box, so that no address holds a name (OWASP ASVS 14.2.1);
/// `Form` reads the query of a GET.
async fn search(
    State(clinic): State<Clinic>,
    grant: Grant<FindPatients>,
    chrome: Chrome,
    Form(search): Form<Search>,
) -> Result<Page, Problem> {
    let found = patients::find(&clinic.vault, &grant, &search.q).await?;
    let found = found.into_iter().map(FoundItem::of).collect();
    let may_add = grant.actor().may::<RegisterPatient>();
    let view = FoundList { query: search.q, may_add, found };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

/// All cards, newest first.
#[derive(Debug, Serialize)]
pub struct PatientsPage {
    patients: Vec<Brief>,
    count: i64,
    may_add: bool,
    /// The number of the last card shown, when there are more below it.
    next: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListFrom {
    below: Option<i64>,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<FindPatients>,
    chrome: Chrome,
    UrlQuery(from): UrlQuery<ListFrom>,
) -> Result<Page, Problem> {
    let (patients, count) = patients::list(&clinic.vault, &grant, from.below, PAGE).await?;
    let full = i64::try_from(patients.len()) == Ok(PAGE);
    let next = patients.last().filter(|_| full).map(|last| last.number);
    let may_add = grant.actor().may::<RegisterPatient>();
    let view = PatientsPage { patients, count, may_add, next };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

/// A patient's card.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub struct PatientCard {
    patient: CardView,
    /// Until when the reader has emergency access to this card.
    emergency: Option<Timestamp>,
    may_open_emergency: bool,
    may_book: bool,
    may_edit: bool,
    may_merge: bool,
    /// The number of the absorbed card that led here.
    merged: Option<i64>,
    /// For those who may see it: since when and why the data is blocked.
    block: Option<Block>,
    /// Whether a request about this data can be taken in.
    may_ask: bool,
    facts: Vec<SectionView>,
    main: Vec<SectionView>,
    side: Vec<SectionView>,
}

#[derive(Debug, Serialize)]
struct SectionView {
    id: &'static str,
    href: String,
    label: &'static str,
}

#[derive(Debug, Serialize)]
struct CardView {
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
    fn of(mut patient: Patient, today: Day, mask: Mask) -> Self {
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
                crate::contact::Sex::Male => "male",
                crate::contact::Sex::Female => "female",
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
struct AfterMerge {
    merged: Option<i64>,
}

async fn card(
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

/// The form of a card, new or known.
#[derive(Debug, Serialize)]
pub struct PatientEdit {
    /// None for a new card.
    id: Option<PatientId>,
    form: PatientForm,
    errors: FieldErrors,
    /// Whether the IIN may be kept although its check digit is wrong.
    offer_iin_anyway: bool,
    /// The card that has this IIN already.
    iin_owner: Option<PatientId>,
    /// Somebody changed the card meanwhile: what it says now.
    now_says: Option<PatientForm>,
    /// All but the last digits of the IIN that is on file and stays there
    /// unless another is typed.
    iin_on_file: Option<String>,
    /// Whether the card's warnings are not the reader's to see.
    warnings_hidden: bool,
}

impl PatientEdit {
    fn of(id: Option<PatientId>, form: PatientForm) -> Self {
        Self {
            id,
            form,
            errors: FieldErrors::new(),
            offer_iin_anyway: false,
            iin_owner: None,
            now_says: None,
            iin_on_file: None,
            warnings_hidden: false,
        }
    }

    /// The form of a card that is there, as its reader sees it.
    fn known(patient: &Patient, form: PatientForm, mask: Mask) -> Self {
        let on_file = patient.iin.as_ref().map(Iin::masked);
        Self {
            iin_on_file: on_file.or_else(|| patient.iin_unverified.clone()),
            warnings_hidden: !mask.warnings,
            ..Self::of(Some(patient.id), form)
        }
    }

    fn refuse(mut self, errors: &[FormError]) -> Self {
        self.offer_iin_anyway = errors.iter().any(|(field, _)| *field == "iin");
        self.errors = errors.iter().map(|(field, key)| (*field, (*key).to_owned())).collect();
        self
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.active("patients"), self)
    }
}

async fn blank(
    State(clinic): State<Clinic>,
    _grant: Grant<RegisterPatient>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let form = PatientForm { language: "ru".to_owned(), ..PatientForm::default() };
    PatientEdit::of(None, form).page(&clinic, chrome)
}

async fn register(
    State(clinic): State<Clinic>,
    grant: Grant<RegisterPatient>,
    chrome: Chrome,
    Form(form): Form<PatientForm>,
) -> Result<Response, Problem> {
    let view = |form| PatientEdit::of(None, form);
    let new = match understood(&clinic, &form) {
        Ok(new) => new,
        Err(errors) => return view(form).refuse(&errors).answer(&clinic, chrome),
    };
    match patients::register(&clinic.vault, &grant, &new).await {
        Ok(id) => Ok(see_other(&format!("/patients/{id}"))),
        Err(error) => view(form).not_stored(&clinic, chrome, error),
    }
}

async fn edit_form(
    State(clinic): State<Clinic>,
    grant: Grant<EditPatient>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
) -> Result<Page, Problem> {
    let (patient, mask) = for_edit(&clinic, &grant, id).await?;
    PatientEdit::known(&patient, PatientForm::of(&patient, mask), mask).page(&clinic, chrome)
}

async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<EditPatient>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
    Form(form): Form<PatientForm>,
) -> Result<Response, Problem> {
    let (patient, mask) = for_edit(&clinic, &grant, id).await?;
    let view = |form| PatientEdit::known(&patient, form, mask);
    let new = match understood(&clinic, &form) {
        Ok(new) => new,
        Err(errors) => return view(form).refuse(&errors).answer(&clinic, chrome),
    };
    let kept = form.kept(mask);
    match patients::edit(&clinic.vault, &grant, id, form.version, &new, kept).await {
        Ok(()) => Ok(see_other(&format!("/patients/{id}"))),
        Err(error) => view(form).not_stored(&clinic, chrome, error),
    }
}

/// The card that is edited, and what its editor sees of it.
async fn for_edit(
    clinic: &Clinic,
    grant: &Grant<EditPatient>,
    id: PatientId,
) -> Result<(Patient, Mask), Problem> {
    let view = grant.also::<ViewPatient>()?;
    let patients::Opened { card: patient, emergency, .. } =
        patients::open_for(&clinic.vault, &view, id).await?;
    Ok((patient, Mask::of(grant.actor(), emergency.is_some())))
}

fn understood(clinic: &Clinic, form: &PatientForm) -> Result<NewPatient, Vec<FormError>> {
    form.understand(clinic.profile.get().zone.today(clinic.clock().now()))
}

impl PatientEdit {
    fn answer(&self, clinic: &Clinic, chrome: Chrome) -> Result<Response, Problem> {
        Ok(self.page(clinic, chrome)?.refused().into_response())
    }

    /// The form again, with everything typed, and why it was not stored.
    fn not_stored(
        mut self,
        clinic: &Clinic,
        chrome: Chrome,
        error: PatientError,
    ) -> Result<Response, Problem> {
        match error {
            PatientError::NoName => self = self.refuse(&[("surname", "patients-error-name")]),
            PatientError::IinTaken(owner) => {
                self = self.refuse(&[("iin", "patients-error-iin-taken")]);
                (self.iin_owner, self.offer_iin_anyway) = (Some(owner), false);
            }
            PatientError::Changed(now) => {
                let contacts = true;
                let mask = Mask { contacts, warnings: !self.warnings_hidden, iin: false };
                self.form.version = now.version;
                self.now_says = Some(PatientForm::of(&now, mask));
                let page = self.page(clinic, chrome)?;
                return Ok(page.status(axum::http::StatusCode::CONFLICT).into_response());
            }
            other => return Err(other.into()),
        }
        self.answer(clinic, chrome)
    }
}

/// The whole IIN. Asking for it is in the ledger; the page says so.
async fn show_iin(
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

impl From<PatientError> for Problem {
    fn from(error: PatientError) -> Self {
        match error {
            PatientError::NoSuchPatient => Self::NotFound,
            PatientError::NoName => Self::Invalid("patients-error-name"),
            PatientError::IinTaken(_) => Self::Conflict("patients-error-iin-taken"),
            PatientError::Changed(_) => Self::Conflict("web-conflict"),
            PatientError::TwoPeople => Self::Conflict("duplicates-two-people"),
            PatientError::Vault(error) => error.into(),
        }
    }
}

mod samples {
    use super::{
        Brief, CardView, FieldErrors, FoundItem, FoundList, Iin, Mask, Patient, PatientCard,
        PatientEdit, PatientForm, PatientId, PatientsPage, SectionView, View,
    };
    use crate::clock::Timestamp;
    use crate::contact::Email;
    use crate::i18n::Language;

    const NOW: i64 = 1_795_402_800_000;
    const OPEN: Mask = Mask { contacts: true, warnings: true, iin: true };
    const CLOSED: Mask = Mask { contacts: false, warnings: false, iin: false };

    fn brief() -> Brief {
        let id = PatientId::new(Timestamp::from_unix_ms(NOW));
        let phone = Some("+77012345678".to_owned());
        let birth_date = "1984-05-12".parse().ok();
        Brief {
            id,
            number: 1482,
            name: "Musin Erzhan".to_owned(),
            birth_date,
            phone,
            allergy: true,
            masked: false,
        }
    }

    fn patient() -> Patient {
        Patient {
            id: brief().id,
            number: 1482,
            surname: "Musin".to_owned(),
            given: "Erzhan".to_owned(),
            patronymic: String::new(),
            name: "Musin Erzhan".to_owned(),
            birth_date: "1984-05-12".parse().ok(),
            sex: Some(crate::contact::Sex::Male),
            iin: Iin::parse("850101300005").ok(),
            iin_unverified: None,
            language: Language::Kk,
            allergy: "lidocaine".to_owned(),
            source: "2GIS".to_owned(),
            note: "calls after 17".to_owned(),
            version: 1,
            registered_at: Timestamp::from_unix_ms(NOW),
            merged_into: None,
            phones: vec!["+77012345678".to_owned()],
            other_contacts: vec!["234-56".to_owned()],
            email: Email::parse("erzhan@example.kz").ok(),
            email_refused: true,
        }
    }

    impl View for FoundList {
        const TEMPLATE: &'static str = "patients/found.html";

        fn samples() -> Vec<Self> {
            let found = vec![FoundItem::of(brief())];
            let none = Self { query: "x".to_owned(), may_add: false, found: Vec::new() };
            let fresh = Self { query: String::new(), may_add: true, found: Vec::new() };
            vec![Self { query: "701".to_owned(), may_add: true, found }, none, fresh]
        }
    }

    impl View for PatientsPage {
        const TEMPLATE: &'static str = "patients/list.html";

        fn samples() -> Vec<Self> {
            let full = Self { patients: vec![brief()], count: 51, may_add: true, next: Some(1482) };
            vec![full, Self { patients: Vec::new(), count: 0, may_add: false, next: None }]
        }
    }

    impl View for PatientCard {
        const TEMPLATE: &'static str = "patients/card.html";

        fn samples() -> Vec<Self> {
            let today = "2026-11-23".parse().expect("a day");
            let section = |label| SectionView { id: "x", href: "/x".to_owned(), label };
            let full = Self {
                patient: CardView::of(patient(), today, OPEN),
                emergency: Some(Timestamp::from_unix_ms(NOW)),
                may_open_emergency: true,
                may_book: true,
                may_edit: true,
                may_merge: true,
                merged: None,
                block: None,
                may_ask: true,
                facts: vec![section("patients-title")],
                main: vec![section("patients-title")],
                side: vec![section("patients-title")],
            };
            let mut bare = patient();
            (bare.birth_date, bare.iin, bare.sex) = (None, None, None);
            (bare.phones, bare.other_contacts, bare.email) = Default::default();
            (bare.allergy, bare.note, bare.source) = Default::default();
            bare.iin_unverified = Some("123".to_owned());
            let mut hidden = patient();
            hidden.iin = None;
            let hidden = Self {
                patient: CardView::of(hidden, today, CLOSED),
                emergency: None,
                may_open_emergency: true,
                may_book: false,
                may_edit: false,
                may_merge: false,
                merged: None,
                block: None,
                may_ask: true,
                facts: Vec::new(),
                main: Vec::new(),
                side: Vec::new(),
            };
            let bare = Self {
                patient: CardView::of(bare, today, OPEN),
                emergency: None,
                may_open_emergency: false,
                may_book: false,
                may_edit: false,
                may_merge: false,
                merged: Some(12),
                block: Some(crate::patients::Block::sample()),
                may_ask: false,
                facts: Vec::new(),
                main: Vec::new(),
                side: Vec::new(),
            };
            vec![full, hidden, bare]
        }
    }

    impl View for PatientEdit {
        const TEMPLATE: &'static str = "patients/edit.html";

        fn samples() -> Vec<Self> {
            let known = Self::known(&patient(), PatientForm::of(&patient(), OPEN), OPEN);
            let masked = Self::known(&patient(), PatientForm::of(&patient(), CLOSED), CLOSED);
            let mut refused = Self::of(None, PatientForm::default());
            refused.errors = FieldErrors::from([
                ("iin", "patients-error-iin-check".to_owned()),
                ("phone", "patients-error-phone".to_owned()),
                ("email", "patients-error-email".to_owned()),
            ]);
            (refused.offer_iin_anyway, refused.iin_owner) = (true, Some(brief().id));
            let mut conflict = Self::known(&patient(), PatientForm::of(&patient(), OPEN), OPEN);
            conflict.now_says = Some(PatientForm::of(&patient(), OPEN));
            vec![known, masked, refused, conflict]
        }
    }
}
