//! Work that the clock begins.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// What goes on until it is dropped.
pub type ByTheClock = JobScheduler;

/// Does `work` whenever the clock comes to `when` (a cron line of second,
/// minute, hour, day, month, weekday; in UTC). A turn that comes while the one
/// before is still at work is left out.
///
/// The clock only asks: whether anything is due, the work decides from what was
/// done before, so that a turn that was missed is made up for.
///
/// # Errors
/// When `when` is no cron line.
pub async fn by_the_clock<C, F>(
    context: C,
    when: &'static str,
    work: fn(C) -> F,
) -> Result<ByTheClock, JobSchedulerError>
where
    C: Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let scheduler = JobScheduler::new().await?;
    let at_it = Arc::new(Mutex::new(()));
    let job = Job::new_async(when, move |_, _| {
        let (context, at_it) = (context.clone(), Arc::clone(&at_it));
        Box::pin(async move {
            let Ok(_alone) = at_it.try_lock() else { return };
            work(context).await;
        })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(scheduler)
}
