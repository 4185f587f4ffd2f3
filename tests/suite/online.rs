//! Online booking, on the public listener, as a browser without scripts does it.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use std::net::SocketAddr;
use tirkeu::crypto::hash::sha256;
use tirkeu::messaging::run_due;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::vault::permission::Role;
use tokio::task::JoinSet;

use crate::booking::{Day1, time};
use crate::booking_again::{completed, repeated};
use crate::peers::smsc::{LOGIN, PASSWORD, SmscServer};
use crate::planted::form;
use crate::support::{Answer, send};

const MINUTE: i64 = 60_000;
const PHONE: &str = "8 701 555 66 77";

/// The clinic of [`Day1`], open for bookings from outside, with a gateway.
pub struct Online {
    pub day: Day1,
    pub server: SmscServer,
}

/// What a patient fills in.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    pub name: &'a str,
    pub phone: &'a str,
    pub birth: &'a str,
    /// Where they are.
    pub ip: &'a str,
    /// Whether their browser has shown work.
    pub works: bool,
}

pub const DANA: Typed<'_> =
    Typed {
        name: "Дана Ахметова", phone: PHONE, birth: "", ip: "203.0.113.7", works: true
    };

impl Online {
    pub async fn open() -> Self {
        let online = Self { day: Day1::open().await, server: SmscServer::start().await };
        let change = GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: online.server.address.clone(),
            username: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let owner = online.day.clinic.grant(Role::Owner).await;
        setup::set_gateway(online.day.clinic.vault(), &owner, &change).await.unwrap();
        online.set("enabled = 1, work_bits = 4").await;
        online.write("UPDATE service SET online = 1").await;
        online
    }

    pub async fn write(&self, sql: &str) {
        self.day.clinic.write(sql).await.unwrap();
    }

    pub async fn set(&self, what: &str) {
        self.write(&format!("UPDATE online_settings SET {what}")).await;
    }

    pub async fn rows(&self, sql: &str) -> Vec<String> {
        self.day.clinic.rows(sql).await
    }

    async fn from(&self, ip: &str, request: Request<Body>) -> Answer {
        let mut request = request;
        let peer: SocketAddr = (ip.parse::<std::net::IpAddr>().unwrap(), 40_000).into();
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut answer = send(&self.day.clinic.public, request).await;
        answer.body = answer.body.replace("&#x2f;", "/");
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.from("127.0.0.1", Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post_from(&self, ip: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.from(ip, request.body(Body::from(form(fields))).unwrap()).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from("127.0.0.1", path, fields).await
    }

    /// A filling with Anna.
    pub fn slot(&self, starts: &str) -> String {
        format!("/book/{}/{}/{}", self.day.filling, self.day.anna, time(starts))
    }

    /// A filling with anybody.
    fn any(&self, starts: &str) -> String {
        format!("/book/{}/any/{}", self.day.filling, time(starts))
    }

    /// The key of a fresh form.
    pub async fn key(&self, slot: &str) -> String {
        let page = self.get(slot).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        between(&page.body, "name=\"key\" value=\"", "\"").to_owned()
    }

    async fn send_form(&self, slot: &str, key: &str, typed: Typed<'_>) -> Answer {
        let work = if typed.works { worked(key, 4) } else { String::new() };
        let fields = [
            ("key", key),
            ("work", &work),
            ("name", typed.name),
            ("phone", typed.phone),
            ("birth", typed.birth),
            ("consent", "on"),
        ];
        self.post_from(typed.ip, slot, &fields).await
    }

    /// Asks for a code; gives where the booking is.
    pub async fn begin(&self, slot: &str, typed: Typed<'_>) -> String {
        let key = self.key(slot).await;
        let answer = self.send_form(slot, &key, typed).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.header("location").to_owned()
    }

    /// The code in the newest SMS.
    pub async fn code(&self) -> String {
        run_due(&self.day.clinic.clinic, &tirkeu::app::message_hooks()).await.unwrap();
        let text = self.server.taken().last().unwrap().text.clone();
        let digits = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        text.split(' ').find(digits).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
    }

    async fn prove(&self, visit: &str) -> Answer {
        let code = self.code().await;
        self.post(&format!("{visit}/code"), &[("code", &code)]).await
    }

    /// From the form to the page of what came of it.
    pub async fn booked(&self, slot: &str, typed: Typed<'_>) -> String {
        let visit = self.begin(slot, typed).await;
        let answer = self.prove(&visit).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        visit
    }

    pub async fn work(&self) {
        let clinic = &self.day.clinic.clinic;
        while 0 < tirkeu::app::jobs().run_due(&clinic.vault, clinic).await.unwrap() {}
    }

    pub fn later(&self, minutes: i64) {
        self.day.clinic.clinic.clock().advance_ms(minutes * MINUTE);
    }

    pub async fn state(&self) -> Vec<String> {
        self.rows("SELECT state FROM online_request ORDER BY created_at, id").await
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split_once(to).unwrap().0
}

/// A proof of work, looked for as a browser does.
pub fn worked(key: &str, bits: u32) -> String {
    let solves = |number: &u64| {
        let digest = sha256(format!("{key}:{number}").as_bytes());
        bits <= u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]).leading_zeros()
    };
    (0..u64::MAX).find(solves).unwrap().to_string()
}

#[tokio::test]
async fn a_patient_books_by_four_links_and_a_code_without_scripts() {
    let online = Online::open().await;
    let services = online.get("/book").await;
    assert!(services.body.contains("Лечение кариеса"), "{}", services.body);
    let service = format!("/book/{}", online.day.filling);
    assert!(services.body.contains(&format!("href=\"{service}\"")));
    let doctors = online.get(&service).await;
    assert!(doctors.body.contains("Любой врач") && doctors.body.contains("Сейтова Анна"));
    let anna = format!("{service}/{}", online.day.anna);
    assert!(doctors.body.contains(&format!("href=\"{anna}\"")));
    let times = online.get(&anna).await;
    assert!(!times.body.contains("T09:45\""), "two hours of notice: {}", times.body);
    let slot = online.slot("10:00");
    assert!(times.body.contains(&format!("href=\"{slot}\"")), "{}", times.body);

    let visit = online.begin(&slot, DANA).await;
    let page = online.get(&visit).await;
    assert!(page.body.contains("***") && !page.body.contains("555"), "{}", page.body);
    assert_eq!(online.rows("SELECT id FROM appointment").await.len(), 0, "nothing before the code");
    online.prove(&visit).await;
    let done = online.get(&visit).await;
    assert!(done.body.contains("Вы записаны") && done.body.contains("10:00"), "{}", done.body);
    let made =
        "SELECT a.source || ' ' || a.status || ' ' || a.starts || ' ' || p.name || ' ' || ph.phone
        FROM appointment AS a JOIN patient AS p ON p.id = a.patient_id
        JOIN patient_phone AS ph ON ph.patient_id = p.id";
    assert_eq!(
        online.rows(made).await,
        ["online booked 2026-11-23T10:00 Ахметова Дана +77015556677"]
    );
    let kept = "SELECT phone || '/' || name || '/' || birth || ' consent ' || consent_version
        FROM online_request";
    assert_eq!(online.rows(kept).await, ["// consent 1"], "what was typed is on the card now");
    let calendar = online.get(&format!("{visit}/visit.ics")).await;
    assert!(calendar.body.contains("DTSTART:20261123T050000Z"), "{}", calendar.body);
    // Its page leads to where it is moved and cancelled.
    let answer = between(&done.body, "href=\"/m/", "/move").to_owned();
    assert!(online.get(&format!("/m/{answer}")).await.body.contains("10:00"));
}

#[tokio::test]
async fn until_the_owner_opens_it_nothing_is_booked_from_outside() {
    let online = Online::open().await;
    let slot = online.slot("10:00");
    let key = online.key(&slot).await;
    online.set("enabled = 0").await;
    for path in ["/book", "/sitemap.xml", &slot] {
        assert_eq!(online.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(online.send_form(&slot, &key, DANA).await.status, StatusCode::NOT_FOUND);
    online.set("enabled = 1").await;
    online.write("UPDATE service SET online = 0").await;
    assert_eq!(online.get(&slot).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refused_form_says_what_is_wrong_and_keeps_what_was_typed() {
    let online = Online::open().await;
    let slot = online.slot("10:00");
    let key = online.key(&slot).await;
    let fields =
        [("key", key.as_str()), ("name", "Д"), ("phone", "+1 202 555 0100"), ("birth", "вчера")];
    let answer = online.post(&slot, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in
        ["мобильный номер Казахстана", "Напишите имя", "Без согласия", "17.05.1990", "вчера"]
    {
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
    for foreign in ["+7 912 345 67 89", "+44 7700 900123", "8 727 300 00 00"] {
        let typed = Typed { phone: foreign, ..DANA };
        let answer = online.send_form(&slot, &key, typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{foreign}");
    }
    online.later(61);
    let old = online.send_form(&slot, &key, DANA).await;
    assert!(old.status == StatusCode::UNPROCESSABLE_ENTITY && old.body.contains("долго"));
    let forged = online.send_form(&slot, &"A".repeat(54), DANA).await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(online.state().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_double_tap_books_once_and_both_taps_lead_there() {
    let online = Online::open().await;
    let slot = online.slot("10:00");
    let key = online.key(&slot).await;
    let (one, two) =
        tokio::join!(online.send_form(&slot, &key, DANA), online.send_form(&slot, &key, DANA));
    assert_eq!(one.header("location"), two.header("location"));
    let visit = one.header("location").to_owned();
    let path = format!("{visit}/code");
    let code = online.code().await;
    assert_eq!(online.server.taken().len(), 1, "one SMS");
    let fields = [("code", code.as_str())];
    let (one, two) = tokio::join!(online.post(&path, &fields), online.post(&path, &fields));
    assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(online.rows("SELECT id FROM appointment").await.len(), 1);
    assert_eq!(online.state().await, ["booked"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_patients_and_the_desk_one_gets_the_time() {
    let online = Online::open().await;
    // One doctor, so that "any" is no way out.
    online.write(&format!("UPDATE service SET online = 0 WHERE id <> '{}'", online.day.talk)).await;
    online.set("codes_per_net = 1000, codes_per_day = 1000").await;
    let slot = format!("/book/{}/any/{}", online.day.talk, time("10:00"));
    let mut visits = Vec::new();
    for number in 0..50 {
        let (phone, ip) = (format!("8 701 555 {number:04}"), format!("203.0.113.{number}"));
        let visit = online.begin(&slot, Typed { phone: &phone, ip: &ip, ..DANA }).await;
        visits.push((visit, online.code().await));
    }
    let mut storm = JoinSet::new();
    for (visit, code) in visits.clone() {
        let public = online.day.clinic.public.clone();
        storm.spawn(async move {
            let request = Request::post(format!("{visit}/code"))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            let body = Body::from(form(&[("code", code.as_str())]));
            send(&public, request.body(body).unwrap()).await.status
        });
    }
    let new = tirkeu::booking::NewAppointment {
        service_id: online.day.talk,
        doctor_id: Some(online.day.anna),
        ..online.day.at("10:15")
    };
    let desk = online.day.try_book(&new).await.is_ok();
    let answers = storm.join_all().await;
    let won = answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
    assert_eq!(won + usize::from(desk), 1, "one winner");
    assert!(answers.iter().all(|it| [StatusCode::SEE_OTHER, StatusCode::CONFLICT].contains(it)));
    let overlaps = "SELECT count(*) FROM reservation AS a JOIN reservation AS b
        ON a.resource_id = b.resource_id AND a.appointment_id < b.appointment_id
        WHERE a.live = 1 AND b.live = 1 AND a.starts < b.ends AND b.starts < a.ends";
    assert_eq!(online.rows(&overlaps.replace("count(*)", "printf('%d', count(*))")).await, ["0"]);
    assert_eq!(online.rows("SELECT id FROM appointment").await.len(), 1);
}

#[tokio::test]
async fn whoever_was_slower_sees_other_times_and_books_one_without_another_code() {
    let online = Online::open().await;
    let slot = online.slot("10:00");
    let visit = online.begin(&slot, DANA).await;
    online.day.booked("10:00").await;
    let lost = online.prove(&visit).await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    assert!(lost.body.contains("Телефон подтверждён"), "{}", lost.body);
    let other = between(&lost.body, "name=\"time\" value=\"", "\"").to_owned();
    assert!(other.contains("T10:00") || other.contains("T10:30"), "{other}");
    assert_eq!(online.rows("SELECT id FROM patient").await.len(), 1, "no card for nothing");
    let sms = online.server.taken().len();
    let chosen = online.post(&format!("{visit}/other"), &[("time", &other)]).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER);
    assert_eq!(online.state().await, ["booked"]);
    assert_eq!(online.server.taken().len(), sms);
    // Before the code it is the page of times that says so.
    let late = online.get(&slot).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("только что заняли"), "{}", late.body);
}

#[tokio::test]
async fn any_doctor_is_whoever_is_free_when_it_is_booked() {
    let online = Online::open().await;
    let visit = online.begin(&online.any("10:00"), DANA).await;
    online.day.booked("10:00").await;
    assert_eq!(online.prove(&visit).await.status, StatusCode::SEE_OTHER);
    let who = "SELECT doctor_id FROM appointment WHERE source = 'online'";
    assert_eq!(online.rows(who).await, [online.day.bolat.to_string()]);
    // One whom the clinic hides is nobody.
    online
        .write(&format!(
            "INSERT INTO online_doctor
            (resource_id, hidden, since_year, about_ru, about_kk) VALUES ('{}', 1, NULL, '', '')",
            online.day.bolat
        ))
        .await;
    let page = online.get(&online.any("10:00")).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "Anna is taken and Bolat is hidden");
}

#[tokio::test]
async fn a_wrong_code_opens_nothing_and_five_of_them_kill_it() {
    let online = Online::open().await;
    let visit = online.begin(&online.slot("10:00"), DANA).await;
    let right = online.code().await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let path = format!("{visit}/code");
    let first = online.post(&path, &[("code", wrong)]).await;
    assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(first.body.contains("Осталось 4 попытки"), "{}", first.body);
    for _ in 0..4 {
        online.post(&path, &[("code", wrong)]).await;
    }
    let dead = online.post(&path, &[("code", &right)]).await;
    assert!(dead.body.contains("больше не действует"), "{}", dead.body);
    assert_eq!(online.state().await, ["code"]);
    online.later(2);
    online.post(&format!("{visit}/again"), &[]).await;
    assert_eq!(online.prove(&visit).await.status, StatusCode::SEE_OTHER);
    // A link of nobody's opens nothing.
    let nobody = format!("/visit/{}", "A".repeat(22));
    assert_eq!(online.get(&nobody).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn codes_are_few_for_a_phone_for_an_address_and_fewer_without_proof() {
    let online = Online::open().await;
    let slot = online.slot("14:00");
    let ask = async |typed: Typed<'_>| {
        let key = online.key(&slot).await;
        online.send_form(&slot, &key, typed).await.status
    };
    assert_eq!(ask(DANA).await, StatusCode::SEE_OTHER);
    assert_eq!(ask(DANA).await, StatusCode::TOO_MANY_REQUESTS, "within the minute");
    for _ in 0..4 {
        online.later(2);
        assert_eq!(ask(DANA).await, StatusCode::SEE_OTHER);
    }
    online.later(2);
    assert_eq!(ask(DANA).await, StatusCode::TOO_MANY_REQUESTS, "five a day for a phone");

    let of = |number: i32| format!("8 702 555 {number:04}");
    for number in 0..3 {
        let phone = of(number);
        let plain = Typed { phone: &phone, ip: "192.0.2.1", works: false, ..DANA };
        assert_eq!(ask(plain).await, StatusCode::SEE_OTHER);
    }
    let phone = of(3);
    let plain = Typed { phone: &phone, ip: "192.0.2.1", works: false, ..DANA };
    assert_eq!(ask(plain).await, StatusCode::TOO_MANY_REQUESTS, "three without proof");
    assert_eq!(ask(Typed { works: true, ..plain }).await, StatusCode::SEE_OTHER);

    online.set("codes_per_day = 10, alarm_at = 10").await;
    let phone = of(4);
    let other = Typed { phone: &phone, ip: "192.0.2.2", ..DANA };
    assert_eq!(ask(other).await, StatusCode::SEE_OTHER);
    let phone = of(5);
    let last = Typed { phone: &phone, ip: "192.0.2.3", ..DANA };
    assert_eq!(ask(last).await, StatusCode::TOO_MANY_REQUESTS, "the clinic's own limit");
    assert!(online.day.clinic.audited().await.contains(&"online.many_codes".to_owned()));
    let owner = online.day.clinic.sign_in(Role::Owner).await;
    assert!(owner.get("/online/alarm").await.body.contains("Много кодов"));
    assert!(owner.get("/online").await.body.contains("Много кодов"));
    let kept = online.rows("SELECT hex(phone_key) || hex(net_key) FROM online_code").await;
    assert!(kept.iter().all(|row| row.len() == 128), "digests, no numbers");
}

#[tokio::test]
async fn a_held_time_is_taken_waits_for_the_desk_and_ends_by_the_clock() {
    let online = Online::open().await;
    let moderated = format!(
        "INSERT INTO online_service
            (service_id, moderated, urgent, prepare_ru, prepare_kk) VALUES ('{}', 1, 0, '', '')",
        online.day.filling
    );
    online.write(&moderated).await;
    let visit = online.booked(&online.slot("14:00"), DANA).await;
    assert!(online.get(&visit).await.body.contains("Ждём подтверждения"));
    assert!(online.day.try_book(&online.day.at("14:00")).await.is_err(), "the time is taken");
    online.work().await;
    run_due(&online.day.clinic.clinic, &tirkeu::app::message_hooks()).await.unwrap();
    assert_eq!(online.server.taken().len(), 1, "the code alone: nothing is promised yet");
    let desk = online.day.clinic.sign_in(Role::Reception).await;
    assert!(desk.get("/online").await.body.contains("Ахметова Дана"));
    assert_eq!(online.day.clinic.clinic.waiting.at("online"), 1);
    let held = online.rows("SELECT id FROM appointment").await.remove(0);
    let day = online.rows("SELECT substr(starts, 1, 10) FROM appointment").await.remove(0);
    let schedule = async || desk.get(&format!("/schedule?day={day}")).await.body;
    assert!(schedule().await.contains("ev st-held"), "the schedule shows that it is not certain");
    let panel = desk.get(&format!("/appointments/{held}")).await.body;
    assert!(panel.contains("ждёт вашего ответа"), "and its panel leads to the answer");

    online.later(241);
    online.work().await;
    let status = "SELECT status FROM appointment";
    assert_eq!(online.rows(status).await, ["cancelled"]);
    assert_eq!(online.day.clinic.clinic.waiting.at("online"), 0);
    assert!(online.get(&visit).await.body.contains("Запись не подтвердили"));
    online.day.booked("14:00").await;
    online.work().await;
    run_due(&online.day.clinic.clinic, &tirkeu::app::message_hooks()).await.unwrap();
    let told = online.server.taken();
    assert!(told.iter().any(|sms| sms.text.contains("отменена")), "{told:?}");

    let visit = online.booked(&online.slot("15:00"), DANA).await;
    let id = online.rows("SELECT appointment_id FROM appointment_hold WHERE outcome IS NULL").await;
    // The first session is locked by now.
    let desk = online.day.clinic.sign_in(Role::Reception).await;
    let approved = desk.post(&format!("/online/{}/approve", id[0]), "").await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER);
    let schedule = desk.get(&format!("/schedule?day={day}")).await.body;
    assert!(schedule.contains("ev st-new") && !schedule.contains("ev st-held"));
    online.work().await;
    run_due(&online.day.clinic.clinic, &tirkeu::app::message_hooks()).await.unwrap();
    let told = online.server.taken();
    assert!(told.last().unwrap().text.contains("вы записаны"), "{told:?}");
    online.later(241);
    online.work().await;
    let mine = format!("SELECT status FROM appointment WHERE id = '{}'", id[0]);
    assert_eq!(online.rows(&mine).await, ["booked"], "an answer stands");
    assert!(online.get(&visit).await.body.contains("Вы записаны"));
}

#[tokio::test]
async fn a_form_renames_nobody_and_a_family_on_one_phone_keeps_its_cards() {
    let online = Online::open().await;
    online
        .write(&format!(
            "UPDATE patient SET birth_date = '1990-05-17' WHERE id = '{}'",
            online.day.patient
        ))
        .await;
    let known = "+7 701 234 56 78";
    let cards = async || online.rows("SELECT name FROM patient ORDER BY number").await;
    let typed = |name, birth| Typed { name, phone: known, birth, ..DANA };
    online.booked(&online.slot("10:00"), typed("мусин  ержан", "1990")).await;
    assert_eq!(cards().await, ["Мусин Ержан"], "phone, name and year of birth: that is he");
    online.later(2);
    online.booked(&online.slot("14:30"), typed("Мусина Алия", "2019")).await;
    assert_eq!(cards().await, ["Мусин Ержан", "Мусина Алия"], "a child on her father's phone");
    online.later(2);
    online.booked(&online.slot("15:00"), typed("Ержан Мусин", "")).await;
    assert_eq!(cards().await.len(), 3, "not certain: a card of its own");
    let likely = online.rows("SELECT reasons FROM likely_duplicate").await;
    assert!(likely.iter().any(|it| it.contains("same-name")), "{likely:?}");
}

#[tokio::test]
async fn those_who_missed_visits_call_and_nobody_hoards_times() {
    let online = Online::open().await;
    let known = Typed { phone: "+7 701 234 56 78", ..DANA };
    let missed = |n: i32| {
        format!(
            "INSERT INTO appointment (id, branch_id, patient_id, starts, minutes, status, source,
                comment, notify, version, created_at)
             VALUES ('m{n}', '{}', '{}', '2026-11-0{n}T09:30', 30, 'no_show', 'desk', '', 0, 1, 0)",
            online.day.branch, online.day.patient
        )
    };
    online.write(&missed(1)).await;
    online.write(&missed(2)).await;
    let visit = online.booked(&online.slot("10:00"), known).await;
    assert!(online.get(&visit).await.body.contains("Позвоните в клинику"));
    assert_eq!(online.state().await, ["call"]);

    online.set("most_open = 1").await;
    online.booked(&online.slot("10:00"), DANA).await;
    online.later(2);
    let visit = online.booked(&online.slot("11:00"), DANA).await;
    assert!(online.get(&visit).await.body.contains("У вас уже есть записи"));
}

#[tokio::test]
async fn what_nobody_proved_is_forgotten() {
    let online = Online::open().await;
    let visit = online.begin(&online.slot("10:00"), DANA).await;
    online.later(29);
    online.work().await;
    assert_eq!(online.state().await, ["code"]);
    online.later(2);
    assert_eq!(online.get(&visit).await.status, StatusCode::NOT_FOUND, "the link is dead");
    online.work().await;
    assert_eq!(online.state().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_link_moves_and_cancels_until_the_clinics_cut_off() {
    let online = Online::open().await;
    let visit = online.booked(&online.slot("14:00"), DANA).await;
    let done = online.get(&visit).await;
    let link = format!("/m/{}", between(&done.body, "href=\"/m/", "/move"));
    assert!(online.get(&link).await.body.contains("12:00"), "until two hours before");
    online.later(4 * 60 + 1);
    let late = online.get(&link).await;
    assert!(late.body.contains("позвоните") && !late.body.contains("/cancel"), "{}", late.body);
    online.post(&format!("{link}/cancel"), &[]).await;
    assert_eq!(online.rows("SELECT status FROM appointment").await, ["booked"]);
    online.write("UPDATE answer_rule SET cutoff_minutes = 60").await;
    online.post(&format!("{link}/cancel"), &[]).await;
    assert_eq!(online.rows("SELECT status FROM appointment").await, ["cancelled"]);
    let stale = online.get(&visit).await;
    assert_eq!(stale.header("location"), link, "the page that booked it leads to how it stands");
}

#[tokio::test]
async fn where_a_patient_came_from_is_kept_as_codes() {
    let online = Online::open().await;
    let query = "?src=2GIS&utm_campaign=spring-26&utm_source=%3Cb%3E";
    let page = online.get(&format!("/book{query}")).await;
    let carried = "?src=2gis&amp;utm_campaign=spring-26\"";
    assert!(page.body.contains(carried), "{}", page.body);
    let slot = online.slot("10:00");
    let key = online.key(&slot).await;
    let answer = online.send_form(&format!("{slot}{query}"), &key, DANA).await;
    let visit = answer.header("location").to_owned();
    assert!(visit.ends_with("?src=2gis&utm_campaign=spring-26"), "{visit}");
    let visit = visit.split('?').next().unwrap().to_owned();
    online.prove(&visit).await;
    let kept = online.rows("SELECT source || ' ' || campaign FROM online_request").await;
    assert_eq!(kept, ["2gis {\"utm_campaign\":\"spring-26\"}"]);
    // Deep links of a doctor and of a service.
    let doctor = online.get(&format!("/book?doctor={}", online.day.bolat)).await;
    let talk = format!("href=\"/book/{}", online.day.talk);
    assert!(doctor.body.contains("Оспанов") && !doctor.body.contains(&talk));
    let both = format!("/book?service={}&doctor={}", online.day.filling, online.day.anna);
    let way = format!("/book/{}/{}", online.day.filling, online.day.anna);
    assert_eq!(online.get(&both).await.header("location"), way);
}

#[tokio::test]
async fn only_the_clinics_own_sites_may_show_the_page() {
    let online = Online::open().await;
    let csp = async || online.get("/book").await.header("content-security-policy").to_owned();
    assert!(csp().await.contains("frame-ancestors 'none'"));
    online.set("sites = '[\"https://arai.kz\"]'").await;
    assert!(csp().await.contains("frame-ancestors https://arai.kz;"), "{}", csp().await);
    assert!(csp().await.contains("script-src 'self'"));
    let answer = online.get("/m/AAAAAAAAAAAAAAAAAAAAAA").await;
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    let widget = online.get("/widget.js").await;
    assert_eq!(widget.header("cross-origin-resource-policy"), "cross-origin");
    assert!(widget.header("content-type").starts_with("text/javascript"));
}

#[tokio::test]
async fn search_engines_read_the_clinic_as_data_and_every_page_in_every_language() {
    let online = Online::open().await;
    let page = online.get("/book?lang=kk").await;
    assert!(page.body.contains("<html lang=\"kk\"") && !page.body.contains("noindex"));
    assert!(page.body.contains("rel=\"canonical\" href=\"https://clinic.example/book?lang=kk\""));
    let island = between(&page.body, "<script type=\"application/ld+json\">", "</script>");
    let data: serde_json::Value = serde_json::from_str(island).unwrap();
    assert_eq!(data["@type"], "MedicalClinic");
    assert_eq!(data["makesOffer"].as_array().unwrap().len(), 2);
    let map = online.get("/sitemap.xml").await;
    assert!(map.body.contains(&format!("https://clinic.example/book/{}", online.day.filling)));
    assert!(map.body.contains("hreflang=\"kk\""));
    assert!(online.get("/robots.txt").await.body.contains("Disallow: /visit/"));
    let private = online.get(&online.slot("10:00")).await;
    assert!(private.body.contains("noindex"), "a form is nobody's to index");
}

#[tokio::test]
async fn the_owner_sets_it_up_and_the_new_consent_is_the_one_recorded() {
    let online = Online::open().await;
    online.set("enabled = 0").await;
    let owner = online.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/settings/online").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let refused = owner.post("/settings/online", "enabled=on&sites=nonsense").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("nonsense"), "what was typed is kept");
    let numbers = "notice_minutes=60&urgent_minutes=15&horizon_days=30&cutoff_minutes=180\
        &hold_minutes=60&most_open=2&no_shows=3&no_show_days=100&cooldown_seconds=30\
        &codes_per_request=2&codes_per_phone=4&codes_per_net=10&plain_per_net=2&plain_per_day=20\
        &codes_per_day=100&alarm_at=50&work_bits=4&sites=https://arai.kz&map_url=";
    let saved = owner.post("/settings/online", &format!("enabled=on&{numbers}")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(online.rows("SELECT printf('%d', cutoff_minutes) FROM answer_rule").await, ["180"]);
    let path = format!("/settings/online/services/{}", online.day.filling);
    let fields = form(&[("online", "on"), ("urgent", "on"), ("prepare_ru", "Возьмите снимки")]);
    assert_eq!(owner.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let path = format!("/settings/online/doctors/{}", online.day.anna);
    let fields = form(&[("shown", "on"), ("since_year", "2012"), ("about_ru", "Лечит детей")]);
    assert_eq!(owner.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let fields = form(&[("russian", "Р"), ("kazakh", "Қ"), ("english", "E"), ("basis", "94-V")]);
    assert_eq!(owner.post("/settings/online/consent", &fields).await.status, StatusCode::SEE_OTHER);

    let urgent = online.get("/book").await;
    assert!(urgent.body.contains(&format!("/book/{}/any", online.day.filling)), "pain first");
    let doctors = online.get(&format!("/book/{}", online.day.filling)).await;
    for said in ["Возьмите снимки", "Лечит детей", "стаж 14 лет"] {
        assert!(doctors.body.contains(said), "{said}: {}", doctors.body);
    }
    let slot = online.any("09:00");
    assert!(online.get(&slot).await.body.contains("версия 2"));
    online.booked(&slot, DANA).await;
    let kept = "SELECT printf('%d', consent_version) FROM online_request";
    assert_eq!(online.rows(kept).await, ["2"]);
    let reception = online.day.clinic.sign_in(Role::Reception).await;
    assert_eq!(reception.get("/settings/online").await.status, StatusCode::FORBIDDEN);
    assert!(reception.get("/online").await.body.contains("Ахметова Дана"));
}

/// Who the patient of [`Day1`] is, as a form says it.
const ERZHAN: Typed<'_> =
    Typed { name: "Мусин Ержан", phone: "+7 701 234 56 78", birth: "1990", ..DANA };

/// Open, with a filling for 9 000 ₸ and its repeated visit, which is not in the list.
async fn with_repeated() -> (Online, String) {
    let online = Online::open().await;
    let id = online.day.patient;
    online.write(&format!("UPDATE patient SET birth_date = '1990-05-17' WHERE id = '{id}'")).await;
    online.write("UPDATE service SET price_tiyn = 900000").await;
    let repeated = repeated(&online.day).await.to_string();
    (online, repeated)
}

const LAST_BOOKED: &str = "
    SELECT service_id || ' ' || CAST(minutes AS TEXT) || ' ' || CAST(id IN (SELECT appointment_id
        FROM appointment_hold WHERE outcome IS NULL) AS TEXT)
    FROM appointment WHERE source = 'online' ORDER BY rowid DESC LIMIT 1";

#[tokio::test]
async fn whoever_was_here_lately_gets_the_repeated_visit_that_no_list_offers() {
    let (online, repeated) = with_repeated().await;
    assert!(!online.get("/book").await.body.contains("Повторный осмотр"));
    completed(&online.day, "2026-11-10").await;
    let visit = online.booked(&online.slot("14:00"), ERZHAN).await;
    assert_eq!(online.rows(LAST_BOOKED).await, [format!("{repeated} 15 0")]);
    let page = online.get(&visit).await.body;
    assert!(page.contains("Повторный осмотр, 15 мин") && page.contains("3\u{a0}000"), "{page}");
    assert!(page.contains("Вы недавно были у нас"), "and is told why");
}

#[tokio::test]
async fn whoever_was_not_here_or_is_not_surely_who_was_is_booked_as_they_asked() {
    let (online, _) = with_repeated().await;
    completed(&online.day, "2026-09-10").await;
    let as_asked = [format!("{} 30 0", online.day.filling)];
    let visit = online.booked(&online.slot("14:00"), ERZHAN).await;
    assert_eq!(online.rows(LAST_BOOKED).await, as_asked, "too long ago");
    assert!(!online.get(&visit).await.body.contains("недавно"));
    online.later(2);
    online
        .write("UPDATE appointment SET starts = '2026-11-10T10:00' WHERE status = 'completed'")
        .await;
    online.booked(&online.slot("15:00"), Typed { birth: "", ..ERZHAN }).await;
    assert_eq!(online.rows(LAST_BOOKED).await, as_asked, "a son may have the name");
}

#[tokio::test]
async fn a_repeated_visit_that_costs_more_replaces_nothing() {
    let (online, _) = with_repeated().await;
    completed(&online.day, "2026-11-10").await;
    online.write("UPDATE service SET price_tiyn = 1000000 WHERE name = 'Повторный осмотр'").await;
    online.booked(&online.slot("14:00"), ERZHAN).await;
    assert_eq!(online.rows(LAST_BOOKED).await, [format!("{} 30 0", online.day.filling)]);
}

#[tokio::test]
async fn a_repeated_visit_of_whom_nobody_has_seen_waits_for_the_desk_which_is_told_why() {
    let (online, repeated) = with_repeated().await;
    online.write("UPDATE service SET online = 1").await;
    let slot = format!("/book/{repeated}/{}/{}", online.day.anna, time("14:00"));
    let visit = online.booked(&slot, DANA).await;
    assert!(online.get(&visit).await.body.contains("Ждём подтверждения"));
    assert_eq!(online.rows(LAST_BOOKED).await, [format!("{repeated} 15 1")]);
    let desk = online.day.clinic.sign_in(Role::Reception).await;
    assert!(desk.get("/online").await.body.contains("а визита не нашли"));
}

#[tokio::test]
async fn in_english_everything_is_in_english_and_what_nobody_has_translated_in_russian() {
    let online = Online::open().await;
    let owner = online.day.clinic.sign_in(Role::Owner).await;
    let path = format!("/settings/services/{}", online.day.filling);
    let page = owner.get(&path).await.body;
    assert!(page.contains("name=\"name_en\""));
    let fields =
        [("name", "Лечение кариеса"), ("name_en", "Filling"), ("duration", "30"), ("online", "on")];
    assert_eq!(owner.post(&path, &form(&fields)).await.status, StatusCode::SEE_OTHER);
    let path = format!("/settings/online/services/{}", online.day.filling);
    let fields = form(&[
        ("online", "on"),
        ("prepare_ru", "Возьмите снимки"),
        ("prepare_en", "Bring your X-rays"),
    ]);
    assert_eq!(owner.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let page = online.get("/book?lang=en").await.body;
    assert!(page.contains("Filling") && !page.contains("Лечение кариеса"), "{page}");
    assert!(page.contains("Консультация"), "nobody has said it in English: {page}");
    let page = online.get(&format!("/book/{}?lang=en", online.day.filling)).await.body;
    assert!(page.contains("Bring your X-rays") && !page.contains("снимки"), "{page}");
    assert!(online.get("/book?lang=kk").await.body.contains("Лечение кариеса"));
}
