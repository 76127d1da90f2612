//! How much work one search may cost.

use crate::pki::path::error::PathError;

/// The work that one path search may take.
///
/// The sender of a certificate chooses how many candidates there are, and may arrange them so that the
/// number of paths grows exponentially; so the work is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Signatures computed. One already computed in the same search is not counted again.
    pub signature_checks: u32,
    /// Candidates looked at, over all paths.
    pub steps: u32,
    /// Certificates in one path, the end entity's included and the anchor not.
    pub path_certificates: usize,
}

impl Budget {
    /// 100 signatures: rustls-webpki's number, which is the one of Go's fix for CVE-2018-16875.
    /// 200 000 steps: rustls-webpki's number again, from `mozilla::pkix` (`pkixbuild.cpp`).
    /// 20 certificates: NSS's `CERT_MAX_CERT_CHAIN`; paths in use have two to four.
    pub const DEFAULT: Self = Self {
        signature_checks: 100,
        steps: 200_000,
        path_certificates: 20,
    };
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What one search has used so far.
#[derive(Debug)]
pub(super) struct Spending {
    budget: Budget,
    signature_checks: u32,
    steps: u32,
}

impl Spending {
    pub(super) const fn new(budget: Budget) -> Self {
        Self {
            budget,
            signature_checks: 0,
            steps: 0,
        }
    }

    pub(super) const fn path_certificates(&self) -> usize {
        self.budget.path_certificates
    }

    /// Takes one signature check.
    pub(super) fn signature_check(&mut self) -> Result<(), PathError> {
        if self.signature_checks >= self.budget.signature_checks {
            return Err(self.exhausted());
        }
        self.signature_checks += 1;
        Ok(())
    }

    /// Takes one step.
    pub(super) fn step(&mut self) -> Result<(), PathError> {
        if self.steps >= self.budget.steps {
            return Err(self.exhausted());
        }
        self.steps += 1;
        Ok(())
    }

    const fn exhausted(&self) -> PathError {
        PathError::BudgetExhausted {
            signature_checks: self.signature_checks,
            steps: self.steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_budget_can_be_spent() {
        let mut spending = Spending::new(Budget {
            signature_checks: 2,
            steps: 1,
            path_certificates: 3,
        });
        assert_eq!(spending.step(), Ok(()));
        assert_eq!(spending.signature_check(), Ok(()));
        assert_eq!(spending.signature_check(), Ok(()));
        let exhausted = Err(PathError::BudgetExhausted {
            signature_checks: 2,
            steps: 1,
        });
        assert_eq!(spending.step(), exhausted);
        assert_eq!(spending.signature_check(), exhausted);
    }
}
