//! What others add to the outbox: whether a message is still true, and who is given
//! what people write, press and take back.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::ids::PatientId;
use crate::messaging::buttons::{Effect, Pressed};
use crate::messaging::hearing::Inbound;
use crate::messaging::model::{About, Channel, Due};
use crate::messaging::speaking::{Answered, Spoken};
use crate::messaging::text::Purpose;
use crate::vault::{Tx, VaultError};

/// Whether a message is still to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Send,
    /// It is no longer true or wanted, for the reason with this code.
    Withhold(&'static str),
    /// It is not known yet: it is asked again then.
    Later(Timestamp),
}

/// An answer to come.
pub type Answer<'t> = Pin<Box<dyn Future<Output = Result<Verdict, VaultError>> + Send + 't>>;
type Check = Arc<dyn for<'t> Fn(&'t mut Tx, &'t About) -> Answer<'t> + Send + Sync>;
type Listener = Arc<dyn for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync>;
/// Whether what somebody wrote is kept: until then it is brought again.
pub type Kept<'t> = Pin<Box<dyn Future<Output = Result<(), VaultError>> + Send + 't>>;
/// What came of a button.
pub type Effected<'t> = Pin<Box<dyn Future<Output = Result<Effect, VaultError>> + Send + 't>>;
type Presser = Arc<dyn for<'t> Fn(&'t Clinic, &'t Pressed) -> Effected<'t> + Send + Sync>;
/// What is answered to something that belonged to a conversation; none: it did not.
pub type Taken<'t> =
    Pin<Box<dyn Future<Output = Result<Option<Answered>, VaultError>> + Send + 't>>;
type Talker = Arc<dyn for<'t> Fn(&'t Clinic, &'t Spoken) -> Taken<'t> + Send + Sync>;
type Joiner = Arc<dyn for<'t> Fn(&'t Clinic, &'t Introduced) -> Kept<'t> + Send + Sync>;
type Round = Arc<dyn for<'t> Fn(&'t Clinic) -> Kept<'t> + Send + Sync>;
type ToWhom = Arc<dyn for<'t> Fn(&'t mut Tx, PatientId) -> Answer<'t> + Send + Sync>;

/// Whose telephone a messenger has said that is whom it called by a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduced {
    pub channel: Channel,
    pub handle: String,
    pub phone: Phone,
}

/// Who is asked, just before it leaves, whether a message is still true:
/// connected in `app`, by purpose and by whom it goes to. Asked inside the
/// transaction that takes the message.
#[derive(Clone, Default)]
pub struct Hooks {
    still: HashMap<Purpose, Check>,
    to: Vec<ToWhom>,
    inbound: Option<Listener>,
    taken_back: Option<Listener>,
    answered: Option<Listener>,
    introduced: Option<Joiner>,
    pressed: Option<Presser>,
    spoken: Option<Talker>,
    each_minute: Option<Round>,
}

impl Hooks {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn before<F>(mut self, purpose: Purpose, check: F) -> Self
    where
        F: for<'t> Fn(&'t mut Tx, &'t About) -> Answer<'t> + Send + Sync + 'static,
    {
        self.still.insert(purpose, Arc::new(check));
        self
    }

    /// Asked of every message to a patient, whatever it is about.
    #[must_use]
    pub fn to<F>(mut self, check: F) -> Self
    where
        F: for<'t> Fn(&'t mut Tx, PatientId) -> Answer<'t> + Send + Sync + 'static,
    {
        self.to.push(Arc::new(check));
        self
    }

    /// Who is given what people write back.
    #[must_use]
    pub fn on_inbound<F>(mut self, take: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync + 'static,
    {
        self.inbound = Some(Arc::new(take));
        self
    }

    /// Who forgets what somebody wrote and took back.
    #[must_use]
    pub fn on_taken_back<F>(mut self, forget: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync + 'static,
    {
        self.taken_back = Some(Arc::new(forget));
        self
    }

    /// Who notes what the clinic answered past this program, in the messenger itself.
    #[must_use]
    pub fn on_answered<F>(mut self, note: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync + 'static,
    {
        self.answered = Some(Arc::new(note));
        self
    }

    /// Who joins what somebody wrote before their number was known.
    #[must_use]
    pub fn on_introduced<F>(mut self, join: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Introduced) -> Kept<'t> + Send + Sync + 'static,
    {
        self.introduced = Some(Arc::new(join));
        self
    }

    /// Who does what the buttons under a message say.
    #[must_use]
    pub fn on_press<F>(mut self, press: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Pressed) -> Effected<'t> + Send + Sync + 'static,
    {
        self.pressed = Some(Arc::new(press));
        self
    }

    /// Who holds conversations in chats, and is asked first whether something said
    /// there belongs to one.
    #[must_use]
    pub fn on_spoken<F>(mut self, speak: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Spoken) -> Taken<'t> + Send + Sync + 'static,
    {
        self.spoken = Some(Arc::new(speak));
        self
    }

    /// Who counts what became of answers: gateways tell of it at any time.
    #[must_use]
    pub fn each_minute<F>(mut self, count: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic) -> Kept<'t> + Send + Sync + 'static,
    {
        self.each_minute = Some(Arc::new(count));
        self
    }

    pub(super) async fn count(&self, clinic: &Clinic) -> Result<(), VaultError> {
        match &self.each_minute {
            Some(count) => count(clinic).await,
            None => Ok(()),
        }
    }

    pub(super) async fn press(
        &self,
        clinic: &Clinic,
        pressed: &Pressed,
    ) -> Result<Effect, VaultError> {
        match &self.pressed {
            Some(press) => press(clinic, pressed).await,
            None => Ok(Effect::Over),
        }
    }

    /// Nobody holds a conversation: then it belongs to none.
    pub(super) async fn speak(
        &self,
        clinic: &Clinic,
        spoken: &Spoken,
    ) -> Result<Option<Answered>, VaultError> {
        match &self.spoken {
            Some(speak) => speak(clinic, spoken).await,
            None => Ok(None),
        }
    }

    /// Whether somebody holds conversations.
    pub(super) fn can_talk(&self) -> bool {
        self.spoken.is_some()
    }

    /// Nobody listens: then it is forgotten.
    pub(super) async fn give(&self, clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
        match &self.inbound {
            Some(take) => take(clinic, said).await,
            None => Ok(()),
        }
    }

    pub(super) async fn take_back(
        &self,
        clinic: &Clinic,
        said: &Inbound,
    ) -> Result<(), VaultError> {
        match &self.taken_back {
            Some(forget) => forget(clinic, said).await,
            None => Ok(()),
        }
    }

    pub(super) async fn introduce(
        &self,
        clinic: &Clinic,
        known: &Introduced,
    ) -> Result<(), VaultError> {
        match &self.introduced {
            Some(join) => join(clinic, known).await,
            None => Ok(()),
        }
    }

    /// `from` of it is whom it went to.
    pub(super) async fn answered(&self, clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
        match &self.answered {
            Some(note) => note(clinic, said).await,
            None => Ok(()),
        }
    }

    pub(super) async fn ask(&self, tx: &mut Tx, due: &Due) -> Result<Verdict, VaultError> {
        // What it is about first: of several people in one message the others may be
        // decided anew there.
        if let Some(check) = self.still.get(&due.purpose) {
            let verdict = check(tx, &due.about).await?;
            if verdict != Verdict::Send {
                return Ok(verdict);
            }
        }
        if let Some(patient) = due.patient_id {
            for check in &self.to {
                let verdict = check(tx, patient).await?;
                if verdict != Verdict::Send {
                    return Ok(verdict);
                }
            }
        }
        Ok(Verdict::Send)
    }
}
