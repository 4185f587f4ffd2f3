//! Nothing that the process writes tells about people (SECURITY.md 8.3, T3.4,
//! T8.6): the real program, logging at its finest, is filled over real sockets
//! with marked people, asked everything, provoked, backed up, imported into and
//! stopped; then all it wrote is searched for the marks and for its keys.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::http::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde_json::Value;
use tirkeu::crypto::{KeyringFile, MachineIdentity, MachinePlaces, TotpSecret};

use crate::planted::form;
use crate::support::files_below;

const NAME: &str = "Зырянкаева";
const PHONE: &str = "+77059876541";
const IIN: &str = "850101300005";
const MAIL: &str = "zyryanka@example.kz";
const PASSWORD: &str = "marked zyryanka umbrella 88";

/// However they may be written down.
const MARKS: [&str; 9] = [
    "зырянка",
    "Зырянка",
    "%D0%97%D1%8B%D1%80",
    "%d0%97%d1%8b%d1%80",
    "9876541",
    "987 65 41",
    IIN,
    "zyryanka",
    "\\u0437\\u044b\\u0440",
];

const FIELDS: [&str; 26] = [
    "surname",
    "given",
    "patronymic",
    "name",
    "name_kk",
    "query",
    "q",
    "note",
    "reason",
    "comment",
    "allergy",
    "text",
    "source",
    "specialty",
    "address",
    "address_ru",
    "legal_name",
    "responsible",
    "folder",
    "russian",
    "kazakh",
    "login",
    "password",
    "basis",
    "service",
    "doctor",
];

struct Process {
    folder: tempfile::TempDir,
    server: Child,
    url: String,
    client: Client,
    session: String,
}

impl Process {
    fn command(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tirkeu"));
        command.args(arguments).arg("--json").env("RUST_LOG", "trace");
        command.arg("--data-dir").arg(folder.join("data"));
        command.arg("--config").arg(folder.join("tirkeu.toml"));
        command
    }

    /// Runs a command beside the server and keeps what it says.
    fn say(&self, arguments: &[&str]) -> String {
        let output = Self::command(self.folder.path(), arguments).output().unwrap();
        [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat()
    }

    fn start() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let [log, backups] = ["log", "backups"].map(|name| folder.path().join(name));
        fs::create_dir(&log).unwrap();
        fs::create_dir(&backups).unwrap();
        let settings = format!(
            "staff_listen = \"127.0.0.1:0\"\nlog_dir = \"{}\"\nbackup_dir = \"{}\"\n",
            log.display(),
            backups.display()
        );
        fs::write(folder.path().join("tirkeu.toml"), settings).unwrap();
        let kit = folder.path().join("kit.txt");
        let kit = kit.to_str().unwrap();
        let made = Self::command(folder.path(), &["init", "--recovery-kit", kit]).output().unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let output = fs::File::create(folder.path().join("stderr")).unwrap();
        let mut server = Self::command(folder.path(), &["serve"])
            .stdout(Stdio::piped())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        let ca = fs::read(folder.path().join("data/ca.crt")).unwrap();
        let client = Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(20));
        let ring = rustls::crypto::ring::default_provider();
        let _ = rustls::crypto::CryptoProvider::install_default(ring);
        let client = client.build().unwrap();
        let url = ready["staff_url"].as_str().unwrap().to_owned();
        let process = Self { folder, server, url, client, session: String::new() };
        (process, made["password"].as_str().unwrap().to_owned())
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        let request = request.header(ORIGIN, &self.url).header(ACCEPT, "text/html");
        request.header(COOKIE, format!("__Host-sid={}", self.session)).send().await.unwrap()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.client.post(format!("{}{path}", self.url));
        let form_type = "application/x-www-form-urlencoded";
        self.send(request.header(CONTENT_TYPE, form_type).body(form(fields))).await
    }

    async fn get(&self, path: &str) -> Response {
        self.send(self.client.get(format!("{}{path}", self.url))).await
    }

    /// The owner's first day; the secrets it was given are never logged either.
    async fn sign_in(&mut self, one_time: &str) -> Vec<String> {
        let steps =
            [("/sign-in", "password", one_time), ("/sign-in/password", "password", PASSWORD)];
        let (mut challenge, mut page) = (String::new(), String::new());
        for (path, field, value) in steps {
            let fields = [("login", "owner"), ("challenge", &*challenge), (field, value)];
            page = self.post(path, &fields).await.text().await.unwrap();
            let mark = "name=\"challenge\" value=\"";
            challenge = between(&page, mark, "\"").to_owned();
        }
        let secret = between(&page, "<code class=\"mono wrap-any\">", "</code>").to_owned();
        let now = tirkeu::clock::Clock::machine().now().unix_seconds();
        let code = TotpSecret::from_base32(&secret).unwrap().code_at(now);
        let fields = [("login", "owner"), ("challenge", &*challenge), ("code", &code)];
        let answer = self.post("/sign-in/code", &fields).await;
        let mut cookies = answer.headers().get_all(SET_COOKIE).iter();
        let session = cookies.find_map(|it| it.to_str().ok()?.strip_prefix("__Host-sid="));
        session.expect("signed in").split(';').next().unwrap().clone_into(&mut self.session);
        vec![one_time.to_owned(), PASSWORD.to_owned(), secret, self.session.clone()]
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to).unwrap().0
}

/// A card, and everything the owner's pages take, with marks in every field.
async fn fill(process: &Process) -> String {
    let card = [
        ("surname", NAME),
        ("given", NAME),
        ("phone", PHONE),
        ("iin", IIN),
        ("iin_anyway", "on"),
        ("allergy", NAME),
        ("note", MAIL),
    ];
    let made = process.post("/patients", &card).await;
    let path = made.headers()["location"].to_str().unwrap().to_owned();
    let mut fields: Vec<(&str, &str)> = FIELDS.iter().map(|name| (*name, NAME)).collect();
    fields.extend([("phone", PHONE), ("to", PHONE), ("iin", IIN), ("email", MAIL), ("code", IIN)]);
    let id = path.rsplit_once('/').unwrap().1;
    for (method, route) in tirkeu::app::staff_routes().listing() {
        if route.starts_with("/sign-") || ["/lock", "/unlock"].contains(route) {
            continue;
        }
        let parts = route.split('/').map(|part| if part.starts_with('{') { id } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        let answer = if *method == Method::GET {
            process.get(&format!("{path}?{}", form(&fields))).await
        } else {
            process.post(&path, &fields).await
        };
        assert!(answer.status() != 500, "{method} {route}");
        let _ = answer.bytes().await;
    }
    path
}

async fn provoke(process: &Process, card: &str) {
    let long = NAME.repeat(60_000);
    for (path, body) in [("/patients", &*long), (card, "surname=%FF%FE%")] {
        let request = process.client.post(format!("{}{path}", process.url));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let _ = process.send(request.body(body.to_owned())).await.bytes().await;
    }
    for path in [format!("/{NAME}"), format!("/patients/{NAME}"), format!("{card}/{IIN}?a={PHONE}")]
    {
        let _ = process.get(&path).await.bytes().await;
    }
    let foreign =
        process.client.get(format!("{}/{NAME}", process.url)).header(HOST, "evil.example");
    assert_eq!(process.send(foreign).await.status(), 400, "HTTP/2 names another host beside it");
    // Neither TLS nor HTTP.
    let address = process.url.trim_start_matches("https://").replace("localhost", "127.0.0.1");
    for bytes in
        [NAME.as_bytes(), b"GET /\xd0\x97\xd1\x8b HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello"]
    {
        let mut socket = TcpStream::connect(&address).unwrap();
        std::io::Write::write_all(&mut socket, bytes).unwrap();
    }
    let journal = format!(
        "Дата;Время;ФИО пациента;Телефон;Врач;Услуга\n20.11.2026;9:30;{NAME} {NAME};{PHONE};{NAME};{NAME}\n\
         {NAME};{NAME};{IIN};{NAME};;\n"
    );
    let file = process.folder.path().join(format!("{NAME}.csv"));
    fs::write(&file, journal).unwrap();
    process.say(&["import", file.to_str().unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_writes_neither_people_nor_keys_into_anything_but_its_database() {
    let (mut process, one_time) = Process::start();
    let mut secrets = process.sign_in(&one_time).await;
    let card = fill(&process).await;
    provoke(&process, &card).await;
    let mut said = String::new();
    for arguments in
        [&["backup", "now"][..], &["backup", "list"], &["doctor"], &["audit", "verify"]]
    {
        said += &process.say(arguments);
    }
    let data = process.folder.path().join("data");
    let machine = MachineIdentity::find(&MachinePlaces::data_dir_only(&data)).unwrap();
    let keyring = KeyringFile::in_data_dir(&data).open(&machine.identity).unwrap();
    secrets.push(keyring.db_key_hex().to_string());
    secrets.push(machine.identity.to_text().to_string());
    let stopped = Command::new("kill").arg(process.server.id().to_string()).status().unwrap();
    assert!(stopped.success() && process.server.wait().unwrap().success());

    let log = fs::read_to_string(process.folder.path().join("stderr")).unwrap();
    assert!(
        log.contains("answered") && log.contains("/patients/{patient_id}"),
        "nothing was logged"
    );
    assert!(log.contains("TRACE"), "not at its finest");
    nothing_of(&secrets, "standard error", log.as_bytes());
    nothing_of(&secrets, "what the commands said", said.as_bytes());
    for file in files_below(process.folder.path()) {
        let name = file.file_name().unwrap().to_string_lossy();
        let is_ours = file.extension().is_some_and(|kind| kind == "csv" || kind == "key");
        if file.is_file() && !is_ours && name != "kit.txt" && name != "machine.key" {
            let secrets = &secrets[..secrets.len() - 1]; // The machine's key is a file of its own.
            nothing_of(secrets, &file.display().to_string(), &fs::read(&file).unwrap());
        }
    }
}

fn nothing_of(secrets: &[String], what: &str, bytes: &[u8]) {
    for mark in MARKS.iter().copied().chain(secrets.iter().map(String::as_str)) {
        let found = bytes.windows(mark.len()).position(|window| window == mark.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(300)..(at + 100).min(bytes.len())];
            panic!("{what} tells {mark}: …{}…", String::from_utf8_lossy(around));
        }
    }
}
