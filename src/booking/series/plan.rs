//! What the dates of a series look like before anything is booked: free, or
//! refused by which rules and with which times instead.

use crate::booking::BookingError;
use crate::booking::making::now;
use crate::booking::series::model::{Choice, Pick, Rhythm, crowded};
use crate::booking::series::near;
use crate::booking::slots::FreeSlot;
use crate::booking::store::{self, Terms};
use crate::booking::supply::{Wish, supply};
use crate::booking::why::{Question, Reasons, Rule, why_without};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::{AppointmentId, ResourceId, ServiceId};
use crate::vault::permission::ViewClinic;
use crate::vault::{Grant, VaultError};

/// What is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Repeated {
    pub service_id: ServiceId,
    /// None: any who does it.
    pub doctor_id: Option<ResourceId>,
    pub minutes: i64,
}

/// Visits that are to be found a time for.
#[derive(Clone, Debug)]
pub struct Course {
    pub what: Repeated,
    /// Each visit's number in its series, and the time it would have.
    pub dates: Vec<(i64, Civil)>,
    /// Days of the series' visits that stay where they are.
    pub days: Vec<Day>,
    /// Whose places count as free, because they are left.
    pub leaving: Vec<AppointmentId>,
}

impl Course {
    /// What follows a first visit.
    pub fn after(first: Civil, what: Repeated, rhythm: Rhythm) -> Self {
        let dates = rhythm.after(first).collect();
        Self { what, dates, days: vec![first.day()], leaving: Vec::new() }
    }

    /// Days that belong to some visit, as things are asked for.
    pub(super) fn taken(&self) -> Vec<Day> {
        let asked = self.dates.iter().map(|(_, starts)| starts.day());
        self.days.iter().copied().chain(asked).collect()
    }
}

/// What is wrong with what was chosen for a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is no longer free.
    Lost,
    /// Another visit of the series is on that day.
    SameDay,
}

/// One date of a series.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Of the whole series; the first visit is number one.
    pub number: i64,
    /// The time that was asked for.
    pub starts: Civil,
    /// Whether that time is over.
    pub past: bool,
    /// Who could do it then; None when it is refused.
    pub doctor_id: Option<ResourceId>,
    /// What refuses it, doctor by doctor.
    pub refused: Vec<(ResourceId, Vec<Rule>)>,
    /// Times instead, when it is refused.
    pub instead: Vec<FreeSlot>,
    /// What is chosen: the time itself while it is free, until somebody says otherwise.
    pub chosen: Option<Choice>,
    pub trouble: Option<Trouble>,
}

/// Looks at each date of a series with what was chosen for it so far.
///
/// # Errors
/// [`BookingError::NoSuch`] when there is no such service or it is no longer done.
pub async fn plan(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    course: &Course,
    chosen: impl Fn(i64) -> Option<Choice>,
) -> Result<Vec<Planned>, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, Some(course.what.service_id)).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    drop(reader);
    let look = Look { clinic, grant, course, terms, now: now(clinic) };
    let mut dates = Vec::new();
    for (number, starts) in &course.dates {
        let mut date = look.at(*number, *starts).await?;
        match chosen(*number) {
            None => {}
            Some(Choice::At(pick)) if !date.offers(pick) => look.take(&mut date, pick).await?,
            choice => date.chosen = choice,
        }
        dates.push(date);
    }
    while let Some(number) = crowded(&course.days, &picked(&dates)) {
        refuse(&mut dates, number, Trouble::SameDay);
    }
    Ok(dates)
}

/// The dates for which a time is chosen.
pub fn picked(dates: &[Planned]) -> Vec<(i64, Pick)> {
    let pick = |date: &Planned| match date.chosen? {
        Choice::At(pick) => Some((date.number, pick)),
        Choice::Out => None,
    };
    dates.iter().filter_map(pick).collect()
}

/// What was chosen for a date will not do: somebody must choose again.
pub fn refuse(dates: &mut [Planned], number: i64, trouble: Trouble) {
    dates.iter_mut().filter(|date| date.number == number).for_each(|date| date.refuse(trouble));
}

/// All that looking at one date after another needs.
pub(super) struct Look<'a> {
    pub clinic: &'a Clinic,
    pub grant: &'a Grant<ViewClinic>,
    pub course: &'a Course,
    pub terms: Terms,
    pub now: Civil,
}

impl Look<'_> {
    /// A time as it is asked for: free for whom, or refused and why.
    async fn at(&self, number: i64, starts: Civil) -> Result<Planned, BookingError> {
        let what = &self.course.what;
        let free = self.first_free(&[starts], what.doctor_id, 1).await?;
        let mut date = Planned {
            number,
            starts,
            past: starts < self.now,
            doctor_id: free.first().map(|slot| slot.doctor_id),
            refused: Vec::new(),
            instead: Vec::new(),
            chosen: None,
            trouble: None,
        };
        if let Some(doctor_id) = date.doctor_id {
            date.chosen = Some(Choice::At(Pick { starts, doctor_id }));
            return Ok(date);
        }
        let Reasons { doctors, nearest, .. } = self.why(starts).await?;
        date.refused = doctors;
        date.instead = near::instead(self, starts, nearest).await?;
        Ok(date)
    }

    async fn why(&self, starts: Civil) -> Result<Reasons, BookingError> {
        let what = &self.course.what;
        let question = Question {
            service_id: what.service_id,
            doctor_id: what.doctor_id,
            place_id: None,
            starts,
            minutes: Some(what.minutes),
        };
        why_without(self.clinic, self.grant, &question, &self.course.leaving).await
    }

    /// Those of some times that are free, in their order and no more than so many.
    pub(super) async fn first_free(
        &self,
        times: &[Civil],
        doctor_id: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<FreeSlot>, VaultError> {
        let days = times.iter().filter(|starts| self.now <= **starts).map(|starts| starts.day());
        let Some((first, last)) = days.clone().min().zip(days.max()) else { return Ok(Vec::new()) };
        let minutes = self.course.what.minutes;
        let wish = |starts| Wish {
            starts,
            minutes: Some(minutes),
            doctor_id,
            place_id: None,
            rather: None,
        };
        let mut reader = self.clinic.vault.read(self.grant).await?;
        let asked = wish(times[0]);
        let leaving = &self.course.leaving;
        let supply = supply(&mut reader, (first, last), &self.terms, &asked, leaving).await?;
        let slot = |starts: &Civil| {
            let fit = supply.fit(&self.terms, &wish(*starts)).ok()?;
            let doctor_id = fit.place.doctor_id?;
            Some(FreeSlot { starts: *starts, minutes, doctor_id, others: Vec::new() })
        };
        let ahead = times.iter().filter(|starts| self.now <= **starts);
        Ok(ahead.filter_map(slot).take(limit).collect())
    }

    /// A time that was offered before: kept while it is free, lost otherwise.
    async fn take(&self, date: &mut Planned, pick: Pick) -> Result<(), BookingError> {
        let free = self.first_free(&[pick.starts], Some(pick.doctor_id), 1).await?;
        if free.is_empty() {
            date.refuse(Trouble::Lost);
            return Ok(());
        }
        date.instead.extend(free);
        date.instead.sort_by_key(|slot| slot.starts);
        date.chosen = Some(Choice::At(pick));
        Ok(())
    }
}

impl Planned {
    /// What was chosen will not do: somebody must choose again.
    pub fn refuse(&mut self, trouble: Trouble) {
        self.chosen = None;
        self.trouble = Some(trouble);
    }

    /// Whether that time is among those that are shown.
    pub(super) fn offers(&self, pick: Pick) -> bool {
        let own = self.doctor_id == Some(pick.doctor_id) && self.starts == pick.starts;
        let listed =
            |slot: &FreeSlot| slot.starts == pick.starts && slot.doctor_id == pick.doctor_id;
        own || self.instead.iter().any(listed)
    }
}
