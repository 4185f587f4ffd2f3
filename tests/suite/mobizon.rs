//! What Mobizon may do to us, and what we make of it.

use std::sync::LazyLock;

use tirkeu::contact::Phone;
use tirkeu::messaging::gateway::{
    Delivery, Gateway, Health, Outcome, Reason, Reference, Sms, Trouble,
};
use tirkeu::money::Money;

use crate::peers::mobizon::{KEY, MobizonServer, Mood};

const TEXT: &str = "Қош келдіңіз: 100% & «ә» + ₸? a=b";

static PHONE: LazyLock<Phone> = LazyLock::new(|| Phone::parse("+77010000001").unwrap());

fn sms(reference: u32) -> Sms<'static> {
    let reference = Reference::from_random(reference << 1);
    Sms { to: &PHONE, text: TEXT, reference, report_url: None }
}

async fn open() -> (MobizonServer, Gateway) {
    let server = MobizonServer::start().await;
    let gateway = server.gateway(KEY);
    (server, gateway)
}

#[tokio::test]
async fn mobizon_takes_a_message_by_the_book_and_tells_what_became_of_it() {
    let (server, gateway) = open().await;
    let outcome = gateway.send(sms(7)).await;
    assert_eq!(server.violations(), Vec::<String>::new());
    let id = Some("500".to_owned());
    assert_eq!(outcome, Outcome::Accepted { provider_id: id, parts: 1, cost: None });
    let taken = server.taken();
    assert_eq!((taken[0].to.as_str(), taken[0].text.as_str()), ("77010000001", TEXT));

    let status = async || gateway.status_of(&PHONE, sms(7).reference, Some("500")).await;
    assert_eq!(status().await, Delivery::OnTheWay);
    // Reports may be asked for twice, and stay what they are.
    server.set_status(0, "DELIVRD");
    assert_eq!(status().await, Delivery::Delivered(None));
    assert_eq!(status().await, Delivery::Delivered(None));
    let balance = Some(Money::from_tiyn(98_450));
    assert_eq!(gateway.health().await, Health::Well { balance });
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_found_by_its_name() {
    for mood in [Mood::Silent, Mood::Slow, Mood::FailsAfter, Mood::Garbage, Mood::Queues] {
        let (server, gateway) = open().await;
        // Others to the same person are not taken for it.
        gateway.send(sms(5)).await;
        server.next(mood);
        assert_eq!(gateway.send(sms(6)).await, Outcome::Uncertain, "{mood:?}");
        gateway.send(sms(8)).await;
        server.set_status(0, "DELIVRD");
        server.set_status(2, "DELIVRD");

        let status = gateway.status(&PHONE, sms(6).reference).await;
        assert_eq!(status, Delivery::OnTheWay, "{mood:?}");
        server.set_status(1, "EXPIRED");
        assert_eq!(gateway.status(&PHONE, sms(6).reference).await, Delivery::Expired, "{mood:?}");
        assert_eq!(server.violations(), Vec::<String>::new(), "{mood:?}");
    }
}

#[tokio::test]
async fn a_message_is_said_to_have_never_arrived_only_when_all_were_looked_through() {
    let (server, gateway) = open().await;
    server.next(Mood::FailsBefore);
    assert_eq!(gateway.send(sms(9)).await, Outcome::Uncertain);
    assert_eq!(gateway.status(&PHONE, sms(9).reference).await, Delivery::NotFound);
    for number in 100..126 {
        gateway.send(sms(number)).await;
    }
    assert_eq!(gateway.status(&PHONE, sms(9).reference).await, Delivery::Unknown);
}

#[tokio::test]
async fn refusals_of_mobizon_say_whether_trying_again_makes_sense() {
    let (server, gateway) = open().await;
    for (mood, trouble) in [
        (Mood::Refuses(14), Trouble::Blocked),
        (Mood::Refuses(30), Trouble::Busy),
        (Mood::Answers(429), Trouble::Busy),
        (Mood::Answers(302), Trouble::WrongAddress),
        (Mood::Refuses(15), Trouble::NoMoney),
    ] {
        server.next(mood);
        match gateway.send(sms(9)).await {
            Outcome::Retry { trouble: said, .. } => assert_eq!(said, trouble, "{mood:?}"),
            other => panic!("{mood:?}: {other:?}"),
        }
    }
    let abroad = Phone::parse("+12025550100").unwrap();
    let outcome = gateway.send(Sms { to: &abroad, ..sms(9) }).await;
    assert_eq!(outcome, Outcome::Rejected(Reason::BadNumber));
    assert!(server.taken().is_empty());

    let stranger = server.gateway("kz0000000000000000000000000000000000000000");
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
    let outcome = stranger.send(sms(9)).await;
    assert!(matches!(outcome, Outcome::Retry { trouble: Trouble::Credentials, .. }));
}
