//! All that the clinic holds of one patient, as the patient may ask to know it.

use crate::patients::{self, Patient};
use crate::subject_requests::store::{
    self, AccessRow, ConsentRow, FollowUpRow, MessageRow, OnlineRow, TransferRow, VisitRow, WishRow,
};
use crate::vault::{Disclosure, VaultError};

/// The most looks that one extract lists, the newest.
pub const MOST_ACCESSES: i64 = 2000;

/// Everything, newest first.
#[derive(Clone, Debug)]
pub struct Extract {
    pub patient: Patient,
    pub visits: Vec<VisitRow>,
    pub follow_ups: Vec<FollowUpRow>,
    pub wishes: Vec<WishRow>,
    pub consents: Vec<ConsentRow>,
    pub messages: Vec<MessageRow>,
    pub transfers: Vec<TransferRow>,
    pub online: Vec<OnlineRow>,
    /// Who looked and what was done, at most [`MOST_ACCESSES`].
    pub accesses: Vec<AccessRow>,
}

/// None when there is no such card.
pub async fn of_patient(disclosure: &mut Disclosure) -> Result<Option<Extract>, VaultError> {
    let Some(patient) = patients::card_of(disclosure).await? else { return Ok(None) };
    Ok(Some(Extract {
        patient,
        visits: store::visits(disclosure).await?,
        follow_ups: store::follow_ups(disclosure).await?,
        wishes: store::wishes(disclosure).await?,
        consents: store::consents(disclosure).await?,
        messages: store::messages(disclosure).await?,
        transfers: store::transfers(disclosure).await?,
        online: store::online(disclosure).await?,
        accesses: store::accesses(disclosure, MOST_ACCESSES).await?,
    }))
}
