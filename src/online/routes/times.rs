//! When: the days with their free times, each a link.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::booking::FreeSlot;
use crate::clock::{Civil, Day};
use crate::online::offer::{Offer, OfferedDoctor, OfferedService};
use crate::online::routes::choosing::{ANY, chosen};
use crate::online::routes::samples::{sample, sample_time};
use crate::online::routes::visitor::{Frame, Visitor};
use crate::pages::View;
use crate::web::{Page, Problem, Routes};

/// Days that one page of times shows.
const DAYS: i64 = 21;

pub(super) fn routes() -> Routes {
    Routes::new().get("/book/{service}/{doctor}", times)
}

/// "When?"
#[derive(Debug, Serialize)]
pub struct TimesPage {
    frame: Frame,
    service: OfferedService,
    /// None: any.
    doctor: Option<OfferedDoctor>,
    /// As it stands in the address.
    who: String,
    days: Vec<DayChip>,
    chosen: Option<Day>,
    parts: Vec<DayPart>,
    /// The first day of the next page, if there is one.
    later: Option<Day>,
    earlier: Option<Day>,
    /// Whether the time just chosen was given to somebody else meanwhile.
    taken: bool,
}

#[derive(Clone, Debug, Serialize)]
struct DayChip {
    day: Day,
    number: i8,
    /// Monday is 1.
    weekday: i8,
    free: usize,
}

#[derive(Clone, Debug, Serialize)]
struct DayPart {
    /// `morning`, `day` or `evening`.
    name: &'static str,
    times: Vec<Civil>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct When {
    day: String,
    from: String,
}

async fn times(
    visitor: Visitor,
    Path((service, doctor)): Path<(String, String)>,
    Query(when): Query<When>,
) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let Some((service, doctor)) = chosen(&offer, &service, &doctor) else {
        return visitor.off(&offer);
    };
    let days = (when.from.parse().ok(), when.day.parse().ok());
    let view = TimesPage::of(&visitor, &offer, service, doctor, days).await?;
    visitor.page(&offer, &view)
}

impl TimesPage {
    pub async fn of(
        visitor: &Visitor,
        offer: &Offer,
        service: &OfferedService,
        doctor: Option<&OfferedDoctor>,
        (from, day): (Option<Day>, Option<Day>),
    ) -> Result<Self, Problem> {
        let today = visitor.now().day();
        let window = offer.window(service, visitor.now());
        let first = from.or(day.filter(|day| today.plus_days(DAYS) <= *day)).unwrap_or(today);
        let first = first.max(today).min(window.last);
        let last = first.plus_days(DAYS - 1).min(window.last);
        let start = Civil::new(first, 0).ok_or(Problem::NotFound)?;
        let who = doctor.map(|doctor| doctor.id);
        let free = offer.free(&visitor.clinic, &visitor.view, service, who, (start, last)).await?;
        let days = DayChip::of(&free, first, last);
        let open = |day: Day| days.iter().any(|chip| chip.day == day && 0 < chip.free);
        let soonest = days.iter().find(|chip| 0 < chip.free).map(|chip| chip.day);
        let chosen = day.filter(|day| open(*day)).or(soonest);
        let frame = visitor.frame(offer, None);
        Ok(Self {
            frame,
            service: service.clone(),
            doctor: doctor.cloned(),
            who: doctor.map_or(ANY.to_owned(), |doctor| doctor.id.to_string()),
            parts: chosen.map(|day| DayPart::of(&free, day)).unwrap_or_default(),
            days,
            chosen,
            later: (last < window.last).then(|| last.plus_days(1)),
            earlier: (today < first).then(|| first.plus_days(-DAYS).max(today)),
            taken: false,
        })
    }

    /// As the answer to somebody who was slower: what is free, beginning with
    /// the day they wanted.
    pub async fn lost(
        visitor: &Visitor,
        offer: &Offer,
        service: &OfferedService,
        doctor: Option<&OfferedDoctor>,
        day: Day,
    ) -> Result<Response, Problem> {
        let view = Self::of(visitor, offer, service, doctor, (None, Some(day))).await?;
        let page = Page::of(&visitor.clinic, &visitor.chrome, &Self { taken: true, ..view })?;
        Ok(visitor.drawn(offer, page.status(StatusCode::CONFLICT)))
    }
}

impl DayChip {
    /// Each day from the first that has something to the last.
    fn of(free: &[FreeSlot], first: Day, last: Day) -> Vec<Self> {
        let days = (0..=last.days_since(first)).map(|after| first.plus_days(after));
        let chip = |day: Day| {
            let mut times: Vec<Civil> =
                free.iter().map(|slot| slot.starts).filter(|at| at.day() == day).collect();
            times.dedup();
            let number = day.to_jiff().day();
            Self { day, number, weekday: day.weekday(), free: times.len() }
        };
        days.map(chip).collect()
    }
}

impl DayPart {
    fn of(free: &[FreeSlot], day: Day) -> Vec<Self> {
        let mut times: Vec<Civil> =
            free.iter().map(|slot| slot.starts).filter(|at| at.day() == day).collect();
        times.dedup();
        let within = |from: u16, until: u16| {
            let inside = |at: &&Civil| (from..until).contains(&at.minute_of_day());
            times.iter().filter(inside).copied().collect()
        };
        [("morning", 0, 12 * 60), ("day", 12 * 60, 17 * 60), ("evening", 17 * 60, 24 * 60)]
            .into_iter()
            .map(|(name, from, until)| Self { name, times: within(from, until) })
            .filter(|part| !part.times.is_empty())
            .collect()
    }
}

impl View for TimesPage {
    const TEMPLATE: &'static str = "online/times.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let day = sample_time().day();
        let chip = |day: Day, free| DayChip { day, number: 1, weekday: day.weekday(), free };
        let whole = Self {
            frame: Frame::sample(),
            service: service.clone(),
            doctor: Some(doctor),
            who: ANY.to_owned(),
            days: vec![chip(day, 2), chip(day.plus_days(1), 0)],
            chosen: Some(day),
            parts: vec![DayPart { name: "morning", times: vec![sample_time()] }],
            later: Some(day),
            earlier: Some(day),
            taken: true,
        };
        let empty = Self {
            frame: Frame::sample(),
            service,
            doctor: None,
            who: ANY.to_owned(),
            days: Vec::new(),
            chosen: None,
            parts: Vec::new(),
            later: None,
            earlier: None,
            taken: false,
        };
        vec![whole, empty]
    }
}
