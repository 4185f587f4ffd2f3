//! Importing: files are read and guessed (a draft), looked at, carried out in
//! batches, and can be stopped, repeated and undone as a whole.
//!
//! A row is taken once: its `source_key` is remembered. A visit of a past day
//! is entered with how it ended and takes nobody's time; one of today or later
//! is booked, and when its time is taken it is flagged. Nobody is written to.

mod carry;
pub mod model;
pub mod report;
pub mod routes;
mod store;

use std::collections::HashMap;

use serde_json::json;

use super::guess::{Kind, Layout};
use super::interpret::{File, Known, Outcome, interpret, open};
use super::person::Person;
use super::reading::ReadError;
use crate::clinic::Clinic;
use crate::contact::{Name, Phone};
use crate::crypto::blob::BlobError;
use crate::ids::PatientId;
use crate::schedule;
use crate::vault::permission::ImportRecords;
use crate::vault::{Event, Grant, Subject, VaultError};

pub use model::{ImportRunId, Offered, RowReport, Run, RunFile, RunState};
pub use store::{KnownPerson, Made, hand_over_in, people};

/// Rows that are taken in one transaction.
pub const BATCH: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Which file, and why it cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, ReadError),
    #[error("there is no such import")]
    NoSuch,
    /// It, or another one, is running, or it is done or undone.
    #[error("not now: the import is {0:?}")]
    NotNow(RunState),
    #[error(transparent)]
    Files(#[from] BlobError),
    #[error(transparent)]
    Schedule(#[from] schedule::ScheduleError),
    #[error(transparent)]
    Patients(#[from] crate::patients::PatientError),
    #[error(transparent)]
    Booking(#[from] crate::booking::BookingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A file as somebody brings it.
#[derive(Clone, Debug)]
pub struct Upload {
    pub name: String,
    pub kind: Option<Kind>,
    pub bytes: Vec<u8>,
}

/// What an import would do, and on which cards.
pub struct Preview {
    pub outcome: Outcome,
    pub files: Vec<File>,
    /// Of each known card, in the order of `Known::people`.
    pub card_ids: Vec<PatientId>,
}

/// Reads files and looks at what they would bring, writing nothing.
///
/// # Errors
/// [`ImportError::Unreadable`].
pub async fn look(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    uploads: &[Upload],
) -> Result<Preview, ImportError> {
    let today = today(clinic);
    let read = |upload: &Upload| {
        open(&upload.name, &upload.bytes, upload.kind, today.to_jiff())
            .map_err(|error| ImportError::Unreadable(upload.name.clone(), error))
    };
    let files = uploads.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    understood(clinic, grant, files).await
}

/// Keeps files as a draft with the guess of what they are.
///
/// # Errors
/// [`ImportError::Unreadable`]; nothing is kept then.
pub async fn draft(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    uploads: Vec<Upload>,
) -> Result<ImportRunId, ImportError> {
    let today = today(clinic);
    let mut files = Vec::new();
    for upload in uploads {
        let file = open(&upload.name, &upload.bytes, upload.kind, today.to_jiff());
        let file = file.map_err(|error| ImportError::Unreadable(upload.name.clone(), error))?;
        let (blob, _) = clinic.files.put_bytes(upload.bytes).await?;
        files.push(RunFile { name: upload.name, kind: upload.kind, blob, layouts: file.layouts });
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let id = ImportRunId::new(tx.now());
            store::insert_run(tx, id, &files, grant.staff()).await?;
            Ok((id, event("import.drafted", id).with_detail(json!({ "files": files.len() }))))
        })
        .await
}

/// What a draft would do as it stands.
pub async fn preview(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
) -> Result<Preview, ImportError> {
    let run = run(clinic, grant, id).await?;
    let files = files_of(clinic, &run).await?;
    understood(clinic, grant, files).await
}

/// Corrects the guess of one sheet.
///
/// # Errors
/// [`ImportError::NotNow`] when it is no draft any more.
pub async fn set_layout(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
    (file, sheet): (usize, usize),
    layout: Layout,
) -> Result<(), ImportError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let run = store::run_in(tx, id).await?.ok_or(ImportError::NoSuch)?;
            let mut files = run.files;
            let place = files.get_mut(file).and_then(|file| file.layouts.get_mut(sheet));
            *place.ok_or(ImportError::NoSuch)? = layout;
            if !store::set_files(tx, id, &files).await? {
                return Err(ImportError::NotNow(run.state));
            }
            Ok(((), event("import.corrected", id)))
        })
        .await
}

/// Takes the rows of a draft, or goes on with a run that was stopped. Returns
/// when it is done or stopped; `progress` hears of rows done and of all.
pub async fn carry_out(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
    progress: impl Fn(usize, usize),
) -> Result<RunState, ImportError> {
    let run = run(clinic, grant, id).await?;
    if !matches!(run.state, RunState::Draft | RunState::Stopped) {
        return Err(ImportError::NotNow(run.state));
    }
    // Two at once would take the same rows twice.
    let mut states = runs(clinic, grant).await?.into_iter().map(|run| run.state);
    if let Some(state) = states.find(|state| state.is_under_way()) {
        return Err(ImportError::NotNow(state));
    }
    let files = files_of(clinic, &run).await?;
    let preview = understood(clinic, grant, files).await?;
    carry::Carrying::begin(clinic, grant, id, preview).await?.all(&progress).await
}

/// Asks a run to stop after the rows under way.
pub async fn stop(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
) -> Result<(), ImportError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let run = store::run_in(tx, id).await?.ok_or(ImportError::NoSuch)?;
            if run.state != RunState::Running {
                return Err(ImportError::NotNow(run.state));
            }
            store::set_state(tx, id, RunState::Stopping).await?;
            Ok(((), event("import.stop_asked", id)))
        })
        .await
}

/// Marks runs as stopped that a process left when it ended.
pub async fn resume_after_start(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
) -> Result<(), ImportError> {
    for run in runs(clinic, grant).await? {
        if run.state.is_under_way() {
            leave_stopped(clinic, grant, run.id).await?;
        }
    }
    Ok(())
}

/// After a failure: the rows taken so far stay, the rest can go on.
pub async fn leave_stopped(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
) -> Result<(), ImportError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_state(tx, id, RunState::Stopped).await?;
            Ok(((), event("import.stopped", id)))
        })
        .await
}

/// Takes away all that a run added. Cards and visits that somebody has used or
/// changed since stay; the run says how many.
pub async fn undo(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
) -> Result<Run, ImportError> {
    let run_now = run(clinic, grant, id).await?;
    if !matches!(run_now.state, RunState::Done | RunState::Stopped) {
        return Err(ImportError::NotNow(run_now.state));
    }
    loop {
        let seen = clinic
            .vault
            .change(grant, async |tx| {
                let (gone, seen) = store::unmake_some(tx, id, BATCH).await?;
                let subject =
                    if gone.is_empty() { Subject::Clinic } else { Subject::Patients(gone) };
                let part = Event::new("import.taken_back", subject)
                    .on("import", id)
                    .with_detail(json!({ "rows": seen }));
                Ok::<_, ImportError>((seen, part))
            })
            .await?;
        if seen == 0 {
            break;
        }
    }
    clinic
        .vault
        .change(grant, async |tx| {
            store::unmake_rest(tx, id).await?;
            store::set_state(tx, id, RunState::Undone).await?;
            Ok::<_, ImportError>(((), event("import.undone", id)))
        })
        .await?;
    run(clinic, grant, id).await
}

pub async fn run(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
) -> Result<Run, ImportError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::run(&mut reader, id).await?.ok_or(ImportError::NoSuch)
}

/// Newest first.
pub async fn runs(clinic: &Clinic, grant: &Grant<ImportRecords>) -> Result<Vec<Run>, ImportError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::runs(&mut reader).await?)
}

/// How many things of a kind a run added and has not taken back.
pub async fn made(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
    kind: Made,
) -> Result<i64, ImportError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::count_made(&mut reader, id, kind).await?)
}

/// The report of a run, row by row, and the pairs of cards it offers.
pub async fn report(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
) -> Result<(Vec<RowReport>, Vec<Offered>), ImportError> {
    clinic
        .vault
        .list(grant, "import.reported", async |listing| {
            let rows = store::rows(listing, id).await?;
            let offered = store::duplicates(listing, id).await?;
            let whose = rows
                .iter()
                .filter_map(|row| row.patient_id.as_deref()?.parse().ok())
                .collect::<std::collections::BTreeSet<PatientId>>();
            Ok(((rows, offered), whose.into_iter().collect()))
        })
        .await
}

async fn files_of(clinic: &Clinic, run: &Run) -> Result<Vec<File>, ImportError> {
    let today = today(clinic).to_jiff();
    let mut files = Vec::new();
    for file in &run.files {
        let bytes = clinic.files.get_bytes(file.blob).await?;
        let mut opened = open(&file.name, &bytes, file.kind, today)
            .map_err(|error| ImportError::Unreadable(file.name.clone(), error))?;
        if opened.layouts.len() == file.layouts.len() {
            opened.layouts.clone_from(&file.layouts);
        }
        files.push(opened);
    }
    Ok(files)
}

async fn understood(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    files: Vec<File>,
) -> Result<Preview, ImportError> {
    let (known, card_ids) = known(clinic, grant).await?;
    let today = today(clinic).to_jiff();
    let work = move || {
        let outcome = interpret(&files, &known, today);
        (outcome, files)
    };
    let (outcome, files) =
        tokio::task::spawn_blocking(work).await.expect("interpreting does not panic");
    Ok(Preview { outcome, files, card_ids })
}

async fn known(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
) -> Result<(Known, Vec<PatientId>), ImportError> {
    let (people, keys) = clinic
        .vault
        .list(grant, "import.matched", async |listing| {
            let people = store::people(listing).await?;
            let keys = store::keys(listing).await?;
            let whose = people.iter().map(|person| person.id).collect();
            Ok::<_, ImportError>(((people, keys), whose))
        })
        .await?;
    let mut reader = clinic.vault.read(grant).await?;
    let catalog = schedule::setup(&mut reader).await?;
    let card_ids: Vec<PatientId> = people.iter().map(|person| person.id).collect();
    let place: HashMap<PatientId, usize> =
        card_ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let on_card = |(key, id): (String, Option<PatientId>)| Some((key, *place.get(&id?)?));
    let known = Known {
        people: people.iter().map(person_of).collect(),
        rows: keys.into_iter().filter_map(on_card).collect(),
        doctors: catalog.doctors().map(|doctor| doctor.name.clone()).collect(),
        services: catalog.offered().map(|service| (service.name.clone(), service.price)).collect(),
    };
    Ok((known, card_ids))
}

/// A card as the matcher sees it.
pub fn person_of(card: &KnownPerson) -> Person {
    Person {
        name: Name::new(&card.surname, &card.given, &card.patronymic),
        written: card.name.clone(),
        phones: card.phones.iter().filter_map(|phone| Phone::parse(phone).ok()).collect(),
        iin: card.iin.clone(),
        odd_iin: card.iin_unverified.clone().unwrap_or_default(),
        birth_date: card.birth_date.map(crate::clock::Day::to_jiff),
        ..Person::default()
    }
}

fn today(clinic: &Clinic) -> crate::clock::Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

fn event(action: &'static str, id: ImportRunId) -> Event {
    Event::new(action, Subject::Clinic).on("import", id).touching(format!("import:{id}"))
}
