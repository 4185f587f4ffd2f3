//! Calendar feeds: a doctor's visits in the calendar of their own phone, by an
//! address with a secret in it (RFC 5545; the program asks again by itself).
//!
//! Phones' calendars are kept by companies abroad, so a feed never says who comes
//! for what (law 94-V art. 16; KAZAKHSTAN.md 3.5): as shipped it says what is done
//! and where and names nobody; when the clinic allows names, it names the patient
//! and says nothing of what is done. The secret is shown once and kept as a hash;
//! each time a program asks is in the ledger.

mod model;
mod routes;
mod store;

use serde_json::json;

use crate::booking::calendar;
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::patients::blocking;
use crate::reminders::Token;
use crate::vault::permission::{KeepFeed, ReadFeed, SetFeeds};
use crate::vault::{Event, Grant, Subject, VaultError};

pub use model::{Feed, FeedId, FeedLine};
pub use routes::{FeedsPage, OwnFeedPage, public_routes, routes};

/// Days before and after today that a feed shows.
const BEFORE: i64 = 30;
const AHEAD: i64 = 180;

/// Why something about a feed was not done.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Nobody of the schedule is this member of staff.
    #[error("whoever asks is no doctor of the schedule")]
    NoDoctor,
    #[error("there is no such feed")]
    Unknown,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What a doctor sees of their own feed.
#[derive(Clone, Debug)]
pub struct Own {
    /// Whether they are a doctor of the schedule.
    pub doctor: bool,
    pub feed: Option<Feed>,
    /// Whether patients are named in it.
    pub names: bool,
}

/// The feed of whoever asks.
pub async fn own(clinic: &Clinic, grant: &Grant<KeepFeed>) -> Result<Own, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let names = store::names(&mut reader).await?;
    let Some(staff) = grant.staff() else { return Ok(Own { doctor: false, feed: None, names }) };
    let doctor = store::doctor(&mut reader, staff).await?;
    Ok(Own { doctor, feed: store::of(&mut reader, staff).await?, names })
}

/// Makes a new address for whoever asks; the one before it stops working.
///
/// # Errors
/// [`FeedError::NoDoctor`].
pub async fn make(clinic: &Clinic, grant: &Grant<KeepFeed>) -> Result<Token, FeedError> {
    let staff = grant.staff().ok_or(FeedError::NoDoctor)?;
    let token = Token::generate(&clinic.random);
    let hash = token.hash();
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::doctor_in(tx, staff).await? {
                return Err(FeedError::NoDoctor);
            }
            let before = store::end_of(tx, staff, Some(staff)).await?;
            let id = FeedId::new(tx.now());
            store::insert(tx, id, staff, &hash).await?;
            let event = event("feed.made", id).with_detail(json!({ "ended": before }));
            Ok((token, event))
        })
        .await
}

/// Ends the feed of whoever asks.
///
/// # Errors
/// [`FeedError::Unknown`] when there is none.
pub async fn end_own(clinic: &Clinic, grant: &Grant<KeepFeed>) -> Result<(), FeedError> {
    let staff = grant.staff().ok_or(FeedError::Unknown)?;
    clinic
        .vault
        .change(grant, async |tx| {
            let ended = store::end_of(tx, staff, Some(staff)).await?.ok_or(FeedError::Unknown)?;
            Ok(((), event("feed.ended", ended)))
        })
        .await
}

/// The live feeds of everybody, and whether patients are named in them.
pub async fn all(
    clinic: &Clinic,
    grant: &Grant<SetFeeds>,
) -> Result<(Vec<FeedLine>, bool), VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok((store::all(&mut reader).await?, store::names(&mut reader).await?))
}

/// Ends somebody's feed: a phone was lost, say.
///
/// # Errors
/// [`FeedError::Unknown`] when it is no more.
pub async fn end(clinic: &Clinic, grant: &Grant<SetFeeds>, id: FeedId) -> Result<(), FeedError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let staff = store::staff_of(tx, id).await?.ok_or(FeedError::Unknown)?;
            store::end_of(tx, staff, grant.staff()).await?;
            Ok(((), event("feed.ended", id)))
        })
        .await
}

/// Says whether feeds name patients.
pub async fn set_names(
    clinic: &Clinic,
    grant: &Grant<SetFeeds>,
    names: bool,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_names(tx, names, grant.staff()).await?;
            let event = Event::new("feed.rule_set", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "names": names }))))
        })
        .await
}

/// The calendar behind an address, in the doctor's language; what is read is
/// written down first. None when the address opens nothing: no such feed, or it
/// ended, or its doctor has left.
pub async fn read(
    clinic: &Clinic,
    grant: &Grant<ReadFeed>,
    token: &Token,
) -> Result<Option<String>, VaultError> {
    let hash = token.hash();
    let found = store::by_token(&mut clinic.vault.read(grant).await?, &hash).await?;
    let Some(found) = found else { return Ok(None) };
    let profile = clinic.profile.get();
    let today = profile.zone.civil(clinic.clock().now()).day();
    let span = (today.plus_days(-BEFORE), today.plus_days(AHEAD));
    let visits = clinic
        .vault
        .change(grant, async |tx| {
            let mut visits = store::visits(tx, found.staff_id, found.language, span).await?;
            if found.names {
                for visit in &mut visits {
                    visit.blocked = blocking::stands_in(tx, visit.patient_id).await?;
                }
            }
            store::note_read(tx, found.id).await?;
            let seen = visits.iter().filter(|one| found.names && !one.blocked);
            let seen: Vec<_> = seen.map(|one| one.patient_id).collect();
            let subject = if seen.is_empty() { Subject::Clinic } else { Subject::Patients(seen) };
            let event = Event::new("feed.read", subject).on("calendar_feed", found.id);
            Ok::<_, VaultError>((visits, event.with_detail(json!({ "staff": found.staff_id }))))
        })
        .await?;
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(found.language, key);
    let instant = |at: Civil| profile.zone.instant(at);
    let entries: Vec<_> = visits.iter().map(|one| one.entry(found.names, &say, &instant)).collect();
    Ok(Some(calendar::feed(&format!("{}: {}", profile.name, found.doctor), &entries)))
}

fn event(action: &'static str, id: FeedId) -> Event {
    Event::new(action, Subject::Clinic).on("calendar_feed", id)
}

/// What the pages need of when a program last asked: whether it still does.
pub(crate) fn is_silent(read_at: Option<Timestamp>, now: Timestamp) -> bool {
    const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
    read_at.is_none_or(|at| at.plus_ms(WEEK_MS) < now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_nobody_asked_for_a_week_is_silent() {
        let at = Timestamp::from_unix_ms;
        assert!(is_silent(None, at(0)));
        assert!(!is_silent(Some(at(0)), at(604_800_000)));
        assert!(is_silent(Some(at(0)), at(604_800_001)));
    }
}
