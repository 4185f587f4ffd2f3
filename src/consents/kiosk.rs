//! On the tablet: the patient reads, ticks and signs; [`confirming`](super::confirming) follows.
//!
//! Each verb takes the consent it means: a page that was left open, or another
//! tablet, cannot act on what is shown now (SECURITY.md 6.2).

use serde_json::json;

use crate::clinic::Clinic;
use crate::consents::desk::{self, Expiry, end, ended, event};
use crate::consents::model::{ConsentId, Language, Outcome, Step};
use crate::consents::otp;
use crate::consents::signature::Signature;
use crate::consents::store::{self, Proof, Row};
use crate::consents::tablets::Tablet;
use crate::consents::{ConsentError, TOPIC};
use crate::crypto::hash;
use crate::messaging::{self, About};
use crate::vault::permission::SignConsent;
use crate::vault::{Event, Grant, Tx, VaultError};

/// What lies on a tablet now.
#[derive(Debug)]
pub struct Current {
    pub row: Row,
    /// How many more documents follow.
    pub more: usize,
    pub codes_sent: usize,
    /// The newest code, if one was sent.
    pub code: Option<otp::Issued>,
}

/// The document on a tablet; None when there is none. What lay there too long
/// ends now.
pub async fn current(clinic: &Clinic, tablet: &Tablet) -> Result<Option<Current>, ConsentError> {
    let grant = &tablet.grant;
    let open = {
        let mut reader = clinic.vault.read(grant).await?;
        store::on_tablet(reader.sql(), tablet.row.id, clinic.clock().now()).await?
    };
    for (i, (id, patient)) in open.iter().enumerate() {
        let mut disclosure = clinic.vault.disclose(grant, *patient).await?;
        let Some(row) = store::by_id(disclosure.sql(), *id).await? else { continue };
        if row.expires_at <= clinic.clock().now() {
            drop(disclosure);
            expire(clinic, grant, *id).await?;
            continue;
        }
        let codes_sent = store::codes_sent(disclosure.sql(), *id).await?.len();
        let code = store::newest_code(disclosure.sql(), *id).await?.map(|code| code.issued);
        return Ok(Some(Current { row, more: open.len() - i - 1, codes_sent, code }));
    }
    Ok(None)
}

/// The language a document of this tablet was last shown in: what the patient
/// is thanked in. None for another tablet's.
pub async fn language_of(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
) -> Result<Option<Language>, ConsentError> {
    let mut reader = clinic.vault.read(&tablet.grant).await?;
    Ok(store::language_of(reader.sql(), id, tablet.row.id).await?)
}

/// Whether anything lies on the tablet, without looking at it.
pub async fn waits(clinic: &Clinic, tablet: &Tablet) -> Result<bool, ConsentError> {
    let mut reader = clinic.vault.read(&tablet.grant).await?;
    let now = clinic.clock().now();
    Ok(!store::on_tablet(reader.sql(), tablet.row.id, now).await?.is_empty())
}

async fn expire(
    clinic: &Clinic,
    grant: &Grant<SignConsent>,
    id: ConsentId,
) -> Result<(), ConsentError> {
    let outcome = clinic
        .vault
        .change(grant, async |tx| match desk::end_if_expired(tx, id).await? {
            Expiry::Now(event) => Ok(((), event)),
            Expiry::Open | Expiry::Before => Err(ConsentError::Ended),
        })
        .await;
    match outcome {
        Err(ConsentError::Ended) => Ok(()),
        other => other,
    }
}

/// The consent of a step, if it is this tablet's, open, and at one of these
/// steps.
pub(super) async fn at(
    tx: &mut Tx,
    tablet: &Tablet,
    id: ConsentId,
    steps: &[Step],
) -> Result<Row, ConsentError> {
    let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
    if row.tablet_id != Some(tablet.row.id) {
        return Err(ConsentError::OtherTablet);
    }
    if row.outcome.is_some() || row.expires_at <= tx.now() {
        return Err(ConsentError::Ended);
    }
    if steps.contains(&row.step) { Ok(row) } else { Err(ConsentError::OutOfStep) }
}

const ANY: [Step; 4] = [Step::Read, Step::Sign, Step::Code, Step::Paper];

/// Notes that the text was shown, and as which page.
pub async fn shown(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    html: &str,
) -> Result<(), ConsentError> {
    let html_sha256 = hash::hex(&hash::sha256(html.as_bytes()));
    step(clinic, tablet, id, &[Step::Read], async |tx, row| {
        store::shown(tx, id, &html_sha256).await?;
        Ok(about("consent.shown", row).with_detail(json!({ "language": row.language })))
    })
    .await
}

/// Switches the language before signing. What was read counts no more: the
/// patient signs exactly the language shown.
pub async fn set_language(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    to: Language,
) -> Result<(), ConsentError> {
    step(clinic, tablet, id, &ANY, async |tx, row| {
        store::set_language(tx, id, to).await?;
        Ok(about("consent.language_changed", row).with_detail(json!({ "language": to })))
    })
    .await
}

/// Takes the text as read, with the boxes that were ticked. From here on the
/// document has its bytes and its hash.
pub async fn accept(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    ticked: &[String],
    scrolled: bool,
) -> Result<(), ConsentError> {
    step(clinic, tablet, id, &[Step::Read], async |tx, row| {
        let mut document = row.document()?;
        document.tick(ticked)?;
        let sha256 = hash::sha256(&document.print()?.bytes);
        let next = row.level.after_reading();
        store::accept(tx, id, scrolled, &document.canonical(), &sha256, next).await?;
        let detail = json!({ "document": hash::hex(&sha256), "scrolled": scrolled });
        Ok(about("consent.accepted", row).with_detail(detail))
    })
    .await
}

/// Takes the drawn signature.
pub async fn draw(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    strokes: &str,
) -> Result<(), ConsentError> {
    let svg = Signature::from_strokes(strokes)?.to_svg();
    step(clinic, tablet, id, &[Step::Sign], async |tx, row| {
        store::draw(tx, id, &svg).await?;
        let detail = json!({ "signature": hash::hex(&hash::sha256(svg.as_bytes())) });
        Ok(about("consent.drawn", row).with_detail(detail))
    })
    .await
}

/// Goes one step back.
pub async fn back(clinic: &Clinic, tablet: &Tablet, id: ConsentId) -> Result<(), ConsentError> {
    let steps = [Step::Sign, Step::Code, Step::Paper];
    step(clinic, tablet, id, &steps, async |tx, row| {
        match row.step {
            Step::Code if row.level.needs_drawing() => store::set_step(tx, id, Step::Sign).await?,
            _ => store::set_language(tx, id, row.language).await?,
        }
        Ok(about("consent.went_back", row))
    })
    .await
}

/// The patient would rather sign with a pen.
pub async fn ask_for_paper(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
) -> Result<(), ConsentError> {
    step(clinic, tablet, id, &[Step::Sign, Step::Code], async |tx, row| {
        store::set_step(tx, id, Step::Paper).await?;
        Ok(about("consent.paper_wanted", row))
    })
    .await
}

/// The patient does not agree. Asked for no reason.
pub async fn refuse(clinic: &Clinic, tablet: &Tablet, id: ConsentId) -> Result<(), ConsentError> {
    step(clinic, tablet, id, &ANY, async |tx, row| {
        end(tx, row, Outcome::Refused, "", Proof::default()).await?;
        Ok(ended("consent.refused", row))
    })
    .await
}

/// One step of a consent and its event.
pub(super) async fn step(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    steps: &[Step],
    work: impl AsyncFnOnce(&mut Tx, &Row) -> Result<Event, ConsentError>,
) -> Result<(), ConsentError> {
    let outcome = clinic
        .vault
        .change(&tablet.grant, async |tx| {
            let row = at(tx, tablet, id, steps).await?;
            let event = work(tx, &row).await?;
            Ok(((), event))
        })
        .await;
    if matches!(outcome, Err(ConsentError::OtherTablet)) {
        note_foreign(clinic, tablet, id).await?;
    }
    outcome
}

/// Somebody tried another tablet's consent.
pub(super) async fn note_foreign(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
) -> Result<(), VaultError> {
    let tried = Event::new("consent.foreign_tablet", crate::vault::Subject::Clinic)
        .on("consent", id)
        .because("other_tablet");
    clinic.vault.record(&tablet.grant, tried).await
}

pub(super) fn about(action: &'static str, row: &Row) -> Event {
    event(action, row.patient_id, row.id).touching(TOPIC)
}

/// Whether a code is still of use when its turn to be sent comes: asked by
/// `messaging`, connected in `app`.
pub async fn is_code_wanted(
    tx: &mut Tx,
    consent: &About,
) -> Result<messaging::Verdict, VaultError> {
    let id: Option<ConsentId> = serde_json::from_value(json!(consent.id)).ok();
    let row = match id {
        Some(id) => store::by_id(tx.sql(), id).await?,
        None => None,
    };
    let open = row.is_some_and(|row| row.outcome.is_none() && tx.now() < row.expires_at);
    Ok(if open { messaging::Verdict::Send } else { messaging::Verdict::Withhold("consent_ended") })
}
