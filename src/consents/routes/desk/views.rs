//! What the desk's pages show, and samples of each.

use super::{ConsentListPage, ConsentPage, ConsentPrint, Line, Passed, PatientConsents};
use crate::clock::Timestamp;
use crate::consents::document::{Document, Fact, short_id};
use crate::consents::model::{ConsentId, Level, Outcome, Step, masked_phone};
use crate::consents::routes::ShownPart;
use crate::consents::store::Row;
use crate::consents::{ConsentError, TOPIC, topic};
use crate::ids::PatientId;
use crate::pages::View;
use crate::vault::Grant;
use crate::vault::permission::{DownloadConsents, StartConsent, ViewConsents};

impl Line {
    pub(super) fn of(row: &Row, now: Timestamp) -> Result<Self, ConsentError> {
        let document = row.document()?;
        let (state, kind) = state(row, now);
        Ok(Self {
            id: row.id,
            number: row.number.clone(),
            title: document.title,
            patient_id: row.patient_id,
            patient: document.patient.name,
            state,
            kind,
            prepared_at: row.prepared_at,
            prepared_by: row.prepared_by_name.clone(),
        })
    }
}

/// The end of the Fluent key of a consent's state, and its badge.
fn state(row: &Row, now: Timestamp) -> (&'static str, &'static str) {
    if row.withdrawn_at.is_some() {
        return ("withdrawn", "bad");
    }
    match row.outcome {
        Some(Outcome::Signed) => ("signed", "ok"),
        Some(Outcome::SignedOnPaper) => ("paper-signed", "ok"),
        Some(Outcome::Refused) => ("refused", "bad"),
        Some(Outcome::Cancelled) => ("cancelled", ""),
        Some(Outcome::Expired) => ("expired", "warn"),
        None if row.step != Step::Paper && row.expires_at <= now => ("expired", "warn"),
        None => match row.step {
            Step::Read if row.shown_at.is_none() => ("waiting", "info"),
            Step::Read => ("reading", "info"),
            Step::Sign => ("signing", "info"),
            Step::Code => ("code", "info"),
            Step::Paper => ("paper", "warn"),
        },
    }
}

impl ConsentPage {
    pub(super) fn of(
        row: &Row,
        grant: &Grant<ViewConsents>,
        now: Timestamp,
    ) -> Result<Self, ConsentError> {
        let document = row.document()?;
        let line = Line::of(row, now)?;
        let expired = line.state == "expired";
        let digest = row.document_sha256.as_deref().and_then(|sha| <[u8; 32]>::try_from(sha).ok());
        let passed = [
            ("prepared", Some(row.prepared_at)),
            ("shown", row.shown_at),
            ("accepted", row.accepted_at),
            ("ended", row.ended_at),
            ("withdrawn", row.withdrawn_at),
        ];
        let passed = passed.into_iter().filter_map(|(what, at)| Some(Passed { what, at: at? }));
        let checks: Vec<_> = ShownPart::all(&document.parts);
        Ok(Self {
            topic: topic(row.id),
            language: row.language.tag(),
            level: row.level.number(),
            version: document.template.version,
            phone: row.phone.as_deref().map(masked_phone).unwrap_or_default(),
            checks: checks.into_iter().filter(|part| part.kind == "check").collect(),
            facts: document.facts,
            passed: passed.collect(),
            step: row.step,
            open: row.outcome.is_none() && !expired,
            on_tablet: row.tablet_id.is_some(),
            stands: row.stands(),
            has_signed: row.signed_pdf.is_some(),
            has_pack: row.pack.is_some(),
            sha256: digest.map(|sha| crate::crypto::hash::hex(&sha)).unwrap_or_default(),
            short_id: digest.map(|sha| short_id(&sha)).unwrap_or_default(),
            withdrawn_by: row.withdrawn_by.clone().unwrap_or_default(),
            may_start: grant.actor().may::<StartConsent>(),
            may_download: grant.actor().may::<DownloadConsents>(),
            line,
        })
    }
}

impl ConsentPrint {
    pub(super) fn of(row: &Row) -> Result<Self, ConsentError> {
        let document: Document = row.document()?;
        let evidence = row.evidence.as_deref().map(serde_json::from_str).transpose()?;
        let between = |svg: &str, from: &str| {
            let rest = svg.split_once(from)?.1;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let svg = row.signature_svg.as_deref().filter(|_| row.outcome == Some(Outcome::Signed));
        let drawn = |from| svg.and_then(|svg| between(svg, from)).unwrap_or_default();
        Ok(Self {
            number: row.number.clone(),
            title: document.title,
            version: document.template.version,
            clinic: document.clinic.name,
            patient: document.patient.name,
            staff: row.prepared_by_name.clone(),
            language: row.language.tag(),
            facts: document.facts,
            parts: ShownPart::all(&document.parts),
            basis: document.basis,
            drawing: drawn(" d=\""),
            drawing_size: drawn("viewBox=\""),
            signed_at: row.ended_at.filter(|_| row.outcome.is_some_and(Outcome::stands)),
            evidence,
            id: row.id,
            patient_id: row.patient_id,
        })
    }
}

fn sample_line(state: &'static str, kind: &'static str) -> Line {
    let now = Timestamp::from_unix_ms(1_790_000_000_000);
    Line {
        id: ConsentId::new(now),
        number: "2026-000042".to_owned(),
        title: "Consent".to_owned(),
        patient_id: PatientId::new(now),
        patient: "Ada Lovelace".to_owned(),
        state,
        kind,
        prepared_at: now,
        prepared_by: "Reception".to_owned(),
    }
}

/// Every state a consent can show.
const STATES: [(&str, &str); 11] = [
    ("waiting", "info"),
    ("reading", "info"),
    ("signing", "info"),
    ("code", "info"),
    ("paper", "warn"),
    ("signed", "ok"),
    ("paper-signed", "ok"),
    ("refused", "bad"),
    ("cancelled", ""),
    ("expired", "warn"),
    ("withdrawn", "bad"),
];

impl View for PatientConsents {
    const TEMPLATE: &'static str = "consents/of_patient.html";

    fn samples() -> Vec<Self> {
        let patient_id = PatientId::new(Timestamp::from_unix_ms(1_790_000_000_000));
        let all = || STATES.iter().map(|(state, kind)| sample_line(state, kind)).collect();
        vec![
            Self { patient_id, lines: Vec::new(), may_start: true },
            Self { patient_id, lines: all(), may_start: false },
        ]
    }
}

impl View for ConsentListPage {
    const TEMPLATE: &'static str = "consents/list.html";

    fn samples() -> Vec<Self> {
        let lines = STATES.iter().map(|(state, kind)| sample_line(state, kind)).collect();
        let page = |lines, codes| Self { lines, topic: TOPIC, codes, most_codes: 300 };
        vec![page(lines, 0), page(Vec::new(), 220)]
    }
}

impl View for ConsentPage {
    const TEMPLATE: &'static str = "consents/one.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let sample = |state, open, stands| {
            let line = sample_line(state, "info");
            Self {
                topic: topic(line.id),
                language: "ru",
                level: Level::L2.number(),
                version: 1,
                phone: "+7 (701) ***-**-78".to_owned(),
                facts: vec![Fact { name: "Service".to_owned(), value: "Filling".to_owned() }],
                checks: vec![ShownPart::of(&crate::consents::template::Part::Check {
                    key: "agree".to_owned(),
                    text: "I agree".to_owned(),
                    required: true,
                    ticked: stands,
                })],
                passed: ["prepared", "shown", "accepted", "ended", "withdrawn"]
                    .map(|what| Passed { what, at: now })
                    .into(),
                step: Step::Read,
                open,
                on_tablet: open,
                stands,
                has_signed: stands,
                has_pack: stands,
                sha256: if stands { "ab".repeat(32) } else { String::new() },
                short_id: if stands { "ABAB-ABAB".to_owned() } else { String::new() },
                withdrawn_by: String::new(),
                may_start: true,
                may_download: true,
                line,
            }
        };
        let mut samples: Vec<_> =
            STATES.iter().map(|(state, _)| sample(state, false, false)).collect();
        samples.push(sample("reading", true, false));
        samples.push(sample("paper", true, false));
        samples.push(sample("signed", false, true));
        samples
    }
}

impl View for ConsentPrint {
    const TEMPLATE: &'static str = "consents/print.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let sample = |drawing: &str| Self {
            number: "2026-000042".to_owned(),
            title: "Consent".to_owned(),
            version: 1,
            clinic: "Clinic".to_owned(),
            patient: "Ada Lovelace".to_owned(),
            staff: "Reception".to_owned(),
            language: "kk",
            facts: Vec::new(),
            parts: Vec::new(),
            basis: "Law".to_owned(),
            drawing: drawing.to_owned(),
            drawing_size: if drawing.is_empty() { String::new() } else { "0 0 9 9".to_owned() },
            signed_at: (!drawing.is_empty()).then_some(now),
            evidence: None,
            id: ConsentId::new(now),
            patient_id: PatientId::new(now),
        };
        vec![sample(""), sample("M1 1L2 2")]
    }
}
