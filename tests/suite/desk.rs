//! A desk that several people share, a lost phone, and browsers that are known.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use tirkeu::access::{self, NewStaff};
use tirkeu::crypto::totp::TotpSecret;
use tirkeu::i18n::Language;
use tirkeu::vault::permission::Role;
use tirkeu::vault::{Actor, IDLE_END_MS, LIFETIME_MS};

use crate::support::{Answer, PASSWORD, TestClinic, send};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// One browser: its cookies, and who uses it.
pub struct Desk<'a> {
    clinic: &'a TestClinic,
    pub cookies: Vec<(String, String)>,
}

impl<'a> Desk<'a> {
    pub fn new(clinic: &'a TestClinic) -> Self {
        Self { clinic, cookies: Vec::new() }
    }

    async fn ask(&mut self, request: axum::http::request::Builder, form: String) -> Answer {
        let all: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(COOKIE, all.join("; "))
            .header("accept", "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = send(&self.clinic.staff, request.body(Body::from(form)).unwrap()).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path), String::new()).await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.ask(Request::post(path), form.to_owned()).await
    }

    /// Password and what is given for the second factor.
    pub async fn sign_in(&mut self, login: &str, factor: &str) -> Answer {
        let form = format!("login={login}&password={}", PASSWORD.replace(' ', "+"));
        let asked = self.post("/sign-in", &form).await;
        let (_, rest) = asked.body.split_once("name=\"challenge\" value=\"").expect(&asked.body);
        let challenge = rest.split_once('"').unwrap().0.replace("&#x2f;", "/");
        let form = format!("challenge={challenge}&login={login}&{factor}");
        self.post("/sign-in/code", &form).await
    }

    pub async fn sign_in_with_code(&mut self, login: &str) -> Answer {
        let now = self.clinic.clinic.clock().now().unix_seconds();
        let code = TotpSecret::from_base32(SECRET).unwrap().code_at(now);
        self.sign_in(login, &format!("code={code}")).await
    }

    pub async fn who(&mut self) -> String {
        let page = self.get("/account").await.body;
        let (_, rest) = page.split_once("name=\"login\" value=\"").expect("signed in");
        rest.split_once('"').unwrap().0.to_owned()
    }
}

pub async fn hire(clinic: &TestClinic, login: &str) -> String {
    let new = NewStaff {
        login: login.to_owned(),
        name: login.to_uppercase(),
        role: Role::Reception,
        language: Language::Ru,
        password: PASSWORD.to_owned(),
        must_change: false,
        totp_secret: Some(TotpSecret::from_base32(SECRET).unwrap().bytes().to_vec()),
    };
    let console = Actor::console().grant().unwrap();
    access::add(&clinic.clinic, &console, &new).await.unwrap().to_string()
}

#[tokio::test]
async fn two_people_change_at_one_desk_by_pin_and_the_ledger_names_the_one_who_acts() {
    let clinic = TestClinic::open().await;
    let (aigul, dana) = (hire(&clinic, "aigul").await, hire(&clinic, "dana").await);
    let mut desk = Desk::new(&clinic);
    for (login, pin) in [("aigul", "204816"), ("dana", "730951")] {
        assert_eq!(desk.sign_in_with_code(login).await.status, StatusCode::SEE_OTHER);
        let weak = desk.post("/account/pin", "pin=123456").await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(desk.post("/account/pin", &format!("pin={pin}")).await.status, StatusCode::OK);
    }
    assert_eq!(desk.who().await, "dana");

    desk.post("/lock", "").await;
    clinic.clinic.clock().advance_ms(2 * IDLE_END_MS);
    let locked = desk.get("/unlock").await;
    assert!(locked.body.contains("AIGUL"), "{}", locked.body);
    let wrong = desk.post("/switch", &format!("staff={aigul}&pin=730951")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let old = desk.cookies.clone();
    desk.post("/switch", &format!("staff={aigul}&pin=204816")).await;
    assert_eq!(desk.who().await, "aigul");
    assert_ne!(old, desk.cookies, "under a new cookie");
    desk.post("/patients", "surname=Kim&given=A&language=ru").await;

    let back = desk.post("/switch", &format!("staff={dana}&pin=730951")).await;
    assert_eq!(back.header("location"), "/");
    assert_eq!(desk.who().await, "dana");
    let ledger = clinic.ledger().await;
    let made = ledger.iter().find(|event| event["act"] == "patient.registered").unwrap();
    assert_eq!(made["actor"], aigul.as_str());
    assert!(ledger.iter().any(|event| event["act"] == "session.switched"));
    assert!(!serde_json::to_string(&ledger).unwrap().contains("204816"));

    let mut elsewhere = Desk::new(&clinic);
    elsewhere.cookies =
        desk.cookies.iter().filter(|(name, _)| name == "__Host-sid").cloned().collect();
    let other = elsewhere.post("/switch", &format!("staff={aigul}&pin=204816")).await;
    assert_ne!(other.header("location"), "/", "a PIN opens nothing on another browser");

    let ends = clinic.rows("SELECT CAST(max(expires_at) AS TEXT) FROM session").await;
    let first = crate::support::NOW + LIFETIME_MS;
    assert_eq!(ends, [first.to_string()], "nor does it make one longer, also on the disk");
    clinic.clinic.clock().advance_ms(LIFETIME_MS);
    let over = desk.post("/switch", &format!("staff={aigul}&pin=204816")).await;
    assert!(over.header("location").starts_with("/sign-in"), "a PIN starts no session");
}

#[tokio::test]
async fn five_wrong_pins_end_it_and_the_password_still_opens() {
    let clinic = TestClinic::open().await;
    let aigul = hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    desk.post("/account/pin", "pin=204816").await;
    desk.post("/lock", "").await;
    for _ in 0..access::pin::MOST_FAILURES {
        desk.post("/switch", &format!("staff={aigul}&pin=999990")).await;
    }
    let right = desk.post("/switch", &format!("staff={aigul}&pin=204816")).await;
    assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY);
    let opened = desk.post("/unlock", &format!("password={}", PASSWORD.replace(' ', "+"))).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.who().await, "aigul");
}

#[tokio::test]
async fn of_many_pins_at_the_same_moment_five_are_looked_at() {
    let clinic = TestClinic::open().await;
    let aigul = hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    desk.post("/account/pin", "pin=204816").await;
    desk.post("/lock", "").await;

    let cookies = desk.cookies.clone();
    let tries = (0..20).map(|n| {
        let (clinic, cookies) = (&clinic, cookies.clone());
        let form = format!("staff={aigul}&pin=9999{n:02}");
        async move { Desk { clinic, cookies }.post("/switch", &form).await.status }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert!(answers.iter().all(|status| *status == StatusCode::UNPROCESSABLE_ENTITY));
    let looked_at = |act: &str, ledger: &[serde_json::Value]| {
        ledger.iter().filter(|event| event["act"] == act).count()
    };
    let ledger = clinic.ledger().await;
    let most = usize::try_from(access::pin::MOST_FAILURES).unwrap();
    assert_eq!(looked_at("pin.tried", &ledger), most);
    assert_eq!(looked_at("sign_in.failed", &ledger), most);
    let right = desk.post("/switch", &format!("staff={aigul}&pin=204816")).await;
    assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY, "the sixth is not looked at");
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_second_factor_once() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    assert!(desk.get("/account").await.body.contains("Кодов восстановления нет"));
    let page = desk.post("/account/recovery-codes", "").await.body;
    let codes: Vec<&str> = page
        .split("<li>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</li>"))
        .map(|p| p.0)
        .filter(|c| c.len() == 29)
        .collect();
    assert_eq!(codes.len(), access::recovery_codes::COUNT);
    assert!(desk.get("/account").await.body.contains("Осталось 10 кодов"));

    let mut found = Desk::new(&clinic);
    let typed = codes[3].to_lowercase().replace('-', "+");
    let entered = found.sign_in("aigul", &format!("recovery={typed}")).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    let again = Desk::new(&clinic).sign_in("aigul", &format!("recovery={typed}")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(found.get("/account").await.body.contains("Осталось 9 кодов"));
    let stored = clinic.rows("SELECT hex(hash) FROM recovery_code").await.join(" ");
    assert!(!stored.contains(codes[0]));
}

#[tokio::test]
async fn a_new_browser_is_in_the_ledger_a_known_one_has_its_own_attempts_and_can_be_forgotten() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul").await;
    let mut desk = Desk::new(&clinic);
    desk.sign_in_with_code("aigul").await;
    assert!(clinic.audited().await.contains(&"device.new".to_owned()));

    let mut thief = Desk::new(&clinic);
    for _ in 0..8 {
        thief.post("/sign-in", "login=aigul&password=guess").await;
    }
    let form = format!("login=aigul&password={}", PASSWORD.replace(' ', "+"));
    assert!(thief.post("/sign-in", &form).await.body.contains("Слишком много попыток"));
    let own = desk.post("/sign-in", &form).await;
    assert!(own.body.contains("name=\"challenge\""), "nobody is locked out of their own desk");

    let page = desk.get("/account").await.body.replace("&#x2f;", "/");
    let (_, rest) = page.split_once("/account/devices/").unwrap();
    let tag = rest.split('/').next().unwrap().to_owned();
    desk.post(&format!("/account/devices/{tag}/forget"), "").await;
    assert!(desk.post("/sign-in", &form).await.body.contains("Слишком много попыток"));
}
