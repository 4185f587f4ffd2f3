//! Tirkeu: one process on a clinic's own machine, one encrypted database, one
//! clinic.
//!
//! The modules below stand in reading order, which is also the order in which
//! they may depend on each other: a module uses the ones above it and none
//! below. `tests/suite/architecture.rs` fails when a `use` goes the other way.

// Foundations: know nothing about what a clinic does.
pub mod clock;
pub mod turns;
pub mod ids;
pub mod presence;
pub mod money;
pub mod settings;
pub mod i18n;
pub mod contact;
pub mod crypto;
pub mod vault;
pub mod paper;
pub mod pages;
pub mod jobs;
pub mod clinic;
pub mod web;

// Capabilities: what the clinic does, one folder each.
pub mod access;
pub mod emergency;
pub mod patients;
pub mod recovery;
pub mod post;
pub mod messaging;
pub mod mail;
pub mod schedule;
pub mod audit;
pub mod workdays;
pub mod consents;
pub mod followups;
pub mod booking;
pub mod capacity;
pub mod reminders;
pub mod waitlist;
pub mod conversations;
pub mod replies;
pub mod inbox;
pub mod absences;
pub mod online;
pub mod enquiries;
pub mod dialogue;
pub mod feeds;
pub mod interop;
pub mod retention;
pub mod incidents;
pub mod subject_requests;
pub mod disposals;
pub mod accountability;
pub mod duplicates;
pub mod backup;
pub mod system;

// Composition: the only modules that know every capability.
pub mod app;
pub mod cli;
