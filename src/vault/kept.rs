//! What is asked at every turn and changes seldom (doctors, services, hours),
//! kept in memory until it changes.
//!
//! A commit empties the page caches of all readers, and a row costs a hop
//! between threads (PERFORMANCE.md): a schedule that reads every shift pattern
//! anew pays for both. The database counts the changes of these tables itself
//! (`arrangement`), so that a reader asks one number, and whatever any
//! connection of any process has committed before is seen.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sqlx::SqliteConnection;

use crate::vault::{Reader, VaultError};

const VERSION: &str = "SELECT version FROM arrangement WHERE id = 1";

/// More than so many things (years, services, languages) are not kept at once.
const MOST: usize = 1000;

#[derive(Default)]
pub(super) struct Kept(Mutex<Shelf>);

/// All that is known of one version.
#[derive(Default)]
struct Shelf {
    version: i64,
    things: HashMap<(TypeId, String), Arc<dyn Any + Send + Sync>>,
}

impl Kept {
    fn get<T: Send + Sync + 'static>(&self, version: i64, name: &str) -> Option<Arc<T>> {
        let stored = self.0.lock().expect("no panic while it is held");
        let found = stored.things.get(&(TypeId::of::<T>(), name.to_owned()))?;
        (stored.version == version).then(|| Arc::clone(found).downcast().ok()).flatten()
    }

    /// Whoever was slow and comes with an older version changes nothing.
    fn put<T: Send + Sync + 'static>(&self, version: i64, name: &str, thing: Arc<T>) {
        let mut stored = self.0.lock().expect("no panic while it is held");
        if stored.version < version || MOST <= stored.things.len() {
            stored.things.clear();
            stored.version = stored.version.max(version);
        }
        if stored.version == version {
            stored.things.insert((TypeId::of::<T>(), name.to_owned()), thing);
        }
    }
}

impl Reader {
    /// What `load` reads of the clinic's arrangement, from memory when nothing
    /// of it has changed since it was read. `name` tells things of one type
    /// apart. `load` reads no other tables than those that `arrangement` counts.
    pub(crate) async fn kept<T: Send + Sync + 'static>(
        &mut self,
        name: &str,
        load: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, VaultError>,
    ) -> Result<Arc<T>, VaultError> {
        // Asked before loading: what is newer than its number is loaded again.
        let version = match self.arrangement {
            Some(version) => version,
            None => sqlx::query_scalar(VERSION).fetch_one(self.sql()).await?,
        };
        self.arrangement = Some(version);
        if let Some(found) = self.vault.kept.get(version, name) {
            return Ok(found);
        }
        let loaded = Arc::new(load(self.sql()).await?);
        self.vault.kept.put(version, name, Arc::clone(&loaded));
        Ok(loaded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_holds_for_its_version_and_a_late_comer_changes_nothing() {
        let kept = Kept::default();
        kept.put(2, "a", Arc::new(20_u8));
        assert_eq!(kept.get::<u8>(2, "a").as_deref(), Some(&20));
        assert_eq!(kept.get::<u8>(2, "b"), None);
        assert_eq!(kept.get::<u16>(2, "a"), None);
        assert_eq!(kept.get::<u8>(3, "a"), None, "it changed since");

        kept.put(3, "a", Arc::new(30_u8));
        kept.put(2, "a", Arc::new(20_u8));
        assert_eq!(kept.get::<u8>(3, "a").as_deref(), Some(&30));
        assert_eq!(kept.get::<u8>(2, "a"), None);
    }
}
