//! Who hides the number that Meta told before: while it was shown, webhooks carried
//! it beside the id that the person has with the clinic's number, and that id stays
//! for as long as the number is theirs. What comes with the id alone is of that
//! number then. Nothing is guessed: the name, say, tells of nobody.

use super::event::Heard;
use super::store;
use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Grant, Subject, VaultError};

/// What somebody wrote, with their number where Meta has ever told it; and keeps
/// what this webhook tells of it.
pub(super) async fn known(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    heard: &Heard,
) -> Result<Heard, VaultError> {
    let (number, user, at) = (heard.phone_number_id.as_str(), heard.user.as_str(), heard.at);
    let phone = heard.phone.as_ref().and_then(|it| Phone::parse(&format!("+{it}")).ok());
    let mut reader = clinic.vault.read(grant).await?;
    let Some(phone) = phone else {
        let found = store::phone_of(&mut reader, number, user).await?;
        drop(reader);
        let Some((phone, is_hidden)) = found.filter(|_| heard.phone.is_none()) else {
            return Ok(heard.clone());
        };
        if !is_hidden {
            clinic
                .vault
                .change(grant, async |tx| {
                    store::hide_number(tx, (number, user), at).await?;
                    Ok::<_, VaultError>(((), Event::new("whatsapp.number_hidden", Subject::Clinic)))
                })
                .await?;
        }
        return Ok(Heard { phone: Some(phone.digits().to_owned()), ..heard.clone() });
    };
    let told = heard.told_together.then_some(user);
    let is_news = store::is_news(&mut reader, (number, told), &phone, at).await?;
    drop(reader);
    if is_news {
        clinic
            .vault
            .change(grant, async |tx| {
                store::show_number(tx, (number, told), &phone, at).await?;
                Ok::<_, VaultError>(((), Event::new("whatsapp.number_told", Subject::Clinic)))
            })
            .await?;
    }
    Ok(heard.clone())
}
