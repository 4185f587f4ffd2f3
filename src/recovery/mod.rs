//! The recovery kit: a key on paper, without which a clinic whose machine has
//! died cannot open its own backups (SECURITY.md 3).
//!
//! The key is made in memory, shown once, and becomes a holder of the keyring
//! when somebody has typed its end from the sheet: proof that it was printed.

use crate::clinic::Clinic;
use crate::crypto::keyring::HolderKind;
use crate::crypto::{Identity, Keyring, KeyringFile, RecoveryKit, ages};
use crate::schedule::ScheduleError;
use crate::vault::permission::ManageKeys;
use crate::vault::{Event, Grant, Subject};

/// A kit between being shown and being confirmed: sealed with the keyring's
/// own key, so that the page can carry it and nothing keeps it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKit(String);

/// The names of the kits that exist: `A`, `B` …
pub fn kits(clinic: &Clinic) -> Vec<String> {
    let keyring = clinic.keys.get();
    let kits = keyring.holders().iter().filter(|holder| holder.kind == HolderKind::Kit);
    kits.map(|holder| holder.name.clone()).collect()
}

impl SealedKit {
    pub fn of(keyring: &Keyring, kit: &RecoveryKit) -> Self {
        let own: Vec<_> =
            keyring.blob_identities().first().map(Identity::recipient).into_iter().collect();
        let sealed = ages::encrypt(kit.identity().to_text().as_bytes(), &own);
        Self(data_encoding::BASE64URL_NOPAD.encode(&sealed))
    }

    /// As it came back from the page.
    pub fn from_form(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// None when it was not sealed here.
    pub fn open(&self, keyring: &Keyring) -> Option<RecoveryKit> {
        let sealed = data_encoding::BASE64URL_NOPAD.decode(self.0.as_bytes()).ok()?;
        let text = ages::decrypt(&sealed, &keyring.blob_identities()).ok()?;
        let identity = Identity::parse(std::str::from_utf8(&text).ok()?).ok()?;
        Some(RecoveryKit::from_identity(identity))
    }
}

/// Lets a printed kit open the keyring from now on, and every later backup.
///
/// # Errors
/// [`ScheduleError::Keyring`] when the keyring could not be stored; then the
/// kit opens nothing.
pub async fn keep_kit(
    clinic: &Clinic,
    grant: &Grant<ManageKeys>,
    kit: &RecoveryKit,
) -> Result<(), ScheduleError> {
    let mut keyring = Keyring::clone(&clinic.keys.get());
    let name = next_name(kits(clinic).len());
    let file = KeyringFile::in_data_dir(&clinic.places.data_dir);
    let kept = clinic
        .vault
        .change(grant, async |tx| {
            let seconds = tx.now().unix_seconds();
            keyring.add_holder(HolderKind::Kit, &name, &kit.recipient(), seconds);
            file.save(&keyring)?;
            let detail = serde_json::json!({
                "name": name, "fingerprint": kit.recipient().fingerprint(),
            });
            let added = Event::new("backup.kit_added", Subject::Clinic).with_detail(detail);
            Ok::<_, ScheduleError>((keyring, added.touching("backup")))
        })
        .await?;
    clinic.keys.replace(kept);
    Ok(())
}

/// `A` for the first, `B` for the second.
fn next_name(count: usize) -> String {
    let letter = u8::try_from(count % 26).expect("less than 26");
    char::from(b'A' + letter).to_string()
}
