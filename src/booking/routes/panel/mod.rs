//! The panel for a new appointment: who, what, with whom, when.

mod fill;
mod form;
mod found;
mod samples;

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::booking::Advised;
use crate::booking::day::{self, Furniture};
use crate::booking::making::{book_once, now, overbook_once};
use crate::booking::routes::Choice;
use crate::booking::routes::appointment::panel_after;
use crate::booking::routes::beside::Beside;
use crate::booking::routes::words::Say;
use crate::booking::{ALTERNATIVES, Appointment, BookingError, Refusal};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, Overbook, Permission, ViewSchedule};
use crate::web::{FieldErrors, Page, Problem, Toast, see_other, wants_fragment};

pub use found::FoundView;

use fill::filled;
pub(super) use fill::pieces;
pub(super) use form::typed_time;
use form::{PanelForm, understood};
pub(super) use found::found;

/// The panel alone for htmx; a page of its own without scripts.
#[derive(Debug, Serialize)]
pub struct PanelView {
    panel: Panel,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct Panel {
    errors: FieldErrors,
    /// Why it was not booked; empty at first.
    notice: String,
    patient: Option<PanelPatient>,
    /// Who else books for the same patient.
    beside: Option<Beside>,
    new_patient: bool,
    form: PanelForm,
    services: Vec<Choice>,
    doctors: Vec<Choice>,
    /// That the chosen doctor does not do the service; empty when they do.
    not_performed: String,
    /// Who does it instead.
    performers: Vec<Choice>,
    /// That another service fits better: the first visit, or the repeated one.
    advised: Option<Advised>,
    chairs: Vec<Choice>,
    sources: Vec<Choice>,
    minutes: i64,
    /// The service and doctor that the minutes are for.
    minutes_of: String,
    slots: Vec<SlotChoice>,
    day: Day,
    /// Until when somebody waits who is put on the waiting list from here.
    wait_until: Day,
    can_book: bool,
    /// Whether the reader puts people on the waiting list.
    can_wait: bool,
    /// Offer to book over what is there, with a reason.
    can_overbook: bool,
}

#[derive(Clone, Debug, Serialize)]
struct PanelPatient {
    id: PatientId,
    name: String,
    /// E.164 or empty.
    phone: String,
    /// Year of birth or empty.
    born: String,
    flags: Vec<&'static str>,
    alert: String,
}

#[derive(Debug, Serialize)]
struct SlotChoice {
    starts: Civil,
    label: String,
}

/// Asked by POST once something is typed: names and numbers stay out of
/// addresses. `Form` reads the query of a GET.
pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Form(form): Form<PanelForm>,
) -> Result<Page, Problem> {
    let view = filled(&clinic, &grant, &chrome, form).await?;
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

pub(super) async fn book(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<PanelForm>,
) -> Result<Response, Problem> {
    let (newcomer, new) = match understood(&form) {
        Ok(understood) => understood,
        Err(errors) => return refused(&clinic, &grant, &chrome, form, errors).await,
    };
    let id = form.id(&clinic);
    let made = if newcomer.is_some() || form.overbook.is_empty() {
        book_once(&clinic, &grant, id, newcomer.as_ref(), &new).await
    } else {
        let grant: Grant<Overbook> = grant.also()?;
        overbook_once(&clinic, &grant, id, &new, &form.reason).await
    };
    match made {
        Ok(made) => booked(&clinic, &grant, &chrome, &headers, &made).await,
        Err(BookingError::Vault(cause)) => Err(cause.into()),
        Err(error) => not_booked(&clinic, &grant, &chrome, form, error).await,
    }
}

/// The new appointment's panel and a word about it; the schedule without scripts.
async fn booked(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    headers: &HeaderMap,
    made: &Appointment,
) -> Result<Response, Problem> {
    if !wants_fragment(headers) {
        return Ok(see_other(&format!("/schedule?day={}&open={}", made.place.day(), made.id)));
    }
    let say = Say::to(clinic, chrome);
    let when = say.when(now(clinic).day(), made.place.starts);
    let toast = Toast {
        text: format!("{}: {when}", say.key("booking-toast-booked")),
        undo: Some(format!("/appointments/{}/cancel", made.id)),
    };
    panel_after(clinic, &grant.also()?, chrome, made.id, Some(toast)).await
}

/// The panel again (422), with what was typed and what is wrong.
async fn refused(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    form: PanelForm,
    errors: FieldErrors,
) -> Result<Response, Problem> {
    let mut view = filled(clinic, &grant.also()?, chrome, form).await?;
    view.panel.errors = errors;
    let page = Page::of(clinic, &chrome.clone().active("schedule"), &view)?;
    Ok(page.refused().into_response())
}

/// The panel again (409), with why it could not be booked and what can.
async fn not_booked(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    form: PanelForm,
    error: BookingError,
) -> Result<Response, Problem> {
    let say = Say::to(clinic, chrome);
    let furniture = day::resources(clinic, &grant.also()?).await?;
    let Some(notice) = say.why_not(&error, &furniture) else { return Err(error.into()) };
    let any_doctor = form.doctor_id().is_none();
    let mut view = filled(clinic, &grant.also()?, chrome, form).await?;
    view.panel.notice = notice;
    if let BookingError::Taken(refusal) | BookingError::OffShift(refusal) = &error {
        let named = (!any_doctor).then_some(furniture.as_ref());
        view.panel.slots = alternatives(&say, now(clinic).day(), refusal, named);
        let form = &mut view.panel.form;
        form.asked = refusal.starts.to_string();
        form.starts = String::new();
        form.other_day = String::new();
        form.time = String::new();
        let known = view.panel.patient.is_some() && !any_doctor;
        view.panel.can_overbook = known && allowed::<Overbook>(grant);
    }
    let page = Page::of(clinic, &chrome.clone().active("schedule"), &view)?;
    let mut answer = page.status(StatusCode::CONFLICT).into_response();
    // Into the panel, not into a dialog: nothing typed is lost.
    let headers = answer.headers_mut();
    headers.insert(HeaderName::from_static("hx-retarget"), HeaderValue::from_static("#bk"));
    headers.insert(HeaderName::from_static("hx-reswap"), HeaderValue::from_static("innerHTML"));
    Ok(answer)
}

fn allowed<P: Permission>(grant: &Grant<Book>) -> bool {
    grant.actor().may::<P>()
}

/// Other slots of the same doctor; those of others are found by choosing "any".
fn alternatives(
    say: &Say<'_>,
    today: Day,
    refusal: &Refusal,
    named: Option<&Furniture>,
) -> Vec<SlotChoice> {
    let same = refusal
        .alternatives
        .iter()
        .filter(|slot| named.is_none() || Some(slot.doctor_id) == refusal.doctor_id);
    let labelled =
        same.map(|slot| SlotChoice { starts: slot.starts, label: say.slot(today, slot, None) });
    labelled.take(ALTERNATIVES).collect()
}
