//! How people are named, numbered and reached: telephone numbers, the
//! identification numbers of people and of organisations, and names in two alphabets and three
//! spellings. Pure functions; nothing here knows what a clinic is.

pub mod bin;
pub mod country;
pub mod email;
pub mod iin;
pub mod name;
pub mod phone;

pub use bin::{Bin, BinError};
pub use country::Country;
pub use email::{Email, NotAnEmail};
pub use iin::{Iin, IinError, Sex};
pub use name::Name;
pub use phone::{Phone, PhoneError};
