//! The inbox: nothing that comes in is lost, nobody is guessed, and what the desk
//! writes goes the way of every message.

use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use tirkeu::conversations;
use tirkeu::ids::PatientId;
use tirkeu::messaging::Channel;
use tirkeu::vault::permission::{Role, WriteInbox};
use tirkeu::vault::{Event, Grant, Subject, Tx, VaultError};
use tirkeu::web::SESSION_COOKIE;

use crate::peers::whatsapp::{Mood, written};
use crate::reminders::Desk;
use crate::support::Browser;
use crate::whatsapp::Clinic;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const ERZHAN: &str = "77012345678";
const STRANGER: &str = "77010000009";

impl Desk {
    async fn reception(&self) -> Browser<'_> {
        self.day.clinic.sign_in(Role::Reception).await
    }

    fn advance(&self, ms: i64) {
        self.day.clinic.clinic.clock().advance_ms(ms);
    }

    /// `channel address state unread waits known` of each conversation, in order.
    async fn talks(&self) -> Vec<String> {
        let all = "SELECT channel || ' ' || address || ' ' || state || ' ' || unread || ' '
                || (waiting_since IS NOT NULL) || ' ' || (patient_id IS NOT NULL)
            FROM conversation ORDER BY rowid";
        self.day.clinic.rows(all).await
    }

    /// The path of the conversation with a number.
    async fn talk(&self, digits: &str) -> String {
        let one = format!("SELECT id FROM conversation WHERE address = '+{digits}'");
        format!("/inbox/{}", self.day.clinic.rows(&one).await.remove(0))
    }

    async fn written(&self) -> Vec<String> {
        let all = "SELECT channel || ' ' || state || coalesce(' ' || reason, '') FROM message
            WHERE purpose = 'staff_text' ORDER BY rowid";
        self.day.clinic.rows(all).await
    }

    async fn page(&self, path: &str) -> String {
        let page = self.reception().await.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        page.body.replace("&#x2f;", "/")
    }
}

fn waiting(desk: &Desk) -> u32 {
    desk.day.clinic.clinic.waiting.at("inbox")
}

#[tokio::test]
async fn every_page_hears_that_somebody_waits_and_asks_for_the_rail_as_itself() {
    let desk = Desk::open().await;
    let (clinic, reception) = (&desk.day.clinic.clinic, desk.reception().await);
    let request = Request::get("/live?topics=schedule:2026-11-23")
        .header(COOKIE, format!("{SESSION_COOKIE}={}", reception.session.cookie_value()))
        .body(Body::empty());
    let stream = desk.day.clinic.staff.clone().oneshot(request.unwrap()).await.unwrap();
    let mut body = stream.into_body();
    let counted = tokio::spawn(conversations::keep_counted(clinic.clone()));

    desk.writes(STRANGER, "Сколько стоит чистка?").await;
    let heard = heard_until(&mut body, || waiting(&desk) == 1).await;
    assert!(heard.contains("event: waiting") && !heard.contains(STRANGER), "{heard}");

    let rail = reception.get("/rail?at=schedule").await.body;
    assert!(rail.contains("data-nav=\"schedule\" aria-current=\"page\""), "{rail}");
    let numbers = |rail: &str| rail.matches("class=\"n\"").count();
    assert!(numbers(&rail) == 1 && rail.contains("<span class=\"n\">1<"), "{rail}");

    // Whatever changes a conversation has them counted, also where nobody else counts.
    clinic.waiting.set("inbox", 7);
    let by: Grant<WriteInbox> = reception.actor().grant().unwrap();
    let touched = async |_: &mut Tx| {
        Ok::<_, VaultError>((
            (),
            Event::new("conversation.read", Subject::Clinic).touching("inbox"),
        ))
    };
    clinic.vault.change(&by, touched).await.unwrap();
    heard_until(&mut body, || waiting(&desk) == 1).await;
    counted.abort();
    clinic.waiting.set("inbox", 0);
    assert_eq!(numbers(&reception.get("/rail?at=schedule").await.body), 0);
    let nowhere = reception.get("/rail?at=%22%3E").await.body;
    assert!(!nowhere.contains("aria-current"), "{nowhere}");
}

/// What a stream tells until something holds.
async fn heard_until(body: &mut Body, holds: impl Fn() -> bool) -> String {
    let mut heard = String::new();
    for frames in 0.. {
        if holds() && heard.contains("event: waiting") {
            break;
        }
        assert!(frames < 10, "{heard}");
        let frame = body.frame().await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
    }
    heard
}

#[tokio::test]
async fn nothing_that_comes_in_is_lost_and_what_was_done_by_itself_waits_for_nobody() {
    let desk = Desk::open().await;
    desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "1").await;
    desk.writes(STRANGER, "Сколько стоит чистка?").await;
    desk.writes("Beeline", "Ваш баланс 100 тг").await;
    let talks = desk.talks().await;
    let all =
        ["sms +77012345678 closed 0 0 1", "sms +77010000009 open 1 1 0", "sms Beeline open 1 1 0"];
    assert_eq!(talks, all);
    assert_eq!(waiting(&desk), 2);
    let lost = "SELECT id FROM reply WHERE conversation_id IS NULL";
    assert_eq!(desk.day.clinic.rows(lost).await, Vec::<String>::new());
    let done = desk.page(&desk.talk(ERZHAN).await).await;
    for said in ["Запись подтверждена", "само", "Вы записаны", "Мусин"]
    {
        assert!(done.contains(said), "{said}: {done}");
    }
    let inbox = desk.page("/inbox").await;
    assert!(inbox.contains("Сколько стоит") && !inbox.contains("Мусин"), "{inbox}");
    let closed = desk.page("/inbox?show=closed").await;
    assert!(closed.contains("Мусин") && !closed.contains("Сколько стоит"), "{closed}");
    // Whoever writes again opens it again.
    desk.writes(ERZHAN, "а можно позже?").await;
    assert_eq!(desk.talks().await[0], "sms +77012345678 open 1 1 1");
}

#[tokio::test]
async fn the_timer_runs_from_the_first_unanswered_and_reading_is_not_answering() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Здравствуйте").await;
    desk.advance(20 * MINUTE);
    desk.writes(STRANGER, "Алло?").await;
    let reception = desk.reception().await;
    let path = desk.talk(STRANGER).await;
    let list = reception.get("/inbox?show=waiting").await.body;
    assert!(list.contains("ждёт 20\u{a0}мин") || list.contains("ждёт 20 мин"), "{list}");
    assert_eq!(desk.talks().await, ["sms +77010000009 open 2 1 0"]);
    let read = reception.post(&format!("{path}/read"), "").await;
    assert_eq!(read.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.talks().await, ["sms +77010000009 open 0 1 0"], "still waits");
    assert_eq!(waiting(&desk), 1);
    let marked = || async {
        let all = desk.day.clinic.audited().await;
        all.iter().filter(|act| *act == "conversation.marked_read").count()
    };
    assert_eq!(marked().await, 1);
    reception.post(&format!("{path}/read"), "").await;
    assert_eq!(marked().await, 1, "nothing was unread");
    reception.post(&format!("{path}/write"), "way=sms&text=Добрый+день!").await;
    assert_eq!(desk.talks().await, ["sms +77010000009 open 0 0 0"]);
    assert_eq!(waiting(&desk), 0);
}

#[tokio::test]
async fn what_the_desk_writes_goes_through_the_outbox_once() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Вы работаете в субботу?").await;
    let reception = desk.reception().await;
    let path = desk.talk(STRANGER).await;
    let form = "way=sms&text=Да,+с+9+до+14.+%7B%7B+clinic+%7D%7D";
    for _ in 0..2 {
        let sent = reception.post(&format!("{path}/write"), form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    desk.send().await;
    assert_eq!(desk.written().await, ["sms accepted"], "pressed twice, sent once");
    let taken = desk.server.taken();
    let last = taken.last().unwrap();
    let said = (last.phone.as_str(), last.text.as_str());
    assert_eq!(said, (STRANGER, "Да, с 9 до 14. {{ clinic }}"), "words are no template");
    let page = desk.page(&path).await;
    assert!(page.contains("Да, с 9 до 14") && page.contains("Reception"), "{page}");
    for empty in ["way=sms&text=+", "way=sms", "way=whatsapp&text=hi"] {
        let refused = reception.post(&format!("{path}/write"), empty).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{empty}");
    }
    let long = format!("way=sms&text={}", "%D0%B6".repeat(420));
    let refused = reception.post(&format!("{path}/write"), &long).await;
    assert!(refused.body.contains("Слишком длинно"), "{}", refused.body);
    let beeline = {
        desk.writes("Beeline", "Баланс").await;
        let id = "SELECT id FROM conversation WHERE address = 'Beeline'";
        format!("/inbox/{}/write", desk.day.clinic.rows(id).await.remove(0))
    };
    let refused = reception.post(&beeline, "way=sms&text=hi").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a name cannot be answered");
    desk.send().await;
    assert_eq!(desk.written().await.len(), 1);
}

#[tokio::test]
async fn a_text_is_counted_and_priced_as_it_is_typed() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Здравствуйте").await;
    let reception = desk.reception().await;
    let path = format!("{}/count", desk.talk(STRANGER).await);
    let text = "%D0%B6".repeat(71);
    let counted = reception.post(&path, &format!("way=sms&text={text}")).await;
    assert!(counted.body.contains("2 SMS"), "{}", counted.body);
    assert!(!reception.post(&path, "way=whatsapp&text=a").await.body.contains("SMS</"));
}

#[tokio::test]
async fn an_answer_to_the_desk_is_not_taken_for_an_answer_to_the_reminder() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.advance(MINUTE);
    desk.writes(ERZHAN, "а в 18:00 есть время?").await;
    let reception = desk.reception().await;
    let path = desk.talk(ERZHAN).await;
    reception.post(&format!("{path}/write"), "way=sms&text=Есть.+Перенести?").await;
    desk.send().await;
    desk.writes(ERZHAN, "да").await;
    assert_eq!(desk.status(&made).await, "booked", "the question was another");
    assert_eq!(desk.talks().await, ["sms +77012345678 open 1 1 1"]);
}

#[tokio::test]
async fn of_two_who_take_a_conversation_at_once_one_has_it() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Здравствуйте").await;
    let (first, second) = (desk.reception().await, desk.reception().await);
    let path = format!("{}/assign", desk.talk(STRANGER).await);
    let me = |of: &Browser<'_>| of.actor().staff().unwrap();
    let (a, b) = (format!("from=&to={}", me(&first)), format!("from=&to={}", me(&second)));
    let (one, other) = tokio::join!(first.post(&path, &a), second.post(&path, &b));
    let mut both = [one.status, other.status];
    both.sort();
    assert_eq!(both, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    let has = desk.day.clinic.rows("SELECT assigned_to FROM conversation").await;
    let mine = |of: &Browser<'_>| has[0] == me(of).to_string();
    let winner = if one.status == StatusCode::SEE_OTHER { &first } else { &second };
    assert!(mine(winner));
    // Whoever answers first has it, if nobody did.
    let page = winner.get("/inbox?show=mine").await;
    assert!(page.body.contains("Здравствуйте"), "{}", page.body);
    let loser = if mine(&first) { &second } else { &first };
    assert!(!loser.get("/inbox?show=mine").await.body.contains("Здравствуйте"));
    let given = format!("from={}&to=", me(winner));
    assert_eq!(loser.post(&path, &given).await.status, StatusCode::SEE_OTHER);
    assert!(loser.get("/inbox?show=unassigned").await.body.contains("Здравствуйте"));
}

#[tokio::test]
async fn a_number_on_two_cards_is_nobodys_until_a_person_says_whose() {
    let desk = Desk::open().await;
    let alia = desk.relative("Алия").await;
    desk.writes(ERZHAN, "Здравствуйте").await;
    assert_eq!(desk.talks().await, ["sms +77012345678 open 1 1 0"]);
    let path = desk.talk(ERZHAN).await;
    let page = desk.page(&path).await;
    for said in ["Программа не угадывает", "Мусин Ержан", "Мусин Алия"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    let reception = desk.reception().await;
    let form = format!("patient={alia}");
    let attached = reception.post(&format!("{path}/attach?book=1"), &form).await;
    assert_eq!(attached.header("location"), format!("/schedule?new=1&patient={alia}"));
    let of = "SELECT patient_id FROM conversation";
    assert_eq!(desk.day.clinic.rows(of).await, [alia.to_string()]);
    // What a person said stays when they write again.
    desk.writes(ERZHAN, "это Алия").await;
    assert_eq!(desk.day.clinic.rows(of).await, [alia.to_string()]);
    reception.post(&format!("{path}/attach"), "patient=").await;
    desk.writes(ERZHAN, "нет, Ержан").await;
    assert_eq!(desk.talks().await, ["sms +77012345678 open 3 1 0"]);
    let nobody = PatientId::new(desk.day.clinic.clinic.clock().now());
    let wrong = reception.post(&format!("{path}/attach"), &format!("patient={nobody}")).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_second_card_with_the_number_takes_the_programs_own_match_back() {
    let desk = Desk::open().await;
    desk.writes(ERZHAN, "Здравствуйте").await;
    assert_eq!(desk.talks().await, ["sms +77012345678 open 1 1 1"]);
    desk.relative("Алия").await;
    desk.writes(ERZHAN, "Алло").await;
    assert_eq!(desk.talks().await, ["sms +77012345678 open 2 1 0"]);
}

#[tokio::test]
async fn what_a_reply_asked_is_settled_in_its_conversation() {
    let desk = Desk::open().await;
    let (made, _) = desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "наверное").await;
    let path = desk.talk(ERZHAN).await;
    let page = desk.page(&path).await;
    assert!(page.contains("Смысл не ясен") && page.contains("/confirm"), "{page}");
    let reply = desk.day.clinic.rows("SELECT id FROM reply").await.remove(0);
    let talk = path.strip_prefix("/inbox/").unwrap();
    let form = format!("visit={}&conversation={talk}", made.id);
    let reception = desk.reception().await;
    let done = reception.post(&format!("/replies/{reply}/confirm"), &form).await;
    assert_eq!(done.header("location"), path, "{}", done.body);
    assert_eq!(desk.status(&made).await, "confirmed");
    assert_eq!(desk.talks().await, ["sms +77012345678 open 0 0 1"]);
    assert_eq!(waiting(&desk), 0);
}

#[tokio::test]
async fn closing_settles_what_is_open_and_can_be_taken_back() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "ой, не туда").await;
    let reception = desk.reception().await;
    let path = desk.talk(STRANGER).await;
    let closed = reception.post(&format!("{path}/close?show=waiting"), "").await;
    assert_eq!(closed.header("location"), "/inbox?show=waiting");
    assert_eq!(desk.talks().await, ["sms +77010000009 closed 0 0 0"]);
    let replies = "SELECT state || ' ' || outcome FROM reply";
    assert_eq!(desk.day.clinic.rows(replies).await, ["settled nothing"]);
    assert_eq!(waiting(&desk), 0);
    let twice = reception.post(&format!("{path}/close"), "").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    reception.post(&format!("{path}/reopen"), "").await;
    assert_eq!(desk.talks().await, ["sms +77010000009 open 0 0 0"]);
}

#[tokio::test]
async fn a_stranger_becomes_a_lead_and_then_a_patient_who_is_booked() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Сколько стоит чистка?").await;
    let reception = desk.reception().await;
    let path = desk.talk(STRANGER).await;
    let form = "name=%D0%90%D1%81%D0%B5%D0%BB%D1%8C&note=%D0%A7%D0%B8%D1%81%D1%82%D0%BA%D0%B0";
    assert_eq!(
        reception.post(&format!("{path}/lead"), "name=+").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let made = reception.post(&format!("{path}/lead"), form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let twice = reception.post(&format!("{path}/lead"), form).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let lead = "SELECT name || ' ' || phone || ' ' || note || ' ' || state FROM lead";
    assert_eq!(desk.day.clinic.rows(lead).await, ["Асель +77010000009 Чистка new"]);
    let found = reception.post("/inbox/search", "q=%D0%B0%D1%81%D0%B5%D0%BB%D1%8C").await;
    assert!(found.body.contains("Сколько стоит"), "by a lead's name: {}", found.body);
    let people = desk.page(&format!("{path}/people?book=1")).await;
    assert!(people.contains("value=\"Асель\""), "{people}");
    let card = "surname=%D0%9E%D0%BC%D0%B0%D1%80&given=%D0%90%D1%81%D0%B5%D0%BB%D1%8C&language=kk";
    let carded = reception.post(&format!("{path}/card?book=1"), card).await;
    assert!(carded.header("location").starts_with("/schedule?new=1&patient="), "{}", carded.body);
    let known = "SELECT p.name || ' ' || p.language || ' ' || phone FROM conversation AS c
        JOIN patient AS p ON p.id = c.patient_id JOIN patient_phone AS n ON n.patient_id = p.id
        JOIN lead ON lead.patient_id = p.id";
    let known = known.replace("|| phone", "|| n.phone");
    assert_eq!(desk.day.clinic.rows(&known).await, ["Омар Асель kk +77010000009"]);
    let leads = desk.page("/inbox/leads").await;
    assert!(leads.contains("новый"), "{leads}");
    let patient = desk.day.clinic.rows("SELECT patient_id FROM lead").await.remove(0);
    let new = tirkeu::booking::NewAppointment {
        patient_id: patient.parse().unwrap(),
        ..desk.day.at("15:00")
    };
    desk.day.try_book(&new).await.unwrap();
    assert!(desk.page("/inbox/leads").await.contains("b-ok"), "booked by being booked");
}

#[tokio::test]
async fn conversations_are_found_by_number_and_by_name() {
    let desk = Desk::open().await;
    desk.writes(ERZHAN, "Здравствуйте").await;
    desk.writes(STRANGER, "Добрый день").await;
    let reception = desk.reception().await;
    for (q, found, not) in [
        ("701+234", "Здравствуйте", "Добрый"),
        ("0009", "Добрый", "Здравствуйте"),
        ("%D0%BC%D1%83%D1%81%D0%B8%D0%BD", "Здравствуйте", "Добрый"),
    ] {
        let body = reception.post("/inbox/search", &format!("q={q}")).await.body;
        assert!(body.contains(found) && !body.contains(not), "{q}: {body}");
    }
    let none = reception.post("/inbox/search", "q=%D0%9A%D0%B8%D0%BC").await.body;
    assert!(none.contains("Ничего не найдено"), "{none}");
}

impl Clinic {
    /// Somebody writes by WhatsApp.
    async fn hears(&self, id: &str, from: &str, text: &str) {
        self.server.window_opens(from);
        let at = (self.now() / 1000).to_string();
        let message = json!([{"id": id, "timestamp": at, "type": "text", "from": from,
            "text": {"body": text}}]);
        self.tell(&written(message, json!([{"wa_id": from}]))).await;
    }
}

#[tokio::test]
async fn whatsapp_is_answered_in_free_words_for_a_day_and_then_by_sms() {
    let clinic = Clinic::open().await;
    clinic.hears("wamid.in1", ERZHAN, "Можно прийти пораньше?").await;
    let desk = &clinic.desk;
    assert_eq!(desk.talks().await, ["whatsapp +77012345678 open 1 1 1"]);
    let path = desk.talk(ERZHAN).await;
    let page = desk.page(&path).await;
    for said in ["можно писать до 24.11 08:00", "ничего о здоровье"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let reception = desk.reception().await;
    let write = format!("{path}/write");
    reception.post(&write, "way=whatsapp&text=Приходите+в+14:00").await;
    desk.send().await;
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
    let taken = clinic.server.taken().remove(0);
    assert_eq!(
        (&taken["type"], &taken["text"]["body"]),
        (&json!("text"), &json!("Приходите в 14:00"))
    );
    assert_eq!(desk.written().await, ["whatsapp accepted"]);
    clinic.later(120).await;
    assert_eq!(desk.server.taken().len(), 0, "what the desk wrote by WhatsApp is no SMS");
    assert_eq!(desk.written().await, ["whatsapp accepted"]);

    desk.advance(DAY);
    clinic.server.window_shuts(ERZHAN);
    let page = desk.page(&path).await;
    assert!(page.contains("прошли сутки") && !page.contains("value=\"whatsapp\""), "{page}");
    let reception = desk.reception().await;
    let shut = reception.post(&write, "way=whatsapp&text=Ждём+вас").await;
    assert_eq!(shut.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shut.body.contains("Ждём вас"), "what was typed is kept: {}", shut.body);
    reception.post(&write, "way=sms&text=Ждём+вас").await;
    desk.send().await;
    assert_eq!(desk.last_sms(), "Ждём вас");
}

#[tokio::test]
async fn when_whatsapps_day_is_over_a_template_asks_to_write_again_once() {
    let clinic = Clinic::open().await;
    clinic.hears("wamid.in1", ERZHAN, "Сколько стоит?").await;
    let desk = &clinic.desk;
    let path = desk.talk(ERZHAN).await;
    let invite = format!("{path}/invite");
    desk.advance(DAY);
    clinic.server.window_shuts(ERZHAN);
    assert!(!desk.page(&path).await.contains("/invite"), "there is no template");
    let none = desk.reception().await.post(&invite, "").await;
    assert_eq!(none.status, StatusCode::CONFLICT);

    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let at = "/messages/whatsapp/staff_text/ru";
    let set = owner.post(at, "name=write_again&parameters=clinic").await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    assert!(desk.page(&path).await.contains("Попросить написать"));
    let reception = desk.reception().await;
    assert_eq!(reception.post(&invite, "").await.status, StatusCode::SEE_OTHER);
    desk.send().await;
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
    let taken = clinic.server.taken().pop().unwrap();
    let said = &taken["template"]["components"][0]["parameters"][0]["text"];
    assert_eq!(
        (&taken["type"], &taken["template"]["name"], said.as_str().is_some()),
        (&json!("template"), &json!("write_again"), true)
    );
    assert_eq!(desk.written().await, ["whatsapp accepted"]);
    let again = reception.post(&invite, "").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "once is enough");
    clinic.later(120).await;
    assert!(desk.server.taken().is_empty(), "it is no SMS");
    // They write, and are asked nothing.
    clinic.hears("wamid.in2", ERZHAN, "Да?").await;
    assert!(!desk.page(&path).await.contains("/invite"));
    assert_eq!(desk.reception().await.post(&invite, "").await.status, StatusCode::CONFLICT);
}

const HIDDEN: &str = "KZ.13491208655302741918";

impl Clinic {
    /// Somebody who hides the number writes by WhatsApp.
    async fn hears_hidden(&self, id: &str, text: &str) {
        self.server.window_opens(HIDDEN);
        let at = (self.now() / 1000).to_string();
        let message = json!([{"id": id, "timestamp": at, "type": "text", "from_user_id": HIDDEN,
            "text": {"body": text}}]);
        let who = json!([{"user_id": HIDDEN, "profile": {"name": "Дана", "username": "dana"}}]);
        self.tell(&written(message, who)).await;
    }

    async fn hidden_talk(&self) -> String {
        let one = format!("SELECT id FROM conversation WHERE address = '{HIDDEN}'");
        format!("/inbox/{}", self.desk.day.clinic.rows(&one).await.remove(0))
    }
}

#[tokio::test]
async fn who_hides_the_number_is_answered_by_whatsapp_for_a_day_and_by_nothing_else() {
    let clinic = Clinic::open().await;
    let desk = &clinic.desk;
    clinic.hears_hidden("wamid.in1", "стоп, а сколько стоит чистка?").await;
    assert_eq!(desk.talks().await, [format!("whatsapp {HIDDEN} open 1 1 0")]);
    let list = desk.page("/inbox").await;
    assert!(list.contains("Дана") && !list.contains(HIDDEN), "{list}");
    let path = clinic.hidden_talk().await;
    let page = desk.page(&path).await;
    for said in ["номер скрыт", "WhatsApp не сообщает номер", "Номер телефона", "ждёт ответа"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("value=\"sms\"") && !page.contains("Номера нет ни в одной"), "{page}");
    let reception = desk.reception().await;
    let write = format!("{path}/write");
    let by_sms = reception.post(&write, "way=sms&text=Да").await;
    assert_eq!(by_sms.status, StatusCode::UNPROCESSABLE_ENTITY);
    reception.post(&write, "way=whatsapp&text=Напишите+номер").await;
    desk.send().await;
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
    let taken = clinic.server.taken().remove(0);
    assert_eq!((&taken["recipient"], &taken["to"]), (&json!(HIDDEN), &json!(null)));
    let kept = "SELECT coalesce(phone, 'none') || ' ' || address || ' ' || channel FROM message";
    assert_eq!(desk.day.clinic.rows(kept).await, [format!("none {HIDDEN} whatsapp")]);
    let party = "SELECT party || ' ' || classes FROM transfer";
    assert_eq!(desk.day.clinic.rows(party).await.len(), 1, "the log of transfers knows of it");
    clinic.tell(&clinic.server.status(0, "delivered", clinic.now(), None)).await;
    assert_eq!(desk.written().await, ["whatsapp delivered"]);

    // What fails is told, and goes by nothing else, whatever is left.
    clinic.hears_hidden("wamid.in2", "Алло").await;
    let reception = desk.reception().await;
    reception.post(&write, "way=whatsapp&text=Минуту").await;
    clinic.server.next(Mood::Refuses(400, 131_026));
    desk.send().await;
    clinic.later(180).await;
    assert_eq!(desk.written().await[1], "whatsapp failed unreachable");
    assert_eq!(desk.server.taken().len(), 0);
    let page = desk.page(&path).await;
    assert!(page.contains("Не доставлено") && !page.contains("Отправить по SMS"), "{page}");
    let id = desk.day.clinic.rows("SELECT id FROM message WHERE state = 'failed'").await.remove(0);
    let (again, form) = (format!("{path}/again"), format!("message={id}"));
    let refused = desk.reception().await.post(&again, &form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);

    desk.advance(DAY);
    clinic.server.window_shuts(HIDDEN);
    let page = desk.page(&path).await;
    assert!(page.contains("больше не принимает ответов") && !page.contains("<textarea"), "{page}");
    let shut = desk.reception().await.post(&write, "way=whatsapp&text=Ждём").await;
    assert_eq!(shut.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_id_is_nobodys_until_a_person_says_whose() {
    let clinic = Clinic::open().await;
    let desk = &clinic.desk;
    clinic.hears_hidden("wamid.in1", "Это Ержан Мусин, перенесите меня").await;
    let path = clinic.hidden_talk().await;
    let people = desk.page(&format!("{path}/people")).await;
    assert!(people.contains("Мессенджер не сообщает номер"), "nobody is guessed: {people}");
    assert!(people.contains("name=\"phone\""), "whoever told the number: {people}");
    let found =
        desk.reception().await.post("/inbox/search", "q=%D0%B4%D0%B0%D0%BD%D0%B0").await.body;
    assert!(found.contains("Дана"), "by what they call themselves: {found}");
    let reception = desk.reception().await;
    reception.post(&format!("{path}/write"), "way=whatsapp&text=Хорошо").await;
    let form = format!("patient={}", desk.day.patient);
    let attached = reception.post(&format!("{path}/attach"), &form).await;
    assert_eq!(attached.status, StatusCode::SEE_OTHER, "{}", attached.body);
    assert_eq!(desk.talks().await, [format!("whatsapp {HIDDEN} open 0 0 1")]);
    desk.send().await;
    // Nothing that the program writes goes there: the telephone of the card stands.
    desk.booked("2026-11-26T14:30").await;
    desk.write().await;
    desk.send().await;
    assert_eq!(clinic.left(), (1, 1));
    clinic.hears_hidden("wamid.in2", "1").await;
    let read = "SELECT state || ' ' || reason FROM reply ORDER BY rowid DESC LIMIT 1";
    assert_eq!(desk.day.clinic.rows(read).await, ["open unasked"], "a person reads it");
}

#[tokio::test]
async fn a_card_of_somebody_without_a_number_takes_the_one_that_they_told() {
    let clinic = Clinic::open().await;
    let desk = &clinic.desk;
    clinic.hears_hidden("wamid.in1", "8 701 000 00 77").await;
    let path = clinic.hidden_talk().await;
    let reception = desk.reception().await;
    let card = format!("{path}/card");
    let wrong = reception.post(&card, "given=Dana&phone=12&language=kk").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    let made = reception.post(&card, "given=Dana&phone=8+701+000+00+77&language=kk").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let phone = "SELECT phone FROM patient_phone WHERE phone = '+77010000077'";
    assert_eq!(desk.day.clinic.rows(phone).await, ["+77010000077"]);
    assert_eq!(desk.talks().await, [format!("whatsapp {HIDDEN} open 1 1 1")]);
}

#[tokio::test]
async fn what_did_not_arrive_is_red_and_goes_by_sms_when_somebody_says_so() {
    let clinic = Clinic::open().await;
    let desk = &clinic.desk;
    clinic.hears("wamid.in1", STRANGER, "Здравствуйте").await;
    let path = desk.talk(STRANGER).await;
    let reception = desk.reception().await;
    reception.post(&format!("{path}/write"), "way=whatsapp&text=Добрый+день").await;
    // Meta counts otherwise than we do.
    clinic.server.window_shuts(STRANGER);
    desk.send().await;
    clinic.later(120).await;
    assert_eq!(desk.written().await, ["whatsapp failed forbidden"]);
    assert_eq!(desk.server.taken().len(), 0, "never by itself");
    let page = desk.page(&path).await;
    for said in ["inbox-e out lost", "Не доставлено", "Отправить по SMS"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let waits = || async { desk.page("/inbox?show=waiting").await.contains(&format!("{path}?")) };
    assert!(waits().await, "it waits for somebody to see it");
    let id = desk.day.clinic.rows("SELECT id FROM message").await.remove(0);
    let reception = desk.reception().await;
    let again = format!("{path}/again");
    for expected in [StatusCode::SEE_OTHER, StatusCode::CONFLICT] {
        let sent = reception.post(&again, &format!("message={id}")).await;
        assert_eq!(sent.status, expected, "{}", sent.body);
    }
    desk.send().await;
    assert_eq!(desk.written().await, ["whatsapp failed forbidden", "sms accepted"]);
    assert!(!waits().await);
    assert_eq!(desk.last_sms(), "Добрый день");
}

#[tokio::test]
async fn free_words_that_waited_until_the_day_was_over_do_not_leave() {
    let clinic = Clinic::open().await;
    let desk = &clinic.desk;
    clinic.hears("wamid.in1", STRANGER, "Здравствуйте").await;
    let path = desk.talk(STRANGER).await;
    desk.advance(DAY - MINUTE);
    let reception = desk.reception().await;
    reception.post(&format!("{path}/write"), "way=whatsapp&text=Добрый+день").await;
    clinic.server.next(Mood::Refuses(429, 130_429));
    desk.send().await;
    clinic.later(2).await;
    assert_eq!(desk.written().await, ["whatsapp expired too_late"]);
    assert_eq!(clinic.server.taken().len(), 0);
    assert!(desk.page(&path).await.contains("Отправить по SMS"));
}

#[tokio::test]
async fn the_ledger_knows_who_read_and_who_wrote_and_none_of_the_words() {
    let desk = Desk::open().await;
    desk.writes(ERZHAN, "У меня болит зуб").await;
    let path = desk.talk(ERZHAN).await;
    let reception = desk.reception().await;
    reception.get(&path).await;
    reception.post(&format!("{path}/write"), "way=sms&text=Приходите+сейчас").await;
    let all = desk.day.clinic.ledger().await;
    let of =
        |act: &str| all.iter().find(|event| event["act"] == act).unwrap_or_else(|| panic!("{act}"));
    for act in ["inbox.listed", "conversation.opened", "conversation.written"] {
        let event = of(act).to_string();
        assert!(event.contains(&desk.day.patient.to_string()), "{event}");
    }
    let whole = serde_json::to_string(&all).unwrap();
    for words in ["болит", "Приходите", "77012345678", "Мусин"] {
        assert!(!whole.contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_blocked_card_is_hidden_from_the_desk_and_open_to_who_answers_for_it() {
    let desk = Desk::open().await;
    desk.writes(ERZHAN, "Секрет").await;
    let path = desk.talk(ERZHAN).await;
    let block = format!(
        "INSERT INTO patient_block (id, patient_id, reason, basis, blocked_at)
            VALUES ('b', '{}', 'asked', 'Law', 0)",
        desk.day.patient
    );
    desk.day.clinic.write(&block).await.unwrap();
    let reception = desk.reception().await;
    let list = reception.get("/inbox").await.body;
    assert!(list.contains("Данные заблокированы"), "{list}");
    for secret in ["Мусин", "Секрет", "234-56-78"] {
        assert!(!list.contains(secret), "{secret}: {list}");
    }
    let shut = reception.get(&path).await;
    assert_eq!(shut.status, StatusCode::CONFLICT);
    assert!(!shut.body.contains("Секрет"), "{}", shut.body);
    let write = reception.post(&format!("{path}/write"), "way=sms&text=hi").await;
    assert_eq!(write.status, StatusCode::CONFLICT);
    assert_eq!(desk.written().await, Vec::<String>::new());
    for act in ["read", "assign", "close", "reopen"] {
        let refused = reception.post(&format!("{path}/{act}"), "from=&to=me").await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{act}: {}", refused.body);
    }
    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    assert!(owner.get(&path).await.body.contains("Секрет"));
    for role in [Role::Doctor, Role::Cashier, Role::Marketer, Role::Sysadmin, Role::Compliance] {
        let answer = desk.day.clinic.sign_in(role).await.get("/inbox").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
    }
}

#[tokio::test]
async fn strangers_are_forgotten_half_a_year_after_it_was_closed() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Сколько стоит?").await;
    desk.writes(ERZHAN, "Здравствуйте").await;
    let reception = desk.reception().await;
    for digits in [STRANGER, ERZHAN] {
        let path = desk.talk(digits).await;
        reception.post(&format!("{path}/write"), "way=sms&text=100+%E2%82%B8").await;
        reception.post(&format!("{path}/lead"), "name=A").await;
        reception.post(&format!("{path}/close"), "").await;
    }
    desk.send().await;
    assert_eq!(desk.last_sms(), "100 тг");
    let leads = desk.day.clinic.rows("SELECT id FROM lead").await;
    for id in leads {
        reception.post(&format!("/inbox/leads/{id}"), "state=lost").await;
    }
    desk.advance(179 * DAY);
    desk.write().await;
    assert_eq!(desk.talks().await.len(), 2);
    desk.advance(2 * DAY);
    desk.write().await;
    assert_eq!(desk.talks().await, ["sms +77012345678 closed 0 0 1"]);
    let left = desk.day.clinic.rows("SELECT phone FROM message UNION ALL SELECT phone FROM lead");
    assert_eq!(left.await, ["+77012345678"; 2], "a patient's are the card's to keep");
    assert_eq!(desk.day.clinic.rows("SELECT text FROM reply").await, ["Здравствуйте"]);
}

#[tokio::test]
async fn a_dialogue_is_silent_while_a_person_speaks_and_speaks_again_when_told() {
    let desk = Desk::open().await;
    let clinic = &desk.day.clinic;
    let grant = clinic.grant::<WriteInbox>(Role::Reception).await;
    let is_with = async || {
        let asked = clinic.vault().change(&grant, async |tx| {
            let with = conversations::is_with_a_person(tx, Channel::Sms, "+77010000009").await?;
            Ok::<_, VaultError>((with, Event::new("conversation.closed", Subject::Clinic)))
        });
        asked.await.unwrap()
    };
    assert!(!is_with().await);
    let handed = clinic.vault().change(&grant, async |tx| {
        let id = conversations::hand_over_in(tx, Channel::Sms, "+77010000009").await?;
        Ok::<_, VaultError>((id, Event::new("conversation.closed", Subject::Clinic)))
    });
    handed.await.unwrap();
    assert!(is_with().await);
    assert_eq!(desk.talks().await, ["sms +77010000009 open 1 1 0"]);
    let path = desk.talk(STRANGER).await;
    assert!(desk.page(&path).await.contains("бот молчит"));
    let reception = desk.reception().await;
    reception.post(&format!("{path}/hand-back"), "").await;
    assert!(!is_with().await);
    reception.post(&format!("{path}/write"), "way=sms&text=hi").await;
    assert!(is_with().await, "whoever writes speaks");
    reception.post(&format!("{path}/close"), "").await;
    assert!(!is_with().await);
}

#[tokio::test]
async fn quick_replies_are_the_clinics_to_change_in_both_languages() {
    let desk = Desk::open().await;
    desk.writes(STRANGER, "Здравствуйте").await;
    let path = desk.talk(STRANGER).await;
    assert!(desk.page(&path).await.contains("Сізді қай күнге"), "as shipped");
    let reception = desk.reception().await;
    let page = reception.get("/inbox/quick").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let half = reception.post("/inbox/quick", "name=A&ru=B&kk=").await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    let added = reception.post("/inbox/quick", "name=A&ru=Bir&kk=Eki").await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    reception.post("/inbox/quick/1", "name=A&ru=%3Cb%3EUsh&kk=Tort").await;
    reception.post("/inbox/quick/2/remove", "").await;
    assert_eq!(reception.post("/inbox/quick/2/remove", "").await.status, StatusCode::NOT_FOUND);
    let all = "SELECT ru FROM quick_reply ORDER BY id";
    assert_eq!(desk.day.clinic.rows(all).await[0], "<b>Ush");
    assert_eq!(desk.day.clinic.rows(all).await.len(), 5);
    let page = desk.page(&path).await;
    assert!(page.contains("Bir") && !page.contains("<b>Ush"), "{page}");
}
