//! Messages through the real gammu-smsd of Debian, with its dummy phone.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use tirkeu::contact::Phone;
use tirkeu::i18n::Language;
use tirkeu::messaging::gateway::{Delivery, Gateway, Health, Modem, Outcome, Reference, Sms};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::messaging::{Hooks, run_due};
use tirkeu::vault::permission::Role;

use super::skipped;
use crate::support::TestClinic;

const LONG: &str =
    "Сәлем, Әйгерім! Қабылдау: 2026 жылғы 24 қараша, сейсенбі, 14:30. ұғңөүһі қабылдау";

#[tokio::test]
async fn the_clinics_own_modem_sends_long_kazakh_texts_and_keeps_nobodys_number() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/gammu.sh");
    let mut child = Command::new(script)
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let _stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    if lines.next_line().await.unwrap().is_none() {
        assert_eq!(child.wait().await.unwrap().code(), Some(77), "gammu-smsd did not start");
        return skipped("GSM modem: apt-get install gammu-smsd");
    }
    let spool = folder.path().join("spool");
    let modem = Gateway::Modem(Modem::parse(spool.to_str().unwrap()).unwrap());
    assert_eq!(modem.health().await, Health::Well { balance: None });
    let phone = Phone::parse("+77010000001").unwrap();
    let reference = Reference::from_random(84);
    let sms = Sms { to: &phone, text: LONG, reference, report_url: None };
    assert!(matches!(modem.send(sms).await, Outcome::Accepted { parts: 2, .. }));

    let mut until = async |what: &str| loop {
        let line = lines.next_line().await.unwrap().expect("the daemon goes on");
        if line.contains(what) {
            return line;
        }
    };
    let found = until("Found 2 sms").await;
    assert!(found.contains("+77010000001") && found.contains("Сәлем, Әйгерім!"), "{found}");
    until("Renamed").await;
    assert_eq!(modem.status(&phone, reference).await, Delivery::OnTheWay);
    let left: Vec<_> = std::fs::read_dir(spool.join("sent")).unwrap().collect();
    assert_eq!(left.len(), 1);
    let left = left.into_iter().next().unwrap().unwrap();
    assert_eq!(
        (left.file_name().to_str(), left.metadata().unwrap().len()),
        (Some("tirkeu-42.done"), 0)
    );

    // And from the outbox of a clinic.
    let clinic = TestClinic::open().await;
    let change = GatewayChange {
        kind: GatewayKind::Modem,
        endpoint: spool.to_str().unwrap().to_owned(),
        username: String::new(),
        password: String::new(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let owner = clinic.grant(Role::Owner).await;
    setup::set_gateway(clinic.vault(), &owner, &change).await.unwrap();
    setup::send_trial(&clinic.clinic, &owner, Language::Kk, phone).await.unwrap();
    run_due(&clinic.clinic, &Hooks::new()).await.unwrap();
    until("SMS жіберуді тексеру").await;
    until("Renamed").await;
    clinic.clinic.clock().advance_ms(10_000);
    run_due(&clinic.clinic, &Hooks::new()).await.unwrap();
    assert_eq!(clinic.rows("SELECT state FROM message").await, ["accepted"]);
    let numbers = std::fs::read_dir(spool.join("sent")).unwrap();
    assert!(
        numbers
            .map(|file| file.unwrap().file_name())
            .all(|name| !name.to_string_lossy().contains('+'))
    );
}
