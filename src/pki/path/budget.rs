//! How much work one search may cost.

use std::cell::Cell;

use crate::pki::path::error::PathError;

/// The work that one verification may take for building and validating paths.
///
/// The sender of a certificate chooses how many candidates there are, and may arrange them so that the
/// number of paths grows exponentially; so the work is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Signatures computed. One already computed in the same search is not counted again, nor is one that is
    /// remembered from earlier ones.
    pub signature_checks: u32,
    /// Candidates looked at, over all paths.
    pub steps: u32,
    /// Certificates in one path, the end entity's included and the anchor not.
    pub path_certificates: usize,
    /// Comparisons of a name with a subtree of name constraints, over all paths.
    pub name_comparisons: u32,
    /// Valid paths offered to whoever asks more of them than that.
    pub paths: u32,
}

impl Budget {
    /// 100 signatures: rustls-webpki's number, which is the one of Go's fix for CVE-2018-16875.
    /// 200 000 steps: rustls-webpki's number again, from `mozilla::pkix` (`pkixbuild.cpp`).
    /// 20 certificates: NSS's `CERT_MAX_CERT_CHAIN`; paths in use have two to four.
    /// 250 000 comparisons: rustls-webpki's number, and Go's.
    /// 32 paths: each may cost a look through revocation evidence; a certificate in use has one to four.
    pub const DEFAULT: Self = Self {
        signature_checks: 100,
        steps: 200_000,
        path_certificates: 20,
        name_comparisons: 250_000,
        paths: 32,
    };
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What has been used of a [`Budget`]. Several searches of one verification may share it.
#[derive(Debug, Default)]
pub struct Spending {
    signature_checks: Cell<u32>,
    steps: Cell<u32>,
    name_comparisons: Cell<u32>,
    paths: Cell<u32>,
}

impl Spending {
    /// Signatures computed so far.
    pub const fn signature_checks(&self) -> u32 {
        self.signature_checks.get()
    }

    /// Candidates looked at so far.
    pub const fn steps(&self) -> u32 {
        self.steps.get()
    }

    /// Names compared with subtrees so far.
    pub const fn name_comparisons(&self) -> u32 {
        self.name_comparisons.get()
    }

    /// Takes one signature check.
    pub(super) fn signature_check(&self, budget: Budget) -> Result<(), PathError> {
        self.take(&self.signature_checks, budget.signature_checks, 1)
    }

    /// Takes one step.
    pub(super) fn step(&self, budget: Budget) -> Result<(), PathError> {
        self.take(&self.steps, budget.steps, 1)
    }

    /// Takes the comparisons that were made.
    pub(super) fn compared(&self, budget: Budget, names: u32) -> Result<(), PathError> {
        self.take(&self.name_comparisons, budget.name_comparisons, names)
    }

    /// Takes one valid path.
    pub(super) fn path(&self, budget: Budget) -> Result<(), PathError> {
        self.take(&self.paths, budget.paths, 1)
    }

    fn take(&self, used: &Cell<u32>, limit: u32, amount: u32) -> Result<(), PathError> {
        let after = used.get().saturating_add(amount);
        if after > limit {
            return Err(self.exhausted());
        }
        used.set(after);
        Ok(())
    }

    /// The error of whoever wanted more.
    pub(super) fn exhausted(&self) -> PathError {
        PathError::BudgetExhausted {
            signature_checks: self.signature_checks(),
            steps: self.steps(),
            name_comparisons: self.name_comparisons(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_budget_can_be_spent() {
        let budget = Budget {
            signature_checks: 2,
            steps: 1,
            path_certificates: 3,
            name_comparisons: 5,
            paths: 1,
        };
        let spending = Spending::default();
        assert_eq!(spending.step(budget), Ok(()));
        assert_eq!(spending.signature_check(budget), Ok(()));
        assert_eq!(spending.signature_check(budget), Ok(()));
        assert_eq!(spending.compared(budget, 4), Ok(()));
        let exhausted = Err(PathError::BudgetExhausted {
            signature_checks: 2,
            steps: 1,
            name_comparisons: 4,
        });
        assert_eq!(spending.step(budget), exhausted);
        assert_eq!(spending.signature_check(budget), exhausted);
        assert_eq!(spending.compared(budget, 2), exhausted);
        assert_eq!(spending.compared(budget, 1), Ok(()));
    }
}
