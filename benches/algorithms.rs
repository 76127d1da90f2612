//! Which library verifies which algorithm fastest: `cargo bench --bench algorithms [-- NAME]`.
//!
//! The same signature goes through every library that has its algorithm, in turns, so that whatever else
//! the machine does falls on all alike; printed is the best of the rounds as verifications per second, since
//! whatever else runs can only take away.
//! `cold` reads the key from its numbers each time, `held` has it ready. The last column is what
//! `yinxin::crypto::verify` makes of it. The choice that follows stands in `src/crypto/backend.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at what it did not expect, and prints ratios"
)]

mod candidates;

use std::time::Duration;
use std::time::Instant;

use candidates::Candidate;
use candidates::LIBRARIES;
use candidates::Subject;

/// How long one library works in one round.
const SLICE: Duration = Duration::from_millis(20);
const ROUNDS: usize = 30;

fn main() {
    print!("{:<24}", "verify/s");
    for library in LIBRARIES {
        print!("{library:>15}");
    }
    println!();
    // `cargo bench` passes `--bench`; whatever else is there is part of a name.
    let wanted = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"));
    for subject in candidates::subjects() {
        if wanted
            .as_ref()
            .is_none_or(|word| subject.name.contains(word))
        {
            measure(&subject);
        }
    }
}

fn measure(subject: &Subject) {
    let mut rates: Vec<(&'static str, Vec<f64>)> = subject
        .candidates
        .iter()
        .map(|candidate| (candidate.library, Vec::new()))
        .collect();
    for _round in 0..ROUNDS {
        for (candidate, (_, found)) in subject.candidates.iter().zip(&mut rates) {
            found.push(rate(candidate));
        }
    }
    print!("{:<24}", subject.name);
    for library in LIBRARIES {
        let found = rates.iter().find(|(name, _)| name == library);
        match found.map(|(_, found)| best(found)) {
            Some(rate) => print!("{rate:>15.0}"),
            None => print!("{:>15}", "-"),
        }
    }
    println!();
}

fn rate(candidate: &Candidate) -> f64 {
    let (mut count, started) = (0_u32, Instant::now());
    while started.elapsed() < SLICE {
        (candidate.verify)();
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

fn best(rates: &[f64]) -> f64 {
    rates.iter().copied().max_by(f64::total_cmp).unwrap()
}
