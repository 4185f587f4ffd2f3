//! Whether texts carry links and leave the country, which gateways replies may come through, and until
//! where one that keeps them was asked.

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::messaging::model::Channel;
use crate::messaging::setup::model::{GatewayId, GatewayKind};
use crate::messaging::setup::store;
use crate::messaging::setup::terms::StoredGateway;
use crate::messaging::text::Land;
use crate::vault::permission::Permission;
use crate::vault::{Grant, Tx, VaultError};

/// Until where a gateway has told replies.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Heard {
    /// Its own number of the newest one taken; empty: there was none.
    pub until: String,
    pub at: Timestamp,
}

/// How texts leave, as far as their wording depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub links: bool,
    /// The first gateway for texts whose servers are abroad. Messengers take
    /// templates of their own.
    pub abroad: Option<GatewayKind>,
}

impl Way {
    pub fn land(self) -> Land {
        if self.abroad.is_some() { Land::Abroad } else { Land::Home }
    }
}

/// How texts leave now.
pub async fn way<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<Way, VaultError> {
    let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    let mut texts = all.iter().filter(|one| one.account.settings.kind.channel() == Channel::Sms);
    let abroad = texts.find(|one| one.terms.land() == Land::Abroad);
    let abroad = abroad.map(|one| one.account.settings.kind);
    Ok(Way { links: links(clinic, grant).await?, abroad })
}

/// How texts leave that try this channel first, whatever may take them over.
pub async fn way_by<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    first: Option<Channel>,
) -> Result<Way, VaultError> {
    let way = way(clinic, grant).await?;
    let abroad = match first {
        Some(Channel::Whatsapp) => Some(GatewayKind::Whatsapp),
        Some(Channel::Telegram) => Some(GatewayKind::Telegram),
        Some(Channel::Email) => {
            let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
            let is_abroad = |one: &&StoredGateway| {
                one.account.settings.kind == GatewayKind::Email && one.terms.land() == Land::Abroad
            };
            all.iter().find(is_abroad).map(|one| one.account.settings.kind)
        }
        _ => None,
    };
    Ok(Way { abroad: abroad.or(way.abroad), ..way })
}

/// Whether texts carry links; if not, they ask for an answer by SMS.
pub async fn links<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<bool, VaultError> {
    store::links(clinic.vault.read(grant).await?.sql()).await
}

/// The same inside a change.
pub async fn links_in(tx: &mut Tx) -> Result<bool, VaultError> {
    store::links(tx.sql()).await
}

/// Sets it, inside another capability's change. Messages that were written leave
/// as they are.
pub async fn set_links_in(tx: &mut Tx, links: bool, by: Option<StaffId>) -> Result<(), VaultError> {
    store::set_links(tx, links, by).await
}

/// The kinds of gateways in use, in the order they are tried in.
pub async fn kinds<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<GatewayKind>, VaultError> {
    let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    let mut kinds: Vec<GatewayKind> = Vec::new();
    for one in all {
        let kind = one.account.settings.kind;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// The channels by which the clinic can write to a telephone; SMS while it has no gateway.
pub async fn channels<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<Channel>, VaultError> {
    let kinds = kinds(clinic, grant).await?;
    let has = |channel: &Channel| {
        *channel == Channel::Sms || kinds.iter().any(|kind| kind.channel() == *channel)
    };
    Ok(Channel::ALL.into_iter().filter(has).collect())
}

/// The first gateway of a kind.
pub async fn first_of<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    kind: GatewayKind,
) -> Result<Option<GatewayId>, VaultError> {
    let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    Ok(all.into_iter().find(|one| one.account.settings.kind == kind).map(|one| one.id))
}

/// The channel that a gateway is on; SMS when it is gone.
pub async fn channel_in(tx: &mut Tx, id: GatewayId) -> Result<Channel, VaultError> {
    let kind = store::kind(tx, id).await?;
    Ok(kind.map_or(Channel::Sms, GatewayKind::channel))
}

/// Whether patients get letters.
pub async fn posts_in(tx: &mut Tx) -> Result<bool, VaultError> {
    store::has(tx, GatewayKind::Email).await
}

/// The channels that the clinic can write on, the first it tries first.
pub async fn channels_in_use<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<Channel>, VaultError> {
    let mut channels: Vec<Channel> = Vec::new();
    for kind in kinds(clinic, grant).await? {
        if !channels.contains(&kind.channel()) {
            channels.push(kind.channel());
        }
    }
    Ok(channels)
}

pub(in crate::messaging) async fn heard<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: GatewayId,
) -> Result<Option<Heard>, VaultError> {
    store::heard(&mut clinic.vault.read(grant).await?, id).await
}

pub(in crate::messaging) async fn set_heard(
    tx: &mut Tx,
    id: GatewayId,
    heard: &Heard,
) -> Result<(), VaultError> {
    store::set_heard(tx, id, heard).await
}
