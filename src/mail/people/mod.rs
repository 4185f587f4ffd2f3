//! Where a member of staff reads mail: their own word, confirmed by a code that
//! was sent there. The address before is told when it changes, so that nobody
//! turns somebody's notices away unseen.

mod store;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Email;
use crate::crypto::hash::{Digest, equal};
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::mail::model::{CODE_LASTS_MS, Kind, LetterId, NewLetter, To};
use crate::mail::{TOPIC, enqueue};
use crate::vault::permission::{OwnAccount, Permission};
use crate::vault::{Event, Events, Grant, Subject, Tx, VaultError};

pub(super) use store::{awaits, overseers};

/// Wrong codes after which a new one has to be asked for.
const MOST_TRIES: i64 = 5;

/// Between two codes for one person, in milliseconds.
const PAUSE_MS: i64 = 60 * 1000;

/// One's own address, as one's own page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct OwnAddress {
    pub address: Option<Email>,
    pub confirmed_at: Option<Timestamp>,
    /// Waits for its code.
    pub wanted: Option<Email>,
}

/// An address that waits for its code.
#[derive(sqlx::FromRow)]
struct Waiting {
    wanted: Email,
    code_hash: Vec<u8>,
    asked_at: Timestamp,
    tries: i64,
}

/// Somebody who is told when it matters: an owner, a compliance officer, or who
/// stands in for one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Overseer {
    pub id: StaffId,
    pub name: String,
    pub language: Language,
    /// None until one was confirmed.
    pub address: Option<Email>,
}

/// Why an address was not taken or confirmed.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("a code was sent a moment ago")]
    TooSoon,
    #[error("the code is wrong")]
    WrongCode,
    /// Too old, tried too often, or never asked for.
    #[error("no code is waited for")]
    NoCode,
    #[error("this is open to staff only")]
    NotStaff,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// One's own address.
pub async fn own(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<OwnAddress, VaultError> {
    let Some(staff) = grant.staff() else { return Ok(OwnAddress::default()) };
    let found = store::own(&mut clinic.vault.read(grant).await?, staff).await?;
    Ok(found.unwrap_or_default())
}

/// Sends a code to an address that is to become one's own.
///
/// # Errors
/// [`AddressError::TooSoon`] within a minute of the last.
pub async fn ask(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    address: &Email,
) -> Result<(), AddressError> {
    let staff = grant.staff().ok_or(AddressError::NotStaff)?;
    let language = grant.actor().person().map(|person| person.language).unwrap_or_default();
    let code = clinic.random.six_digits();
    let words = clinic.pages.words();
    let name = clinic.profile.get().name.clone();
    let about = [("clinic", name.into()), ("code", code.as_str().into())];
    let letter = NewLetter {
        kind: Kind::Code,
        to: To::StaffAt(staff, address.clone()),
        about: None,
        language,
        subject: words.with(language, "mail-letter-code-subject", &about[..1]),
        body: words.with(language, "mail-letter-code-body", &about),
        secret: Some(code.clone()),
        attached: None,
    };
    let hash = bound(clinic, staff, address, &code);
    clinic
        .vault
        .change(grant, async |tx| {
            let last = store::asked_at(tx, staff).await?;
            if last.is_some_and(|last| tx.now() < last.plus_ms(PAUSE_MS)) {
                return Err(AddressError::TooSoon);
            }
            let id = enqueue(tx, &letter).await?;
            store::ask(tx, staff, address, &hash, id).await?;
            let asked = Event::new("mail_address.asked", Subject::Clinic).on("staff", staff);
            Ok(((), asked.touching(TOPIC)))
        })
        .await
}

/// Takes the code: from now on notices go to the new address, and the one before
/// is told so.
///
/// # Errors
/// [`AddressError::WrongCode`], [`AddressError::NoCode`].
pub async fn confirm(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    code: &str,
) -> Result<(), AddressError> {
    let staff = grant.staff().ok_or(AddressError::NotStaff)?;
    let typed: String = code.chars().filter(char::is_ascii_digit).collect();
    let fits = clinic
        .vault
        .change(grant, async |tx| {
            let waiting = store::waiting(tx, staff).await?;
            let waiting = waiting.filter(|it| it.tries < MOST_TRIES);
            let waiting = waiting.filter(|it| tx.now() < it.asked_at.plus_ms(CODE_LASTS_MS));
            let Some(Waiting { wanted, code_hash, .. }) = waiting else {
                return Err(AddressError::NoCode);
            };
            if !equal(&code_hash, &bound(clinic, staff, &wanted, &typed)) {
                store::wrong(tx, staff, MOST_TRIES).await?;
                let wrong = Event::new("mail_address.code_wrong", Subject::Clinic);
                return Ok((false, Events::from(wrong.on("staff", staff))));
            }
            let told = tell_the_one_before(tx, clinic, grant, staff, Some(&wanted)).await?;
            store::confirm(tx, staff).await?;
            let confirmed = Event::new("mail_address.confirmed", Subject::Clinic);
            let confirmed = confirmed.on("staff", staff).touching(TOPIC);
            Ok((true, told.into_iter().fold(Events::from(confirmed), Events::and)))
        })
        .await?;
    if fits { Ok(()) } else { Err(AddressError::WrongCode) }
}

/// No notices any more; the address is told so.
pub async fn forget(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<(), AddressError> {
    let staff = grant.staff().ok_or(AddressError::NotStaff)?;
    clinic
        .vault
        .change(grant, async |tx| {
            let told = tell_the_one_before(tx, clinic, grant, staff, None).await?;
            store::forget(tx, staff).await?;
            let forgotten = Event::new("mail_address.forgotten", Subject::Clinic);
            let forgotten = forgotten.on("staff", staff).touching(TOPIC);
            Ok(((), told.into_iter().fold(Events::from(forgotten), Events::and)))
        })
        .await
}

/// Who is told when it matters, with or without an address.
pub async fn who_is_told<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<Overseer>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::overseers_at(&mut reader, clinic.clock().now()).await
}

/// The confirmed address of somebody who still is told.
pub(super) async fn overseers_address(
    tx: &mut Tx,
    staff: StaffId,
) -> Result<Option<Email>, VaultError> {
    let all = store::overseers(tx).await?;
    Ok(all.into_iter().find(|one| one.id == staff).and_then(|one| one.address))
}

async fn tell_the_one_before(
    tx: &mut Tx,
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    staff: StaffId,
    after: Option<&Email>,
) -> Result<Option<Event>, VaultError> {
    let Some(before) = store::own_now(tx, staff).await?.filter(|it| Some(it) != after) else {
        return Ok(None);
    };
    let language = grant.actor().person().map(|person| person.language).unwrap_or_default();
    let words = clinic.pages.words();
    let name = clinic.profile.get().name.clone();
    let letter = NewLetter {
        kind: Kind::Moved,
        to: To::StaffAt(staff, before),
        about: None,
        language,
        subject: words.with(language, "mail-letter-moved-subject", &[("clinic", name.into())]),
        body: words.plain(language, "mail-letter-moved-body"),
        secret: None,
        attached: None,
    };
    let id: LetterId = enqueue(tx, &letter).await?;
    Ok(Some(Event::new("letter.queued", Subject::Clinic).on("letter", id)))
}

/// Without the key ring a stolen table of six digits is worth nothing; a code is
/// worth nothing for another person or address.
fn bound(clinic: &Clinic, staff: StaffId, address: &Email, code: &str) -> Digest {
    clinic.keys.get().pin_pepper().sign(&[
        b"mail",
        staff.to_string().as_bytes(),
        address.as_str().as_bytes(),
        code.as_bytes(),
    ])
}
