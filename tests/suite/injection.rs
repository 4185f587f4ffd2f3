//! What somebody types is text on every page, whatever it looks like (OWASP
//! ASVS V1.2, V1.3): tags, quotes, templates, formulas.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use tirkeu::interop::reading::{Cell, read};
use tirkeu::vault::permission::Role;

use crate::planted::{Planted, encoded, form};
use crate::support::{Answer, Browser, TestClinic};

/// Breaks out of text, of attributes in either quotes, and of templates; a mark
/// with the field's name follows each.
fn hostile(field: &str) -> String {
    format!("=zq{field}\"zq'zq<zq>{{{{7*7}}}}{{% for a in b %}}")
}

/// As it must never stand in a page.
const ALIVE: [&str; 5] = ["\"zq", "'zq", "<zq", "gt;49", "49{%"];

fn looked_through(path: &str, answer: &Answer) {
    assert!(!answer.status.is_server_error(), "{path}: {} {}", answer.status, answer.body);
    if !answer.header(CONTENT_TYPE.as_str()).starts_with("text/html") {
        return;
    }
    // Attributes that hold JSON are unescaped by the browser before they are read.
    for alive in ALIVE {
        if let Some(at) = answer.body.find(alive) {
            let from = answer.body.floor_char_boundary(at.saturating_sub(200));
            let to = answer.body.ceil_char_boundary((at + 200).min(answer.body.len()));
            panic!("{alive} is alive in {path}: …{}…", &answer.body[from..to]);
        }
    }
}

#[tokio::test]
async fn what_is_typed_into_any_field_is_text_on_every_page() {
    let planted = Planted::with(&hostile).await;
    let mut shown = String::new();
    for role in [Role::Owner, Role::Reception, Role::Doctor, Role::Compliance, Role::Sysadmin] {
        let mut browser = planted.clinic.sign_in(role).await;
        for path in planted.pages() {
            if !browser.is_live() {
                browser = planted.clinic.sign_in(role).await;
            }
            let answer = browser.get(&path).await;
            looked_through(&path, &answer);
            shown.push_str(&answer.body);
        }
    }
    for route in ["/m/{token}", "/m/{token}/move", "/m/{token}/cancel"] {
        let answer = visit(&planted.clinic, &planted.path(route)).await;
        looked_through(route, &answer);
        shown.push_str(&answer.body);
    }
    // The test would pass as well if the pages showed nothing.
    let is_shown = |field: &&str| shown.contains(&format!("zq{field}&quot;zq"));
    let hidden: Vec<&str> = FIELDS.into_iter().filter(|field| !is_shown(field)).collect();
    assert_eq!(hidden, Vec::<&str>::new(), "shown nowhere");
}

/// Those that some page shows whole.
const FIELDS: [&str; 43] = [
    "clinic",
    "address_ru",
    "address_kk",
    "entrance_ru",
    "entrance_kk",
    "legal_name",
    "licence",
    "legal_address",
    "responsible",
    "doctor",
    "specialty",
    "chair",
    "service",
    "service_kk",
    "category",
    "branch",
    "branch_address",
    "staff",
    "surname",
    "given",
    "allergy",
    "note",
    "comment",
    "text",
    "wording",
    "import_doctor",
    "emergency",
    "role",
    "deputation",
    "verdict",
    "review",
    "limit",
    "finding",
    "applicant",
    "contact",
    "wish",
    "refusal_ru",
    "incident",
    "correction",
    "advice_ru",
    "mail_login",
    "outside",
    "said",
];

async fn visit(clinic: &TestClinic, path: &str) -> Answer {
    let request = axum::http::Request::get(path).body(axum::body::Body::empty());
    crate::support::send(&clinic.public, request.unwrap()).await
}

#[tokio::test]
async fn what_a_refused_form_says_again_is_text() {
    let planted = Planted::with(&|field| field.to_owned()).await;
    let owner = planted.clinic.sign_in(Role::Owner).await;
    let evil = hostile("again");
    for (path, field) in [
        ("/patients", "phone"),
        ("/patients", "birth_date"),
        ("/setup/clinic", "phone"),
        ("/setup/clinic", "zone"),
        ("/settings/branches", "phone"),
        ("/messages/texts/booking_made/ru", "source"),
        ("/messages/gateway", "endpoint"),
        ("/consents/wordings/messages", "russian"),
        ("/consents/staff-phones", "phone"),
        ("/settings/holidays", "day"),
        ("/sign-in", "login"),
        ("/sign-in", "next"),
        ("/backups/folder", "folder"),
        ("/search", "q"),
        ("/appointments/patients", "query"),
        ("/appointments/new", "query"),
        ("/appointments/new", "name"),
    ] {
        let typed = form(&[
            (field, &evil),
            ("kind", "kannel"),
            ("kazakh", &evil),
            ("password", "x"),
            ("login", "nobody"),
        ]);
        let answer = owner.post(path, &typed).await;
        looked_through(&format!("{path} {field}"), &answer);
    }
    for query in ["/audit?from=", "/sign-in?next=", "/schedule?day="] {
        let path = format!("{query}{}", encoded(&evil));
        looked_through(&path, &owner.get(&path).await);
    }
}

#[tokio::test]
async fn a_clinics_own_texts_are_no_programs() {
    let planted = Planted::with(&|field| field.to_owned()).await;
    let owner = planted.clinic.sign_in(Role::Owner).await;
    for program in [
        "{{ 7*7 }}",
        "{{ clinic.__class__ }}",
        "{{ self }}",
        "{{ chrome }}",
        "{% include 'layout/page.html' %}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% set a = 1 %}",
        "{{ range(3) }}",
        "{{ name|safe }}",
    ] {
        let source = format!("{program} {{{{ date }}}} {{{{ time }}}} {{{{ link }}}}");
        let typed = form(&[("source", &source)]);
        for way in ["", "/preview"] {
            let path = format!("/messages/texts/booking_made/ru{way}");
            let answer = owner.post(&path, &typed).await;
            assert_ne!(answer.status, StatusCode::SEE_OTHER, "{program} was taken");
            assert!(!answer.body.contains("49 "), "{program} ran: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn no_cell_that_leaves_the_program_is_a_formula() {
    let planted = Planted::with(&|field| format!("=cmd|'/C calc'!{field}")).await;
    let owner = planted.clinic.sign_in(Role::Owner).await;
    let report = owner.raw(&planted.path("/import/{id}/report.xlsx")).await;
    let mut cells = 0;
    for sheet in read(&report).unwrap() {
        for cell in sheet.rows.iter().flat_map(|row| &row.cells) {
            if let Cell::Text(text) = cell {
                assert!(!text.starts_with(['=', '+', '-', '@']), "{text}");
                cells += usize::from(text.starts_with("'=cmd"));
            }
        }
    }
    assert!(cells > 3, "only {cells} cells show what was planted");
    let named = "UPDATE staff SET name = '=cmd|''/C calc''!A0' WHERE login LIKE 'owner%'";
    planted.clinic.write(named).await.unwrap();
    let log = csv_of(&owner, "/audit/export.csv").await;
    assert!(log.iter().any(|cell| cell.starts_with("'=cmd")), "the name of the staff is in it");
    for cell in log {
        assert!(!cell.starts_with(['=', '@', '\t', '\r']), "{cell}");
    }
}

async fn csv_of(browser: &Browser<'_>, path: &str) -> Vec<String> {
    let bytes = browser.raw(path).await;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let records = reader.records().map(Result::unwrap);
    records.flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}
