//! One entry of the ledger and one finding, as every page of the desk shows them.

use serde::Serialize;

use super::words::{acting, office, reason, said, sentence, words};
use crate::audit::Entry;
use crate::audit::findings::{FindingRow, State};
use crate::audit::kind::kind_of;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::Language;

#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    #[serde(flatten)]
    pub entry: Entry,
    /// Unix ms.
    pub at: Option<i64>,
    pub action: String,
    pub icon: &'static str,
    /// Who did it: a name, or what acts here without one.
    pub who: String,
    /// In what office.
    pub office: String,
    /// What kind of thing it was done to.
    pub thing: Option<String>,
    pub reason: Option<String>,
    /// What rule found it, in words.
    pub flag: Option<String>,
}

/// A finding with its explanation.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    #[serde(flatten)]
    pub row: FindingRow,
    pub code: &'static str,
    pub icon: &'static str,
    pub title: String,
    /// What was found, in a sentence with its numbers.
    pub why: String,
    pub who: String,
    pub office: String,
    /// Entries that came after it was answered.
    pub grown: i64,
    pub state_name: &'static str,
}

pub(super) fn entry(clinic: &Clinic, language: Language, entry: Entry) -> EntryView {
    let at = entry.ts.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let thing = entry.object.as_ref().map(|kind| {
        words(clinic, language, &format!("audit-object-{}", kind.replace('_', "-")))
            .unwrap_or_else(|| kind.clone())
    });
    let rule = entry.rule.as_ref();
    EntryView {
        at,
        action: said(clinic, language, &entry.act),
        icon: icon(&entry.act),
        who: entry.name.clone().unwrap_or_else(|| acting(clinic, language, &entry.actor)),
        office: office(clinic, language, entry.role.as_deref().unwrap_or_default()),
        thing,
        reason: entry.why.as_ref().map(|code| reason(clinic, language, code)),
        flag: rule.map(|code| title(clinic, language, code)),
        entry,
    }
}

fn icon(act: &str) -> &'static str {
    use crate::audit::kind::Kind;
    match kind_of(act) {
        Kind::Look => "eye",
        Kind::Change => "edit",
        Kind::Export => "download",
        Kind::SignIn => "login-2",
        Kind::Denial => "ban",
        Kind::Message => "message-2",
        Kind::Job => "server",
    }
}

pub(super) fn finding(clinic: &Clinic, language: Language, row: FindingRow) -> FindingView {
    let code = row.rule.code();
    let key = format!("audit-why-{}", code.replace('_', "-"));
    let who = match (&row.name, row.actor.is_empty()) {
        (Some(name), _) => name.clone(),
        (None, true) => words(clinic, language, "audit-nobody").unwrap_or_default(),
        (None, false) => acting(clinic, language, &row.actor),
    };
    let answered = matches!(row.state, State::Explained | State::Incident);
    FindingView {
        code,
        icon: row.rule.icon(),
        title: title(clinic, language, code),
        why: sentence(clinic, language, &key, &row.numbers),
        who,
        office: row.role.as_deref().map_or_else(String::new, |role| office(clinic, language, role)),
        grown: row.answered_count.filter(|_| answered).map_or(0, |then| row.count - then),
        state_name: state_name(row.state),
        row,
    }
}

fn title(clinic: &Clinic, language: Language, rule: &str) -> String {
    words(clinic, language, &format!("audit-rule-{}", rule.replace('_', "-")))
        .unwrap_or_else(|| rule.to_owned())
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Explained => "explained",
        State::Incident => "incident",
        State::Lapsed => "lapsed",
    }
}

impl EntryView {
    pub(super) fn sample() -> Self {
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
            session: Some("0a1b2c3d".to_owned()),
            why: Some("consultation".to_owned()),
            object: Some("appointment".to_owned()),
            card: Some(1482),
            people: None,
            leaf: "9f3c0000e71a".to_owned(),
            rule: Some("colleague".to_owned()),
            severity: Some(2),
        };
        Self {
            at: Some(at.unix_ms()),
            action: "a".to_owned(),
            icon: "eye",
            who: "Aigul Bekova".to_owned(),
            office: "reception".to_owned(),
            thing: Some("appointment".to_owned()),
            reason: Some("r".to_owned()),
            flag: Some("f".to_owned()),
            entry,
        }
    }

    /// By the clock, and nothing to ask about.
    pub(super) fn sample_of_a_job() -> Self {
        let mut view = Self::sample();
        view.entry.name = None;
        view.entry.card = None;
        view.entry.session = None;
        view.entry.severity = None;
        (view.reason, view.flag, view.thing) = (None, None, None);
        view.entry.people = Some(60);
        view
    }
}

impl FindingView {
    pub(super) fn samples() -> Vec<Self> {
        use crate::audit::findings::{FindingId, Rule, Severity};
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let sample = |rule: Rule, severity, state, answered: Option<Timestamp>| Self {
            row: FindingRow {
                id: FindingId::new(at),
                rule,
                day: crate::clock::Day::new(2026, 11, 23).expect("a day"),
                actor: "x".to_owned(),
                name: Some("Timur Akhmetov".to_owned()),
                role: Some("marketer".to_owned()),
                severity,
                numbers: serde_json::json!({ "people": 62 }),
                count: 62,
                first_at: at,
                last_at: at,
                state,
                answered_at: answered,
                answered_by_name: answered.map(|_| "Gulnara".to_owned()),
                answered_count: answered.map(|_| 60),
            },
            code: rule.code(),
            icon: rule.icon(),
            title: "t".to_owned(),
            why: "w".to_owned(),
            who: "Timur Akhmetov".to_owned(),
            office: "marketer".to_owned(),
            grown: if answered.is_some() { 2 } else { 0 },
            state_name: state_name(state),
        };
        vec![
            sample(Rule::MassViewing, Severity::Alarm, State::Open, None),
            sample(Rule::Colleague, Severity::Warning, State::Explained, Some(at)),
            sample(Rule::OwnFamily, Severity::Notice, State::Incident, Some(at)),
        ]
    }
}
