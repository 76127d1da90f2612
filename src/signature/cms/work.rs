//! What one document may make us compute.

use std::cell::Cell;

/// So many signature values are verified for one document: 64 signers with three timestamps each, and some
/// certificates tried in vain. The document chooses how many there are.
const MAX_SIGNATURE_CHECKS: u32 = 256;
/// Timestamps inside timestamps inside timestamps: an archive timestamp that was itself archived.
const MAX_NESTING: u8 = 3;

/// The budget of one document, shared by everything inside it.
#[derive(Debug)]
pub(in crate::signature) struct Work {
    signature_checks: Cell<u32>,
}

/// A place in the nesting of signatures inside signatures.
#[derive(Clone, Copy, Debug)]
pub(in crate::signature) struct Level<'w> {
    work: &'w Work,
    nesting_left: u8,
}

impl Work {
    pub(in crate::signature) const fn new() -> Self {
        Self {
            signature_checks: Cell::new(MAX_SIGNATURE_CHECKS),
        }
    }

    pub(in crate::signature) const fn outermost(&self) -> Level<'_> {
        Level {
            work: self,
            nesting_left: MAX_NESTING,
        }
    }
}

impl<'w> Level<'w> {
    /// Takes one signature check out of the budget; `false` when it is spent.
    pub(in crate::signature) fn spend_signature_check(&self) -> bool {
        match self.work.signature_checks.get().checked_sub(1) {
            Some(left) => {
                self.work.signature_checks.set(left);
                true
            }
            None => false,
        }
    }

    /// One level further in; none where that is too deep.
    pub(in crate::signature) fn inside(&self) -> Option<Self> {
        let nesting_left = self.nesting_left.checked_sub(1)?;
        Some(Level {
            work: self.work,
            nesting_left,
        })
    }
}
