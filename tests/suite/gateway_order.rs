//! Several gateways at once: which of them gets a message, how fast, and what
//! is known of each.

use tirkeu::contact::Phone;
use tirkeu::contact::name::Name;
use tirkeu::i18n::Language;
use tirkeu::ids::{MessageId, PatientId};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayId, GatewayKind, Terms};
use tirkeu::messaging::text::{Purpose, Values, Variable};
use tirkeu::messaging::{self, About, Hooks, MessagingError, NewMessage, check_due, run_due};
use tirkeu::money::Money;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role, SendMessages};
use tirkeu::vault::{Actor, Event, Grant, Subject};

use crate::peers::smsc::{LOGIN, Mood, PASSWORD, SmscServer};
use crate::support::TestClinic;

const MINUTE: i64 = 60_000;

/// A clinic with two strict gateways.
struct Two {
    clinic: TestClinic,
    first: SmscServer,
    second: SmscServer,
    ids: [GatewayId; 2],
}

fn account(server: &SmscServer) -> GatewayChange {
    GatewayChange {
        kind: GatewayKind::Smsc,
        endpoint: server.address.clone(),
        username: LOGIN.to_owned(),
        password: PASSWORD.to_owned(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    }
}

impl Two {
    async fn open() -> Self {
        Self::with(Terms::usual(GatewayKind::Smsc)).await
    }

    async fn with(terms: Terms) -> Self {
        let clinic = TestClinic::open().await;
        let (first, second) = (SmscServer::start().await, SmscServer::start().await);
        let owner = clinic.grant(Role::Owner).await;
        let add = async |server: &SmscServer| {
            let change = account(server);
            setup::save_gateway(clinic.vault(), &owner, None, &change, terms).await.unwrap()
        };
        let ids = [add(&first).await, add(&second).await];
        Self { clinic, first, second, ids }
    }

    /// A code to a phone that is on nobody's card: the simplest message.
    async fn enqueue(&self, code: &str, lasts_minutes: i64) -> MessageId {
        let values = Values::new().with(Variable::Code, code);
        let about = About::new("booking_code", code);
        self.put(None, (Purpose::BookingCode, about), values, lasts_minutes).await
    }

    /// Somebody with this telephone.
    async fn enter_patient(&self) -> PatientId {
        let grant = self.clinic.grant::<RegisterPatient>(Role::Reception).await;
        let phones = vec![Phone::parse("8 701 000 00 01").unwrap()];
        let name = Name::new("Сейтқали", "Қанат", "");
        let new = NewPatient { name, phones, language: Language::Kk, ..NewPatient::default() };
        patients::register(self.clinic.vault(), &grant, &new).await.unwrap()
    }

    /// Word of a cancelled visit, for which nobody sits and waits.
    async fn cancel(&self, patient: PatientId, time: &str, lasts_minutes: i64) -> MessageId {
        let values = Values::new().with(Variable::Date, "1 желтоқсан").with(Variable::Time, time);
        let about = About::new("appointment", time);
        let of = (Purpose::BookingCancelled, about);
        self.put(Some(patient), of, values, lasts_minutes).await
    }

    async fn put(
        &self,
        patient_id: Option<PatientId>,
        (purpose, about): (Purpose, About),
        values: Values,
        lasts_minutes: i64,
    ) -> MessageId {
        let clinic = &self.clinic.clinic;
        let now = clinic.clock().now();
        let message = NewMessage {
            patient_id,
            purpose,
            about,
            language: Language::Kk,
            to: Phone::parse("8 701 000 00 01").unwrap().into(),
            values,
            secret: None,
            not_after: now.plus_ms(lasts_minutes * MINUTE),
            first_by: None,
        };
        let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
        let wanted = Event::new("test.wanted", Subject::Clinic);
        clinic
            .vault
            .change(&grant, async |tx| {
                Ok::<_, MessagingError>((messaging::enqueue(tx, clinic, &message).await?, wanted))
            })
            .await
            .unwrap()
    }

    async fn work(&self) {
        run_due(&self.clinic.clinic, &Hooks::new()).await.unwrap();
    }

    fn wait(&self, ms: i64) {
        self.clinic.clinic.clock().advance_ms(ms);
    }

    fn taken(&self) -> (usize, usize) {
        (self.first.taken().len(), self.second.taken().len())
    }

    async fn states(&self) -> Vec<String> {
        self.clinic
            .rows("SELECT state || coalesce(' ' || reason, '') FROM message ORDER BY rowid")
            .await
    }

    /// Events of gateways, in order.
    async fn news(&self) -> Vec<String> {
        let told = ["gateway.failing", "gateway.recovered"];
        let all = self.clinic.audited().await;
        all.into_iter().filter(|act| told.contains(&act.as_str())).collect()
    }
}

#[tokio::test]
async fn what_the_first_gateway_certainly_did_not_take_goes_to_the_second_once() {
    let two = Two::open().await;
    two.first.next(Mood::Refuses(3));
    two.enqueue("111111", 60).await;
    two.work().await;
    assert_eq!(two.taken(), (0, 0));
    assert_eq!(two.states().await, ["queued gateway_no_money"]);
    two.work().await;
    assert_eq!(two.taken(), (0, 1));

    // The first is left alone until its rest is over, then it comes first again.
    two.enqueue("222222", 60).await;
    two.work().await;
    assert_eq!(two.taken(), (0, 2));
    two.wait(20 * MINUTE);
    two.enqueue("333333", 60).await;
    two.work().await;
    assert_eq!(two.taken(), (1, 2));
    assert_eq!(two.news().await, ["gateway.failing", "gateway.recovered"]);
}

#[tokio::test]
async fn a_message_the_first_gateway_may_have_taken_never_goes_to_the_second() {
    for mood in [Mood::FailsAfter, Mood::Garbage, Mood::Mistaken] {
        let two = Two::open().await;
        two.first.next(mood);
        two.first.be_mute();
        two.enqueue("111111", 3000).await;
        two.work().await;
        assert_eq!(two.states().await, ["uncertain no_answer"], "{mood:?}");
        // Others do not follow it into the unknown.
        two.enqueue("222222", 60).await;
        two.work().await;
        assert_eq!(two.taken(), (1, 1), "{mood:?}");
        for _ in 0..40 {
            two.wait(60 * MINUTE);
            two.work().await;
        }
        assert_eq!(two.taken(), (1, 1), "{mood:?}");
        assert_eq!(two.states().await[0], "uncertain no_answer", "{mood:?}");
    }
}

#[tokio::test]
async fn a_refusal_goes_to_the_next_gateway_but_a_number_that_is_none_goes_nowhere() {
    let two = Two::open().await;
    two.first.next(Mood::Refuses(6));
    two.enqueue("111111", 60).await;
    two.work().await;
    two.work().await;
    assert_eq!(two.taken(), (0, 1));
    assert_eq!(two.states().await, ["accepted"]);

    two.first.next(Mood::Refuses(7));
    two.enqueue("222222", 60).await;
    two.work().await;
    two.work().await;
    assert_eq!(two.taken(), (0, 1));
    assert_eq!(two.states().await[1], "failed bad_number");

    // Refused by all: that is the end.
    two.first.next(Mood::Refuses(6));
    two.second.next(Mood::Refuses(6));
    two.enqueue("333333", 60).await;
    for _ in 0..4 {
        two.work().await;
    }
    assert_eq!(two.taken(), (0, 1));
    assert_eq!(two.states().await[2], "failed forbidden");
}

#[tokio::test]
async fn a_gateway_is_fed_no_faster_than_its_limit_and_codes_leave_first() {
    let slow = Terms { per_minute: 60, ..Terms::usual(GatewayKind::Smsc) };
    let two = Two::with(slow).await;
    for number in 0..5 {
        two.enqueue(&format!("10000{number}"), 600 - number).await;
    }
    for second in 0..5 {
        two.work().await;
        two.work().await;
        assert_eq!(two.taken(), (second + 1, 0));
        two.wait(1000);
    }
    let codes: Vec<bool> =
        (0..5).map(|n| two.first.taken()[n].text.contains(&format!("10000{}", 4 - n))).collect();
    assert_eq!(codes, [true; 5], "those that are useless soonest leave first");
}

#[tokio::test]
async fn a_code_passes_a_whole_backlog_and_the_backlog_keeps_its_order() {
    let slow = Terms { per_minute: 60, ..Terms::usual(GatewayKind::Smsc) };
    let two = Two::with(slow).await;
    let patient = two.enter_patient().await;
    for number in 0..90 {
        two.cancel(patient, &format!("10:{number:02}"), 30 + number).await;
    }
    two.work().await;
    // It is useless later than all of them, and leaves next.
    two.enqueue("555555", 600).await;
    two.work().await;
    for _ in 0..4 {
        two.wait(1000);
        two.work().await;
    }
    let texts: Vec<String> = two.first.taken().into_iter().map(|sms| sms.text).collect();
    let left = ["10:00", "555555", "10:01", "10:02", "10:03"];
    assert_eq!(texts.len(), left.len(), "{texts:?}");
    assert!(texts.iter().zip(left).all(|(text, what)| text.contains(what)), "{texts:?}");
}

#[tokio::test]
async fn messages_that_wait_for_a_gateway_write_nothing_down() {
    let two = Two::open().await;
    let patient = two.enter_patient().await;
    for number in 0..60 {
        two.cancel(patient, &format!("10:{number:02}"), 3000).await;
    }
    for server in [&two.first, &two.second] {
        (0..20).for_each(|_| server.next(Mood::Refuses(3)));
    }
    for _ in 0..12 {
        two.work().await;
    }
    let written = two.clinic.audited().await.len();
    for _ in 0..20 {
        two.work().await;
        two.wait(1000);
    }
    assert_eq!(two.clinic.audited().await.len(), written);
    assert_eq!(two.taken(), (0, 0));
}

#[tokio::test]
async fn a_trial_goes_through_the_gateway_that_is_tried_even_while_it_rests() {
    let two = Two::open().await;
    let owner = two.clinic.sign_in(Role::Owner).await;
    two.second.next(Mood::Refuses(2));
    let path = format!("/messages/gateway/{}/trial", two.ids[1]);
    let form = "phone=8+701+000+00+02";
    assert_eq!(owner.post(&path, form).await.status, 303);
    two.work().await;
    assert_eq!(two.taken(), (0, 0));
    let told = owner.get(&path).await.body;
    assert!(told.contains("не принял логин"), "{told}");
    assert_eq!(owner.post(&path, form).await.status, 303);
    two.work().await;
    assert_eq!(two.taken(), (0, 1));
    let page = owner.get(&format!("/messages/gateway/{}", two.ids[1])).await.body;
    assert!(!page.contains("+77010000002") && !page.contains("000-00-02"), "{page}");
    assert_eq!(owner.post(&path, "phone=1").await.status, 422);
    assert_eq!(owner.post("/messages/gateway/99/trial", form).await.status, 404);
}

#[tokio::test]
async fn a_trial_does_not_wait_behind_a_code_that_waits_for_the_gateway() {
    let two = Two::open().await;
    for server in [&two.first, &two.second] {
        server.next(Mood::Refuses(2));
    }
    two.enqueue("111111", 5).await;
    two.work().await;
    two.work().await;
    assert_eq!(two.states().await, ["queued gateway_credentials"]);
    for number in 0..12 {
        two.enqueue(&format!("2222{number:02}"), 5).await;
    }
    let owner = two.clinic.sign_in(Role::Owner).await;
    let path = format!("/messages/gateway/{}/trial", two.ids[1]);
    assert_eq!(owner.post(&path, "phone=8+701+000+00+02").await.status, 303);
    two.work().await;
    assert_eq!(two.taken(), (0, 1));
}

#[tokio::test]
async fn gateways_are_asked_for_their_balance_and_a_low_one_is_shown() {
    let low = Some(Money::from_tenge(1000));
    let two = Two::with(Terms { low_balance: low, ..Terms::usual(GatewayKind::Smsc) }).await;
    assert_eq!(check_due(&two.clinic.clinic).await.unwrap(), 2);
    assert_eq!(check_due(&two.clinic.clinic).await.unwrap(), 0, "not again within the hour");
    let owner = two.clinic.sign_in(Role::Owner).await;
    let list = owner.get("/messages/gateway").await.body;
    assert!(list.contains("984,50") && list.contains("Мало денег"), "{list}");
    assert_eq!(two.clinic.clinic.waiting.at("messages"), 2);
    two.wait(61 * MINUTE);
    assert_eq!(check_due(&two.clinic.clinic).await.unwrap(), 2);
    assert_eq!(two.news().await, Vec::<String>::new(), "nothing was news");
}

#[tokio::test]
async fn the_order_is_the_clinics_and_what_is_removed_gets_nothing() {
    let two = Two::open().await;
    let owner = two.clinic.sign_in(Role::Owner).await;
    let up = format!("/messages/gateway/{}/raise", two.ids[1]);
    assert_eq!(owner.post(&up, "").await.status, 303);
    assert_eq!(owner.post(&up, "").await.status, 404, "it is the first already");
    two.enqueue("111111", 60).await;
    two.work().await;
    assert_eq!(two.taken(), (0, 1));

    let away = format!("/messages/gateway/{}/remove", two.ids[1]);
    assert_eq!(owner.post(&away, "").await.status, 303);
    two.enqueue("222222", 60).await;
    two.work().await;
    assert_eq!(two.taken(), (1, 1));
    let change = account(&two.second);
    let grant = two.clinic.grant(Role::Owner).await;
    let terms = Terms::usual(GatewayKind::Smsc);
    let third = setup::save_gateway(two.clinic.vault(), &grant, None, &change, terms).await;
    assert_eq!(third.unwrap(), GatewayId::from_number(3), "a number is never given twice");
    let doctor = two.clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.post(&up, "").await.status, 403);
}

#[tokio::test]
async fn limits_and_prices_are_kept_and_wrong_ones_are_named_with_what_was_typed() {
    let two = Two::open().await;
    let owner = two.clinic.sign_in(Role::Owner).await;
    let path = format!("/messages/gateway/{}", two.ids[0]);
    let host = two.first.address.replace(':', "%3A").replace('/', "%2F");
    let form = format!("kind=smsc&endpoint={host}&username={LOGIN}&password=");
    let wrong = owner.post(&path, &format!("{form}&per_minute=0&price=cheap&low_balance=-")).await;
    assert_eq!(wrong.status, 422);
    for said in ["от 1 до 60", "Сумма в тенге", "cheap"] {
        assert!(wrong.body.contains(said), "{said}: {}", wrong.body);
    }
    let right = format!("{form}&per_minute=30&price=18%2C50&low_balance=2000");
    assert_eq!(owner.post(&path, &right).await.status, 303);
    let kept = "SELECT per_minute || ' ' || price || ' ' || low_balance FROM gateway ORDER BY id";
    assert_eq!(two.clinic.rows(kept).await[0], "30 1850 200000");
    assert!(owner.get(&path).await.body.contains("18,50"));
}
