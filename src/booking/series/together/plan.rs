//! Where the parts of an errand fit on its day, one after another, each with
//! what the earlier ones take up.

use crate::booking::BookingError;
use crate::booking::making::now;
use crate::booking::model::STEP;
use crate::booking::series::model::{Choice, Pick};
use crate::booking::series::plan::{Planned, Trouble};
use crate::booking::series::together::model::{Part, Placing, Whereabouts, closest};
use crate::booking::series::together::store::spans;
use crate::booking::slots::{FreeSlot, Span};
use crate::booking::store::{self, Terms, midnight};
use crate::booking::supply::{Fit, Supply, Wish, supply};
use crate::booking::why::{Question, why};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{PatientId, ResourceId};
use crate::vault::Grant;
use crate::vault::permission::Book;

/// How many other times are offered for a part.
const OTHERS: usize = 4;

/// The open visit.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    pub patient_id: PatientId,
    pub starts: Civil,
    pub ends: Civil,
}

/// One part with its time.
#[derive(Clone, Debug)]
pub struct Placed {
    pub part: Part,
    pub planned: Planned,
    /// Until when it goes on; None while it has no time.
    pub ends: Option<Civil>,
}

/// Looks for a time for each part with what was chosen for it so far.
///
/// # Errors
/// [`BookingError::NoSuch`] when a service is not there or no longer done.
pub async fn plan(
    clinic: &Clinic,
    grant: &Grant<Book>,
    opening: &Opening,
    parts: &[Part],
    chosen: impl Fn(i64) -> Option<Choice>,
) -> Result<Vec<Placed>, BookingError> {
    let mut errand = Errand {
        clinic,
        grant,
        opening,
        now: now(clinic),
        held: Vec::new(),
        people: Whereabouts::default(),
        free_from: opening.ends,
    };
    errand.meet(parts).await?;
    let mut placed = Vec::new();
    for part in parts {
        placed.push(errand.place(*part, chosen(part.number)).await?);
    }
    Ok(placed)
}

/// The picks of parts that have a time.
pub fn picked(placed: &[Placed]) -> Vec<(Part, Pick)> {
    let pick = |one: &Placed| match one.planned.chosen? {
        Choice::At(pick) => Some((one.part, pick)),
        Choice::Out => None,
    };
    placed.iter().filter_map(pick).collect()
}

/// The parts that were looked at so far.
struct Errand<'a> {
    clinic: &'a Clinic,
    grant: &'a Grant<Book>,
    opening: &'a Opening,
    now: Civil,
    /// What they take up.
    held: Vec<(Vec<ResourceId>, Span)>,
    people: Whereabouts,
    /// When the last one is over.
    free_from: Civil,
}

/// What one part can be looked for with.
struct Search<'a> {
    terms: &'a Terms,
    supply: &'a Supply,
    people: &'a Whereabouts,
    part: Part,
    now: Civil,
}

impl Errand<'_> {
    /// Where the people are on that day by what is booked already.
    async fn meet(&mut self, parts: &[Part]) -> Result<(), BookingError> {
        let day = self.opening.starts.day();
        let mut who: Vec<PatientId> = parts.iter().map(|part| part.patient_id).collect();
        who.push(self.opening.patient_id);
        who.sort();
        who.dedup();
        let mut reader = self.clinic.vault.read(self.grant).await?;
        for patient_id in who {
            for span in spans(reader.sql(), patient_id, day).await? {
                self.people.add(patient_id, span);
            }
        }
        Ok(())
    }

    async fn place(&mut self, part: Part, chosen: Option<Choice>) -> Result<Placed, BookingError> {
        let mut reader = self.clinic.vault.read(self.grant).await?;
        let terms = store::kept_terms(&mut reader, Some(part.service_id)).await?;
        let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
        let day = self.opening.starts.day();
        // Other doctors may be chosen instead.
        let anybody = wish(self.opening.starts, None);
        let mut supply = supply(&mut reader, (day, day), &terms, &anybody, &[]).await?;
        drop(reader);
        for (resources, span) in &self.held {
            for id in resources {
                supply.busy.add(*id, *span);
            }
        }
        supply.busy.settle();
        let people = self.people.clone();
        let search =
            Search { terms: &terms, supply: &supply, people: &people, part, now: self.now };
        let asked = self.asked(part);
        let own = match part.placing {
            Placing::Beside => search.fit(asked, part.doctor_id),
            Placing::After => search.first_from(asked),
        };
        let starts = own.as_ref().map_or(asked, |fit| fit.place.starts);
        let mut planned = self.drawn(&search, starts, own.as_ref()).await?;
        let fit = search.decide(&mut planned, chosen, own);
        let ends = fit.as_ref().map(|fit| fit.place.ends());
        if let Some(fit) = fit {
            self.people.add(part.patient_id, fit.place.span());
            self.free_from = fit.place.ends();
            self.held.push((fit.resources, fit.span));
        }
        Ok(Placed { part, planned, ends })
    }

    fn asked(&self, part: Part) -> Civil {
        match part.placing {
            Placing::Beside => self.opening.starts,
            Placing::After => self.free_from,
        }
    }

    /// Free, or refused with the rules that refuse it and other times of that day.
    async fn drawn(
        &self,
        search: &Search<'_>,
        starts: Civil,
        own: Option<&Fit>,
    ) -> Result<Planned, BookingError> {
        let part = search.part;
        let doctor_id = own.and_then(|fit| fit.place.doctor_id);
        let mut planned = Planned {
            number: part.number,
            starts,
            past: starts < self.now,
            doctor_id,
            refused: Vec::new(),
            instead: Vec::new(),
            chosen: doctor_id.map(|doctor_id| Choice::At(Pick { starts, doctor_id })),
            trouble: None,
        };
        if own.is_none() {
            let question = Question {
                service_id: part.service_id,
                doctor_id: part.doctor_id,
                place_id: None,
                starts,
                minutes: None,
            };
            planned.refused = why(self.clinic, &self.grant.also()?, &question).await?.doctors;
            planned.instead = search.others(starts);
        }
        Ok(planned)
    }
}

impl Search<'_> {
    /// All for that time with that doctor, when the patient is free too.
    fn fit(&self, starts: Civil, doctor_id: Option<ResourceId>) -> Option<Fit> {
        if starts < self.now {
            return None;
        }
        let fit = self.supply.fit(self.terms, &wish(starts, doctor_id)).ok()?;
        let free = self.people.free(self.part.patient_id, fit.place.span());
        free.then_some(fit)
    }

    /// Every time of that day at which a visit may begin, from one on.
    fn times(from: Civil) -> impl Iterator<Item = Civil> {
        let end = midnight(from.day().plus_days(1));
        let late = i64::from(from.minute_of_day()) % STEP;
        let first = if late == 0 { from } else { from.plus_minutes(STEP - late) };
        let count = end.minutes_since(first) / STEP;
        (0..count).map(move |step| first.plus_minutes(step * STEP))
    }

    fn first_from(&self, from: Civil) -> Option<Fit> {
        Self::times(from).find_map(|starts| self.fit(starts, self.part.doctor_id))
    }

    /// Other times of that day, with any doctor when the one who was asked for has none.
    fn others(&self, near: Civil) -> Vec<FreeSlot> {
        let asked = self.part.doctor_id;
        let mut doctors = vec![asked];
        if asked.is_some() {
            doctors.push(None);
        }
        let mut found: Vec<FreeSlot> = Vec::new();
        for doctor_id in doctors {
            let free: Vec<(Civil, i64)> = Self::times(midnight(near.day()))
                .filter_map(|starts| Some((starts, self.fit(starts, doctor_id)?.place.minutes)))
                .collect();
            for starts in closest(free, near, OTHERS / 2) {
                let slot = self.fit(starts, doctor_id).as_ref().and_then(slot);
                let known = |slot: &FreeSlot| found.contains(slot);
                found.extend(slot.filter(|slot| !known(slot)));
            }
        }
        found.sort_by_key(|slot| slot.starts);
        found
    }

    /// What holds after somebody chose: the time itself, another one, or none.
    fn decide(
        &self,
        planned: &mut Planned,
        chosen: Option<Choice>,
        own: Option<Fit>,
    ) -> Option<Fit> {
        match chosen {
            None => own,
            Some(Choice::Out) => {
                planned.chosen = Some(Choice::Out);
                None
            }
            Some(Choice::At(pick)) => {
                let fit = self.fit(pick.starts, Some(pick.doctor_id));
                let fit = fit.filter(|fit| fit.place.day() == planned.starts.day());
                planned.chosen = fit.as_ref().map(|_| Choice::At(pick));
                planned.trouble = fit.is_none().then_some(Trouble::Lost);
                let listed = planned.offers(pick);
                planned.instead.extend(fit.as_ref().filter(|_| !listed).and_then(slot));
                planned.instead.sort_by_key(|slot| slot.starts);
                fit
            }
        }
    }
}

fn wish(starts: Civil, doctor_id: Option<ResourceId>) -> Wish {
    Wish { starts, minutes: None, doctor_id, place_id: None, rather: None }
}

fn slot(fit: &Fit) -> Option<FreeSlot> {
    let doctor_id = fit.place.doctor_id?;
    let (starts, minutes) = (fit.place.starts, fit.place.minutes);
    Some(FreeSlot { starts, minutes, doctor_id, others: Vec::new() })
}
