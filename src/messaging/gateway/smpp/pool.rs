//! The connections to all centres: each is made when it is first needed and
//! kept, because receipts come over it.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::receipt::Receipt;
use super::session::{ALIVE_EVERY, Brought, Session};
use super::{Account, text};
use crate::messaging::gateway::Trouble;

/// A centre that does not answer a goodbye is left after so long.
const LAST_WORD: Duration = Duration::from_secs(3);

/// What centres brought and nobody has seen to yet: more is brought again later.
const MOST_HEARD: usize = 1000;

/// All connections. Cheap to clone.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    /// Each has a lock of its own: one centre that cannot be reached holds up
    /// no other.
    lines: std::sync::Mutex<HashMap<i64, Arc<Mutex<Option<Line>>>>>,
    hear: mpsc::Sender<Heard>,
    heard: Mutex<mpsc::Receiver<Heard>>,
    early: Mutex<Vec<Heard>>,
    alive_every: Duration,
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
        Self::with_signs_of_life(ALIVE_EVERY)
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl Pool {
    /// Asks centres so often for a sign of life: more often for tests of it.
    pub fn with_signs_of_life(alive_every: Duration) -> Self {
        let (hear, heard) = mpsc::channel(MOST_HEARD);
        let (heard, early) = (Mutex::new(heard), Mutex::default());
        let lines = std::sync::Mutex::default();
        Self(Arc::new(Inner { lines, hear, heard, early, alive_every }))
    }

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
        let place = self.lines().entry(line).or_default().clone();
        let mut place = place.lock().await;
        if let Some(used) = place.as_ref()
            && used.session.is_open()
            && used.account.is_same(account)
        {
            return Ok(used.session.clone());
        }
        *place = None;
        let stream = account.address.connect(account.roots.as_ref(), patience).await?;
        let hear = self.0.hear.clone();
        let brought = move |Brought { said, kept }: Brought| {
            let receipt = Receipt::of(&said).map(Said::Receipt);
            let has_header = said.esm_class & 0x40 != 0;
            let words = || Said::Text(text::read(said.data_coding, has_header, &said.text));
            let told = receipt.unwrap_or_else(words);
            let _ = hear.try_send(Heard {
                line,
                from: said.source,
                to: said.destination,
                said: told,
                kept,
            });
        };
        let names = (account.system_id.as_str(), account.password.as_str());
        let (session, goes_on) =
            Session::bind(stream, names, (patience, self.0.alive_every), brought).await?;
        *place = Some(Line { account: account.clone(), session: session.clone(), goes_on });
        Ok(session)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<i64, Arc<Mutex<Option<Line>>>>> {
        self.0.lines.lock().expect("no panic while it is held")
    }

    /// Says goodbye to the centres of all other gateways.
    pub fn keep_only(&self, lines: &[i64]) {
        self.lines().retain(|line, _| lines.contains(line));
    }

    /// Says goodbye to all centres and waits until that is done.
    pub async fn close(&self) {
        let all: Vec<_> = self.lines().drain().map(|(_, place)| place).collect();
        for place in all {
            let line = timeout(LAST_WORD, place.lock()).await.ok().and_then(|mut at| at.take());
            if let Some(Line { session, goes_on, .. }) = line {
                drop(session);
                let _ = timeout(LAST_WORD, goes_on).await;
            }
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

    /// Receipts that overtook the answer they belong to.
    pub async fn early(&self) -> tokio::sync::MutexGuard<'_, Vec<Heard>> {
        self.0.early.lock().await
    }
}
