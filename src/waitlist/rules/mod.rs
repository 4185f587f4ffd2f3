//! How the clinic offers what became free.

mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::vault::permission::{Permission, SetUpClinic};
use crate::vault::{Event, Grant, Reader, Subject, VaultError};
use crate::waitlist::model::Rule;

/// The rule as it stands.
pub async fn rule<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<Rule, VaultError> {
    rule_of(&mut clinic.vault.read(grant).await?).await
}

pub(super) async fn rule_of(reader: &mut Reader) -> Result<Rule, VaultError> {
    store::rule(reader).await
}

/// Sets the rule. Offers under way keep their time.
///
/// # Errors
/// A [`Check`](crate::vault::Violation::Check) violation when a number is out of
/// its bounds.
pub async fn set_rule(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    rule: Rule,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set(tx, rule, grant.staff()).await?;
            let set = Event::new("waitlist.rule_set", Subject::Clinic);
            let detail = json!({
                "automatic": rule.automatic, "at_once": rule.at_once,
                "answer_minutes": rule.answer_minutes, "notice_minutes": rule.notice_minutes,
                "quiet_from": rule.quiet_from, "quiet_until": rule.quiet_until,
            });
            Ok(((), set.with_detail(detail).touching(super::TOPIC)))
        })
        .await
}
