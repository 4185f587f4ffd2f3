//! The recovery kit: a key on paper, without which a clinic whose machine has
//! died cannot open its own backups (SECURITY.md 2.3).
//!
//! The key is made in memory, shown once, and becomes a holder of the keyring
//! when somebody has typed its end from the sheet: proof that it was printed.
//! The first-run wizard and the page of backups both show this one [`Sheet`].

mod sheet;

use crate::clinic::Clinic;
use crate::crypto::keyring::HolderKind;
use crate::crypto::{Identity, Keyring, KeyringError, KeyringFile, RecoveryKit, ages};
use crate::vault::permission::ManageKeys;
use crate::vault::{Cause, Event, Grant, Subject, VaultError};

pub use sheet::{Sheet, Typed};

/// Why a kit was not kept. It opens nothing then.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// What came back from the page was not sealed here: the server was
    /// started anew since, or the page was altered.
    #[error("this kit was not made here, or too long ago")]
    Lost,
    /// What was typed is not the key's end; the same sheet once more.
    #[error("the end of the key was not typed right")]
    Mistyped(Box<Sheet>),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The names of the kits that exist: `A`, `B` …
pub fn kits(clinic: &Clinic) -> Vec<String> {
    names(&clinic.keys.get())
}

/// A new kit, on this sheet and nowhere else: leaving it loses it.
pub fn make(clinic: &Clinic, _grant: &Grant<ManageKeys>) -> Sheet {
    let kit = RecoveryKit::generate();
    Sheet::of(&kit, seal(&clinic.keys.get(), &kit), clinic)
}

/// Lets a printed kit open the keyring from now on, and every later backup.
/// Gives the letter it is called by.
///
/// # Errors
/// [`RecoveryError::Mistyped`] with the same sheet, [`RecoveryError::Lost`];
/// [`RecoveryError::Keyring`] when the keyring could not be stored.
pub async fn keep(
    clinic: &Clinic,
    grant: &Grant<ManageKeys>,
    typed: &Typed,
) -> Result<String, RecoveryError> {
    let kit = open(&clinic.keys.get(), &typed.sealed).ok_or(RecoveryError::Lost)?;
    if !kit.ends_with(&typed.ending) {
        let sheet = Sheet::of(&kit, typed.sealed.clone(), clinic);
        return Err(RecoveryError::Mistyped(Box::new(sheet.refusing(&typed.ending))));
    }
    let file = KeyringFile::in_data_dir(&clinic.places.data_dir);
    let (keyring, name) = clinic
        .vault
        .change(grant, async |tx| {
            // Read here: changes come one after another, and none is lost.
            let mut keyring = Keyring::clone(&clinic.keys.get());
            let name = next_name(&names(&keyring));
            let recipient = kit.recipient();
            keyring.add_holder(HolderKind::Kit, &name, &recipient, tx.now().unix_seconds());
            file.save(&keyring)?;
            let detail =
                serde_json::json!({ "name": name, "fingerprint": recipient.fingerprint() });
            let added = Event::new("backup.kit_added", Subject::Clinic).with_detail(detail);
            Ok::<_, RecoveryError>(((keyring, name), added.touching("backup")))
        })
        .await?;
    clinic.keys.replace(keyring);
    clinic.vault.try_seal(&clinic.keys.get(), Cause::Keys).await;
    Ok(name)
}

fn names(keyring: &Keyring) -> Vec<String> {
    let kits = keyring.holders().iter().filter(|holder| holder.kind == HolderKind::Kit);
    kits.map(|holder| holder.name.clone()).collect()
}

/// The first letter that no kit has; after `Z`, `K27` and so on.
fn next_name(taken: &[String]) -> String {
    let free = |name: &String| !taken.contains(name);
    let letters = ('A'..='Z').map(String::from);
    let numbers = (27..).map(|number| format!("K{number}"));
    letters.chain(numbers).find(free).expect("there is always one more number")
}

/// A kit between being shown and being confirmed: sealed with the keyring's
/// own key, so that the page can carry it and nothing keeps it here.
fn seal(keyring: &Keyring, kit: &RecoveryKit) -> String {
    let own: Vec<_> =
        keyring.blob_identities().first().map(Identity::recipient).into_iter().collect();
    let sealed = ages::encrypt(kit.identity().to_text().as_bytes(), &own);
    data_encoding::BASE64URL_NOPAD.encode(&sealed)
}

/// None when it was not sealed here.
fn open(keyring: &Keyring, sealed: &str) -> Option<RecoveryKit> {
    let sealed = data_encoding::BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
    let text = ages::decrypt(&sealed, &keyring.blob_identities()).ok()?;
    let identity = Identity::parse(std::str::from_utf8(&text).ok()?).ok()?;
    Some(RecoveryKit::from_identity(identity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_takes_the_first_letter_that_is_free() {
        let taken = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(next_name(&[]), "A");
        assert_eq!(next_name(&taken(&["A", "C"])), "B");
        let all: Vec<_> = ('A'..='Z').map(String::from).collect();
        assert_eq!(next_name(&all), "K27");
    }
}
