//! The clinic's rules of signing in.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::access::rules::{self, Holder, Wish};
use crate::access::views::rules::{RuleForm, RulesPage};
use crate::access::{AccessError, rules::minutes};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{GiveRights, ViewStaff};
use crate::web::{Page, Problem, Proven, see_other};

pub(super) async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewStaff>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = RulesPage::load(&clinic, &grant, None).await?;
    Page::of(&clinic, &chrome.active("staff"), &view)
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<GiveRights>,
    _proven: Proven,
    chrome: Chrome,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    let error = match change(&clinic, &grant, &form).await {
        Ok(()) => return Ok(see_other("/sign-in-rules")),
        Err(AccessError::BadRule) => "access-error-rule",
        Err(AccessError::FactorNeeded) => "access-error-factor-needed",
        Err(other) => return Err(other.into()),
    };
    let view = RulesPage::load(&clinic, &grant.also::<ViewStaff>()?, Some((form, error))).await?;
    Ok(Page::of(&clinic, &chrome.active("staff"), &view)?.refused().into_response())
}

async fn change(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    form: &RuleForm,
) -> Result<(), AccessError> {
    let holder = Holder::named(&form.holder).ok_or(AccessError::NoSuchRole)?;
    let optional = form.second_factor == "optional";
    rules::set(clinic, grant, holder, Wish { optional, lock_min: minutes(&form.minutes)? }).await
}
