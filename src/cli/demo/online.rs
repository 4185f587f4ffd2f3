//! Online booking of the demo: switched on for what the clinic does, with one
//! service for acute pain and one that the desk confirms.

use crate::cli::CliError;
use crate::clinic::Clinic;
use crate::online::settings::{self, DoctorTerms, ServiceTerms};
use crate::reminders;
use crate::schedule::{self, Catalog, ServiceDraft};
use crate::vault::permission::{SetUpClinic, SetUpOnline};
use crate::vault::{Actor, Grant};

/// So many services of the price list are on the page.
const SHOWN: usize = 9;

/// In practice since, in turn.
const SINCE: [i64; 5] = [2012, 2008, 2017, 2005, 2020];

const PAIN: [&str; 3] = ["Острая боль", "Қатты ауырсыну", "Acute pain"];
const PREPARE: [&str; 3] = [
    "Возьмите удостоверение и прежние снимки, если они есть. Приходите за 10 минут.",
    "Жеке куәлікті және бар болса бұрынғы суреттерді алыңыз. 10 минут бұрын келіңіз.",
    "Bring your identity card and earlier X-rays if you have them. Come 10 minutes early.",
];

pub async fn open(clinic: &Clinic, set_up: &Grant<SetUpClinic>) -> Result<(), CliError> {
    let grant: Grant<SetUpOnline> = Actor::console().grant().map_err(CliError::said)?;
    let mut pain = ServiceDraft::named(PAIN[0]);
    PAIN[1].clone_into(&mut pain.name_kk);
    PAIN[2].clone_into(&mut pain.name_en);
    let pain = schedule::add_service(&clinic.vault, set_up, &pain).await.map_err(CliError::said)?;
    let catalog = catalog(clinic, set_up).await?;
    let urgent = ServiceTerms { online: true, urgent: true, ..ServiceTerms::default() };
    set(clinic, &grant, pain, &urgent).await?;
    let usual = catalog.offered().filter(|one| one.id != pain && one.price.is_some());
    let usual = usual.filter(|one| catalog.performers(one).next().is_some());
    for (at, service) in usual.take(SHOWN).enumerate() {
        let terms = ServiceTerms {
            online: true,
            moderated: at == SHOWN - 1,
            urgent: false,
            prepare_ru: PREPARE[0].to_owned(),
            prepare_kk: PREPARE[1].to_owned(),
            prepare_en: PREPARE[2].to_owned(),
        };
        set(clinic, &grant, service.id, &terms).await?;
    }
    for (at, doctor) in catalog.doctors().enumerate() {
        let since_year = Some(SINCE[at % SINCE.len()]);
        let terms = DoctorTerms { since_year, ..DoctorTerms::default() };
        let known = settings::set_doctor(clinic, &grant, doctor.id, &terms).await;
        known.map_err(CliError::said)?;
    }
    let cutoff = reminders::cutoff(clinic, &grant).await.map_err(CliError::said)?;
    let now = settings::current(clinic, &grant).await.map_err(CliError::said)?;
    let open = crate::online::Settings { enabled: true, asks: true, ..now };
    settings::set(clinic, &grant, &open, cutoff).await.map_err(CliError::said)
}

async fn set(
    clinic: &Clinic,
    grant: &Grant<SetUpOnline>,
    id: crate::ids::ServiceId,
    terms: &ServiceTerms,
) -> Result<(), CliError> {
    settings::set_service(clinic, grant, id, terms).await.map(|_| ()).map_err(CliError::said)
}

async fn catalog(clinic: &Clinic, grant: &Grant<SetUpClinic>) -> Result<Catalog, CliError> {
    let mut reader = clinic.vault.read(grant).await.map_err(CliError::said)?;
    schedule::setup(&mut reader).await.map_err(CliError::said)
}
