//! `signed.pdf`: the document again, with the drawing and the confirmation.

use crate::clock::{Timestamp, Zone};
use crate::consents::document::Document;
use crate::consents::evidence::Evidence;
use crate::consents::signature::Signature;
use crate::paper::{Block, PaperError, Printed, SignatureLine};

/// When things happened, for the sheet; the evidence holds the same in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    pub identity_checked: Option<Timestamp>,
    pub code_sent: Timestamp,
    pub signed: Timestamp,
}

/// Prints the document with how it was confirmed. `zone` is the clinic's.
pub fn print(
    document: &Document,
    evidence: &Evidence,
    signature: Option<&Signature>,
    moments: Moments,
    zone: &Zone,
) -> Result<Printed, PaperError> {
    let labels = &document.labels;
    let mut paper = document.paper();
    paper.dated = moments.signed;
    let patient = SignatureLine {
        caption: format!("{}: {}", labels.signature, document.patient.name),
        description: labels.signature.clone(),
        drawing: signature.map(Signature::to_drawing),
    };
    let staff = SignatureLine {
        caption: format!("{}: {}", labels.staff, evidence.prepared_by.name),
        description: String::new(),
        drawing: None,
    };
    let row = |name: &str, value: String| (name.to_owned(), value);
    let time = |at: Timestamp| local(at, zone);
    let code = &evidence.code;
    let mut rows = vec![
        row(&labels.confirmed_at, format!("{} ({})", time(moments.signed), evidence.signed_at)),
        row(&labels.patient, document.patient.name.clone()),
    ];
    if let (Some(check), Some(at)) = (&evidence.identity_check, moments.identity_checked) {
        rows.push(row(&labels.identity, format!("{}, {}", check.by.name, time(at))));
    }
    rows.extend([
        row(&labels.code, format!("{}: {}", code.phone, time(moments.code_sent))),
        row(&labels.read, minutes(evidence.display.read_ms)),
        row(&labels.tablet, evidence.tablet.name.clone()),
        row(&labels.level, format!("L{}", document.level.number())),
        row(&labels.short_id, evidence.document.short_id.clone()),
        row(&labels.document_hash, grouped(&evidence.document.sha256)),
    ]);
    paper.blocks.push(Block::Together(vec![
        Block::Signatures(vec![patient, staff]),
        Block::Heading(labels.confirmation.clone()),
        Block::Table(rows),
        Block::Note(labels.explanation.clone()),
    ]));
    crate::paper::print(&paper)
}

/// `23.11.2026, 11:04:18` on the clinic's wall clock.
fn local(at: Timestamp, zone: &Zone) -> String {
    let civil = zone.civil(at);
    let (date, minute) = (civil.day().to_jiff(), civil.minute_of_day());
    let seconds = at.unix_seconds().rem_euclid(60);
    let date = date.strftime("%d.%m.%Y");
    format!("{date}, {:02}:{:02}:{seconds:02}", minute / 60, minute % 60)
}

/// `2:12`
fn minutes(ms: i64) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
}

/// Eight hex digits to a group, so that lines break between them.
fn grouped(hex: &str) -> String {
    let groups: Vec<_> = hex
        .as_bytes()
        .chunks(8)
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(" ")
}
