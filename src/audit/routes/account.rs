//! What did this account see.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::csv;
use super::words::{office, read_day};
use crate::audit::account::{self, Seen, SeenCard, SeenDay};
use crate::audit::{AuditError, findings};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::i18n::dates::numeric;
use crate::ids::StaffId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::ReviewLog;
use crate::web::{FieldErrors, Page, Problem};

/// Days that are shown when nobody says which.
const USUAL_DAYS: i64 = 7;

/// Cards on the page; the file has all.
const SHOWN: usize = 300;

#[derive(Debug, Serialize)]
pub struct AccountPage {
    staff_id: String,
    office: String,
    seen: Seen,
    /// More cards than the page shows.
    more: usize,
    form: PeriodForm,
    errors: FieldErrors,
    open: [i64; 3],
}

/// Days as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PeriodForm {
    pub from: String,
    pub until: String,
}

impl PeriodForm {
    /// The days, or so many up to today when nothing is typed or it makes no sense.
    pub(super) fn understand(&mut self, today: Day, usual: i64) -> (Day, Day, FieldErrors) {
        let mut errors = FieldErrors::new();
        if self.from.trim().is_empty() && self.until.trim().is_empty() {
            self.from = numeric(today.plus_days(1 - usual));
            self.until = numeric(today);
        }
        let mut day = |field: &'static str, text: &str| {
            let read = read_day(text);
            if read.is_none() {
                errors.insert(field, "audit-error-day".to_owned());
            }
            read
        };
        let (first, last) = (day("from", &self.from), day("until", &self.until));
        let (Some(first), Some(last)) = (first, last) else {
            return (today.plus_days(1 - usual), today, errors);
        };
        if !(0..account::LONGEST).contains(&last.days_since(first)) {
            errors.insert("from", "audit-error-period".to_owned());
            return (today.plus_days(1 - usual), today, errors);
        }
        (first, last, errors)
    }
}

pub(super) async fn account(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
    Query(mut form): Query<PeriodForm>,
) -> Result<Page, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let (first, last, errors) = form.understand(today, USUAL_DAYS);
    let mut seen = account::seen(&clinic, &grant, id, first, last).await?;
    let more = seen.cards.len().saturating_sub(SHOWN);
    seen.cards.truncate(SHOWN);
    let view = AccountPage {
        staff_id: id.to_string(),
        office: office(&clinic, chrome.language, &seen.role),
        seen,
        more,
        form,
        errors,
        open: findings::open_counts(&clinic, &grant).await?,
    };
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn export(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    Path(id): Path<StaffId>,
    Query(mut form): Query<PeriodForm>,
) -> Result<Response, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let (first, last, errors) = form.understand(today, USUAL_DAYS);
    if !errors.is_empty() {
        return Err(AuditError::BadPeriod.into());
    }
    let seen = account::taken(&clinic, &grant, id, first, last).await?;
    let zone = clinic.profile.get().zone.clone();
    let at = |at: Timestamp| zone.civil(at).to_string();
    let head = ["card", "opened", "listed", "first", "last"].map(str::to_owned).to_vec();
    let row = |card: &SeenCard| {
        let counts = [card.number, card.looks, card.listed].map(|count| count.to_string());
        counts.into_iter().chain([at(card.first_at), at(card.last_at)]).collect()
    };
    let rows = std::iter::once(head).chain(seen.cards.iter().map(row)).collect();
    csv::file("cards-seen.csv", rows)
}

impl View for AccountPage {
    const TEMPLATE: &'static str = "audit/account.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let card = SeenCard { number: 7, looks: 2, listed: 1, first_at: at, last_at: at };
        let day = SeenDay { day: "2026-11-23".to_owned(), opened: 2, ..SeenDay::default() };
        let page = |seen, more, errors| Self {
            staff_id: "s".to_owned(),
            office: "doctor".to_owned(),
            seen,
            more,
            form: PeriodForm::default(),
            errors,
            open: [0; 3],
        };
        let name = "Dana".to_owned();
        let seen = Seen {
            name: name.clone(),
            people: 9,
            cards: vec![card],
            days: vec![day],
            ..Seen::default()
        };
        let errors = FieldErrors::from([("from", "audit-error-period".to_owned())]);
        vec![page(seen, 4, FieldErrors::new()), page(Seen { name, ..Seen::default() }, 0, errors)]
    }
}
