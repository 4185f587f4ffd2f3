//! Letters: to a server that is not ours, once, and only while they are true.

mod checkpoints;
mod pages;
mod server;

use tirkeu::app;
use tirkeu::jobs::Jobs;
use tirkeu::mail::{self, Hooks};
use tirkeu::vault::permission::{OwnAccount, Role, SetUpGateways};
use tirkeu::vault::{Actor, Grant};

use crate::peers::skipped;
use crate::peers::smtp::{SHORT, SmtpPeer};
use crate::support::{Browser, TestClinic};

/// A clinic whose mail goes to a real server.
pub struct Post {
    pub clinic: TestClinic,
    pub peer: SmtpPeer,
}

impl Post {
    /// None, said aloud, when the server cannot run here.
    pub async fn open(tls: &str) -> Option<Self> {
        let Some(peer) = SmtpPeer::start().await else {
            skipped("SMTP: python3 with venv, openssl and PyPI (aiosmtpd)");
            return None;
        };
        let clinic = TestClinic::open().await;
        let post = Self { clinic, peer };
        let owner = post.clinic.grant::<SetUpGateways>(Role::Owner).await;
        post.set(&owner, tls).await;
        Some(post)
    }

    pub async fn set(&self, grant: &Grant<SetUpGateways>, tls: &str) {
        let change = self.peer.settings(tls);
        tirkeu::post::set(self.clinic.vault(), grant, &change).await.unwrap();
    }

    /// Has the program do what its workers would do now.
    pub async fn work(&self) {
        work(&self.clinic, &hooks()).await;
    }

    /// A confirmed address for whoever has this session.
    pub async fn confirm(&mut self, login: &str, address: &str) {
        confirm_with(&self.clinic, &mut self.peer, login, address).await;
    }

    pub async fn states(&self, kind: &str) -> Vec<String> {
        let sql = format!(
            "SELECT state || ' ' || coalesce(reason, '') FROM letter WHERE kind = '{kind}' ORDER BY created_at, id"
        );
        self.clinic.rows(&sql).await.into_iter().map(|state| state.trim().to_owned()).collect()
    }
}

pub fn hooks() -> Hooks {
    app::mail_hooks().with_patience(SHORT)
}

pub async fn work(clinic: &TestClinic, hooks: &Hooks) {
    let jobs: Jobs<_> = app::jobs();
    while jobs.run_due(clinic.vault(), &clinic.clinic).await.unwrap() > 0 {}
    mail::run_due(&clinic.clinic, hooks).await.unwrap();
}

/// What one's own account may do.
pub fn own(browser: &Browser<'_>) -> Grant<OwnAccount> {
    let actor: Actor = browser.actor();
    actor.grant().unwrap()
}

/// Goes the whole way of a code through the real server.
pub async fn confirm_with(clinic: &TestClinic, peer: &mut SmtpPeer, login: &str, address: &str) {
    let browser = clinic.sign_in_as(login).await;
    let address = tirkeu::contact::Email::parse(address).unwrap();
    mail::people::ask(&clinic.clinic, &own(&browser), &address).await.unwrap();
    work(clinic, &hooks()).await;
    let letter = peer.next().await;
    assert_eq!(letter.to, [address.as_str()]);
    let code = code_in(&letter.text);
    mail::people::confirm(&clinic.clinic, &own(&browser), &code).await.unwrap();
    work(clinic, &hooks()).await;
}

/// The six digits of a letter.
pub fn code_in(text: &str) -> String {
    let is_code = |word: &&str| word.len() == 6 && word.parse::<u32>().is_ok();
    let code = text.split_whitespace().find(is_code);
    code.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}
