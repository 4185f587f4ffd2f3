//! Taking times, and the table they are printed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub const TRIES: usize = 5;
pub const CLIENTS: [usize; 3] = [1, 8, 32];

/// What one try gave.
#[derive(Clone, Copy, Debug)]
pub struct Speed {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Runs one section on two workers, as on a clinic's small machine.
pub fn run(section: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().build().unwrap().block_on(section);
}

/// `work` so many times, by so many clients at once; it gets the number of the
/// piece.
pub async fn load<F, W>(clients: usize, pieces: usize, work: W) -> Speed
where
    W: Fn(usize, usize) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let (next, work) = (next.clone(), work.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    if pieces <= piece {
                        return times;
                    }
                    let start = Instant::now();
                    work(client, piece).await;
                    times.push(start.elapsed());
                }
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let per_second = pieces as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    Speed { per_second, p50: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median try of several, by rate.
fn middle(mut tries: Vec<Speed>) -> Speed {
    tries.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    tries[tries.len() / 2]
}

pub fn head() {
    println!(
        "{:<44} {:>7} {:>12} {:>12} {:>7}  {:>9} {:>9}  to reach",
        "what", "clients", "ours/s", "bare/s", "ratio", "p50 ms", "p99 ms"
    );
}

/// One line of the table. `ours` and `bare` are tries in pairs.
pub fn line(what: &str, clients: usize, ours: Vec<Speed>, bare: &[Speed], to_reach: &str) {
    let pairs = ours.iter().zip(bare);
    let ratio = median(pairs.map(|(ours, bare)| ours.per_second / bare.per_second).collect());
    let (ours, bare) = (middle(ours), middle(bare.to_vec()));
    println!(
        "{what:<44} {clients:>7} {:>12.0} {:>12.0} {ratio:>7.2}  {:>9.2} {:>9.2}  {to_reach}",
        ours.per_second,
        bare.per_second,
        ours.p50.as_secs_f64() * 1000.0,
        ours.p99.as_secs_f64() * 1000.0,
    );
}

/// The same for amounts per second without single times.
pub fn rates(what: &str, ours: Vec<f64>, bare: Vec<f64>, to_reach: &str) {
    let ratio = median(ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect());
    let (ours, bare) = (median(ours), median(bare));
    println!(
        "{what:<44} {:>7} {ours:>12.0} {bare:>12.0} {ratio:>7.2}  {:>9} {:>9}  {to_reach}",
        "-", "-", "-"
    );
}

/// Seconds that the work takes.
pub async fn seconds(work: impl Future<Output = ()>) -> f64 {
    let begun = Instant::now();
    work.await;
    begun.elapsed().as_secs_f64()
}
