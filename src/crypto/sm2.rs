//! SM2 signatures with SM3 (GB/T 32918.2-2016, GM/T 0003.2), made and verified.
//!
//! What is signed is not the message's digest but e = SM3(Z ‖ M), where Z binds the signer's identifier
//! and key. In certificates the identifier is always [`DEFAULT_ID`]; OpenSSL's high-level functions use an
//! empty one, and so refuse every real certificate and accept what nobody else does. Z and e are computed
//! here, the value is read by our own strict reader, and the crate `sm2` lends curve and field.
//!
//! # Speed
//! Verifications per second on one core, of one run of `benches/algorithms.rs`: the crate `sm2` as it is
//! 3 647, OpenSSL over e 3 588, this module 4 612 with a key that is new, 12 171 with one that it has
//! verified with eight times before (a CA's, mostly), whose multiples it then keeps (37 KiB a key).
//!
//! `GmSSL` verifies 3.6 times as fast as the crate. What is repeated comes to 3.3 times. What is new does not: of its
//! 217 µs, nine tenths are the double scalar multiplication \[s\]G + \[t\]P — 256 doublings and some 90
//! additions of half a microsecond each, and one inversion of 22 µs — and the multiplication in the field is
//! what it waits for. Closing that would take field arithmetic of our own in variable time: four limbs of 64
//! bits in Montgomery form (p is −1 modulo 2⁶⁴, so that a reduction needs no multiplication for its quotient),
//! Jacobian doublings for a = −3 in place of complete formulas, and an inversion that may take as long as the
//! number wants. That is some 500 lines which nobody else would have tried, for keys that are seen once.

mod multiples;
mod signing_key;

use std::sync::LazyLock;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use sm2::AffinePoint;
use sm2::FieldBytes;
use sm2::ProjectivePoint;
use sm2::Scalar;
use sm2::elliptic_curve::Group as _;
use sm2::elliptic_curve::PrimeField as _;
use sm2::elliptic_curve::ops::Reduce as _;
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm3::Digest as _;
use sm3::Sm3;

use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::sm2::multiples::Multiples;
pub(super) use crate::crypto::sm2::signing_key::Sm2SigningKey;

/// The identifier of whoever has no other one: of every certificate (GM/T 0009 §10).
pub const DEFAULT_ID: &[u8] = b"1234567812345678";

/// a ‖ b ‖ xG ‖ yG of sm2p256v1 (GB/T 32918.5 §2), as Z takes them in.
const CURVE_AND_GENERATOR: [u8; 128] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
    0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7,
    0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
    0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94,
    0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
    0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53,
    0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0,
];

/// A public key together with Z of its holder: what every verification needs and the message does not
/// change.
pub struct Sm2Key {
    point: ProjectivePoint,
    z: [u8; 32],
    uses: AtomicU32,
    /// Of a key that is used again and again.
    multiples: OnceLock<Multiples>,
}

/// From which verification on a key's multiples are worth computing: certificates are verified once, mostly,
/// and by few keys.
const REPEATED: u32 = 8;
/// Bits of a window of a key's multiples.
const KEY_WIDTH: u32 = 4;

/// The multiples of G, some 120 KiB.
static GENERATOR: LazyLock<Multiples> =
    LazyLock::new(|| Multiples::new(&ProjectivePoint::GENERATOR, 6));

impl Sm2Key {
    /// Decodes a point (SEC 1 §2.3.4) for a holder with this identifier.
    ///
    /// None if it is no point of the curve, infinity, or −G: the private key n − 1 is excluded
    /// (GB/T 32918.1 §6.1), since 1 + d is then zero and anyone signs. None, too, for an identifier of
    /// 8192 bytes or more, whose length in bits Z has no room for (GB/T 32918.2 §5.5).
    pub fn new(sec1: &[u8], id: &[u8]) -> Option<Self> {
        let key = sm2::PublicKey::from_sec1_bytes(sec1).ok()?;
        let affine: &AffinePoint = key.as_affine();
        let point = ProjectivePoint::from(*affine);
        if point == -ProjectivePoint::GENERATOR {
            return None;
        }
        let id_bits = u16::try_from(id.len().checked_mul(8)?).ok()?;
        let mut digest = Sm3::new();
        digest.update(id_bits.to_be_bytes());
        digest.update(id);
        digest.update(CURVE_AND_GENERATOR);
        digest.update(affine.to_sec1_point(false).as_bytes().get(1..)?);
        Some(Self {
            point,
            z: digest.finalize().into(),
            uses: AtomicU32::new(0),
            multiples: OnceLock::new(),
        })
    }

    /// Z: the digest of identifier, curve and key (GB/T 32918.2 §5.5).
    pub const fn z(&self) -> &[u8; 32] {
        &self.z
    }

    /// e = SM3(Z ‖ M): what the arithmetic signs in place of the message (GB/T 32918.2 §6.1).
    pub fn digest(&self, message: &[u8]) -> [u8; 32] {
        let mut digest = Sm3::new();
        digest.update(self.z);
        digest.update(message);
        digest.finalize().into()
    }

    /// Whether `signature`, in DER, is this key's over what has the digest `e`. No other form is read:
    /// r ‖ s does not occur in X.509 or CMS (GM/T 0009 §7.3).
    pub fn verify_digest(&self, e: &[u8; 32], signature: &[u8]) -> bool {
        EcdsaValue::from_der(signature).is_ok_and(|value| self.verify_value(e, &value))
    }

    /// GB/T 32918.2 §7.1, steps B1 to B7.
    pub(super) fn verify_value(&self, e: &[u8; 32], value: &EcdsaValue) -> bool {
        let (Some(r), Some(s)) = (in_range(&value.r), in_range(&value.s)) else {
            return false;
        };
        let t = r + s;
        if bool::from(t.is_zero()) {
            return false;
        }
        let point = GENERATOR.add_multiple(&s, self.multiple(&t));
        if bool::from(point.is_identity()) {
            return false;
        }
        let x = Scalar::reduce(&point.to_affine().x());
        Scalar::reduce(&FieldBytes::from(*e)) + x == r
    }
}

impl Sm2Key {
    /// `t` times the key's point.
    fn multiple(&self, t: &Scalar) -> ProjectivePoint {
        if self.multiples.get().is_none() && self.uses.fetch_add(1, Ordering::Relaxed) < REPEATED {
            return self.point.mul_vartime(t);
        }
        self.multiples
            .get_or_init(|| Multiples::new(&self.point, KEY_WIDTH))
            .add_multiple(t, ProjectivePoint::IDENTITY)
    }
}

/// The number as a scalar, if 1 ≤ number < n.
fn in_range(number: &[u8]) -> Option<Scalar> {
    let start = FIELD_BYTES.checked_sub(number.len())?;
    let mut padded = FieldBytes::default();
    padded.get_mut(start..)?.copy_from_slice(number);
    Scalar::from_repr(padded)
        .into_option()
        .filter(|scalar| !bool::from(scalar.is_zero()))
}

const FIELD_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    /// GB/T 32918.5 annex A.
    const POINT: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                         ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
    const SIGNATURE: &str = "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                             022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

    fn bytes(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    #[test]
    fn the_published_example_holds() {
        let key = Sm2Key::new(&bytes(POINT), DEFAULT_ID).unwrap();
        assert_eq!(
            hex::encode(key.z()),
            "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
        );
        let e = key.digest(b"message digest");
        assert_eq!(
            hex::encode(&e),
            "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
        );
        let signature = bytes(SIGNATURE);
        assert!(key.verify_digest(&e, &signature));
        let other = Sm2Key::new(&bytes(POINT), b"").unwrap();
        assert!(!other.verify_digest(&other.digest(b"message digest"), &signature));
        assert!(!key.verify_digest(&e, &signature[..signature.len() - 1]));
        assert!(!key.verify_digest(&e, &[&signature[..], &[0]].concat()));
        let raw = [&signature[5..37], &signature[40..]].concat();
        assert_eq!(raw.len(), 64);
        assert!(!key.verify_digest(&e, &raw), "r ‖ s");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let mut off = bytes(POINT);
        off[64] ^= 1;
        assert!(Sm2Key::new(&off, DEFAULT_ID).is_none());
        assert!(Sm2Key::new(&[0], DEFAULT_ID).is_none(), "infinity");
        assert!(Sm2Key::new(&[], DEFAULT_ID).is_none());
        let minus_g = (-ProjectivePoint::GENERATOR).to_affine();
        let minus_g = minus_g.to_sec1_point(false);
        assert!(Sm2Key::new(minus_g.as_bytes(), DEFAULT_ID).is_none());
        assert!(Sm2Key::new(&bytes(POINT), &[0; 8191]).is_some());
        assert!(Sm2Key::new(&bytes(POINT), &[0; 8192]).is_none());
    }

    #[test]
    fn numbers_outside_the_order_are_refused() {
        let n = bytes("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
        assert!(in_range(&n).is_none());
        assert!(in_range(&[]).is_none());
        assert!(in_range(&[0; 32]).is_none());
        assert!(in_range(&[1; 33]).is_none());
        assert!(in_range(&[1]).is_some());
    }
}
