//! What the desk sees of bookings from outside: those that wait for its word,
//! what came lately and from where, and whether somebody sends too many codes.

mod store;

use crate::booking::holds::{self, Held};
use crate::clinic::Clinic;
use crate::ids::AppointmentId;
use crate::online::model::{self, Settings};
use crate::patients::blocking;
use crate::vault::permission::{TendOnline, ViewOnline};
use crate::vault::{Actor, Grant, Reader, VaultError};

pub use store::Recent;

/// Its place in the rail.
pub const WAITING: &str = "online";

/// How many of the latest are shown.
const SHOWN: i64 = 50;

/// All that the desk's page shows.
#[derive(Clone, Debug)]
pub struct Desk {
    pub held: Vec<Held>,
    /// Those of them who ask for a repeated visit and were not seen here.
    pub not_seen: Vec<AppointmentId>,
    pub recent: Vec<Recent>,
    pub spent: Spent,
}

/// Codes of the last 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Spent {
    pub codes: i64,
    pub most: i64,
    /// Whether staff are to be told.
    pub alarm: bool,
}

impl Spent {
    pub fn of(settings: &Settings, codes: i64) -> Self {
        Self { codes, most: settings.codes_per_day, alarm: settings.alarm_at <= codes }
    }
}

/// What waits and what came. Of a patient whose data is blocked only the time is
/// shown, but to those who answer for it.
pub async fn desk(clinic: &Clinic, grant: &Grant<ViewOnline>) -> Result<Desk, VaultError> {
    let spent = spent(clinic, &mut clinic.vault.read(grant).await?).await?;
    let (held, not_seen, recent) = clinic
        .vault
        .list(grant, "online.viewed", async |listing| {
            let mut held = holds::waiting(listing).await?;
            let not_seen = store::not_seen(listing).await?;
            let mut recent = store::recent(listing, SHOWN).await?;
            let hidden = blocking::hidden_from(listing, grant).await?;
            let blocked = held.iter_mut().filter(|one| hidden.contains(&one.patient_id));
            blocked.for_each(Held::hide);
            let blocked = recent.iter_mut().filter(|one| hidden.contains(&one.patient_id));
            blocked.for_each(Recent::hide);
            let whose = held.iter().filter(|one| !one.hidden).map(|one| one.patient_id);
            let others = recent.iter().filter(|one| !one.hidden).map(|one| one.patient_id);
            let whose = whose.chain(others).collect();
            Ok::<_, VaultError>(((held, not_seen, recent), whose))
        })
        .await?;
    clinic.waiting.set(WAITING, u32::try_from(held.len()).unwrap_or(u32::MAX));
    Ok(Desk { held, not_seen, recent, spent })
}

/// How many codes went out lately.
pub async fn spent(clinic: &Clinic, reader: &mut Reader) -> Result<Spent, VaultError> {
    let since = clinic.clock().now().plus_ms(-model::DAY_MS);
    let settings = super::store::settings(reader).await?;
    Ok(Spent::of(&settings, super::store::codes_since(reader, since).await?))
}

/// Puts the number of those that wait into the rail.
///
/// # Errors
/// Those of the database.
pub async fn count_waiting(clinic: &Clinic) -> Result<(), VaultError> {
    let grant: Grant<TendOnline> =
        Actor::job("online").grant().map_err(|_| VaultError::NotStaff)?;
    let waiting = store::count_waiting(&mut clinic.vault.read(&grant).await?).await?;
    clinic.waiting.set(WAITING, u32::try_from(waiting).unwrap_or(u32::MAX));
    Ok(())
}
