//! Tablets: paired by a code that staff show for five minutes, known by a
//! cookie afterwards, and forgotten by one press of a button.
//!
//! A tablet is nobody: its cookie opens the pages of the document that lies on
//! it, and nothing else.

mod routes;
mod store;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::clinic::Clinic;
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
/// [`ConsentError::PairingRefused`] when the code is wrong, old or used.
pub async fn join(
    clinic: &Clinic,
    grant: &Grant<JoinTablet>,
    code: &str,
) -> Result<String, ConsentError> {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let digest = digest_of(clinic, &digits);
    let token = clinic.random.hex::<32>();
    clinic
        .vault
        .change(grant, async |tx| {
            let Some((name, staff)) = store::take(tx, &digest).await? else {
                return Ok((None, Event::new("tablet.pairing_failed", Subject::Clinic)));
            };
            let id = TabletId::new(tx.now());
            store::insert(tx, id, &name, &hash::sha256(token.as_bytes()), staff).await?;
            let paired = Event::new("tablet.paired", Subject::Clinic).on("tablet", id);
            Ok::<_, VaultError>((Some(token), paired.touching("tablets")))
        })
        .await?
        .ok_or(ConsentError::PairingRefused)
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
