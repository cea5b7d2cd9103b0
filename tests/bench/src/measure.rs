//! Measuring side by side: every contender runs once a round, so that noise hits all alike.

use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// Something that is measured.
pub struct Contender<'a> {
    /// What it is and does.
    pub name: String,
    /// Does the work once, or a batch of it; answers the nanoseconds that one piece took.
    pub run: Box<dyn FnMut() -> f64 + 'a>,
}

impl<'a> Contender<'a> {
    /// Work of this thread alone, in batches of `batch`, by the time that the processor spent on it, the kernel's for
    /// it included: what other programs of the machine do meanwhile isn't counted.
    pub fn computed(name: &str, batch: u32, mut work: impl FnMut() + 'a) -> Self {
        let run = move || {
            let start = processor_nanoseconds();
            for _ in 0..batch {
                work();
            }
            (processor_nanoseconds() - start) as f64 / f64::from(batch)
        };
        Self { name: name.to_owned(), run: Box::new(run) }
    }

    /// Work of other processes too, by the clock on the wall, in batches of `batch`.
    pub fn timed(name: &str, batch: u32, mut work: impl FnMut() + 'a) -> Self {
        let run = move || {
            let start = Instant::now();
            for _ in 0..batch {
                work();
            }
            start.elapsed().as_nanos() as f64 / f64::from(batch)
        };
        Self { name: name.to_owned(), run: Box::new(run) }
    }

    /// The same, with the time shared by `pieces` pieces of work.
    pub fn shared(name: &str, pieces: u32, mut work: impl FnMut() + 'a) -> Self {
        let run = move || {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos() as f64 / f64::from(pieces)
        };
        Self { name: name.to_owned(), run: Box::new(run) }
    }
}

fn processor_nanoseconds() -> i128 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

/// What was measured, in nanoseconds for each piece of work.
#[derive(Debug, serde::Serialize)]
pub struct Measured {
    pub name: String,
    pub median: f64,
    /// The median of the distances from the median.
    pub mad: f64,
    pub p5: f64,
    pub p95: f64,
    /// The median in medians of the first contender.
    pub ratio: f64,
}

/// Runs the contenders in turn, `rounds` times after one to warm up.
pub fn measure(rounds: usize, mut contenders: Vec<Contender<'_>>) -> Vec<Measured> {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..=rounds {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let time = (contender.run)();
            if round > 0 {
                times.push(time);
            }
        }
    }
    let mut first = None;
    let all = contenders.iter().zip(times).map(|(contender, times)| {
        let median = quantile(&times, 0.5);
        let distances: Vec<f64> = times.iter().map(|time| (time - median).abs()).collect();
        Measured {
            name: contender.name.clone(),
            median,
            mad: quantile(&distances, 0.5),
            p5: quantile(&times, 0.05),
            p95: quantile(&times, 0.95),
            ratio: median / *first.get_or_insert(median),
        }
    });
    all.collect()
}

fn quantile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
