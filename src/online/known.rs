//! A booking by somebody whose phone is proven already, by the chat of a
//! messenger: no form and no code, and all else as on the page.

use crate::clinic::Clinic;
use crate::crypto::hash::sha256_of;
use crate::online::{Asked, OnlineError, RequestId, State, booked, jobs, model, offer, store};
use crate::reminders::Token;
use crate::vault::Grant;
use crate::vault::permission::BookOnline;

/// Books what was asked for, once for each link; what became of it.
///
/// # Errors
/// [`OnlineError::Off`], [`OnlineError::Lost`]; those of the card and the visit.
pub async fn book_known(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    link: &Token,
    asked: &Asked,
    consent_version: i64,
) -> Result<State, OnlineError> {
    let settings = {
        let mut reader = clinic.vault.read(grant).await?;
        if let Some(known) = store::by_token(&mut reader, &link.hash()).await? {
            return Ok(known.state);
        }
        store::settings(&mut reader).await?
    };
    offer::check(clinic, grant, &settings, asked).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let new = store::NewRequest {
                id: RequestId::new(tx.now()),
                token_hash: link.hash(),
                form_hash: sha256_of(&[b"online-known-1:", link.as_str().as_bytes()]),
                expires_at: tx.now().plus_ms(model::UNPROVEN_MS),
                asked,
                consent_version,
                worked: true,
            };
            store::insert(tx, &new).await?;
            let request = store::by_id_in(tx, new.id).await?.ok_or(OnlineError::Unknown)?;
            jobs::forget_later(tx, &request).await?;
            booked::settle(tx, clinic, grant, request, link).await
        })
        .await
}
