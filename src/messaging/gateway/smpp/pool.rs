//! The connections to all centres: each is made when it is first needed and
//! kept, because receipts come over it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::receipt::Receipt;
use super::session::{Brought, Session};
use super::{Account, text};
use crate::messaging::gateway::Trouble;

/// A centre that does not answer a goodbye is left after so long.
const LAST_WORD: Duration = Duration::from_secs(3);

/// All connections. Cheap to clone.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    lines: Mutex<HashMap<i64, Line>>,
    hear: mpsc::UnboundedSender<Heard>,
    heard: Mutex<mpsc::UnboundedReceiver<Heard>>,
}

struct Line {
    account: Account,
    session: Session,
    goes_on: JoinHandle<()>,
}

/// What a centre brought by itself.
pub struct Heard {
    /// Whose connection it came over.
    pub line: i64,
    /// As the centre writes it: digits, mostly.
    pub from: String,
    pub to: String,
    pub said: Said,
    /// The centre forgets it after `true`, and brings it again after `false`.
    pub kept: oneshot::Sender<bool>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Receipt(Receipt),
    /// A person's words.
    Text(String),
}

impl Default for Pool {
    fn default() -> Self {
        let (hear, heard) = mpsc::unbounded_channel();
        Self(Arc::new(Inner { lines: Mutex::default(), hear, heard: Mutex::new(heard) }))
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl Pool {
    /// The connection of a gateway, made if there is none with this account.
    ///
    /// # Errors
    /// Why there is none to be had.
    pub async fn session(
        &self,
        line: i64,
        account: &Account,
        patience: Duration,
    ) -> Result<Session, Trouble> {
        let mut lines = self.0.lines.lock().await;
        if let Some(used) = lines.get(&line)
            && used.session.is_open()
            && used.account.is_same(account)
        {
            return Ok(used.session.clone());
        }
        lines.remove(&line);
        let stream = account.address.connect(account.roots.as_ref(), patience).await?;
        let hear = self.0.hear.clone();
        let brought = move |Brought { said, kept }: Brought| {
            let receipt = Receipt::of(&said).map(Said::Receipt);
            let has_header = said.esm_class & 0x40 != 0;
            let words = || Said::Text(text::read(said.data_coding, has_header, &said.text));
            let told = receipt.unwrap_or_else(words);
            let _ = hear.send(Heard {
                line,
                from: said.source,
                to: said.destination,
                said: told,
                kept,
            });
        };
        let names = (account.system_id.as_str(), account.password.as_str());
        let (session, goes_on) = Session::bind(stream, names, patience, brought).await?;
        let made = Line { account: account.clone(), session: session.clone(), goes_on };
        lines.insert(line, made);
        Ok(session)
    }

    /// Says goodbye to the centres of all other gateways.
    pub async fn keep_only(&self, lines: &[i64]) {
        self.0.lines.lock().await.retain(|line, _| lines.contains(line));
    }

    /// Says goodbye to all centres and waits until that is done.
    pub async fn close(&self) {
        let all: Vec<Line> = self.0.lines.lock().await.drain().map(|(_, line)| line).collect();
        for Line { session, goes_on, .. } in all {
            drop(session);
            let _ = timeout(LAST_WORD, goes_on).await;
        }
    }

    /// The next that a centre brought, once there is one.
    pub async fn next(&self) -> Option<Heard> {
        self.0.heard.lock().await.recv().await
    }

    /// The next that a centre brought, if there is one.
    pub async fn next_now(&self) -> Option<Heard> {
        self.0.heard.lock().await.try_recv().ok()
    }
}
