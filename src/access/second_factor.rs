//! One's own second factor, beside signing in: set up by whoever may do with the
//! password alone and wants more, or given up again by them.

use crate::access::challenge::{Challenge, Step};
use crate::access::{AccessError, store};
use crate::clinic::Clinic;
use crate::crypto::totp::TotpSecret;
use crate::vault::permission::OwnAccount;
use crate::vault::{Event, Grant, Subject};

/// How one's own account stands.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Standing {
    pub set_up: bool,
    /// Whether the clinic's rules or one's rights ask for it.
    pub needed: bool,
}

pub async fn standing(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<Standing, AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let set_up = store::has_second_factor(&mut clinic.vault.read(grant).await?, staff).await?;
    Ok(Standing { set_up, needed: clinic.vault.needs_two_factors(grant, staff).await? })
}

/// A secret to set up, sealed for the form that comes back.
pub fn propose(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
) -> Result<(String, String), AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let secret = TotpSecret::generate(&clinic.random).to_base32().to_string();
    let step = Step::Enrol(secret.clone());
    Ok((secret, Challenge::new(staff, step, clinic.clock().now()).seal(clinic)))
}

/// The secret of such a form; None when it is somebody else's or too old.
pub fn proposed(clinic: &Clinic, grant: &Grant<OwnAccount>, challenge: &str) -> Option<String> {
    let open = Challenge::open(clinic, challenge)?;
    match open.next {
        Step::Enrol(secret) if Some(open.staff) == grant.staff() => Some(secret),
        _ => None,
    }
}

/// Sets it up, once a code shows that the phone has the secret.
///
/// # Errors
/// [`AccessError::Wrong`]; [`AccessError::StartOver`].
pub async fn set_up(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    challenge: &str,
    code: &str,
) -> Result<(), AccessError> {
    let secret = proposed(clinic, grant, challenge).ok_or(AccessError::StartOver)?;
    let secret = TotpSecret::from_base32(&secret).ok_or(AccessError::StartOver)?;
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let step = secret.check(&digits, clinic.clock().now().unix_seconds());
    let step = step.ok_or(AccessError::Wrong)?;
    clinic
        .vault
        .change(grant, async |tx| {
            store::unenrol(tx, staff).await?;
            store::enrol(tx, staff, secret.bytes()).await?;
            store::spend_step(tx, staff, step).await?;
            Ok(((), Event::new("second_factor.set_up", Subject::Clinic).on("staff", staff)))
        })
        .await
}

/// Gives it up again; its recovery codes go with it.
///
/// # Errors
/// [`AccessError::FactorNeeded`].
pub async fn give_up(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<(), AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    if clinic.vault.needs_two_factors(grant, staff).await? {
        return Err(AccessError::FactorNeeded);
    }
    clinic
        .vault
        .change(grant, async |tx| {
            store::unenrol(tx, staff).await?;
            Ok(((), Event::new("second_factor.given_up", Subject::Clinic).on("staff", staff)))
        })
        .await
}
