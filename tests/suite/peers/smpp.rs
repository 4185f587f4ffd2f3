//! Messages through node-smpp, a centre that is not ours (`tests/peers/smpp.sh`).

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use tirkeu::contact::Phone;
use tirkeu::crypto::authority;
use tirkeu::i18n::Language;
use tirkeu::messaging::gateway::smpp::{Account, Address, Heard, Pool, Said, Smpp};
use tirkeu::messaging::gateway::{
    Delivery, Gateway, Health, Outcome, Reason, Reference, Sms, Trouble,
};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::messaging::{Hooks, hear_one, run_due};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{Role, SetUpGateways};

use super::skipped;
use crate::support::TestClinic;

const LONG: &str = "Сәлем, Әйгерім! Қабылдау: 2026 жылғы 24 қараша, сейсенбі, 14:30. ұғңөүһі 😀";

#[tokio::test]
async fn a_centre_takes_long_kazakh_texts_and_brings_their_receipts() {
    let Some(mut peer) = Peer::start().await else { return skipped("SMPP: npm smpp") };
    let pool = Pool::default();
    let gateway = peer.gateway(&pool, "smpp-pw");
    let phone = Phone::parse("+77010000001").unwrap();
    let sms =
        Sms { to: &phone, text: LONG, reference: Reference::from_random(84), report_url: None };

    assert_eq!(gateway.health().await, Health::Well { balance: None });
    let Outcome::Accepted { provider_id: Some(id), parts: 2, cost: None } = gateway.send(sms).await
    else {
        panic!("not taken")
    };
    let (first, second) = (peer.taken().await, peer.taken().await);
    let text = |part: &Value| part["text"].as_str().unwrap().to_owned();
    assert_eq!(text(&first) + &text(&second), LONG);
    assert_eq!((first["to"].as_str(), first["from"].as_str()), (Some("77010000001"), Some("ARAI")));
    assert_eq!((&first["ton"], &first["coding"]), (&serde_json::json!([5, 1]), &8.into()));
    // Header of one part: both have the same number, and count.
    let header = |part: &Value| part["parts"][0].as_str().unwrap().to_owned();
    assert_eq!(header(&first)[..6], header(&second)[..6]);
    assert!(header(&first).ends_with("0201") && header(&second).ends_with("0202"), "{first}");
    assert_eq!((&first["receipt"], &second["receipt"]), (&0.into(), &1.into()));

    let heard = pool.next().await.unwrap();
    let Said::Receipt(receipt) = &heard.said else { panic!("a person?") };
    assert_eq!(
        (receipt.id.as_deref(), receipt.delivery),
        (Some(id.as_str()), Delivery::Delivered(None))
    );
    assert_eq!(receipt.reference, Some(42));
    heard.kept.send(true).unwrap();
    assert_eq!(peer.next().await["acknowledged"], 0);

    // What was not kept is brought again later.
    peer.mood("say 77010000002 иә 1").await;
    let heard: Heard = pool.next().await.unwrap();
    assert_eq!((heard.from.as_str(), heard.to.as_str()), ("77010000002", "1414"));
    assert_eq!(heard.said, Said::Text("иә 1".to_owned()));
    drop(heard.kept);
    assert_eq!(peer.next().await["acknowledged"], 0x64);

    let latin = Sms { text: "Your visit: 24 Nov, 14:30 {+} & 100% €", ..sms };
    assert!(matches!(gateway.send(latin).await, Outcome::Accepted { parts: 1, .. }));
    assert_eq!(peer.taken().await["text"], latin.text);
    drop(gateway);
    pool.close().await;
    peer.until("unbound").await;
}

#[tokio::test]
async fn a_lost_answer_of_a_centre_is_uncertain_and_its_refusals_are_told_apart() {
    let Some(mut peer) = Peer::start().await else { return skipped("SMPP and faults: npm smpp") };
    let pool = Pool::default();
    let gateway = peer.gateway(&pool, "smpp-pw");
    let phone = Phone::parse("+77010000001").unwrap();
    let sms =
        Sms { to: &phone, text: "hi", reference: Reference::from_random(84), report_url: None };

    for mood in ["silent", "drop"] {
        peer.mood(mood).await;
        assert_eq!(gateway.send(sms).await, Outcome::Uncertain, "{mood}");
        assert_eq!(peer.taken().await["text"], "hi", "{mood}");
    }
    // After a connection that broke there is another.
    for (status, wanted) in [(0x58, Trouble::Busy), (0x14, Trouble::Busy)] {
        peer.mood(&format!("status {status}")).await;
        match gateway.send(sms).await {
            Outcome::Retry { trouble, .. } => assert_eq!(trouble, wanted),
            other => panic!("{status}: {other:?}"),
        }
    }
    peer.mood("status 11").await;
    assert_eq!(gateway.send(sms).await, Outcome::Rejected(Reason::BadNumber));
    // A later part that is too much for the centre now is offered again.
    let long = Sms { text: LONG, ..sms };
    for mood in ["", "status 88", "status 20", ""] {
        peer.mood(mood).await;
    }
    assert!(matches!(gateway.send(long).await, Outcome::Accepted { parts: 2, .. }));
    // One of which only the first part was taken is neither sent nor unsent.
    peer.mood("").await;
    peer.mood("status 69").await;
    assert_eq!(gateway.send(long).await, Outcome::Uncertain);

    peer.unread.clear();
    peer.mood("unbind").await;
    peer.until("closed").await;
    assert!(matches!(gateway.send(sms).await, Outcome::Accepted { .. }));
    let stranger = peer.gateway(&Pool::default(), "wrong");
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
    let nobody = Address::parse("smpp://127.0.0.1:1").unwrap();
    let dead = Peer::gateway_at(nobody, &Pool::default(), "smpp-pw");
    assert!(matches!(dead.send(sms).await, Outcome::Retry { trouble: Trouble::Unreachable, .. }));
}

#[tokio::test]
async fn a_centre_that_takes_no_headers_gets_long_texts_whole() {
    let Some(mut peer) = Peer::start().await else { return skipped("SMPP payload: npm smpp") };
    let gateway = peer.gateway(&Pool::default(), "smpp-pw");
    let phone = Phone::parse("+77010000001").unwrap();
    let sms =
        Sms { to: &phone, text: LONG, reference: Reference::from_random(84), report_url: None };
    peer.mood("headers no").await;
    for _ in 0..2 {
        assert!(matches!(gateway.send(sms).await, Outcome::Accepted { parts: 2, .. }));
        let taken = peer.taken().await;
        assert_eq!((&taken["payload"], &taken["esm"]), (&true.into(), &0.into()));
        assert_eq!((&taken["text"], &taken["receipt"]), (&LONG.into(), &1.into()));
    }
    assert!(matches!(
        gateway.send(Sms { text: "hi", ..sms }).await,
        Outcome::Accepted { parts: 1, .. }
    ));
    assert_eq!(peer.taken().await["payload"], false);
}

#[tokio::test]
async fn a_centre_is_asked_what_became_of_a_message_if_it_can_be() {
    let Some(mut peer) = Peer::start().await else { return skipped("SMPP queries: npm smpp") };
    let gateway = peer.gateway(&Pool::default(), "smpp-pw");
    let phone = Phone::parse("+77010000001").unwrap();
    let reference = Reference::from_random(84);
    let sms = Sms { to: &phone, text: "hi", reference, report_url: None };
    peer.mood("quiet").await;
    let Outcome::Accepted { provider_id: Some(id), .. } = gateway.send(sms).await else {
        panic!("not taken")
    };
    assert_eq!(gateway.status_of(&phone, reference, None).await, Delivery::Unknown);
    let said = gateway.status_of(&phone, reference, Some(&id)).await;
    assert_eq!(said, Delivery::Delivered(None));
    let asked = peer.until("asked").await;
    assert_eq!((&asked["asked"], &asked["by"]), (&id.as_str().into(), &"ARAI".into()));
    // One that does not know the question is not asked twice.
    peer.mood("queries no").await;
    for _ in 0..2 {
        let said = gateway.status_of(&phone, reference, Some(&id)).await;
        assert_eq!(said, Delivery::Unknown);
    }
    peer.until("asked").await;
    peer.mood("last").await;
    assert_eq!(peer.unread, Vec::<Value>::new());
}

#[tokio::test]
async fn a_centre_is_reached_over_tls_only_with_a_certificate_that_is_trusted() {
    let Some(peer) = Peer::start().await else { return skipped("SMPP over TLS: npm smpp") };
    let address = || Address::parse(&format!("smpps://localhost:{}", peer.ports[1])).unwrap();
    let mut account = Account {
        address: address(),
        system_id: "clinic".to_owned(),
        password: "smpp-pw".to_owned(),
        roots: None,
    };
    let open = |account: &Account| {
        let smpp = Smpp::new(1, account.clone(), None, Pool::default());
        Gateway::Smpp(smpp.with_timeout(Duration::from_secs(5)))
    };
    assert_eq!(open(&account).health().await, Health::Ill(Trouble::Untrusted));
    account.roots = authority::roots(&peer.authority());
    assert_eq!(open(&account).health().await, Health::Well { balance: None });
}

/// A clinic whose messages go through the centre.
pub(super) struct ByCentre {
    pub clinic: TestClinic,
    pub owner: Grant<SetUpGateways>,
    pub peer: Peer,
}

impl ByCentre {
    pub async fn open() -> Option<Self> {
        let peer = Peer::start().await?;
        let clinic = TestClinic::open().await;
        let change = GatewayChange {
            kind: GatewayKind::Smpp,
            endpoint: format!("smpp://127.0.0.1:{}", peer.ports[0]),
            username: "clinic".to_owned(),
            password: "smpp-pw".to_owned(),
            sender: "ARAI".to_owned(),
            report_url: String::new(),
            ca: String::new(),
        };
        let owner = clinic.grant(Role::Owner).await;
        setup::set_gateway(clinic.vault(), &owner, &change).await.unwrap();
        Some(Self { clinic, owner, peer })
    }

    pub async fn enqueue(&self) {
        let phone = Phone::parse("+77010000001").unwrap();
        setup::send_trial(&self.clinic.clinic, &self.owner, Language::Kk, phone).await.unwrap();
    }

    pub async fn work(&self) {
        run_due(&self.clinic.clinic, &Hooks::new()).await.unwrap();
    }

    /// Sees to the next that the centre brings.
    pub async fn hear(&self) {
        while !hear_one(&self.clinic.clinic, &Hooks::new()).await.unwrap() {
            tokio::task::yield_now().await;
        }
    }

    pub async fn states(&self) -> Vec<String> {
        self.clinic.rows("SELECT state FROM message ORDER BY rowid").await
    }
}

#[tokio::test]
async fn a_message_from_the_outbox_is_delivered_by_the_centres_receipt() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP and the outbox: npm smpp");
    };
    // Some centres answer in hex and report in decimal.
    for mood in ["", "hex"] {
        by.peer.mood(mood).await;
        by.enqueue().await;
        by.work().await;
        by.hear().await;
        // The receipt is acknowledged once it is kept.
        assert_eq!(by.peer.until("acknowledged").await["acknowledged"], 0);
    }
    assert_eq!(by.states().await, ["delivered"; 2]);
    // Of one without a receipt the centre is asked, a quarter of an hour later.
    by.peer.mood("quiet").await;
    by.enqueue().await;
    by.work().await;
    by.clinic.clinic.clock().advance_ms(14 * 60_000);
    by.work().await;
    assert_eq!(by.states().await[2], "accepted");
    by.clinic.clinic.clock().advance_ms(60_000);
    by.work().await;
    assert_eq!(by.states().await, ["delivered"; 3]);
}

#[tokio::test]
async fn a_receipt_that_overtakes_the_answer_waits_for_it() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP and early receipts: npm smpp");
    };
    by.peer.mood("early").await;
    by.enqueue().await;
    let clinic = by.clinic.clinic.clone();
    let working = tokio::spawn(async move { run_due(&clinic, &Hooks::new()).await.unwrap() });
    by.hear().await;
    assert_eq!(by.states().await, ["sending"]);
    by.peer.mood("release").await;
    working.await.unwrap();
    assert_eq!(by.states().await, ["delivered"]);
    assert_eq!(by.peer.until("acknowledged").await["acknowledged"], 0);
}

#[tokio::test]
async fn a_lost_answer_is_cleared_up_by_the_receipt_that_tells_our_reference_and_by_nothing_else() {
    let Some(mut by) = ByCentre::open().await else {
        return skipped("SMPP and lost answers: npm smpp");
    };
    by.peer.mood("drop").await;
    by.enqueue().await;
    by.work().await;
    assert_eq!(by.states().await, ["uncertain"]);
    let first = by.peer.taken().await;
    for _ in 0..50 {
        by.clinic.clinic.clock().advance_ms(60 * 60_000);
        by.work().await;
    }
    assert_eq!(by.states().await, ["uncertain"]);
    // The next message has a receipt of its own, which is not taken for that of the first.
    by.enqueue().await;
    by.work().await;
    by.hear().await;
    assert_eq!(by.states().await, ["uncertain", "delivered"]);
    let second = by.peer.taken().await;
    assert_ne!(first["reference"], second["reference"]);
    by.peer.mood(&format!("receipt {} 77010000001", first["reference"])).await;
    by.hear().await;
    assert_eq!(by.states().await, ["delivered"; 2]);
    // A receipt of nobody's message is acknowledged, or it would come for ever.
    by.peer.until("acknowledged").await;
    by.peer.until("acknowledged").await;
    by.peer.mood("receipt 1 77019999999").await;
    by.hear().await;
    assert_eq!(by.peer.until("acknowledged").await["acknowledged"], 0);
}

/// A running centre.
pub(super) struct Peer {
    pub ports: [u16; 2],
    _child: Child,
    /// Closing it stops the centre.
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// What `mood` read past.
    pub unread: Vec<Value>,
    folder: tempfile::TempDir,
}

impl Peer {
    /// None when it cannot run here.
    pub async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smpp.sh");
        let mut child = Command::new(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(first) = lines.next_line().await.unwrap() else {
            let status = child.wait().await.unwrap();
            assert_eq!(status.code(), Some(77), "the centre did not start");
            return None;
        };
        let ports: Vec<u16> = first.split(' ').filter_map(|word| word.parse().ok()).collect();
        let ports = ports.try_into().unwrap_or_else(|_| panic!("{first}"));
        Some(Self { ports, _child: child, stdin, lines, unread: Vec::new(), folder })
    }

    /// The certificate of its authority, as PEM.
    pub fn authority(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("ca.pem")).unwrap()
    }

    pub fn gateway(&self, pool: &Pool, password: &str) -> Gateway {
        let address = Address::parse(&format!("smpp://127.0.0.1:{}", self.ports[0])).unwrap();
        Self::gateway_at(address, pool, password)
    }

    fn gateway_at(address: Address, pool: &Pool, password: &str) -> Gateway {
        let account = Account {
            address,
            system_id: "clinic".to_owned(),
            password: password.to_owned(),
            roots: None,
        };
        let smpp = Smpp::new(1, account, Some("ARAI".to_owned()), pool.clone());
        Gateway::Smpp(smpp.with_timeout(Duration::from_millis(1500)))
    }

    pub async fn mood(&mut self, mood: &str) {
        self.stdin.write_all(format!("{mood}\n").as_bytes()).await.unwrap();
        loop {
            let next = self.read().await;
            if !next["mood"].is_null() {
                return;
            }
            self.unread.push(next);
        }
    }

    async fn next(&mut self) -> Value {
        if self.unread.is_empty() { self.read().await } else { self.unread.remove(0) }
    }

    async fn read(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().expect("something happens");
        serde_json::from_str(&line).unwrap()
    }

    /// Waits until this happens.
    pub async fn until(&mut self, what: &str) -> Value {
        self.next_of(&[what]).await
    }

    /// Waits until one of these happens.
    pub async fn next_of(&mut self, whats: &[&str]) -> Value {
        loop {
            let next = self.next().await;
            if whats.iter().any(|what| !next[*what].is_null()) {
                return next;
            }
        }
    }

    /// The next part that it took.
    pub async fn taken(&mut self) -> Value {
        self.until("text").await
    }
}
