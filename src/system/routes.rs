//! The machine room on the web.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::pages::{Chrome, View};
use crate::system::model::{Check, Standing, Work};
use crate::system::{self, Found, WAITING};
use crate::vault::Grant;
use crate::vault::permission::{RunChecks, ViewSystem};
use crate::web::{Page, Problem, Routes, see_other};

const PATH: &str = "/system";

pub fn routes() -> Routes {
    Routes::new().get(PATH, page).post("/system/check", check).get("/system/progress", progress)
}

/// How the installation is.
#[derive(Debug, Serialize)]
pub struct SystemPage {
    version: &'static str,
    staff_url: String,
    public_url: String,
    /// Whole MiB.
    database_mib: u64,
    free_mib: Option<u64>,
    work: Work,
    checks: Vec<CheckView>,
    may_check: bool,
}

#[derive(Debug, Serialize)]
struct CheckView {
    name: &'static str,
    standing: Standing,
    /// None when it was never made.
    at: Option<Timestamp>,
    wrong: i64,
    took_ms: i64,
}

impl SystemPage {
    fn of(clinic: &Clinic, found: &Found, may_check: bool) -> Self {
        let now = clinic.clock().now();
        let disk = rustix::fs::statvfs(&clinic.places.data_dir).ok();
        let free = disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) >> 20);
        let check = |check: Check| {
            let last = found.last.iter().find(|outcome| outcome.check == check);
            CheckView {
                name: check.name(),
                standing: Standing::of(last, now),
                at: last.map(|last| last.at),
                wrong: last.map_or(0, |last| last.wrong),
                took_ms: last.map_or(0, |last| last.took_ms),
            }
        };
        Self {
            version: env!("CARGO_PKG_VERSION"),
            staff_url: clinic.places.staff_url.clone(),
            public_url: clinic.places.public_url.clone(),
            database_mib: found.database >> 20,
            free_mib: free,
            work: found.work,
            checks: Check::ALL.map(check).into(),
            may_check,
        }
    }
}

async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSystem>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let found = system::look(&clinic, &grant).await?;
    let view = SystemPage::of(&clinic, &found, grant.actor().may::<RunChecks>());
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

async fn check(State(clinic): State<Clinic>, grant: Grant<RunChecks>) -> Result<Response, Problem> {
    system::ask(&clinic, &grant).await?;
    Ok(see_other(PATH))
}

/// Nothing while the checks run; then htmx loads the page anew.
async fn progress(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSystem>,
) -> Result<Response, Problem> {
    let found = system::look(&clinic, &grant).await?;
    if found.work.checking {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(([("hx-refresh", "true")], "").into_response())
}

impl View for SystemPage {
    const TEMPLATE: &'static str = "system/index.html";

    fn samples() -> Vec<Self> {
        let at = Some(Timestamp::from_unix_ms(1_795_402_800_000));
        let check =
            |name, standing, wrong, at| CheckView { name, standing, at, wrong, took_ms: 12 };
        let page = |checks, work, may_check: bool| Self {
            version: "0.1.0",
            staff_url: "https://crm.arai.kz:8443".to_owned(),
            public_url: "https://arai.kz".to_owned(),
            database_mib: 1284,
            free_mib: may_check.then_some(90_000),
            work,
            checks,
            may_check,
        };
        let good = vec![
            check("overlaps", Standing::Good, 0, at),
            check("pages", Standing::Stale, 0, at),
            check("ledger", Standing::Never, 0, None),
        ];
        let wrong = vec![check("overlaps", Standing::Wrong, 2, at)];
        vec![
            page(good, Work::default(), true),
            page(wrong, Work { due: 3, failing: 1, checking: true }, false),
        ]
    }
}
