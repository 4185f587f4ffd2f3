//! Instagram as a way to answer: whoever writes to the clinic's account stands in
//! the inbox and can be answered for 24 hours. Nobody is written to there first,
//! and nothing that the program writes about visits goes there: the account knows
//! no telephone of anybody.

mod app;
mod event;
mod hearing;
mod store;
mod trial;

pub use app::{App, AppChange, app, save_app, with_app};
pub use event::{Happened, What, read};
pub(super) use hearing::hear;
pub use hearing::note_elsewhere_in;
pub use trial::{Found, Standing, Trial, standing, try_account};
