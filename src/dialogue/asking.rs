//! What the clinic offers just now, for the step that is asked about.

use std::collections::BTreeSet;

use super::model::{Facts, Step, Talk};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::online::settings::{self, ConsentText};
use crate::online::{Offer, OnlineError};
use crate::vault::permission::ViewClinic;
use crate::vault::{Grant, VaultError};

/// The offer, and what may be chosen at a step.
pub struct Shown {
    pub offer: Offer,
    pub consent: ConsentText,
    pub facts: Facts,
    /// When the visit stands that is to be moved.
    pub stands: Option<Civil>,
}

/// Times are looked up where they are asked about only.
pub async fn shown(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    language: Language,
    talk: &Talk,
) -> Result<Shown, VaultError> {
    let offer = Offer::read(clinic, grant, language).await?;
    let consent = settings::newest_consent(&mut clinic.vault.read(grant).await?).await?;
    let service = talk.service.and_then(|id| offer.service(id));
    let mut facts = Facts {
        services: offer.services.iter().map(|one| one.id).collect(),
        doctors: service.map_or_else(Vec::new, |it| offer.who(it.id).map(|one| one.id).collect()),
        ..Facts::default()
    };
    if let (Some(service), Step::Day | Step::Time | Step::Confirm) = (service, talk.step) {
        let now = clinic.profile.get().zone.civil(clinic.clock().now());
        let last = offer.window(service, now).last;
        let free = match offer.free(clinic, grant, service, talk.doctor, (now, last)).await {
            Ok(free) => free,
            Err(OnlineError::Vault(error)) => return Err(error),
            // It is no longer offered.
            Err(_) => Vec::new(),
        };
        let days: BTreeSet<Day> = free.iter().map(|slot| slot.starts.day()).collect();
        let of_day = free.iter().map(|slot| slot.starts).filter(|at| Some(at.day()) == talk.day);
        facts.days = days.into_iter().collect();
        facts.times = of_day.collect::<BTreeSet<Civil>>().into_iter().collect();
    }
    Ok(Shown { offer, consent, facts, stands: None })
}
