//! `tirkeu demo`: a clinic with invented patients, on this machine only.
//!
//! Everything is real (keys, encrypted database, HTTPS, ledger) but the people
//! and the gateway: messages land on a page of their own and go nowhere.

mod days;
mod furnish;
mod online;
mod staff;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use serde_json::{Value, json};

use crate::access;
use crate::cli::installation::{Installation, ca_file};
use crate::cli::serve::Serving;
use crate::cli::{CliError, Common, log};
use crate::clinic::Clinic;
use crate::clock::{Civil, Clock, Zone};
use crate::crypto::password::one_time;
use crate::crypto::totp::TotpSecret;
use crate::crypto::{RecoveryKit, files};
use crate::ids::StaffId;
use crate::messaging::inbox::Inbox;
use crate::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use crate::settings::Settings;
use crate::vault::Actor;
use crate::vault::permission::Role;

/// What a demo keeps in its folder: the recovery kit, and who signs in how.
const KIT: &str = "recovery-kit.txt";
const SIGN_INS: &str = "sign-ins.json";

/// Makes a clinic with invented staff and patients in a new folder, or opens one
/// that was made so, serves it on this machine and prints the sign-ins. Messages
/// go to a page, not to phones.
#[derive(clap::Args)]
pub struct Demo {
    /// Port for staff; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 8443)]
    staff_port: u16,
    /// Port for patients; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 8444)]
    public_port: u16,
    /// Let the clinic's clock begin at this time of Almaty instead of now, for
    /// pictures and tests: 2026-11-25T10:20.
    #[arg(long, value_name = "TIME")]
    clock: Option<Civil>,
    /// Make the clinic and end, without serving it.
    #[arg(long)]
    make_only: bool,
}

/// A demo clinic that is open: its sign-ins, and where its messages are shown.
struct Open {
    installation: Installation,
    users: Vec<Value>,
    sms_url: String,
}

impl Demo {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let _log = log::start(None).map_err(CliError::said)?;
        let settings = self.settings(common)?;
        let clock = self.clock()?;
        let ahead_ms = clock.ahead_ms();
        let Open { installation, users, sms_url } = match kept(&settings.data_dir)? {
            Some(users) => {
                let installation = Installation::open_by(&settings, clock).await?;
                let sms_url = serve_inbox(&installation.clinic).await?;
                Open { installation, users, sms_url }
            }
            None => make(&settings, clock).await?,
        };
        if self.make_only {
            installation.close().await;
            let words = format!("The demo clinic is made: {}", settings.data_dir.display());
            common.tell(&json!({ "data_dir": settings.data_dir, "users": users }), &words);
            return Ok(());
        }
        let serving = Serving::start(installation, &settings).await?;
        let (staff_url, public_url) = (serving.staff_url(), serving.public_url());
        let ca_file = ca_file(&settings.data_dir);
        let sign_ins: Vec<String> = users.iter().map(in_words).collect();
        let words = format!(
            "The demo clinic is open.\n\n  staff     {staff_url}\n  patients  {}\n  \
             sent SMS  {sms_url}\n  trust     {}\n\n{}",
            public_url.as_deref().unwrap_or_default(),
            ca_file.display(),
            sign_ins.join("\n"),
        );
        common.tell(
            &json!({
                "staff_url": staff_url, "public_url": public_url, "ca_file": ca_file,
                "sms_url": sms_url, "recovery_kit": settings.data_dir.join(KIT), "users": users,
                "clock_ahead_ms": ahead_ms,
            }),
            &words,
        );
        serving.until_stopped().await;
        Ok(())
    }

    fn clock(&self) -> Result<Clock, CliError> {
        let Some(begins) = self.clock else { return Ok(Clock::machine()) };
        let zone = Zone::named("Asia/Almaty").map_err(CliError::said)?;
        Ok(Clock::beginning_at(zone.instant(begins)))
    }

    /// Loopback alone; the settings of a real clinic are not looked at.
    fn settings(&self, common: &Common) -> Result<Settings, CliError> {
        let missing =
            || CliError::Said("a demo needs a folder of its own: --data-dir DIR".to_owned());
        let data_dir = common.data_dir.clone().ok_or_else(missing)?;
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let public = here(port(self.public_port)?);
        Ok(Settings {
            data_dir,
            staff_listen: here(port(self.staff_port)?),
            public_listen: Some(public),
            public_url: Some(format!("https://localhost:{}", public.port())),
            ..Settings::default()
        })
    }
}

/// In a new folder. Its sign-ins are kept there last: a folder without them was not
/// made whole, or is no demo's, and is not opened as one.
async fn make(settings: &Settings, clock: Clock) -> Result<Open, CliError> {
    let kit = RecoveryKit::generate();
    let installation = Installation::create(settings, Some(&kit), clock).await?;
    let keep = |name, text: &str| files::write(&settings.data_dir.join(name), text.as_bytes());
    keep(KIT, &kit.identity().to_text()).map_err(CliError::said)?;
    let (users, doctor) = employ(&installation.clinic).await?;
    let sms_url = serve_inbox(&installation.clinic).await?;
    furnish::furnish(&installation.clinic, doctor).await?;
    keep(SIGN_INS, &json!(users).to_string()).map_err(CliError::said)?;
    Ok(Open { installation, users, sms_url })
}

/// The sign-ins of a demo that was made before.
fn kept(data_dir: &Path) -> Result<Option<Vec<Value>>, CliError> {
    match std::fs::read(data_dir.join(SIGN_INS)) {
        Ok(users) => serde_json::from_slice(&users).map(Some).map_err(CliError::said),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CliError::said(error)),
    }
}

/// The port asked for, or one that is free now: links in messages name it
/// before the listener stands.
fn port(asked: u16) -> Result<u16, CliError> {
    if asked != 0 {
        return Ok(asked);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(CliError::said)?;
    Ok(listener.local_addr().map_err(CliError::said)?.port())
}

/// One person in each role, with a password and a second factor.
async fn employ(clinic: &Clinic) -> Result<(Vec<Value>, StaffId), CliError> {
    let grant = Actor::console().grant().map_err(CliError::said)?;
    let employed = staff::STAFF.iter().map(async |member| {
        let password = one_time(&clinic.random);
        let secret = TotpSecret::generate(&clinic.random);
        let new = member.to_new(&password, &secret);
        let id = access::add(clinic, &grant, &new).await.map_err(CliError::said)?;
        let user = json!({
            "login": member.login, "password": *password, "totp_secret": *secret.to_base32(),
            "role": member.role.name(),
        });
        Ok::<_, CliError>((user, member.role, id))
    });
    let employed = futures_util::future::try_join_all(employed).await?;
    let doctor = employed.iter().find(|(_, role, _)| *role == Role::Doctor).map(|(_, _, id)| *id);
    let doctor = doctor.ok_or_else(|| CliError::Said("the demo has no doctor".to_owned()))?;
    Ok((employed.into_iter().map(|(user, _, _)| user).collect(), doctor))
}

/// Role, login, password and secret of the second factor in columns.
fn in_words(user: &Value) -> String {
    let [role, login, password, secret] = ["role", "login", "password", "totp_secret"]
        .map(|field| user[field].as_str().unwrap_or_default());
    format!("  {role:<12}{login:<12}{password}  {secret}")
}

/// Shows the messages on a page of this machine and makes it the gateway.
async fn serve_inbox(clinic: &Clinic) -> Result<String, CliError> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = listener.await.map_err(CliError::said)?;
    let port = listener.local_addr().map_err(CliError::said)?.port();
    let inbox = Inbox::new(clinic.clock().clone(), clinic.pages.clone());
    tokio::spawn(async move { axum::serve(listener, inbox.router()).await });
    let url = format!("http://127.0.0.1:{port}/");
    let change = GatewayChange {
        kind: GatewayKind::Demo,
        endpoint: url.clone(),
        username: String::new(),
        password: String::new(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let grant = Actor::console().grant().map_err(CliError::said)?;
    let gateways = setup::gateways(&clinic.vault, &grant).await.map_err(CliError::said)?;
    let before = gateways.iter().find(|one| one.account.settings.kind == GatewayKind::Demo);
    let (id, terms) = (before.map(|one| one.id), Terms::usual(GatewayKind::Demo));
    let set = setup::save_gateway(&clinic.vault, &grant, id, &change, terms).await;
    set.map_err(CliError::said)?;
    Ok(url)
}
