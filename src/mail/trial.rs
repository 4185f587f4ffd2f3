//! The letter by which somebody tries the mail server's settings.

use crate::clinic::Clinic;
use crate::contact::Email;
use crate::i18n::Language;
use crate::mail::model::{Kind, LetterId, NewLetter, To};
use crate::mail::{TOPIC, enqueue};
use crate::vault::permission::SetUpGateways;
use crate::vault::{Event, Grant, Subject, VaultError};

/// Queues a letter to an address of whoever tries the settings.
pub async fn send_trial(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    language: Language,
    address: Email,
) -> Result<LetterId, VaultError> {
    let words = clinic.pages.words();
    let name = clinic.profile.get().name.clone();
    let letter = NewLetter {
        kind: Kind::Trial,
        to: To::Nobody(address),
        about: None,
        language,
        subject: words.with(language, "mail-letter-trial-subject", &[("clinic", name.into())]),
        body: words.plain(language, "mail-letter-trial-body"),
        secret: None,
        attached: None,
    };
    clinic
        .vault
        .change(grant, async |tx| {
            let id = enqueue(tx, &letter).await?;
            let tried = Event::new("mail_server.tried", Subject::Clinic);
            Ok((id, tried.on("letter", id).touching(TOPIC)))
        })
        .await
}
