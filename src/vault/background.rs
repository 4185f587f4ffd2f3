//! One walk over the ledger at a time that goes on while nobody waits for it,
//! and what the last one found.

use std::sync::{Arc, Mutex};

use crate::clock::Timestamp;
use crate::vault::Vault;
use crate::vault::verify::Verified;
use crate::vault::walk::Pace;

#[derive(Default)]
pub(super) struct Walks(Mutex<State>);

#[derive(Default)]
struct State {
    under_way: Option<Arc<Pace>>,
    last: Option<Walked>,
}

/// A walk that came to its end since the program was started.
#[derive(Clone, Debug)]
pub struct Walked {
    pub verified: Verified,
    pub ended_at: Timestamp,
    pub milliseconds: i64,
}

/// The right to walk; when it is dropped the next may begin.
pub struct Walking {
    vault: Vault,
    pub pace: Arc<Pace>,
}

impl Vault {
    /// None when somebody walks already.
    pub fn begin_walk(&self) -> Option<Walking> {
        let mut state = self.walks.0.lock().expect("no panic while it is held");
        if state.under_way.is_some() {
            return None;
        }
        let pace = Arc::new(Pace::default());
        state.under_way = Some(Arc::clone(&pace));
        Some(Walking { vault: self.clone(), pace })
    }

    /// The walk that is under way.
    pub fn walk_under_way(&self) -> Option<Arc<Pace>> {
        self.walks.0.lock().expect("no panic while it is held").under_way.clone()
    }

    pub fn last_walk(&self) -> Option<Walked> {
        self.walks.0.lock().expect("no panic while it is held").last.clone()
    }
}

impl Walking {
    pub fn end(self, walked: Walked) {
        self.vault.walks.0.lock().expect("no panic while it is held").last = Some(walked);
    }
}

impl Drop for Walking {
    fn drop(&mut self) {
        if let Ok(mut state) = self.vault.walks.0.lock() {
            state.under_way = None;
        }
    }
}
