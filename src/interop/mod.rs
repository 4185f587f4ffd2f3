//! Exchange with the outside: the clinic's own spreadsheets come in here.
//!
//! `reading` turns bytes into cells, `guess` says what is what, `journal`,
//! `people` and `prices` turn rows into facts with a verdict and reasons, and
//! `matching` decides which rows are one person.

pub mod doctors;
pub mod grid;
pub mod guess;
pub mod interpret;
pub mod journal;
pub mod matching;
pub mod person;
pub mod prices;
pub mod reading;
pub mod run;
pub mod services;
pub mod values;
pub mod verdict;
