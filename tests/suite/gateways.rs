//! What an SMS gateway may do to us, and what we make of it.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tokio::net::TcpListener;

use tirkeu::clock::{Clock, Timestamp};
use tirkeu::contact::Phone;
use tirkeu::messaging::gateway::{
    Delivery, Demo, Endpoint, Gateway, Health, Outcome, Reason, Reference, Sms, Smsc, Trouble,
};
use tirkeu::messaging::inbox::Inbox;
use tirkeu::money::Money;
use tirkeu::pages::Pages;

use crate::peers::smsc::{API_KEY, Mood, SmscServer};
use crate::support::send;

const TEXT: &str = "Қош келдіңіз: 100% & «ә» + ₸? a=b";

static PHONE: LazyLock<Phone> = LazyLock::new(|| Phone::parse("+77010000001").unwrap());
static ABROAD: LazyLock<Phone> = LazyLock::new(|| Phone::parse("+12025550100").unwrap());

fn sms(reference: u32) -> Sms<'static> {
    let reference = Reference::from_random(reference << 1);
    Sms { to: &PHONE, text: TEXT, reference, report_url: None }
}

#[tokio::test]
async fn smsc_takes_a_message_by_the_book_and_tells_its_price() {
    let server = SmscServer::start().await;
    let gateway = server.gateway();

    let outcome = gateway.send(sms(7)).await;

    let cost = Some(Money::from_tiyn(1550));
    assert_eq!(server.violations(), Vec::<String>::new());
    let accepted = Outcome::Accepted { provider_id: Some("7".to_owned()), parts: 1, cost };
    assert_eq!(outcome, accepted);
    let taken = server.taken();
    assert_eq!((taken.len(), taken[0].id, taken[0].text.as_str()), (1, 7, TEXT));
    assert_eq!(taken[0].phone, "77010000001");

    assert_eq!(gateway.status(&PHONE, sms(7).reference).await, Delivery::OnTheWay);
    server.set_status(7, 1);
    let at = Some(Timestamp::from_unix_ms(1_789_913_600_000));
    assert_eq!(gateway.status(&PHONE, sms(7).reference).await, Delivery::Delivered(at));
    let balance = Some(Money::from_tenge(984) + Money::from_tiyn(50));
    assert_eq!(gateway.health().await, Health::Well { balance });
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn smsc_takes_an_api_key_in_place_of_login_and_password() {
    let server = SmscServer::start().await;
    let endpoint = Endpoint::parse(&server.address).unwrap();
    let with =
        |key: &str| Gateway::Smsc(Smsc::new(endpoint.clone(), String::new(), key.to_owned(), None));
    let outcome = with(API_KEY).send(sms(7)).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert!(matches!(with(API_KEY).health().await, Health::Well { .. }));
    let wrong = with("other").health().await;
    assert!(matches!(wrong, Health::Ill(_)), "{wrong:?}");
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_was_lost_is_uncertain_and_cleared_up_by_asking() {
    let lost =
        [Mood::Silent, Mood::Slow, Mood::FailsAfter, Mood::Garbage, Mood::Endless, Mood::Mistaken];
    for mood in lost {
        let server = SmscServer::start().await;
        let gateway = server.gateway();
        server.next(mood);

        assert_eq!(gateway.send(sms(9)).await, Outcome::Uncertain, "{mood:?}");
        assert_eq!(server.taken().len(), 1, "{mood:?}");
        let status = gateway.status(&PHONE, sms(9).reference).await;
        assert_eq!(status, Delivery::OnTheWay, "{mood:?}");
        // Were it sent again all the same, the gateway would see a duplicate.
        assert_eq!(gateway.send(sms(9)).await, Outcome::Uncertain, "{mood:?}");
        assert_eq!(server.taken().len(), 1, "{mood:?}");
    }
}

#[tokio::test]
async fn a_message_that_never_arrived_is_known_as_such() {
    let server = SmscServer::start().await;
    server.next(Mood::FailsBefore);

    assert_eq!(server.gateway().send(sms(9)).await, Outcome::Uncertain);
    let status = server.gateway().status(&PHONE, sms(9).reference).await;
    assert_eq!(status, Delivery::NotFound);
}

#[tokio::test]
async fn refusals_say_whether_trying_again_makes_sense() {
    let server = SmscServer::start().await;
    let gateway = server.gateway();
    let retry = async |mood| {
        server.next(mood);
        match gateway.send(sms(9)).await {
            Outcome::Retry { trouble, .. } => trouble,
            other => panic!("{mood:?}: {other:?}"),
        }
    };
    assert_eq!(retry(Mood::Refuses(3)).await, Trouble::NoMoney);
    assert_eq!(retry(Mood::Refuses(4)).await, Trouble::Blocked);
    assert_eq!(retry(Mood::Redirects).await, Trouble::WrongAddress);
    server.next(Mood::Refuses(6));
    assert_eq!(gateway.send(sms(9)).await, Outcome::Rejected(Reason::Forbidden));
    let abroad = Sms { to: &ABROAD, ..sms(9) };
    assert_eq!(gateway.send(abroad).await, Outcome::Rejected(Reason::Unreachable));
    assert_eq!(server.taken(), []);
}

#[tokio::test]
async fn a_wrong_password_and_a_dead_line_are_seen_before_a_message_is_lost() {
    let server = SmscServer::start().await;
    let stranger = server.gateway_with("wrong");
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
    let outcome = stranger.send(sms(9)).await;
    assert!(matches!(outcome, Outcome::Retry { trouble: Trouble::Credentials, .. }));

    let nobody = Endpoint::parse("http://127.0.0.1:1/").unwrap();
    let dead = Gateway::Smsc(Smsc::new(nobody, "a".to_owned(), "b".to_owned(), None));
    assert_eq!(dead.health().await, Health::Ill(Trouble::Unreachable));
    let outcome = dead.send(sms(9)).await;
    assert!(matches!(outcome, Outcome::Retry { trouble: Trouble::Unreachable, .. }));
}

#[tokio::test]
async fn the_demo_inbox_keeps_a_message_once_and_shows_the_newest_first() {
    let clock = Clock::fixed(Timestamp::from_unix_ms(1_789_913_600_000));
    let inbox = Inbox::new(clock.clone(), Pages::load());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let router = inbox.clone().router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let gateway = Gateway::Demo(Demo::new(Endpoint::parse(&address).unwrap()));

    assert_eq!(gateway.health().await, Health::Well { balance: None });
    assert!(matches!(gateway.send(sms(1)).await, Outcome::Accepted { parts: 1, .. }));
    assert!(matches!(gateway.send(sms(1)).await, Outcome::Accepted { .. }));
    clock.advance_ms(1000);
    gateway.send(Sms { text: "two", ..sms(2) }).await;

    let texts: Vec<String> = inbox.messages().into_iter().map(|sms| sms.text).collect();
    assert_eq!(texts, ["two", TEXT]);
    assert_eq!(gateway.status(&PHONE, sms(2).reference).await, Delivery::Delivered(None));
    assert_eq!(gateway.status(&PHONE, sms(3).reference).await, Delivery::NotFound);

    let json = reqwest::get(format!("{address}?format=json")).await.unwrap().text().await.unwrap();
    let shown: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(shown[0]["text"], "two");
    assert_eq!(shown[1]["to"], "+77010000001");
    let page = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(page.contains("+7\u{a0}(701)\u{a0}000-00-01"), "{page}");
}

#[tokio::test]
async fn a_page_from_elsewhere_cannot_read_or_write_the_demo_inbox() {
    let inbox = Inbox::new(Clock::fixed(Timestamp::from_unix_ms(0)), Pages::load());
    let router = inbox.clone().router();
    let rebound = Request::get("/").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(send(&router, rebound).await.status, StatusCode::FORBIDDEN);
    let form = Request::post("/")
        .header("host", "localhost:9")
        .header("content-type", "text/plain")
        .body(Body::from(r#"{"reference":1,"to":"+77010000001","text":"x"}"#));
    assert_eq!(send(&router, form.unwrap()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(inbox.messages(), []);
}
