//! How people are named, numbered and reached: telephone numbers, the
//! Individual Identification Number, and names in two alphabets and three
//! spellings. Pure functions; nothing here knows what a clinic is.

pub mod iin;
pub mod name;
pub mod phone;

pub use iin::{Iin, IinError, Sex};
pub use name::Name;
pub use phone::{Phone, PhoneError};
