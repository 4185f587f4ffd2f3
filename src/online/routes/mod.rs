//! The pages of online booking: for patients on the public listener, for the
//! desk and the owner on the staff listener.

mod choosing;
mod contact;
mod desk;
mod files;
mod samples;
mod settings;
mod times;
mod visit;
mod visitor;

use crate::online::OnlineError;
use crate::web::{Problem, Routes};

pub use choosing::{DoctorsPage, ServicesPage};
pub use contact::ContactPage;
pub use desk::{AlarmView, OnlineDeskPage};
pub use settings::OnlineSettingsPage;
pub use times::TimesPage;
pub use visit::VisitPage;
pub use visitor::{Frame, OffPage, Visitor};

/// Its place in the rail, and the tab of the settings.
const ENTRY: &str = "online";

/// The staff listener's.
pub fn routes() -> Routes {
    desk::routes().merge(settings::routes())
}

/// The public listener's.
pub fn public_routes() -> Routes {
    choosing::routes()
        .merge(times::routes())
        .merge(contact::routes())
        .merge(visit::routes())
        .merge(files::routes())
}

impl From<OnlineError> for Problem {
    fn from(error: OnlineError) -> Self {
        match error {
            OnlineError::Off | OnlineError::Unknown => Self::NotFound,
            OnlineError::Capped(_) => Self::TooMany,
            OnlineError::Vault(cause) => cause.into(),
            other => Self::Internal(Box::new(other)),
        }
    }
}
