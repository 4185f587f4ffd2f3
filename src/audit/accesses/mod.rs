//! Who opened this card: for the officer and the owner, and on paper for the
//! patient, who may ask whom their data was shown to (Law 94-V, art. 24).

mod paper;
mod store;

use serde::Serialize;

use crate::audit::AuditError;
use crate::audit::model::start;
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::ids::PatientId;
use crate::vault::permission::ReviewLog;
use crate::vault::{Event, Grant, Subject};

pub use paper::{Register, Row};

/// The most accesses that a page or a paper shows.
pub const MOST: i64 = 2_000;

/// One access: an entry of the ledger that is about the card.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Access {
    pub seq: i64,
    /// RFC 3339, UTC.
    pub ts: String,
    pub act: String,
    pub actor: String,
    pub name: Option<String>,
    pub role: Option<String>,
    pub why: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    /// Whether the card was one of several in a list.
    pub listed: bool,
}

/// All accesses to a card within days, the newest first. The question is in the
/// ledger, as one about this patient.
///
/// # Errors
/// [`AuditError::NoSuch`] card; [`AuditError::BadPeriod`].
pub async fn of_card(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    number: i64,
    first: Day,
    last: Day,
    for_paper: bool,
) -> Result<Vec<Access>, AuditError> {
    if last < first {
        return Err(AuditError::BadPeriod);
    }
    let mut reader = clinic.vault.read(grant).await?;
    let patient = store::card(&mut reader, number).await?.ok_or(AuditError::NoSuch)?;
    drop(reader);
    let act = if for_paper { "audit.register_printed" } else { "audit.card_reviewed" };
    let detail = serde_json::json!({ "from": first, "until": last });
    let asked = Event::new(act, Subject::Patient(patient)).with_detail(detail);
    clinic.vault.record(grant, asked).await?;
    let zone = clinic.profile.get().zone.clone();
    let (from, before) = (start(&zone, first), start(&zone, last.plus_days(1)));
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::accesses(&mut reader, patient, from, before, MOST).await?)
}

/// The number of a card, how many people opened it since then, and when last.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn in_short(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    patient: PatientId,
    since: Timestamp,
) -> Result<(i64, i64, Option<Timestamp>), AuditError> {
    let mut reader = clinic.vault.read(grant).await?;
    let number = store::number(&mut reader, patient).await?.ok_or(AuditError::NoSuch)?;
    let (people, last) = store::opened_by(&mut reader, patient, since).await?;
    let last = last.and_then(|ts| ts.parse::<jiff::Timestamp>().ok());
    Ok((number, people, last.map(|at| Timestamp::from_unix_ms(at.as_millisecond()))))
}
