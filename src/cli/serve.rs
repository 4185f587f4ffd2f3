//! `tirkeu serve`: two HTTPS listeners, the workers behind them, and systemd
//! told how it goes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app;
use crate::audit::{checkpoints, findings};
use crate::backup;
use crate::cli::desk::Desk;
use crate::cli::installation::{Installation, Issuer, ca_file};
use crate::cli::{CliError, Common, log};
use crate::clinic::Clinic;
use crate::conversations;
use crate::emergency;
use crate::followups;
use crate::interop;
use crate::jobs::{Jobs, by_the_clock};
use crate::mail;
use crate::messaging;
use crate::online;
use crate::reminders;
use crate::settings::Settings;
use crate::system;
use crate::vault::Actor;
use crate::waitlist;
use crate::web::server::{Certificate, Limits, Server};

/// How often queued work is looked for.
const WORK_PACE: Duration = Duration::from_secs(1);

/// How often what grows is looked at, and how large (bytes) the write-ahead log
/// may be.
const TENDING_PACE: Duration = Duration::from_mins(1);
const LARGEST_LOG: u64 = 64 << 20;

/// How often systemd is told that we are alive (it gives up after 30 s), and
/// how long the writer may take to answer before we say nothing.
const PULSE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the listeners get a new certificate.
const CERTIFICATE_PACE: Duration = Duration::from_hours(24);

pub async fn run(common: &Common) -> Result<(), CliError> {
    let settings = common.settings()?;
    let _log = log::start(settings.log_dir.as_deref()).map_err(CliError::said)?;
    let installation = Installation::open(&settings).await?;
    let serving = Serving::start(installation, &settings).await?;
    let staff = serving.staff_url();
    common.tell(
        &json!({
            "staff_url": staff, "public_url": serving.public_url(),
            "ca_file": ca_file(&settings.data_dir),
        }),
        &format!("Serving at {staff}"),
    );
    serving.until_stopped().await;
    Ok(())
}

/// Both listeners and the workers, running.
pub struct Serving {
    installation: Installation,
    staff: SocketAddr,
    public: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
    workers: JoinSet<()>,
}

impl Serving {
    pub async fn start(installation: Installation, settings: &Settings) -> Result<Self, CliError> {
        let clinic = installation.clinic.clone();
        let (stop, stopping) = watch::channel(false);
        let mut listeners = JoinSet::new();
        let mut workers = JoinSet::new();

        let server = bind(&installation, settings.staff_listen, Limits::staff()).await?;
        let staff = server.address();
        workers.spawn(renew(installation.issuer(), server.certificate()));
        listeners.spawn(server.run(app::staff_router(clinic.clone()), stopping.clone()));
        let mut public = None;
        if let Some(address) = settings.public_listen {
            let server = bind(&installation, address, Limits::public()).await?;
            public = Some(server.address());
            workers.spawn(renew(installation.issuer(), server.certificate()));
            listeners.spawn(server.run(app::public_router(clinic.clone()), stopping));
        }

        let import = Actor::console().grant().map_err(CliError::said)?;
        interop::run::resume_after_start(&clinic, &import).await.map_err(CliError::said)?;
        emergency::count_waiting(&clinic).await.map_err(CliError::said)?;
        followups::count_waiting(&clinic).await.map_err(CliError::said)?;
        waitlist::count_waiting(&clinic).await.map_err(CliError::said)?;
        conversations::count_waiting(&clinic).await.map_err(CliError::said)?;
        online::desk::count_waiting(&clinic).await.map_err(CliError::said)?;
        system::count_waiting(&clinic).await.map_err(CliError::said)?;
        ready_backups(&clinic, settings).await?;
        start_clocks(&clinic, &mut workers).await?;
        open_desk(&clinic, &mut workers);
        for lane in app::jobs().lanes() {
            workers.spawn(do_queued_work(clinic.clone(), lane));
        }
        workers.spawn(tend(clinic.clone()));
        workers.spawn(conversations::keep_counted(clinic.clone()));
        workers.spawn(messaging::run(clinic.clone(), app::message_hooks()));
        workers.spawn(mail::run(clinic.clone(), app::mail_hooks()));
        workers.spawn(pulse(clinic));
        tracing::info!(%staff, "serving");
        Ok(Self { installation, staff, public, stop, listeners, workers })
    }

    /// As this machine reaches it; a wildcard address is `localhost` here.
    pub fn staff_url(&self) -> String {
        format!("https://localhost:{}", self.staff.port())
    }

    pub fn public_url(&self) -> Option<String> {
        self.public.map(|address| format!("https://localhost:{}", address.port()))
    }

    /// Serves until the process is told to end (SIGTERM, SIGINT), then lets
    /// requests under way finish and closes the database.
    pub async fn until_stopped(mut self) {
        let _ = sd_notify::notify(&[NotifyState::Ready, NotifyState::Status("ready")]);
        asked_to_stop().await;
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        tracing::info!("stopping");
        self.stop.send_replace(true);
        while self.listeners.join_next().await.is_some() {}
        self.workers.shutdown().await;
        messaging::Lines::of(&self.installation.clinic).pool.close().await;
        self.installation.close().await;
    }
}

/// What a backup needs of a running server: the list put in order, the folder
/// of the settings.
async fn ready_backups(clinic: &Clinic, settings: &Settings) -> Result<(), CliError> {
    let source = backup::Source::of(clinic);
    let grant = Actor::console().grant().map_err(CliError::said)?;
    backup::recover(&source, &grant).await.map_err(CliError::said)?;
    if let Some(folder) = &settings.backup_dir {
        let see = grant.also().map_err(CliError::said)?;
        let now = backup::folder(&source, &see).await.map_err(CliError::said)?;
        if now != *folder {
            // A disk that is not connected today must not keep the clinic shut.
            if let Err(error) = backup::set_folder(&source, &grant, folder).await {
                tracing::error!(%error, "the folder for backups cannot be used");
            }
        }
    }
    Ok(())
}

/// What the clock begins: the night's backup and self-check, checkpoints of
/// the ledger, the rules that look at what is new in it.
async fn start_clocks(clinic: &Clinic, workers: &mut JoinSet<()>) -> Result<(), CliError> {
    let clinic = || clinic.clone();
    let clocks = [
        by_the_clock(clinic(), backup::NIGHTLY, backup::nightly).await,
        by_the_clock(clinic(), checkpoints::SEALING, checkpoints::seal_if_due).await,
        by_the_clock(clinic(), findings::WATCHING, findings::look).await,
        by_the_clock(clinic(), system::NIGHTLY, system::nightly).await,
        by_the_clock(clinic(), reminders::chain::EVERY_MINUTE, reminders::chain::remind).await,
    ];
    for clock in clocks {
        let clock = clock.map_err(CliError::said)?;
        workers.spawn(async move {
            let _goes_on = clock;
            std::future::pending::<()>().await;
        });
    }
    Ok(())
}

/// Where the command line asks this server. Without it the server still serves.
fn open_desk(clinic: &Clinic, workers: &mut JoinSet<()>) {
    match Desk::open(clinic.clone()) {
        Ok(desk) => {
            workers.spawn(desk.serve());
        }
        Err(error) => tracing::error!(%error, "the command line cannot reach this server"),
    }
}

async fn bind(
    installation: &Installation,
    address: SocketAddr,
    limits: Limits,
) -> Result<Server, CliError> {
    let leaf = installation.issuer().certificate().map_err(CliError::said)?;
    Server::bind(address, leaf, limits).await.map_err(CliError::said)
}

async fn asked_to_stop() {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    match (terminate, interrupt) {
        (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        },
        // Without handlers the signal ends the process by itself.
        _ => std::future::pending().await,
    }
}

/// Puts a new certificate in every day: it is good for a year, so a day without
/// one, or ten, hurts nobody.
async fn renew(issuer: Arc<Issuer>, certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(CERTIFICATE_PACE).await;
        let renewed = issuer.certificate().map_err(|error| error.to_string());
        let renewed =
            renewed.and_then(|leaf| certificate.replace(leaf).map_err(|error| error.to_string()));
        if let Err(error) = renewed {
            tracing::error!(error, "the certificate could not be renewed");
        }
    }
}

async fn do_queued_work(clinic: Clinic, jobs: Jobs<Clinic>) {
    loop {
        match jobs.run_due(&clinic.vault, &clinic).await {
            Ok(taken) if taken > 0 => {}
            Ok(_) => tokio::time::sleep(WORK_PACE).await,
            Err(error) => {
                tracing::error!(%error, "queued work could not be looked at");
                tokio::time::sleep(WORK_PACE).await;
            }
        }
    }
}

/// Keeps small what would grow: forgets sessions that are over, in memory and
/// in the database, and empties the write-ahead log.
async fn tend(clinic: Clinic) {
    loop {
        tokio::time::sleep(TENDING_PACE).await;
        if let Err(error) = clinic.vault.tend_sessions().await {
            tracing::warn!(%error, "sessions could not be tended");
        }
        if let Err(error) = clinic.vault.trim_log(LARGEST_LOG).await {
            tracing::warn!(%error, "the write-ahead log could not be emptied");
        }
    }
}

/// Tells systemd that the writer still answers; when it does not, systemd
/// starts us anew.
async fn pulse(clinic: Clinic) {
    loop {
        let writer = tokio::time::timeout(PATIENCE, clinic.vault.ledger_head()).await;
        if matches!(writer, Ok(Ok(_))) {
            let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("the database does not answer");
        }
        tokio::time::sleep(PULSE).await;
    }
}
