//! Who works here.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::StaffPage;
use crate::access::{self, AccessError, NewStaff};
use crate::clinic::Clinic;
use crate::crypto::password::one_time;
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{ManageStaff, Role, ViewStaff};
use crate::web::{FieldErrors, Page, Problem, see_other};

pub(super) async fn staff(
    State(clinic): State<Clinic>,
    grant: Grant<ViewStaff>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = StaffPage::load(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("staff"), &view)
}

#[derive(Debug, Default, Deserialize, serde::Serialize)]
#[serde(default)]
pub struct StaffForm {
    pub name: String,
    pub login: String,
    pub role: String,
}

pub(super) async fn add_staff(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    chrome: Chrome,
    Form(form): Form<StaffForm>,
) -> Result<Page, Problem> {
    let mut errors = FieldErrors::new();
    if form.name.trim().is_empty() {
        errors.insert("name", "access-error-name".to_owned());
    }
    let role = Role::staff(&form.role);
    if role.is_none() {
        errors.insert("role", "access-error-role".to_owned());
    }
    let password = one_time(&clinic.random).to_string();
    if let Some(role) = role.filter(|_| errors.is_empty()) {
        let new = NewStaff {
            login: form.login.trim().to_lowercase(),
            name: form.name.trim().to_owned(),
            role,
            language: Language::default(),
            password: password.clone(),
            must_change: true,
            totp_secret: None,
        };
        match access::add(&clinic, &grant, &new).await {
            Ok(_) => return shown_once(&clinic, &grant, chrome, new.login, password).await,
            Err(AccessError::LoginTaken) => {
                errors.insert("login", "access-error-login-taken".to_owned());
            }
            Err(AccessError::OwnersOnly) => {
                errors.insert("role", "access-error-owners-only".to_owned());
            }
            Err(AccessError::BadLogin) => {
                errors.insert("login", "access-error-login".to_owned());
            }
            Err(other) => return Err(other.into()),
        }
    }
    let mut view = StaffPage::load(&clinic, &grant.also::<ViewStaff>()?).await?;
    (view.form, view.errors) = (form, errors);
    Ok(Page::of(&clinic, &chrome.active("staff"), &view)?.refused())
}

/// The list with a one-time password that is never shown again.
async fn shown_once(
    clinic: &Clinic,
    grant: &Grant<ManageStaff>,
    chrome: Chrome,
    login: String,
    password: String,
) -> Result<Page, Problem> {
    let mut view = StaffPage::load(clinic, &grant.also::<ViewStaff>()?).await?;
    view.one_time = Some((login, password));
    Page::of(clinic, &chrome.active("staff"), &view)
}

pub(super) async fn reset_staff(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
) -> Result<Page, Problem> {
    let everybody = access::staff(&clinic, &grant.also()?).await?;
    let person = everybody.into_iter().find(|person| person.id == id && !person.left);
    let login = person.ok_or(Problem::NotFound)?.login;
    let password = one_time(&clinic.random).to_string();
    access::reset(&clinic, &grant, &login, &password).await?;
    shown_once(&clinic, &grant, chrome, login, password).await
}

/// Signs somebody out everywhere: a lost tablet, an open screen at home.
pub(super) async fn sign_out_staff(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    Path(id): Path<StaffId>,
) -> Result<Response, Problem> {
    clinic.vault.end_sessions_of(&grant, id).await?;
    Ok(see_other(&format!("/staff/{id}")))
}

pub(super) async fn staff_leaves(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    Path(id): Path<StaffId>,
) -> Result<Response, Problem> {
    access::leave(&clinic, &grant, id).await?;
    Ok(see_other("/staff"))
}
