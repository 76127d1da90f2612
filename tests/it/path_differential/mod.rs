//! Our path validation beside OpenSSL's, over paths that are made from a fuzzer's bytes.
//!
//! [`recipe`] makes them, [`peers`] asks both, and [`divergence`] knows all the ways in which the two may
//! differ. `fuzz/fuzz_targets/path_differential.rs` does this for ever; the test here does it for a while.

mod choices;
mod divergence;
mod peers;
mod recipe;

use crate::path_differential::divergence::DIVERGENCES;
use crate::path_differential::divergence::Disagreement;
use crate::path_differential::peers::Ours;
use crate::path_differential::peers::Theirs;

/// What came of asking both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    BothAccept,
    BothRefuse,
    /// The title of the divergence.
    Explained(&'static str),
}

/// Asks both.
///
/// # Errors
/// They differ, and nothing explains it.
pub(crate) fn compare(bytes: &[u8]) -> Result<Answer, Box<Disagreement>> {
    let mut recipe = recipe::make(bytes);
    let ours = peers::ask_ours(&recipe);
    let mut theirs = peers::ask_openssl(&recipe);
    match (&ours, &theirs) {
        (Ours::Accepts(_), Theirs::Accepts) => return Ok(Answer::BothAccept),
        (Ours::Accepts(path), _) => {
            // What does it say to our path, where it need not choose?
            recipe = recipe
                .alone(path)
                .unwrap_or_else(|| panic!("a path of others"));
            theirs = peers::ask_openssl(&recipe);
            if theirs == Theirs::Accepts {
                return Ok(Answer::Explained(divergence::NO_ALTERNATIVES));
            }
        }
        (_, Theirs::Accepts) => {}
        _ => return Ok(Answer::BothRefuse),
    }
    let found = Disagreement {
        recipe,
        ours,
        theirs,
    };
    match DIVERGENCES.iter().find(|row| (row.explains)(&found)) {
        Some(row) => Ok(Answer::Explained(row.title)),
        None => Err(Box::new(found)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use yinxin::crypto::random::Random as _;
    use yinxin::crypto::random::SeededRandom;

    use super::*;

    /// Enough to meet most rows; the fuzz target finds the rest.
    const RECIPES: u32 = 100_000;

    #[test]
    #[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
    fn every_disagreement_is_explained() {
        let random = SeededRandom::new([9; 32]);
        let mut answers: BTreeMap<Answer, u32> = BTreeMap::new();
        let mut unexplained = Vec::new();
        for number in 0..RECIPES {
            let mut bytes = [0; 512];
            for block in bytes.chunks_mut(32) {
                random.fill(block).unwrap();
            }
            // Many short ones: they have fewer faults.
            let length = usize::from(bytes[0]) * 2 % (usize::try_from(number % 512).unwrap() + 1);
            match compare(&bytes[1..=length]) {
                Ok(answer) => *answers.entry(answer).or_default() += 1,
                Err(found) => unexplained.push(found),
            }
        }
        for (answer, count) in &answers {
            eprintln!("{count:>6} {answer:?}");
        }
        let heads: Vec<String> = unexplained.iter().map(|found| found.head()).collect();
        assert!(
            heads.is_empty(),
            "{} unexplained: {heads:#?}\nthe first: {}",
            heads.len(),
            unexplained[0]
        );
        for answer in [Answer::BothAccept, Answer::BothRefuse] {
            assert!(answers[&answer] >= RECIPES / 10, "{answer:?}");
        }
    }
}
