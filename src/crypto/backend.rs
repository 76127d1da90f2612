//! Which library verifies what: a choice by measurement.
//!
//! [`BACKENDS`] holds the figures of `benches/algorithms.rs` and the choice that follows from them; a test
//! says that it does. All of them came from one run, the libraries taking turns: verifications per second of
//! a message of 500 bytes on one core, the key held as the library holds it (`ring` reads it each time: it
//! has no other form).
//!
//! What the chosen library does not combine (a curve with an unusual digest, RSASSA-PSS with an unusual salt,
//! RSA of more than 8192 bits, or of less than 2048 with most digests) goes to OpenSSL, which has everything but SM2 as we want it
//! and RSASSA-PSS with SHAKE: of the last it computes the power, and `crypto::shake_pss` reads the result.
//!
//! Strictness does not differ: Wycheproof is judged right to the last case by whatever is chosen here
//! (`tests/it/wycheproof.rs`), and what a library might see otherwise (exponents, sizes, points, DER) is read
//! and bounded before it sees it. `ring` makes our own signatures, digests and MACs.

use crate::crypto::curve::Curve;

/// A library that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    AwsLc,
    OpenSsl,
    Ring,
    RustCrypto,
}

/// What is to be verified, as far as it decides about the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Ecdsa(Curve),
    Ed25519,
    Ed448,
    MlDsa44,
    MlDsa65,
    MlDsa87,
    Rsa,
    RsaPss,
    RsaPssShake,
    Sm2,
}

/// One row of [`BACKENDS`].
pub(super) struct BackendRow {
    pub(super) task: Task,
    /// The library that is used.
    pub(super) backend: Backend,
    /// Verifications per second.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "what the choice rests on, for the reader and the test"
        )
    )]
    pub(super) figures: &'static [(Backend, u32)],
}

const fn row(task: Task, backend: Backend, figures: &'static [(Backend, u32)]) -> BackendRow {
    BackendRow {
        task,
        backend,
        figures,
    }
}

/// The choice.
pub(super) const BACKENDS: &[BackendRow] = &[
    row(
        Task::Rsa, // of 2048 bits
        Backend::AwsLc,
        &[
            (Backend::AwsLc, 64_527),
            (Backend::OpenSsl, 52_916),
            (Backend::Ring, 47_431),
        ],
    ),
    row(
        Task::RsaPss,
        Backend::AwsLc,
        &[
            (Backend::AwsLc, 62_084),
            (Backend::OpenSsl, 49_904),
            (Backend::Ring, 45_548),
        ],
    ),
    row(Task::RsaPssShake, Backend::OpenSsl, &[]),
    row(
        Task::Ecdsa(Curve::P256),
        Backend::AwsLc,
        &[
            (Backend::AwsLc, 20_419),
            (Backend::OpenSsl, 16_811),
            (Backend::Ring, 18_798),
        ],
    ),
    row(
        Task::Ecdsa(Curve::P384),
        Backend::AwsLc,
        &[
            (Backend::AwsLc, 5_200),
            (Backend::OpenSsl, 1_631),
            (Backend::Ring, 1_310),
        ],
    ),
    row(
        Task::Ecdsa(Curve::P521),
        Backend::AwsLc,
        &[(Backend::AwsLc, 2_995), (Backend::OpenSsl, 701)],
    ),
    row(
        Task::Ecdsa(Curve::Secp256k1),
        Backend::AwsLc,
        &[(Backend::AwsLc, 4_477), (Backend::OpenSsl, 3_237)],
    ),
    row(
        Task::Ecdsa(Curve::BrainpoolP256r1),
        Backend::OpenSsl,
        &[(Backend::OpenSsl, 3_296)],
    ),
    row(
        Task::Ecdsa(Curve::BrainpoolP384r1),
        Backend::OpenSsl,
        &[(Backend::OpenSsl, 1_505)],
    ),
    row(
        Task::Ecdsa(Curve::BrainpoolP512r1),
        Backend::OpenSsl,
        &[(Backend::OpenSsl, 1_108)],
    ),
    row(Task::Ecdsa(Curve::P192), Backend::OpenSsl, &[]),
    row(Task::Ecdsa(Curve::P224), Backend::OpenSsl, &[]),
    row(
        Task::Ed25519,
        Backend::AwsLc,
        &[
            (Backend::AwsLc, 27_012),
            (Backend::OpenSsl, 9_661),
            (Backend::Ring, 21_528),
        ],
    ),
    row(Task::Ed448, Backend::OpenSsl, &[(Backend::OpenSsl, 4_631)]),
    row(
        Task::MlDsa44,
        Backend::AwsLc,
        &[(Backend::AwsLc, 44_516), (Backend::OpenSsl, 9_046)],
    ),
    row(
        Task::MlDsa65,
        Backend::AwsLc,
        &[(Backend::AwsLc, 27_887), (Backend::OpenSsl, 5_955)],
    ),
    row(
        Task::MlDsa87,
        Backend::AwsLc,
        &[(Backend::AwsLc, 18_163), (Backend::OpenSsl, 3_843)],
    ),
    row(
        Task::Sm2, // held since its eighth use; 4 612 before, and 3 647 as RustCrypto verifies itself
        Backend::RustCrypto,
        &[(Backend::OpenSsl, 3_588), (Backend::RustCrypto, 12_171)],
    ),
];

impl Task {
    /// The library that is used.
    #[expect(
        clippy::expect_used,
        reason = "the table has a row for every task: `every_task_has_one_row` walks them"
    )]
    pub(super) fn backend(self) -> Backend {
        BACKENDS
            .iter()
            .find(|row| row.task == self)
            .map(|row| row.backend)
            .expect("a row for every task")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_one_row() {
        let curves = [
            Curve::BrainpoolP256r1,
            Curve::BrainpoolP384r1,
            Curve::BrainpoolP512r1,
            Curve::P192,
            Curve::P224,
            Curve::P256,
            Curve::P384,
            Curve::P521,
            Curve::Secp256k1,
        ];
        let others = [
            Task::Ed25519,
            Task::Ed448,
            Task::MlDsa44,
            Task::MlDsa65,
            Task::MlDsa87,
            Task::Rsa,
            Task::RsaPss,
            Task::RsaPssShake,
            Task::Sm2,
        ];
        for task in curves.map(Task::Ecdsa).into_iter().chain(others) {
            let rows = BACKENDS.iter().filter(|row| row.task == task);
            assert_eq!(rows.count(), 1, "{task:?}");
        }
        assert_eq!(BACKENDS.len(), curves.len() + others.len());
    }

    #[test]
    fn the_fastest_is_chosen() {
        for row in BACKENDS {
            let fastest = row.figures.iter().max_by_key(|(_, rate)| *rate);
            if let Some((backend, _)) = fastest {
                assert_eq!(*backend, row.backend, "{:?}", row.task);
            }
        }
    }
}
