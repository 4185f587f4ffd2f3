//! What the clinic decides about messages: its gateway and its wording.

mod model;
mod store;

use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::{MessageId, StaffId};
use crate::messaging::gateway::{Gateway, Health};
use crate::messaging::model::{About, NewMessage};
use crate::messaging::text::{self, Purpose, TextError, Values, Wording};
use crate::messaging::{MessagingError, enqueue};
use crate::vault::permission::{EditTexts, SetUpGateways};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError};

pub use model::{GatewayChange, GatewayError, GatewayKind, GatewaySettings, TextVersion};

/// A trial is of no use after so long, in milliseconds.
const TRIAL_LASTS_MS: i64 = 10 * 60 * 1000;

/// The gateway in use, without its password. None: nothing can be sent.
pub async fn gateway_settings(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
) -> Result<Option<GatewaySettings>, VaultError> {
    let stored = store::gateway(&mut vault.read(grant).await?).await?;
    Ok(stored.map(|stored| stored.settings))
}

/// The gateway itself, for the worker and the health check.
pub(super) async fn gateway<P: crate::vault::permission::Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Option<InUse>, VaultError> {
    let stored = store::gateway(&mut vault.read(grant).await?).await?;
    Ok(stored.and_then(|stored| {
        let report_url = stored.settings.report_url.clone();
        Some(InUse { kind: stored.settings.kind, gateway: stored.connect().ok()?, report_url })
    }))
}

/// The gateway in use.
pub(super) struct InUse {
    pub kind: GatewayKind,
    pub gateway: Gateway,
    /// Where it reaches this machine, when not by the public address.
    pub report_url: Option<String>,
}

/// How the gateway is, asked now. None when there is none.
pub async fn health(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
) -> Result<Option<Health>, VaultError> {
    match gateway(vault, grant).await? {
        Some(in_use) => Ok(Some(in_use.gateway.health().await)),
        None => Ok(None),
    }
}

/// Puts another gateway to use, or changes the one there is.
///
/// # Errors
/// [`GatewayError`] says which field is wrong. A password is kept only for the
/// same account at the same address, so that nobody can send it elsewhere.
pub async fn set_gateway(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    change: &GatewayChange,
) -> Result<(), GatewayError> {
    let before = store::gateway(&mut vault.read(grant).await?).await?;
    let stored = change.applied_to(before.as_ref())?;
    vault
        .change(grant, async |tx| {
            store::set_gateway(tx, &stored).await?;
            let event = Event::new("gateway.changed", Subject::Clinic)
                .with_detail(serde_json::json!({ "kind": stored.settings.kind.name() }))
                .touching(crate::messaging::TOPIC);
            Ok(((), event))
        })
        .await
}

/// Sends the trial text to a phone of the clinic's.
pub async fn send_trial(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    language: Language,
    phone: Phone,
) -> Result<MessageId, MessagingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let not_after = tx.now().plus_ms(TRIAL_LASTS_MS);
            let message = NewMessage {
                patient_id: None,
                purpose: Purpose::Trial,
                about: About::new("gateway", 1),
                language,
                phone,
                values: Values::new(),
                secret: None,
                not_after,
            };
            let id = enqueue(tx, clinic, &message).await?;
            Ok((id, Event::new("gateway.tried", Subject::Clinic).on("message", id)))
        })
        .await
}

/// The clinic's wording of a purpose, or the program's.
pub async fn wording(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    purpose: Purpose,
    language: Language,
) -> Result<TextVersion, VaultError> {
    let own = store::text(clinic.vault.read(grant).await?.sql(), purpose, language).await?;
    let standard = purpose.standard(clinic.pages.words(), language);
    Ok(TextVersion { source: own.clone().unwrap_or(standard), own: own.is_some() })
}

/// Changes a wording; `None` goes back to the program's own.
///
/// # Errors
/// [`TextError`] when the text could not be sent as it is.
pub async fn set_wording(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    purpose: Purpose,
    language: Language,
    source: Option<&str>,
) -> Result<(), MessagingError> {
    if let Some(source) = source {
        text::word(purpose, language, source, &sample_values(clinic, language))?;
    }
    let by: Option<StaffId> = grant.staff();
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_text(tx, purpose, language, source, by).await?;
            let detail = serde_json::json!({ "purpose": purpose, "language": language });
            Ok(((), Event::new("message_text.changed", Subject::Clinic).with_detail(detail)))
        })
        .await
}

/// A text with the clinic's own name and made-up values of full length.
///
/// # Errors
/// [`TextError`] says what is wrong with it.
pub fn preview(
    clinic: &Clinic,
    purpose: Purpose,
    language: Language,
    source: &str,
) -> Result<Wording, TextError> {
    text::word(purpose, language, source, &sample_values(clinic, language))
}

fn sample_values(clinic: &Clinic, language: Language) -> Values {
    use text::Variable;
    let longest = "2026-09-23T14:30".parse().expect("a civil time");
    let say = |key: &str| clinic.pages.words().plain(language, key);
    Values::new()
        .with(Variable::Clinic, &clinic.profile.get().name)
        .with(Variable::Phone, "+7 727 123 45 67")
        .with(Variable::Address, say("messaging-sample-address"))
        .with(Variable::Name, say("messaging-sample-name"))
        .with(Variable::Link, format!("{}/m/{}", clinic.places.public_url, "A".repeat(22)))
        .with(Variable::Code, "123456")
        .with(Variable::Until, "14:30")
        .with(Variable::Expected, "14:45")
        .with(Variable::Document, "A1B2-C3D4")
        .at(clinic.pages.words(), language, longest)
}

/// A message in words, inside a change: by the clinic's wording, or by the
/// program's when that has become unusable (a longer clinic name, say).
pub(super) async fn word(
    tx: &mut Tx,
    clinic: &Clinic,
    purpose: Purpose,
    language: Language,
    values: &Values,
) -> Result<Wording, MessagingError> {
    let own = store::text(tx.sql(), purpose, language).await?;
    let own = own.map(|source| text::word(purpose, language, &source, values));
    if let Some(Ok(wording)) = own {
        return Ok(wording);
    }
    let standard = purpose.standard(clinic.pages.words(), language);
    Ok(text::word(purpose, language, &standard, values)?)
}
