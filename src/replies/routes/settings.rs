//! How people answer: by a link or by SMS, and how their answers get here.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::messaging::setup::{self, GatewayKind};
use crate::pages::{Chrome, View};
use crate::replies::door;
use crate::vault::Grant;
use crate::vault::permission::{EditTexts, SetUpGateways};
use crate::web::{Page, Problem, see_other};

const PATH: &str = "/messages/replies";

#[derive(Debug, Serialize)]
pub struct ReplySettingsPage {
    links: bool,
    has_door: bool,
    /// The door's address, when it was just made; shown this once.
    door: String,
    /// Whether the reader may change it.
    may_set_up: bool,
    /// The clinic's gateways, and how replies come through each.
    ways: Vec<Way>,
}

#[derive(Debug, Serialize)]
struct Way {
    kind: GatewayKind,
    /// `asked`, `pushed`, `brought` or `none`.
    how: &'static str,
}

#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    links: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    page(&clinic, &grant, &chrome, String::new()).await
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    door::set_links(&clinic, &grant, typed.links == "1").await?;
    Ok(see_other(PATH))
}

/// Answers with the page itself: the address must not stand in one of ours.
pub(super) async fn make_door(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    let token = door::make(&clinic, &grant).await?;
    let address = format!("{}/in/{}", clinic.places.public_url, token.as_str());
    Ok(page(&clinic, &grant.also()?, &chrome, address).await?.into_response())
}

pub(super) async fn shut_door(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
) -> Result<Response, Problem> {
    door::shut(&clinic, &grant).await?;
    Ok(see_other(PATH))
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    chrome: &Chrome,
    door: String,
) -> Result<Page, Problem> {
    let kinds = setup::kinds(clinic, grant).await?;
    let view = ReplySettingsPage {
        links: setup::links(clinic, grant).await?,
        has_door: door::has(clinic, grant).await?,
        door,
        may_set_up: grant.actor().may::<SetUpGateways>(),
        ways: kinds.into_iter().map(Way::of).collect(),
    };
    Page::of(clinic, &chrome.clone().active("messages"), &view)
}

impl Way {
    fn of(kind: GatewayKind) -> Self {
        let how = match kind {
            GatewayKind::Smsc | GatewayKind::Modem => "asked",
            GatewayKind::Smpp
            | GatewayKind::Whatsapp
            | GatewayKind::Telegram
            | GatewayKind::Instagram => "brought",
            GatewayKind::Kannel => "pushed",
            GatewayKind::Mobizon | GatewayKind::Email | GatewayKind::Demo => "none",
        };
        Self { kind, how }
    }
}

impl View for ReplySettingsPage {
    const TEMPLATE: &'static str = "replies/settings.html";

    fn samples() -> Vec<Self> {
        let kinds = [
            GatewayKind::Smsc,
            GatewayKind::Mobizon,
            GatewayKind::Smpp,
            GatewayKind::Kannel,
            GatewayKind::Modem,
        ];
        let ways = || kinds.into_iter().map(Way::of).collect();
        let door = format!("https://clinic.example/in/{}", "A".repeat(22));
        vec![
            Self { links: true, has_door: true, door, may_set_up: true, ways: ways() },
            Self {
                links: false,
                has_door: true,
                door: String::new(),
                may_set_up: true,
                ways: ways(),
            },
            Self {
                links: false,
                has_door: false,
                door: String::new(),
                may_set_up: false,
                ways: vec![],
            },
        ]
    }
}
