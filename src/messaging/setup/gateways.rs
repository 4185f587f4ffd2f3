//! The clinic's gateways: which there are, in which order, and how they are.

use serde_json::json;

use super::model::{GatewayChange, GatewayError, GatewayId, GatewayKind};
use super::store;
use super::terms::{InUse, StoredGateway, Terms};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::ids::MessageId;
use crate::messaging::gateway::{Health, Trouble};
use crate::messaging::lines::Lines;
use crate::messaging::model::{About, NewMessage};
use crate::messaging::text::{Purpose, Values};
use crate::messaging::to::To;
use crate::messaging::{MessagingError, TOPIC, enqueue};
use crate::post;
use crate::vault::permission::{Permission, SetUpGateways};
use crate::vault::{Event, Events, Grant, Subject, Tx, Vault, VaultError};

/// A trial is of no use after so long, in milliseconds.
const TRIAL_LASTS_MS: i64 = 10 * 60 * 1000;

/// How often a gateway is asked how it is, in milliseconds: less often than it
/// would mind, often enough to top up before it is empty.
const ASKED_EVERY_MS: i64 = 60 * 60 * 1000;
const ILL_ASKED_EVERY_MS: i64 = 10 * 60 * 1000;

/// All gateways in the order they are tried in; their passwords stay here.
pub async fn gateways(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
) -> Result<Vec<StoredGateway>, VaultError> {
    store::gateways(&mut vault.read(grant).await?).await
}

/// The gateways themselves, for the worker and the health check.
pub(in crate::messaging) async fn in_use<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<InUse>, VaultError> {
    let stored = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    let pool = Lines::of(clinic).pool;
    let post = post::in_use(&clinic.vault, grant).await?;
    let connect = |stored: StoredGateway| stored.connect(&pool, post.as_ref()).ok();
    Ok(stored.into_iter().filter_map(connect).collect())
}

/// How many gateways want somebody's attention goes to the rail.
pub async fn count_waiting<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<(), VaultError> {
    let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    let now = clinic.clock().now();
    let wants = |one: &&StoredGateway| {
        one.record.is_ill || one.is_low() || 0 < one.aside || one.token.wants_somebody(now)
    };
    let wanting = all.iter().filter(wants).count();
    let wanting = u32::try_from(wanting).unwrap_or(u32::MAX);
    clinic.waiting.set("messages", wanting);
    clinic.waiting.set("gateway", wanting);
    Ok(())
}

/// Puts the clinic's first gateway to use, or changes it, with usual terms.
///
/// # Errors
/// As [`save_gateway`].
pub async fn set_gateway(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    change: &GatewayChange,
) -> Result<(), GatewayError> {
    let first = store::gateways(&mut vault.read(grant).await?).await?.first().map(|one| one.id);
    save_gateway(vault, grant, first, change, Terms::usual(change.kind)).await.map(drop)
}

/// Puts another gateway to use, behind those there are, or changes one.
///
/// # Errors
/// [`GatewayError`] says which field is wrong. A password is kept only for the
/// same account at the same address, so that nobody can send it elsewhere.
pub async fn save_gateway(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    id: Option<GatewayId>,
    change: &GatewayChange,
    terms: Terms,
) -> Result<GatewayId, GatewayError> {
    vault
        .change(grant, async |tx| {
            // Inside the change: a token that was renewed a moment ago is not lost.
            let all = store::gateways_in(tx).await?;
            let before = all.into_iter().map(|one| (one.id, one.account));
            let before = before.filter(|one| Some(one.0) == id).map(|one| one.1).next();
            let account = change.applied_to(before.as_ref())?;
            let id = store::set(tx, id, &account, terms).await?;
            if before.is_none_or(|before| !before.has_token_of(&account)) {
                let ends = account.settings.kind == GatewayKind::Instagram;
                store::set_token(tx, id, ends).await?;
            }
            let detail = json!({ "kind": account.settings.kind.name() });
            Ok((id, of("gateway.changed", id).with_detail(detail)))
        })
        .await
}

/// Sends nothing through this one any more. What it has taken can no longer be
/// asked about.
pub async fn remove_gateway(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
) -> Result<(), GatewayError> {
    vault
        .change(grant, async |tx| {
            if !store::remove(tx, id).await? {
                return Err(GatewayError::NoSuchGateway);
            }
            Ok(((), of("gateway.removed", id)))
        })
        .await
}

/// Tries this one before the one that was before it.
pub async fn raise_gateway(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
) -> Result<(), GatewayError> {
    vault
        .change(grant, async |tx| {
            if !store::raise(tx, id).await? {
                return Err(GatewayError::NoSuchGateway);
            }
            Ok(((), of("gateway.raised", id)))
        })
        .await
}

/// Asks a gateway how it is, now, and keeps what it said. None when there is
/// none with this number.
pub async fn check<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: GatewayId,
) -> Result<Option<Health>, VaultError> {
    let all = in_use(clinic, grant).await?;
    let Some(one) = all.into_iter().find(|one| one.id == id) else { return Ok(None) };
    let health = one.gateway.health().await;
    clinic
        .vault
        .change(grant, async |tx| {
            let (balance, state) = match health {
                Health::Well { balance } => (balance, None),
                Health::Ill(trouble) => (one.record.balance, Some(trouble)),
            };
            store::note_checked(tx, id, balance).await?;
            let news = note_state(tx, id, state).await?;
            let checked = Events::from(of("gateway.checked", id));
            Ok::<_, VaultError>(((), news.map_or(checked.clone(), |news| checked.and(news))))
        })
        .await?;
    if matches!(health, Health::Well { .. }) {
        Lines::of(clinic).well(id);
    }
    count_waiting(clinic, grant).await?;
    Ok(Some(health))
}

/// Notes that it is well, or ill with what. An event when that is news.
pub(in crate::messaging) async fn note_state(
    tx: &mut Tx,
    id: GatewayId,
    trouble: Option<Trouble>,
) -> Result<Option<Event>, VaultError> {
    Ok(match trouble {
        None => store::note_well(tx, id).await?.then(|| of("gateway.recovered", id)),
        Some(trouble) => {
            let is_news = store::note_ill(tx, id, trouble).await?;
            is_news.then(|| of("gateway.failing", id).because(trouble.code()))
        }
    })
}

/// Whether it is time to ask a gateway how it is.
pub(in crate::messaging) fn is_to_be_asked(one: &InUse, now: Timestamp) -> bool {
    let every = if one.record.is_ill { ILL_ASKED_EVERY_MS } else { ASKED_EVERY_MS };
    one.record.checked_at.is_none_or(|at| at.plus_ms(every) <= now || now < at)
}

/// Sends the trial text through the first gateway to a phone of the clinic's.
///
/// # Errors
/// As [`try_gateway`].
pub async fn send_trial(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    language: Language,
    to: impl Into<To>,
) -> Result<MessageId, MessagingError> {
    let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    let first = all.first().map_or(GatewayId::from_number(1), |one| one.id);
    try_gateway(clinic, grant, first, language, to.into()).await
}

/// Sends the trial text through one gateway, and no other, to a phone or a mailbox
/// of the clinic's.
pub async fn try_gateway(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
    language: Language,
    to: To,
) -> Result<MessageId, MessagingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let message = NewMessage {
                patient_id: None,
                purpose: Purpose::Trial,
                about: About::new("gateway", id),
                language,
                to: to.clone(),
                values: Values::new(),
                secret: None,
                not_after: tx.now().plus_ms(TRIAL_LASTS_MS),
                first_by: None,
            };
            let message = enqueue(tx, clinic, &message).await?;
            let event = Event::new("gateway.tried", Subject::Clinic).on("message", message);
            Ok((message, event.touching(TOPIC)))
        })
        .await
}

pub(super) fn of(action: &'static str, id: GatewayId) -> Event {
    Event::new(action, Subject::Clinic).on("gateway", id).touching(TOPIC)
}
