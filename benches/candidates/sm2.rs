//! SM2, and what of its time is the double scalar multiplication.

use std::hint::black_box;

use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;
use sm2::ProjectivePoint;
use sm2::Scalar;
use sm2::SecretKey;
use sm2::dsa::Signature;
use sm2::dsa::SigningKey;
use sm2::dsa::VerifyingKey;
use sm2::dsa::signature::Signer as _;
use sm2::dsa::signature::Verifier as _;
use sm2::elliptic_curve::Group as _;
use sm2::elliptic_curve::ops::LinearCombination as _;
use sm2::elliptic_curve::ops::MulByGeneratorVartime as _;
use yinxin::crypto::algorithm::SignatureAlgorithm;
use yinxin::crypto::sm2::Sm2Key;

use crate::candidates::Candidate;
use crate::candidates::MESSAGE;
use crate::candidates::Subject;
use crate::candidates::ours;

/// The default identifier, as the peer wants it.
const ID: &str = "1234567812345678";

/// The DER of an SM2 `SubjectPublicKeyInfo` up to its point.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

pub(crate) fn subjects() -> Vec<Subject> {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let signer = SigningKey::new(ID, &secret).unwrap();
    let signature: Signature = signer.sign(MESSAGE);
    let point = signer.verifying_key().to_sec1_bytes().to_vec();
    let spki = [&SPKI_PREFIX, point.as_slice()].concat();
    let value = der(&signature);
    let mut candidates = vec![
        rust_crypto(signer.verifying_key().clone(), signature),
        openssl(&spki, &point, value.clone()),
    ];
    candidates.extend(ours(SignatureAlgorithm::Sm2Sm3, spki, value));
    let whole = Subject {
        name: "SM2 with SM3".to_owned(),
        candidates,
    };
    vec![
        whole,
        multiplication("SM2: sG + tP, constant", |s, t, p| {
            ProjectivePoint::lincomb(&[(ProjectivePoint::generator(), *s), (*p, *t)])
        }),
        multiplication("SM2: sG + tP, variable", |s, t, p| {
            ProjectivePoint::mul_by_generator_and_mul_add_vartime(s, t, p)
        }),
        multiplication("SM2: to affine", |_, _, p| {
            ProjectivePoint::from(p.to_affine())
        }),
    ]
}

fn der(signature: &Signature) -> Vec<u8> {
    let number = |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).unwrap();
    let (r, s) = (number(&signature.r_bytes()), number(&signature.s_bytes()));
    let value = openssl::ecdsa::EcdsaSig::from_private_components(r, s).unwrap();
    value.to_der().unwrap()
}

fn rust_crypto(key: VerifyingKey, signature: Signature) -> Candidate {
    Candidate::new("RustCrypto", move || {
        key.verify(MESSAGE, &signature).is_ok()
    })
}

/// Over e, since OpenSSL's own Z has an empty identifier; that e is ours to compute is part of the time.
fn openssl(spki: &[u8], point: &[u8], value: Vec<u8>) -> Candidate {
    let key = PKey::public_key_from_der(spki).unwrap();
    let holder = Sm2Key::new(point, ID.as_bytes()).unwrap();
    Candidate::new("OpenSSL held", move || {
        let mut context = PkeyCtx::new(&key).unwrap();
        context.verify_init().unwrap();
        context.verify(&holder.digest(MESSAGE), &value).unwrap()
    })
}

fn multiplication(
    name: &str,
    multiply: impl Fn(&Scalar, &Scalar, &ProjectivePoint) -> ProjectivePoint + 'static,
) -> Subject {
    let scalar = |byte| {
        *SecretKey::from_slice(&[byte; 32])
            .unwrap()
            .to_nonzero_scalar()
    };
    let (s, t) = (scalar(0x5b), scalar(0xa7));
    let point = ProjectivePoint::generator() * scalar(0x33);
    Subject {
        name: name.to_owned(),
        candidates: vec![Candidate::new("RustCrypto", move || {
            black_box(multiply(black_box(&s), black_box(&t), black_box(&point)));
            true
        })],
    }
}
