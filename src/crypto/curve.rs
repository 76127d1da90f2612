//! The elliptic curves of ECDSA, with what the formats call them.

use openssl::nid::Nid;
use pkcs8::ObjectIdentifier;

use crate::crypto::public_key::KeyAlgorithm;

/// A curve of ECDSA. SM2's is none of them: GB/T 32918.2 signs otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    BrainpoolP256r1,
    BrainpoolP384r1,
    BrainpoolP512r1,
    P192,
    P224,
    P256,
    P384,
    P521,
    Secp256k1,
}

/// One row of [`CURVES`].
struct CurveRow {
    curve: Curve,
    /// In the parameters of `id-ecPublicKey`.
    oid: ObjectIdentifier,
    key: KeyAlgorithm,
    /// RFC 7518 §6.2.1.1, RFC 8812 §3.1; none where JOSE does not know the curve.
    jwk_name: Option<&'static str>,
    /// Bytes of a coordinate, and of r and s: the order of each of these curves is as long as its field.
    coordinate_bytes: usize,
    nid: Nid,
}

/// Identifiers: RFC 5480 §2.1.1.1, RFC 5639 §4.1, SEC 2 §2.4.1 for secp256k1.
const CURVES: &[CurveRow] = &[
    CurveRow {
        curve: Curve::P256,
        oid: ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        key: KeyAlgorithm::EcP256,
        jwk_name: Some("P-256"),
        coordinate_bytes: 32,
        nid: Nid::X9_62_PRIME256V1,
    },
    CurveRow {
        curve: Curve::P384,
        oid: ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        key: KeyAlgorithm::EcP384,
        jwk_name: Some("P-384"),
        coordinate_bytes: 48,
        nid: Nid::SECP384R1,
    },
    CurveRow {
        curve: Curve::P521,
        oid: ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        key: KeyAlgorithm::EcP521,
        jwk_name: Some("P-521"),
        coordinate_bytes: 66,
        nid: Nid::SECP521R1,
    },
    CurveRow {
        curve: Curve::P224,
        oid: ObjectIdentifier::new_unwrap("1.3.132.0.33"),
        key: KeyAlgorithm::EcP224,
        jwk_name: None,
        coordinate_bytes: 28,
        nid: Nid::SECP224R1,
    },
    CurveRow {
        curve: Curve::P192,
        oid: ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.1"),
        key: KeyAlgorithm::EcP192,
        jwk_name: None,
        coordinate_bytes: 24,
        nid: Nid::X9_62_PRIME192V1,
    },
    CurveRow {
        curve: Curve::Secp256k1,
        oid: ObjectIdentifier::new_unwrap("1.3.132.0.10"),
        key: KeyAlgorithm::EcSecp256k1,
        jwk_name: Some("secp256k1"),
        coordinate_bytes: 32,
        nid: Nid::SECP256K1,
    },
    CurveRow {
        curve: Curve::BrainpoolP256r1,
        oid: ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7"),
        key: KeyAlgorithm::EcBrainpoolP256r1,
        jwk_name: None,
        coordinate_bytes: 32,
        nid: Nid::BRAINPOOL_P256R1,
    },
    CurveRow {
        curve: Curve::BrainpoolP384r1,
        oid: ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11"),
        key: KeyAlgorithm::EcBrainpoolP384r1,
        jwk_name: None,
        coordinate_bytes: 48,
        nid: Nid::BRAINPOOL_P384R1,
    },
    CurveRow {
        curve: Curve::BrainpoolP512r1,
        oid: ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.13"),
        key: KeyAlgorithm::EcBrainpoolP512r1,
        jwk_name: None,
        coordinate_bytes: 64,
        nid: Nid::BRAINPOOL_P512R1,
    },
];

impl Curve {
    /// The curve of an object identifier.
    pub(super) fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        CURVES
            .iter()
            .find(|row| row.oid == oid)
            .map(|row| row.curve)
    }

    /// The curve of the `crv` of a JWK.
    pub(super) fn from_jwk_name(name: &str) -> Option<Self> {
        CURVES
            .iter()
            .find(|row| row.jwk_name == Some(name))
            .map(|row| row.curve)
    }

    #[expect(
        clippy::expect_used,
        reason = "the table has a row for every curve: `every_curve_has_one_row` walks them"
    )]
    fn row(self) -> &'static CurveRow {
        CURVES
            .iter()
            .find(|row| row.curve == self)
            .expect("a row for every curve")
    }

    pub(super) fn jwk_name(self) -> Option<&'static str> {
        self.row().jwk_name
    }

    /// The identifier in the parameters of `id-ecPublicKey`.
    pub(super) fn oid(self) -> ObjectIdentifier {
        self.row().oid
    }

    pub(super) fn key_algorithm(self) -> KeyAlgorithm {
        self.row().key
    }

    /// Bytes of a coordinate, and of r and s.
    pub(super) fn coordinate_bytes(self) -> usize {
        self.row().coordinate_bytes
    }

    /// OpenSSL's name.
    pub(super) fn nid(self) -> Nid {
        self.row().nid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::ec::EcGroup;

    #[test]
    fn every_curve_has_one_row() {
        for curve in [
            Curve::BrainpoolP256r1,
            Curve::BrainpoolP384r1,
            Curve::BrainpoolP512r1,
            Curve::P192,
            Curve::P224,
            Curve::P256,
            Curve::P384,
            Curve::P521,
            Curve::Secp256k1,
        ] {
            assert_eq!(CURVES.iter().filter(|row| row.curve == curve).count(), 1);
            assert_eq!(Curve::from_oid(curve.row().oid), Some(curve));
        }
        assert_eq!(CURVES.len(), 9);
    }

    #[test]
    fn the_table_agrees_with_openssl() {
        for row in CURVES {
            let group = EcGroup::from_curve_name(row.nid).unwrap();
            let bytes = usize::try_from(group.order_bits().div_ceil(8)).unwrap();
            assert_eq!(bytes, row.coordinate_bytes, "{:?}", row.curve);
            assert_eq!(
                usize::try_from(group.degree().div_ceil(8)).unwrap(),
                bytes,
                "{:?}",
                row.curve
            );
        }
    }
}
