//! Who gets in, and how.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use tirkeu::access::{self, NewStaff};
use tirkeu::crypto::totp::TotpSecret;
use tirkeu::i18n::Language;
use tirkeu::vault::permission::Role;
use tirkeu::vault::{Actor, IDLE_END_MS, IDLE_LOCK_MS};

use crate::support::{Answer, PASSWORD, TestClinic, send};

async fn hire(clinic: &TestClinic, login: &str, must_change: bool, secret: Option<&TotpSecret>) {
    let new = NewStaff {
        login: login.to_owned(),
        name: "Aigul".to_owned(),
        role: Role::Reception,
        language: Language::Ru,
        password: PASSWORD.to_owned(),
        must_change,
        totp_secret: secret.map(|secret| secret.bytes().to_vec()),
    };
    let console = Actor::console().grant().unwrap();
    access::add(&clinic.clinic, &console, &new).await.unwrap();
}

fn secret() -> TotpSecret {
    TotpSecret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap()
}

async fn post(clinic: &TestClinic, path: &str, form: &str) -> Answer {
    let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(&clinic.staff, request.body(Body::from(form.to_owned())).unwrap()).await
}

async fn password(clinic: &TestClinic, login: &str, password: &str) -> Answer {
    let form = format!("login={login}&password={}", password.replace(' ', "+"));
    post(clinic, "/sign-in", &form).await
}

/// The hidden field of the next step.
fn challenge(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("name=\"challenge\" value=\"").expect("a challenge");
    rest.split_once('"').unwrap().0.replace("&#x2f;", "/")
}

async fn code(clinic: &TestClinic, challenge: &str, code: &str) -> Answer {
    post(clinic, "/sign-in/code", &format!("challenge={challenge}&login=aigul.b&code={code}")).await
}

fn code_now(clinic: &TestClinic) -> String {
    secret().code_at(clinic.clinic.clock().now().unix_seconds())
}

#[tokio::test]
async fn a_password_and_a_code_open_a_session_whose_cookie_is_closed_to_scripts_and_other_sites() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul.b", false, Some(&secret())).await;

    let asked = password(&clinic, "Aigul.B", PASSWORD).await;
    assert_eq!(asked.status, StatusCode::OK);
    let entered = code(&clinic, &challenge(&asked), &code_now(&clinic)).await;

    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let cookie = entered.header("set-cookie");
    for part in ["__Host-sid=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    let token = cookie.split(['=', ';']).nth(1).unwrap();
    let stored = clinic.rows("SELECT lower(hex(token_hash)) FROM session").await;
    assert!(!stored.contains(&token.to_owned()), "only the hash is stored");
}

#[tokio::test]
async fn a_code_is_good_once() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul.b", false, Some(&secret())).await;
    let first = challenge(&password(&clinic, "aigul.b", PASSWORD).await);
    let second = challenge(&password(&clinic, "aigul.b", PASSWORD).await);
    let now = code_now(&clinic);

    assert_eq!(code(&clinic, &first, &now).await.status, StatusCode::SEE_OTHER);
    assert_eq!(code(&clinic, &second, &now).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_password_get_the_same_answer_and_keep_what_was_typed() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul.b", false, Some(&secret())).await;

    let nobody = password(&clinic, "nobody", PASSWORD).await;
    let wrong = password(&clinic, "aigul.b", "not this one at all").await;

    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(nobody.body.replace("nobody", "aigul.b"), wrong.body);
    assert!(!wrong.body.contains("not this one"), "a password is never shown again");
}

#[tokio::test]
async fn guesses_are_slowed_down_and_a_browser_that_was_here_before_is_not() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul.b", false, Some(&secret())).await;
    let asked = password(&clinic, "aigul.b", PASSWORD).await;
    let entered = code(&clinic, &challenge(&asked), &code_now(&clinic)).await;
    let known = entered.headers.get_all("set-cookie").iter().nth(1).unwrap();
    let known = known.to_str().unwrap().split(';').next().unwrap().to_owned();
    for _ in 0..6 {
        password(&clinic, "aigul.b", "not this one at all").await;
    }

    let stranger = password(&clinic, "aigul.b", PASSWORD).await;
    assert!(stranger.body.contains("Слишком много попыток"), "{}", stranger.body);
    let request = Request::post("/sign-in")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(COOKIE, known)
        .body(Body::from(format!("login=aigul.b&password={}", PASSWORD.replace(' ', "+"))));
    let own = send(&clinic.staff, request.unwrap()).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.body);
    clinic.clinic.clock().advance_ms(16 * 60 * 1000);
    assert_eq!(password(&clinic, "aigul.b", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_one_time_password_lets_nobody_in_before_it_is_replaced_and_a_second_factor_set_up() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul.b", true, None).await;

    let asked = password(&clinic, "aigul.b", PASSWORD).await;
    let form = |password: &str| {
        format!("challenge={}&login=aigul.b&password={password}", challenge(&asked))
    };
    let weak = post(&clinic, "/sign-in/password", &form("password1234")).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = form("four+quiet+random+horses");
    let enrol = post(&clinic, "/sign-in/password", &good).await;
    let (_, rest) = enrol.body.split_once("<code").unwrap();
    let shown = rest.split_once('>').unwrap().1.split_once('<').unwrap().0;
    let secret = TotpSecret::from_base32(shown).unwrap();
    let now = secret.code_at(clinic.clinic.clock().now().unix_seconds());
    let entered = code(&clinic, &challenge(&enrol), &now).await;

    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    let again = post(&clinic, "/sign-in/password", &good).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a used step starts over");
}

#[tokio::test]
async fn an_idle_screen_locks_opens_for_its_owner_and_is_over_after_half_an_hour() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    clinic.clinic.clock().advance_ms(IDLE_LOCK_MS);

    assert_eq!(desk.get("/patients").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.get("/unlock").await.status, StatusCode::OK);
    let wrong = desk.post("/unlock", "password=wrong").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = format!("password={}&next=/patients", PASSWORD.replace(' ', "+"));
    let opened = desk.post("/unlock", &right).await;
    assert_eq!(opened.header("location"), "/patients");
    assert_eq!(desk.get("/patients").await.status, StatusCode::OK);
    clinic.clinic.clock().advance_ms(IDLE_END_MS);
    assert_eq!(desk.get("/unlock").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_that_person_alone() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let other = clinic.sign_in(Role::Reception).await;

    assert_eq!(desk.post("/sign-out/everywhere", "").await.status, StatusCode::SEE_OTHER);

    assert_eq!(desk.get("/account").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn somebody_who_leaves_is_out_at_once_and_keeps_the_name_in_the_list() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let desk = clinic.sign_in(Role::Reception).await;
    let id = desk.actor().staff().unwrap();

    owner.post(&format!("/staff/{id}/leave"), "").await;

    assert_eq!(desk.get("/account").await.status, StatusCode::UNAUTHORIZED);
    assert!(owner.get("/staff").await.body.contains("больше не работает"));
    let own = owner.actor().staff().unwrap();
    let stays = owner.post(&format!("/staff/{own}/leave"), "").await;
    assert_eq!(stays.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_request_from_another_site_changes_nothing() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let request = |name: &'static str, value: &'static str| {
        Request::post("/sign-out/everywhere").header(name, value).body(Body::empty()).unwrap()
    };

    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        let answer = desk.send(request(name, value)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(desk.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_way_after_signing_in_stays_on_this_site() {
    let clinic = TestClinic::open().await;
    hire(&clinic, "aigul.b", false, Some(&secret())).await;
    let asked = password(&clinic, "aigul.b", PASSWORD).await;
    let challenge = challenge(&asked);
    let form = format!(
        "challenge={challenge}&login=aigul.b&code={}&next=%2F%2Fevil.example",
        code_now(&clinic)
    );
    assert_eq!(post(&clinic, "/sign-in/code", &form).await.header("location"), "/");
}
