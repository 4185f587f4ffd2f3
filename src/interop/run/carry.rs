//! Carrying an import out, a batch of rows in each transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::json;

use super::model::{ImportRunId, RowReport, RunState, code};
use super::store::{self, Made};
use super::{BATCH, ImportError, Preview, event};
use crate::booking::{self, BookingError, NewAppointment, PastVisit, Place, Source};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::contact::Email;
use crate::contact::name::fold;
use crate::ids::{AppointmentId, BranchId, PatientId, ResourceId, ServiceId};
use crate::interop::guess::Field;
use crate::interop::interpret::{Card, Content, Line, Visit};
use crate::interop::prices::PriceLine;
use crate::interop::values::Status;
use crate::interop::verdict::Verdict;
use crate::patients::merging::LikelyPair;
use crate::patients::{self, NewPatient, PatientError};
use crate::schedule::{self, Performer, ResourceDraft, ResourceKind, ServiceDraft};
use crate::vault::permission::ImportRecords;
use crate::vault::{Event, Events, Grant, Subject, Tx};

/// Minutes of a visit when neither the journal nor the service tells.
const USUAL_MINUTES: i64 = 30;

/// An import under way.
pub(super) struct Carrying<'a> {
    clinic: &'a Clinic,
    grant: &'a Grant<ImportRecords>,
    id: ImportRunId,
    names: Vec<String>,
    preview: Preview,
    clinic_is: ClinicIs,
    /// Of each card of the outcome, once it is known or made.
    cards: Vec<Option<PatientId>>,
    /// Rows that earlier runs have taken.
    taken: HashSet<String>,
    /// How the visits of such rows stand now.
    standing: HashMap<String, booking::Status>,
    today: Day,
}

/// What visits refer to.
#[derive(Default)]
struct ClinicIs {
    branch: Option<BranchId>,
    doctors: HashMap<String, ResourceId>,
    rooms: HashMap<String, ResourceId>,
    services: HashMap<String, (ServiceId, u16)>,
}

impl<'a> Carrying<'a> {
    /// Sets up doctors, rooms and services that are new.
    pub async fn begin(
        clinic: &'a Clinic,
        grant: &'a Grant<ImportRecords>,
        id: ImportRunId,
        preview: Preview,
    ) -> Result<Self, ImportError> {
        let (taken, standing) = clinic
            .vault
            .list(grant, "import.matched", async |listing| {
                let statuses = booking::handover::imported_statuses(listing).await?;
                let visits = store::visits(listing).await?;
                let standing = visits
                    .into_iter()
                    .filter_map(|(key, id)| statuses.get(&id).map(|status| (key, *status)));
                let standing: HashMap<String, booking::Status> = standing.collect();
                Ok::<_, ImportError>(((store::keys(listing).await?, standing), Vec::new()))
            })
            .await?;
        let total = i64::try_from(preview.outcome.lines.len()).unwrap_or(i64::MAX);
        let clinic_is = clinic
            .vault
            .change(grant, async |tx| {
                store::begin_rows(tx, id, total).await?;
                store::set_state(tx, id, RunState::Running).await?;
                let (clinic_is, events) = set_up(tx, clinic, id, &preview).await?;
                Ok::<_, ImportError>((clinic_is, events.and(event("import.started", id))))
            })
            .await?;
        let known = |card: &Card| card.known.and_then(|at| preview.card_ids.get(at)).copied();
        Ok(Self {
            clinic,
            grant,
            id,
            names: preview.files.iter().map(|file| file.name.clone()).collect(),
            cards: preview.outcome.cards.iter().map(known).collect(),
            preview,
            clinic_is,
            taken: taken.into_keys().collect(),
            standing,
            today: super::today(clinic),
        })
    }

    pub async fn all(mut self, progress: &impl Fn(usize, usize)) -> Result<RunState, ImportError> {
        let lines = std::mem::take(&mut self.preview.outcome.lines);
        for (index, batch) in lines.chunks(BATCH).enumerate() {
            let mut reader = self.clinic.vault.read(self.grant).await?;
            let stopping = store::state(&mut reader, self.id).await? == Some(RunState::Stopping);
            drop(reader);
            if stopping {
                return self.end(RunState::Stopped).await;
            }
            self.batch(index * BATCH, batch).await?;
            progress((index * BATCH + batch.len()).min(lines.len()), lines.len());
        }
        self.end(RunState::Done).await
    }

    async fn end(self, state: RunState) -> Result<RunState, ImportError> {
        let pairs = self.preview.outcome.duplicates.iter();
        let offered: Vec<LikelyPair> = pairs
            .filter_map(|pair| {
                let (a, b) = (self.cards[pair.a]?, self.cards[pair.b]?);
                let reasons = pair.reasons.iter().map(code).collect();
                Some(LikelyPair { a, b, score: pair.score, reasons })
            })
            .collect();
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                for pair in &offered {
                    store::insert_duplicate(tx, self.id, pair).await?;
                }
                patients::merging::offer_in(tx, &offered).await?;
                store::set_state(tx, self.id, state).await?;
                let action = if state == RunState::Done { "import.done" } else { "import.stopped" };
                Ok((state, event(action, self.id)))
            })
            .await
    }

    async fn batch(&mut self, first: usize, lines: &[Line]) -> Result<(), ImportError> {
        let (clinic, grant, id) = (self.clinic, self.grant, self.id);
        let cards = clinic
            .vault
            .change(grant, async |tx| {
                let mut cards = self.cards.clone();
                let mut whose = BTreeSet::new();
                let mut added = 0;
                for (offset, line) in lines.iter().enumerate() {
                    let mut report = RowReport::of(first + offset, &self.names[line.file], line);
                    self.take(tx, line, &mut cards, &mut report).await?;
                    added += usize::from(report.added);
                    whose.extend(
                        report.patient_id.as_deref().and_then(|id| id.parse::<PatientId>().ok()),
                    );
                    store::insert_row(tx, id, &report).await?;
                }
                let done = first + lines.len();
                store::set_done(tx, id, i64::try_from(done).unwrap_or(i64::MAX)).await?;
                let subject = if whose.is_empty() {
                    Subject::Clinic
                } else {
                    Subject::Patients(whose.into_iter().collect())
                };
                let taken = Event::new("import.rows_taken", subject)
                    .on("import", id)
                    .with_detail(json!({ "first": first, "rows": lines.len(), "added": added }))
                    .touching(format!("import:{id}"));
                Ok::<_, ImportError>((cards, taken))
            })
            .await?;
        self.cards = cards;
        Ok(())
    }

    async fn take(
        &self,
        tx: &mut Tx,
        line: &Line,
        cards: &mut [Option<PatientId>],
        report: &mut RowReport,
    ) -> Result<(), ImportError> {
        if !matches!(line.verdict, Verdict::Taken | Verdict::Flagged) {
            return Ok(());
        }
        let card = match &line.content {
            Content::Person { card } => *card,
            Content::Visit(visit) => visit.card,
            Content::Price(_) | Content::Nothing => None,
        };
        let patient = match card {
            Some(card) => Some(self.card(tx, card, cards).await?),
            None => None,
        };
        report.patient_id = patient.map(|id| id.to_string());
        if self.taken.contains(&line.source_key) {
            self.compare(line, report);
            return Ok(());
        }
        report.added = true;
        store::add_key(tx, self.id, &line.source_key, patient).await?;
        if let (Content::Visit(visit), Some(patient)) = (&line.content, patient) {
            let (visit_id, clash) = self.visit(tx, visit, patient).await?;
            store::note_made(tx, self.id, Made::Appointment, visit_id).await?;
            report.appointment_id = Some(visit_id.to_string());
            if clash {
                "flagged".clone_into(&mut report.verdict);
                report.reasons.push("time_taken".to_owned());
            }
        }
        Ok(())
    }

    /// A row that was taken before may tell another end of its visit by now:
    /// people decide which is right, the schedule or the journal.
    fn compare(&self, line: &Line, report: &mut RowReport) {
        let (Content::Visit(visit), Some(stands)) =
            (&line.content, self.standing.get(&line.source_key))
        else {
            return;
        };
        let past = visit.day.is_some_and(|day| Day::from_jiff(day) < self.today);
        let told = status_of(visit, past);
        let says = visit.status.is_some() && told != booking::Status::Booked;
        if says && told != *stands {
            "flagged".clone_into(&mut report.verdict);
            report.reasons.push("status_differs".to_owned());
        }
    }

    /// The card of a person, made when it is met first.
    async fn card(
        &self,
        tx: &mut Tx,
        at: usize,
        cards: &mut [Option<PatientId>],
    ) -> Result<PatientId, ImportError> {
        if let Some(id) = cards[at] {
            return Ok(id);
        }
        let mut new = new_patient(&self.preview.outcome.cards[at]);
        let id = match patients::register_in(tx, &new).await {
            Ok((id, _)) => id,
            // Two people with one IIN: the second has it as written, unverified.
            Err(PatientError::IinTaken(_)) => {
                new.iin_unverified = new.iin.take().map(|iin| iin.as_str().to_owned());
                patients::register_in(tx, &new).await?.0
            }
            Err(other) => return Err(other.into()),
        };
        store::note_made(tx, self.id, Made::Patient, id).await?;
        cards[at] = Some(id);
        Ok(id)
    }

    /// Enters a visit. True beside the id when its time was taken already.
    async fn visit(
        &self,
        tx: &mut Tx,
        visit: &Visit,
        patient: PatientId,
    ) -> Result<(AppointmentId, bool), ImportError> {
        let service =
            visit.service.as_deref().and_then(|name| self.clinic_is.services.get(&fold(name)));
        let doctor_id =
            visit.doctor.as_ref().and_then(|name| self.clinic_is.doctors.get(name)).copied();
        let usual = service.map_or(USUAL_MINUTES, |(_, minutes)| i64::from(*minutes));
        let minutes = visit.minutes.map_or(usual, i64::from).clamp(5, 720);
        let day = visit.day.map(Day::from_jiff).ok_or(ImportError::NoSuch)?;
        let start = visit.start.ok_or(ImportError::NoSuch)?;
        let minute = u16::try_from(i32::from(start.hour()) * 60 + i32::from(start.minute()))
            .unwrap_or_default();
        let starts = Civil::new(day, minute).ok_or(ImportError::NoSuch)?;
        let place_id = self.clinic_is.rooms.get(&visit.room).copied();
        let status = status_of(visit, day < self.today);
        let live = matches!(status, booking::Status::Booked | booking::Status::Confirmed);
        let mut clash = false;
        if let (true, true, Some((service_id, _)), Some(doctor_id)) =
            (day >= self.today, live, service, doctor_id)
        {
            let new = NewAppointment {
                patient_id: patient,
                service_id: *service_id,
                starts,
                minutes: Some(minutes - minutes % 5),
                doctor_id: Some(doctor_id),
                place_id: None,
                source: Source::Import,
                comment: comment_of(visit),
                notify: false,
            };
            match booking::book_in(tx, self.grant, &new).await {
                Ok((made, _)) => return Ok((made.id, false)),
                Err(BookingError::Taken(_)) => clash = true,
                Err(BookingError::OddTime | BookingError::Impossible | BookingError::NoSuch) => {}
                Err(other) => return Err(other.into()),
            }
        }
        let past = PastVisit {
            branch_id: self.clinic_is.branch.ok_or(ImportError::NoSuch)?,
            patient_id: patient,
            service_id: service.map(|(id, _)| *id),
            place: Place { starts, minutes, doctor_id, place_id },
            // A place that clashes is not kept: somebody must find another.
            status: if clash { booking::Status::Cancelled } else { status },
            comment: comment_of(visit),
        };
        let (id, _) = booking::record_history(tx, self.grant, &past).await?;
        Ok((id, clash))
    }
}

/// A visit «moved» elsewhere is a cancelled one here: where it went is another
/// row, or nobody wrote it down. A past one without a word was held if it was
/// paid for.
fn status_of(visit: &Visit, past: bool) -> booking::Status {
    match visit.status {
        Some(Status::Completed) => booking::Status::Completed,
        Some(Status::NoShow) => booking::Status::NoShow,
        Some(Status::Cancelled | Status::Moved) => booking::Status::Cancelled,
        Some(Status::Confirmed) if !past => booking::Status::Confirmed,
        Some(Status::Arrived) if past => booking::Status::Completed,
        None if past && visit.sum.is_some() => booking::Status::Completed,
        _ => booking::Status::Booked,
    }
}

/// What the journal says beyond what an appointment holds.
fn comment_of(visit: &Visit) -> String {
    let sum = visit.sum.map(|sum| sum.to_string()).unwrap_or_default();
    let status =
        if visit.status == Some(Status::Completed) { "" } else { visit.status_text.as_str() };
    let parts = [visit.comment.as_str(), status, &sum, &visit.payment];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("; ")
}

fn new_patient(card: &Card) -> NewPatient {
    let name = if card.name.is_empty() {
        crate::contact::Name::new("?", "", "")
    } else {
        card.name.clone()
    };
    let email = Email::parse(&card.email).ok();
    let notes = card.comments.iter().map(String::as_str).chain([
        card.address.as_str(),
        if email.is_some() { "" } else { card.email.as_str() },
        card.card_no.as_str(),
    ]);
    NewPatient {
        name,
        phones: card.phones.clone(),
        other_contacts: card.odd_phones.clone(),
        email,
        birth_date: card.birth_date.map(Day::from_jiff),
        sex: card.sex,
        iin: card.iin.clone(),
        iin_unverified: Some(card.odd_iin.clone()).filter(|text| !text.is_empty()),
        allergy: card.allergies.join(", "),
        source: card.source.clone(),
        note: notes.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; "),
        ..NewPatient::default()
    }
}

async fn set_up(
    tx: &mut Tx,
    clinic: &Clinic,
    run: ImportRunId,
    preview: &Preview,
) -> Result<(ClinicIs, Events), ImportError> {
    let profile = clinic.profile.get();
    let zone = "Asia/Almaty";
    let (branch, opened) = schedule::ensure_branch_in(tx, &profile.name, zone).await?;
    let mut events: Events = Event::new("import.set_up", Subject::Clinic).on("import", run).into();
    if let Some(opened) = opened {
        events = events.and(opened);
    }
    let catalog = schedule::setup_in(tx).await?;
    let mut found = ClinicIs { branch: Some(branch), ..ClinicIs::default() };
    for name in &preview.outcome.doctors {
        let here = catalog
            .resources
            .iter()
            .find(|one| one.kind == ResourceKind::Doctor && one.name == *name);
        let id = match here {
            Some(doctor) => doctor.id,
            None => add(tx, run, branch, ResourceKind::Doctor, name, &mut events).await?,
        };
        found.doctors.insert(name.clone(), id);
    }
    for (cell, name) in rooms(preview) {
        let here = catalog.places().find(|one| one.name == name);
        let id = match here {
            Some(place) => place.id,
            None => add(tx, run, branch, ResourceKind::Room, &name, &mut events).await?,
        };
        found.rooms.insert(cell, id);
    }
    for service in &catalog.services {
        found.services.insert(fold(&service.name), (service.id, service.duration_minutes));
    }
    for (name, line) in services(preview) {
        if found.services.contains_key(&fold(&name)) {
            continue;
        }
        let draft = service_draft(&name, line, &found.doctors);
        let (id, added) = schedule::add_service_in(tx, &draft).await?;
        store::note_made(tx, run, Made::Service, id).await?;
        events = events.and(added);
        found.services.insert(fold(&name), (id, draft.duration_minutes));
    }
    Ok((found, events))
}

async fn add(
    tx: &mut Tx,
    run: ImportRunId,
    branch: BranchId,
    kind: ResourceKind,
    name: &str,
    events: &mut Events,
) -> Result<ResourceId, ImportError> {
    let (id, added) =
        schedule::add_resource_in(tx, &ResourceDraft::named(branch, kind, name)).await?;
    store::note_made(tx, run, Made::Resource, id).await?;
    *events = events.clone().and(added);
    Ok(id)
}

/// Rooms of the journals: what a cell says, and a name made of the column's own
/// title and it («Каб. 2»). More than thirty are no rooms.
fn rooms(preview: &Preview) -> Vec<(String, String)> {
    let title = preview
        .files
        .iter()
        .flat_map(|file| &file.layouts)
        .find_map(|layout| layout.titles.get(layout.column(Field::Room)?).cloned());
    let cells: BTreeSet<&str> = preview
        .outcome
        .lines
        .iter()
        .filter_map(|line| match &line.content {
            Content::Visit(visit) if !visit.room.is_empty() => Some(visit.room.as_str()),
            _ => None,
        })
        .collect();
    if cells.len() > 30 {
        return Vec::new();
    }
    let named = |cell: &str| match &title {
        Some(title) if cell.chars().all(|c| c.is_ascii_digit()) => format!("{title} {cell}"),
        _ => cell.to_owned(),
    };
    cells.into_iter().map(|cell| (cell.to_owned(), named(cell))).collect()
}

/// Services of the price lists; those of the journals when there is no list.
fn services(preview: &Preview) -> Vec<(String, Option<&PriceLine>)> {
    let lines = preview
        .outcome
        .lines
        .iter()
        .filter(|line| matches!(line.verdict, Verdict::Taken | Verdict::Flagged));
    let mut listed: Vec<(String, Option<&PriceLine>)> = Vec::new();
    for line in lines {
        match &line.content {
            Content::Price(price) => listed.push((price.service.clone(), Some(price))),
            Content::Visit(visit) => listed.extend(visit.service.clone().map(|name| (name, None))),
            _ => {}
        }
    }
    listed
}

fn service_draft(
    name: &str,
    line: Option<&PriceLine>,
    doctors: &HashMap<String, ResourceId>,
) -> ServiceDraft {
    let mut draft = ServiceDraft::named(name);
    let Some(line) = line else { return draft };
    draft.category.clone_from(&line.section);
    let minutes = line.minutes.unwrap_or(draft.duration_minutes);
    draft.duration_minutes = minutes.div_ceil(5).clamp(1, 144) * 5;
    draft.price = line.price;
    draft.price_from = line.at_least || line.price_to.is_some();
    let known: Vec<String> = doctors.keys().cloned().collect();
    let list = crate::interop::doctors::Doctors::learn(&known, std::iter::empty());
    let performers: BTreeSet<&ResourceId> =
        list.find_list(&line.doctors).into_iter().filter_map(|name| doctors.get(name)).collect();
    let performer = |id: &ResourceId| Performer { resource_id: *id, duration_minutes: None };
    draft.performers = performers.into_iter().map(performer).collect();
    draft
}
