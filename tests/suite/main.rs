//! The whole suite in one binary: one link instead of one for every file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod architecture;
mod audit;
mod backup;
mod booking;
mod disk;
mod doors;
mod cli;
mod duplicates;
mod consents;
mod booking_pages;
mod booking_storm;
mod gateways;
mod interop;
mod ledger;
mod locales;
mod log_hygiene;
mod messaging;
mod oversight;
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
mod support;
mod templates;
mod vault;
