//! Orders of the command line that need the clinic's database, done by whoever
//! has it open: the running server, asked through a socket in the data folder,
//! or this process when no server runs. Two programs never write one database
//! (SECURITY.md 3.2).

mod ask;
mod operator;
mod serve;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::backup;
use crate::cli::backup::Backups;
use crate::cli::error::Refusal;
use crate::cli::import::ImportOrder;
use crate::cli::staff::Staff;
use crate::cli::{CliError, Common, Installation, InstallationError};
use crate::clinic::Clinic;
use crate::interop::run::Upload;
use crate::vault::Actor;

pub use serve::Desk;
pub use wire::LARGEST;

/// How long a command waits for a server that is starting, or for another
/// command, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Backup(Backups),
    Import(ImportOrder),
    Staff(Staff),
}

/// An order with the files that belong to it.
#[derive(Debug)]
pub struct Task {
    pub order: Order,
    pub uploads: Vec<Upload>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Backup(backup::Progress),
    Rows { done: usize, of: usize },
}

/// Whom the progress is told.
pub type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

/// Whether whoever gave the order wants it to stop, or is gone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl From<Order> for Task {
    fn from(order: Order) -> Self {
        Self { order, uploads: Vec::new() }
    }
}

impl Order {
    /// Whether it can end half-way and leave what was done so far.
    fn can_stop(&self) -> bool {
        matches!(self, Self::Import(_))
    }
}

impl Task {
    /// Does it, on a thread where reading spreadsheets keeps nobody waiting.
    async fn carry_out(
        self,
        clinic: &Clinic,
        actor: Actor,
        tell: Tell,
        stop: Stop,
    ) -> Result<Value, Refusal> {
        let (clinic, runtime) = (clinic.clone(), Handle::current());
        let work = move || {
            runtime.block_on(async {
                match self.order {
                    Order::Backup(order) => order.carry_out(&clinic, &actor, tell).await,
                    Order::Import(order) => {
                        order.carry_out(&clinic, &actor, self.uploads, &tell, &stop).await
                    }
                    Order::Staff(order) => order.carry_out(&clinic, &actor).await,
                }
            })
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|_| Err(Refusal::failed("the work was broken off")))
    }
}

/// Has it done by the server, or does it here when none runs. Progress goes to
/// standard error; an interrupt (Ctrl-C) stops what can be stopped, a second
/// one ends this process at once.
pub async fn settle(common: &Common, task: impl Into<Task>) -> Result<Value, CliError> {
    let (settings, task) = (common.settings()?, task.into());
    let (tell, stop) =
        (bar(), if task.order.can_stop() { Stop::at_interrupt() } else { Stop::never() });
    let begun = Instant::now();
    loop {
        let asked = ask::ask(&settings.data_dir, &task, &tell, &stop);
        if let Some(answer) = asked.await.map_err(CliError::said)? {
            return answer.map_err(CliError::from);
        }
        match Installation::open(&settings).await {
            Ok(installation) => {
                let done = task.carry_out(&installation.clinic, operator::here(), tell, stop).await;
                installation.close().await;
                return done.map_err(CliError::from);
            }
            Err(InstallationError::InUse(_)) if begun.elapsed() < PATIENCE => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

impl Stop {
    /// Resolves when it is wished; maybe never.
    pub async fn wished(&self) {
        let mut wish = self.0.clone();
        // Without a sender the one who asked is gone: nobody waits any more.
        let _ = wish.wait_for(|wished| *wished).await;
    }

    fn never() -> Self {
        let (wish, stop) = watch::channel(false);
        tokio::spawn(async move { wish.closed().await });
        Self(stop)
    }

    fn at_interrupt() -> Self {
        let (wish, stop) = watch::channel(false);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_err() {
                return std::future::pending().await;
            }
            eprintln!("\nstopping after the rows under way; again to end at once");
            wish.send_replace(true);
            let _ = tokio::signal::ctrl_c().await;
            std::process::exit(130);
        });
        Self(stop)
    }
}

/// Progress for people: a line whenever the percentage changes.
fn bar() -> Tell {
    let shown = std::sync::atomic::AtomicU64::new(u64::MAX);
    Arc::new(move |progress| {
        let (percent, what) = progress.in_words();
        if shown.swap(percent, std::sync::atomic::Ordering::Relaxed) != percent {
            eprintln!("{percent:3} %  {what}");
        }
    })
}

impl Progress {
    fn in_words(self) -> (u64, String) {
        match self {
            Self::Backup(progress) => (progress.percent(), format!("{:?}", progress.stage)),
            Self::Rows { done, of } => {
                let percent = (done as u64 * 100).checked_div(of as u64).unwrap_or(100);
                (percent, format!("{done} of {of} rows"))
            }
        }
    }
}
