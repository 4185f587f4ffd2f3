//! A clinic to test against: a real encrypted database in a temporary folder,
//! real routes, a clock that stands still, and staff who are signed in.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use tokio::sync::OnceCell;
use tower::ServiceExt;

use tirkeu::access::{self, NewStaff};
use tirkeu::clinic::{Clinic, Kept, Keys, Places, Profile, ProfileData, Waiting};
use tirkeu::clock::{Clock, Timestamp};
use tirkeu::crypto::passkeys::Ceremonies;
use tirkeu::crypto::password::Cost;
use tirkeu::crypto::{BlobStore, Keyring, Passwords, Random};
use tirkeu::i18n::Language;
use tirkeu::pages::Pages;
use tirkeu::presence::Presence;
use tirkeu::turns::Turns;
use tirkeu::vault::permission::{Permission, Role};
use tirkeu::vault::{Actor, Authenticated, DatabaseKey, Grant, Origin, SessionToken, Vault};
use tirkeu::web::SESSION_COOKIE;

/// Monday 2026-11-23, 08:00 in Almaty.
pub const NOW: i64 = 1_795_402_800_000;

pub const PASSWORD: &str = "correct horse battery staple";

/// Every test's pages: templates are compiled when first shown, and then kept.
static PAGES: LazyLock<Pages> = LazyLock::new(Pages::load);

pub struct TestClinic {
    pub clinic: Clinic,
    pub staff: Router,
    pub public: Router,
    pub folder: tempfile::TempDir,
}

/// A browser with a session cookie.
pub struct Browser<'a> {
    pub clinic: &'a TestClinic,
    pub session: SessionToken,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl TestClinic {
    pub async fn open() -> Self {
        Self::open_in(tempfile::tempdir().unwrap()).await
    }

    /// Opens the clinic of a folder, made when the folder is empty.
    pub async fn open_in(folder: tempfile::TempDir) -> Self {
        let clinic = Self::clinic_in(folder.path(), Timestamp::from_unix_ms(NOW)).await;
        let staff = tirkeu::app::staff_router(clinic.clone());
        let public = tirkeu::app::public_router(clinic.clone());
        Self { clinic, staff, public, folder }
    }

    /// The clinic of a folder at a time that stands still, without its routes.
    pub async fn clinic_in(data_dir: &Path, now: Timestamp) -> Clinic {
        let clock = Clock::fixed(now);
        let key = Self::database_key();
        let database = Places::database(data_dir);
        if !database.exists() {
            std::fs::create_dir_all(database.parent().unwrap()).unwrap();
            std::fs::write(&database, Self::empty().await).unwrap();
        }
        let vault = Vault::open(&database, &key, clock).await.unwrap();
        let random = Random::system();
        let keyring = Keyring::generate(&Random::fixed(7), NOW / 1000);
        Clinic {
            vault,
            pages: PAGES.clone(),
            files: BlobStore::open(data_dir, &keyring).unwrap(),
            passwords: Passwords::with_cost(random.clone(), Cost::TEST),
            random,
            profile: Profile::new(ProfileData::default()),
            keys: Keys::new(keyring),
            waiting: Waiting::default(),
            presence: Presence::default(),
            kept: Kept::default(),
            passkeys: Ceremonies::default(),
            attempts: Turns::default(),
            places: Arc::new(Places {
                data_dir: data_dir.to_owned(),
                public_url: "https://clinic.example".to_owned(),
                staff_url: "https://desk.example:8443".to_owned(),
                names: Vec::new(),
            }),
        }
    }

    pub fn database_key() -> DatabaseKey {
        DatabaseKey::new([7; 32])
    }

    /// The database of a clinic before its first day. Made once by all migrations and
    /// copied from then on: they take longer than most of what is tested.
    async fn empty() -> &'static [u8] {
        static EMPTY: OnceCell<Vec<u8>> = OnceCell::const_new();
        let made = async {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("empty.db");
            let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));
            Vault::create(&file, &Self::database_key(), clock).await.unwrap().close().await;
            std::fs::read(file).unwrap()
        };
        EMPTY.get_or_init(|| made).await
    }

    pub fn database(&self) -> PathBuf {
        Places::database(self.folder.path())
    }

    pub fn vault(&self) -> &Vault {
        &self.clinic.vault
    }

    /// A new member of staff in that role, signed in.
    pub async fn sign_in(&self, role: Role) -> Browser<'_> {
        let login = self.employ(role).await;
        self.sign_in_as(&login).await
    }

    /// A new member of staff in that role, by login.
    pub async fn employ(&self, role: Role) -> String {
        let login = format!("{}{}", role.name(), self.clinic.random.hex::<4>());
        let new = NewStaff {
            login: login.clone(),
            name: format!("{role:?}"),
            role,
            language: Language::Ru,
            password: PASSWORD.to_owned(),
            must_change: false,
            totp_secret: None,
        };
        let console = Actor::console().grant().unwrap();
        access::add(&self.clinic, &console, &new).await.unwrap();
        login
    }

    pub async fn sign_in_as(&self, login: &str) -> Browser<'_> {
        let door = Actor::visitor(Origin::default()).grant().unwrap();
        let session = access::sign_in(&self.clinic, &door, login, PASSWORD, None).await.unwrap();
        Browser { clinic: self, session }
    }

    /// As in a clinic that lets its doctors open every card.
    pub async fn let_doctors_reach_everybody(&self) {
        let rule = "INSERT INTO reach_rule VALUES (2, 'everybody', 30, 0, NULL)";
        self.write(rule).await.unwrap();
    }

    /// What a role may do, without a browser.
    pub async fn grant<P: Permission>(&self, role: Role) -> Grant<P> {
        self.sign_in(role).await.actor().grant().unwrap()
    }

    /// The bodies of all events, oldest first.
    pub async fn ledger(&self) -> Vec<serde_json::Value> {
        let bodies = self.rows("SELECT body FROM audit_event ORDER BY seq").await;
        bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// The actions in the ledger, oldest first, but for the test's own staff and
    /// the seals that the ledger gets by the way (tests/suite/ledger).
    pub async fn audited(&self) -> Vec<String> {
        let own = [
            "staff.added",
            "sign_in.succeeded",
            "session.started",
            "audit.checkpoint_signed",
            "audit.anchored",
        ];
        let all = self.ledger().await;
        let actions = all.iter().map(|event| event["act"].as_str().unwrap().to_owned());
        actions.filter(|action| !own.contains(&action.as_str())).collect()
    }

    /// The first column of a query of the test's own, past the vault.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        use sqlx::ConnectOptions;
        let options = tirkeu::vault::connect_options(&self.database(), &Self::database_key());
        let mut connection = options.read_only(true).connect().await.unwrap();
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()));
        query.fetch_all(&mut connection).await.unwrap()
    }

    /// How `SQLite` would look for a statement's rows, a line for each step.
    pub async fn plan(&self, sql: &str) -> String {
        use sqlx::{ConnectOptions, Row};
        let options = tirkeu::vault::connect_options(&self.database(), &Self::database_key());
        let mut connection = options.read_only(true).connect().await.unwrap();
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        steps.join("\n")
    }

    /// Tries a statement of the test's own, past the vault: the schema's word.
    pub async fn write(&self, sql: &str) -> Result<(), String> {
        use sqlx::ConnectOptions;
        let options = tirkeu::vault::connect_options(&self.database(), &Self::database_key());
        let mut connection = options.connect().await.unwrap();
        let query = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()));
        query.execute(&mut connection).await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Asks without signing in.
    pub async fn knock(&self, method: Method, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).body(Body::empty());
        send(&self.staff, request.unwrap()).await
    }

    /// Everything in the data folder.
    pub fn files(&self) -> Vec<PathBuf> {
        files_below(self.folder.path())
    }
}

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

pub async fn send(router: &Router, mut request: Request<Body>) -> Answer {
    let headers = request.headers_mut();
    headers.entry("sec-fetch-site").or_insert("same-origin".parse().unwrap());
    headers.entry("host").or_insert("desk.example:8443".parse().unwrap());
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    Answer { status: parts.status, headers: parts.headers, body }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Browser<'_> {
    /// Whether the session is neither over nor locked.
    pub fn is_live(&self) -> bool {
        let found = self.clinic.vault().authenticate(&self.session, Origin::default());
        matches!(found, Authenticated::Live(_))
    }

    /// The actor that a handler would see.
    pub fn actor(&self) -> Actor {
        match self.clinic.vault().authenticate(&self.session, Origin::default()) {
            Authenticated::Live(actor) => actor,
            other => panic!("not signed in: {other:?}"),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// `form` is URL-encoded, such as `purpose=recall&channel=sms`.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// The bytes of a file.
    pub async fn raw(&self, path: &str) -> Vec<u8> {
        let cookie = format!("{SESSION_COOKIE}={}", self.session.cookie_value());
        let request = Request::get(path).header(COOKIE, cookie).body(Body::empty()).unwrap();
        let response = self.clinic.staff.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    /// Sends a file in a form's field.
    pub async fn upload(&self, path: &str, field: &str, bytes: &[u8]) -> Answer {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"f\"\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        let request = Request::post(path)
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let mut cookies = format!("{SESSION_COOKIE}={}", self.session.cookie_value());
        if let Some(more) = request.headers().get(COOKIE) {
            cookies = format!("{cookies}; {}", more.to_str().unwrap());
        }
        request.headers_mut().insert(COOKIE, cookies.parse().unwrap());
        send(&self.clinic.staff, request).await
    }
}
