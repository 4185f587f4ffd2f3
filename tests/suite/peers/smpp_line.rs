//! The line to an SMPP centre: whose certificate it may have, signs of life, and
//! what becomes of messages when it breaks. The centre is node-smpp.

use std::time::Duration;

use axum::http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use tirkeu::contact::Phone;
use tirkeu::i18n::Language;
use tirkeu::messaging::gateway::smpp::Pool;
use tirkeu::messaging::gateway::{Outcome, Reference, Sms};
use tirkeu::messaging::text::{Purpose, Values, Variable};
use tirkeu::messaging::{self, About, MessagingError, NewMessage};
use tirkeu::vault::permission::{Role, SendMessages};
use tirkeu::vault::{Actor, Event, Grant, Subject};

use super::skipped;
use super::smpp::{ByCentre, Peer};
use crate::planted::encoded;
use crate::support::Answer;

const PAGE: &str = "/messages/gateway/1";

/// An authority that the centre's certificate is not by.
fn another_authority() -> String {
    let mut one = CertificateParams::default();
    one.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    one.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

impl ByCentre {
    /// The owner fills the form in.
    async fn over_tls(&self, ca: &str) -> Answer {
        let form = format!(
            "kind=smpp&endpoint=smpps://localhost:{}&username=clinic&password=smpp-pw&sender=ARAI&ca={}",
            self.peer.ports[1],
            encoded(ca),
        );
        self.clinic.sign_in(Role::Owner).await.post(PAGE, &form).await
    }

    /// A code, which may wait for longer than a trial.
    async fn enqueue_for_an_hour(&self) {
        let clinic = &self.clinic.clinic;
        let message = NewMessage {
            patient_id: None,
            purpose: Purpose::BookingCode,
            about: About::new("booking_code", "1"),
            language: Language::Kk,
            to: Phone::parse("+77010000001").unwrap().into(),
            values: Values::new().with(Variable::Code, "123456"),
            secret: None,
            not_after: clinic.clock().now().plus_ms(60 * 60_000),
            first_by: None,
        };
        let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
        let wanted = Event::new("test.wanted", Subject::Clinic);
        let put = clinic.vault.change(&grant, async |tx| {
            Ok::<_, MessagingError>((messaging::enqueue(tx, clinic, &message).await?, wanted))
        });
        put.await.unwrap();
    }

    async fn page(&self, path: &str) -> String {
        let page = self.clinic.sign_in(Role::Owner).await.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page.body.replace("&#x2f;", "/")
    }
}

#[tokio::test]
async fn a_message_reaches_a_centre_of_the_operators_own_authority_and_its_receipt_comes_back() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP and an own authority: npm smpp");
    };
    let authority = by.peer.authority();
    // As browsers send what was pasted.
    let saved = by.over_tls(&authority.replace('\n', "\r\n")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let shown = by.page(PAGE).await;
    assert!(shown.contains(authority.trim()), "it is public, and shown again: {shown}");

    by.enqueue().await;
    by.work().await;
    by.hear().await;
    assert_eq!(by.states().await, ["delivered"]);
    assert_eq!(by.peer.taken().await["to"], "77010000001");
    assert_eq!(by.peer.until("acknowledged").await["acknowledged"], 0);
}

#[tokio::test]
async fn nothing_goes_to_a_centre_of_another_authority_and_the_page_says_why() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP and a wrong authority: npm smpp");
    };
    assert_eq!(by.over_tls(&another_authority()).await.status, StatusCode::SEE_OTHER);
    by.enqueue_for_an_hour().await;
    by.work().await;
    assert_eq!(by.states().await, ["queued"]);
    for path in [PAGE, "/messages/gateway/1/health"] {
        let shown = by.page(path).await;
        assert!(shown.contains("Сертификат сервиса не удалось проверить"), "{path}: {shown}");
        assert!(shown.contains("возьмите у него сертификат центра"), "{path}: {shown}");
    }
    by.peer.mood("last").await;
    let heard = &by.peer.unread;
    assert!(heard.iter().all(|one| one["bound"].is_null() && one["text"].is_null()), "{heard:?}");

    // With the right one what waited leaves.
    let right = by.peer.authority();
    assert_eq!(by.over_tls(&right).await.status, StatusCode::SEE_OTHER);
    by.clinic.clinic.clock().advance_ms(30 * 60_000);
    by.work().await;
    assert_eq!(by.states().await, ["accepted"]);
    by.hear().await;
    assert_eq!(by.states().await, ["delivered"]);
}

#[tokio::test]
async fn another_authority_makes_another_line() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP and a new authority: npm smpp");
    };
    assert_eq!(by.over_tls(&by.peer.authority()).await.status, StatusCode::SEE_OTHER);
    by.enqueue().await;
    by.work().await;
    by.hear().await;
    assert_eq!(by.over_tls(&another_authority()).await.status, StatusCode::SEE_OTHER);
    by.peer.unread.clear();
    by.enqueue().await;
    by.work().await;
    assert_eq!(by.states().await, ["delivered", "queued"], "the line of old trust is not used");
}

#[tokio::test]
async fn an_authority_that_is_none_is_refused_in_words_and_stays_in_the_form() {
    let Some(by) = ByCentre::open().await else {
        return skipped("SMPP and no authority: npm smpp");
    };
    let refused = by.over_tls("-----BEGIN CERTIFICATE-----\nсертификат").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Это не сертификат центра"), "{}", refused.body);
    assert!(refused.body.contains("CERTIFICATE-----\nсертификат"), "{}", refused.body);
    let plain = format!(
        "kind=smpp&endpoint=smpp://127.0.0.1:{}&username=clinic&password=smpp-pw&ca={}",
        by.peer.ports[0],
        encoded(&by.peer.authority()),
    );
    let refused = by.clinic.sign_in(Role::Owner).await.post(PAGE, &plain).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("сертификат ему не нужен"), "{}", refused.body);
}

#[tokio::test]
async fn signs_of_life_are_asked_for_and_given() {
    let Some(mut peer) = Peer::start().await else { return skipped("SMPP alive: npm smpp") };
    let pool = Pool::with_signs_of_life(Duration::from_millis(500));
    let gateway = peer.gateway(&pool, "smpp-pw");
    gateway.health().await;
    peer.until("bound").await;
    // The second is asked for only when the first was given.
    for _ in 0..2 {
        assert!(peer.next_of(&["enquired", "closed"]).await["closed"].is_null());
    }
    peer.mood("enquire").await;
    assert_eq!(peer.until("alive").await["alive"], 0);
}

#[tokio::test]
async fn a_centre_without_a_sign_of_life_is_left_and_the_next_message_goes_over_a_new_line() {
    let Some(mut peer) = Peer::start().await else { return skipped("SMPP dead: npm smpp") };
    let pool = Pool::with_signs_of_life(Duration::from_millis(500));
    let gateway = peer.gateway(&pool, "smpp-pw");
    peer.mood("signs no").await;
    gateway.health().await;
    peer.until("bound").await;
    peer.until("enquired").await;
    peer.until("closed").await;
    peer.mood("signs yes").await;
    let phone = Phone::parse("+77010000001").unwrap();
    let sms =
        Sms { to: &phone, text: "hi", reference: Reference::from_random(84), report_url: None };
    assert!(matches!(gateway.send(sms).await, Outcome::Accepted { .. }));
    peer.until("bound").await;
    assert_eq!(peer.taken().await["text"], "hi");
}

#[tokio::test]
async fn after_a_centre_hung_up_the_next_message_goes_over_a_new_line_and_once() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP hung up: npm smpp");
    };
    let authority = by.peer.authority();
    assert_eq!(by.over_tls(&authority).await.status, StatusCode::SEE_OTHER);
    let mut lines = 0;
    for hung_up in [false, true] {
        by.enqueue().await;
        by.work().await;
        by.hear().await;
        by.peer.until("bound").await;
        lines += 1;
        by.peer.taken().await;
        by.peer.until("acknowledged").await;
        if !hung_up {
            by.peer.mood("hang up").await;
            by.peer.until("closed").await;
        }
    }
    assert_eq!((lines, by.states().await), (2, vec!["delivered".to_owned(); 2]));
    // Nothing more came: each message left once.
    by.work().await;
    by.peer.mood("last").await;
    assert!(by.peer.unread.iter().all(|one| one["text"].is_null()), "{:?}", by.peer.unread);
}
