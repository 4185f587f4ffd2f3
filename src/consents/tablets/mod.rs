//! Tablets: paired by a code that staff show for five minutes, known by a
//! cookie afterwards, and forgotten by one press of a button.
//!
//! A tablet is nobody: its cookie opens the pages of the document that lies on
//! it, and nothing else.

mod routes;
mod store;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::access;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::ConsentError;
use crate::consents::model::PAIRING_MS;
use crate::crypto::hash;
use crate::ids::TabletId;
use crate::vault::permission::{JoinTablet, PairTablet, SignConsent, StartConsent};
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError};
use crate::web::{Guest, Problem};

pub use routes::{JoinPage, TabletsPage, routes};
pub use store::Row;

/// The tablet's cookie. The prefix makes browsers insist on `Secure` and `/`.
pub const TABLET_COOKIE: &str = "__Host-dev";

/// How often it is written down that a tablet is there, in milliseconds.
const SEEN_MS: i64 = 10 * 60 * 1000;

/// How many digits a pairing code has.
const CODE_DIGITS: u32 = 8;

/// How long a wrong pairing code counts against its address and the clinic, in
/// milliseconds.
const JOIN_WINDOW_MS: i64 = 60 * 60 * 1000;
/// Wrong codes from anywhere that do not slow the whole clinic down yet, beside
/// those that cost nobody anything.
const JOIN_FREE: i64 = 25;

/// All tablets, those in use first.
pub async fn all(clinic: &Clinic, grant: &Grant<PairTablet>) -> Result<Vec<Row>, ConsentError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::all(reader.sql()).await?)
}

/// The tablets documents can be sent to.
pub async fn in_use(
    clinic: &Clinic,
    grant: &Grant<StartConsent>,
) -> Result<Vec<Row>, ConsentError> {
    let mut reader = clinic.vault.read(grant).await?;
    let mut tablets = store::all(reader.sql()).await?;
    tablets.retain(|tablet| tablet.revoked_at.is_none());
    Ok(tablets)
}

/// Makes a code for a tablet to be called `name`, good for five minutes and
/// once. Only its keyed digest is stored.
pub async fn offer(
    clinic: &Clinic,
    grant: &Grant<PairTablet>,
    name: &str,
) -> Result<String, ConsentError> {
    let staff = grant.staff().ok_or(VaultError::NotStaff)?;
    let code = format!("{:08}", clinic.random.below(10_u32.pow(CODE_DIGITS)));
    let digest = digest_of(clinic, &code);
    clinic
        .vault
        .change(grant, async |tx| {
            let until = tx.now().plus_ms(PAIRING_MS);
            store::offer(tx, &digest, name.trim(), staff, until).await?;
            Ok((code, Event::new("tablet.pairing_started", Subject::Clinic)))
        })
        .await
}

/// Pairs the tablet that the code was typed on; gives its cookie's value.
///
/// # Errors
/// [`ConsentError::PairingRefused`] when the code is wrong, old or used;
/// [`ConsentError::PairingTooSoon`] while wrong codes of this address, or of
/// all together, hold it up: then the code is not even looked at.
pub async fn join(
    clinic: &Clinic,
    grant: &Grant<JoinTablet>,
    code: &str,
) -> Result<String, ConsentError> {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let digest = digest_of(clinic, &digits);
    let token = clinic.random.hex::<32>();
    let address = grant.actor().origin().ip.map(|ip| ip.to_string()).unwrap_or_default();
    clinic
        .vault
        .change(grant, async |tx| {
            let since = tx.now().plus_ms(-JOIN_WINDOW_MS);
            let failures = store::join_failures(tx.sql(), &address, since).await?;
            let wait_ms = failures.wait_ms(tx.now());
            if wait_ms > 0 {
                return Err(ConsentError::PairingTooSoon { seconds: (wait_ms + 999) / 1000 });
            }
            let Some((name, staff)) = store::take(tx, &digest).await? else {
                store::note_join_failure(tx, &address).await?;
                return Ok((None, Event::new("tablet.pairing_failed", Subject::Clinic)));
            };
            let id = TabletId::new(tx.now());
            store::insert(tx, id, &name, &hash::sha256(token.as_bytes()), staff).await?;
            let paired = Event::new("tablet.paired", Subject::Clinic).on("tablet", id);
            Ok((Some(token), paired.touching("tablets")))
        })
        .await?
        .ok_or(ConsentError::PairingRefused)
}

/// Wrong pairing codes within [`JOIN_WINDOW_MS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct JoinFailures {
    /// From one address.
    pub own: i64,
    pub own_last: Option<Timestamp>,
    /// From anywhere.
    pub everybody: i64,
    pub last: Option<Timestamp>,
}

impl JoinFailures {
    /// Until the next code is looked at, in milliseconds: as for passwords, five
    /// cost nothing, then 2 s, doubling up to a quarter of an hour; all
    /// addresses together begin to wait after thirty.
    fn wait_ms(self, now: Timestamp) -> i64 {
        let own = access::throttle_ms(self.own, self.own_last, now);
        own.max(access::throttle_ms(self.everybody - JOIN_FREE, self.last, now))
    }
}

/// Forgets a tablet: its cookie opens nothing from now on.
pub async fn revoke(
    clinic: &Clinic,
    grant: &Grant<PairTablet>,
    id: TabletId,
) -> Result<(), ConsentError> {
    let staff = grant.staff().ok_or(VaultError::NotStaff)?;
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::revoke(tx, id, staff).await? {
                return Err(ConsentError::NoSuchTablet);
            }
            let revoked = Event::new("tablet.revoked", Subject::Clinic).on("tablet", id);
            Ok(((), revoked.touching("tablets")))
        })
        .await
}

/// The tablet, if it is paired and not revoked.
pub(super) async fn standing(tx: &mut Tx, id: TabletId) -> Result<Row, ConsentError> {
    let tablet = store::by_id(tx.sql(), id).await?;
    tablet.filter(|tablet| tablet.revoked_at.is_none()).ok_or(ConsentError::NoSuchTablet)
}

fn digest_of(clinic: &Clinic, code: &str) -> hash::Digest {
    clinic.keys.get().otp_pepper().sign(&[b"tablet", code.as_bytes()])
}

/// A request from a paired tablet. Members of staff are refused and that is
/// written down; strangers are sent away.
pub struct Tablet {
    pub row: Row,
    pub grant: Grant<SignConsent>,
}

impl FromRequestParts<Clinic> for Tablet {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        match Self::of_request(parts, clinic).await? {
            Some(tablet) => Ok(tablet),
            // No tablet: refused as whoever it is.
            None => match Grant::<SignConsent>::from_request_parts(parts, clinic).await {
                Ok(_) => Err(Problem::SignedOut),
                Err(problem) => Err(problem),
            },
        }
    }
}

impl Tablet {
    /// The tablet behind the cookie; None when there is none.
    pub async fn of_request(parts: &mut Parts, clinic: &Clinic) -> Result<Option<Self>, Problem> {
        let Some(token) = crate::web::cookie(&parts.headers, TABLET_COOKIE) else {
            return Ok(None);
        };
        let digest = hash::sha256(token.as_bytes());
        let guest = Guest::from_request_parts(parts, clinic).await?;
        let found = {
            let mut reader = clinic.vault.read(&guest.grant::<JoinTablet>()?).await?;
            store::by_token(reader.sql(), &digest).await?
        };
        let Some(row) = found else { return Ok(None) };
        let grant = Actor::tablet(row.id, guest.0.origin().clone()).grant::<SignConsent>()?;
        note_seen(clinic, &grant, &row).await?;
        Ok(Some(Self { row, grant }))
    }
}

async fn note_seen(
    clinic: &Clinic,
    grant: &Grant<SignConsent>,
    row: &Row,
) -> Result<(), VaultError> {
    if clinic.clock().now().unix_ms() - row.last_seen_at.unix_ms() < SEEN_MS {
        return Ok(());
    }
    clinic
        .vault
        .change(grant, async |tx| {
            store::seen(tx, row.id).await?;
            Ok(((), Event::new("tablet.seen", Subject::Clinic).on("tablet", row.id)))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_slow_down_their_address_first_and_the_clinic_later() {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let wait = |own, everybody| {
            let (own_last, last) = (Some(now), Some(now));
            JoinFailures { own, own_last, everybody, last }.wait_ms(now)
        };
        assert_eq!(wait(4, 4), 0);
        assert_eq!(wait(5, 5), 2_000);
        assert_eq!(wait(7, 7), 8_000);
        assert_eq!(wait(0, 29), 0);
        assert_eq!(wait(0, 30), 2_000);
        assert_eq!(wait(0, 999), 15 * 60 * 1000);
    }
}
