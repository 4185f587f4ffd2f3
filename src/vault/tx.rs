//! Changing and reading, each with its ledger event.

use std::collections::HashSet;

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::vault::actor::{Actor, Denied, Grant};
use crate::vault::event::{Event, Events, Subject};
use crate::vault::permission::{OpenEmergency, Permission, ViewBlocked};
use crate::vault::reach::Limited;
use crate::vault::space::{self, NoRoom};
use crate::vault::writer::{Open, Pending};
use crate::vault::{Vault, VaultError};

/// A life in danger opens what is blocked: `emergency` lets its holder in.
const BLOCKED: &str = "
    SELECT 1 FROM patient_block AS block
    WHERE block.patient_id = ?1 AND block.lifted_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM emergency_access AS access
        WHERE access.patient_id = ?1 AND access.staff_id = ?2 AND access.closed_at IS NULL
            AND access.opened_at <= ?3 AND ?3 < access.until_at)";

/// A change in the making: see [`Vault::change`].
pub struct Tx {
    open: Open,
    now: Timestamp,
}

/// Leave to read one patient's data, already in the ledger. Stores ask it
/// whose, so that what is read is what was logged.
pub struct Disclosure {
    connection: PoolConnection<Sqlite>,
    patient_id: PatientId,
}

/// Leave to read what is nobody's personal data: services, rooms, settings.
pub struct Reader {
    connection: PoolConnection<Sqlite>,
    pub(super) vault: Vault,
    /// Which version of the clinic's arrangement it reads, once it has asked.
    pub(super) arrangement: Option<i64>,
}

/// Leave to read many patients' rows, which are shown to nobody before it is
/// in the ledger whose they were: see [`Vault::list`].
pub struct Listing {
    connection: PoolConnection<Sqlite>,
    limited: Option<Limited>,
    now: Timestamp,
    /// Those whose rows the list promised to mask.
    masked: HashSet<PatientId>,
}

impl Vault {
    /// Makes one change: all that `work` does and its events, or, when `work`
    /// fails, nothing. Waits for its turn, and then for the disk. With little
    /// room on it, nothing changes: [`VaultError::Full`].
    ///
    /// Nothing can be changed without saying what happened:
    ///
    /// ```
    /// # use tirkeu::vault::{*, permission::EditPatient};
    /// async fn honest(vault: &Vault, grant: &Grant<EditPatient>) -> Result<(), VaultError> {
    ///     vault.change(grant, async |_tx| Ok(((), Event::new("a.done", Subject::Clinic)))).await
    /// }
    /// ```
    /// ```compile_fail
    /// # use tirkeu::vault::{*, permission::EditPatient};
    /// async fn secret(vault: &Vault, grant: &Grant<EditPatient>) -> Result<(), VaultError> {
    ///     vault.change(grant, async |_tx| Ok(())).await
    /// }
    /// ```
    pub async fn change<P, T, V, E>(
        &self,
        grant: &Grant<P>,
        work: impl AsyncFnOnce(&mut Tx) -> Result<(T, V), E>,
    ) -> Result<T, E>
    where
        P: Permission,
        V: Into<Events>,
        E: From<VaultError>,
    {
        if self.disk.is_short() && !space::goes_on::<P>() {
            return Err(VaultError::Full(NoRoom).into());
        }
        self.change_anyway(grant, work).await
    }

    /// As [`change`](Self::change), also when only the reserve of the disk is left.
    pub(super) async fn change_anyway<P, T, V, E>(
        &self,
        grant: &Grant<P>,
        work: impl AsyncFnOnce(&mut Tx) -> Result<(T, V), E>,
    ) -> Result<T, E>
    where
        P: Permission,
        V: Into<Events>,
        E: From<VaultError>,
    {
        let mut tx = Tx { open: self.writer.begin().await?, now: self.clock.now() };
        match work(&mut tx).await {
            Ok((outcome, events)) => {
                let events = events.into();
                if let Some(patient) = tx.beyond(&grant.actor, &events).await? {
                    tx.open.undo().await;
                    return Err(self.refuse_beyond::<P>(&grant.actor, patient).await?.into());
                }
                tx.keep(&grant.actor, P::NAME, events).await?.committed().await?;
                Ok(outcome)
            }
            Err(error) => {
                tx.open.undo().await;
                Err(error)
            }
        }
    }

    /// Writes events that change nothing else: a denial, a sign-in that failed,
    /// a look. On the disk when this returns.
    pub async fn record<P: Permission>(
        &self,
        grant: &Grant<P>,
        events: impl Into<Events>,
    ) -> Result<(), VaultError> {
        let events = events.into();
        self.change_anyway(grant, async |_| Ok(((), events))).await
    }

    /// Writes down that an actor tried what their role may not do.
    pub async fn record_denial(&self, actor: &Actor, denied: &Denied) -> Result<(), VaultError> {
        let event = Event::new("permission.denied", Subject::Clinic);
        self.write_down(actor, denied.permission, event).await
    }

    /// One event and nothing else, whoever it is about.
    pub(super) async fn write_down(
        &self,
        actor: &Actor,
        permission: &'static str,
        event: Event,
    ) -> Result<(), VaultError> {
        let tx = Tx { open: self.writer.begin().await?, now: self.clock.now() };
        tx.keep(actor, permission, event.into()).await?.committed().await
    }

    /// Opens one patient's data. Logs first: a logged look that never happened
    /// misleads nobody, an unlogged one that did is a breach. Looks of one
    /// session at one patient within the hour are one entry.
    ///
    /// # Errors
    /// [`VaultError::OutOfReach`] when the actor sees their own patients only
    /// and this is not one.
    /// [`VaultError::Blocked`] when the patient's data is blocked and the actor
    /// is not among those who answer for it (law 94-V art. 25).
    pub async fn disclose<P: Permission>(
        &self,
        grant: &Grant<P>,
        patient_id: PatientId,
    ) -> Result<Disclosure, VaultError> {
        if let Some(limited) = Limited::of(&grant.actor) {
            let mut connection = self.readers.acquire().await?;
            let now = self.clock.now();
            if !limited.beyond(&mut connection, &[patient_id], now).await?.is_empty() {
                drop(connection);
                return Err(self.refuse_beyond::<P>(&grant.actor, patient_id).await?);
            }
        }
        if !grant.actor.may::<ViewBlocked>() && self.is_blocked(&grant.actor, patient_id).await? {
            let denied = Denied { permission: ViewBlocked::NAME };
            self.record_denial(&grant.actor, &denied).await?;
            let emergency = grant.actor.may::<OpenEmergency>();
            return Err(VaultError::Blocked { patient: patient_id, emergency });
        }
        self.log_sighting(grant, "patient.viewed", vec![patient_id]).await?;
        Ok(Disclosure { connection: self.readers.acquire().await?, patient_id })
    }

    /// Whether a block stands in the actor's way. The connection goes back
    /// before the ledger is written: nobody holds a reader while waiting for
    /// the disk.
    async fn is_blocked(&self, actor: &Actor, patient: PatientId) -> Result<bool, VaultError> {
        let mut connection = self.readers.acquire().await?;
        let query = sqlx::query_scalar(BLOCKED).bind(patient).bind(actor.staff());
        let query = query.bind(self.clock.now());
        let found: Option<i64> = query.fetch_optional(&mut *connection).await?;
        Ok(found.is_some())
    }

    /// Reads many patients' rows for one screen: `work` gives the rows and
    /// whose they are, and they leave once that is in the ledger. `screen` is a
    /// `noun.verb` such as `schedule.viewed`. Repeated sightings of one patient
    /// by one session on one screen within the hour are one entry.
    ///
    /// A list for somebody who sees their own patients only leaves the others
    /// out, or masks them: see [`Listing::beyond`].
    ///
    /// Rows without their people do not compile:
    ///
    /// ```compile_fail
    /// # use tirkeu::vault::{*, permission::FindPatients};
    /// async fn secret(vault: &Vault, grant: &Grant<FindPatients>) -> Result<u8, VaultError> {
    ///     vault.list(grant, "patients.found", async |_listing| Ok(1)).await
    /// }
    /// ```
    pub async fn list<P, T, E>(
        &self,
        grant: &Grant<P>,
        screen: &'static str,
        work: impl AsyncFnOnce(&mut Listing) -> Result<(T, Vec<PatientId>), E>,
    ) -> Result<T, E>
    where
        P: Permission,
        E: From<VaultError>,
    {
        let connection = self.readers.acquire().await.map_err(VaultError::from)?;
        let limited = Limited::of(&grant.actor);
        let (now, masked) = (self.clock.now(), HashSet::new());
        let mut listing = Listing { connection, limited, now, masked };
        let (rows, patients) = work(&mut listing).await?;
        if let Some(patient) = listing.unmasked_beyond(&patients).await? {
            drop(listing);
            return Err(self.refuse_beyond::<P>(&grant.actor, patient).await?.into());
        }
        drop(listing);
        self.log_sighting(grant, screen, patients).await?;
        Ok(rows)
    }

    /// Reads what is nobody's personal data.
    pub async fn read<P: Permission>(&self, _grant: &Grant<P>) -> Result<Reader, VaultError> {
        let connection = self.readers.acquire().await?;
        Ok(Reader { connection, vault: self.clone(), arrangement: None })
    }

    async fn log_sighting<P: Permission>(
        &self,
        grant: &Grant<P>,
        action: &'static str,
        patients: Vec<PatientId>,
    ) -> Result<(), VaultError> {
        let now = self.clock.now();
        let unseen = self.sightings.unseen(&grant.actor, action, patients, now);
        let subject = match unseen.as_slice() {
            [] => return Ok(()),
            [one] => Subject::Patient(*one),
            _ => Subject::Patients(unseen.clone()),
        };
        self.write_down(&grant.actor, P::NAME, Event::new(action, subject)).await?;
        self.sightings.remember(&grant.actor, action, &unseen, now);
        Ok(())
    }
}

impl Tx {
    /// The time of this change: the same for every row it writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Does `work` inside this change, or, when a rule of the schema forbids it
    /// (something still refers to a row, say), nothing of it: None then.
    pub async fn attempt<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<Option<T>, VaultError> {
        sqlx::query("SAVEPOINT attempt").execute(self.sql()).await?;
        match work(self).await {
            Ok(outcome) => {
                sqlx::query("RELEASE attempt").execute(self.sql()).await?;
                Ok(Some(outcome))
            }
            Err(error) => {
                sqlx::query("ROLLBACK TO attempt").execute(self.sql()).await?;
                sqlx::query("RELEASE attempt").execute(self.sql()).await?;
                if error.violation().is_some() { Ok(None) } else { Err(error) }
            }
        }
    }

    /// For `store` modules.
    pub(crate) fn sql(&mut self) -> &mut SqliteConnection {
        self.open.connection()
    }

    /// Somebody whom these events are about and whom the actor does not reach.
    async fn beyond(
        &mut self,
        actor: &Actor,
        events: &Events,
    ) -> Result<Option<PatientId>, VaultError> {
        let Some(limited) = Limited::of(actor) else { return Ok(None) };
        let whose: Vec<PatientId> = events.0.iter().flat_map(Event::patients).copied().collect();
        let beyond = limited.beyond(self.open.connection(), &whose, self.now).await?;
        Ok(beyond.into_iter().next())
    }

    async fn keep(
        mut self,
        actor: &Actor,
        permission: &'static str,
        events: Events,
    ) -> Result<Pending, VaultError> {
        let mut topics = Vec::new();
        for mut event in events.0 {
            topics.append(&mut event.topics);
            if let Err(error) = self.open.append(actor, permission, self.now, &event).await {
                self.open.undo().await;
                return Err(error);
            }
        }
        self.open.keep(topics).await
    }
}

impl Disclosure {
    pub fn patient_id(&self) -> PatientId {
        self.patient_id
    }

    /// For `store` modules.
    pub(crate) fn sql(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Reader {
    /// For `store` modules.
    pub(crate) fn sql(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Listing {
    /// Those of `patients` whom the reader does not reach: their rows leave out
    /// or mask what tells who they are and what they come for.
    pub async fn beyond(
        &mut self,
        patients: &[PatientId],
    ) -> Result<HashSet<PatientId>, VaultError> {
        let Some(limited) = self.limited else { return Ok(HashSet::new()) };
        let beyond = limited.beyond(&mut self.connection, patients, self.now).await?;
        self.masked.extend(&beyond);
        Ok(beyond)
    }

    /// Somebody whose row would leave unmasked although they are out of reach.
    async fn unmasked_beyond(
        &mut self,
        patients: &[PatientId],
    ) -> Result<Option<PatientId>, VaultError> {
        let Some(limited) = self.limited else { return Ok(None) };
        let open: Vec<PatientId> =
            patients.iter().filter(|id| !self.masked.contains(id)).copied().collect();
        let beyond = limited.beyond(&mut self.connection, &open, self.now).await?;
        Ok(beyond.into_iter().next())
    }

    /// For `store` modules.
    pub(crate) fn sql(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}
