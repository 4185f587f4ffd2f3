//! What the demo clinic holds: the spreadsheets of an invented clinic, taken in
//! by the importer itself.

use crate::accountability::policy;
use crate::accountability::responsible::{self, NewAppointment};
use crate::cli::CliError;
use crate::cli::demo::{days, online};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::contact::{Bin, Phone};
use crate::ids::{PatientId, ResourceId, StaffId};
use crate::interop::guess::Kind;
use crate::interop::run::{self, Upload};
use crate::schedule::{
    self, Catalog, ClinicDraft, PatternDraft, Performer, Requisites, ResourceDraft, ResourceKind,
    Service, Span,
};
use crate::vault::permission::{ImportRecords, KeepRegisters, SetUpClinic};
use crate::vault::{Actor, Grant};

/// For so many days everybody has worked as they work now.
const WORKED_DAYS: i64 = 92;

/// The clinic's own files, as they came from it.
const FILES: [(&str, Kind, &[u8]); 3] = [
    (
        "price-list.xlsx",
        Kind::Prices,
        include_bytes!("../../../tests/data/clinic-small/price-list.xlsx"),
    ),
    ("patients.csv", Kind::People, include_bytes!("../../../tests/data/clinic-small/patients.csv")),
    (
        "journal.xlsx",
        Kind::Journal,
        include_bytes!("../../../tests/data/clinic-small/journal.xlsx"),
    ),
];

/// What the sign over the door and the doors inside say.
const NAME: &str = "Арай Дент";
const ADDRESS: [&str; 2] = ["Алматы, Абая, 52", "Алматы, Абай, 52"];
const ENTRANCE: [&str; 2] = ["Вход со двора, 1 этаж", "Кіреберіс аула жақтан, 1-қабат"];
const PHONE: &str = "+7 727 300 00 00";
const RESPONSIBLE: &str = "Оспанова Бақыт Кенжебекқызы";
const CHAIRS: [&str; 5] = ["Кресло 1", "Кресло 2", "Кресло 3", "Кресло 4", "Кресло 5"];

/// Every day, so that the demo has a day to show whenever it is opened; 09:00 to
/// 19:00 with lunch at one, in minutes of the day.
const WEEKDAYS: [i8; 7] = [1, 2, 3, 4, 5, 6, 7];
pub(super) const HOURS: Span = Span { starts: 9 * 60, ends: 19 * 60 };
pub(super) const LUNCH: Span = Span { starts: 13 * 60, ends: 14 * 60 };

/// Sets the clinic up, imports its files and books some days. `doctor` signs in
/// as the first of its doctors.
pub async fn furnish(clinic: &Clinic, doctor: StaffId) -> Result<(), CliError> {
    let console = Actor::console();
    let set_up: Grant<SetUpClinic> = console.grant().map_err(CliError::said)?;
    let facts = ClinicDraft {
        name: NAME.to_owned(),
        phone: Phone::parse(PHONE).ok(),
        address_ru: ADDRESS[0].to_owned(),
        address_kk: ADDRESS[1].to_owned(),
        entrance_ru: ENTRANCE[0].to_owned(),
        entrance_kk: ENTRANCE[1].to_owned(),
        zone: "Asia/Almaty".to_owned(),
        requisites: Requisites {
            legal_name: "ТОО «Арай Дент»".to_owned(),
            // Made up, with its check digit.
            bin: Bin::parse("190340012348").ok(),
            licence_number: "18012345".to_owned(),
            licence_date: Day::new(2018, 3, 12),
            legal_address: ADDRESS[0].to_owned(),
            email: "info@arai.example".to_owned(),
            responsible: RESPONSIBLE.to_owned(),
        },
    };
    schedule::set_facts(clinic, &set_up, &facts).await.map_err(CliError::said)?;
    let patients = import(clinic).await?;
    let catalog = arrange(clinic, &set_up, doctor).await?;
    schedule::finish_set_up(clinic, &set_up).await.map_err(CliError::said)?;
    accountable(clinic).await?;
    days::book(clinic, &catalog, &patients).await?;
    online::open(clinic, &set_up).await
}

/// Who answers for personal data, and the policy that patients read.
async fn accountable(clinic: &Clinic) -> Result<(), CliError> {
    let grant: Grant<KeepRegisters> = Actor::console().grant().map_err(CliError::said)?;
    let today = today(clinic);
    let order = NewAppointment {
        name: RESPONSIBLE.to_owned(),
        position: "юрист".to_owned(),
        order_number: "7-ПД".to_owned(),
        order_date: today,
        effective_from: today,
    };
    responsible::appoint(&clinic.vault, &grant, &order).await.map_err(CliError::said)?;
    let text = policy::written(clinic, &grant).await.map_err(CliError::said)?.sha256();
    policy::approve(clinic, &grant, &text, ("8-ПД", today)).await.map_err(CliError::said)?;
    Ok(())
}

/// Takes the files in; gives the patients that the journal names.
async fn import(clinic: &Clinic) -> Result<Vec<PatientId>, CliError> {
    let grant: Grant<ImportRecords> = Actor::console().grant().map_err(CliError::said)?;
    let upload = |(name, kind, bytes): (&str, Kind, &[u8])| Upload {
        name: name.to_owned(),
        kind: Some(kind),
        bytes: bytes.to_vec(),
    };
    let uploads = FILES.into_iter().map(upload).collect();
    let id = run::draft(clinic, &grant, uploads).await.map_err(CliError::said)?;
    run::carry_out(clinic, &grant, id, |_, _| {}).await.map_err(CliError::said)?;
    let (rows, _) = run::report(clinic, &grant, id).await.map_err(CliError::said)?;
    let mut patients: Vec<PatientId> =
        rows.iter().filter_map(|row| row.patient_id.as_ref()?.parse().ok()).collect();
    patients.sort_unstable();
    patients.dedup();
    Ok(patients)
}

/// Chairs, everybody's week, and who signs in as whom.
async fn arrange(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    doctor: StaffId,
) -> Result<Catalog, CliError> {
    let before = catalog(clinic, grant).await?;
    let Some(branch) = before.open_branches().next() else {
        return Err(CliError::Said("the demo has no branch".to_owned()));
    };
    let mut chairs = Vec::new();
    for name in CHAIRS {
        let draft = ResourceDraft {
            branch_id: branch.id,
            kind: ResourceKind::Chair,
            name: name.to_owned(),
            short_name: name.to_owned(),
            specialty: String::new(),
            staff_id: None,
        };
        let id = schedule::add_resource(&clinic.vault, grant, &draft).await;
        chairs.push(id.map_err(CliError::said)?);
    }
    // The journal's own time as well: load and empty chairs are looked at backwards.
    let from = today(clinic).plus_days(-WORKED_DAYS);
    for (at, person) in before.doctors().enumerate() {
        let week = week(chairs[at % chairs.len()]);
        let set = schedule::set_week(&clinic.vault, grant, person.id, from, &week).await;
        set.map_err(CliError::said)?;
        if at == 0 {
            let draft = ResourceDraft {
                branch_id: person.branch_id,
                kind: person.kind,
                name: person.name.clone(),
                short_name: person.short_name.clone(),
                specialty: person.specialty.clone(),
                staff_id: Some(doctor),
            };
            let changed = schedule::change_resource(&clinic.vault, grant, person.id, &draft).await;
            changed.map_err(CliError::said)?;
        }
    }
    let catalog_now = catalog(clinic, grant).await?;
    employ_idle(clinic, grant, &catalog_now).await?;
    catalog(clinic, grant).await
}

/// Who performs what is learnt from the journal; whoever it does not name does
/// the first of what is done, so that everybody can be booked.
async fn employ_idle(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    known: &Catalog,
) -> Result<(), CliError> {
    let does = |service: &Service, id| service.minutes_with(id).is_some();
    let idle: Vec<Performer> = known
        .doctors()
        .filter(|doctor| known.offered().all(|service| !does(service, doctor.id)))
        .map(|doctor| Performer { resource_id: doctor.id, duration_minutes: None })
        .collect();
    if idle.is_empty() {
        return Ok(());
    }
    for service in known.offered().take(EVERYBODYS) {
        let mut draft = service.draft();
        draft.performers.extend(idle.iter().copied());
        let changed = schedule::change_service(&clinic.vault, grant, service.id, &draft).await;
        changed.map_err(CliError::said)?;
    }
    Ok(())
}

fn week(chair: ResourceId) -> Vec<PatternDraft> {
    let day = |weekday| PatternDraft {
        weekday,
        hours: HOURS,
        lunch: Some(LUNCH),
        place_id: Some(chair),
        alternate_from: None,
    };
    WEEKDAYS.into_iter().map(day).collect()
}

/// So many services are done by those whom the journal does not name.
const EVERYBODYS: usize = 6;

async fn catalog(clinic: &Clinic, grant: &Grant<SetUpClinic>) -> Result<Catalog, CliError> {
    let mut reader = clinic.vault.read(grant).await.map_err(CliError::said)?;
    schedule::setup(&mut reader).await.map_err(CliError::said)
}

fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}
