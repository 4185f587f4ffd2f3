//! What the dates of a series look like before anything is booked: free, or
//! refused by which rules and with which times instead.

use crate::booking::BookingError;
use crate::booking::series::model::{Choice, Pick, Rhythm};
use crate::booking::slots::FreeSlot;
use crate::booking::why::{Question, Reasons, Rule, why};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{ResourceId, ServiceId};
use crate::vault::Grant;
use crate::vault::permission::ViewClinic;

/// What is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Repeated {
    pub service_id: ServiceId,
    /// None: any who does it.
    pub doctor_id: Option<ResourceId>,
    pub starts: Civil,
    pub minutes: i64,
}

/// One date of a series.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Of the whole series; the first visit is number one.
    pub number: i64,
    /// The time that the rhythm gives.
    pub starts: Civil,
    /// Whether that time is over.
    pub past: bool,
    /// Who could do it then; None when it is refused.
    pub doctor_id: Option<ResourceId>,
    /// What refuses it, doctor by doctor.
    pub refused: Vec<(ResourceId, Vec<Rule>)>,
    /// The nearest times instead, when it is refused.
    pub instead: Vec<FreeSlot>,
    /// What is chosen: the time itself while it is free, until somebody says otherwise.
    pub chosen: Option<Choice>,
    /// Whether what was chosen before is no longer free.
    pub lost: bool,
}

/// Looks at each date of a series with what was chosen for it so far.
///
/// # Errors
/// [`BookingError::NoSuch`] when there is no such service or it is no longer done.
pub async fn plan(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    what: &Repeated,
    rhythm: Rhythm,
    chosen: impl Fn(i64) -> Option<Choice>,
) -> Result<Vec<Planned>, BookingError> {
    let mut dates = Vec::new();
    for (number, starts) in rhythm.after(what.starts) {
        let reasons = asked(clinic, grant, what, what.doctor_id, starts).await?;
        let mut date = Planned::of(number, starts, reasons);
        match chosen(number) {
            None => {}
            Some(Choice::At(pick)) if !date.offers(pick) => {
                date.take(clinic, grant, what, pick).await?;
            }
            choice => date.chosen = choice,
        }
        dates.push(date);
    }
    Ok(dates)
}

async fn asked(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    what: &Repeated,
    doctor_id: Option<ResourceId>,
    starts: Civil,
) -> Result<Reasons, BookingError> {
    let question = Question {
        service_id: what.service_id,
        doctor_id,
        place_id: None,
        starts,
        minutes: Some(what.minutes),
    };
    why(clinic, grant, &question).await
}

/// The first doctor whom no rule refuses.
fn free(reasons: &Reasons) -> Option<ResourceId> {
    let mut doctors = reasons.doctors.iter();
    let found = doctors.find(|(_, rules)| !rules.iter().any(Rule::refuses));
    found.filter(|_| !reasons.past).map(|(id, _)| *id)
}

impl Planned {
    fn of(number: i64, starts: Civil, reasons: Reasons) -> Self {
        let doctor_id = free(&reasons);
        let own = doctor_id.map(|doctor_id| Choice::At(Pick { starts, doctor_id }));
        let refused = doctor_id.is_none();
        Self {
            number,
            starts,
            past: reasons.past,
            doctor_id,
            refused: if refused { reasons.doctors } else { Vec::new() },
            instead: if refused { reasons.nearest } else { Vec::new() },
            chosen: own,
            lost: false,
        }
    }

    /// Whether that time is among those that are shown.
    fn offers(&self, pick: Pick) -> bool {
        let own = self.doctor_id == Some(pick.doctor_id) && self.starts == pick.starts;
        let listed =
            |slot: &FreeSlot| slot.starts == pick.starts && slot.doctor_id == pick.doctor_id;
        own || self.instead.iter().any(listed)
    }

    /// A time that was offered before: kept while it is free, lost otherwise.
    async fn take(
        &mut self,
        clinic: &Clinic,
        grant: &Grant<ViewClinic>,
        what: &Repeated,
        pick: Pick,
    ) -> Result<(), BookingError> {
        let reasons = asked(clinic, grant, what, Some(pick.doctor_id), pick.starts).await?;
        if free(&reasons).is_none() {
            self.lose();
            return Ok(());
        }
        let Pick { starts, doctor_id } = pick;
        self.instead.push(FreeSlot {
            starts,
            minutes: what.minutes,
            doctor_id,
            others: Vec::new(),
        });
        self.instead.sort_by_key(|slot| slot.starts);
        self.chosen = Some(Choice::At(pick));
        Ok(())
    }

    /// What was chosen is gone: somebody must choose again.
    pub fn lose(&mut self) {
        self.chosen = None;
        self.lost = true;
    }
}
