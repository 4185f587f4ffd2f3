//! Every state of the page, for the suite.

use super::{AuditPage, Choice, FilterForm, Group, PeriodView, VerifiedView};
use crate::audit::Hours;
use crate::audit::routes::entry::{EntryView, FindingView};
use crate::pages::View;
use crate::web::FieldErrors;

impl View for AuditPage {
    const TEMPLATE: &'static str = "audit/log.html";

    fn samples() -> Vec<Self> {
        let choice = || Choice { value: "a".to_owned(), label: "a".to_owned() };
        let page = |entries, verified, findings: Vec<FindingView>, found| Self {
            entries,
            filter: FilterForm::default(),
            errors: FieldErrors::from([("from", "audit-error-day".to_owned())]),
            older: Some("/audit?before=5".to_owned()),
            newer: Some("/audit".to_owned()),
            file: "/audit/export.csv".to_owned(),
            periods: vec![PeriodView { name: "today", href: "/audit".to_owned(), chosen: true }],
            groups: vec![Group { kind: "look", actions: vec![choice()] }],
            people: vec![choice()],
            reasons: vec![choice()],
            devices: vec![choice()],
            found,
            hours: Hours {
                labels: vec!["8".to_owned(), "9".to_owned()],
                counts: vec![0, 3],
                usual: vec![2, 5],
                total: 3,
            },
            open: [i64::from(!findings.is_empty()), 1, 0],
            findings,
            overdue: true,
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
        let entries = vec![EntryView::sample(), EntryView::sample_of_a_job()];
        let quiet = Self {
            errors: FieldErrors::new(),
            older: None,
            newer: None,
            overdue: false,
            open: [0; 3],
            hours: Hours { labels: Vec::new(), counts: Vec::new(), usual: Vec::new(), total: 0 },
            ..page(Vec::new(), None, Vec::new(), None)
        };
        vec![
            page(entries, None, FindingView::samples(), Some(vec![12, 48])),
            page(Vec::new(), Some(whole), Vec::new(), Some(Vec::new())),
            page(Vec::new(), Some(broken), Vec::new(), None),
            quiet,
        ]
    }
}
