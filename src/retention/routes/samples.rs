//! Every state the pages of retention can be in.

use super::{
    CardRow, ConsentRow, FirstDue, PatientRetention, RetentionPage, RulePage, RuleRow, VisitRow,
};
use crate::clock::{Day, Timestamp};
use crate::ids::PatientId;
use crate::pages::View;
use crate::retention::{self, CardKind, Code, Fate, HoldRow, Rule, RuleForm, Why};
use crate::web::FieldErrors;

/// A rule and the fates it gives, for samples.
fn sample() -> (Rule, Vec<Fate>) {
    let day = Day::new(2026, 11, 23).expect("a day of the calendar");
    let rule = Rule {
        code: Code::DentalCard,
        version: 1,
        years: 75,
        until_age: Some(75),
        combine: Some(retention::Combine::Later),
        start: Code::DentalCard.start(),
        basis: "Order 1".to_owned(),
        basis_kk: String::new(),
        source: "https://adilet.zan.kz/".to_owned(),
        checked_on: day,
        confirmed: false,
        effective_from: day,
        effective_to: None,
        made_at: Timestamp::from_unix_ms(1_790_000_000_000),
        made_by: None,
    };
    let fate = |due, why| Fate {
        due,
        why,
        rule: Some((rule.code, 1)),
        from: day,
        years: 75,
        until_age: Some(75),
        basis: rule.basis.clone(),
        basis_kk: rule.basis_kk.clone(),
    };
    let fates = vec![
        fate(Some(day), Why::Years),
        fate(Some(day), Why::Age),
        fate(Some(day), Why::Card),
        fate(None, Why::Held),
        fate(None, Why::NoRule),
        fate(None, Why::NotDischarged),
    ];
    (rule, fates)
}

impl View for RetentionPage {
    const TEMPLATE: &'static str = "retention/index.html";

    fn samples() -> Vec<Self> {
        let (rule, fates) = sample();
        let at = Timestamp::from_unix_ms(1_790_000_000_000);
        let due = rule.effective_from;
        let row = |code, rule, count| RuleRow { code, rule, count };
        let cards = fates.into_iter().map(|fate| CardRow {
            id: PatientId::new(at),
            number: 7,
            code: Code::DentalCard,
            fate,
        });
        let empty = Self {
            rules: Vec::new(),
            first_due: None,
            cards: Vec::new(),
            next: None,
            may_edit: false,
        };
        let full = Self {
            rules: vec![
                row(Code::DentalCard, Some(rule.clone()), Some(5)),
                row(
                    Code::Consent,
                    Some(Rule { until_age: None, combine: None, years: 0, ..rule }),
                    None,
                ),
                row(Code::VisitJournal, None, None),
            ],
            first_due: Some(FirstDue { due, count: 214 }),
            cards: cards.collect(),
            next: Some(3),
            may_edit: true,
        };
        vec![empty, full]
    }
}

impl View for RulePage {
    const TEMPLATE: &'static str = "retention/rule.html";

    fn samples() -> Vec<Self> {
        let (rule, _) = sample();
        let made_by = Some(crate::ids::StaffId::new(rule.made_at));
        let form = RuleForm::of(&rule, rule.checked_on);
        let page = |code, errors, may_edit| Self {
            code,
            seen: 1,
            form: form.clone(),
            errors,
            history: vec![Rule { made_by, confirmed: true, ..rule.clone() }, rule.clone()],
            may_edit,
        };
        let error = |field, key: &str| (field, key.to_owned());
        let errors = FieldErrors::from([
            error("years", "retention-error-years"),
            error("basis", "retention-error-basis"),
            error("password", "retention-error-proof"),
        ]);
        vec![
            page(Code::DentalCard, errors, true),
            page(Code::Consent, FieldErrors::new(), true),
            page(Code::VisitJournal, FieldErrors::new(), false),
        ]
    }
}

impl View for PatientRetention {
    const TEMPLATE: &'static str = "retention/patient.html";

    fn samples() -> Vec<Self> {
        let (rule, fates) = sample();
        let day = rule.effective_from;
        let hold = HoldRow {
            id: retention::HoldId::new(rule.made_at),
            reason: "court".to_owned(),
            placed_at: rule.made_at,
        };
        let view = |card: usize, hold, may_hold| Self {
            patient_id: PatientId::new(rule.made_at),
            code: Code::DentalCard,
            kind: CardKind::Inpatient,
            discharged: String::new(),
            may_edit: may_hold,
            card: fates[card].clone(),
            consent: fates[2].clone(),
            visits: fates.iter().map(|fate| VisitRow { day, fate: fate.clone() }).collect(),
            consents: fates[2..]
                .iter()
                .map(|fate| ConsentRow {
                    number: "2026-000042".to_owned(),
                    day,
                    fate: fate.clone(),
                })
                .collect(),
            hold,
            may_hold,
            reason: String::new(),
            errors: FieldErrors::new(),
        };
        let mut refused = view(0, None, true);
        refused.errors.insert("reason", "retention-error-reason".to_owned());
        refused.errors.insert("discharged", "retention-error-discharged".to_owned());
        vec![
            refused,
            view(3, Some(hold.clone()), true),
            view(3, Some(hold), false),
            view(1, None, false),
        ]
    }
}
