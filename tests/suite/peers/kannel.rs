//! Messages through the real Kannel of Debian, to its fake SMSC and back.

use std::path::Path;
use std::process::Stdio;

use axum::Router;
use axum::extract::{Path as UrlPath, Query, State};
use axum::routing::get;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use tirkeu::contact::Phone;
use tirkeu::messaging::gateway::{
    Delivery, Endpoint, Gateway, Health, Kannel, Outcome, Reference, Report, Sms, Trouble,
};

use tirkeu::i18n::Language;
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::messaging::{Hooks, run_due};
use tirkeu::vault::permission::Role;

use super::skipped;
use crate::support::TestClinic;

const TEXT: &str = "Сәлем, Әйгерім! Қабылдау: 2026 жылғы 24 қараша, сейсенбі, 14:30. ұғңөүһі";

#[tokio::test]
async fn kannel_carries_kazakh_letters_to_the_phone_and_the_report_back() {
    let Some(mut peer) = Peer::start().await else {
        return skipped("Kannel: apt-get install kannel kannel-extras");
    };
    let (reports, mut reported) = reports_listener().await;
    let gateway = peer.gateway("kannel-secret");
    let report_url = format!("{reports}/dlr/T0ken_-1");

    assert_eq!(gateway.health().await, Health::Well { balance: None });
    let phone = Phone::parse("+77010000001").unwrap();
    let sms = Sms {
        to: &phone,
        text: TEXT,
        reference: Reference::from_random(84),
        report_url: Some(&report_url),
    };
    let outcome = gateway.send(sms).await;
    assert_eq!(outcome, Outcome::Accepted { provider_id: None, parts: 2, cost: None });

    let heard = format!("{}{}", peer.heard().await, peer.heard().await);
    assert_eq!(heard, TEXT);
    loop {
        let (token, Report(delivery)) = reported.recv().await.unwrap();
        assert_eq!(token, "T0ken_-1");
        match delivery {
            Delivery::OnTheWay => {}
            delivered => break assert_eq!(delivered, Delivery::Delivered(None)),
        }
    }

    let latin = Sms { text: "Your visit: 24 Nov, 14:30 {+} & 100%", ..sms };
    assert!(matches!(gateway.send(latin).await, Outcome::Accepted { parts: 1, .. }));
    assert_eq!(peer.heard().await, latin.text);

    let stranger = peer.gateway("wrong");
    assert_eq!(stranger.health().await, Health::Ill(Trouble::Credentials));
    let refused = stranger.send(sms).await;
    assert!(matches!(refused, Outcome::Retry { trouble: Trouble::Credentials, .. }), "{refused:?}");
    peer.stop().await;
}

#[tokio::test]
async fn a_message_from_the_outbox_is_delivered_by_kannels_report_to_the_public_listener() {
    let Some(mut peer) = Peer::start().await else {
        return skipped("Kannel and the outbox: apt-get install kannel kannel-extras");
    };
    let clinic = TestClinic::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let change = GatewayChange {
        kind: GatewayKind::Kannel,
        endpoint: peer.address(),
        username: "clinic".to_owned(),
        password: "kannel-secret".to_owned(),
        sender: "clinic".to_owned(),
        report_url: format!("http://{}", listener.local_addr().unwrap()),
        ca: String::new(),
    };
    let owner = clinic.grant(Role::Owner).await;
    setup::set_gateway(clinic.vault(), &owner, &change).await.unwrap();
    let public = clinic.public.clone();
    tokio::spawn(async move { axum::serve(listener, public).await });
    let mut changes = clinic.vault().watch();

    let phone = Phone::parse("+77010000001").unwrap();
    setup::send_trial(&clinic.clinic, &owner, Language::Kk, phone).await.unwrap();
    run_due(&clinic.clinic, &Hooks::new()).await.unwrap();

    assert!(peer.heard().await.contains("SMS жіберуді тексеру"));
    let state = "SELECT state FROM message";
    while clinic.rows(state).await != ["delivered"] {
        changes.recv().await.unwrap();
    }
    let steps = "SELECT group_concat(state, ' ' ORDER BY rowid) FROM message_state";
    let steps = clinic.rows(steps).await.remove(0);
    assert!(steps.starts_with("queued sending") && steps.ends_with("delivered"), "{steps}");
    peer.stop().await;
}

/// A running Kannel.
struct Peer {
    sendsms: u16,
    child: Child,
    /// Closing it stops Kannel.
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _folder: tempfile::TempDir,
}

impl Peer {
    /// None when Kannel is not installed.
    async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let ports = free_ports();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/kannel.sh");
        let mut child = Command::new(script)
            .arg(folder.path())
            .args(ports.map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(first) = lines.next_line().await.unwrap() else {
            let status = child.wait().await.unwrap();
            assert_eq!(status.code(), Some(77), "Kannel did not start");
            return None;
        };
        assert_eq!(first, "ready");
        Some(Self { sendsms: ports[0], child, stdin, lines, _folder: folder })
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.sendsms)
    }

    fn gateway(&self, password: &str) -> Gateway {
        let endpoint = Endpoint::parse(&self.address()).unwrap();
        let sender = Some("clinic".to_owned());
        let password = password.to_owned();
        Gateway::Kannel(Kannel::new(endpoint, "clinic".to_owned(), password, sender))
    }

    /// The text of the next message the fake SMSC got, but for the answer it
    /// gets to its own greeting.
    async fn heard(&mut self) -> String {
        loop {
            let line = self.lines.next_line().await.unwrap().unwrap();
            if let Some(text) = line.strip_prefix("clinic +77010000001 ") {
                return decoded(text);
            }
        }
    }

    async fn stop(mut self) {
        drop(self.stdin);
        assert!(self.child.wait().await.unwrap().success());
    }
}

/// `text WORDS`, `ucs-2 UTF-16` or `udh HEADER UTF-16`, URL-encoded.
fn decoded(line: &str) -> String {
    let (kind, rest) = line.split_once(' ').unwrap();
    if kind == "text" {
        return rest.to_owned();
    }
    let encoded = rest.rsplit(' ').next().unwrap();
    let mut bytes = Vec::new();
    let mut letters = encoded.bytes();
    while let Some(byte) = letters.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [letters.next().unwrap(), letters.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    let units = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(Result::unwrap).collect()
}

/// Four ports that were free together a moment ago.
fn free_ports() -> [u16; 4] {
    let listeners = [(); 4].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

#[derive(Deserialize)]
struct Told {
    r#type: Report,
}

type Reported = mpsc::UnboundedReceiver<(String, Report)>;

/// Where Kannel tells what became of messages.
async fn reports_listener() -> (String, Reported) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/dlr/{token}", get(told)).with_state(sender);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, receiver)
}

async fn told(
    State(sender): State<mpsc::UnboundedSender<(String, Report)>>,
    UrlPath(token): UrlPath<String>,
    Query(told): Query<Told>,
) {
    sender.send((token, told.r#type)).unwrap();
}
