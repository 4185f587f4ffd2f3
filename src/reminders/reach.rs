//! Where a patient is written to.

use crate::contact::Phone;
use crate::messaging::{To, setup};
use crate::patients::Patient;
use crate::vault::{Tx, VaultError};

/// At a telephone, else at a mailbox, where the clinic sends letters and this one
/// was not refused. None: somebody has to call, or to ask for a number.
pub async fn reached_in(tx: &mut Tx, patient: &Patient) -> Result<Option<To>, VaultError> {
    if let Some(phone) = mobile(patient) {
        return Ok(Some(phone.into()));
    }
    let email = patient.email.clone().filter(|_| !patient.email_refused);
    match email {
        Some(email) if setup::posts_in(tx).await? => Ok(Some(email.into())),
        _ => Ok(None),
    }
}

/// The first mobile number, else the first of another country: a landline gets
/// no SMS.
fn mobile(patient: &Patient) -> Option<Phone> {
    let phones = patient.phones.iter().filter_map(|text| Phone::parse(text).ok());
    let (mobiles, others): (Vec<_>, Vec<_>) = phones.partition(Phone::is_mobile);
    mobiles.into_iter().chain(others.into_iter().filter(|phone| !phone.is_kazakh())).next()
}
