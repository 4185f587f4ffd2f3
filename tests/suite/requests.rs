//! Requests that no browser of ours makes (SECURITY.md 7.1 to 7.3): foreign
//! names, odd paths, wrong kinds of bodies, too much of everything, too often.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, RETRY_AFTER};
use axum::http::{Method, Request, StatusCode};
use tirkeu::vault::permission::Role;
use tirkeu::web::{Gate, Pace, Paces, SESSION_COOKIE};

use crate::support::{Answer, TestClinic, send};

const FORM: &str = "application/x-www-form-urlencoded";

async fn staff(clinic: &TestClinic, request: axum::http::request::Builder, body: &str) -> Answer {
    send(&clinic.staff, request.body(Body::from(body.to_owned())).unwrap()).await
}

/// 421 (T7.2), with a page that says what to do.
#[tokio::test]
async fn a_page_that_was_rebound_to_our_address_gets_nothing() {
    let clinic = TestClinic::open().await;
    for host in ["evil.example", "desk.example.evil.example:8443", "clinic"] {
        for path in ["/sign-in", "/healthz", "/live"] {
            let answer = staff(&clinic, Request::get(path).header(HOST, host), "").await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(answer.body.contains("Это не адрес клиники"), "{}", answer.body);
        }
    }
    for host in ["desk.example:8443", "clinic.example", "localhost:1", "10.0.0.5:8443"] {
        let answer = staff(&clinic, Request::get("/sign-in").header(HOST, host), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn a_form_takes_forms_only_and_no_header_changes_the_method() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    for kind in
        ["application/json", "text/plain", "text/xml", "", "multipart/form-data; boundary=e"]
    {
        let request = Request::post("/patients").header(CONTENT_TYPE, kind);
        let answer = owner.send(request.body(Body::from("{\"surname\":\"A\"}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert!(answer.body.contains("Запрос не понят"), "{}", answer.body);
    }
    for method in [Method::TRACE, Method::PUT, Method::DELETE, Method::CONNECT, Method::PATCH] {
        let request = Request::builder().method(method.clone()).uri("/patients");
        let answer = owner.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(!answer.header("allow").contains("TRACE"), "{}", answer.header("allow"));
    }
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let request = Request::get("/lock").header(name, "POST").body(Body::empty());
        let answer = owner.send(request.unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{name}");
    }
    assert!(owner.is_live(), "nothing was locked");
    let hidden = owner.get("/lock?_method=POST").await;
    assert_eq!(hidden.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_where_its_plain_one_does_not() {
    let clinic = TestClinic::open().await;
    for path in [
        "//patients",
        "/./patients",
        "/static/../patients",
        "/static/%2e%2e/patients",
        "/static/..%2f..%2fCargo.toml",
        "/static/%2e%2e%2f%2e%2e%2fCargo.toml",
        "/static/....//Cargo.toml",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/sign-in/../patients",
        "/sign-in;/patients",
        "/PATIENTS",
        "/patients/",
        "/patients%20",
        "/patients%3f",
        "/healthz/x",
    ] {
        let answer = staff(&clinic, Request::get(path), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.body);
    }
    for path in ["/%00", "/static/a%00.css", "/patients%0d%0aX:1", "/..%5c..%5cx", "/%"] {
        let answer = staff(&clinic, Request::get(path), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let overlong = format!("/{}", "a".repeat(60_000));
    assert_eq!(staff(&clinic, Request::get(overlong), "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_tells_nobody_what_its_request_said_wrong() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    for (path, status) in [
        ("/patients/%D0%9C%D0%B0%D1%80%D0%BA", StatusCode::BAD_REQUEST),
        ("/patients/zq-not-an-id", StatusCode::BAD_REQUEST),
        ("/audit?before=zq-not-a-number", StatusCode::BAD_REQUEST),
        ("/patients?below=zq-not-a-number", StatusCode::BAD_REQUEST),
    ] {
        let answer = owner.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains("Запрос не понят"), "{path}: {}", answer.body);
        for told in ["zq-not-a-number", "Failed to", "Invalid URL", "Cannot parse", "UUID"] {
            assert!(!answer.body.contains(told), "{path} tells {told}");
        }
    }
    let answer = owner.post("/language", "language=zq-not-a-language").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answer.body.contains("zq-not"), "{}", answer.body);
}

#[tokio::test]
async fn a_body_has_its_limit_on_each_side() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let long = |bytes: usize| format!("note={}", "a".repeat(bytes));
    let fits = owner.post("/patients", &long(1000 * 1024)).await;
    assert_eq!(fits.status, StatusCode::UNPROCESSABLE_ENTITY);
    let too_long = owner.post("/patients", &long(1024 * 1024)).await;
    assert_eq!(too_long.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(too_long.body.contains("Слишком большой файл"), "{}", too_long.body);

    let ask = async |bytes: usize| {
        let request = Request::post("/language").header(CONTENT_TYPE, FORM);
        let body = format!("language=kk&back={}", "a".repeat(bytes));
        send(&clinic.public, request.body(Body::from(body)).unwrap()).await.status
    };
    assert_eq!(ask(15 * 1024).await, StatusCode::SEE_OTHER);
    assert_eq!(ask(16 * 1024).await, StatusCode::PAYLOAD_TOO_LARGE);
}

/// A body that never ends is not waited for: the limit is injected.
#[tokio::test]
async fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let clinic = TestClinic::open().await;
    let gate = Gate { patience: Duration::from_millis(50), ..Gate::staff() };
    let router = tirkeu::app::staff_router_within(clinic.clinic.clone(), &gate);
    let owner = clinic.sign_in(Role::Owner).await;
    let cookie = format!("{SESSION_COOKIE}={}", owner.session.cookie_value());
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = Request::post("/patients")
        .header(CONTENT_TYPE, FORM)
        .header(COOKIE, cookie)
        .body(Body::from_stream(never))
        .unwrap();

    let answer = send(&router, request).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert!(answer.body.contains("Запрос шёл слишком долго"), "{}", answer.body);
}

fn from(peer: &str, mut request: Request<Body>) -> Request<Body> {
    let peer: SocketAddr = format!("{peer}:40000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_public_side_answers_twenty_requests_at_once_and_then_says_when() {
    let clinic = TestClinic::open().await;
    let mut refused = None;
    for asked in 0..25 {
        let answer = send(&clinic.public, from("203.0.113.5", get("/m/AAAA"))).await;
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {
                refused = Some((asked, answer));
                break;
            }
            status => assert_eq!(status, StatusCode::NOT_FOUND),
        }
    }
    let (asked, answer) = refused.expect("the twenty-first is one too many");
    assert!(asked >= 20, "{asked}");
    assert!(answer.header(RETRY_AFTER.as_str()).parse::<u64>().unwrap() >= 1);
    assert!(answer.body.contains("Слишком много"), "{}", answer.body);
    let neighbour = send(&clinic.public, from("203.0.113.6", get("/m/AAAA"))).await;
    assert_eq!(neighbour.status, StatusCode::NOT_FOUND);
}

/// One address cannot try one password with every login.
#[tokio::test]
async fn one_address_may_try_few_passwords_whatever_the_login() {
    let clinic = TestClinic::open().await;
    let few = Pace { burst: NonZeroU32::new(3).unwrap(), refill: Duration::from_hours(1) };
    let gate = Gate { paces: Paces { secrets: few, ..Paces::staff() }, ..Gate::staff() };
    let router = tirkeu::app::staff_router_within(clinic.clinic.clone(), &gate);
    let try_one = async |number: u8, peer: &str| {
        let request = Request::post("/sign-in").header(CONTENT_TYPE, FORM);
        let form = format!("login=guess{number}&password=Summer2026!!");
        let request = request.body(Body::from(form)).unwrap();
        send(&router, from(peer, request)).await.status
    };
    for number in 0..3 {
        assert_eq!(try_one(number, "10.0.0.66").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(try_one(3, "10.0.0.66").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_one(4, "10.0.0.67").await, StatusCode::UNPROCESSABLE_ENTITY);
    let page = send(&router, from("10.0.0.66", get("/sign-in"))).await;
    assert_eq!(page.status, StatusCode::OK, "looking is not trying");
}

/// Whoever floods the messengers' door is refused before anything is read or kept.
#[tokio::test]
async fn a_flood_at_the_messengers_door_is_refused_and_others_come_through() {
    let clinic = TestClinic::open().await;
    let few = Pace { burst: NonZeroU32::new(3).unwrap(), refill: Duration::from_hours(1) };
    let gate = Gate { paces: Paces { light: few, ..Paces::public() }, ..Gate::public() };
    let router = tirkeu::app::public_router_within(clinic.clinic.clone(), &gate);
    for door in ["/hooks/whatsapp", "/hooks/instagram"] {
        let knock = async |peer: &str| {
            let request = Request::post(door).header(CONTENT_TYPE, "application/json");
            send(&router, from(peer, request.body(Body::from("{}")).unwrap())).await
        };
        let (flood, other) = (format!("203.0.113.{}", door.len()), "198.51.100.7");
        for _ in 0..3 {
            assert_eq!(knock(&flood).await.status, StatusCode::FORBIDDEN, "{door}: no signature");
        }
        for _ in 0..5 {
            let refused = knock(&flood).await;
            assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{door}");
            assert!(refused.header(RETRY_AFTER.as_str()).parse::<u64>().unwrap() >= 1);
        }
        assert_eq!(knock(other).await.status, StatusCode::FORBIDDEN, "{door}");
        let page = send(&router, from(&flood, get("/m/AAAA"))).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "patients behind that address are let in");
    }
}

#[tokio::test]
async fn every_way_on_stays_on_this_site() {
    let clinic = TestClinic::open().await;
    for evil in [
        "//evil.example",
        "/%09/evil.example",
        "%09//evil.example",
        "/%5cevil.example",
        "https://evil.example",
        "/%0d%0aLocation:%20//evil.example",
        "///evil.example",
        "javascript:alert(1)",
    ] {
        let request = Request::post("/language").header(CONTENT_TYPE, FORM);
        let answer = staff(&clinic, request, &format!("language=kk&back={evil}")).await;
        assert_eq!(answer.header("location"), "/", "{evil}");
    }
    let html = |path: &str| Request::get(path).header("accept", "text/html");
    for (path, location) in [
        ("/patients", "/sign-in?next=/patients"),
        ("//evil.example/%2e%2e", "/sign-in"),
        ("/patients/a&next=x", "/sign-in?next=/patients/a%26next%3Dx"),
    ] {
        let answer = staff(&clinic, html(path), "").await;
        if answer.status == StatusCode::SEE_OTHER {
            assert_eq!(answer.header("location"), location, "{path}");
        }
    }
}
