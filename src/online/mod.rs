//! Online booking: patients choose a service, a doctor or any, a real free
//! time, and prove their phone by a code. Works without JavaScript.
//!
//! `booking` alone reserves; this room adds who may ask, how often, and whose
//! card it goes on. A visitor holds a link that opens one booking and never the
//! id of a patient. What is typed is kept only until there is a card, or until
//! the link is dead. Consent to the processing of personal data is taken by the
//! version of its text (law 94-V, art. 7 and 8).

mod booked;
mod codes;
pub mod desk;
mod island;
mod jobs;
mod known;
mod matching;
mod model;
mod offer;
mod proof;
mod routes;
pub mod settings;
mod store;

use crate::booking::{BookingError, FreeSlot};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::consents::otp::{self, Verdict};
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::{ResourceId, ServiceId};
use crate::messaging::MessagingError;
use crate::patients::PatientError;
use crate::reminders::Token;
use crate::vault::permission::BookOnline;
use crate::vault::{Event, Events, Grant, Subject, Tx, VaultError};

pub use codes::keys;
pub use jobs::{hooks, jobs};
pub use known::book_known;
pub use model::{
    Birth, Campaign, Capped, DAY_MS, Request, RequestId, Sent, Settings, State, Window, may_send,
};
pub use offer::{Offer, OfferedDoctor, OfferedService};
pub use proof::{FormFault, FormKey, issue as issue_form};
pub use routes::{
    AlarmView, ContactPage, DoctorsPage, Frame, OffPage, OnlineDeskPage, OnlineSettingsPage,
    ServicesPage, TimesPage, VisitPage, Visitor, public_routes, routes,
};
pub use store::{Keys, hand_over_in};

/// What pages that show bookings from outside watch.
pub const TOPIC: &str = "online";

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub service_id: ServiceId,
    /// None: any.
    pub doctor_id: Option<ResourceId>,
    pub starts: Civil,
    pub language: Language,
    pub phone: Phone,
    pub name: String,
    pub birth: Option<Birth>,
    /// A child or a relative.
    pub for_other: bool,
    pub campaign: Campaign,
}

/// Why a booking does not go on.
#[derive(Debug, thiserror::Error)]
pub enum OnlineError {
    /// The clinic takes none online, or not this service or doctor.
    #[error("this is not booked online")]
    Off,
    /// Not free, too soon or too far; with what is free around it.
    #[error("that time is not free")]
    Lost(Vec<FreeSlot>),
    #[error(transparent)]
    Capped(#[from] Capped),
    /// No mobile number of Kazakhstan.
    #[error("no code goes to that number")]
    NoCodes,
    #[error("there is no such booking, or its link is dead")]
    Unknown,
    #[error("the code is wrong")]
    WrongCode {
        /// How many more may be tried.
        left: u8,
    },
    /// Tried too often, too old, or another was sent since.
    #[error("the code is good no more")]
    DeadCode,
    #[error(transparent)]
    Message(#[from] MessagingError),
    #[error(transparent)]
    Booking(#[from] BookingError),
    #[error(transparent)]
    Patient(#[from] PatientError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Takes a form in and sends a code to its phone. The same form again leads to
/// the same booking.
///
/// # Errors
/// [`OnlineError::Off`], [`OnlineError::Lost`], [`OnlineError::Capped`],
/// [`OnlineError::NoCodes`].
pub async fn begin(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    form: &FormKey,
    work: &str,
    asked: &Asked,
) -> Result<Token, OnlineError> {
    let pepper = clinic.keys.get().otp_pepper();
    let link = form.link(&pepper);
    let (settings, consent) = {
        let mut reader = clinic.vault.read(grant).await?;
        if store::has_form(&mut reader, &form.hash()).await? {
            return Ok(link);
        }
        (store::settings(&mut reader).await?, settings::newest_consent(&mut reader).await?)
    };
    if !asked.phone.is_mobile() {
        return Err(OnlineError::NoCodes);
    }
    offer::check(clinic, grant, &settings, asked).await?;
    let worked = form.is_solved_by(work, settings.work_bits);
    clinic
        .vault
        .change(grant, async |tx| {
            let new = store::NewRequest {
                id: RequestId::new(tx.now()),
                token_hash: link.hash(),
                form_hash: form.hash(),
                expires_at: tx.now().plus_ms(model::UNPROVEN_MS),
                asked,
                consent_version: consent.version,
                worked,
            };
            match store::insert(tx, &new).await {
                // The other tap of two was quicker.
                Err(error) if error.violation().is_some() => return Err(OnlineError::Unknown),
                inserted => inserted?,
            }
            let request = store::by_id_in(tx, new.id).await?.ok_or(OnlineError::Unknown)?;
            jobs::forget_later(tx, &request).await?;
            let events = codes::send(tx, clinic, grant, &settings, &request, &link).await?;
            Ok((link.clone(), events))
        })
        .await
        .or_else(|error| match error {
            OnlineError::Unknown => Ok(link.clone()),
            other => Err(other),
        })
}

/// Sends another code; the one before is dead then.
///
/// # Errors
/// [`OnlineError::Unknown`], [`OnlineError::Capped`].
pub async fn send_again(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    link: &Token,
) -> Result<(), OnlineError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let settings = store::settings_in(tx).await?;
            let request = live(tx, link).await?;
            if request.state != State::Code {
                return Err(OnlineError::Unknown);
            }
            Ok(((), codes::send(tx, clinic, grant, &settings, &request, link).await?))
        })
        .await
}

/// Judges a typed code and, when it is right, books.
///
/// # Errors
/// [`OnlineError::WrongCode`], [`OnlineError::DeadCode`], each in the ledger;
/// [`OnlineError::Unknown`].
pub async fn prove(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    link: &Token,
    typed: &str,
) -> Result<State, OnlineError> {
    let judged = clinic
        .vault
        .change(grant, async |tx| {
            let request = live(tx, link).await?;
            if request.state != State::Code {
                // The other tap of two proved it.
                let again = Event::new("online.looked_again", Subject::Clinic);
                return Ok((Ok(request.state), again.on("online_request", request.id).into()));
            }
            let issued = store::newest_code(tx, request.id).await?.ok_or(OnlineError::DeadCode)?;
            let pepper = clinic.keys.get().otp_pepper();
            let verdict =
                otp::check(&issued, &codes::binding(&request, link)?, &pepper, typed, tx.now());
            if verdict == Verdict::Right {
                store::use_code(tx, request.id, issued.sent_at).await?;
                let (state, events) = booked::settle(tx, clinic, grant, request, link).await?;
                return Ok((Ok(state), events));
            }
            let refused = Event::new("online.code_refused", Subject::Clinic);
            let refused: Events = refused.on("online_request", request.id).into();
            match verdict {
                Verdict::Wrong { left } => {
                    store::wrong_code(tx, request.id, issued.sent_at).await?;
                    Ok((Err(OnlineError::WrongCode { left }), refused))
                }
                _ => Ok((Err(OnlineError::DeadCode), refused)),
            }
        })
        .await;
    judged.and_then(|judged: Result<State, OnlineError>| judged)
}

/// Another time, after somebody else was quicker. The phone is proven already.
///
/// # Errors
/// [`OnlineError::Unknown`] unless it was lost.
pub async fn choose(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    link: &Token,
    starts: Civil,
    doctor_id: ResourceId,
) -> Result<State, OnlineError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let before = live(tx, link).await?;
            if before.state != State::Lost {
                return Err(OnlineError::Unknown);
            }
            let chosen = Request { starts, doctor_id: Some(doctor_id), ..before };
            booked::settle(tx, clinic, grant, chosen, link).await
        })
        .await
}

/// What a link is about.
///
/// # Errors
/// [`OnlineError::Unknown`].
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    link: &Token,
) -> Result<Request, OnlineError> {
    let mut reader = clinic.vault.read(grant).await?;
    let found = store::by_token(&mut reader, &link.hash()).await?;
    let now = clinic.clock().now();
    found.filter(|request| now < request.expires_at).ok_or(OnlineError::Unknown)
}

async fn live(tx: &mut Tx, link: &Token) -> Result<Request, OnlineError> {
    let found = store::by_token_in(tx, &link.hash()).await?;
    let now = tx.now();
    found.filter(|request| now < request.expires_at).ok_or(OnlineError::Unknown)
}

/// The clinic's wall clock.
fn now(clinic: &Clinic, at: Timestamp) -> Civil {
    clinic.profile.get().zone.civil(at)
}
