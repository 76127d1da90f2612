//! Whose key may verify a signed document: the first certificate of `x5c`, or one that a protected thumbprint
//! names among those that came along.

use serde_json::Map;
use serde_json::Value;

use crate::pki::certificate::Certificate;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::Fault;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::header;
use crate::signature::jose::signed_header::SignedHeader;

/// Members that hold a key or say where to find one (RFC 7515 §4.1.2, §4.1.3, §4.1.5). None is ever used.
const KEY_REFERENCES: &[&str] = &["jku", "jwk", "x5u"];

/// The signer's certificate and the others.
#[derive(Debug)]
pub(super) struct Certificates {
    pub(super) signer: Option<Certificate>,
    pub(super) others: Vec<Certificate>,
    pub(super) reference: CertificateReference,
}

impl Certificates {
    /// Picks the signer's certificate. `elsewhere` came with the document and is nobody's word.
    pub(super) fn pick(
        header: &SignedHeader,
        unprotected: &Map<String, Value>,
        mut elsewhere: Vec<Certificate>,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let chain = header::certificates(&header.members);
        let is_x5c_malformed = chain.is_err();
        let mut chain = chain.unwrap_or_else(|error| {
            faults.push(fault_of(&error));
            Vec::new()
        });
        // An unprotected `x5c` is one more place where certificates may lie.
        if let Ok(more) = header::certificates(unprotected) {
            elsewhere.extend(more);
        }
        let signer = match (chain.is_empty(), is_x5c_malformed) {
            // RFC 7515 §4.1.6: the first is the one whose key signed.
            (false, _) => Some(chain.remove(0)),
            // Whose first certificate cannot be read has named a signer whom we cannot see.
            (true, true) => None,
            (true, false) if header.thumbprints.is_empty() => None,
            (true, false) => {
                let is_named = |certificate: &Certificate| {
                    header.thumbprints.reference_to(certificate) == CertificateReference::Matches
                };
                let place = elsewhere.iter().position(is_named);
                place.map(|place| elsewhere.remove(place))
            }
        };
        let reference = match &signer {
            Some(signer) => match header.thumbprints.reference_to(signer) {
                // It is itself among what was signed: `x5c` is protected.
                CertificateReference::Absent => CertificateReference::Matches,
                other @ (CertificateReference::Differs | CertificateReference::Matches) => other,
            },
            None if header.thumbprints.is_empty() => CertificateReference::Absent,
            None => CertificateReference::Matches,
        };
        if signer.is_none() {
            tell_key_references(&header.members, unprotected, faults);
        }
        for certificate in elsewhere {
            if !chain.contains(&certificate) && signer.as_ref() != Some(&certificate) {
                chain.push(certificate);
            }
        }
        Self {
            signer,
            others: chain,
            reference,
        }
    }
}

fn fault_of(error: &JoseError) -> Fault {
    let detail = match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    if matches!(error, JoseError::TooManyCertificates { .. }) {
        Fault::unprocessed("x5c", detail)
    } else {
        Fault::broken("x5c", detail)
    }
}

fn tell_key_references(
    protected: &Map<String, Value>,
    unprotected: &Map<String, Value>,
    faults: &mut Vec<Fault>,
) {
    for name in KEY_REFERENCES {
        if protected.contains_key(*name) || unprotected.contains_key(*name) {
            let detail =
                "the key that it means is not used: the signer does not choose whom we trust";
            faults.push(Fault::unprocessed(name, detail));
        }
    }
}
