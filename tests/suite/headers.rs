//! What every answer says to the browser (SECURITY.md 7.2), graded by the rules
//! of MDN's HTTP Observatory (its scoring of 2024: a hundred points to begin
//! with; points for doing more count only from ninety on).

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, HOST};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use tirkeu::pages::Assets;
use tirkeu::vault::permission::Role;
use tirkeu::web::SESSION_COOKIE;
use tower::ServiceExt;

use crate::support::TestClinic;

/// Byte for byte; `{csp}` is the page's or the download's.
const ALWAYS: [(&str, &str); 6] = [
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

const PAGE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'; object-src 'none'";
const DOWNLOAD_CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// One kind of answer: what it is for people, and how it is asked for.
struct Kind {
    what: &'static str,
    status: u16,
    request: Request<Body>,
    signed_in: bool,
    staff_side: bool,
}

fn kind(what: &'static str, status: u16, method: Method, path: &str) -> Kind {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("sec-fetch-site", "same-origin");
    let request = request.body(Body::empty()).unwrap();
    Kind { what, status, request, signed_in: true, staff_side: true }
}

impl Kind {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    fn stranger(self) -> Self {
        Self { signed_in: false, ..self }
    }

    fn public(self) -> Self {
        Self { signed_in: false, staff_side: false, ..self }
    }
}

fn kinds() -> Vec<Kind> {
    let asset = Assets::iter().find(|name| name.ends_with(".js")).expect("web/dist is built");
    let asset = format!("/static/{asset}");
    let form = "application/x-www-form-urlencoded";
    let get = |what, status, path: &str| kind(what, status, Method::GET, path);
    let post = |what, status, path: &str| kind(what, status, Method::POST, path);
    vec![
        get("a page", 200, "/patients"),
        get("a fragment", 200, "/staff").with("hx-request", "true"),
        get("a page for strangers", 200, "/sign-in").stranger(),
        get("a file of the program", 200, &asset).stranger(),
        get("a file there is not", 404, "/static/nothing.js").stranger(),
        get("a download", 200, "/audit/export.csv"),
        get("a download for strangers", 404, "/trust/ca.crt").stranger(),
        get("a stream", 200, "/live?topics=today"),
        get("health", 200, "/healthz").stranger(),
        get("a redirect to the sign-in page", 303, "/patients")
            .with("accept", "text/html")
            .stranger(),
        get("no session", 401, "/patients").stranger(),
        get("no such page", 404, "/nothing"),
        get("no such id", 400, "/patients/nobody"),
        get("an odd path", 400, "/a%00b"),
        get("a foreign name", 421, "/sign-in").with(HOST.as_str(), "evil.example").stranger(),
        kind("a method there is not", 405, Method::DELETE, "/patients"),
        kind("a trace", 405, Method::TRACE, "/patients"),
        post("another site", 403, "/lock").with("sec-fetch-site", "cross-site"),
        post("a refused form", 422, "/patients").with("content-type", form),
        post("a wrong kind of body", 415, "/patients").with("content-type", "application/json"),
        post("locking", 303, "/lock"),
        post("signing out", 303, "/sign-out"),
        get("a page of the public side", 404, "/m/AAAAAAAAAAAAAAAAAAAAAA").public(),
        get("a staff page on the public side", 404, "/patients").public(),
        get("health of the public side", 200, "/healthz").public(),
        get("a file of the public side", 200, &asset).public(),
        post("a choice on the public side", 422, "/language").with("content-type", form).public(),
    ]
}

#[tokio::test]
async fn every_kind_of_answer_has_all_headers_and_earns_an_a_plus() {
    let clinic = TestClinic::open().await;
    for kind in kinds() {
        let router: &Router = if kind.staff_side { &clinic.staff } else { &clinic.public };
        let (what, mut request) = (kind.what, kind.request);
        if kind.signed_in {
            let owner = clinic.sign_in(Role::Owner).await;
            let cookie = format!("{SESSION_COOKIE}={}", owner.session.cookie_value());
            request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
        }
        let response = router.clone().oneshot(request).await.unwrap();

        assert_eq!(response.status().as_u16(), kind.status, "{what}");
        let headers = response.headers();
        for (name, value) in ALWAYS {
            assert_eq!(of(headers, name), [value], "{what}: {name}");
        }
        let saved =
            of(headers, "content-disposition").iter().any(|it| it.starts_with("attachment"));
        let csp = if saved { DOWNLOAD_CSP } else { PAGE_CSP };
        assert_eq!(of(headers, "content-security-policy"), [csp], "{what}");
        for told in ["server", "x-powered-by", "via"] {
            assert_eq!(of(headers, told), Vec::<&str>::new(), "{what}");
        }
        let cache = of(headers, "cache-control").join("");
        let is_file = what.starts_with("a file of");
        assert_eq!(cache == "no-store", !is_file, "{what}: {cache}");
        let (points, why) = observatory(headers);
        assert!(points >= 100, "{what} is graded {points}: {why:?}");
    }
}

#[tokio::test]
async fn a_download_is_saved_and_never_shown() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let answer = owner.get("/audit/export.csv").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\""));
    assert_eq!(answer.header("content-security-policy"), DOWNLOAD_CSP);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn who_signs_out_leaves_nothing_in_the_browser() {
    let clinic = TestClinic::open().await;
    for way in ["/sign-out", "/sign-out/everywhere"] {
        let owner = clinic.sign_in(Role::Owner).await;
        let answer = owner.post(way, "").await;
        assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"", "{way}");
        let gone = answer.header("set-cookie");
        assert!(gone.starts_with("__Host-sid=;") && gone.contains("Max-Age=0"), "{way}: {gone}");
        assert!(!owner.is_live(), "{way}");
    }
}

#[test]
fn the_grade_falls_with_each_header_that_is_missing() {
    let mut all = HeaderMap::new();
    for (name, value) in ALWAYS.iter().chain(&[("content-security-policy", PAGE_CSP)]) {
        all.insert(*name, value.parse().unwrap());
    }
    let full = observatory(&all).0;
    assert!(full >= 100);
    for name in ["strict-transport-security", "content-security-policy", "x-content-type-options"] {
        let mut fewer = all.clone();
        fewer.remove(name);
        assert!(observatory(&fewer).0 < 100, "{name}");
    }
    for (name, value) in [
        ("content-security-policy", "default-src 'self' 'unsafe-inline'"),
        ("strict-transport-security", "max-age=3600"),
        ("referrer-policy", "unsafe-url"),
        ("access-control-allow-origin", "*"),
        ("set-cookie", "sid=1; Path=/"),
    ] {
        let mut worse = all.clone();
        worse.insert(name, value.parse().unwrap());
        assert!(observatory(&worse).0 < full, "{name}: {value}");
    }
}

fn of<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

/// The points, and where some were lost.
fn observatory(headers: &HeaderMap) -> (i32, Vec<&'static str>) {
    let one = |name: &str| of(headers, name).join(", ");
    let csp = one("content-security-policy");
    let directive = |name: &str| {
        let found = csp.split(';').map(str::trim).find_map(|it| it.strip_prefix(name));
        found.map(str::trim)
    };
    let mut score = Score { points: 100, more: 0, why: Vec::new() };

    match () {
        () if csp.is_empty() => score.lose(25, "no content security policy"),
        () if csp.contains("'unsafe-inline'") => score.lose(20, "inline scripts or styles"),
        () if csp.contains("'unsafe-eval'") => score.lose(10, "eval"),
        () if csp.contains("http:") => score.lose(20, "insecure sources"),
        () if directive("default-src") == Some("'none'") => score.more += 10,
        () => score.more += 5,
    }
    for cookie in of(headers, "set-cookie") {
        let has = |part: &str| cookie.split("; ").any(|it| it.starts_with(part));
        let session = ["sid", "dev", "known"].iter().any(|name| cookie.contains(name));
        match () {
            () if !has("Secure") => score.lose(20, "a cookie without Secure"),
            () if session && !has("HttpOnly") => score.lose(30, "a session scripts can read"),
            () if !has("SameSite=") => score.lose(20, "a cookie without SameSite"),
            () if session && !cookie.starts_with("__Host-") => score.lose(1, "no prefix"),
            () => {}
        }
    }
    if one("access-control-allow-origin") == "*" {
        score.lose(50, "everybody may read it");
    }
    let age = one("strict-transport-security");
    let age = age.strip_prefix("max-age=").and_then(|it| it.split(';').next()?.parse::<u64>().ok());
    match age {
        None => score.lose(20, "no strict transport security"),
        Some(seconds) if seconds < 15_768_000 => score.lose(10, "less than half a year"),
        Some(_) => {}
    }
    match one("referrer-policy").as_str() {
        "no-referrer" | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" => {
            score.more += 5;
        }
        "" => {}
        _ => score.lose(5, "the referrer tells others"),
    }
    if one("x-content-type-options") != "nosniff" {
        score.lose(5, "the browser guesses");
    }
    if directive("frame-ancestors") == Some("'none'") {
        score.more += 5;
    } else {
        score.lose(20, "it can be framed");
    }
    match one("cross-origin-resource-policy").as_str() {
        "same-origin" | "same-site" => score.more += 10,
        _ => {}
    }
    let more = if score.points >= 90 { score.more } else { 0 };
    (if score.why.is_empty() { score.points + more } else { score.points }, score.why)
}

struct Score {
    points: i32,
    more: i32,
    why: Vec<&'static str>,
}

impl Score {
    fn lose(&mut self, points: i32, why: &'static str) {
        self.points -= points;
        self.why.push(why);
    }
}
