//! Keeping the wording: reading it, publishing a new version.

use serde_json::json;

use crate::clinic::Clinic;
use crate::consents::ConsentError;
use crate::consents::store::{self, TemplateRow};
use crate::consents::template::{SHIPPED, Template};
use crate::vault::permission::Permission;
use crate::vault::permission::{EditConsents, StartConsent, ViewConsents};
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// Who is said to have published what the program came with.
const PROGRAM: &str = "Tirkeu";

/// The newest version of each wording. The shipped ones are published the
/// first time anybody asks.
pub async fn newest(
    clinic: &Clinic,
    grant: &Grant<ViewConsents>,
) -> Result<Vec<TemplateRow>, ConsentError> {
    load(clinic, grant).await
}

/// As [`newest`], for those who give documents out.
pub async fn offered(
    clinic: &Clinic,
    grant: &Grant<StartConsent>,
) -> Result<Vec<Template>, ConsentError> {
    let rows = load(clinic, grant).await?;
    rows.iter().map(|row| row.to_template().map_err(ConsentError::from)).collect()
}

/// All versions of one wording, newest first.
pub async fn versions(
    clinic: &Clinic,
    grant: &Grant<ViewConsents>,
    key: &str,
) -> Result<Vec<TemplateRow>, ConsentError> {
    let mut reader = clinic.vault.read(grant).await?;
    let versions = store::template_versions(reader.sql(), key).await?;
    if versions.is_empty() { Err(ConsentError::NoSuchConsent) } else { Ok(versions) }
}

/// Publishes a new version. Documents already given out keep theirs.
///
/// # Errors
/// [`ConsentError::Wording`] when a text cannot be read or the two differ.
pub async fn publish(
    clinic: &Clinic,
    grant: &Grant<EditConsents>,
    key: &str,
    russian: &str,
    kazakh: &str,
) -> Result<u32, ConsentError> {
    Template::parse(key, 1, russian, kazakh)?;
    let by_name = grant.actor().person().map_or(PROGRAM, |person| person.name.as_str());
    let by_name = by_name.to_owned();
    clinic
        .vault
        .change(grant, async |tx| {
            let before = store::template_versions(tx.sql(), key).await?;
            let version = before.first().map_or(1, |newest| newest.version + 1);
            let template = Template::parse(key, version, russian, kazakh)?;
            if before.first().is_some_and(|b| b.russian == russian && b.kazakh == kazakh) {
                return Err(ConsentError::Unchanged);
            }
            store::publish_template(tx, &template, &by_name).await?;
            let published = Event::new("consent.wording_published", Subject::Clinic)
                .on("consent_wording", key)
                .with_detail(json!({ "version": version, "sha256": template.sha256() }));
            Ok((version, published))
        })
        .await
}

async fn load<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<TemplateRow>, ConsentError> {
    let rows = {
        let mut reader = clinic.vault.read(grant).await?;
        store::newest_templates(reader.sql()).await?
    };
    let missing = SHIPPED.iter().any(|(key, ..)| !rows.iter().any(|row| row.key == *key));
    if !missing {
        return Ok(rows);
    }
    publish_shipped(clinic).await?;
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::newest_templates(reader.sql()).await?)
}

/// Publishes those shipped wordings of which there is no version yet.
async fn publish_shipped(clinic: &Clinic) -> Result<(), ConsentError> {
    let grant: Grant<EditConsents> =
        Actor::job("consents").grant().map_err(|_| VaultError::NotStaff)?;
    for (key, russian, kazakh) in SHIPPED {
        let mut reader = clinic.vault.read(&grant).await?;
        let there = !store::template_versions(reader.sql(), key).await?.is_empty();
        drop(reader);
        if there {
            continue;
        }
        match publish(clinic, &grant, key, russian, kazakh).await {
            // Somebody else asked at the same time.
            Ok(_) | Err(ConsentError::Unchanged) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl TemplateRow {
    pub fn to_template(&self) -> Result<Template, crate::consents::template::WordingError> {
        Template::parse(&self.key, self.version, &self.russian, &self.kazakh)
    }
}

/// Phones of staff: E.164 and whose.
pub async fn barred_phones(
    clinic: &Clinic,
    grant: &Grant<EditConsents>,
) -> Result<Vec<(String, String)>, ConsentError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::staff_phones(reader.sql()).await?)
}

/// No patient's code goes to this phone from now on.
pub async fn bar_phone(
    clinic: &Clinic,
    grant: &Grant<EditConsents>,
    phone: &str,
    note: &str,
) -> Result<(), ConsentError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::add_staff_phone(tx, phone, note).await?;
            Ok(((), Event::new("consent.staff_phone_added", Subject::Clinic)))
        })
        .await
}

/// The phone is no longer a member of staff's.
pub async fn unbar_phone(
    clinic: &Clinic,
    grant: &Grant<EditConsents>,
    phone: &str,
) -> Result<(), ConsentError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::drop_staff_phone(tx, phone).await?;
            Ok(((), Event::new("consent.staff_phone_removed", Subject::Clinic)))
        })
        .await
}
