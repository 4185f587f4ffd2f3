//! Who gets in where: every route is knocked at as a stranger and as each role
//! of the staff, and the answers are compared with `doors.txt`, which is read
//! and approved by people.

use std::fmt::Write;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{Method, Request, StatusCode};
use tirkeu::vault::permission::{self, Role};
use tirkeu::web::SESSION_COOKIE;
use tower::ServiceExt;

use crate::support::{Browser, TestClinic};

const UNKNOWN_ID: &str = "01900000-0000-7000-8000-000000000000";
const SOME_DAY: &str = "2026-11-24";

/// What `web` itself puts beside the capabilities' routes on both listeners.
const BESIDE: [(Method, &str); 2] = [(Method::GET, "/healthz"), (Method::GET, "/static/{*name}")];

const INTRODUCTION: &str = "\
# Who gets in where: one line for each route, one column for each role.
#   in    the handler runs (whatever it then says about an unknown id or an empty form)
#   -     403: signed in, but this role may not
#   out   401, or sent to the sign-in page
# Compared by tests/suite/doors.rs. A change here is a change of the policy and
# needs a reason.
";

const REGENERATE: &str = "if this is what you want: \
    UPDATE_DOORS=1 cargo test --test suite doors, and look at `git diff`";

/// The roles of a listener's columns; None is a stranger.
type Columns = Vec<Option<Role>>;

#[tokio::test]
async fn each_door_opens_to_those_whom_the_table_names() {
    let clinic = TestClinic::open().await;
    let staff: Columns = std::iter::once(None).chain(Role::STAFF.map(Some)).collect();
    let mut table = INTRODUCTION.to_owned();

    let routes = tirkeu::app::staff_routes();
    let live = [(Method::GET, "/live")];
    let doors: Vec<_> = routes.listing().iter().chain(&live).chain(&BESIDE).cloned().collect();
    walk(&clinic, &clinic.staff, "staff listener", &doors, &staff, &mut table).await;

    let routes = tirkeu::app::public_routes();
    let doors: Vec<_> = routes.listing().iter().chain(&BESIDE).cloned().collect();
    walk(&clinic, &clinic.public, "public listener", &doors, &[None], &mut table).await;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/doors.txt");
    if std::env::var_os("UPDATE_DOORS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let approved = std::fs::read_to_string(&path).unwrap_or_default();
    let differences = differences(&approved, &table);
    assert!(differences.is_empty(), "tests/suite/doors.txt differs:\n{differences}{REGENERATE}");
}

async fn walk(
    clinic: &TestClinic,
    router: &Router,
    title: &str,
    doors: &[(Method, &'static str)],
    columns: &[Option<Role>],
    table: &mut String,
) {
    let mut doors = doors.to_vec();
    doors.sort_by_key(|(method, path)| (*path, method.to_string()));
    doors.dedup();
    let width = doors.iter().map(|(_, path)| path.len()).max().unwrap_or_default();
    let names = columns.iter().map(|role| role.map_or("stranger", Role::name));
    writeln!(table, "\n{:<w$}  {}", title, row(names), w = width + 5).unwrap();

    let mut keys = Vec::new();
    for role in columns {
        keys.push(match role {
            Some(role) => Some(clinic.sign_in(*role).await),
            None => None,
        });
    }
    for (method, path) in doors {
        let mut answers = Vec::new();
        for (role, browser) in columns.iter().zip(&mut keys) {
            // A door may sign out or lock whoever goes through.
            if let (Some(role), Some(open)) = (role, browser.as_ref())
                && !open.is_live()
            {
                *browser = Some(clinic.sign_in(*role).await);
            }
            answers.push(knock(router, &method, path, browser.as_ref()).await);
        }
        writeln!(table, "{:<4} {path:<width$}  {}", method.as_str(), row(answers.into_iter()))
            .unwrap();
    }
}

fn row<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let padded: Vec<String> = cells.map(|cell| format!("{cell:<10}")).collect();
    padded.join(" ").trim_end().to_owned()
}

/// Does not wait for the body: that of `/live` never ends.
async fn knock(
    router: &Router,
    method: &Method,
    path: &str,
    browser: Option<&Browser<'_>>,
) -> &'static str {
    let path: String = path.split('/').skip(1).fold(String::new(), |path, part| {
        let filled = match part.trim_start_matches(['{', '*']).trim_end_matches('}') {
            _ if !part.starts_with('{') => part,
            "day" | "date" | "from" | "to" => SOME_DAY,
            _ => UNKNOWN_ID,
        };
        path + "/" + filled
    });
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(browser) = browser {
        let cookie = format!("{SESSION_COOKIE}={}", browser.session.cookie_value());
        request = request.header(COOKIE, cookie);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    match response.status() {
        StatusCode::UNAUTHORIZED => "out",
        StatusCode::FORBIDDEN => "-",
        status if status.is_redirection() && location.is_some_and(is_sign_in) => "out",
        _ => "in",
    }
}

/// Where somebody is sent who is not signed in. (Who signs out goes to
/// `/sign-in` alone.)
fn is_sign_in(location: &str) -> bool {
    location.starts_with("/sign-in?next=")
}

/// The lines that only one of the two has; how wide the columns are is nothing.
fn differences(approved: &str, found: &str) -> String {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let (approved, found) = (lines(approved), lines(found));
    let mut text = String::new();
    for line in approved.iter().filter(|line| !found.contains(line)) {
        writeln!(text, "  approved  {line}").unwrap();
    }
    for line in found.iter().filter(|line| !approved.contains(line)) {
        writeln!(text, "  found     {line}").unwrap();
    }
    text
}

/// The policy as the clinic's owner reads it, kept in `policy.txt`.
#[test]
fn each_role_may_do_what_the_table_says() {
    let width = permission::ALL.iter().map(|(name, _)| name.len()).max().unwrap();
    let roles: Vec<Role> = Role::STAFF
        .into_iter()
        .chain([Role::Console, Role::Job, Role::Visitor, Role::Tablet])
        .collect();
    let mut table =
        String::from("# Which role may do what: src/vault/permission.rs as a table.\n\n");
    let names = roles.iter().map(|role| role.name());
    writeln!(table, "{:<width$}  {}", "", row(names)).unwrap();
    for (name, may) in permission::ALL {
        let cells = roles.iter().map(|role| if may.contains(role) { "yes" } else { "-" });
        writeln!(table, "{name:<width$}  {}", row(cells)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/policy.txt");
    if std::env::var_os("UPDATE_DOORS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let approved = std::fs::read_to_string(&path).unwrap_or_default();
    let differences = differences(&approved, &table);
    assert!(differences.is_empty(), "tests/suite/policy.txt differs:\n{differences}{REGENERATE}");
}
