//! RSA, in the sizes of certificates.

use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::pkey::Public;
use openssl::rsa::Padding;
use openssl::rsa::Rsa;
use openssl::sign::RsaPssSaltlen;
use openssl::sign::Signer;
use openssl::sign::Verifier;
use yinxin::crypto::algorithm::SignatureAlgorithm;

use crate::candidates::Candidate;
use crate::candidates::MESSAGE;
use crate::candidates::Subject;
use crate::candidates::ours;

pub(crate) fn subjects() -> Vec<Subject> {
    let sizes = [2048, 3072, 4096, 8192];
    let mut subjects: Vec<Subject> = sizes.map(|bits| subject(bits, Padding::PKCS1)).into();
    subjects.push(subject(2048, Padding::PKCS1_PSS));
    subjects
}

fn subject(bits: u32, padding: Padding) -> Subject {
    let rsa = Rsa::generate(bits).unwrap();
    let (n, e) = (rsa.n().to_vec(), rsa.e().to_vec());
    let key = PKey::from_rsa(rsa).unwrap();
    let spki = key.public_key_to_der().unwrap();
    let signature = sign(&key, padding);
    let is_pss = padding == Padding::PKCS1_PSS;
    let jose = if is_pss { "PS256" } else { "RS256" };
    let mut candidates = vec![
        ring(is_pss, n.clone(), e.clone(), signature.clone()),
        aws_lc_cold(is_pss, n.clone(), e.clone(), signature.clone()),
        aws_lc_held(is_pss, &n, &e, signature.clone()),
        openssl(padding, &n, &e, signature.clone()),
        openssl_cold(padding, n, e, signature.clone()),
    ];
    let algorithm = SignatureAlgorithm::from_jose_name(jose).unwrap();
    candidates.extend(ours(algorithm, spki, signature));
    Subject {
        name: format!("RSA-{bits} {jose}"),
        candidates,
    }
}

fn sign(key: &PKey<Private>, padding: Padding) -> Vec<u8> {
    let mut signer = Signer::new(MessageDigest::sha256(), key).unwrap();
    signer.set_rsa_padding(padding).unwrap();
    if padding == Padding::PKCS1_PSS {
        signer
            .set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)
            .unwrap();
    }
    signer.sign_oneshot_to_vec(MESSAGE).unwrap()
}

fn ring(is_pss: bool, n: Vec<u8>, e: Vec<u8>, signature: Vec<u8>) -> Candidate {
    let parameters = match is_pss {
        true => &ring::signature::RSA_PSS_2048_8192_SHA256,
        false => &ring::signature::RSA_PKCS1_2048_8192_SHA256,
    };
    Candidate::new("ring cold", move || {
        ring::signature::RsaPublicKeyComponents { n: &n, e: &e }
            .verify(parameters, MESSAGE, &signature)
            .is_ok()
    })
}

fn aws_lc_parameters(is_pss: bool) -> &'static aws_lc_rs::signature::RsaParameters {
    match is_pss {
        true => &aws_lc_rs::signature::RSA_PSS_2048_8192_SHA256,
        false => &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256,
    }
}

fn aws_lc_cold(is_pss: bool, n: Vec<u8>, e: Vec<u8>, signature: Vec<u8>) -> Candidate {
    let parameters = aws_lc_parameters(is_pss);
    Candidate::new("aws-lc cold", move || {
        aws_lc_rs::signature::RsaPublicKeyComponents { n: &n, e: &e }
            .verify(parameters, MESSAGE, &signature)
            .is_ok()
    })
}

fn aws_lc_held(is_pss: bool, n: &[u8], e: &[u8], signature: Vec<u8>) -> Candidate {
    let key = aws_lc_rs::signature::RsaPublicKeyComponents { n, e }
        .to_parsed_public_key(aws_lc_parameters(is_pss))
        .unwrap();
    Candidate::new("aws-lc held", move || {
        key.verify_sig(MESSAGE, &signature).is_ok()
    })
}

fn openssl_key(n: &[u8], e: &[u8]) -> PKey<Public> {
    let [n, e] = [n, e].map(|number| BigNum::from_slice(number).unwrap());
    PKey::from_rsa(Rsa::from_public_components(n, e).unwrap()).unwrap()
}

fn openssl_verify(key: &PKey<Public>, padding: Padding, signature: &[u8]) -> bool {
    let mut verifier = Verifier::new(MessageDigest::sha256(), key).unwrap();
    verifier.set_rsa_padding(padding).unwrap();
    if padding == Padding::PKCS1_PSS {
        verifier
            .set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)
            .unwrap();
    }
    verifier.verify_oneshot(signature, MESSAGE).unwrap()
}

fn openssl(padding: Padding, n: &[u8], e: &[u8], signature: Vec<u8>) -> Candidate {
    let key = openssl_key(n, e);
    Candidate::new("OpenSSL held", move || {
        openssl_verify(&key, padding, &signature)
    })
}

fn openssl_cold(padding: Padding, n: Vec<u8>, e: Vec<u8>, signature: Vec<u8>) -> Candidate {
    Candidate::new("OpenSSL cold", move || {
        openssl_verify(&openssl_key(&n, &e), padding, &signature)
    })
}
