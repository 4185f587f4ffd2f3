//! On the tablet, the last step: the code by SMS, and the seal under it.

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::desk::{end, ended};
use crate::consents::document::short_id;
use crate::consents::evidence::{
    ClinicEvidence, CodeEvidence, Display, DocumentEvidence, Evidence, IdentityCheck,
    PatientEvidence, StaffEvidence, TabletEvidence, instant,
};
use crate::consents::kiosk::{about, at, note_foreign, step};
use crate::consents::model::{ConsentId, Identity, Language, Level, Outcome, Step, masked_phone};
use crate::consents::otp::{self, Binding, Today, Verdict};
use crate::consents::seal::{self, Moments};
use crate::consents::signature::Signature;
use crate::consents::store::{self, CodeRow, Proof, Row};
use crate::consents::tablets::Tablet;
use crate::consents::{ConsentError, jobs, pack};
use crate::contact::Phone;
use crate::crypto::hash;
use crate::messaging::text::{Purpose, Values, Variable};
use crate::messaging::{self, About, NewMessage};
use crate::paper::Printed;
use crate::vault::{Event, Tx};

/// Sends a code to the phone on the card.
///
/// # Errors
/// [`ConsentError::Send`] when it is too soon, or enough were sent.
pub async fn send_code(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
) -> Result<(), ConsentError> {
    step(clinic, tablet, id, &[Step::Code], async |tx, row| {
        let phone = row.phone.clone().ok_or(ConsentError::NoPhone)?;
        if store::is_staff_phone(tx.sql(), &phone).await? {
            return Err(ConsentError::StaffPhone);
        }
        let now = tx.now();
        let sent = store::codes_sent(tx.sql(), id).await?;
        let since = now.plus_ms(-otp::DAY_MS);
        let today = Today {
            phone: store::codes_to_phone(tx.sql(), &phone, since).await?,
            clinic: store::codes_since(tx.sql(), since).await?,
        };
        otp::may_send(&sent, today, now)?;
        let printed = row.document()?.print()?;
        let pepper = clinic.keys.get().otp_pepper();
        let (issued, code) = otp::issue(&row.binding(&printed), &pepper, &clinic.random, now);
        let message = enqueue(tx, clinic, row, &phone, &printed, &code).await?;
        let count = sent.len() + 1;
        store::insert_code(tx, id, &phone, &CodeRow { issued, message }).await?;
        let sent = about("consent.code_sent", row).with_detail(json!({ "count": count }));
        Ok(sent.touching(messaging::TOPIC))
    })
    .await
}

async fn enqueue(
    tx: &mut Tx,
    clinic: &Clinic,
    row: &Row,
    phone: &str,
    printed: &Printed,
    code: &str,
) -> Result<String, ConsentError> {
    let short = short_id(&hash::sha256(&printed.bytes));
    let message = NewMessage {
        patient_id: Some(row.patient_id),
        purpose: Purpose::ConsentCode,
        about: About::new("consent", row.id),
        language: row.language.into(),
        to: Phone::parse(phone).map_err(|_| ConsentError::NoPhone)?.into(),
        values: Values::new().with(Variable::Code, code).with(Variable::Document, short),
        secret: Some(code.to_owned()),
        not_after: tx.now().plus_ms(otp::LIFETIME_MS),
        first_by: None,
    };
    Ok(messaging::enqueue(tx, clinic, &message).await?.to_string())
}

/// Judges a typed code; when it is right, seals the consent in one
/// transaction: evidence, ledger entry, state. The pack follows as a job.
/// Gives the language that was signed.
///
/// # Errors
/// [`ConsentError::WrongCode`], [`ConsentError::CodeDead`],
/// [`ConsentError::CodeGone`], [`ConsentError::DocumentChanged`]; each is in
/// the ledger.
pub async fn confirm(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    typed: &str,
) -> Result<Language, ConsentError> {
    let judged = clinic
        .vault
        .change(&tablet.grant, async |tx| {
            let row = at(tx, tablet, id, &[Step::Code]).await?;
            let code = store::newest_code(tx.sql(), id).await?.ok_or(ConsentError::CodeGone)?;
            let printed = row.document()?.print()?;
            let pepper = clinic.keys.get().otp_pepper();
            let binding = row.binding(&printed);
            let verdict = otp::check(&code.issued, &binding, &pepper, typed, tx.now());
            if verdict == Verdict::Right {
                let event = seal_in(tx, clinic, tablet, &row, &code, &printed).await?;
                return Ok(((verdict, row.language), event));
            }
            if matches!(verdict, Verdict::Wrong { .. }) {
                store::wrong_code(tx, id, code.issued.sent_at).await?;
            }
            let refused = about("consent.code_refused", &row).because(reason(verdict));
            Ok::<_, ConsentError>(((verdict, row.language), refused))
        })
        .await;
    if matches!(judged, Err(ConsentError::OtherTablet)) {
        note_foreign(clinic, tablet, id).await?;
    }
    let (verdict, language) = judged?;
    match verdict {
        Verdict::Right => Ok(language),
        Verdict::Wrong { left } => Err(ConsentError::WrongCode { left }),
        Verdict::Dead => Err(ConsentError::CodeDead),
        Verdict::Gone => Err(ConsentError::CodeGone),
        Verdict::DocumentChanged => Err(ConsentError::DocumentChanged),
    }
}

fn reason(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "right",
        Verdict::Wrong { .. } => "wrong",
        Verdict::Dead => "too_many_tries",
        Verdict::Gone => "too_old_or_used",
        Verdict::DocumentChanged => "document_changed",
    }
}

async fn seal_in(
    tx: &mut Tx,
    clinic: &Clinic,
    tablet: &Tablet,
    row: &Row,
    code: &CodeRow,
    printed: &Printed,
) -> Result<Event, ConsentError> {
    if row.level == Level::L3 {
        return Err(ConsentError::PaperOnly);
    }
    let codes_sent = store::codes_sent(tx.sql(), row.id).await?.len();
    let evidence = evidence(clinic, tablet, row, code, printed, codes_sent, tx.now())?;
    let document = row.document()?;
    let moments = Moments {
        identity_checked: row.identity.as_ref().map(|_| row.prepared_at),
        code_sent: code.issued.sent_at,
        signed: tx.now(),
    };
    let drawing = row.signature_svg.as_deref().and_then(Signature::from_svg);
    let zone = &clinic.profile.get().zone;
    let signed = seal::print(&document, &evidence, drawing.as_ref(), moments, zone)?;
    let (document_pdf, _) = clinic.files.put_bytes(printed.bytes.clone()).await?;
    let (signed_pdf, _) = clinic.files.put_bytes(signed.bytes).await?;
    let canonical = evidence.canonical();
    let proof = Proof {
        evidence: Some(&canonical),
        document_pdf: Some(&document_pdf.to_string()),
        signed_pdf: Some(&signed_pdf.to_string()),
    };
    store::use_code(tx, row.id, code.issued.sent_at).await?;
    end(tx, row, Outcome::Signed, "", proof).await?;
    jobs::make_pack(tx, row.id).await?;
    let detail = json!({
        "document": evidence.document.sha256,
        "evidence": hash::hex(&hash::sha256(canonical.as_bytes())),
        "level": row.level, "signature": evidence.signature,
    });
    Ok(ended("consent.signed", row).with_detail(detail))
}

fn evidence(
    clinic: &Clinic,
    tablet: &Tablet,
    row: &Row,
    code: &CodeRow,
    printed: &Printed,
    codes_sent: usize,
    now: Timestamp,
) -> Result<Evidence, ConsentError> {
    let document = row.document()?;
    let sha256 = hash::sha256(&printed.bytes);
    let staff = StaffEvidence { id: row.prepared_by, name: row.prepared_by_name.clone() };
    let identity: Option<Identity> =
        row.identity.as_deref().map(serde_json::from_str).transpose()?;
    let keys = clinic.keys.get();
    let phone = row.phone.clone().ok_or(ConsentError::NoPhone)?;
    let origin = tablet.grant.actor().origin();
    let accepted_at = row.accepted_at.ok_or(ConsentError::OutOfStep)?;
    let shown_at = row.shown_at.unwrap_or(row.prepared_at);
    Ok(Evidence {
        format: 1,
        consent: row.id,
        number: row.number.clone(),
        level: row.level,
        template: document.template.clone(),
        document: DocumentEvidence {
            sha256: hash::hex(&sha256),
            model_sha256: hash::hex(&hash::sha256(document.canonical().as_bytes())),
            bytes: printed.bytes.len() as u64,
            pages: printed.pages as u64,
            language: row.language,
            short_id: short_id(&sha256),
        },
        clinic: Some(ClinicEvidence {
            name: document.clinic.name.clone(),
            bin: document.clinic.bin.clone(),
        }),
        patient: PatientEvidence {
            id: document.patient.id,
            name: document.patient.name.clone(),
            iin_last4: document.patient.iin_last4.clone(),
        },
        signer: "self".to_owned(),
        identity_check: identity.map(|identity| IdentityCheck {
            document: identity.document,
            last4: identity.last4,
            face_matches: identity.face_matches,
            by: staff.clone(),
            at: instant(row.prepared_at),
        }),
        display: Display {
            shown_at: instant(shown_at),
            html_sha256: row.html_sha256.clone().unwrap_or_default(),
            scrolled_to_end: row.scrolled,
            read_ms: accepted_at.unix_ms() - shown_at.unix_ms(),
        },
        checks: document.checks().map(|(key, .., ticked)| (key.to_owned(), ticked)).collect(),
        signature: row.signature_svg.as_ref().map(|svg| hash::hex(&hash::sha256(svg.as_bytes()))),
        code: CodeEvidence {
            phone: masked_phone(&phone),
            phone_index: hash::hex(&keys.lookup_hmac().sign(&[phone.as_bytes()])),
            message: code.message.clone(),
            sent_at: instant(code.issued.sent_at),
            verified_at: instant(now),
            wrong_tries: code.issued.wrong,
            codes_sent: u32::try_from(codes_sent).unwrap_or(u32::MAX),
        },
        tablet: TabletEvidence {
            id: tablet.row.id,
            name: tablet.row.name.clone(),
            user_agent: origin.device.clone().unwrap_or_default(),
            ip: origin.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        },
        prepared_by: staff,
        signed_at: instant(now),
        legal_basis: document.basis,
        seal_key: pack::fingerprint(&keys.seal_key().verifying_key()),
        software: concat!("tirkeu ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}

impl Row {
    fn binding(&self, printed: &Printed) -> Binding {
        Binding {
            consent: self.id,
            document: hash::sha256(&printed.bytes),
            signature: self.signature_svg.as_ref().map(|svg| hash::sha256(svg.as_bytes())),
            phone: self.phone.clone().unwrap_or_default(),
            session: self.session.clone(),
        }
    }
}
