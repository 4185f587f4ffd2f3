//! Writing the message of a step, for one visit or for several of one telephone,
//! and the last word before it leaves.

use serde_json::json;

use crate::booking;
use crate::clinic::Clinic;
use crate::i18n::{Language, dates};
use crate::ids::{AppointmentId, MessageId};
use crate::messaging::text::{Purpose, Values, Variable};
use crate::messaging::wanted::{self, Wishes};
use crate::messaging::{
    self, About, Answer, Channel, MessagingError, NewMessage, TOPIC, To, Verdict as Last, setup,
};
use crate::patients::{self, Patient, blocking};
use crate::reminders::chain::model::{Outcome, Placed, Reason, Step, StepId, Touch, Visit};
use crate::reminders::chain::plan::stopped;
use crate::reminders::chain::store::{self, Done};
use crate::reminders::chain::texts;
use crate::reminders::chain::work::{RemindError, Round, not_sent, skipped};
use crate::reminders::jobs::{treatment, values};
use crate::reminders::model::{LINK_OUTLIVES_MS, Token};
use crate::reminders::reached_in;
use crate::vault::{Event, Events, Subject, Tx, VaultError};

/// Visits that one message names.
const MOST_TOGETHER: usize = 6;

/// Letters of a name in a message about several visits.
const LETTERS_OF_A_NAME: usize = 12;

/// A visit that a message names.
struct Named {
    visit: Visit,
    step: Step,
    placed: Placed,
    patient: Patient,
}

/// Writes a step's message, or why it cannot be. Gives how many steps it settles.
pub(super) async fn write(
    tx: &mut Tx,
    round: &Round<'_>,
    visit: &Visit,
    step: &Step,
    placed: Placed,
) -> Result<(usize, Events), RemindError> {
    let Some(patient) = patients::card_in(tx, visit.patient_id).await? else {
        return give_up(tx, visit, step, placed, Reason::NoPhone).await;
    };
    let Some(to) = reached_in(tx, &patient).await? else {
        return give_up(tx, visit, step, placed, Reason::NoPhone).await;
    };
    let lead = Named { visit: visit.clone(), step: step.clone(), placed, patient };
    let others = others(tx, round, &lead, &to).await?;
    let mut all = vec![lead];
    all.extend(others);
    loop {
        match put(tx, round, &all, &to).await {
            Ok(message) => return note(tx, &all, message).await,
            // Too long together: the one that is due goes alone.
            Err(MessagingError::Text(_)) if 1 < all.len() => all.truncate(1),
            Err(MessagingError::Text(_)) => {
                return give_up(tx, visit, step, placed, Reason::TooLong).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn give_up(
    tx: &mut Tx,
    visit: &Visit,
    step: &Step,
    placed: Placed,
    reason: Reason,
) -> Result<(usize, Events), RemindError> {
    not_sent(tx, visit, step, placed, reason).await?;
    Ok((1, skipped(visit, step, reason, 1).into()))
}

/// Other visits of the same telephone on the same day whose turn it nearly is.
async fn others(
    tx: &mut Tx,
    round: &Round<'_>,
    lead: &Named,
    to: &To,
) -> Result<Vec<Named>, RemindError> {
    let mut others = Vec::new();
    // What is for the blocked goes nowhere.
    let Some(phone) = to.phone() else { return Ok(others) };
    let wishes = wanted::wishes_in(tx, lead.visit.patient_id).await?;
    let goes_alone = is_letter(tx, lead.step.channel, &lead.patient, &wishes).await?;
    if goes_alone || blocking::stands_in(tx, lead.visit.patient_id).await? {
        return Ok(others);
    }
    let now = tx.now();
    let day = lead.visit.starts.day();
    for visit in store::visits_of_phone(tx.sql(), phone, day).await? {
        if visit.id == lead.visit.id || MOST_TOGETHER <= others.len() + 1 {
            continue;
        }
        let touches = store::touches_of(tx.sql(), visit.id).await?;
        let steps = round.chains.of(visit.service_id);
        let Some((step, placed)) = round.times.joins(&lead.step, &visit, &steps, &touches, now)
        else {
            continue;
        };
        let Some(patient) = patients::card_in(tx, visit.patient_id).await? else { continue };
        let wants_the_same = wanted::wishes_in(tx, visit.patient_id).await? == wishes
            && !is_letter(tx, step.channel, &patient, &wishes).await?;
        if wants_the_same && reached_in(tx, &patient).await?.as_ref() == Some(to) {
            others.push(Named { step: step.clone(), placed, patient, visit });
        }
    }
    Ok(others)
}

/// Whether it goes to a mailbox, which is one person's: by what they chose, else by
/// the step's channel where they have an address.
async fn is_letter(
    tx: &mut Tx,
    step: Option<Channel>,
    patient: &Patient,
    wishes: &Wishes,
) -> Result<bool, VaultError> {
    let is_by_step = step == Some(Channel::Email) && wishes.leave_letters_open();
    Ok(wishes.are_letters()
        || is_by_step
            && patient.email.is_some()
            && !patient.email_refused
            && setup::posts_in(tx).await?)
}

/// Puts the message into the outbox.
async fn put(
    tx: &mut Tx,
    round: &Round<'_>,
    all: &[Named],
    to: &To,
) -> Result<MessageId, MessagingError> {
    let clinic = round.clinic;
    let zone = round.times.zone;
    let lead = &all[0];
    let language = lead.patient.language;
    let before = lead.step.before_minutes.unwrap_or_default();
    let now = tx.now();
    let not_after = round.times.not_after(
        &lead.visit,
        before,
        lead.placed.due.max(zone.civil(now)),
        zone.civil(now),
    );
    let token = Token::generate(&clinic.random);
    let link = format!("{}/m/{}", clinic.places.public_url, token.as_str());
    let values = values(clinic, &lead.patient, round.facts, &link, lead.visit.starts);
    let values = treatment(tx, lead.visit.id, language, values).await?;
    let (purpose, values, sources) = if all.len() == 1 {
        let sources = texts::sources(tx, clinic, &lead.step, language).await?;
        (Purpose::VisitReminder, values, sources)
    } else {
        (Purpose::FamilyReminder, with_visits(values, all), Vec::new())
    };
    let message = NewMessage {
        patient_id: Some(lead.visit.patient_id),
        purpose,
        about: about(&lead.visit, lead.step.id),
        language,
        to: to.clone(),
        values,
        secret: Some(token.as_str().to_owned()),
        not_after,
        first_by: lead.step.channel,
    };
    let id = messaging::enqueue_as(tx, clinic, &message, &sources).await?;
    links(tx, clinic, &token, all, language).await?;
    Ok(id)
}

/// «Алия 10:00, Данияр 10:30», in the order of the day.
fn with_visits(values: Values, all: &[Named]) -> Values {
    let mut named: Vec<&Named> = all.iter().collect();
    named.sort_by_key(|one| (one.visit.starts, one.visit.id));
    let each = named.iter().map(|one| {
        let name: String = one.patient.given.chars().take(LETTERS_OF_A_NAME).collect();
        format!("{name} {}", dates::time(one.visit.starts)).trim().to_owned()
    });
    values.with(Variable::Visits, each.collect::<Vec<_>>().join(", "))
}

/// One link for one visit; for several a link to all, from which each has a link
/// of its own.
async fn links(
    tx: &mut Tx,
    clinic: &Clinic,
    token: &Token,
    all: &[Named],
    language: Language,
) -> Result<(), VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let mut sorted: Vec<&Named> = all.iter().collect();
    sorted.sort_by_key(|one| (one.visit.starts, one.visit.id));
    let last = sorted.last().map_or(all[0].visit.starts, |one| one.visit.starts);
    for (index, one) in sorted.iter().enumerate() {
        let Some(due) = booking::told_in(tx, one.visit.id).await? else { continue };
        let expires = |starts| zone.instant(starts).plus_ms(LINK_OUTLIVES_MS);
        if index == 0 {
            let row = crate::reminders::store::insert_for;
            row(tx, token, &due, language, expires(last), all.len()).await?;
        }
        if 1 < all.len() {
            let own = token.nth(index);
            crate::reminders::store::insert(tx, &own, &due, language, expires(due.starts)).await?;
        }
    }
    Ok(())
}

/// Notes for every visit that it was written about.
async fn note(
    tx: &mut Tx,
    all: &[Named],
    message: MessageId,
) -> Result<(usize, Events), RemindError> {
    let mut events: Option<Events> = None;
    for (index, one) in all.iter().enumerate() {
        let reason = (0 < index).then_some(Reason::Together);
        let done = Done {
            visit: &one.visit,
            step: one.step.id,
            placed: one.placed,
            outcome: Outcome::Written,
            reason,
            message: Some(message),
        };
        // Somebody was quicker: nothing of this change holds.
        if !store::touch(tx, &done).await? {
            return Err(RemindError::Nothing);
        }
        let event = Event::new("reminder.written", Subject::Patient(one.visit.patient_id))
            .on("appointment", one.visit.id)
            .with_detail(json!({ "step": one.step.id, "message": message, "visits": all.len() }))
            .touching(TOPIC);
        events = Some(match events {
            None => event.into(),
            Some(events) => events.and(event),
        });
    }
    Ok((all.len(), events.ok_or(RemindError::Nothing)?))
}

/// What a reminder is about: a visit as it stood, and the step.
fn about(visit: &Visit, step: StepId) -> About {
    let stamp = format!("{}/{}/{step}", visit.starts, visit.round);
    About::new("appointment", visit.id).stamped(stamp)
}

/// Whether all of them are still reached by one telephone in the same ways, and none
/// is blocked: what one of them refuses keeps nothing from the others.
async fn still_together(tx: &mut Tx, touches: &[Touch]) -> Result<bool, VaultError> {
    let mut first = None;
    for touch in touches {
        let visit = store::visit(tx.sql(), touch.appointment_id).await?;
        let Some(patient) = visit.map(|visit| visit.patient_id) else { return Ok(false) };
        let Some(card) = patients::card_in(tx, patient).await? else { return Ok(false) };
        if blocking::stands_in(tx, patient).await? {
            return Ok(false);
        }
        let ways = (reached_in(tx, &card).await?, wanted::wishes_in(tx, patient).await?);
        if first.get_or_insert_with(|| ways.clone()) != &ways {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Asked just before a reminder leaves: does every visit in it still want it?
/// One that does not makes the others be decided anew.
pub fn still_wanted<'t>(tx: &'t mut Tx, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let mut parts = about.stamp.split('/').skip(1);
        let round: Option<i64> = parts.next().and_then(|round| round.parse().ok());
        let step: Option<StepId> = parts.next().and_then(|step| step.parse().ok());
        let id: Option<AppointmentId> = about.id.parse().ok();
        let (Some(id), Some(round), Some(step)) = (id, round, step) else {
            return Ok(Last::Withhold("cancelled"));
        };
        let touches = store::touches_of_message(tx.sql(), id, round, step).await?;
        let steps = store::every_step(tx.sql()).await?;
        let mut why = touches.is_empty().then_some("regrouped");
        for touch in &touches {
            let too = steps.iter().any(|one| one.id == touch.step_id && one.confirmed_too);
            let reason = match store::visit(tx.sql(), touch.appointment_id).await? {
                None => Some("cancelled"),
                Some(visit) if visit.round != touch.round => Some("moved"),
                Some(visit) => stopped(&visit, too).map(Reason::name),
            };
            why = why.or(reason);
        }
        if why.is_none() && 1 < touches.len() && !still_together(tx, &touches).await? {
            why = Some("regrouped");
        }
        match why {
            None => Ok(Last::Send),
            Some(reason) if touches.len() < 2 => Ok(Last::Withhold(reason)),
            Some(_) => {
                store::decide_again(tx, id, round, step).await?;
                Ok(Last::Withhold("regrouped"))
            }
        }
    })
}
