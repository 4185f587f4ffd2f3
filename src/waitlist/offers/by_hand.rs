//! What the desk does itself: offer a time to one person, or book it for them
//! while they are on the telephone.

use crate::booking::{self, Appointment, FreeSlot, Source, Span};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::ResourceId;
use crate::schedule;
use crate::vault::permission::{Book, KeepWaitlist, ViewWaitlist};
use crate::vault::{Events, Grant, VaultError};
use crate::waitlist::model::{OpeningId, Slot, WishId};
use crate::waitlist::offers::answering::ready;
use crate::waitlist::offers::sending::{Means, may_be_asked, send};
use crate::waitlist::offers::{self, Cause, store};
use crate::waitlist::wishes::{self, Wish, WishLine, WishState};
use crate::waitlist::{WaitlistError, count_waiting, rules};

/// How far ahead free times are looked for, in days, and how many are shown.
const AHEAD: i64 = 28;
const SHOWN: usize = 12;

/// A free time that could be offered.
pub struct Proposal {
    pub slot: FreeSlot,
    /// Whether it is at hours that the patient asked for.
    pub suits: bool,
}

/// Free times for a wish, those that suit before others.
///
/// # Errors
/// Those of the database.
pub async fn proposals(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    wish: &WishLine,
) -> Result<Vec<Proposal>, VaultError> {
    let from = wishes::now(clinic);
    let within = Span { starts: from, ends: from.plus_minutes(AHEAD * 24 * 60) };
    let (service, doctor) = (wish.service_id, wish.doctor_id);
    let mut slots = booking::slots_in(clinic, grant, service, doctor, within).await?;
    slots.retain(|slot| from < slot.starts && wish.sooner_than.is_none_or(|at| slot.starts < at));
    let proposal = |slot: FreeSlot| {
        let FreeSlot { starts, minutes, doctor_id, .. } = slot;
        let suits = wish.when.suits(&Slot { starts, minutes, doctor_id });
        Proposal { slot, suits }
    };
    let all: Vec<Proposal> = slots.into_iter().map(proposal).collect();
    let (mut found, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.suits);
    found = apart(found);
    if found.len() < SHOWN {
        found.extend(apart(others));
    }
    found.truncate(SHOWN);
    Ok(found)
}

/// None that begins while another with the same doctor would still go on.
fn apart(all: Vec<Proposal>) -> Vec<Proposal> {
    let mut kept: Vec<Proposal> = Vec::new();
    for one in all {
        let near = |other: &Proposal| {
            other.slot.doctor_id == one.slot.doctor_id
                && one.slot.starts.minutes_since(other.slot.starts).abs() < other.slot.minutes
        };
        if kept.len() < SHOWN && !kept.iter().any(near) {
            kept.push(one);
        }
    }
    kept
}

/// Offers one time to one person, by message. What the desk offers is not
/// offered on by itself.
///
/// # Errors
/// [`WaitlistError::NotOffered`] with the reason; [`WaitlistError::NoSuch`].
pub async fn offer_by_hand(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    id: WishId,
    starts: Civil,
    doctor: ResourceId,
) -> Result<(), WaitlistError> {
    let mut reader = clinic.vault.read(grant).await?;
    let rule = rules::rule_of(&mut reader).await?;
    let facts = schedule::facts(&mut reader).await?;
    drop(reader);
    let now = wishes::now(clinic);
    if rule.quiet_until(now).is_some() {
        return Err(WaitlistError::NotOffered("quiet"));
    }
    if starts <= now {
        return Err(WaitlistError::NotOffered("past"));
    }
    let wish = waiting(clinic, grant, id).await?;
    let slot = Slot {
        starts,
        minutes: minutes(clinic, grant, &wish, starts, doctor).await?,
        doctor_id: doctor,
    };
    let means = Means { clinic, rule: &rule, facts: facts.as_ref(), by: grant.staff() };
    clinic
        .vault
        .change(grant, async |tx| {
            let asking = may_be_asked(tx, &wish, vec![slot], now).await?;
            let asking = asking.map_err(|(reason, _)| WaitlistError::NotOffered(reason))?;
            let pending = store::pending(tx, doctor).await?;
            let rivals = pending.iter().filter(|other| other.rivals(slot)).count();
            if rule.at_once <= i64::try_from(rivals).unwrap_or(i64::MAX) {
                return Err(WaitlistError::NotOffered("asked"));
            }
            let opening = OpeningId::new(tx.now());
            store::insert_opening(tx, opening, doctor, slot.span(), Cause::Desk).await?;
            let sent = send(tx, &means, opening, &wish, &asking, slot).await?;
            Ok(((), sent))
        })
        .await
}

/// How long that time would be; refused when it is not free.
async fn minutes(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    wish: &Wish,
    starts: Civil,
    doctor: ResourceId,
) -> Result<i64, WaitlistError> {
    let within = Span { starts, ends: starts.plus_minutes(5) };
    let found = booking::slots_in(clinic, grant, wish.service_id, Some(doctor), within).await?;
    let exact = found.iter().find(|slot| slot.starts == starts);
    exact.map(|slot| slot.minutes).ok_or(WaitlistError::NotOffered("taken"))
}

/// Books a time for somebody on the list, who then no longer waits.
///
/// # Errors
/// [`WaitlistError::Booking`] when it is taken; [`WaitlistError::NoSuch`].
pub async fn book_now(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: WishId,
    starts: Civil,
    doctor: ResourceId,
) -> Result<Appointment, WaitlistError> {
    let keep: Grant<KeepWaitlist> = grant.also()?;
    let wish = waiting(clinic, &keep, id).await?;
    let slot = Slot { starts, minutes: 5, doctor_id: doctor };
    let ready = ready(clinic, grant, &wish, slot, Source::Phone).await?;
    let made = clinic
        .vault
        .change(grant, async |tx| {
            let (made, events) = ready.keep_in(clinic, tx, grant, booking::WAITLIST).await?;
            let ended = wishes::fulfil_in(tx, grant, id, made.id).await?;
            let mut events: Events = events.and(ended);
            offers::withdraw_of_in(tx, id).await?;
            let span = made.place.span();
            for (offer, opening, wish, patient) in store::lose(tx, doctor, span, None).await? {
                let lost = offers::event("waitlist.offer_taken", patient, wish, offer);
                events = events.and(lost);
                offers::look_later(tx, opening, tx.now()).await?;
            }
            Ok::<_, WaitlistError>((made, events))
        })
        .await?;
    count_waiting(clinic).await?;
    Ok(made)
}

/// A wish that waits, whole.
async fn waiting(
    clinic: &Clinic,
    grant: &Grant<KeepWaitlist>,
    id: WishId,
) -> Result<Wish, WaitlistError> {
    let found = clinic.vault.list(grant, "waitlist.listed", async |listing| {
        let found = wishes::followed(listing, id).await?;
        let whose = found.iter().map(|(wish, _)| wish.patient_id).collect();
        Ok::<_, VaultError>((found, whose))
    });
    let (wish, _) = found.await?.ok_or(WaitlistError::NoSuch)?;
    if wish.state == WishState::Waiting { Ok(wish) } else { Err(WaitlistError::NoSuch) }
}
