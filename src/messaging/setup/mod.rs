//! What the clinic decides about messages: its gateways and its wording.

mod gateways;
mod kind;
mod links;
mod model;
mod store;
mod terms;
mod token;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::messaging::MessagingError;
use crate::messaging::text::{self, Purpose, TextError, Values, Worded};
use crate::vault::permission::EditTexts;
use crate::vault::{Event, Grant, Subject, Tx, VaultError};

pub use gateways::{
    check, count_waiting, gateways, raise_gateway, remove_gateway, save_gateway, send_trial,
    set_gateway, try_gateway,
};
pub(super) use gateways::{in_use, is_to_be_asked, note_state};
pub(super) use links::{Heard, heard, set_heard};
pub use links::{
    Way, channel_in, channels, channels_in_use, first_of, kinds, links, links_in, posts_in,
    set_links_in, way, way_by,
};
pub use model::{
    Account, GatewayChange, GatewayError, GatewayId, GatewayKind, GatewaySettings, TextVersion,
};
pub use terms::{InUse, Record, StoredGateway, Terms, TermsTyped};
pub use token::Token;
pub(super) use token::renew_if_due;

/// The clinic's wording of a purpose, or the program's.
pub async fn wording(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    purpose: Purpose,
    language: Language,
) -> Result<TextVersion, VaultError> {
    let own = store::text(clinic.vault.read(grant).await?.sql(), purpose, language).await?;
    let standard = purpose.standard(clinic.pages.words(), language);
    Ok(TextVersion { source: own.clone().unwrap_or(standard), own: own.is_some() })
}

/// Changes a wording; `None` goes back to the program's own.
///
/// # Errors
/// [`TextError`] when the text could not be sent as it is.
pub async fn set_wording(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    purpose: Purpose,
    language: Language,
    source: Option<&str>,
) -> Result<(), MessagingError> {
    if let Some(source) = source {
        let way = way(clinic, grant).await?;
        preview(clinic, purpose, language, source, way)?;
        text::lint(source, way.land())?;
    }
    let by: Option<StaffId> = grant.staff();
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_text(tx, purpose, language, source, by).await?;
            let detail = serde_json::json!({ "purpose": purpose, "language": language });
            Ok(((), Event::new("message_text.changed", Subject::Clinic).with_detail(detail)))
        })
        .await
}

/// A text with the clinic's own name and made-up values of full length; without a
/// link where the clinic sends none.
///
/// # Errors
/// [`TextError`] says what is wrong with it.
pub fn preview(
    clinic: &Clinic,
    purpose: Purpose,
    language: Language,
    source: &str,
    way: Way,
) -> Result<Worded, TextError> {
    let values = sample_values(clinic, language);
    let values = if way.links { values } else { values.without(text::Variable::Link) };
    Worded::new(clinic.pages.words(), (purpose, language), source, &values)
}

fn sample_values(clinic: &Clinic, language: Language) -> Values {
    use text::Variable;
    let longest = "2026-09-23T14:30".parse().expect("a civil time");
    let say = |key: &str| clinic.pages.words().plain(language, key);
    Values::new()
        .with(Variable::Clinic, &clinic.profile.get().name)
        .with(Variable::Phone, "+7 727 123 45 67")
        .with(Variable::Address, say("messaging-sample-address"))
        .with(Variable::Entrance, say("messaging-sample-entrance"))
        .with(Variable::Name, say("messaging-sample-name"))
        .with(Variable::Link, format!("{}/m/{}", clinic.places.public_url, "A".repeat(22)))
        .with(Variable::Code, "123456")
        .with(Variable::Until, "14:30")
        .with(Variable::Expected, "14:45")
        .with(Variable::Count, "12")
        .with(Variable::Last, "25.10.2027")
        .with(Variable::Visits, say("messaging-sample-visits"))
        .with(Variable::Document, "A1B2-C3D4")
        .with(Variable::Doctor, say("messaging-sample-doctor"))
        .with(Variable::Service, say("messaging-sample-service"))
        .with(Variable::Preparation, say("messaging-sample-preparation"))
        .at(clinic.pages.words(), language, longest)
}

/// A message in words, inside a change: by the clinic's wording, or by the
/// program's when that has become unusable (a longer clinic name, say).
pub(super) async fn word(
    tx: &mut Tx,
    clinic: &Clinic,
    purpose: Purpose,
    language: Language,
    values: &Values,
) -> Result<Worded, MessagingError> {
    let words = clinic.pages.words();
    let own = store::text(tx.sql(), purpose, language).await?;
    let own = own.map(|source| Worded::new(words, (purpose, language), &source, values));
    if let Some(Ok(worded)) = own {
        return Ok(worded);
    }
    let standard = purpose.standard(words, language);
    Ok(Worded::new(words, (purpose, language), &standard, values)?)
}
