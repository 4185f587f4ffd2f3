//! Every state of the page, for the suite.

use super::{AuditPage, Choice, ConcernView, EntryView, FilterForm, VerifiedView};
use crate::audit::{Entry, Hours};
use crate::clock::Timestamp;
use crate::pages::View;
use crate::web::FieldErrors;

impl View for AuditPage {
    const TEMPLATE: &'static str = "audit/log.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let entry = Entry {
            seq: 5,
            ts: at.rfc3339(),
            act: "patient.viewed".to_owned(),
            actor: "x".to_owned(),
            name: Some("Aigul Bekova".to_owned()),
            role: Some("reception".to_owned()),
            ip: Some("10.0.4.21".to_owned()),
            device: Some("Chrome, Windows".to_owned()),
            why: None,
            object: Some("appointment".to_owned()),
            card: Some(1482),
            people: None,
            leaf: "9f3c0000e71a".to_owned(),
        };
        let system = Entry {
            name: None,
            actor: "job:backup".to_owned(),
            role: Some("job".to_owned()),
            card: None,
            people: Some(60),
            ..entry.clone()
        };
        let view = |entry| EntryView {
            at: Some(at.unix_ms()),
            action: "a".to_owned(),
            who: "Aigul Bekova".to_owned(),
            office: "reception".to_owned(),
            thing: Some("appointment".to_owned()),
            entry,
        };
        let page = |entries, verified| Self {
            entries,
            filter: FilterForm::default(),
            errors: FieldErrors::from([("from", "audit-error-day".to_owned())]),
            older: Some("/audit?before=5".to_owned()),
            actions: vec![Choice { value: "a".to_owned(), label: "a".to_owned() }],
            people: vec![Choice { value: "p".to_owned(), label: "p".to_owned() }],
            hours: Hours {
                labels: vec!["8".to_owned(), "9".to_owned()],
                counts: vec![0, 3],
                total: 3,
            },
            concerns: vec![ConcernView {
                act: "permission.denied".to_owned(),
                label: "d".to_owned(),
                count: 2,
            }],
            size: 6,
            root: "9f3c".repeat(16),
            verified,
        };
        let whole = VerifiedView { whole: true, fault: None, seq: None, milliseconds: 12 };
        let broken = VerifiedView {
            whole: false,
            fault: Some("audit-fault-altered"),
            seq: Some(4),
            milliseconds: 12,
        };
        vec![
            page(vec![view(entry), view(system)], None),
            page(Vec::new(), Some(whole)),
            page(Vec::new(), Some(broken)),
        ]
    }
}
