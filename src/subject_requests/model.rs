//! Requests, apart from storage and the web.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::ids::{PatientId, id, words};

id! {
    /// What somebody asked about their own data.
    RequestId
}

words! {
    /// What is asked for.
    Kind {
        /// What the clinic holds of them, and who saw it.
        Access = "access",
        Correction = "correction",
        Blocking = "blocking",
        Destruction = "destruction",
        /// Of a consent.
        Withdrawal = "withdrawal",
        /// To an automated decision.
        Objection = "objection",
    }
}

words! {
    /// How it came.
    Way {
        InPerson = "in_person",
        Post = "post",
        Email = "email",
        Phone = "phone",
        /// Through the state's portal.
        Egov = "egov",
    }
}

words! {
    /// Who asks.
    Requester { Patient = "patient", Representative = "representative" }
}

words! {
    /// By what the identity was checked. The kind alone: a number would be one
    /// more thing to protect.
    IdentityDocument {
        IdCard = "id_card",
        Passport = "passport",
        ResidencePermit = "residence_permit",
        BirthCertificate = "birth_certificate",
        PowerOfAttorney = "power_of_attorney",
        DigitalId = "digital_id",
    }
}

words! {
    /// Where a request stands.
    State {
        Received = "received",
        /// It is known who asks.
        Identified = "identified",
        InWork = "in_work",
        Answered = "answered",
        Refused = "refused",
    }
}

words! {
    /// Why a request was refused; the law of each is in `refusal_basis`.
    Refusal {
        NotIdentified = "not_identified",
        NotAuthorised = "not_authorised",
        /// A consent cannot be withdrawn while something is owed.
        Obligation = "obligation",
        KeptByLaw = "kept_by_law",
        NoData = "no_data",
        Unfounded = "unfounded",
    }
}

/// A request as it is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    pub kind: Kind,
    /// The number of the card; None when there is none.
    pub card: Option<i64>,
    pub way: Way,
    pub requester: Requester,
    /// The name, when it is not the patient's; else empty.
    pub applicant: String,
    /// Where the answer goes; empty for the patient's own.
    pub contact: String,
    pub wish: String,
    pub received_at: Timestamp,
    /// None when the identity is still to be checked.
    pub document: Option<IdentityDocument>,
}

/// A step to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    pub state: State,
    /// Of the check of identity.
    pub document: Option<IdentityDocument>,
    /// Of a refusal.
    pub refusal: Option<Refusal>,
    /// For the answer, in either language.
    pub note_ru: String,
    pub note_kk: String,
}

/// A step that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Step {
    pub state: State,
    pub document: Option<IdentityDocument>,
    #[sqlx(rename = "reason")]
    pub refusal: Option<Refusal>,
    /// The law that a refusal rests on; else empty.
    pub basis: String,
    /// The same in Kazakh; empty in answers from before there was one.
    pub basis_kk: String,
    pub note_ru: String,
    pub note_kk: String,
    pub at: Timestamp,
    /// The name of who made it.
    pub by_name: Option<String>,
}

/// A line of the register.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RequestRow {
    pub id: RequestId,
    pub number: i64,
    pub kind: Kind,
    pub patient_id: Option<PatientId>,
    /// The number of the card; None when there is none.
    pub card: Option<i64>,
    pub way: Way,
    pub requester: Requester,
    pub received_at: Timestamp,
    pub state: State,
    /// When it came there.
    pub moved_at: Timestamp,
}

/// What of the register is wanted; None means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: Option<Kind>,
    /// Neither answered nor refused.
    pub open: bool,
    pub card: Option<i64>,
}

impl State {
    pub fn is_final(self) -> bool {
        matches!(self, Self::Answered | Self::Refused)
    }

    /// Whether a request may go from here to there. Who asks is known before
    /// anything is done or told; a refusal is possible at any time.
    pub fn leads_to(self, next: Self) -> bool {
        match (self, next) {
            (Self::Received, Self::Identified)
            | (Self::Identified, Self::InWork)
            | (Self::InWork, Self::Answered) => true,
            (from, Self::Refused) => !from.is_final(),
            _ => false,
        }
    }
}

impl NewStep {
    /// A step with nothing to say.
    pub fn to(state: State) -> Self {
        Self {
            state,
            document: None,
            refusal: None,
            note_ru: String::new(),
            note_kk: String::new(),
        }
    }
}

impl Kind {
    /// Whether it is met by blocking what a law keeps.
    pub fn blocks(self) -> bool {
        matches!(self, Self::Blocking | Self::Destruction | Self::Withdrawal | Self::Objection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_answered_before_it_is_known_who_asks() {
        use State::{Answered, Identified, InWork, Received, Refused};
        assert!(Received.leads_to(Identified) && Identified.leads_to(InWork));
        assert!(InWork.leads_to(Answered));
        for (from, next) in [(Received, InWork), (Received, Answered), (Identified, Answered)] {
            assert!(!from.leads_to(next), "{from:?} to {next:?}");
        }
        for from in State::ALL {
            assert_eq!(from.leads_to(Refused), !from.is_final(), "{from:?}");
            assert!(!Answered.leads_to(*from) && !Refused.leads_to(*from));
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for document in IdentityDocument::ALL {
            assert_eq!(serde_json::to_value(document).unwrap(), document.name());
        }
        for refusal in Refusal::ALL {
            assert_eq!(serde_json::to_value(refusal).unwrap(), refusal.name());
        }
    }
}
