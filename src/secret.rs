//! Secrets that are wiped when dropped and never printed.

use std::fmt;
use std::hint::black_box;

use zeroize::Zeroize;

/// A value that is overwritten when dropped, and that shows nothing of itself when printed.
///
/// It can be neither cloned, compared, displayed nor serialised; [`Secret::expose`] is the one door, so
/// that a search for it finds every use.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes custody of `value`. Copies that the caller keeps are not wiped.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The secret itself, to be used on the spot.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let difference = a
        .iter()
        .zip(b)
        // The optimiser must not learn that the answer is settled once a bit differs.
        .fold(0_u8, |seen, (x, y)| black_box(seen | (x ^ y)));
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering;

    #[test]
    fn debug_output_shows_nothing() {
        let secret = Secret::new(String::from("hunter2"));
        assert_eq!(
            format!("{secret:?} {:?}", Some(&secret)),
            "<redacted> Some(<redacted>)"
        );
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn dropping_wipes() {
        struct Probe(Arc<AtomicBool>);
        impl Zeroize for Probe {
            fn zeroize(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let wiped = Arc::new(AtomicBool::new(false));
        drop(Secret::new(Probe(Arc::clone(&wiped))));
        assert!(wiped.load(Ordering::SeqCst));
    }

    #[test]
    fn comparison_sees_every_byte_and_the_length() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"abc", b"bbc"));
        assert!(!constant_time_eq(b"abc", b"ab"));
    }
}
