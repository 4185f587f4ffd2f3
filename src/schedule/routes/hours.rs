//! Who works when: all weeks at a glance, and the editor of one.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::ids::{ResourceId, ShiftExceptionId};
use crate::pages::{Chrome, View};
use crate::schedule::routes::hours_forms::{ExceptionForm, WeekForm};
use crate::schedule::routes::resources::sample;
use crate::schedule::routes::typed::{Errors, Typed};
use crate::schedule::routes::{Choice, ENTRY};
use crate::schedule::{
    self, Catalog, Exception, ExceptionKind, ExceptionReason, Pattern, Period, Resource,
    ResourceKind, minute_text,
};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/settings/hours", overview)
        .get("/settings/hours/{resource_id}", show)
        .post("/settings/hours/{resource_id}", set)
        .post("/settings/hours/{resource_id}/exceptions", except)
        .post("/settings/hours/{resource_id}/withdraw", withdraw)
}

/// Everybody's usual week.
#[derive(Debug, Serialize)]
pub struct HoursPage {
    people: Vec<PersonWeek>,
    /// Chairs that two people have at one time.
    shared: Vec<Shared>,
}

#[derive(Debug, Serialize)]
struct PersonWeek {
    person: Resource,
    /// Monday to Sunday; empty: not there.
    days: Vec<Vec<Cell>>,
    /// Whether any day is worked.
    works: bool,
}

#[derive(Debug, Serialize)]
struct Cell {
    /// `09:00–18:00`.
    hours: String,
    place: String,
    /// The Monday of a week in which it is worked, if only every second one has it.
    alternate_from: Option<Day>,
}

#[derive(Debug, Serialize)]
struct Shared {
    place: String,
    weekday: i8,
    people: String,
}

/// One person's hours.
#[derive(Debug, Serialize)]
pub struct DoctorHoursPage {
    id: ResourceId,
    name: String,
    /// Whether it is somebody; a chair has exceptions only.
    is_person: bool,
    week: WeekForm,
    week_errors: Errors,
    /// Days on which another week begins, planned already.
    planned: Vec<Day>,
    places: Vec<Choice>,
    periods: Vec<PeriodView>,
    exception: ExceptionForm,
    exception_errors: Errors,
    reasons: Vec<&'static str>,
    done: &'static str,
}

#[derive(Debug, Serialize)]
struct PeriodView {
    from: Day,
    until: Day,
    extra: bool,
    /// `09:00–12:00`; empty for the whole day.
    hours: String,
    place: String,
    reason: &'static str,
    ids: Vec<ShiftExceptionId>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The day whose week is shown; today when it is no day.
    on: String,
    done: String,
}

async fn overview(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view: Grant<ViewClinic> = grant.also()?;
    let mut reader = clinic.vault.read(&view).await?;
    let catalog = schedule::setup(&mut reader).await?;
    let patterns = schedule::patterns(&mut reader, today(&clinic)).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &HoursPage::of(&catalog, &patterns))
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ResourceId>,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let on = asked.on.parse().unwrap_or_else(|_| today(&clinic));
    let mut view = DoctorHoursPage::load(&clinic, &grant, id, on).await?;
    let words = ["saved", "added", "withdrawn"];
    view.done = words.into_iter().find(|word| *word == asked.done).unwrap_or_default();
    view.page(&clinic, chrome)
}

async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ResourceId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = WeekForm::read(&typed);
    let mut view = DoctorHoursPage::load(&clinic, &grant, id, today(&clinic)).await?;
    if let Ok(weekday) = typed.text("add").parse() {
        view.week = form.with_another(weekday);
        return Ok(view.page(&clinic, chrome)?.into_response());
    }
    if typed.text("alternate") == "on" {
        view.week = WeekForm { alternating: true, ..form };
        return Ok(view.page(&clinic, chrome)?.into_response());
    }
    match form.understand() {
        Ok((from, week)) => {
            schedule::set_week(&clinic.vault, &grant, id, from, &week).await?;
            Ok(see_other(&format!("/settings/hours/{id}?on={from}&done=saved")))
        }
        Err(errors) => {
            (view.week, view.week_errors) = (form, errors);
            Ok(view.page(&clinic, chrome)?.refused().into_response())
        }
    }
}

async fn except(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ResourceId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = ExceptionForm::read(&typed);
    match form.understand(id) {
        Ok(draft) => {
            schedule::add_exceptions(&clinic.vault, &grant, &draft).await?;
            Ok(see_other(&format!("/settings/hours/{id}?done=added")))
        }
        Err(errors) => {
            let mut view = DoctorHoursPage::load(&clinic, &grant, id, today(&clinic)).await?;
            (view.exception, view.exception_errors) = (form, errors);
            Ok(view.page(&clinic, chrome)?.refused().into_response())
        }
    }
}

async fn withdraw(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    Path(id): Path<ResourceId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let ids: Vec<ShiftExceptionId> = typed.all("id").filter_map(|id| id.parse().ok()).collect();
    schedule::withdraw_exceptions(&clinic.vault, &grant, &ids).await?;
    Ok(see_other(&format!("/settings/hours/{id}?done=withdrawn")))
}

fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

fn shown(starts: u16, ends: u16) -> String {
    format!("{}–{}", minute_text(starts), minute_text(ends))
}

fn short(catalog: &Catalog, id: Option<ResourceId>) -> String {
    let resource = id.and_then(|id| catalog.resource(id));
    resource.map(|resource| resource.short_name.clone()).unwrap_or_default()
}

impl HoursPage {
    fn of(catalog: &Catalog, patterns: &[Pattern]) -> Self {
        let people = catalog.resources.iter().filter(|one| one.kind.is_person() && !one.ended);
        let people = people.map(|person| PersonWeek::of(catalog, person, patterns)).collect();
        let shared = schedule::shared_places(patterns)
            .iter()
            .map(|shared| Shared {
                place: short(catalog, Some(shared.place)),
                weekday: shared.weekday,
                people: shared.people.map(|id| short(catalog, Some(id))).join(", "),
            })
            .collect();
        Self { people, shared }
    }
}

impl PersonWeek {
    fn of(catalog: &Catalog, person: &Resource, patterns: &[Pattern]) -> Self {
        let day = |weekday| {
            let own = patterns.iter().filter(|one| one.resource_id == person.id);
            own.filter(|pattern| pattern.weekday == weekday)
                .map(|pattern| Cell {
                    hours: shown(pattern.starts, pattern.ends),
                    place: short(catalog, pattern.place_id),
                    alternate_from: pattern.alternate_from.map(schedule::monday),
                })
                .collect()
        };
        let days: Vec<Vec<Cell>> = (1..=7).map(day).collect();
        Self { person: person.clone(), works: days.iter().any(|day| !day.is_empty()), days }
    }
}

impl DoctorHoursPage {
    async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpClinic>,
        id: ResourceId,
        on: Day,
    ) -> Result<Self, Problem> {
        let view: Grant<ViewClinic> = grant.also()?;
        let mut reader = clinic.vault.read(&view).await?;
        let catalog = schedule::setup(&mut reader).await?;
        let patterns = schedule::patterns_from(&mut reader, id, on).await?;
        let exceptions = schedule::exceptions_from(&mut reader, id, today(clinic)).await?;
        let resource = catalog.resource(id).ok_or(Problem::NotFound)?;
        Ok(Self::of(&catalog, resource, &patterns, &exceptions, on))
    }

    fn of(
        catalog: &Catalog,
        resource: &Resource,
        patterns: &[Pattern],
        exceptions: &[Exception],
        on: Day,
    ) -> Self {
        let holds = |pattern: &&Pattern| {
            pattern.valid_from <= on && pattern.valid_until.is_none_or(|last| on <= last)
        };
        let now: Vec<Pattern> = patterns.iter().filter(holds).cloned().collect();
        let later = patterns.iter().map(|pattern| pattern.valid_from).filter(|from| on < *from);
        let mut planned: Vec<Day> = later.collect();
        planned.sort_unstable();
        planned.dedup();
        let places = catalog.places().map(|place| Choice::new(place.id, &*place.name)).collect();
        let periods = schedule::periods(exceptions);
        Self {
            id: resource.id,
            name: resource.name.clone(),
            is_person: resource.kind.is_person(),
            week: WeekForm::of(&now, on),
            week_errors: Errors::new(),
            planned,
            places,
            periods: periods.into_iter().map(|period| PeriodView::of(catalog, period)).collect(),
            exception: ExceptionForm::blank(),
            exception_errors: Errors::new(),
            reasons: ExceptionReason::ALL.iter().map(|reason| reason.name()).collect(),
            done: "",
        }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.active(ENTRY), self)
    }
}

impl PeriodView {
    fn of(catalog: &Catalog, period: Period) -> Self {
        let Period { from, until, first, ids } = period;
        let hours = first.starts.zip(first.ends).map(|(starts, ends)| shown(starts, ends));
        Self {
            from,
            until,
            extra: first.kind == ExceptionKind::Extra,
            hours: hours.unwrap_or_default(),
            place: short(catalog, first.place_id),
            reason: first.reason.name(),
            ids,
        }
    }
}

mod samples {
    use super::{
        Catalog, Day, DoctorHoursPage, Errors, Exception, ExceptionKind, ExceptionReason,
        HoursPage, Pattern, ResourceKind, ShiftExceptionId, View, sample,
    };
    use crate::clock::Timestamp;
    use crate::ids::ShiftId;
    use crate::schedule::Resource;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn catalog() -> Catalog {
        let doctor = sample(ResourceKind::Doctor, "Сейтова Айгуль Нурлановна");
        let other = sample(ResourceKind::Doctor, "Ким Сергей");
        let chair = sample(ResourceKind::Chair, "Кресло 1");
        Catalog { resources: vec![doctor, chair, other], ..Catalog::default() }
    }

    fn monday(of: &Resource, catalog: &Catalog) -> Pattern {
        Pattern {
            id: ShiftId::new(Timestamp::from_unix_ms(0)),
            resource_id: of.id,
            place_id: Some(catalog.resources[1].id),
            weekday: 1,
            starts: 540,
            ends: 1080,
            break_starts: Some(780),
            break_ends: Some(840),
            valid_from: day("2026-11-01"),
            valid_until: None,
            alternate_from: None,
        }
    }

    fn off(of: &Resource, on: &str) -> Exception {
        Exception {
            id: ShiftExceptionId::new(Timestamp::from_unix_ms(0)),
            resource_id: of.id,
            day: day(on),
            kind: ExceptionKind::Off,
            starts: None,
            ends: None,
            place_id: None,
            reason: ExceptionReason::Vacation,
        }
    }

    impl View for HoursPage {
        const TEMPLATE: &'static str = "schedule/hours.html";

        fn samples() -> Vec<Self> {
            let catalog = catalog();
            let week = [&catalog.resources[0], &catalog.resources[2]];
            let mut patterns = week.map(|one| monday(one, &catalog));
            patterns[1].alternate_from = Some(day("2026-11-25"));
            vec![Self::of(&catalog, &patterns), Self::of(&Catalog::default(), &[])]
        }
    }

    impl View for DoctorHoursPage {
        const TEMPLATE: &'static str = "schedule/doctor_hours.html";

        fn samples() -> Vec<Self> {
            let catalog = catalog();
            let doctor = &catalog.resources[0];
            let later = Pattern { valid_from: day("2027-01-11"), ..monday(doctor, &catalog) };
            let patterns = [monday(doctor, &catalog), later];
            let extra = Exception {
                kind: ExceptionKind::Extra,
                starts: Some(540),
                ends: Some(720),
                place_id: Some(catalog.resources[1].id),
                ..off(doctor, "2026-11-30")
            };
            let exceptions = [off(doctor, "2026-11-24"), off(doctor, "2026-11-25"), extra];
            let on = day("2026-11-23");
            let mut full = Self::of(&catalog, doctor, &patterns, &exceptions, on);
            full.done = "saved";
            let second = Pattern { alternate_from: Some(on), ..monday(doctor, &catalog) };
            let alternating = Self::of(&catalog, doctor, &[second], &[], on);
            let mut refused = Self::of(&catalog, doctor, &[], &[], on);
            let wrong = [("starts-0", "schedule-error-time"), ("from", "schedule-error-day")];
            refused.week_errors =
                wrong.iter().map(|(field, key)| ((*field).to_owned(), *key)).collect();
            refused.exception_errors = Errors::from([("x-from".to_owned(), "schedule-error-day")]);
            vec![
                full,
                refused,
                alternating,
                Self::of(&catalog, &catalog.resources[1], &[], &[], on),
            ]
        }
    }
}
