//! Measuring several things in turns, so that whatever else the machine does falls on all alike.

use std::time::Duration;
use std::time::Instant;

/// How often.
#[derive(Clone, Copy)]
pub(crate) struct Turns {
    pub(crate) rounds: usize,
    pub(crate) runs_a_round: u32,
}

/// The median time of one run of each of `steps`, all given the same.
pub(crate) fn medians<T: ?Sized, const N: usize>(
    turns: Turns,
    given: &T,
    steps: [&dyn Fn(&T); N],
) -> [Duration; N] {
    let mut times = steps.map(|_| Vec::with_capacity(turns.rounds));
    for _ in 0..turns.rounds {
        for (step, times) in steps.iter().zip(&mut times) {
            let began = Instant::now();
            for _ in 0..turns.runs_a_round {
                step(given);
            }
            times.push(began.elapsed() / turns.runs_a_round);
        }
    }
    times.map(median)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let middle = times.len() / 2;
    times.into_iter().nth(middle).unwrap_or_default()
}

/// A time as people read it here.
#[expect(clippy::as_conversions, reason = "figures for people")]
pub(crate) fn microseconds(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1000.0
}
