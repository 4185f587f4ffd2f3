//! Letters that tell of what cannot wait: somebody opened a card because it had
//! to be (SECURITY.md 5.2). Whose card and why in words stays in the program: a
//! mailbox abroad is no place for it (94-V article 16).

use serde::Deserialize;
use serde_json::Value;

use crate::clinic::Clinic;
use crate::emergency::{self, AccessId, Notice};
use crate::i18n::{Language, dates};
use crate::jobs::{JobFailure, Jobs};
use crate::mail::jobs::grant;
use crate::mail::model::{Kind, NewLetter, To};
use crate::mail::{TOPIC, enqueue, people, store};
use crate::vault::{Event, Events, Subject, Tx, VaultError};

#[derive(Deserialize)]
struct Payload {
    access: AccessId,
}

/// This capability's work; put together in `app`.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(emergency::OPENED, |clinic, payload| async move { tell(&clinic, payload).await })
}

/// Writes to everybody who answers for it and has an address; once, however
/// often it is done.
async fn tell(clinic: &Clinic, payload: Value) -> Result<(), JobFailure> {
    let Payload { access } =
        serde_json::from_value(payload).map_err(|_| JobFailure("bad_payload".to_owned()))?;
    clinic
        .vault
        .change(&grant()?, async |tx| {
            let about = access.to_string();
            let mut told =
                Events::from(Event::new("emergency.told", Subject::Clinic).on("emergency", access));
            let notice = emergency::notice(tx, access).await?;
            let Some(notice) = notice.filter(|notice| !notice.reviewed) else {
                return Ok(((), told));
            };
            if store::is_about(tx, Kind::Emergency, &about).await? {
                return Ok(((), told));
            }
            for overseer in people::overseers(tx).await? {
                if overseer.address.is_none() {
                    continue;
                }
                let letter = written(clinic, overseer.language, &notice);
                let letter =
                    NewLetter { to: To::Staff(overseer.id), about: Some(about.clone()), ..letter };
                let id = enqueue(tx, &letter).await?;
                let queued = Event::new("letter.queued", Subject::Clinic).on("letter", id);
                told = told.and(queued.touching(TOPIC));
            }
            Ok::<_, VaultError>(((), told))
        })
        .await
        .map_err(JobFailure::from)
}

/// Whether the access that a letter tells of still waits for its review.
pub(super) async fn is_open(tx: &mut Tx, about: Option<&str>) -> Result<bool, VaultError> {
    let Some(Ok(access)) = about.map(str::parse) else { return Ok(false) };
    Ok(emergency::notice(tx, access).await?.is_some_and(|notice| !notice.reviewed))
}

fn written(clinic: &Clinic, language: Language, notice: &Notice) -> NewLetter {
    let words = clinic.pages.words();
    let profile = clinic.profile.get();
    let at = profile.zone.civil(notice.opened_at);
    let role = words.plain(language, &format!("shell-role-{}", notice.role.name()));
    let cause = words.plain(language, &format!("emergency-cause-{}", notice.cause.name()));
    let about = [
        ("clinic", profile.name.clone().into()),
        ("day", dates::numeric(at.day()).into()),
        ("time", dates::time(at).into()),
        ("role", role.into()),
        ("cause", cause.into()),
        ("link", format!("{}/emergencies", clinic.places.staff_url).into()),
    ];
    NewLetter {
        kind: Kind::Emergency,
        to: To::Staff(notice.staff_id),
        about: None,
        language,
        subject: words.with(language, "mail-letter-emergency-subject", &about),
        body: words.with(language, "mail-letter-emergency-body", &about),
        secret: None,
        attached: None,
    }
}
