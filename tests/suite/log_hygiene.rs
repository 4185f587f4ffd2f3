//! Nobody's name, number or IIN gets into the log, an address or the page of an
//! error (SECURITY.md 8.3): marked people are planted, every route is asked
//! with their data, the database is broken, and all that comes out is searched.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request, StatusCode};
use tirkeu::contact::{Iin, Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};
use tirkeu::web::SESSION_COOKIE;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Answer, Browser, TestClinic, send};

const SURNAME: &str = "Маркербаева";
const GIVEN: &str = "Меткагуль";
const PHONE: &str = "+77059876541";
const IIN: &str = "850101300005";
const NOTE: &str = "зырянка";

/// However they may be written down.
pub const MARKS: [&str; 10] = [
    SURNAME,
    "маркербаева",
    "%D0%9C%D0%B0%D1%80%D0%BA%D0%B5%D1%80",
    GIVEN,
    PHONE,
    "9876541",
    "987-65-41",
    IIN,
    NOTE,
    "%D0%B7%D1%8B%D1%80%D1%8F%D0%BD",
];

/// Fields that forms have, filled with what must stay secret, also where a
/// number or a choice is expected.
fn form() -> String {
    let (name, note) = (encoded(SURNAME), encoded(NOTE));
    let phone = encoded(PHONE);
    format!(
        "surname={name}&given={name}&name={name}&patronymic={name}&login={name}&query={name}\
         &q={name}&phone={phone}&to={phone}&iin={IIN}&version={name}&note={note}&reason={note}\
         &text={note}&allergy={note}&sex={name}&birth_date={name}&date={name}&language={name}\
         &code={IIN}&password={note}&role={name}"
    )
}

/// In the percent encoding of forms and queries.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
}

/// All that is logged, at the finest level.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn names_numbers_and_iins_stay_out_of_logs_addresses_and_error_pages() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let clinic = TestClinic::open().await;
    let id = plant(&clinic).await;

    ask_everything(&clinic, id).await;
    // From here on most queries fail: our fault, so the causes are logged.
    for table in
        ["patient", "patient_words", "appointment", "message", "answer_link", "message_text"]
    {
        let moved = format!("ALTER TABLE {table} RENAME TO {table}_gone");
        clinic.write(&moved).await.unwrap();
    }
    let failed = ask_everything(&clinic, id).await;

    assert!(failed > 5, "only {failed} requests failed: nothing was provoked");
    let text = log.text();
    assert!(text.contains("request failed"), "nothing was logged:\n{text}");
    for mark in MARKS {
        let line = text.lines().find(|line| line.contains(mark));
        assert!(line.is_none(), "{mark} is in the log: {}", line.unwrap_or_default());
    }
    no_file_tells_more(&clinic);
}

pub async fn plant(clinic: &TestClinic) -> PatientId {
    let desk = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new(SURNAME, GIVEN, ""),
        phones: Phone::parse(PHONE).into_iter().collect(),
        iin: Iin::parse(IIN).ok(),
        note: NOTE.to_owned(),
        ..NewPatient::default()
    };
    patients::register(clinic.vault(), &desk, &new).await.unwrap()
}

/// Every route, by GET with the marks in the query and by POST with the marks
/// in the form, as the owner and as a stranger. How many failed by our fault.
pub async fn ask_everything(clinic: &TestClinic, id: PatientId) -> usize {
    let (staff, public) = (tirkeu::app::staff_routes(), tirkeu::app::public_routes());
    let mut failed = 0;
    let mut owner = clinic.sign_in(Role::Owner).await;
    for (method, path) in staff.listing() {
        if !owner.is_live() {
            owner = clinic.sign_in(Role::Owner).await; // the door led out
        }
        failed += ask(&clinic.staff, method, path, id, Some(&owner)).await;
        failed += ask(&clinic.staff, method, path, id, None).await;
    }
    for (method, path) in public.listing() {
        failed += ask(&clinic.public, method, path, id, None).await;
    }
    failed
}

async fn ask(
    router: &Router,
    method: &Method,
    path: &str,
    id: PatientId,
    browser: Option<&Browser<'_>>,
) -> usize {
    let id = id.to_string();
    let parts = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
    let mut uri = parts.collect::<Vec<_>>().join("/");
    let mut body = form();
    if *method == Method::GET {
        uri = format!("{uri}?{}", std::mem::take(&mut body));
    }
    let mut request = Request::builder()
        .method(method)
        .uri(&uri)
        .header(ACCEPT, "text/html")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(browser) = browser {
        let cookie = format!("{SESSION_COOKIE}={}", browser.session.cookie_value());
        request = request.header(COOKIE, cookie);
    }
    let request = request.body(Body::from(body)).unwrap();
    // Pages that never end have no errors to look at.
    let answer = tokio::time::timeout(Duration::from_secs(10), send(router, request)).await;
    let Ok(answer) = answer else { return 0 };
    look_at(&answer, &format!("{method} {path}"));
    usize::from(answer.status == StatusCode::INTERNAL_SERVER_ERROR)
}

/// A form that was refused (422, 409) says again what was typed; no other error
/// does, and no header: headers end up in the logs of whatever stands between.
fn look_at(answer: &Answer, asked: &str) {
    let echoes = [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT].contains(&answer.status);
    let is_error = answer.status.is_client_error() || answer.status.is_server_error();
    for mark in MARKS {
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            assert!(!value.contains(mark), "{asked}: {name} tells {mark}: {value}");
        }
        if is_error && !echoes {
            let status = answer.status;
            assert!(
                !answer.body.contains(mark),
                "{asked} ({status}) tells {mark}: {}",
                answer.body
            );
        }
    }
}

/// Nor is anything of it readable on the disk.
fn no_file_tells_more(clinic: &TestClinic) {
    for file in clinic.files() {
        let bytes = std::fs::read(&file).unwrap();
        for mark in MARKS {
            let found = bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
            assert!(!found, "{mark} is readable in {}", file.display());
        }
    }
}
