//! The demo's days: appointments in every state around the present, so that the
//! board and the grid show a clinic at work whenever the demo is opened.

use crate::booking::{self, Appointment, BookingError, CancelReason, NewAppointment, Source};
use crate::cli::CliError;
use crate::cli::demo::furnish::{HOURS, LUNCH};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::PatientId;
use crate::schedule::{Catalog, Service};
use crate::vault::permission::{Attend, Book};
use crate::vault::{Actor, Grant};

/// Days that get appointments, today first.
const DAYS: i64 = 5;

/// Minutes that stay free after an appointment, in turn: today is nearly full,
/// later days less so.
const GAPS: [u16; 5] = [0, 15, 0, 30, 45];

/// So many of the appointments are told to their patients, so that the page of
/// sent messages shows what arrives.
const TOLD: usize = 8;

/// Who is coming within so many minutes may be in the hall already.
const EARLY: i64 = 60;

/// Books the coming days and lets the part of today that has been have taken place.
pub async fn book(
    clinic: &Clinic,
    catalog: &Catalog,
    patients: &[PatientId],
) -> Result<(), CliError> {
    let console = Actor::console();
    let desk = Desk {
        clinic,
        book: console.grant().map_err(CliError::said)?,
        attend: console.grant().map_err(CliError::said)?,
        now: clinic.profile.get().zone.civil(clinic.clock().now()),
    };
    let (mut next, mut told) = (0, 0);
    for after in 0..DAYS {
        let day = desk.now.day().plus_days(after);
        for (column, doctor) in catalog.doctors().enumerate() {
            let does: Vec<(&Service, u16)> = catalog
                .offered()
                .filter_map(|one| Some((one, one.minutes_with(doctor.id)?)))
                .collect();
            let mut at = HOURS.starts + [0, 15, 0, 30][column % 4];
            while let (Some(&(service, minutes)), false) =
                (does.get(next % does.len().max(1)), patients.is_empty())
            {
                let Some(starts) = room(at, minutes).and_then(|minute| Civil::new(day, minute))
                else {
                    break;
                };
                let new = NewAppointment {
                    patient_id: patients[(next * 7) % patients.len()],
                    service_id: service.id,
                    starts,
                    minutes: Some(i64::from(minutes)),
                    doctor_id: Some(doctor.id),
                    place_id: None,
                    source: [Source::Phone, Source::Desk, Source::Messenger][next % 3],
                    comment: String::new(),
                    notify: told < TOLD && desk.now < starts,
                };
                next += 1;
                at = starts.minute_of_day() + minutes + gap(after, next);
                // A service may need what somebody else has at this hour.
                let Ok(made) = booking::book(clinic, &desk.book, &new).await else { continue };
                told += usize::from(new.notify);
                desk.let_pass(&made, next, column).await.map_err(CliError::said)?;
            }
        }
    }
    Ok(())
}

/// Where so many minutes fit at or after `at`: not over lunch, not after closing.
fn room(at: u16, minutes: u16) -> Option<u16> {
    let over_lunch = at < LUNCH.ends && LUNCH.starts < at + minutes;
    let at = if over_lunch { LUNCH.ends } else { at };
    (at + minutes <= HOURS.ends).then_some(at)
}

fn gap(after: i64, next: usize) -> u16 {
    let later = u16::try_from(after).unwrap_or(0) * 20 / 5 * 5;
    GAPS[next % GAPS.len()] + later
}

struct Desk<'a> {
    clinic: &'a Clinic,
    book: Grant<Book>,
    attend: Grant<Attend>,
    now: Civil,
}

impl Desk<'_> {
    /// What has become of an appointment by now.
    async fn let_pass(
        &self,
        made: &Appointment,
        next: usize,
        column: usize,
    ) -> Result<(), BookingError> {
        let (starts, ends) = (made.place.starts, made.place.ends());
        let soon = self.now.day() == starts.day() && starts.minutes_since(self.now) <= EARLY;
        if self.now < starts && next.is_multiple_of(11) {
            booking::cancel(self.clinic, &self.book, made.id, CancelReason::Patient).await?;
        } else if ends <= self.now && next.is_multiple_of(7) {
            booking::no_show(self.clinic, &self.attend, made.id).await?;
        } else if ends <= self.now {
            self.take_in(made).await?;
            booking::complete(self.clinic, &self.attend, made.id).await?;
        } else if starts <= self.now && column % 5 != 3 {
            self.take_in(made).await?;
        } else if soon && self.now < starts && column.is_multiple_of(2) {
            booking::arrive(self.clinic, &self.attend, made.id).await?;
        } else if next % 3 != 1 {
            booking::confirm(self.clinic, &self.attend, made.id).await?;
        }
        Ok(())
    }

    async fn take_in(&self, made: &Appointment) -> Result<(), BookingError> {
        booking::arrive(self.clinic, &self.attend, made.id).await?;
        booking::start(self.clinic, &self.attend, made.id).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Span;

    #[test]
    fn nothing_is_booked_over_lunch_or_after_closing() {
        for at in (HOURS.starts..HOURS.ends).step_by(5) {
            for minutes in [15, 30, 60, 90] {
                let Some(starts) = room(at, minutes) else { continue };
                let hours = Span { starts, ends: starts + minutes };
                assert!(at <= starts && hours.ends <= HOURS.ends, "{at} {minutes}");
                assert!(hours.ends <= LUNCH.starts || LUNCH.ends <= hours.starts, "{at} {minutes}");
            }
        }
    }
}
