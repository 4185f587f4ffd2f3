//! The whole suite in one binary: one link instead of one for every file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod architecture;
mod audit;
mod backup;
mod booking;
mod disk;
mod desk;
mod doors;
mod cli;
mod duplicates;
mod consents;
mod booking_pages;
mod booking_storm;
mod gateways;
mod incidents;
mod interop;
mod ledger;
mod locales;
mod log_hygiene;
mod messaging;
mod peers;
mod schedule;
mod setup;
mod pages;
mod reach;
mod patients;
mod reminders;
mod retention;
mod rights;
mod statements;
mod subject_requests;
mod support;
mod templates;
mod vault;
mod workdays;
