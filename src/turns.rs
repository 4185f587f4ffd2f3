//! Turns: of those who do the same thing about the same, one after the other.
//!
//! For what a transaction cannot hold together because it takes long between
//! reading and writing, as comparing a password does. In memory: there is one
//! process. Nothing is kept of those who are through.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::OwnedMutexGuard;

/// Who waits for whom, by what they are about.
#[derive(Clone)]
pub struct Turns<K>(Arc<Mutex<HashMap<K, Weak<tokio::sync::Mutex<()>>>>>);

/// Nobody else's turn until it is dropped.
pub type Turn = OwnedMutexGuard<()>;

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash> Turns<K> {
    /// Waits for those who came before.
    pub async fn wait(&self, about: K) -> Turn {
        let turn = {
            let mut all = self.0.lock().expect("no panic while it is held");
            all.retain(|_, turn| 0 < turn.strong_count());
            let taken = all.get(&about).and_then(Weak::upgrade);
            taken.unwrap_or_else(|| {
                let turn = Arc::new(tokio::sync::Mutex::new(()));
                all.insert(about, Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_strangers_for_nobody() {
        let turns = Turns::default();
        let first = turns.wait("aigul").await;
        assert!(turns.wait("aigul").now_or_never().is_none());
        assert!(turns.wait("dana").now_or_never().is_some());
        drop(first);
        assert!(turns.wait("aigul").now_or_never().is_some());
        assert!(turns.wait("dana").now_or_never().is_some());
        assert!(turns.0.lock().unwrap().len() <= 1, "nothing is kept of those who are through");
    }
}
