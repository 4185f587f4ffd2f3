//! Blocked data: kept, because a law says so, and not used (law 94-V art. 25;
//! order 179/НҚ; Digital Code art. 41(3)). A blocked patient is not found and
//! not written to; the card opens only for those who answer for it
//! ([`ViewBlocked`], kept by the vault itself).

mod store;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::{Day, Timestamp};
use crate::ids::{PatientId, id};
use crate::patients::model::Brief;
use crate::vault::permission::{BlockPatients, Permission, ViewBlocked};
use crate::vault::{
    Disclosure, Event, Grant, Listing, Reader, Subject, Tx, Vault, VaultError, Violation,
};

pub use store::hand_over_in;

id! {
    /// One blocking of a patient's data.
    BlockId
}

/// Why data was blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum BlockReason {
    /// The patient asked for it.
    Asked,
    /// The patient withdrew their consent, and a law keeps the data.
    Withdrawal,
    /// The patient objected to an automated decision.
    Objection,
    /// The patient asked for destruction, and a law keeps the data.
    Destruction,
    /// Found to be processed unlawfully.
    Unlawful,
}

impl BlockReason {
    pub const ALL: [Self; 5] =
        [Self::Asked, Self::Withdrawal, Self::Objection, Self::Destruction, Self::Unlawful];

    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Withdrawal => "withdrawal",
            Self::Objection => "objection",
            Self::Destruction => "destruction",
            Self::Unlawful => "unlawful",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// A block that stands, or stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Block {
    pub id: BlockId,
    pub patient_id: PatientId,
    /// The number of the card.
    pub card: i64,
    pub reason: BlockReason,
    pub basis: String,
    /// When the law lets the data be destroyed; None: not known.
    pub until: Option<Day>,
    pub blocked_at: Timestamp,
    /// The name of who did it.
    pub blocked_by: Option<String>,
    pub lifted_at: Option<Timestamp>,
    pub lift_reason: String,
}

impl Block {
    /// For the samples of pages.
    pub fn sample() -> Self {
        let at = Timestamp::from_unix_ms(1_790_000_000_000);
        Self {
            id: BlockId::new(at),
            patient_id: PatientId::new(at),
            card: 1482,
            reason: BlockReason::Destruction,
            basis: "Order 1".to_owned(),
            until: Day::new(2052, 1, 1),
            blocked_at: at,
            blocked_by: None,
            lifted_at: None,
            lift_reason: String::new(),
        }
    }
}

/// What a block is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBlock {
    pub patient_id: PatientId,
    /// The request that asked for it.
    pub request_id: Option<String>,
    pub reason: BlockReason,
    pub basis: String,
    pub until: Option<Day>,
}

/// Why data was not blocked or not freed.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    #[error("there is no such patient")]
    NoSuchPatient,
    #[error("it is blocked already")]
    AlreadyBlocked,
    #[error("nothing is blocked")]
    NotBlocked,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Blocks a patient's data from this moment on.
///
/// # Errors
/// [`BlockError::AlreadyBlocked`], [`BlockError::NoSuchPatient`].
pub async fn block(
    vault: &Vault,
    grant: &Grant<BlockPatients>,
    new: &NewBlock,
) -> Result<BlockId, BlockError> {
    vault
        .change(grant, async |tx| {
            let id = BlockId::new(tx.now());
            let placed = store::insert(tx, id, new, grant.staff()).await;
            placed.map_err(|error| match error.violation() {
                Some(Violation::Unique) => BlockError::AlreadyBlocked,
                Some(Violation::Reference) => BlockError::NoSuchPatient,
                _ => error.into(),
            })?;
            let blocked = Event::new("patient.blocked", Subject::Patient(new.patient_id));
            let detail = json!({ "reason": new.reason, "until": new.until });
            let event = blocked.on("block", id).with_detail(detail);
            Ok((id, event.touching(format!("patient:{}", new.patient_id))))
        })
        .await
}

/// Frees a patient's data, for a reason that stays with the block.
///
/// # Errors
/// [`BlockError::NotBlocked`].
pub async fn unblock(
    vault: &Vault,
    grant: &Grant<BlockPatients>,
    patient: PatientId,
    reason: &str,
) -> Result<(), BlockError> {
    vault
        .change(grant, async |tx| {
            let lifted = store::lift(tx, patient, reason, grant.staff()).await?;
            let id = lifted.ok_or(BlockError::NotBlocked)?;
            let event = Event::new("patient.unblocked", Subject::Patient(patient)).on("block", id);
            Ok(((), event.touching(format!("patient:{patient}"))))
        })
        .await
}

/// Every block that stands, by the numbers of the cards.
pub async fn standing(vault: &Vault, grant: &Grant<ViewBlocked>) -> Result<Vec<Block>, VaultError> {
    store::standing(&mut vault.read(grant).await?).await
}

/// The block that stands on a card, without its patient's data.
pub async fn on_card(reader: &mut Reader, patient: PatientId) -> Result<Option<Block>, VaultError> {
    store::on_card(reader, patient).await
}

/// The block of a card that is being shown.
pub async fn shown(disclosure: &mut Disclosure) -> Result<Option<Block>, VaultError> {
    store::of_patient(disclosure).await
}

/// Whether a patient's data is blocked, inside a change.
pub async fn stands_in(tx: &mut Tx, patient: PatientId) -> Result<bool, VaultError> {
    store::stands_in(tx, patient).await
}

/// The blocked among people who were born on a day.
pub async fn born_on(tx: &mut Tx, day: Day) -> Result<Vec<PatientId>, VaultError> {
    store::born_on(tx, day).await
}

/// Takes blocked patients out of what was found, but for those who may see them.
pub(super) async fn hide<P: Permission>(
    listing: &mut Listing,
    grant: &Grant<P>,
    found: &mut Vec<Brief>,
) -> Result<(), VaultError> {
    if !found.is_empty() {
        let hidden = hidden_from(listing, grant).await?;
        found.retain(|brief| !hidden.contains(&brief.id));
    }
    Ok(())
}

/// Whose cards must not be shown to whoever asks; nobody's to those who may see
/// what is blocked.
pub async fn hidden_from<P: Permission>(
    listing: &mut Listing,
    grant: &Grant<P>,
) -> Result<HashSet<PatientId>, VaultError> {
    if grant.actor().may::<ViewBlocked>() {
        return Ok(HashSet::new());
    }
    store::blocked(listing).await
}

/// How many cards are hidden from whoever asks.
pub(super) async fn count<P: Permission>(
    listing: &mut Listing,
    grant: &Grant<P>,
) -> Result<i64, VaultError> {
    Ok(i64::try_from(hidden_from(listing, grant).await?.len()).unwrap_or(i64::MAX))
}
