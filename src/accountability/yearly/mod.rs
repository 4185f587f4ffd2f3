//! The yearly review (law 94-V art. 25(3): internal control): a checklist that
//! the program fills in with what it finds, answered by a person, signed, kept.
//! What was found is frozen with the answers.

mod checks;
mod form;
pub(in crate::accountability) mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::accountability::size::{self, LimitCode};
use crate::accountability::{AccountabilityError, months_after};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::ids::words;
use crate::vault::permission::{KeepRegisters, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use checks::{Check, CheckCode, checks};
pub use form::ReviewForm;
pub use routes::{NewReviewPage, ReviewPage, ReviewsPage, routes};

words! {
    /// What was said to a check.
    Reply {
        /// In order, or put in order.
        Done = "done",
        /// Still to be done; the note says what, by whom, by when.
        ToDo = "to_do",
    }
}

/// A review that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Review {
    pub number: i64,
    pub conclusion: String,
    pub signed_at: Timestamp,
    /// The name.
    pub signed_by: Option<String>,
    pub next_on: Day,
    /// How many points were left to be done.
    pub to_do: i64,
}

/// One point of a signed review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Item {
    pub code: CheckCode,
    pub found: Option<i64>,
    pub fine: bool,
    pub answer: Reply,
    pub note: String,
}

/// A review to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    pub items: Vec<Item>,
    pub conclusion: String,
}

/// Every review, the newest first.
pub async fn reviews<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<Review>, VaultError> {
    store::reviews(&mut vault.read(grant).await?).await
}

/// The points of a review, in their order; empty when there is none.
pub async fn items<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
    number: i64,
) -> Result<Vec<Item>, VaultError> {
    store::items(&mut vault.read(grant).await?, number).await
}

/// Signs a review: what the program found and what was said to it are kept, and
/// the next one gets its day.
pub async fn sign(
    clinic: &Clinic,
    grant: &Grant<KeepRegisters>,
    new: &NewReview,
) -> Result<i64, AccountabilityError> {
    let today = super::today(clinic);
    let limits = size::limits(&clinic.vault, grant).await?;
    let months = limits.value(LimitCode::ReviewMonths, today).unwrap_or(12);
    let next_on = months_after(today, months);
    clinic
        .vault
        .change(grant, async |tx| {
            let number = store::insert(tx, &new.conclusion, next_on, grant.staff()).await?;
            for (position, item) in new.items.iter().enumerate() {
                store::insert_item(tx, number, position, item).await?;
            }
            let to_do = new.items.iter().filter(|item| item.answer == Reply::ToDo).count();
            let event = Event::new("accountability.review_signed", Subject::Clinic);
            let detail = json!({ "number": number, "to_do": to_do, "next_on": next_on });
            Ok((number, event.with_detail(detail)))
        })
        .await
}
