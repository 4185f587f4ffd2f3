//! From a proven phone to an appointment: whose card, whether they may, and the
//! place itself, all in one change.

use serde_json::json;

use crate::booking::again::{self, Advice, Planned};
use crate::booking::{self, NewAppointment, Source, holds};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::contact::Phone;
use crate::ids::{PatientId, ResourceId};
use crate::online::matching::{self, Comer};
use crate::online::model::{self, Birth, HeldBecause, Request, Settings, State};
use crate::online::settings::Terms;
use crate::online::{OnlineError, TOPIC, now, proof, settings, store};
use crate::reminders::{self, Token};
use crate::schedule;
use crate::vault::permission::BookOnline;
use crate::vault::{Event, Events, Grant, Subject, Tx};

/// A held time ends so long before it begins, and is held so long at least, in
/// milliseconds.
const LEFT_MS: i64 = 15 * 60_000;
const LEAST_MS: i64 = 5 * 60_000;

/// Books what was asked for, or says in which way it could not be.
pub async fn settle(
    tx: &mut Tx,
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    request: Request,
    link: &Token,
) -> Result<(State, Events), OnlineError> {
    let settings = store::settings_in(tx).await?;
    let terms = settings::terms_in(tx, request.service_id).await?;
    let phone = Phone::parse(&request.phone).map_err(|_| OnlineError::Unknown)?;
    let (at, today) = (tx.now(), now(clinic, tx.now()));
    let comer = Comer {
        name: request.name.clone(),
        phone: phone.clone(),
        birth: Birth::read(&request.birth, today.day()),
        language: request.language,
    };
    let known = matching::of_phone(tx, &phone).await?;
    let (known, shut) = matching::usable(tx, &comer, known).await?;
    if shut {
        // What others are told who have to call: nothing is given away.
        return refuse(tx, &request, State::Call, "blocked").await;
    }
    let people: Vec<PatientId> = known.iter().map(|card| card.id).collect();
    let new = wanted(&request);
    // Whoever began in time is in time: a code takes a minute.
    let began = now(clinic, request.created_at);
    let window = settings.window(began, terms.urgent);
    let open = window.holds(request.starts) && settings.enabled && terms.online;
    let may = may(tx, &settings, &people, today).await?;
    if let Some(state) = may {
        return refuse(tx, &request, state, "").await;
    }
    let found = if open { who_fits(tx, &new, today).await? } else { None };
    let Some(doctor_id) = found else { return refuse(tx, &request, State::Lost, "").await };
    let new = NewAppointment { doctor_id: Some(doctor_id), ..new };
    let (new, held_because) = rightly(tx, new, matching::certain(&comer, &known), today).await?;
    let is_other = new.service_id != request.service_id;
    let is_held = terms.moderated
        || held_because.is_some()
        || (is_other && settings::terms_in(tx, new.service_id).await?.moderated);
    let (patient_id, registered) = matching::card_for(tx, &comer, &known).await?;
    let new = NewAppointment { patient_id, ..new };
    let (state, made, event) = if is_held {
        let until = held_until(clinic, &settings, new.starts, at);
        let (made, event) = holds::hold_in(tx, grant, &new, today, until).await?;
        (State::Held, made, event)
    } else {
        let (made, event) = booking::book_fitting_in(tx, grant, &new, today).await?;
        let answer = proof::answer(&clinic.keys.get().otp_pepper(), link);
        reminders::link_in(tx, clinic, &answer, made.id, request.language).await?;
        (State::Booked, made, event)
    };
    let done = request.at(state, at.plus_ms(model::PROVEN_MS), at).with(patient_id, made.id);
    let done = Request {
        service_id: new.service_id,
        asked_service_id: is_other.then_some(request.service_id),
        held_because,
        doctor_id: made.place.doctor_id,
        ..done
    };
    store::go(tx, &done, true).await?;
    let proven = of(&done, "online.booked", Subject::Patient(patient_id)).and(event);
    Ok((state, registered.map_or(proven.clone(), |registered| registered.and(proven))))
}

/// When a held time is free again: in time for somebody else to take it.
fn held_until(clinic: &Clinic, settings: &Settings, starts: Civil, at: Timestamp) -> Timestamp {
    let latest = clinic.profile.get().zone.instant(starts).plus_ms(-LEFT_MS);
    at.plus_ms(settings.hold_minutes * 60_000).min(latest).max(at.plus_ms(LEAST_MS))
}

/// The doctor who is free for it, of those whom patients may choose: the one
/// asked for, or the first of any. In the change that books, so that nobody can
/// be quicker.
async fn who_fits(
    tx: &mut Tx,
    new: &NewAppointment,
    now: Civil,
) -> Result<Option<ResourceId>, OnlineError> {
    let hidden = settings::hidden_in(tx).await?;
    let catalog = schedule::setup_in(tx).await?;
    let Some(service) = catalog.service(new.service_id) else { return Ok(None) };
    let may = catalog
        .performers(service)
        .map(|doctor| doctor.id)
        .filter(|id| !hidden.contains(id) && new.doctor_id.is_none_or(|asked| asked == *id));
    for id in may.collect::<Vec<_>>() {
        let with = NewAppointment { doctor_id: Some(id), ..new.clone() };
        if booking::fits_in(tx, &with, now).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// First or repeated. Whoever was here lately gets the repeated service, where it
/// fits into that time and costs no more; whoever was not, or is not surely the
/// one who was, gets it once the desk agrees: nobody is booked for a higher price
/// than they have read.
async fn rightly(
    tx: &mut Tx,
    new: NewAppointment,
    comer: Option<PatientId>,
    now: Civil,
) -> Result<(NewAppointment, Option<HeldBecause>), OnlineError> {
    let planned = Planned {
        patient: comer.unwrap_or(new.patient_id),
        service: new.service_id,
        doctor: new.doctor_id,
        day: new.starts.day(),
    };
    let service_id = match again::advice_in(tx, planned).await? {
        None => return Ok((new, None)),
        Some(Advice::First { .. }) => return Ok((new, Some(HeldBecause::NotSeen))),
        Some(Advice::Repeated { service, .. }) => service,
    };
    let catalog = schedule::setup_in(tx).await?;
    let price = |id| catalog.service(id).and_then(|service| service.price);
    let costs_more = match (price(new.service_id), price(service_id)) {
        (Some(asked), Some(repeated)) => asked < repeated,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    let repeated = NewAppointment { service_id, ..new.clone() };
    let fits = !costs_more && booking::fits_in(tx, &repeated, now).await?;
    Ok((if fits { repeated } else { new }, None))
}

/// Why these people may not book by themselves, if so.
async fn may(
    tx: &mut Tx,
    settings: &Settings,
    people: &[PatientId],
    now: Civil,
) -> Result<Option<State>, OnlineError> {
    let since = now.plus_minutes(-settings.no_show_days * 24 * 60);
    if settings.no_shows <= booking::no_shows_in(tx, people, since).await? {
        return Ok(Some(State::Call));
    }
    let open = booking::open_online_in(tx, people, now).await?;
    Ok((settings.most_open <= open).then_some(State::Full))
}

/// The phone is proven, and that is all; a lost time may be followed by another.
/// `reason` is a code for whoever reads the ledger, empty for none.
async fn refuse(
    tx: &mut Tx,
    request: &Request,
    state: State,
    reason: &'static str,
) -> Result<(State, Events), OnlineError> {
    let at = tx.now();
    let now = request.at(state, at.plus_ms(model::UNPROVEN_MS), at);
    store::go(tx, &now, state != State::Lost).await?;
    super::jobs::forget_later(tx, &now).await?;
    let event = of(&now, "online.not_booked", Subject::Clinic);
    let event = if reason.is_empty() { event } else { event.because(reason) };
    Ok((state, event.into()))
}

fn of(request: &Request, action: &'static str, subject: Subject) -> Event {
    let detail = json!({
        "state": request.state, "consent": request.consent_version, "source": request.source,
        "other": request.for_other, "worked": request.worked,
    });
    Event::new(action, subject)
        .on("online_request", request.id)
        .with_detail(detail)
        .touching(TOPIC)
        .touching(holds::TOPIC)
}

/// As it goes to `booking`; whose it is follows.
fn wanted(request: &Request) -> NewAppointment {
    NewAppointment {
        // Not looked at before there is a card.
        patient_id: PatientId::new(request.created_at),
        service_id: request.service_id,
        starts: request.starts,
        minutes: None,
        doctor_id: request.doctor_id,
        place_id: None,
        source: Source::Online,
        comment: String::new(),
        notify: true,
    }
}

/// What of a service concerns the one who books it.
impl Terms {
    /// A service that nobody has said anything of.
    pub const fn plain(online: bool) -> Self {
        Self { online, moderated: false, urgent: false }
    }
}
