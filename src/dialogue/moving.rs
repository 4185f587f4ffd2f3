//! Another time for a visit that stands already, in the chat where its message is:
//! the nearest free times with the same doctor, by the rules of the link.

use super::asking::Shown;
use super::model::Talk;
use super::turning::{Hearing, LINK, MOVED, Next};
use super::words::{self, Before};
use crate::booking::{self, BookingError};
use crate::conversations;
use crate::ids::{AppointmentId, MessageId};
use crate::messaging::speaking::{self, NewLine, Spoken};
use crate::messaging::{About, setup};
use crate::reminders::{self, Token};
use crate::replies;
use crate::vault::permission::AnswerAppointment;
use crate::vault::{Event, Grant, Subject, VaultError};

/// So many times are offered.
const OFFERED: usize = 24;

impl Hearing<'_> {
    fn answering(&self) -> Result<Grant<AnswerAppointment>, VaultError> {
        self.grant.actor().grant().map_err(|_| VaultError::NotStaff)
    }

    /// Asks where to the visit of a message is to move. None when that is for the
    /// link or for a person: there are several, it is too late, the doctor is away,
    /// or nothing is free.
    pub(super) async fn offer(&mut self, message: MessageId) -> Result<Option<Next>, VaultError> {
        let found = replies::movable(self.clinic, message, &self.spoken.phone).await?;
        let Some((visit, language)) = found else { return Ok(None) };
        self.language = language;
        let talk = Talk::moving(visit);
        let shown = self.shown(&talk).await?;
        if shown.facts.moments.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.ask(talk, &shown, Before::Nothing)))
    }

    /// When the visit stands, and where to it may move.
    pub(super) async fn look_around(
        &self,
        visit: AppointmentId,
        shown: &mut Shown,
    ) -> Result<(), VaultError> {
        let grant = self.answering()?;
        let standing = match booking::answering(self.clinic, &grant, visit).await {
            Ok(standing) => standing.filter(|one| !one.away),
            Err(BookingError::Vault(error)) => return Err(error),
            Err(_) => None,
        };
        let Some(standing) = standing else { return Ok(()) };
        shown.stands = Some(standing.starts);
        shown.facts.link = setup::links(self.clinic, &grant).await?;
        if !reminders::may_change(self.clinic, &grant, visit).await? {
            return Ok(());
        }
        shown.facts.moments = match booking::answer_alike(self.clinic, &grant, visit, OFFERED).await
        {
            Ok(free) => free.iter().map(|slot| slot.starts).collect(),
            Err(BookingError::Vault(error)) => return Err(error),
            Err(_) => Vec::new(),
        };
        Ok(())
    }

    /// Moves it. Heard twice, it is moved once.
    pub(super) async fn move_to(&self, talk: Talk) -> Result<Next, VaultError> {
        let (Some(visit), Some(starts)) = (talk.visit, talk.starts) else {
            return Ok(self.person());
        };
        let grant = self.answering()?;
        if !reminders::may_change(self.clinic, &grant, visit).await? {
            return Ok(self.too_late());
        }
        self.will_tell(&reminders::about_move(visit, starts, None)).await?;
        match booking::answer_move(self.clinic, &grant, visit, starts, None).await {
            Ok(moved) => {
                let text = words::when(self.clinic, self.language, "dialogue-moved", Some(starts));
                let about = reminders::about_move(visit, starts, Some(moved.now.version));
                Ok(Next { about: Some(about), ..self.end(MOVED, text, Vec::new()) })
            }
            Err(BookingError::Vault(error)) => Err(error),
            Err(
                BookingError::Taken(_)
                | BookingError::OffShift(_)
                | BookingError::OddTime
                | BookingError::Impossible
                | BookingError::Changed(_),
            ) => {
                let talk = Talk::moving(visit);
                let shown = self.shown(&talk).await?;
                Ok(self.ask(talk, &shown, Before::Lost))
            }
            // It was cancelled, is under way, or that time has passed.
            Err(_) => Ok(self.too_late()),
        }
    }

    /// Says before the visit moves that this chat is about to tell of it: the usual
    /// message waits for what becomes of that.
    async fn will_tell(&self, about: &About) -> Result<(), VaultError> {
        let Spoken { id: heard, channel, phone, at, .. } = self.spoken;
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let id = conversations::spoken_in(tx, *channel, phone.as_str(), *at).await?;
                let conversation = &id.to_string();
                let about = Some(about);
                let line = NewLine { conversation, heard, text: "", choices: &[], about };
                speaking::put_in(tx, line).await?;
                Ok::<_, VaultError>(((), Event::new("dialogue.moving", Subject::Clinic)))
            })
            .await
    }

    fn too_late(&self) -> Next {
        Next { text: self.say("dialogue-move-late"), ..self.person() }
    }

    /// All other times stand on the page of a link.
    pub(super) async fn link(&self, talk: &Talk) -> Result<Next, VaultError> {
        let Some(visit) = talk.visit else { return Ok(self.person()) };
        let token = Token::generate(&self.clinic.random);
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                reminders::link_in(tx, self.clinic, &token, visit, self.language).await?;
                let event = Event::new("dialogue.linked", Subject::Clinic);
                Ok::<_, VaultError>(((), event.on("appointment", visit)))
            })
            .await?;
        let link = format!("{}/m/{}/move", self.clinic.places.public_url, token.as_str());
        let words = self.clinic.pages.words();
        let text =
            words.with(self.language, "dialogue-move-link", &[("link", link.as_str().into())]);
        let secret = Some(token.as_str().to_owned());
        Ok(Next { secret, ..self.end(LINK, text, Vec::new()) })
    }
}
