//! At the desk: taking documents back, what stands, what leaves.

use serde_json::json;

use crate::clinic::Clinic;
use crate::consents::document::Document;
use crate::consents::model::{ConsentId, Language, Outcome, Step, WithdrawalWay};
use crate::consents::store::{self, Proof, Row};
use crate::consents::{ConsentError, TOPIC, otp, topic};
use crate::crypto::BlobHash;
use crate::ids::PatientId;
use crate::patients::blocking;
use crate::vault::permission::{DownloadConsents, StartConsent, ViewConsents};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError, Violation};

/// All of a patient's documents, newest first, with how each ended.
pub async fn of_patient(
    vault: &Vault,
    grant: &Grant<ViewConsents>,
    patient: PatientId,
) -> Result<Vec<Row>, VaultError> {
    let mut disclosure = vault.disclose(grant, patient).await?;
    store::of_patient(disclosure.sql(), patient).await
}

/// One consent.
pub async fn open(
    vault: &Vault,
    grant: &Grant<ViewConsents>,
    id: ConsentId,
) -> Result<Row, ConsentError> {
    let patient = {
        let mut reader = vault.read(grant).await?;
        store::patient_of(reader.sql(), id).await?
    };
    let patient = patient.ok_or(ConsentError::NoSuchConsent)?;
    let mut disclosure = vault.disclose(grant, patient).await?;
    store::by_id(disclosure.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)
}

/// What was given out since a moment, newest first.
pub async fn since(
    vault: &Vault,
    grant: &Grant<ViewConsents>,
    at: crate::clock::Timestamp,
) -> Result<Vec<Row>, ConsentError> {
    vault
        .list(grant, "consents.listed", async |listing| {
            let mut rows = store::since(listing.sql(), at).await?;
            let whose: Vec<PatientId> = rows.iter().map(|row| row.patient_id).collect();
            let mut beyond = listing.beyond(&whose).await?;
            beyond.extend(blocking::hidden_from(listing, grant).await?);
            rows.retain(|row| !beyond.contains(&row.patient_id));
            let seen = rows.iter().map(|row| row.patient_id).collect();
            Ok((rows, seen))
        })
        .await
}

/// How many codes the clinic has sent within a day.
pub async fn codes_today(vault: &Vault, grant: &Grant<ViewConsents>) -> Result<u32, VaultError> {
    let mut reader = vault.read(grant).await?;
    store::codes_since(reader.sql(), vault.clock().now().plus_ms(-otp::DAY_MS)).await
}

/// Takes a document back from the tablet.
pub async fn cancel(
    vault: &Vault,
    grant: &Grant<StartConsent>,
    id: ConsentId,
) -> Result<(), ConsentError> {
    let (_, name) = staff_of(grant.actor())?;
    vault
        .change(grant, async |tx| {
            let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
            end(tx, &row, Outcome::Cancelled, &name, Proof::default()).await?;
            Ok(((), ended("consent.cancelled", &row)))
        })
        .await
}

/// Writes down that the patient signed the printed document with a pen. `scan`
/// is the scanned sheet in the store, when there is one.
pub async fn record_paper(
    vault: &Vault,
    grant: &Grant<StartConsent>,
    id: ConsentId,
    scan: Option<BlobHash>,
) -> Result<(), ConsentError> {
    let (_, name) = staff_of(grant.actor())?;
    let scan = scan.map(|scan| scan.to_string());
    vault
        .change(grant, async |tx| {
            let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
            let proof = Proof { signed_pdf: scan.as_deref(), ..Proof::default() };
            end(tx, &row, Outcome::SignedOnPaper, &name, proof).await?;
            let detail = json!({ "scan": scan, "level": row.level });
            Ok(((), ended("consent.signed_on_paper", &row).with_detail(detail)))
        })
        .await
}

/// Writes down that the patient no longer agrees: a record of its own, the
/// consent stays on file. Contact that rests on it ends at once, because
/// whoever sends asks [`Row::stands`] at that moment.
///
/// # Errors
/// [`ConsentError::NotStanding`] when it was never given, or is withdrawn.
pub async fn withdraw(
    vault: &Vault,
    grant: &Grant<StartConsent>,
    id: ConsentId,
    way: WithdrawalWay,
) -> Result<(), ConsentError> {
    let (staff, name) = staff_of(grant.actor())?;
    vault
        .change(grant, async |tx| {
            let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
            if !row.stands() {
                return Err(ConsentError::NotStanding);
            }
            store::withdraw(tx, id, staff, &name, way).await?;
            let withdrawn = ended("consent.withdrawn", &row).with_detail(json!({ "way": way }));
            Ok(((), withdrawn))
        })
        .await
}

/// Which of a consent's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Document,
    Signed,
    Pack,
}

impl File {
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "document.pdf",
            Self::Signed => "signed.pdf",
            Self::Pack => "pack.zip",
        }
    }
}

/// A file of a consent and its consent. That it left is in the ledger first.
///
/// # Errors
/// [`ConsentError::NoSuchConsent`] when it is not there (yet).
pub async fn download(
    clinic: &Clinic,
    grant: &Grant<DownloadConsents>,
    id: ConsentId,
    file: File,
) -> Result<(Row, Vec<u8>), ConsentError> {
    let row = {
        let mut reader = clinic.vault.read(grant).await?;
        store::by_id(reader.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?
    };
    let stored = match file {
        File::Document => &row.document_pdf,
        File::Signed => &row.signed_pdf,
        File::Pack => &row.pack,
    };
    let bytes = match stored {
        Some(hash) => {
            let hash = hash.parse::<BlobHash>().map_err(|_| ConsentError::NoSuchConsent)?;
            clinic.files.get_bytes(hash).await?
        }
        // Not signed yet: what is to be printed and signed with a pen.
        None if file == File::Document => row.document()?.print()?.bytes,
        None => return Err(ConsentError::NoSuchConsent),
    };
    let left =
        event("consent.downloaded", row.patient_id, id).with_detail(json!({ "file": file.name() }));
    clinic.vault.record(grant, left).await?;
    Ok((row, bytes))
}

impl Row {
    /// The document as ticked, or as it was given out.
    pub fn document(&self) -> Result<Document, serde_json::Error> {
        let given = match self.language {
            Language::Russian => &self.russian,
            Language::Kazakh => &self.kazakh,
        };
        serde_json::from_str(self.document.as_ref().unwrap_or(given))
    }

    /// Whether the patient agreed and still does.
    pub fn stands(&self) -> bool {
        self.outcome.is_some_and(Outcome::stands) && self.withdrawn_at.is_none()
    }

    /// Whether the patient ticked this box of a consent that stands.
    pub fn allows(&self, key: &str) -> bool {
        let ticked = |document: Document| {
            document.checks().any(|(known, _, _, ticked)| known == key && ticked)
        };
        self.stands() && self.document().is_ok_and(ticked)
    }
}

/// Id and name of the member of staff who acts.
pub(super) fn staff_of(
    actor: &crate::vault::Actor,
) -> Result<(crate::ids::StaffId, String), VaultError> {
    let id = actor.staff().ok_or(VaultError::NotStaff)?;
    let person = actor.person().ok_or(VaultError::NotStaff)?;
    Ok((id, person.name.clone()))
}

/// Ends a consent, once.
pub(super) async fn end(
    tx: &mut Tx,
    row: &Row,
    outcome: Outcome,
    by_name: &str,
    proof: Proof<'_>,
) -> Result<(), ConsentError> {
    match store::end(tx, row.id, outcome, by_name, proof).await {
        Err(error) if error.violation() == Some(Violation::Unique) => Err(ConsentError::Ended),
        Err(error) if matches!(error.violation(), Some(Violation::Trigger(_))) => {
            Err(ConsentError::PaperOnly)
        }
        other => Ok(other?),
    }
}

/// Whether a consent's time is over.
pub(super) enum Expiry {
    Open,
    /// It ended just now, and this has to be written down.
    Now(Event),
    /// It had ended already.
    Before,
}

/// Ends a consent whose time is over.
pub(super) async fn end_if_expired(tx: &mut Tx, id: ConsentId) -> Result<Expiry, ConsentError> {
    let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
    if row.outcome.is_some() {
        return Ok(Expiry::Before);
    }
    // A sheet of paper may be signed later the same day.
    if tx.now() < row.expires_at || row.step == Step::Paper {
        return Ok(Expiry::Open);
    }
    end(tx, &row, Outcome::Expired, "", Proof::default()).await?;
    Ok(Expiry::Now(ended("consent.expired", &row)))
}

pub(super) fn event(action: &'static str, patient: PatientId, id: ConsentId) -> Event {
    Event::new(action, Subject::Patient(patient)).on("consent", id).touching(topic(id))
}

pub(super) fn ended(action: &'static str, row: &Row) -> Event {
    event(action, row.patient_id, row.id).touching(TOPIC)
}
