//! How much work finding out about one path may cost.

/// The work that one check may take. Who sends evidence chooses how much there is, and who issues
/// certificates how entangled it is; so the work is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationBudget {
    /// Signatures on CRLs, OCSP responses and responders' certificates. Those that were proven before are
    /// not counted.
    pub signature_checks: u32,
    /// CRLs and answers looked at, once for each distribution point.
    pub steps: u32,
    /// Certification paths built for signers of CRLs.
    pub signer_paths: u32,
    /// How many signers' statuses may depend on each other, one in another.
    pub depth: usize,
}

impl RevocationBudget {
    /// 100 signatures, as many as building a path may take: a path of four needs three to six.
    /// 100 000 steps: a CA that splits its CRLs into thousands of parts is still looked through.
    /// 8 signers' paths and a depth of 4: a CRL's signer that is not on the path is rare, and one whose
    /// status depends on another such is not met outside of test suites.
    pub const DEFAULT: Self = Self {
        signature_checks: 100,
        steps: 100_000,
        signer_paths: 8,
        depth: 4,
    };
}

impl Default for RevocationBudget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// What is left of the budget.
#[derive(Debug)]
pub(super) struct Spending {
    left: RevocationBudget,
}

impl Spending {
    pub(super) const fn new(budget: RevocationBudget) -> Self {
        Self { left: budget }
    }

    pub(super) const fn depth(&self) -> usize {
        self.left.depth
    }

    pub(super) fn signature_check(&mut self) -> Result<(), Exhausted> {
        take(&mut self.left.signature_checks)
    }

    pub(super) fn step(&mut self) -> Result<(), Exhausted> {
        take(&mut self.left.steps)
    }

    pub(super) fn signer_path(&mut self) -> Result<(), Exhausted> {
        take(&mut self.left.signer_paths)
    }
}

fn take(left: &mut u32) -> Result<(), Exhausted> {
    *left = left.checked_sub(1).ok_or(Exhausted)?;
    Ok(())
}
