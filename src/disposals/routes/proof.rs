//! Who one is once more, and why something was refused, in the words of pages.

use serde::Deserialize;

use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::disposals::DisposalError;
use crate::vault::Grant;
use crate::vault::permission::Permission;
use crate::web::{FieldErrors, Problem};

/// Who one is once more, and that the papers were looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProofForm {
    /// `on` once the paper archive was looked at too.
    checked: String,
    password: String,
    code: String,
}

impl ProofForm {
    /// What is missing; none when all is right.
    pub(super) async fn errors<P: Permission>(
        &self,
        clinic: &Clinic,
        grant: &Grant<P>,
    ) -> Result<FieldErrors, Problem> {
        if self.checked != "on" {
            return Ok(FieldErrors::from([("checked", "disposals-error-checked".to_owned())]));
        }
        let key = match access::prove(clinic, grant, &self.password, &self.code).await {
            Ok(()) => return Ok(FieldErrors::new()),
            Err(AccessError::Wrong) => "workdays-error-proof",
            Err(AccessError::TooSoon { .. }) => "workdays-error-proof-soon",
            Err(error) => return Err(error.into()),
        };
        Ok(FieldErrors::from([("password", key.to_owned())]))
    }
}

impl From<DisposalError> for Problem {
    fn from(error: DisposalError) -> Self {
        match error {
            DisposalError::Nothing => Self::NotFound,
            DisposalError::NotInWork => Self::Conflict("disposals-not-in-work"),
            DisposalError::InTheWay => Self::Conflict("disposals-in-the-way"),
            DisposalError::NotBlocked => Self::Conflict("disposals-not-blocked"),
            DisposalError::NothingLeft => Self::Conflict("disposals-nothing-left"),
            DisposalError::TooSoon => Self::Conflict("disposals-too-soon"),
            DisposalError::Importing => Self::Conflict("disposals-importing"),
            DisposalError::Changed => Self::Conflict("disposals-changed"),
            DisposalError::SamePerson => Self::Conflict("disposals-same-person"),
            DisposalError::Vault(cause) => cause.into(),
        }
    }
}
