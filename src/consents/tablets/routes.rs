//! Tablets on the web: the list for staff, and pairing on the tablet itself.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::ConsentError;
use crate::consents::tablets::{self, Row, TABLET_COOKIE};
use crate::ids::TabletId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{JoinTablet, PairTablet};
use crate::web::{Guest, Page, Problem, Routes, SESSION_COOKIE, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/tablets", list)
        .post("/tablets", offer)
        .post("/tablets/{tablet_id}/revocation", revoke)
        .post("/tablet/join", join)
}

/// The paired tablets, and a code for one more.
#[derive(Debug, Serialize)]
pub struct TabletsPage {
    tablets: Vec<Shown>,
    /// `1234 5678`; None when none was asked for.
    code: Option<String>,
    name: String,
    /// Where the tablet is to go.
    address: String,
    topic: &'static str,
    /// Whether the name was left out.
    nameless: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: TabletId,
    name: String,
    paired_at: Timestamp,
    last_seen_at: Timestamp,
    revoked: bool,
}

/// What a tablet shows that is not paired.
#[derive(Debug, Serialize)]
pub struct JoinPage {
    pub wrong: bool,
    /// Seconds until the next code is looked at; 0 for now.
    pub wait: i64,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<PairTablet>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    page(&clinic, &grant, &chrome, None, Some(String::new())).await
}

#[derive(Debug, Deserialize)]
struct Offer {
    name: String,
}

async fn offer(
    State(clinic): State<Clinic>,
    grant: Grant<PairTablet>,
    chrome: Chrome,
    Form(form): Form<Offer>,
) -> Result<Page, Problem> {
    let name: String = form.name.trim().chars().take(60).collect();
    if name.is_empty() {
        return Ok(page(&clinic, &grant, &chrome, None, None).await?.refused());
    }
    let code = tablets::offer(&clinic, &grant, &name).await?;
    page(&clinic, &grant, &chrome, Some(code), Some(name)).await
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<PairTablet>,
    chrome: &Chrome,
    code: Option<String>,
    // None when it was left out and must not be.
    name: Option<String>,
) -> Result<Page, Problem> {
    let mut chrome = chrome.clone().active("tablets");
    chrome.live = true;
    let shown = tablets::all(clinic, grant).await?.into_iter().map(Shown::of).collect();
    let view = TabletsPage {
        tablets: shown,
        code: code.map(|code| format!("{} {}", &code[..4], &code[4..])),
        nameless: name.is_none(),
        name: name.unwrap_or_default(),
        address: format!("{}/tablet", clinic.places.staff_url),
        topic: "tablets",
    };
    Page::of(clinic, &chrome, &view)
}

async fn revoke(
    State(clinic): State<Clinic>,
    grant: Grant<PairTablet>,
    Path(id): Path<TabletId>,
) -> Result<Response, Problem> {
    tablets::revoke(&clinic, &grant, id).await?;
    Ok(see_other("/tablets"))
}

#[derive(Debug, Deserialize)]
struct Join {
    code: String,
}

/// Pairs this tablet. A member of staff who was signed in here is signed out
/// in this browser: it is going into patients' hands.
async fn join(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    Form(form): Form<Join>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<JoinTablet>()?;
    match tablets::join(&clinic, &grant, &form.code).await {
        Ok(token) => {
            let mut response = see_other("/tablet");
            let ours = format!(
                "{TABLET_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000"
            );
            let staff =
                format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
            for cookie in [ours, staff] {
                let cookie = HeaderValue::from_str(&cookie).expect("hex and constants");
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(ConsentError::PairingRefused) => {
            let page = Page::of(&clinic, &chrome, &JoinPage { wrong: true, wait: 0 })?;
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(ConsentError::PairingTooSoon { seconds }) => {
            let page = Page::of(&clinic, &chrome, &JoinPage { wrong: false, wait: seconds })?;
            let page = page.status(StatusCode::TOO_MANY_REQUESTS);
            Ok(([(RETRY_AFTER, seconds.to_string())], page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

impl Shown {
    fn of(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            paired_at: row.paired_at,
            last_seen_at: row.last_seen_at,
            revoked: row.revoked_at.is_some(),
        }
    }
}

impl View for TabletsPage {
    const TEMPLATE: &'static str = "consents/tablets.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let shown = |revoked| Shown {
            id: TabletId::new(now),
            name: "Desk 2".to_owned(),
            paired_at: now,
            last_seen_at: now,
            revoked,
        };
        let sample = |tablets, code: Option<&str>, nameless| Self {
            tablets,
            code: code.map(str::to_owned),
            name: "Desk".to_owned(),
            address: "https://desk.example:8443/tablet".to_owned(),
            topic: "tablets",
            nameless,
        };
        vec![
            sample(Vec::new(), None, true),
            sample(vec![shown(false), shown(true)], Some("1234 5678"), false),
        ]
    }
}

impl View for JoinPage {
    const TEMPLATE: &'static str = "consents/join.html";

    fn samples() -> Vec<Self> {
        let sample = |wrong, wait| Self { wrong, wait };
        vec![sample(false, 0), sample(true, 0), sample(false, 32)]
    }
}
