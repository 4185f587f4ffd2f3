//! How long an account's token lives, where it ends (Instagram's does after 60 days),
//! and its renewal long before.

use serde::Serialize;

use super::model::GatewayId;
use super::{gateways, store};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::{Gateway, Trouble};
use crate::messaging::lines::Lines;
use crate::vault::permission::Permission;
use crate::vault::{Grant, VaultError};

/// Meta renews no token that is younger; and after a failure it is not asked again
/// for so long, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Somebody is to see to it when it cannot be renewed and ends within so long.
const SOON_MS: i64 = 14 * DAY_MS;

/// What is known of a token; nothing where a key does not end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Token {
    /// When somebody typed it in.
    #[sqlx(rename = "token_entered_at")]
    pub entered_at: Option<Timestamp>,
    /// None: Meta tells it with the first renewal.
    #[sqlx(rename = "token_until")]
    pub until: Option<Timestamp>,
    #[sqlx(rename = "token_renewed_at")]
    pub renewed_at: Option<Timestamp>,
    /// When it could not be renewed, and why; none once it could.
    #[sqlx(rename = "token_failed_at")]
    pub failed_at: Option<Timestamp>,
    #[sqlx(rename = "token_trouble")]
    pub trouble: Option<String>,
}

impl Token {
    /// Whether less than half of its life is left. One that was typed in may be older
    /// than anybody has told: it is renewed as soon as Meta does that, to know its end.
    pub fn is_to_be_renewed(&self, now: Timestamp) -> bool {
        let Some(since) = self.renewed_at.or(self.entered_at) else { return false };
        let is_wanted = self.until.is_none_or(|until| {
            let (left, life) = (until.unix_ms() - now.unix_ms(), until.unix_ms() - since.unix_ms());
            0 < left && 2 * left < life
        });
        let has_rested = |at: Timestamp| at.plus_ms(DAY_MS) <= now || now < at;
        is_wanted && since.plus_ms(DAY_MS) <= now && self.failed_at.is_none_or(has_rested)
    }

    /// Whether a person has to make another: no renewal will come of itself, or it
    /// may not come in time.
    pub fn wants_somebody(&self, now: Timestamp) -> bool {
        let Some(trouble) = &self.trouble else { return false };
        let is_soon = |until: Timestamp| until <= now.plus_ms(SOON_MS);
        trouble == Trouble::Credentials.code() || self.until.is_none_or(is_soon)
    }
}

/// Renews the token of an account when its time has come. It takes the place of the
/// one it was asked for with, and of no other that somebody typed in meanwhile.
pub(in crate::messaging) async fn renew_if_due<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: GatewayId,
) -> Result<(), VaultError> {
    let now = clinic.clock().now();
    let all = store::gateways(&mut clinic.vault.read(grant).await?).await?;
    let due = all.into_iter().find(|one| one.id == id && one.token.is_to_be_renewed(now));
    let Some(one) = due else { return Ok(()) };
    let before = one.account.password.clone();
    let Ok(Gateway::Instagram(account)) = one.account.connect(id, &Lines::of(clinic).pool, None)
    else {
        return Ok(());
    };
    let answer = account.renewed().await;
    clinic
        .vault
        .change(grant, async |tx| {
            let event = match &answer {
                Ok(renewed) => {
                    let until = now.plus_ms(renewed.lasts * 1000);
                    let token = (before.as_str(), renewed.access_token.as_str());
                    let is_taken = store::renew(tx, id, token, until).await?;
                    if is_taken { "gateway.token_renewed" } else { "gateway.token_kept" }
                }
                Err(trouble) => {
                    store::note_not_renewed(tx, id, &before, *trouble).await?;
                    "gateway.token_kept"
                }
            };
            let event = gateways::of(event, id);
            let why = answer.as_ref().err().map(|trouble| trouble.code());
            Ok::<_, VaultError>(((), why.map_or(event.clone(), |why| event.because(why))))
        })
        .await?;
    gateways::count_waiting(clinic, grant).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_unix_ms(day * DAY_MS)
    }

    fn days(token: &Token) -> Vec<i64> {
        let days = (0..=70).filter(|at| token.is_to_be_renewed(day(*at)));
        days.collect()
    }

    #[test]
    fn a_token_is_renewed_in_the_second_half_of_its_life_and_not_after_its_end() {
        let known = Token {
            entered_at: Some(day(0)),
            renewed_at: Some(day(2)),
            until: Some(day(62)),
            ..Token::default()
        };
        assert_eq!(days(&known), (33..62).collect::<Vec<_>>());
        let short = Token { until: Some(day(3)), ..known.clone() };
        assert_eq!(days(&short), Vec::<i64>::new(), "a day old and over at once");
        let failed = Token { failed_at: Some(day(40)), ..known };
        assert_eq!(days(&failed)[..8], [33, 34, 35, 36, 37, 38, 39, 41]);
        let typed = Token { entered_at: Some(day(5)), ..Token::default() };
        assert_eq!(days(&typed), (6..=70).collect::<Vec<_>>(), "its end is not known");
        assert_eq!(days(&Token::default()), Vec::<i64>::new(), "it has no end");
    }

    #[test]
    fn a_person_is_wanted_when_a_renewal_will_not_come_of_itself() {
        let at = |until, trouble: Trouble| {
            let trouble = Some(trouble.code().to_owned());
            let token = Token { until, trouble, ..Token::default() };
            token.wants_somebody(day(30))
        };
        assert!(!at(Some(day(60)), Trouble::Busy));
        assert!(at(Some(day(60)), Trouble::Credentials));
        assert!(at(Some(day(44)), Trouble::Busy));
        assert!(at(None, Trouble::Silent));
        assert!(!Token::default().wants_somebody(day(30)));
    }
}
