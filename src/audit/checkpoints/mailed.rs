//! Checkpoints that go out by mail without anybody's doing, and that they went.

use crate::audit::checkpoints::{AnchorKind, anchor_in, sheet};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::mail::{self, Due, Following, Sealing};
use crate::vault::{Event, Sealed, Subject, Tx, VaultError};

/// Writes to everybody for whom a checkpoint is due.
pub(super) async fn write_due(
    clinic: &Clinic,
    newest: &Sealed,
    today: Timestamp,
) -> Result<(), VaultError> {
    let sealing = Sealing { size: newest.size, note: &newest.note, today };
    mail::write_due(clinic, sealing, |language| sheet::mail(clinic, language, newest)).await?;
    Ok(())
}

/// A server outside has taken a checkpoint: from now on it is out of reach of
/// whoever has this machine.
pub fn carried<'t>(tx: &'t mut Tx, letter: &'t Due) -> Following<'t> {
    Box::pin(async move {
        match letter.about.as_deref().map(str::parse) {
            Some(Ok(size)) => anchor_in(tx, size, AnchorKind::Mail, None).await,
            _ => Ok(Event::new("audit.anchored", Subject::Clinic).because("unreadable")),
        }
    })
}
