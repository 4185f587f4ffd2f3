//! Whose data an actor reaches who does not hold `patients.everybody`: a doctor
//! opens the cards of their own patients (SECURITY.md 5.1, the A of the matrix).
//!
//! Who is one's own patient is said by the schema's view `patient_in_reach`;
//! here it is asked, before a card is opened and before a change is kept.

use std::collections::HashSet;

use sqlx::SqliteConnection;

use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId};
use crate::vault::actor::Actor;
use crate::vault::permission::{Permission, ReachEverybody};
use crate::vault::{Event, Subject, Vault, VaultError};

/// Of the people in a JSON list, those who exist and are out of reach.
const BEYOND: &str = "
    SELECT patient.id FROM patient
    WHERE patient.id IN (SELECT value FROM json_each(?3)) AND NOT EXISTS (
        SELECT 1 FROM patient_in_reach AS reach
        WHERE reach.staff_id = ?1 AND reach.patient_id = patient.id
            AND reach.since <= ?2 AND ?2 < reach.until)";

/// Somebody whose reach is limited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limited(StaffId);

impl Limited {
    /// None when the actor reaches everybody.
    pub(super) fn of(actor: &Actor) -> Option<Self> {
        if actor.may::<ReachEverybody>() { None } else { actor.staff().map(Self) }
    }

    /// Those of `patients` whose data this person does not reach now.
    pub(super) async fn beyond(
        self,
        connection: &mut SqliteConnection,
        patients: &[PatientId],
        now: Timestamp,
    ) -> Result<HashSet<PatientId>, VaultError> {
        if patients.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<String> = patients.iter().map(ToString::to_string).collect();
        let query = sqlx::query_scalar(BEYOND).bind(self.0).bind(now.rfc3339());
        let found = query.bind(serde_json::json!(ids).to_string()).fetch_all(connection).await?;
        Ok(found.into_iter().collect())
    }
}

impl Vault {
    /// Refuses a look at somebody out of reach, and writes down that it was tried.
    pub(super) async fn refuse_beyond<P: Permission>(
        &self,
        actor: &Actor,
        patient: PatientId,
    ) -> Result<VaultError, VaultError> {
        let event = Event::new("permission.denied", Subject::Patient(patient));
        self.write_down(actor, P::NAME, event.because("not_own_patient")).await?;
        Ok(VaultError::OutOfReach(patient))
    }
}
