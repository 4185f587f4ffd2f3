//! What the program finds when it looks at itself.

use serde::Serialize;

use crate::accountability::yearly::store::{self, Facts};
use crate::accountability::{policy, purposes, recipients, responsible, training};
use crate::clinic::Clinic;
use crate::clock::{Timestamp, Zone};
use crate::i18n::Language;
use crate::ids::words;
use crate::incidents::papers::Speech;
use crate::subject_requests::{self, Filter};
use crate::vault::permission::{ViewRegisters, ViewRequests};
use crate::vault::{Grant, VaultError};
use crate::workdays;

words! {
    /// One point of the checklist, in the order of the page.
    CheckCode {
        Responsible = "responsible",
        Purposes = "purposes",
        DataWithoutPurpose = "data_without_purpose",
        Recipients = "recipients",
        Policy = "policy",
        LawUnconfirmed = "law_unconfirmed",
        AccessList = "access_list",
        IdleAccounts = "idle_accounts",
        Rules = "rules",
        Findings = "findings",
        LogReview = "log_review",
        Emergencies = "emergencies",
        RequestsOverdue = "requests_overdue",
        IncidentsOpen = "incidents_open",
        RestoreDrill = "restore_drill",
        LedgerOutside = "ledger_outside",
    }
}

/// An account that nobody used for so many days is looked at.
const IDLE_DAYS: i64 = 90;

/// One point and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub code: CheckCode,
    /// How many are wrong; of a thing that is done again and again, days since
    /// it was done. None: it was never done.
    pub found: Option<i64>,
    pub fine: bool,
    /// Where it is put in order.
    pub href: &'static str,
    /// Whether `found` is days.
    pub days: bool,
}

impl CheckCode {
    /// The most days since it was last done; None for what is counted.
    pub fn most_days(self) -> Option<i64> {
        match self {
            Self::AccessList => Some(366),
            // Every night.
            Self::RestoreDrill => Some(2),
            Self::LogReview => Some(8),
            Self::LedgerOutside => Some(31),
            _ => None,
        }
    }

    /// Where it is put in order.
    pub fn href(self) -> &'static str {
        match self {
            Self::Responsible => "/personal-data/responsible",
            Self::Purposes | Self::DataWithoutPurpose => "/personal-data/purposes",
            Self::Recipients => "/personal-data/recipients",
            Self::Policy => "/personal-data/policy",
            Self::LawUnconfirmed => "/personal-data/terms",
            Self::AccessList | Self::IdleAccounts => "/staff",
            Self::Rules => "/personal-data/training",
            Self::Findings => "/audit/findings",
            Self::LogReview => "/audit/reviews",
            Self::Emergencies => "/emergencies",
            Self::RequestsOverdue => "/personal-data/requests?state=overdue",
            Self::IncidentsOpen => "/personal-data/incidents",
            Self::RestoreDrill => "/backups",
            Self::LedgerOutside => "/audit/ledger",
        }
    }

    /// Judges what was found.
    pub fn judge(self, found: Option<i64>) -> Check {
        let fine = match self.most_days() {
            Some(most) => found.is_some_and(|days| days <= most),
            None => found == Some(0),
        };
        Check { code: self, found, fine, href: self.href(), days: self.most_days().is_some() }
    }
}

/// Every point as it stands now.
pub async fn checks(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    requests: &Grant<ViewRequests>,
) -> Result<Vec<Check>, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let now = clinic.clock().now();
    let idle = now.plus_ms(-IDLE_DAYS * 24 * 60 * 60 * 1000);
    let facts = store::facts(&mut clinic.vault.read(grant).await?, idle).await?;
    let counted = counted(clinic, grant).await?;
    let overdue = requests_overdue(clinic, requests, &zone, now).await?;
    let found = |code: &CheckCode| {
        let value = match code {
            CheckCode::RequestsOverdue => Some(overdue),
            _ => counted.iter().find(|(known, _)| known == code).map(|(_, count)| *count),
        };
        code.judge(value.or_else(|| of_facts(*code, &facts, &zone, now)))
    };
    Ok(CheckCode::ALL.iter().map(found).collect())
}

/// What this capability knows itself.
async fn counted(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
) -> Result<Vec<(CheckCode, i64)>, VaultError> {
    let today = crate::accountability::today(clinic);
    let all = purposes::all(&clinic.vault, grant).await?;
    let in_force = purposes::in_force(&all, today);
    let speech = Speech::of(clinic, Language::Ru);
    let rows = recipients::rows(clinic, grant, &speech).await?;
    let appointed = responsible::history(&clinic.vault, grant).await?;
    let learners = training::learners(clinic, grant).await?;
    let approved = policy::approved(&clinic.vault, grant).await?;
    let written = policy::written(clinic, grant).await?.sha256();
    let current = approved.first().is_some_and(|newest| newest.sha256 == written);
    let overdue = |one: &&training::Learner| one.standing == training::Standing::Overdue;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(vec![
        (CheckCode::Responsible, i64::from(appointed.is_empty())),
        (CheckCode::Purposes, count(in_force.iter().filter(|one| !one.confirmed).count())),
        (CheckCode::DataWithoutPurpose, count(purposes::without_purpose(&in_force).len())),
        (CheckCode::Recipients, count(rows.iter().filter(|row| row.no_contract).count())),
        (CheckCode::Policy, i64::from(!current)),
        (CheckCode::Rules, count(learners.iter().filter(overdue).count())),
    ])
}

/// What other capabilities left in the database.
fn of_facts(code: CheckCode, facts: &Facts, zone: &Zone, now: Timestamp) -> Option<i64> {
    let today = zone.today(now);
    let since = |at: Option<Timestamp>| at.map(|at| today.days_since(zone.today(at)));
    match code {
        CheckCode::LawUnconfirmed => Some(facts.law_unconfirmed),
        CheckCode::AccessList => since(facts.access_listed_at),
        CheckCode::IdleAccounts => Some(facts.idle_accounts),
        CheckCode::Findings => Some(facts.findings),
        CheckCode::LogReview => facts.log_reviewed_on.map(|day| today.days_since(day)),
        CheckCode::Emergencies => Some(facts.emergencies),
        CheckCode::IncidentsOpen => Some(facts.incidents),
        CheckCode::RestoreDrill => since(facts.drilled_at),
        CheckCode::LedgerOutside => since(facts.anchored_at),
        _ => None,
    }
}

/// Open requests whose term has run out.
async fn requests_overdue(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    zone: &Zone,
    now: Timestamp,
) -> Result<i64, VaultError> {
    let filter = Filter { open: true, ..Filter::default() };
    let open = subject_requests::register(&clinic.vault, grant, &filter).await?;
    let calendar = workdays::calendar(&clinic.vault, grant, zone.today(now)).await?;
    let terms = workdays::terms(&clinic.vault, grant).await?;
    let overdue = open.iter().filter(|row| {
        let code = subject_requests::term_of(row.kind);
        let from = zone.civil(row.received_at);
        workdays::left(&calendar, &terms, code, from, zone.civil(now))
            .is_some_and(|left| left.overdue)
    });
    Ok(i64::try_from(overdue.count()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_done_is_not_in_order_and_what_is_counted_is_so_at_zero() {
        assert!(!CheckCode::RestoreDrill.judge(None).fine);
        assert!(CheckCode::RestoreDrill.judge(Some(2)).fine);
        assert!(!CheckCode::RestoreDrill.judge(Some(3)).fine);
        assert!(CheckCode::Findings.judge(Some(0)).fine);
        assert!(!CheckCode::Findings.judge(Some(1)).fine);
        for code in CheckCode::ALL {
            assert!(code.href().starts_with('/'));
            assert!(!code.judge(None).fine, "{code:?}: what nobody knows is not in order");
        }
    }
}
