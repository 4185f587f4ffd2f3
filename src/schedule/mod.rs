//! What the clinic is made of and when it works: branches, doctors, places,
//! services, the usual week, the days unlike it, public holidays.
//!
//! None of it is a patient's data, so it is read with
//! [`Vault::read`](crate::vault::Vault::read). Holidays follow the law of
//! Kazakhstan on holidays (No. 267, 2001) and the Labour Code, art. 84 and 85.
//!
//! Every verb has a twin `…_in` that works inside a transaction of somebody
//! else, such as the importer's, and gives back the event to be written.

mod catalogue;
mod hours;
mod profile;
mod repeats;
mod routes;

use crate::vault::VaultError;

pub use catalogue::{
    Branch, BranchDraft, Catalog, Performer, Resource, ResourceDraft, ResourceKind, ResourceRow,
    Service, ServiceDraft, ServiceRow, TOPIC, TreatingStaff, add_branch, add_branch_in,
    add_resource, add_resource_in, add_service, add_service_in, change_branch, change_branch_in,
    change_resource, change_resource_in, change_service, change_service_in, end_branch,
    end_resource, end_resource_in, end_service, end_service_in, ensure_branch_in, put_resources,
    put_services, remove_unused_resource_in, remove_unused_service_in, resume_resource,
    resume_service, setup, setup_in, short_name, treating_staff,
};
pub use hours::{
    Away, Calendar, Closure, DayPlan, Exception, ExceptionDraft, ExceptionKind, ExceptionReason,
    Holiday, HolidayKind, OPENED, OneDay, Pattern, PatternDraft, Period, SharedPlace, Shift,
    SimpleWeek, Span, add_exceptions, add_exceptions_in, anybody_works, away_between,
    away_between_in, drop_holiday, exceptions_from, holidays_of_law, holidays_of_year, minute_text,
    monday, patterns, patterns_between, patterns_from, periods, plan_on, plan_on_in, plans_between,
    read_minute, set_holiday, set_week, set_week_in, set_weeks, share_weeks, shared_places,
    shifts_between, shifts_on, withdraw_exceptions,
};
pub use profile::{
    ClinicDraft, ClinicFacts, Missing, Requisites, facts, finish_set_up, load_profile, set_facts,
    set_facts_in, set_responsible_in,
};
pub use repeats::{DAYS, Repeat, repeated, repeats_of, repeats_of_in, set_repeat};

pub use routes::{
    BranchEditPage, BranchesPage, ClinicPage, DoctorHoursPage, HolidaysPage, HoursPage, KitPage,
    RepeatPage, ResourceEditPage, ResourcesPage, ServiceEditPage, ServicesPage, WizardClinicPage,
    WizardDonePage, WizardHoursPage, WizardResourcesPage, WizardServicesPage, routes,
};

/// Why something of the set-up was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error("there is no such branch, person, place, service or shift")]
    NoSuch,
    /// A clinic works somewhere.
    #[error("the last branch cannot be ended")]
    LastBranch,
    /// Two shifts of one person at one time.
    #[error("the shifts of weekday {weekday} overlap")]
    ShiftsOverlap { weekday: i8 },
    /// A period of exceptions that ends before it starts or is over a year long.
    #[error("the period is empty or too long")]
    BadPeriod,
    /// A zone the system does not know.
    #[error("there is no such time zone")]
    BadZone,
    /// A clinic without a doctor or without a name is not set up.
    #[error("the clinic has no name or nobody who treats")]
    NotReady,
    #[error(transparent)]
    Vault(#[from] VaultError),
}
