//! Randomness as a value that is handed in.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use ring::rand::SecureRandom as _;

use crate::crypto::digest;

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Overwrites all of `out`.
    ///
    /// # Errors
    /// [`RandomError`] when the source failed; `out` must then not be used.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// `N` random bytes.
///
/// # Errors
/// [`RandomError`] when the source failed.
pub fn array<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomError;

/// The operating system's cryptographic randomness.
#[derive(Clone, Debug)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// The operating system's source; asking it is what takes time, not this.
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0
            .fill(out)
            .map_err(|_unspecified: ring::error::Unspecified| RandomError)
    }
}

/// The same bytes for the same seed and order of calls: for tests and sample data, never for keys.
#[derive(Debug)]
pub struct SeededRandom {
    seed: [u8; 32],
    /// Blocks given out; each is SHA-256(seed ‖ its number), used for one call only.
    blocks: AtomicU64,
}

impl SeededRandom {
    /// A source that is determined by `seed`.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            blocks: AtomicU64::new(0),
        }
    }

    fn next_block(&self) -> [u8; 32] {
        let number = self.blocks.fetch_add(1, Ordering::SeqCst);
        let mut input = self.seed.to_vec();
        input.extend_from_slice(&number.to_be_bytes());
        digest::sha256(&input).0
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        for chunk in out.chunks_mut(32) {
            let block = self.next_block();
            for (to, from) in chunk.iter_mut().zip(block) {
                *to = from;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_bytes() {
        let (one, two) = (SeededRandom::new([7; 32]), SeededRandom::new([7; 32]));
        let first: [u8; 50] = array(&one).unwrap();
        assert_eq!(first, array(&two).unwrap());
        assert_ne!(first, array(&one).unwrap());
        assert_ne!(first, array(&SeededRandom::new([8; 32])).unwrap());
    }

    #[test]
    fn the_first_block_is_the_documented_one() {
        let mut input = [9; 40];
        input[32..].fill(0);
        let expected = digest::sha256(&input).0;
        assert_eq!(array::<32>(&SeededRandom::new([9; 32])).unwrap(), expected);
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        let random = SystemRandom::new();
        let first: [u8; 16] = array(&random).unwrap();
        assert_ne!(first, array(&random).unwrap());
    }
}
