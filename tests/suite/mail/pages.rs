//! One's own address, and the notice that cannot wait.

use axum::http::StatusCode;
use tirkeu::contact::Email;
use tirkeu::mail::people::{self, AddressError};
use tirkeu::mail::{self, people::OwnAddress};
use tirkeu::vault::permission::{Role, SetUpGateways};

use super::{Post, code_in, hooks, own, work};
use crate::support::{Browser, PASSWORD, TestClinic};

const EMERGENCY: &str = "cause=acute&reason=%D0%BE%D1%81%D1%82%D1%80%D0%B0%D1%8F+%D0%B1%D0%BE%D0%BB%D1%8C+%D0%97%D1%8B%D1%80%D1%8F%D0%BD%D0%BA%D0%B0";

async fn prove(browser: &Browser<'_>) {
    let form = format!("password={}&code=&next=/", PASSWORD.replace(' ', "%20"));
    browser.post("/prove", &form).await;
}

/// A patient whose name no mailbox must ever see.
async fn patient(clinic: &TestClinic) -> String {
    let desk = clinic.sign_in(Role::Reception).await;
    let form = "surname=%D0%97%D1%8B%D1%80%D1%8F%D0%BD%D0%BE%D0%B2%D0%B0&given=%D0%90%D0%BD%D0%BD%D0%B0&phone=%2B77059876541&language=ru";
    let answer = desk.post("/patients", form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    clinic.rows("SELECT id FROM patient").await.remove(0)
}

async fn open_emergency(clinic: &TestClinic, card: &str) -> String {
    let doctor = clinic.sign_in(Role::Doctor).await;
    let opened = doctor.post(&format!("/patients/{card}/emergency"), EMERGENCY).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    clinic.rows("SELECT id FROM emergency_access ORDER BY opened_at DESC LIMIT 1").await.remove(0)
}

#[tokio::test]
async fn an_emergency_is_told_at_once_to_those_who_review_and_names_nobody() {
    let Some(mut post) = Post::open("starttls").await else { return };
    let [owner, officer, desk] = [
        post.clinic.employ(Role::Owner).await,
        post.clinic.employ(Role::Compliance).await,
        post.clinic.employ(Role::Reception).await,
    ];
    post.confirm(&owner, "owner@arai.kz").await;
    post.confirm(&officer, "officer@arai.kz").await;
    post.confirm(&desk, "desk@arai.kz").await;
    let card = patient(&post.clinic).await;
    open_emergency(&post.clinic, &card).await;
    post.work().await;

    let letters = [post.peer.next().await, post.peer.next().await];
    let mut to: Vec<_> = letters.iter().flat_map(|letter| letter.to.clone()).collect();
    to.sort();
    assert_eq!(to, ["officer@arai.kz", "owner@arai.kz"], "the desk is not told");
    for letter in &letters {
        assert!(letter.header("Subject").starts_with("Экстренный доступ к карте"), "{letter:?}");
        for said in
            ["23.11.2026 в 08:00", "врач", "Острая боль", "https://desk.example:8443/emergencies"]
        {
            assert!(letter.text.contains(said), "{said}: {}", letter.text);
        }
        let all = format!("{} {} {}", letter.header("Subject"), letter.text, letter.raw);
        for never in ["Зырян", "зырян", "Анна", "Doctor", &card, "987"] {
            assert!(!all.contains(never), "{never}: {}", letter.text);
        }
    }
    // Done twice, it is told once.
    let again = "UPDATE job SET done_at = NULL WHERE kind = 'emergency.opened'";
    post.clinic.write(again).await.unwrap();
    post.work().await;
    assert_eq!(post.states("emergency").await, ["accepted", "accepted"]);
}

#[tokio::test]
async fn whether_a_notice_is_still_wanted_is_decided_when_it_leaves() {
    let Some(mut post) = Post::open("starttls").await else { return };
    let owner = post.clinic.employ(Role::Owner).await;
    let officer = post.clinic.employ(Role::Compliance).await;
    post.confirm(&owner, "owner@arai.kz").await;
    post.confirm(&officer, "officer@arai.kz").await;
    let card = patient(&post.clinic).await;
    let access = open_emergency(&post.clinic, &card).await;
    let jobs = tirkeu::app::jobs();
    while jobs.run_due(post.clinic.vault(), &post.clinic.clinic).await.unwrap() > 0 {}
    assert_eq!(post.states("emergency").await, ["queued", "queued"]);
    // The officer gives the address up, and the owner leaves the clinic.
    people::forget(&post.clinic.clinic, &own(&post.clinic.sign_in_as(&officer).await))
        .await
        .unwrap();
    post.clinic.write("UPDATE staff SET left_at = 1 WHERE role = 'owner'").await.unwrap();
    post.work().await;
    assert_eq!(post.states("emergency").await, ["withheld not_wanted", "withheld not_wanted"]);

    // And nobody is alarmed of what was reviewed already.
    post.clinic.write("UPDATE staff SET left_at = NULL").await.unwrap();
    post.clinic.clinic.clock().advance_ms(1000);
    let second = open_emergency(&post.clinic, &card).await;
    assert_ne!(access, second);
    while jobs.run_due(post.clinic.vault(), &post.clinic.clinic).await.unwrap() > 0 {}
    let browser = post.clinic.sign_in_as(&officer).await;
    let path = format!("/emergencies/{second}/review");
    let reviewed = browser.post(&path, "verdict=justified&note=").await;
    assert_eq!(reviewed.status, StatusCode::SEE_OTHER);
    post.work().await;
    assert_eq!(post.states("emergency").await[2..], ["withheld reviewed"]);
}

#[tokio::test]
async fn an_address_is_ones_own_once_the_code_that_went_there_is_typed() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let owner = post.clinic.employ(Role::Owner).await;
    let browser = post.clinic.sign_in_as(&owner).await;
    // Password and code first: whoever finds a screen open redirects no notices.
    let asked = browser.post("/account/mail", "address=new%40arai.kz").await;
    assert!(asked.header("location").starts_with("/prove?next="), "{asked:?}");
    prove(&browser).await;
    let bad = browser.post("/account/mail", "address=new%40arai").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("new@arai\"") && bad.body.contains("не похоже на адрес"));
    let asked = browser.post("/account/mail", "address=new%40arai.kz").await;
    assert_eq!(asked.header("location"), "/account/mail?done=asked");
    let soon = browser.post("/account/mail", "address=new%40arai.kz").await;
    assert!(soon.body.contains("через минуту"), "{}", soon.body);
    post.work().await;
    let letter = post.peer.next().await;
    let grant = own(&browser);
    let now = people::own(&post.clinic.clinic, &grant).await.unwrap();
    assert!(matches!(now, OwnAddress { address: None, wanted: Some(_), .. }), "{now:?}");
    let wrong = browser.post("/account/mail/code", "code=000000x").await;
    assert!(wrong.body.contains("Код не подходит"), "{}", wrong.body);
    let typed = format!("code={}", code_in(&letter.text));
    let confirmed = browser.post("/account/mail/code", &typed).await;
    assert_eq!(confirmed.header("location"), "/account/mail?done=confirmed");
    assert!(browser.get("/account/mail").await.body.contains("new@arai.kz"));
    let twice = browser.post("/account/mail/code", &typed).await;
    assert!(twice.body.contains("больше не действует"), "a code works once");

    // The next address: the one before holds until then, and is told.
    post.clinic.clinic.clock().advance_ms(61_000);
    let next = Email::parse("other@arai.kz").unwrap();
    people::ask(&post.clinic.clinic, &grant, &next).await.unwrap();
    post.work().await;
    let code = code_in(&post.peer.next().await.text);
    let held = people::own(&post.clinic.clinic, &grant).await.unwrap();
    assert_eq!(held.address.unwrap().as_str(), "new@arai.kz");
    people::confirm(&post.clinic.clinic, &grant, &code).await.unwrap();
    post.work().await;
    let told = post.peer.next().await;
    assert_eq!(told.to, ["new@arai.kz"]);
    assert!(told.header("Subject").contains("Адрес для уведомлений изменён"), "{told:?}");
}

#[tokio::test]
async fn five_wrong_codes_or_half_an_hour_end_a_code() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let owner = post.clinic.employ(Role::Owner).await;
    let browser = post.clinic.sign_in_as(&owner).await;
    let grant = own(&browser);
    let address = Email::parse("new@arai.kz").unwrap();
    people::ask(&post.clinic.clinic, &grant, &address).await.unwrap();
    post.work().await;
    let code = code_in(&post.peer.next().await.text);
    let wrong = if code == "111112" { "111113" } else { "111112" };
    for _ in 0..5 {
        let refused = people::confirm(&post.clinic.clinic, &grant, wrong).await;
        assert!(matches!(refused, Err(AddressError::WrongCode)), "{refused:?}");
    }
    let refused = people::confirm(&post.clinic.clinic, &grant, &code).await;
    assert!(matches!(refused, Err(AddressError::NoCode)), "{refused:?}");

    post.clinic.clinic.clock().advance_ms(61_000);
    people::ask(&post.clinic.clinic, &grant, &address).await.unwrap();
    post.work().await;
    let code = code_in(&post.peer.next().await.text);
    post.clinic.clinic.clock().advance_ms(30 * 60_000);
    let refused = people::confirm(&post.clinic.clinic, &grant, &code).await;
    assert!(matches!(refused, Err(AddressError::NoCode)), "{refused:?}");
}

#[tokio::test]
async fn without_a_server_letters_wait_and_a_code_that_was_replaced_is_not_sent() {
    let clinic = TestClinic::open().await;
    let owner = clinic.employ(Role::Owner).await;
    let browser = clinic.sign_in_as(&owner).await;
    let address = Email::parse("new@arai.kz").unwrap();
    people::ask(&clinic.clinic, &own(&browser), &address).await.unwrap();
    clinic.clinic.clock().advance_ms(61_000);
    people::ask(&clinic.clinic, &own(&browser), &address).await.unwrap();
    work(&clinic, &super::hooks()).await;
    assert_eq!(clinic.rows("SELECT DISTINCT state FROM letter").await, ["queued"]);
    let page = browser.get("/account/mail").await;
    assert!(page.body.contains("Почтовый сервер не настроен"));

    // A server where nobody answers: nothing is lost.
    let grant = clinic.grant::<SetUpGateways>(Role::Owner).await;
    let change = tirkeu::post::MailChange {
        host: "127.0.0.1".to_owned(),
        port: "1".to_owned(),
        tls: "none".to_owned(),
        sender: "crm@arai.kz".to_owned(),
        ..Default::default()
    };
    tirkeu::post::set(clinic.vault(), &grant, &change).await.unwrap();
    work(&clinic, &super::hooks()).await;
    let states = clinic.rows("SELECT state || ' ' || reason FROM letter ORDER BY created_at").await;
    assert_eq!(states, ["withheld replaced", "queued unreachable"]);
    let shown = browser.get("/messages/mail").await.body;
    assert!(shown.contains("Сервер не отвечает") && shown.contains("следующая попытка"), "{shown}");
}

#[tokio::test]
async fn the_settings_page_refuses_in_words_and_keeps_what_was_typed() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let form = "host=mail.arai.kz&port=25&tls=none&username=crm&password=Secret-123&sender=crm%40arai.kz&ca=";
    let refused = owner.post("/messages/mail", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("только на этот же компьютер"), "{}", refused.body);
    assert!(
        refused.body.contains("value=\"mail.arai.kz\"") && refused.body.contains("value=\"crm\"")
    );
    assert!(!refused.body.contains("Secret-123"), "a password never comes back");
    let saved = owner.post("/messages/mail", &form.replace("tls=none", "tls=starttls")).await;
    assert_eq!(saved.header("location"), "/messages/mail?done=saved");
    let page = owner.get("/messages/mail").await.body;
    assert!(page.contains("mail.arai.kz") && !page.contains("Secret-123"));
    let trial = owner.post("/messages/mail/trial", "address=nobody").await;
    assert_eq!(trial.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(trial.body.contains("value=\"nobody\""));
}

#[tokio::test]
async fn letters_are_forgotten_after_a_year_and_the_log_says_how_many() {
    let clinic = TestClinic::open().await;
    let letter = |id: &str, state: &str, due: &str| {
        format!(
            "INSERT INTO letter (id, kind, address, language, subject, body, state, created_at, \
             since, due_at, not_after) VALUES ('{id}', 'trial', 'a@example.kz', 'ru', 'S', 'B', \
             '{state}', 0, 0, {due}, 0)"
        )
    };
    clinic.write(&letter("1", "accepted", "NULL")).await.unwrap();
    clinic.write(&letter("2", "queued", "9")).await.unwrap();
    mail::run_due(&clinic.clinic, &hooks()).await.unwrap();
    assert_eq!(clinic.rows("SELECT id FROM letter").await, ["2"], "what waits is not forgotten");
    assert_eq!(clinic.audited().await.last().unwrap(), "letter.forgotten");

    let before = clinic.audited().await.len();
    mail::run_due(&clinic.clinic, &hooks()).await.unwrap();
    assert_eq!(clinic.audited().await.len(), before, "nothing to forget, nothing to say");
}
