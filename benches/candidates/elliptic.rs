//! ECDSA and `EdDSA`.

use openssl::bn::BigNumContext;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::ec::EcPoint;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::hash::hash;
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::pkey::PKey;
use openssl::pkey::Public;
use openssl::sign::Verifier;
use yinxin::crypto::algorithm::SignatureAlgorithm;
use yinxin::crypto::public_key::PublicKey;

use crate::candidates::Candidate;
use crate::candidates::MESSAGE;
use crate::candidates::Subject;
use crate::candidates::ours;
use crate::candidates::sign;

pub(crate) fn subjects() -> Vec<Subject> {
    let sha256 = MessageDigest::sha256;
    let sha384 = MessageDigest::sha384;
    let sha512 = MessageDigest::sha512;
    vec![
        reading(),
        ecdsa("P-256", Nid::X9_62_PRIME256V1, sha256()),
        ecdsa("P-384", Nid::SECP384R1, sha384()),
        ecdsa("P-521", Nid::SECP521R1, sha512()),
        ecdsa("secp256k1", Nid::SECP256K1, sha256()),
        ecdsa("brainpoolP256r1", Nid::BRAINPOOL_P256R1, sha256()),
        ecdsa("brainpoolP384r1", Nid::BRAINPOOL_P384R1, sha384()),
        ecdsa("brainpoolP512r1", Nid::BRAINPOOL_P512R1, sha512()),
        eddsa("Ed25519", SignatureAlgorithm::Ed25519, Id::ED25519),
        eddsa("Ed448", SignatureAlgorithm::Ed448, Id::ED448),
    ]
}

/// What making a public key costs before anybody verifies with it: keys a second.
fn reading() -> Subject {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let spki = key.public_key_to_der().unwrap();
    let again = spki.clone();
    Subject {
        name: "P-256 key, read".to_owned(),
        candidates: vec![
            Candidate::new("OpenSSL cold", move || {
                PKey::public_key_from_der(&again).is_ok()
            }),
            Candidate::new("yinxin cold", move || {
                PublicKey::from_spki_der(&spki).is_ok()
            }),
        ],
    }
}

fn ecdsa(name: &str, curve: Nid, digest: MessageDigest) -> Subject {
    let group = EcGroup::from_curve_name(curve).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let spki = key.public_key_to_der().unwrap();
    let mut context = BigNumContext::new().unwrap();
    let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
    let ec = key.ec_key().unwrap();
    let point = ec
        .public_key()
        .to_bytes(&group, form, &mut context)
        .unwrap();
    let signature = sign(&key, Some(digest));
    let mut candidates = Vec::new();
    if let Some(algorithm) = ring_algorithm(name) {
        let (point, signature) = (point.clone(), signature.clone());
        candidates.push(Candidate::new("ring cold", move || {
            ring::signature::UnparsedPublicKey::new(algorithm, &point)
                .verify(MESSAGE, &signature)
                .is_ok()
        }));
    }
    if let Some(algorithm) = aws_lc_algorithm(name) {
        candidates.extend(aws_lc(algorithm, point.clone(), signature.clone()));
    }
    candidates.extend(openssl_ecdsa(curve, digest, point, signature.clone()));
    let algorithm = match digest.type_() {
        Nid::SHA256 => SignatureAlgorithm::EcdsaSha256,
        Nid::SHA384 => SignatureAlgorithm::EcdsaSha384,
        _ => SignatureAlgorithm::EcdsaSha512,
    };
    candidates.extend(ours(algorithm, spki, signature));
    Subject {
        name: format!("ECDSA {name}"),
        candidates,
    }
}

fn ring_algorithm(name: &str) -> Option<&'static dyn ring::signature::VerificationAlgorithm> {
    match name {
        "P-256" => Some(&ring::signature::ECDSA_P256_SHA256_ASN1),
        "P-384" => Some(&ring::signature::ECDSA_P384_SHA384_ASN1),
        _ => None,
    }
}

fn aws_lc_algorithm(
    name: &str,
) -> Option<&'static dyn aws_lc_rs::signature::VerificationAlgorithm> {
    match name {
        "P-256" => Some(&aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1),
        "P-384" => Some(&aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1),
        "P-521" => Some(&aws_lc_rs::signature::ECDSA_P521_SHA512_ASN1),
        "secp256k1" => Some(&aws_lc_rs::signature::ECDSA_P256K1_SHA256_ASN1),
        _ => None,
    }
}

fn aws_lc(
    algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm,
    key: Vec<u8>,
    signature: Vec<u8>,
) -> [Candidate; 2] {
    let held = aws_lc_rs::signature::ParsedPublicKey::new(algorithm, &key).unwrap();
    let again = signature.clone();
    [
        Candidate::new("aws-lc cold", move || {
            aws_lc_rs::signature::UnparsedPublicKey::new(algorithm, &key)
                .verify(MESSAGE, &signature)
                .is_ok()
        }),
        Candidate::new("aws-lc held", move || {
            held.verify_sig(MESSAGE, &again).is_ok()
        }),
    ]
}

fn openssl_ecdsa(
    curve: Nid,
    digest: MessageDigest,
    point: Vec<u8>,
    signature: Vec<u8>,
) -> [Candidate; 2] {
    let read = move || {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let mut context = BigNumContext::new().unwrap();
        let point = EcPoint::from_bytes(&group, &point, &mut context).unwrap();
        EcKey::from_public_key(&group, &point).unwrap()
    };
    let verify = move |key: &EcKey<Public>, signature: &[u8]| {
        let value = EcdsaSig::from_der(signature).unwrap();
        value.verify(&hash(digest, MESSAGE).unwrap(), key).unwrap()
    };
    let (held, again) = (read(), signature.clone());
    [
        Candidate::new("OpenSSL cold", move || verify(&read(), &signature)),
        Candidate::new("OpenSSL held", move || verify(&held, &again)),
    ]
}

fn eddsa(name: &str, algorithm: SignatureAlgorithm, id: Id) -> Subject {
    let key = match id {
        Id::ED25519 => PKey::generate_ed25519().unwrap(),
        _ => PKey::generate_ed448().unwrap(),
    };
    let (spki, raw) = (
        key.public_key_to_der().unwrap(),
        key.raw_public_key().unwrap(),
    );
    let signature = sign(&key, None);
    let mut candidates = Vec::new();
    if id == Id::ED25519 {
        let (raw, signature) = (raw.clone(), signature.clone());
        let again = (raw.clone(), signature.clone());
        candidates.push(Candidate::new("ring cold", move || {
            ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, &raw)
                .verify(MESSAGE, &signature)
                .is_ok()
        }));
        candidates.extend(aws_lc(&aws_lc_rs::signature::ED25519, again.0, again.1));
    }
    let verify = |key: &PKey<Public>, signature: &[u8]| {
        let mut verifier = Verifier::new_without_digest(key).unwrap();
        verifier.verify_oneshot(signature, MESSAGE).unwrap()
    };
    let held = PKey::public_key_from_raw_bytes(&raw, id).unwrap();
    let (again, mine) = (signature.clone(), signature.clone());
    candidates.push(Candidate::new("OpenSSL cold", move || {
        let key = PKey::public_key_from_raw_bytes(&raw, id).unwrap();
        verify(&key, &signature)
    }));
    candidates.push(Candidate::new("OpenSSL held", move || {
        verify(&held, &again)
    }));
    candidates.extend(ours(algorithm, spki, mine));
    Subject {
        name: name.to_owned(),
        candidates,
    }
}
