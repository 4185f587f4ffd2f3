//! One offer: whether somebody may be asked, and the message with its link.

use crate::booking;
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::i18n::dates;
use crate::ids::StaffId;
use crate::messaging::text::{Purpose, Variable};
use crate::messaging::{self, About, NewMessage, To};
use crate::patients::{self, Patient, blocking};
use crate::reminders::{self, Token};
use crate::schedule::ClinicFacts;
use crate::vault::{Events, Tx, VaultError};
use crate::waitlist::WaitlistError;
use crate::waitlist::model::{OfferId, OpeningId, Rule, Slot};
use crate::waitlist::offers::{self, OFFER, OfferState, store};
use crate::waitlist::wishes::{Channel, Wish};

/// Somebody who may be asked for some of these times.
pub(super) struct Asking {
    pub patient: Patient,
    /// Where they are written to.
    pub to: To,
    pub slots: Vec<Slot>,
}

/// Who may be asked and for what; or the code of why they are not. Whoever is
/// blocked, has such an appointment or asked not to be written to is never asked.
pub(super) async fn may_be_asked(
    tx: &mut Tx,
    wish: &Wish,
    slots: Vec<Slot>,
    now: Civil,
) -> Result<Result<Asking, (&'static str, Slot)>, VaultError> {
    let Some(first) = slots.first().copied() else { return Ok(Err(("nothing", none(wish, now)))) };
    let refuse = |reason: &'static str| Ok(Err((reason, first)));
    if blocking::stands_in(tx, wish.patient_id).await? {
        return refuse("blocked");
    }
    let card = patients::card_in(tx, wish.patient_id).await?;
    let Some(patient) = card.filter(|card| card.merged_into.is_none()) else {
        return refuse("blocked");
    };
    let ahead = booking::ahead_in(tx, wish.patient_id, now).await?;
    let own = ahead.iter().find(|due| Some(due.id) == wish.appointment_id);
    let own = own.filter(|due| due.status.may_move());
    let has = |due: &&booking::Due| {
        due.service_id == Some(wish.service_id) && Some(due.id) != own.map(|own| own.id)
    };
    if ahead.iter().any(|due| has(&due)) {
        return refuse("has_appointment");
    }
    if wish.channel == Channel::Call {
        return refuse("not_wanted");
    }
    let Some(to) = reminders::reached_in(tx, &patient).await? else { return refuse("no_phone") };
    if store::has_open(tx, wish.id).await? {
        return refuse("offered_elsewhere");
    }
    let fits = |slot: &Slot| {
        let sooner = own.is_none_or(|own| slot.starts < own.starts);
        let others = ahead.iter().filter(|due| Some(due.id) != own.map(|own| own.id));
        let busy = |due: &booking::Due| {
            let ends = due.starts.plus_minutes(due.minutes);
            slot.span().overlaps(booking::Span { starts: due.starts, ends })
        };
        sooner && !others.into_iter().any(busy)
    };
    let suiting: Vec<Slot> = slots.into_iter().filter(fits).collect();
    if suiting.is_empty() {
        return refuse("busy_then");
    }
    Ok(Ok(Asking { patient, to, slots: suiting }))
}

/// For a refusal that is about no time.
fn none(wish: &Wish, now: Civil) -> Slot {
    let doctor_id = wish.doctor_id.unwrap_or(crate::ids::ResourceId::new(wish.created_at));
    Slot { starts: now, minutes: 0, doctor_id }
}

/// What an offer is made with.
pub(super) struct Means<'a> {
    pub clinic: &'a Clinic,
    pub rule: &'a Rule,
    pub facts: Option<&'a ClinicFacts>,
    pub by: Option<StaffId>,
}

/// Stores an offer, writes the message with its link, and queues the look at it
/// when its time is over.
pub(super) async fn send(
    tx: &mut Tx,
    means: &Means<'_>,
    opening: OpeningId,
    wish: &Wish,
    asking: &Asking,
    slot: Slot,
) -> Result<Events, WaitlistError> {
    let Means { clinic, rule, facts, by } = *means;
    let patient = &asking.patient;
    let id = OfferId::new(tx.now());
    let token = Token::generate(&clinic.random);
    let expires_at = expiry(clinic, rule, slot, tx.now());
    let offer = store::NewOffer {
        id,
        opening_id: opening,
        wish_id: wish.id,
        slot,
        state: OfferState::Offered,
        reason: "",
        token_hash: Some(token.hash().to_vec()),
        language: patient.language,
        expires_at,
        made_by: by,
    };
    store::insert(tx, &offer).await?;
    let link = format!("{}/w/{}", clinic.places.public_url, token.as_str());
    let until = dates::time(clinic.profile.get().zone.civil(expires_at));
    let values =
        reminders::values(clinic, patient, facts, &link, slot.starts).with(Variable::Until, until);
    let message = NewMessage {
        patient_id: Some(wish.patient_id),
        purpose: Purpose::WaitlistOffer,
        about: About::new(OFFER, id),
        language: patient.language,
        to: asking.to.clone(),
        values,
        secret: Some(token.as_str().to_owned()),
        not_after: expires_at,
        first_by: None,
    };
    messaging::enqueue(tx, clinic, &message).await?;
    offers::look_later(tx, opening, expires_at).await?;
    let offered = offers::event("waitlist.offered", wish.patient_id, wish.id, id);
    Ok(offered.touching(messaging::TOPIC).into())
}

/// Until when an answer counts: never beyond the time itself.
fn expiry(clinic: &Clinic, rule: &Rule, slot: Slot, now: Timestamp) -> Timestamp {
    let starts = clinic.profile.get().zone.instant(slot.starts);
    now.plus_ms(rule.answer_minutes * 60_000).min(starts)
}

/// Writes down that somebody was not asked, and why.
pub(super) async fn pass_over(
    tx: &mut Tx,
    opening: OpeningId,
    wish: &Wish,
    reason: &'static str,
    slot: Slot,
    by: Option<StaffId>,
) -> Result<Events, VaultError> {
    let id = OfferId::new(tx.now());
    let offer = store::NewOffer {
        id,
        opening_id: opening,
        wish_id: wish.id,
        slot,
        state: OfferState::NotSent,
        reason,
        token_hash: None,
        language: crate::i18n::Language::Ru,
        expires_at: tx.now(),
        made_by: by,
    };
    store::insert(tx, &offer).await?;
    let passed = offers::event("waitlist.passed_over", wish.patient_id, wish.id, id);
    Ok(passed.because(reason).into())
}
