//! Wishes: what somebody waits for, and how that ends.

mod form;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::booking::{self, BookingError};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId};
use crate::jobs;
use crate::patients::blocking;
use crate::vault::permission::{KeepWaitlist, Permission, ViewWaitlist};
use crate::vault::{Event, Grant, Listing, Reader, Subject, Tx, VaultError, Violation};
use crate::waitlist::model::{Slot, When, WishId};
use crate::waitlist::{ENDED, TOPIC, WaitlistError};

pub use form::WishForm;
pub use store::{WishLine, hand_over_in};

/// The most wishes that a list shows.
const SHOWN: i64 = 300;

/// Why somebody waits, in a code: never what is treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Note {
    #[default]
    #[serde(rename = "")]
    #[sqlx(rename = "")]
    None,
    Pain,
    /// A treatment that was begun.
    Continued,
    /// Has a time and would have a sooner one.
    Sooner,
    Child,
    /// Comes from another town.
    Travels,
    /// Can come within the hour.
    Flexible,
}

impl Note {
    pub const ALL: [Self; 6] =
        [Self::Pain, Self::Continued, Self::Sooner, Self::Child, Self::Travels, Self::Flexible];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Pain => "pain",
            Self::Continued => "continued",
            Self::Sooner => "sooner",
            Self::Child => "child",
            Self::Travels => "travels",
            Self::Flexible => "flexible",
        }
    }
}

/// How somebody is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Channel {
    #[default]
    Sms,
    /// They asked not to be written to.
    Call,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum WishState {
    Waiting,
    Booked,
    Withdrawn,
    /// Nothing came of it until its last day.
    Expired,
}

/// A wish as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Wish {
    pub id: WishId,
    pub patient_id: PatientId,
    pub service_id: ServiceId,
    /// None: any who does it.
    pub doctor_id: Option<ResourceId>,
    /// One they have and would have sooner.
    pub appointment_id: Option<AppointmentId>,
    #[sqlx(flatten)]
    pub when: When,
    pub priority: i64,
    pub channel: Channel,
    pub state: WishState,
    pub created_at: Timestamp,
}

/// A wish to enter.
#[derive(Clone, Debug)]
pub struct NewWish {
    pub patient_id: PatientId,
    pub service_id: ServiceId,
    pub doctor_id: Option<ResourceId>,
    pub appointment_id: Option<AppointmentId>,
    pub when: When,
    pub priority: i64,
    pub note: Note,
    pub channel: Channel,
}

/// Which wishes a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Empty: all.
    pub doctor: String,
    pub service: String,
    /// Not empty: those that ended too.
    pub ended: String,
}

/// Puts somebody on the list.
///
/// # Errors
/// [`WaitlistError::NoSuch`] patient, service, doctor or appointment;
/// [`WaitlistError::Waits`] when they wait for the same already;
/// [`BookingError::Blocked`] when their data is blocked.
pub async fn add(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    new: &NewWish,
) -> Result<WishId, WaitlistError> {
    let zone = clinic.profile.get().zone.clone();
    let over = Civil::new(new.when.last_day.plus_days(1), 0).map(|at| zone.instant(at));
    let over = over.ok_or(WaitlistError::NoSuch)?;
    clinic
        .vault
        .change(grant, async |tx| {
            if blocking::stands_in(tx, new.patient_id).await? {
                return Err(BookingError::Blocked.into());
            }
            let own = new.appointment_id;
            if let Some(id) = own {
                let told = booking::told_in(tx, id).await?;
                let fits = told.is_some_and(|due| {
                    due.patient_id == new.patient_id
                        && due.service_id == Some(new.service_id)
                        && due.status.may_move()
                });
                if !fits {
                    return Err(WaitlistError::NoSuch);
                }
            }
            if store::same(tx, new.patient_id, new.service_id, new.doctor_id).await? {
                return Err(WaitlistError::Waits);
            }
            let id = WishId::new(tx.now());
            store::insert(tx, id, new, grant.staff()).await.map_err(no_such)?;
            jobs::enqueue(tx, ENDED, &json!({ "wish": id }), over).await?;
            let added = event("waitlist.added", new.patient_id, id);
            Ok((id, added.with_detail(json!({ "service": new.service_id }))))
        })
        .await
}

/// Waits for another service instead: the first visit, or the repeated one.
///
/// # Errors
/// [`WaitlistError::NoSuch`] unless they wait, or for no such service;
/// [`WaitlistError::NotOffered`] while an offer of the old one is out;
/// [`WaitlistError::Waits`] when they wait for that one already.
pub async fn change_service(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    id: WishId,
    service: ServiceId,
) -> Result<(), WaitlistError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let wish = store::by_id(tx, id).await?.ok_or(WaitlistError::NoSuch)?;
            if wish.state != WishState::Waiting {
                return Err(WaitlistError::NoSuch);
            }
            if super::offers::is_out_in(tx, id).await? {
                return Err(WaitlistError::NotOffered("offer_out"));
            }
            if store::same(tx, wish.patient_id, service, wish.doctor_id).await? {
                return Err(WaitlistError::Waits);
            }
            store::set_service(tx, id, service).await.map_err(no_such)?;
            let changed = event("waitlist.service_changed", wish.patient_id, id);
            Ok(((), changed.with_detail(json!({ "service": service }))))
        })
        .await
}

/// Takes somebody off the list.
///
/// # Errors
/// [`WaitlistError::NoSuch`] unless they wait.
pub async fn withdraw(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    id: WishId,
) -> Result<PatientId, WaitlistError> {
    let done = clinic
        .vault
        .change(grant, async |tx| {
            let (patient, event) = end_in(tx, grant, id, WishState::Withdrawn, "desk").await?;
            Ok::<_, WaitlistError>((patient, event))
        })
        .await?;
    crate::waitlist::count_waiting(clinic).await?;
    Ok(done)
}

/// Ends a wish inside a change; open offers of it end with it.
///
/// # Errors
/// [`WaitlistError::NoSuch`] unless it waits.
pub(super) async fn end_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: WishId,
    state: WishState,
    reason: &'static str,
) -> Result<(PatientId, Event), WaitlistError> {
    let patient = store::end(tx, id, state, reason, None, grant.staff()).await?;
    let patient = patient.ok_or(WaitlistError::NoSuch)?;
    super::offers::withdraw_of_in(tx, id).await?;
    let action = match state {
        WishState::Expired => "waitlist.ran_out",
        _ => "waitlist.withdrawn",
    };
    Ok((patient, event(action, patient, id).because(reason)))
}

/// Says that an appointment came of a wish.
///
/// # Errors
/// [`WaitlistError::NoSuch`] unless it waits.
pub(super) async fn fulfil_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: WishId,
    booked: AppointmentId,
) -> Result<Event, WaitlistError> {
    let staff = grant.staff();
    let patient = store::end(tx, id, WishState::Booked, "", Some(booked), staff).await?;
    let patient = patient.ok_or(WaitlistError::NoSuch)?;
    Ok(event("waitlist.fulfilled", patient, id).with_detail(json!({ "appointment": booked })))
}

/// Those on the list, those to be asked first on top. Whoever is blocked is not
/// asked, and stands on it only for those who answer for blocked data.
pub async fn list(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    filter: &Filter,
    language: Language,
) -> Result<Vec<WishLine>, VaultError> {
    let now = now(clinic);
    let found = clinic.vault.list(grant, "waitlist.listed", async |listing| {
        let mut rows = store::lines(listing, filter, language, now, SHOWN).await?;
        let hidden = blocking::hidden_from(listing, grant).await?;
        rows.retain(|row| !hidden.contains(&row.patient_id));
        let whose = rows.iter().map(|row| row.patient_id).collect();
        Ok::<_, VaultError>((rows, whose))
    });
    found.await
}

/// One of them.
///
/// # Errors
/// [`WaitlistError::NoSuch`]; [`VaultError::Blocked`].
pub async fn one(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    id: WishId,
    language: Language,
) -> Result<WishLine, WaitlistError> {
    let now = now(clinic);
    let found = clinic.vault.list(grant, "waitlist.listed", async |listing| {
        let row = store::line(listing, id, language, now).await?;
        let whose: Vec<PatientId> = row.iter().map(|row| row.patient_id).collect();
        let hidden = blocking::hidden_from(listing, grant).await?;
        if whose.iter().any(|patient| hidden.contains(patient)) {
            return Ok::<_, VaultError>(((row, true), Vec::new()));
        }
        Ok(((row, false), whose))
    });
    let (row, blocked) = found.await?;
    let row = row.ok_or(WaitlistError::NoSuch)?;
    if blocked {
        // Refused and written down, unless an emergency lets the reader in.
        clinic.vault.disclose(grant, row.patient_id).await?;
    }
    Ok(row)
}

/// A patient's, those that ended too.
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    patient: PatientId,
    language: Language,
) -> Result<Vec<WishLine>, VaultError> {
    let now = now(clinic);
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    store::of_patient(&mut disclosure, language, now).await
}

/// Whose card a wish is to be made on, by name.
pub async fn patient_name(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    patient: PatientId,
) -> Result<Option<String>, VaultError> {
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    store::patient_name(&mut disclosure).await
}

pub(super) async fn by_id_in(tx: &mut Tx, id: WishId) -> Result<Option<Wish>, VaultError> {
    store::by_id(tx, id).await
}

/// A wish by its link, and the time that came of it.
pub(super) async fn followed(
    listing: &mut Listing,
    id: WishId,
) -> Result<Option<(Wish, Option<Slot>)>, VaultError> {
    let Some(wish) = store::wish(listing, id).await? else { return Ok(None) };
    let booked = store::booked(listing, id).await?;
    Ok(Some((wish, booked.map(|(starts, minutes, doctor_id)| Slot { starts, minutes, doctor_id }))))
}

/// All that wait, whoever they are: the blocked are sorted out by whoever asks.
pub(super) async fn waiting_in(tx: &mut Tx) -> Result<Vec<Wish>, VaultError> {
    store::waiting(tx).await
}

/// What is waited for, and with whom: nobody's data.
pub(super) async fn wanted(
    reader: &mut Reader,
) -> Result<Vec<(ServiceId, Option<ResourceId>)>, VaultError> {
    store::wanted(reader).await
}

pub(super) fn now(clinic: &Clinic) -> Civil {
    clinic.profile.get().zone.civil(clinic.clock().now())
}

/// An event about a wish.
pub(super) fn event(action: &'static str, patient: PatientId, id: WishId) -> Event {
    Event::new(action, Subject::Patient(patient))
        .on("wish", id)
        .touching(TOPIC)
        .touching(format!("patient:{patient}"))
}

fn no_such(error: VaultError) -> WaitlistError {
    match error.violation() {
        Some(Violation::Reference | Violation::Check) => WaitlistError::NoSuch,
        _ => error.into(),
    }
}
