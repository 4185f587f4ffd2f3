//! Where a patient is written to.

use crate::messaging::{To, setup};
use crate::patients::Patient;
use crate::vault::{Tx, VaultError};

/// At a telephone, else at a mailbox, where the clinic sends letters and this one
/// was not refused. None: somebody has to call, or to ask for a number.
pub async fn reached_in(tx: &mut Tx, patient: &Patient) -> Result<Option<To>, VaultError> {
    if let Some(phone) = patient.mobile() {
        return Ok(Some(phone.into()));
    }
    let email = patient.email.clone().filter(|_| !patient.email_refused);
    match email {
        Some(email) if setup::posts_in(tx).await? => Ok(Some(email.into())),
        _ => Ok(None),
    }
}
