//! The form of a card, new or known.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::contact::Iin;
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::patients::form::FormError;
use crate::patients::{self, Mask, NewPatient, Patient, PatientError, PatientForm};
use crate::vault::Grant;
use crate::vault::permission::{EditPatient, RegisterPatient, ViewPatient};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// The form of a card, new or known.
#[derive(Debug, Serialize)]
pub struct PatientEdit {
    /// None for a new card.
    pub(super) id: Option<PatientId>,
    pub(super) form: PatientForm,
    pub(super) errors: FieldErrors,
    /// Whether the IIN may be kept although its check digit is wrong.
    pub(super) offer_iin_anyway: bool,
    /// The card that has this IIN already.
    pub(super) iin_owner: Option<PatientId>,
    /// Somebody changed the card meanwhile: what it says now.
    pub(super) now_says: Option<PatientForm>,
    /// All but the last digits of the IIN that is on file and stays there
    /// unless another is typed.
    pub(super) iin_on_file: Option<String>,
    /// Whether the card's warnings are not the reader's to see.
    pub(super) warnings_hidden: bool,
}

impl PatientEdit {
    pub(super) fn of(id: Option<PatientId>, form: PatientForm) -> Self {
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
    pub(super) fn known(patient: &Patient, form: PatientForm, mask: Mask) -> Self {
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

pub async fn blank(
    State(clinic): State<Clinic>,
    _grant: Grant<RegisterPatient>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let form = PatientForm { language: "ru".to_owned(), ..PatientForm::default() };
    PatientEdit::of(None, form).page(&clinic, chrome)
}

pub async fn register(
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

pub async fn form(
    State(clinic): State<Clinic>,
    grant: Grant<EditPatient>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
) -> Result<Page, Problem> {
    let (patient, mask) = for_edit(&clinic, &grant, id).await?;
    PatientEdit::known(&patient, PatientForm::of(&patient, mask), mask).page(&clinic, chrome)
}

pub async fn save(
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
