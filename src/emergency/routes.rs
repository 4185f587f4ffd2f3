//! Emergency access on the web: the form, giving it back, the reviews.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::emergency::{self, Access, AccessId, Cause, EmergencyError, OpenForm, Verdict};
use crate::ids::PatientId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{OpenEmergency, ReviewEmergency};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/patients/{patient_id}/emergency", form)
        .post("/patients/{patient_id}/emergency", open)
        .post("/patients/{patient_id}/emergency/close", close)
        .get("/emergencies", reviews)
        .post("/emergencies/{access_id}/review", review)
}

/// Asks for cause and reason. Says nothing about the patient.
#[derive(Debug, Serialize)]
pub struct EmergencyForm {
    id: PatientId,
    causes: Vec<&'static str>,
    minutes: i64,
    form: OpenForm,
    errors: FieldErrors,
}

impl EmergencyForm {
    fn of(id: PatientId, form: OpenForm, errors: FieldErrors) -> Self {
        let causes = Cause::ALL.into_iter().map(Cause::name).collect();
        Self { id, causes, minutes: emergency::DURATION_MS / 60_000, form, errors }
    }
}

async fn form(
    State(clinic): State<Clinic>,
    _grant: Grant<OpenEmergency>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
) -> Result<Page, Problem> {
    let view = EmergencyForm::of(id, OpenForm::default(), FieldErrors::new());
    Page::of(&clinic, &chrome.active("patients"), &view)
}

async fn open(
    State(clinic): State<Clinic>,
    grant: Grant<OpenEmergency>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
    Form(typed): Form<OpenForm>,
) -> Result<Response, Problem> {
    match typed.read() {
        Ok((cause, reason)) => {
            emergency::open(&clinic, &grant, id, cause, reason).await?;
            Ok(see_other(&format!("/patients/{id}")))
        }
        Err(errors) => {
            let view = EmergencyForm::of(id, typed, errors);
            Ok(Page::of(&clinic, &chrome.active("patients"), &view)?.refused().into_response())
        }
    }
}

async fn close(
    State(clinic): State<Clinic>,
    grant: Grant<OpenEmergency>,
    Path(id): Path<PatientId>,
) -> Result<Response, Problem> {
    emergency::close(&clinic.vault, &grant, id).await?;
    Ok(see_other("/"))
}

/// Every access: those that wait for a review, and those that had one lately.
#[derive(Debug, Serialize)]
pub struct ReviewsPage {
    waiting: Vec<AccessView>,
    reviewed: Vec<AccessView>,
}

#[derive(Debug, Serialize)]
struct AccessView {
    #[serde(flatten)]
    access: Access,
    late: bool,
    /// Whether the reader opened it: then somebody else reviews it.
    own: bool,
}

async fn reviews(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewEmergency>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let now = clinic.clock().now();
    let all = emergency::all(&clinic.vault, &grant).await?;
    let view = |access: Access| AccessView {
        late: access.is_late(now),
        own: Some(access.staff_id) == grant.staff(),
        access,
    };
    let (waiting, reviewed) =
        all.into_iter().map(view).partition(|view| view.access.verdict.is_none());
    Page::of(&clinic, &chrome.active(emergency::WAITING), &ReviewsPage { waiting, reviewed })
}

#[derive(Deserialize)]
struct ReviewForm {
    verdict: Verdict,
    #[serde(default)]
    note: String,
}

async fn review(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewEmergency>,
    Path(id): Path<AccessId>,
    Form(form): Form<ReviewForm>,
) -> Result<Response, Problem> {
    emergency::review(&clinic, &grant, id, form.verdict, form.note.trim()).await?;
    Ok(see_other("/emergencies"))
}

impl From<EmergencyError> for Problem {
    fn from(error: EmergencyError) -> Self {
        match error {
            EmergencyError::NoSuch => Self::NotFound,
            EmergencyError::OwnAccess => Self::Conflict("emergency-own"),
            EmergencyError::Reviewed => Self::Conflict("web-conflict"),
            EmergencyError::NotStaff => Self::SignedOut,
            EmergencyError::Vault(error) => error.into(),
        }
    }
}

mod samples {
    use super::{
        Access, AccessId, AccessView, Cause, EmergencyForm, FieldErrors, OpenForm, PatientId,
        ReviewsPage, Verdict, View,
    };
    use crate::clock::Timestamp;
    use crate::ids::StaffId;

    fn access(verdict: Option<Verdict>) -> Access {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        Access {
            id: AccessId::new(at),
            staff_id: StaffId::new(at),
            staff: "Dana Ospanova".to_owned(),
            patient_id: PatientId::new(at),
            card: 1482,
            cause: Cause::Acute,
            reason: "acute pain at night".to_owned(),
            opened_at: at,
            until_at: at.plus_ms(super::emergency::DURATION_MS),
            closed_at: verdict.map(|_| at),
            reviewer: verdict.map(|_| "Aigul Bekova".to_owned()),
            reviewed_at: verdict.map(|_| at),
            verdict,
            note: verdict.map(|_| "asked the doctor".to_owned()),
        }
    }

    impl View for EmergencyForm {
        const TEMPLATE: &'static str = "emergency/form.html";

        fn samples() -> Vec<Self> {
            let id = access(None).patient_id;
            let typed = OpenForm { cause: "other".to_owned(), reason: "x".to_owned() };
            let errors = FieldErrors::from([
                ("cause", "emergency-error-cause".to_owned()),
                ("reason", "emergency-error-reason".to_owned()),
            ]);
            vec![Self::of(id, OpenForm::default(), FieldErrors::new()), Self::of(id, typed, errors)]
        }
    }

    impl View for ReviewsPage {
        const TEMPLATE: &'static str = "emergency/reviews.html";

        fn samples() -> Vec<Self> {
            let view = |verdict, late, own| AccessView { access: access(verdict), late, own };
            let full = Self {
                waiting: vec![view(None, true, false), view(None, false, true)],
                reviewed: vec![
                    view(Some(Verdict::Justified), false, false),
                    view(Some(Verdict::Unjustified), false, true),
                ],
            };
            vec![full, Self { waiting: Vec::new(), reviewed: Vec::new() }]
        }
    }
}
