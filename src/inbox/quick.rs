//! Quick replies: words that are written often, in both languages.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clinic::Clinic;
use crate::inbox::model::QuickReply;
use crate::inbox::{InboxError, TOPIC, store};
use crate::vault::permission::{EditTexts, Permission};
use crate::vault::{Event, Grant, Subject, VaultError};

/// Letters of a name and of a text.
const LONGEST_NAME: usize = 40;
const LONGEST: usize = 500;

/// A quick reply as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QuickForm {
    pub name: String,
    pub ru: String,
    pub kk: String,
}

/// All of them.
pub async fn quick_replies<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<QuickReply>, VaultError> {
    store::quick_replies(&mut clinic.vault.read(grant).await?).await
}

/// Adds one, or changes the one with this number.
///
/// # Errors
/// [`InboxError::Missing`] names what was left empty.
pub async fn save_quick(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    id: Option<i64>,
    form: &QuickForm,
) -> Result<(), InboxError> {
    let cut = |text: &str, most| -> String {
        let plain = text.trim().chars().filter(|it| !it.is_control() || *it == '\n');
        plain.take(most).collect()
    };
    let (name, ru, kk) =
        (cut(&form.name, LONGEST_NAME), cut(&form.ru, LONGEST), cut(&form.kk, LONGEST));
    if name.is_empty() || ru.is_empty() || kk.is_empty() {
        return Err(InboxError::Missing("inbox-quick-missing"));
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let saved = store::save_quick(tx, id, (&name, &ru, &kk), grant.staff()).await?;
            let id = saved.ok_or(InboxError::NoSuch)?;
            let event = Event::new("quick_reply.saved", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "number": id })).touching(TOPIC)))
        })
        .await
}

/// # Errors
/// [`InboxError::NoSuch`].
pub async fn remove_quick(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    id: i64,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::remove_quick(tx, id).await? {
                return Err(InboxError::NoSuch);
            }
            let event = Event::new("quick_reply.removed", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "number": id })).touching(TOPIC)))
        })
        .await
}
