//! All gateways of the clinic (its channels), in the order they are tried in, and how
//! each of them is.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Serialize;

use super::gateway::{Done, found};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::Health;
use crate::messaging::setup::{self, GatewayId, GatewayKind, Record, StoredGateway, Terms, Token};
use crate::messaging::{Lines, aside};
use crate::money::Money;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct GatewaysPage {
    gateways: Vec<Row>,
    /// Kinds that can be added.
    kinds: Vec<&'static str>,
    /// Messages stay on this machine.
    is_demo: bool,
    /// `removed`, `raised`, `taken_up` or empty: what was just done.
    done: String,
}

/// A gateway as it is shown.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub id: GatewayId,
    rank: i64,
    kind: GatewayKind,
    endpoint: String,
    terms: Terms,
    record: Record,
    token: Token,
    is_low: bool,
    /// What it told that could not be worked through.
    aside: i64,
    /// It is left alone until then.
    rests_until: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct GatewayHealthPage {
    row: Row,
    /// Asked now: `well` or a code of trouble. None: from what is known.
    now: Option<&'static str>,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let all = setup::gateways(&clinic.vault, &grant).await?;
    let gateways = all.iter().map(|one| Row::of(&clinic, one)).collect();
    let page = GatewaysPage { done, ..GatewaysPage::of(gateways) };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn health(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(id): Path<GatewayId>,
) -> Result<Page, Problem> {
    let now = match setup::check(&clinic, &grant, id).await? {
        Some(Health::Well { .. }) => "well",
        Some(Health::Ill(trouble)) => trouble.code(),
        None => return Err(Problem::NotFound),
    };
    let row = Row::of(&clinic, &found(&clinic, &grant, id).await?);
    let page = GatewayHealthPage { row, now: Some(now) };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

/// What it told and was put aside is worked through once more.
pub(super) async fn take_up(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    Path(id): Path<GatewayId>,
) -> Result<Response, Problem> {
    let kind = found(&clinic, &grant, id).await?.account.settings.kind;
    aside::take_up(&clinic, &grant, id, kind).await?;
    Ok(see_other("/messages/gateway?done=taken_up"))
}

pub(super) async fn raise(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    Path(id): Path<GatewayId>,
) -> Result<Response, Problem> {
    setup::raise_gateway(&clinic.vault, &grant, id).await?;
    Ok(see_other("/messages/gateway?done=raised"))
}

pub(super) async fn remove(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    Path(id): Path<GatewayId>,
) -> Result<Response, Problem> {
    setup::remove_gateway(&clinic.vault, &grant, id).await?;
    Lines::of(&clinic).forget(id);
    setup::count_waiting(&clinic, &grant).await?;
    Ok(see_other("/messages/gateway?done=removed"))
}

impl GatewaysPage {
    fn of(gateways: Vec<Row>) -> Self {
        let kinds = GatewayKind::OFFERED.map(GatewayKind::name).to_vec();
        let is_demo = gateways.iter().any(|row| row.kind == GatewayKind::Demo);
        Self { gateways, kinds, is_demo, done: String::new() }
    }
}

impl Row {
    pub fn of(clinic: &Clinic, stored: &StoredGateway) -> Self {
        let settings = &stored.account.settings;
        Self {
            id: stored.id,
            rank: stored.rank,
            kind: settings.kind,
            endpoint: settings.endpoint.clone(),
            terms: stored.terms,
            record: stored.record.clone(),
            token: stored.token.clone(),
            is_low: stored.is_low(),
            aside: stored.aside,
            rests_until: Lines::of(clinic).rests_until(stored.id, clinic.clock().now()),
        }
    }

    pub fn samples() -> Vec<Self> {
        let at = Some(Timestamp::from_unix_ms(1_790_000_000_000));
        let fresh = |number| Self {
            id: GatewayId::from_number(number),
            rank: number,
            kind: GatewayKind::Smsc,
            endpoint: "https://smsc.kz/".to_owned(),
            terms: Terms { price: Some(Money::from_tenge(19)), ..Terms::usual(GatewayKind::Smsc) },
            record: Record::default(),
            token: Token::default(),
            is_low: false,
            aside: 0,
            rests_until: None,
        };
        let well = Record { well_at: at, checked_at: at, ..Record::default() };
        let balance = Some(Money::from_tenge(980));
        let ill = |trouble: &str| Record {
            is_ill: true,
            ill_at: at,
            trouble: Some(trouble.to_owned()),
            ..well.clone()
        };
        let account = |number, token| Self { kind: GatewayKind::Instagram, token, ..fresh(number) };
        let typed = Token { entered_at: at, ..Token::default() };
        let failed = |trouble: &str| Token {
            failed_at: at,
            trouble: Some(trouble.to_owned()),
            ..typed.clone()
        };
        let renewed = Token { until: at, renewed_at: at, ..failed("gateway_silent") };
        vec![
            fresh(1),
            Self { record: Record { balance, ..well.clone() }, is_low: true, ..fresh(2) },
            Self { record: ill("gateway_no_money"), rests_until: at, ..fresh(3) },
            Self { record: ill("gateway_silent"), kind: GatewayKind::Kannel, ..fresh(4) },
            Self { record: well.clone(), kind: GatewayKind::Demo, ..fresh(5) },
            Self { record: Record { is_ill: false, ..ill("gateway_busy") }, ..fresh(6) },
            account(7, typed.clone()),
            account(8, failed("gateway_credentials")),
            account(9, renewed),
            Self { aside: 3, record: well, ..account(10, Token::default()) },
        ]
    }
}

impl View for GatewaysPage {
    const TEMPLATE: &'static str = "messaging/gateways.html";

    fn samples() -> Vec<Self> {
        let done = |done: &str| Self { done: done.to_owned(), ..Self::of(Row::samples()) };
        vec![
            Self::of(Vec::new()),
            Self::of(Row::samples()),
            done("removed"),
            done("raised"),
            done("taken_up"),
        ]
    }
}

impl View for GatewayHealthPage {
    const TEMPLATE: &'static str = "messaging/health.html";

    fn samples() -> Vec<Self> {
        let states = [None, Some("well"), Some("gateway_no_money")];
        let rows = Row::samples().into_iter().zip(states.into_iter().cycle());
        rows.map(|(row, now)| Self { row, now }).collect()
    }
}
