//! Decisions read from a fuzzer's bytes.

/// Reads decisions from bytes; behind their end every decision is the first of its choices, which is the
/// harmless one everywhere. So few bytes make a good path, and each byte more spoils something.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn octet(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u8) -> u8 {
        self.octet() % limit
    }

    /// One of `choices`.
    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.octet()) % choices.len()]
    }

    /// The first of `choices` in all but about `rarely` of 256 cases.
    pub(crate) fn rarely<T: Copy>(&mut self, rarely: u8, choices: &[T]) -> T {
        match self.octet().checked_sub(255 - rarely) {
            None => choices[0],
            Some(number) => choices[usize::from(number) % choices.len()],
        }
    }

    /// A number up to 65,535.
    pub(crate) fn long(&mut self) -> usize {
        usize::from(self.octet()) << 8 | usize::from(self.octet())
    }
}
