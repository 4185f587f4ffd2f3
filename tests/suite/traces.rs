//! What stays of a patient where no patient belongs: titles and addresses of
//! pages, the ledger, the queue of jobs (94-V; SECURITY.md 4.2, 8.3).

use axum::http::header::CONTENT_TYPE;
use tirkeu::vault::permission::Role;

use crate::planted::Planted;

/// Fields about patients; the others are the clinic's own.
const OF_PATIENTS: [&str; 25] = [
    "surname",
    "given",
    "patronymic",
    "allergy",
    "source",
    "note",
    "comment",
    "hold",
    "import_person",
    "consent_service",
    "consent_doctor",
    "staff_phone",
    "file",
    "text",
    "emergency",
    "verdict",
    "review",
    "finding",
    "applicant",
    "contact",
    "wish",
    "refusal_ru",
    "refusal_kk",
    "incident",
    "correction",
];

const MARKS: [&str; 7] = [
    "зырянка",
    "Зырянка",
    "%D0%97%D1%8B%D1%80",
    "987654",
    "987-65-4",
    "850101300005",
    "\\u0437\\u044b\\u0440",
];

fn words(field: &str) -> String {
    if OF_PATIENTS.contains(&field) {
        format!("Зырянка{field}")
    } else {
        format!("Обычное {field}")
    }
}

/// Values of the attributes that are addresses.
fn addresses(html: &str) -> impl Iterator<Item = &str> {
    let names = ["href=\"", "action=\"", "hx-get=\"", "hx-post=\"", "src=\"", "hx-push-url=\""];
    names.into_iter().flat_map(|name| {
        html.split(name).skip(1).filter_map(|rest| rest.split_once('"').map(|(value, _)| value))
    })
}

#[tokio::test]
async fn no_title_and_no_address_of_any_page_names_a_patient() {
    let planted = Planted::with(&words).await;
    let (mut titles, mut links) = (0, 0);
    for role in [Role::Owner, Role::Reception, Role::Doctor, Role::Compliance, Role::Sysadmin] {
        let browser = planted.clinic.sign_in(role).await;
        for path in planted.pages() {
            let answer = browser.get(&path).await;
            if !answer.header(CONTENT_TYPE.as_str()).starts_with("text/html") {
                continue;
            }
            if let Some((_, rest)) = answer.body.split_once("<title>") {
                let title = rest.split_once("</title>").unwrap().0;
                titles += 1;
                assert!(!MARKS.iter().any(|mark| title.contains(mark)), "{path}: {title}");
            }
            // A tap on a number calls it: that address goes to the phone, not out.
            for address in addresses(&answer.body).filter(|it| !it.starts_with("tel:")) {
                links += 1;
                assert!(!MARKS.iter().any(|mark| address.contains(mark)), "{path}: {address}");
            }
        }
    }
    assert!(titles > 100 && links > 1_000, "{titles} titles, {links} addresses");
}

#[tokio::test]
async fn the_ledger_and_the_queue_hold_ids_codes_and_field_names() {
    let planted = Planted::with(&words).await;
    let owner = planted.clinic.sign_in(Role::Owner).await;
    for path in planted.pages() {
        let _ = owner.get(&path).await;
    }
    let visit = planted.path("/appointments/{appointment_id}");
    for (verb, reason) in [("arrive", ""), ("undo", "Зырянкаreason"), ("cancel", "Зырянкаreason")]
    {
        let _ = owner.post(&format!("{visit}/{verb}"), &format!("reason={reason}")).await;
    }
    let mut rows = planted.clinic.rows("SELECT body FROM audit_event").await;
    assert!(rows.len() > 60, "{} events", rows.len());
    let job = "SELECT kind || ' ' || payload || ' ' || coalesce(failure, '') FROM job";
    rows.extend(planted.clinic.rows(job).await);
    for row in rows {
        for mark in MARKS {
            assert!(!row.contains(mark), "{mark} is in {row}");
        }
    }
}
