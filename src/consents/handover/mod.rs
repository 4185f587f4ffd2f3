//! What a patient's merge asks of consents: they go along as they were given.

mod store;

pub use store::hand_over_in;
