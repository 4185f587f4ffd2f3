//! Every register as a paper in Russian or Kazakh, and the desk that says which
//! of them is in order. Each paper that is made is written down.

mod made;
pub(in crate::accountability) mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::ids::words;
use crate::vault::permission::{Permission, ViewRegisters};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use made::make;
pub use routes::{PapersPage, routes};

words! {
    /// A paper that the desk makes.
    PaperCode {
        Purposes = "purposes",
        Data = "data",
        Policy = "policy",
        Recipients = "recipients",
        Responsible = "responsible",
        Access = "access",
        Size = "size",
        Rules = "rules",
        Training = "training",
        Review = "review",
    }
}

/// When a paper was last made, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Export {
    pub paper: PaperCode,
    pub language: String,
    pub at: Timestamp,
    /// The name.
    pub by_name: Option<String>,
}

/// The last making of each paper.
pub async fn last_exports<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<Export>, VaultError> {
    store::last_exports(&mut vault.read(grant).await?).await
}

/// Writes down that a paper was made: in the register and in the ledger.
pub async fn note_export(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    paper: PaperCode,
    language: Language,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::note_export(tx, paper, language.tag(), grant.staff()).await?;
            let event = Event::new("accountability.paper_exported", Subject::Clinic);
            let detail = json!({ "paper": paper, "language": language.tag() });
            Ok(((), event.with_detail(detail)))
        })
        .await
}
