//! "Why is this time not offered?": for a service, a doctor and a time, every
//! rule that refuses it, and the nearest times that none refuses.

mod model;

pub use model::{DayFacts, Rule};

use crate::booking::making::now;
use crate::booking::slots::FreeSlot;
use crate::booking::store;
use crate::booking::supply::{self, Wish, around, on_day};
use crate::booking::{ALTERNATIVES, BookingError};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{AppointmentId, ResourceId, ServiceId};
use crate::schedule::{self, ExceptionKind};
use crate::vault::Grant;
use crate::vault::permission::ViewClinic;

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub service_id: ServiceId,
    /// None: each doctor who does it.
    pub doctor_id: Option<ResourceId>,
    /// None: any place.
    pub place_id: Option<ResourceId>,
    pub starts: Civil,
    /// None: as long as the doctor takes.
    pub minutes: Option<i64>,
}

/// What the rules say.
#[derive(Clone, Debug)]
pub struct Reasons {
    /// Whether that time is over.
    pub past: bool,
    /// Each doctor with what speaks against the time; [`Rule::refuses`] tells
    /// a refusal from a free time that lists do not name.
    pub doctors: Vec<(ResourceId, Vec<Rule>)>,
    /// The nearest times that no rule refuses.
    pub nearest: Vec<FreeSlot>,
}

/// Asks every rule about a time.
///
/// # Errors
/// [`BookingError::NoSuch`] when there is no such service or it is no longer done.
pub async fn why(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    asked: &Question,
) -> Result<Reasons, BookingError> {
    why_without(clinic, grant, asked, &[]).await
}

/// The same as if some appointments were not there, because they are moved away.
pub(super) async fn why_without(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    asked: &Question,
    leaving: &[AppointmentId],
) -> Result<Reasons, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, Some(asked.service_id)).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    let day = asked.starts.day();
    let wish = Wish {
        starts: asked.starts,
        minutes: asked.minutes,
        doctor_id: asked.doctor_id,
        place_id: asked.place_id,
        rather: None,
    };
    let plan = schedule::plan_on(&mut reader, day).await?;
    let who: Vec<ResourceId> = match asked.doctor_id {
        Some(id) => vec![id],
        None => terms.doctors().into_iter().map(|(id, _)| id).collect(),
    };
    let supply = supply::supply(&mut reader, (day, day), &terms, &wish, leaving).await?;
    let mut doctors = Vec::new();
    for id in who {
        let exceptions = schedule::exceptions_from(&mut reader, id, day).await?;
        let off = exceptions.iter().filter(|one| one.day == day && one.kind == ExceptionKind::Off);
        let facts = DayFacts::of(&plan, off.map(|one| on_day(day, one.span())).collect());
        doctors.push((id, model::rules(&supply, &terms, &wish, id, &facts)));
    }
    let now = now(clinic);
    let nearest = around(&mut reader, &terms, &wish, now, ALTERNATIVES, leaving).await?;
    Ok(Reasons { past: asked.starts < now, doctors, nearest })
}
