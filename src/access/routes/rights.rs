//! Who holds what: a person's page, roles, lent rights, whose cards doctors open.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::access::AccessError;
use crate::access::rights::{self, DeputationId, Given, NewDeputation, RoleId};
use crate::access::views::rights::{
    AccessList, DeputationForm, PersonPage, RoleForm, RolePage, RolesPage,
};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::ids::StaffId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{GiveRights, Right, Rights, Role, ViewStaff};
use crate::web::{FieldErrors, Page, Problem, Proven, see_other};

pub(super) async fn person(
    State(clinic): State<Clinic>,
    grant: Grant<ViewStaff>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
) -> Result<Page, Problem> {
    let view = PersonPage::load(&clinic, &grant, id).await?;
    Page::of(&clinic, &chrome.active("staff"), &view)
}

#[derive(Deserialize)]
pub(super) struct GivenForm {
    role: String,
    #[serde(default)]
    custom: String,
}

impl GivenForm {
    fn read(&self) -> Result<Given, Problem> {
        let role = Role::staff(&self.role).ok_or(Problem::Invalid("access-error-role"))?;
        let custom = match self.custom.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| Problem::Invalid("access-error-role"))?),
        };
        Ok(Given { role, custom })
    }
}

pub(super) async fn give(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    Path(id): Path<StaffId>,
    Form(form): Form<GivenForm>,
) -> Result<Response, Problem> {
    rights::give(&clinic, &grant, id, form.read()?).await?;
    Ok(see_other(&format!("/staff/{id}")))
}

pub(super) async fn depute(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    chrome: Chrome,
    Path(id): Path<StaffId>,
    Form(form): Form<DeputationForm>,
) -> Result<Response, Problem> {
    let errors = match understand(&clinic, id, &form) {
        Ok(new) => match rights::depute(&clinic, &grant, &new).await {
            Ok(_) => return Ok(see_other(&format!("/staff/{id}"))),
            Err(AccessError::BadTime) => {
                FieldErrors::from([("until", "access-error-time".to_owned())])
            }
            Err(other) => return Err(other.into()),
        },
        Err(errors) => errors,
    };
    let mut view = PersonPage::load(&clinic, &grant.also()?, id).await?;
    (view.form, view.errors) = (form, errors);
    Ok(Page::of(&clinic, &chrome.active("staff"), &view)?.refused().into_response())
}

/// What the form means, or what is wrong with each field. Days are whole.
fn understand(
    clinic: &Clinic,
    staff: StaffId,
    form: &DeputationForm,
) -> Result<NewDeputation, FieldErrors> {
    let mut errors = FieldErrors::new();
    let mut wrong = |field, key: &str| {
        errors.insert(field, key.to_owned());
    };
    let day = |text: &str| crate::i18n::dates::read(text);
    let (first, last): (Option<Day>, Option<Day>) = (day(&form.from), day(&form.until));
    if first.is_none() {
        wrong("from", "access-error-day");
    }
    if last.is_none() {
        wrong("until", "access-error-day");
    }
    let role = Role::staff(&form.role);
    let custom: Option<RoleId> = form.role.parse().ok();
    if role.is_none() && custom.is_none() {
        wrong("role", "access-error-role");
    }
    let reason = form.reason.trim();
    if reason.chars().count() < 3 {
        wrong("reason", "access-error-reason");
    }
    let (Some(first), Some(last)) = (first, last) else { return Err(errors) };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(NewDeputation {
        staff,
        instead_of: form.instead_of.parse().ok(),
        given: Given { role: role.unwrap_or(Role::Reception), custom },
        from: rights::instant(clinic, first),
        until: rights::instant(clinic, last.plus_days(1)),
        reason: reason.to_owned(),
    })
}

pub(super) async fn end_deputation(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    Path((staff, id)): Path<(StaffId, DeputationId)>,
) -> Result<Response, Problem> {
    rights::end_deputation(&clinic, &grant, id).await?;
    Ok(see_other(&format!("/staff/{staff}")))
}

pub(super) async fn let_in(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    Path(id): Path<StaffId>,
) -> Result<Response, Problem> {
    rights::let_in(&clinic, &grant, id).await?;
    Ok(see_other(&format!("/staff/{id}")))
}

pub(super) async fn roles(
    State(clinic): State<Clinic>,
    grant: Grant<ViewStaff>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = RolesPage::load(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("staff"), &view)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct From {
    /// The built-in role to begin from.
    like: String,
}

pub(super) async fn new_role(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    chrome: Chrome,
    Query(from): Query<From>,
) -> Result<Page, Problem> {
    let like = Role::staff(&from.like).map(Rights::of).unwrap_or_default();
    let view = RolePage::new(grant.actor().is_proven(), None, String::new(), like);
    Page::of(&clinic, &chrome.active("staff"), &view)
}

pub(super) async fn role(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    chrome: Chrome,
    Path(id): Path<RoleId>,
) -> Result<Page, Problem> {
    let known = rights::roles(&clinic, &grant.also()?).await?;
    let role = known.into_iter().find(|role| role.id == id).ok_or(Problem::NotFound)?;
    let chosen = Right::all().filter(|right| role.holds(*right)).collect();
    let view = RolePage::new(grant.actor().is_proven(), Some(id), role.name, chosen);
    Page::of(&clinic, &chrome.active("staff"), &view)
}

pub(super) async fn define(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    chrome: Chrome,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = RoleForm::read(&fields);
    let errors = if form.name.is_empty() {
        FieldErrors::from([("name", "access-error-name".to_owned())])
    } else {
        match rights::define(&clinic, &grant, form.id, &form.name, form.rights).await {
            Ok(_) => return Ok(see_other("/roles")),
            Err(AccessError::NameTaken) => {
                FieldErrors::from([("name", "access-error-role-name-taken".to_owned())])
            }
            Err(AccessError::NoRights) => {
                FieldErrors::from([("rights", "access-error-no-rights".to_owned())])
            }
            Err(other) => return Err(other.into()),
        }
    };
    let mut view = RolePage::new(true, form.id, form.name, form.rights);
    view.errors = errors;
    Ok(Page::of(&clinic, &chrome.active("staff"), &view)?.refused().into_response())
}

#[derive(Deserialize)]
pub(super) struct ReachForm {
    scope: String,
    #[serde(default)]
    days: String,
}

/// Days around a visit that make sense.
const DAYS: std::ops::RangeInclusive<i64> = 0..=3650;

pub(super) async fn set_reach(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    Form(form): Form<ReachForm>,
) -> Result<Response, Problem> {
    let days = form.days.trim().parse().ok().filter(|days| DAYS.contains(days));
    let days = days.ok_or(Problem::Invalid("access-error-days"))?;
    rights::set_reach(&clinic, &grant, form.scope == "everybody", days).await?;
    Ok(see_other("/roles"))
}

/// The list of persons with access to personal data, to print and file (Rules
/// 179/НҚ).
pub(super) async fn access_list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewStaff>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = AccessList::load(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("staff"), &view)
}
