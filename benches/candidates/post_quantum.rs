//! ML-DSA.

use aws_lc_rs::signature;
use aws_lc_rs::signature::PqdsaVerificationAlgorithm;
use openssl::pkey::KeyType;
use openssl::pkey::PKey;
use openssl::pkey::Public;
use openssl::sign::Verifier;
use yinxin::crypto::algorithm::SignatureAlgorithm;

use crate::candidates::Candidate;
use crate::candidates::MESSAGE;
use crate::candidates::Subject;
use crate::candidates::ours;
use crate::candidates::sign;

pub(crate) fn subjects() -> Vec<Subject> {
    vec![
        subject(
            SignatureAlgorithm::MlDsa44,
            KeyType::ML_DSA_44,
            &signature::ML_DSA_44,
        ),
        subject(
            SignatureAlgorithm::MlDsa65,
            KeyType::ML_DSA_65,
            &signature::ML_DSA_65,
        ),
        subject(
            SignatureAlgorithm::MlDsa87,
            KeyType::ML_DSA_87,
            &signature::ML_DSA_87,
        ),
    ]
}

fn subject(
    algorithm: SignatureAlgorithm,
    kind: KeyType,
    aws_lc: &'static PqdsaVerificationAlgorithm,
) -> Subject {
    let key = PKey::private_key_from_seed(None, kind, None, &[7; 32]).unwrap();
    let (spki, raw) = (
        key.public_key_to_der().unwrap(),
        key.raw_public_key().unwrap(),
    );
    let value = sign(&key, None);
    let held = signature::ParsedPublicKey::new(aws_lc, &raw).unwrap();
    let read = move |raw: &[u8]| PKey::public_key_from_raw_bytes_ex(None, kind, None, raw).unwrap();
    let openssl = |key: &PKey<Public>, value: &[u8]| {
        let mut verifier = Verifier::new_without_digest(key).unwrap();
        verifier.verify_oneshot(value, MESSAGE).unwrap()
    };
    let openssl_held = read(&raw);
    let [one, two, three, four] = std::array::from_fn(|_| value.clone());
    let again = raw.clone();
    let mut candidates = vec![
        Candidate::new("aws-lc cold", move || {
            signature::UnparsedPublicKey::new(aws_lc, &raw)
                .verify(MESSAGE, &one)
                .is_ok()
        }),
        Candidate::new("aws-lc held", move || {
            held.verify_sig(MESSAGE, &two).is_ok()
        }),
        Candidate::new("OpenSSL cold", move || openssl(&read(&again), &three)),
        Candidate::new("OpenSSL held", move || openssl(&openssl_held, &four)),
    ];
    candidates.extend(ours(algorithm, spki, value));
    Subject {
        name: algorithm.name().to_owned(),
        candidates,
    }
}
