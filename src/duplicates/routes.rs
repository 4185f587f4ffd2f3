//! Duplicates on the web: the pairs that wait, one pair with its choices, and
//! what a card says of its own.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::contact::{Iin, Sex};
use crate::duplicates::{self, Choice, MergeForm, Pair, Side};
use crate::ids::PatientId;
use crate::pages::{Chrome, View};
use crate::patients::{self, Brief, PatientError};
use crate::vault::Grant;
use crate::vault::permission::{FindPatients, MergePatients};
use crate::web::{Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/duplicates", list)
        .post("/duplicates/look", look)
        .get("/duplicates/{a}/{b}", compare)
        .post("/duplicates/{a}/{b}/merge", merge)
        .post("/duplicates/{a}/{b}/apart", apart)
        .get("/patients/{patient_id}/duplicates", of_patient)
        .post("/patients/{patient_id}/duplicates", of_patient)
        .get("/patients/{patient_id}/likely-duplicates", fact)
}

/// Pairs on a page.
const PAGE: i64 = 10;

/// The pairs that wait for a decision.
#[derive(Debug, Serialize)]
pub struct LikelyPage {
    pairs: Vec<PairView>,
    count: i64,
    page: i64,
    pages: i64,
    /// New pairs of a search that just ended.
    found: Option<u64>,
}

/// One pair, and what the card that comes of it is to say.
#[derive(Debug, Serialize)]
pub struct PairPage {
    pair: PairView,
    rows: Vec<RowView>,
    kept: Choice,
    version_a: i64,
    version_b: i64,
    /// Somebody changed a card meanwhile.
    changed: bool,
}

/// A card's likely duplicates, and a search for another card to merge it with.
#[derive(Debug, Serialize)]
pub struct LikelyOfPatient {
    id: PatientId,
    pairs: Vec<PairView>,
    query: String,
    found: Vec<Brief>,
}

/// A line on a card that has likely duplicates; nothing on one that has none.
#[derive(Debug, Serialize)]
pub struct LikelyFact {
    id: PatientId,
    count: usize,
}

#[derive(Debug, Serialize)]
struct PairView {
    a: SideView,
    b: SideView,
    /// 0 to 100; None for two cards that nobody has found alike.
    percent: Option<i64>,
    /// Fluent keys end so: codes with dashes.
    reasons: Vec<String>,
    two_people: bool,
    births_differ: bool,
}

#[derive(Debug, Serialize)]
struct SideView {
    id: PatientId,
    number: i64,
    name: String,
    birth_date: Option<Day>,
    iin_masked: Option<String>,
    iin_unverified: Option<String>,
    phones: Vec<String>,
    visits: i64,
    last_visit: Option<Day>,
}

/// A line of the form where the cards differ.
#[derive(Debug, Serialize)]
struct RowView {
    name: &'static str,
    /// Fluent key of what it is.
    label: &'static str,
    a: String,
    b: String,
    /// Whether the values are words of a Fluent key, not of a person.
    keyed: bool,
    may_both: bool,
    chosen: Choice,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    page: i64,
    found: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
    chrome: Chrome,
    Query(shown): Query<Shown>,
) -> Result<Page, Problem> {
    let skip = (shown.page.clamp(1, 100_000) - 1) * PAGE;
    let (mut pairs, count) = duplicates::waiting(&clinic, &grant, skip, PAGE).await?;
    let pages = ((count + PAGE - 1) / PAGE).max(1);
    let page = shown.page.clamp(1, pages);
    if pairs.is_empty() && page > 1 {
        pairs = duplicates::waiting(&clinic, &grant, (page - 1) * PAGE, PAGE).await?.0;
    }
    let pairs = pairs.iter().map(PairView::of).collect();
    let view = LikelyPage { pairs, count, page, pages, found: shown.found };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

async fn look(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
) -> Result<Response, Problem> {
    let found = duplicates::look(&clinic, &grant).await?;
    Ok(see_other(&format!("/duplicates?found={found}")))
}

async fn compare(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
    chrome: Chrome,
    Path((a, b)): Path<(PatientId, PatientId)>,
) -> Result<Page, Problem> {
    let pair = duplicates::pair(&clinic, &grant, a, b).await?;
    let view = PairPage::of(&pair, &MergeForm::proposed(&pair), false);
    Page::of(&clinic, &chrome.active("patients"), &view)
}

async fn merge(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
    chrome: Chrome,
    Path((a, b)): Path<(PatientId, PatientId)>,
    Form(form): Form<MergeForm>,
) -> Result<Response, Problem> {
    let pair = duplicates::pair(&clinic, &grant, a, b).await?;
    let decided = form.decided(&pair);
    match duplicates::merge(&clinic, &grant, &decided).await {
        Ok(()) => {
            let number = [&pair.a.card, &pair.b.card]
                .into_iter()
                .find(|card| card.id == decided.absorbed.0)
                .map_or(0, |card| card.number);
            Ok(see_other(&format!("/patients/{}?merged={number}", decided.kept.0)))
        }
        Err(PatientError::Changed(_)) => {
            let (version_a, version_b) = (pair.a.card.version, pair.b.card.version);
            let view = PairPage::of(&pair, &MergeForm { version_a, version_b, ..form }, true);
            let page = Page::of(&clinic, &chrome.active("patients"), &view)?;
            Ok(page.status(StatusCode::CONFLICT).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn apart(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
    Path((a, b)): Path<(PatientId, PatientId)>,
) -> Result<Response, Problem> {
    duplicates::keep_apart(&clinic, &grant, a, b).await?;
    Ok(see_other("/duplicates"))
}

async fn of_patient(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
    Form(typed): Form<Typed>,
) -> Result<Page, Problem> {
    let pairs = duplicates::of_patient(&clinic, &grant, id).await?;
    let find = grant.also::<FindPatients>()?;
    let mut found = patients::find(&clinic.vault, &find, &typed.q).await?;
    found.retain(|brief| brief.id != id);
    let pairs = pairs.iter().map(PairView::of).collect();
    let view = LikelyOfPatient { id, pairs, query: typed.q, found };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

async fn fact(
    State(clinic): State<Clinic>,
    grant: Grant<MergePatients>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
) -> Result<Page, Problem> {
    let count = duplicates::of_patient(&clinic, &grant, id).await?.len();
    Page::of(&clinic, &chrome.active("patients"), &LikelyFact { id, count })
}

impl PairView {
    fn of(pair: &Pair) -> Self {
        let (a, b) = (&pair.a.card, &pair.b.card);
        #[expect(clippy::cast_possible_truncation, reason = "a score is 0 to 1")]
        let percent = |score: f64| (score * 100.0).round() as i64;
        let reasons = pair.likely.iter().flat_map(|likely| &likely.reasons);
        Self {
            percent: pair.likely.as_ref().map(|likely| percent(likely.score)),
            reasons: reasons.map(|code| code.replace('_', "-")).collect(),
            two_people: pair.are_two_people(),
            births_differ: matches!((a.birth_date, b.birth_date), (Some(a), Some(b)) if a != b),
            a: SideView::of(&pair.a),
            b: SideView::of(&pair.b),
        }
    }
}

impl SideView {
    fn of(side: &Side) -> Self {
        let card = &side.card;
        Self {
            id: card.id,
            number: card.number,
            name: card.name.clone(),
            birth_date: card.birth_date,
            iin_masked: card.iin.as_ref().map(Iin::masked),
            iin_unverified: card.iin_unverified.clone(),
            phones: card.phones.clone(),
            visits: side.visits,
            last_visit: side.last_visit.as_ref().and_then(|last| last.get(..10)?.parse().ok()),
        }
    }
}

impl PairPage {
    fn of(pair: &Pair, form: &MergeForm, changed: bool) -> Self {
        let (a, b) = (&pair.a.card, &pair.b.card);
        let day = |day: Option<Day>| day.map(crate::i18n::dates::numeric).unwrap_or_default();
        let sex = |sex: Option<Sex>| match sex {
            Some(Sex::Male) => "patients-sex-male".to_owned(),
            Some(Sex::Female) => "patients-sex-female".to_owned(),
            None => "patients-sex-unknown".to_owned(),
        };
        let iin = |card: &patients::Patient| {
            let known = card.iin.as_ref().map(Iin::masked);
            known.or_else(|| card.iin_unverified.clone()).unwrap_or_default()
        };
        let phones = |card: &patients::Patient| {
            let shown = card.phones.iter().map(|phone| {
                crate::contact::Phone::parse(phone)
                    .map_or_else(|_| phone.clone(), |p| p.to_string())
            });
            shown.collect::<Vec<_>>().join(", ")
        };
        let email = |card: &patients::Patient| {
            card.email.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        let row = |name, label, a: String, b: String, chosen| RowView {
            keyed: false,
            may_both: matches!(name, "allergy" | "source" | "note"),
            name,
            label,
            a,
            b,
            chosen,
        };
        let keyed = |row: RowView| RowView { keyed: true, ..row };
        let speaks = |card: &patients::Patient| format!("patients-writes-{}", card.language.tag());
        let rows = vec![
            row("name", "patients-name", a.name.clone(), b.name.clone(), form.name),
            row(
                "birth_date",
                "patients-field-birth-date",
                day(a.birth_date),
                day(b.birth_date),
                form.birth_date,
            ),
            row("iin", "patients-field-iin", iin(a), iin(b), form.iin),
            row("phones", "duplicates-first-phone", phones(a), phones(b), form.phones),
            row("email", "patients-field-email", email(a), email(b), form.email),
            keyed(row("sex", "patients-field-sex", sex(a.sex), sex(b.sex), form.sex)),
            keyed(row("language", "patients-field-language", speaks(a), speaks(b), form.language)),
            row(
                "allergy",
                "patients-field-allergy",
                a.allergy.clone(),
                b.allergy.clone(),
                form.allergy,
            ),
            row("source", "patients-field-source", a.source.clone(), b.source.clone(), form.source),
            row("note", "patients-field-note", a.note.clone(), b.note.clone(), form.note),
        ];
        Self {
            pair: PairView::of(pair),
            rows: rows.into_iter().filter(|row| row.a != row.b).collect(),
            kept: form.kept,
            version_a: form.version_a,
            version_b: form.version_b,
            changed,
        }
    }
}

mod samples {
    use super::{
        Brief, Choice, LikelyFact, LikelyOfPatient, LikelyPage, PairPage, PairView, PatientId,
        RowView, SideView, View,
    };
    use crate::clock::Timestamp;

    fn side(number: i64) -> SideView {
        SideView {
            id: PatientId::new(Timestamp::from_unix_ms(1_795_402_800_000)),
            number,
            name: "Kim Vera".to_owned(),
            birth_date: "1984-05-12".parse().ok(),
            iin_masked: (number == 1).then(|| "********0005".to_owned()),
            iin_unverified: (number == 2).then(|| "123".to_owned()),
            phones: vec!["+77012345678".to_owned(); usize::from(number == 1)],
            visits: 3,
            last_visit: "2026-11-20".parse().ok().filter(|_| number == 1),
        }
    }

    fn pair(percent: Option<i64>) -> PairView {
        PairView {
            a: side(1),
            b: side(2),
            percent,
            reasons: vec!["same-phone".to_owned(), "initials".to_owned()],
            two_people: percent.is_none(),
            births_differ: true,
        }
    }

    impl View for LikelyPage {
        const TEMPLATE: &'static str = "duplicates/list.html";

        fn samples() -> Vec<Self> {
            let pairs = vec![pair(Some(80)), pair(None)];
            let none = Self { pairs: Vec::new(), count: 0, page: 1, pages: 1, found: Some(0) };
            vec![Self { pairs, count: 12, page: 1, pages: 2, found: Some(2) }, none]
        }
    }

    impl View for PairPage {
        const TEMPLATE: &'static str = "duplicates/pair.html";

        fn samples() -> Vec<Self> {
            let row = |keyed, may_both| RowView {
                name: "note",
                label: "patients-field-note",
                a: "patients-writes-ru".to_owned(),
                b: String::new(),
                keyed,
                may_both,
                chosen: Choice::Both,
            };
            let page = |percent, changed| Self {
                pair: pair(percent),
                rows: vec![row(true, false), row(false, true)],
                kept: Choice::A,
                version_a: 1,
                version_b: 1,
                changed,
            };
            vec![page(Some(80), false), page(Some(80), true), page(None, false)]
        }
    }

    impl View for LikelyOfPatient {
        const TEMPLATE: &'static str = "duplicates/of_patient.html";

        fn samples() -> Vec<Self> {
            let id = side(1).id;
            let found = vec![Brief {
                id,
                number: 3,
                name: "Kim Vera".to_owned(),
                birth_date: None,
                phone: None,
                masked: false,
                allergy: false,
            }];
            let full = Self { id, pairs: vec![pair(Some(80))], query: "kim".to_owned(), found };
            let none = Self { query: "x".to_owned(), found: Vec::new(), pairs: Vec::new(), id };
            vec![full, none]
        }
    }

    impl View for LikelyFact {
        const TEMPLATE: &'static str = "duplicates/fact.html";

        fn samples() -> Vec<Self> {
            let id = side(1).id;
            vec![Self { id, count: 2 }, Self { id, count: 0 }]
        }
    }
}
