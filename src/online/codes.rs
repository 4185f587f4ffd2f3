//! Codes to phones: what they say yes to, how they are counted, how they go.
//! The code itself is that of `consents::otp`: bound, short-lived, stored nowhere.

use serde_json::json;

use crate::clinic::Clinic;
use crate::consents::ConsentId;
use crate::consents::otp::{self, Binding};
use crate::contact::Phone;
use crate::crypto::hash::{self, Digest, sha256_of};
use crate::messaging::text::{Purpose, Values, Variable};
use crate::messaging::{self, About, NewMessage};
use crate::online::{OnlineError, Request, Settings, TOPIC, model, store};
use crate::reminders::Token;
use crate::vault::permission::BookOnline;
use crate::vault::{Event, Events, Grant, Subject, Tx};
use crate::web;

/// Sends a code by SMS, within the limits; the one before is dead then.
///
/// # Errors
/// [`OnlineError::Capped`].
pub async fn send(
    tx: &mut Tx,
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    settings: &Settings,
    request: &Request,
    link: &Token,
) -> Result<Events, OnlineError> {
    let now = tx.now();
    let keys = keys(clinic, grant, &request.phone);
    let sent = store::sent(tx, request.id, keys, now.plus_ms(-model::DAY_MS)).await?;
    model::may_send(settings, &sent, request.worked, now)?;
    let pepper = clinic.keys.get().otp_pepper();
    let (issued, code) = otp::issue(&binding(request, link)?, &pepper, &clinic.random, now);
    store::insert_code(tx, request.id, &issued, keys, request.worked).await?;
    let message = NewMessage {
        patient_id: None,
        purpose: Purpose::BookingCode,
        about: About::new("online_request", request.id),
        language: request.language,
        to: Phone::parse(&request.phone).map_err(|_| OnlineError::NoCodes)?.into(),
        values: Values::new().with(Variable::Code, &code),
        secret: Some(code.clone()),
        not_after: now.plus_ms(otp::LIFETIME_MS),
        first_by: None,
    };
    messaging::enqueue(tx, clinic, &message).await?;
    let event = Event::new("online.code_sent", Subject::Clinic)
        .on("online_request", request.id)
        .with_detail(json!({ "count": sent.request + 1, "worked": request.worked }))
        .touching(messaging::TOPIC);
    if sent.all + 1 == settings.alarm_at {
        let alarm = Event::new("online.many_codes", Subject::Clinic)
            .with_detail(json!({ "count": sent.all + 1 }))
            .touching(TOPIC);
        return Ok(event.and(alarm));
    }
    Ok(event.into())
}

/// What a code says yes to: this booking, by this phone, on this browser.
pub fn binding(request: &Request, link: &Token) -> Result<Binding, OnlineError> {
    let consent: ConsentId = request.id.to_string().parse().map_err(|_| OnlineError::Unknown)?;
    let version = request.consent_version.to_string();
    let document = sha256_of(&[
        b"online-booking-1:",
        request.service_id.to_string().as_bytes(),
        request.starts.to_string().as_bytes(),
        version.as_bytes(),
    ]);
    let session = hash::hex(&link.hash());
    Ok(Binding { consent, document, signature: None, phone: request.phone.clone(), session })
}

/// Digests to count by: of the phone, and of where it was asked from.
pub fn keys(clinic: &Clinic, grant: &Grant<BookOnline>, phone: &str) -> store::Keys {
    let lookup = clinic.keys.get().lookup_hmac();
    let net = grant.actor().origin().ip.map(web::network);
    let net = net.map(|ip| ip.to_string()).unwrap_or_default();
    let digest = |what: &[u8], text: &str| -> Digest { lookup.sign(&[what, text.as_bytes()]) };
    store::Keys { phone: digest(b"online-phone:", phone), net: digest(b"online-net:", &net) }
}
