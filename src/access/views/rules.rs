//! What the page of the rules of signing in shows.

use serde::{Deserialize, Serialize};

use crate::access::rules::{self, LONGEST_LOCK_MIN, RoleRule, Rules, SHORTEST_LOCK_MIN};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::pages::View;
use crate::vault::Grant;
use crate::vault::permission::{GiveRights, ViewStaff};
use crate::web::Problem;

/// The rules, and how to change each.
#[derive(Debug, Serialize)]
pub struct RulesPage {
    rules: Rules,
    shortest: i64,
    longest: i64,
    may_give: bool,
    proven: bool,
    /// What was refused, as typed, and the Fluent key of why.
    wrong: Option<(RuleForm, &'static str)>,
}

/// A rule as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub holder: String,
    /// `required` or `optional`.
    pub second_factor: String,
    pub minutes: String,
}

impl RulesPage {
    pub async fn load(
        clinic: &Clinic,
        grant: &Grant<ViewStaff>,
        wrong: Option<(RuleForm, &'static str)>,
    ) -> Result<Self, Problem> {
        let actor = grant.actor();
        let (may_give, proven) = (actor.may::<GiveRights>(), actor.is_proven());
        Ok(Self::with(rules::rules(clinic, grant).await?, may_give, proven, wrong))
    }

    fn with(
        rules: Rules,
        may_give: bool,
        proven: bool,
        wrong: Option<(RuleForm, &'static str)>,
    ) -> Self {
        let (shortest, longest) = (SHORTEST_LOCK_MIN, LONGEST_LOCK_MIN);
        Self { rules, shortest, longest, may_give, proven, wrong }
    }
}

impl View for RulesPage {
    const TEMPLATE: &'static str = "access/rules.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let row = |holder: &str, custom: Option<&str>, always, optional| RoleRule {
            holder: holder.to_owned(),
            custom: custom.map(ToOwned::to_owned),
            optional,
            always,
            lock_min: optional.then_some(3),
            changed_at: optional.then_some(at),
            changed_by: optional.then(|| "Dana".to_owned()),
        };
        let roles = vec![
            row("owner", None, true, false),
            row("cashier", None, false, true),
            row("01900000-0000-7000-8000-000000000000", Some("Head nurse"), false, false),
        ];
        let changed = |by| Rules {
            lock_min: 5,
            version: 2,
            changed_at: at,
            changed_by: by,
            roles: roles.clone(),
        };
        let typed = |holder: &str| RuleForm {
            holder: holder.to_owned(),
            second_factor: "optional".to_owned(),
            minutes: "90".to_owned(),
        };
        let wrong = |holder| Some((typed(holder), "access-error-rule"));
        vec![
            Self::with(changed(None), false, false, None),
            Self::with(changed(Some("Dana".to_owned())), true, false, None),
            Self::with(changed(None), true, true, wrong("clinic")),
            Self::with(changed(None), true, true, wrong("cashier")),
        ]
    }
}
