//! Which company a certificate is of, as far as its CA vouches for that.
//!
//! Only the OIDs count that the CA's `ca.toml` names: what a CA writes elsewhere it may not have
//! examined. The value is a subject attribute, or an extension that holds a DER string or, as some
//! Chinese CAs write it, bare characters.

use crate::identifier::uscc::Uscc;
use crate::pki::certificate::Certificate;
use crate::pki::oid::Oid;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;

/// `organizationIdentifier` (X.520), whose values have a scheme in front.
const ORGANIZATION_IDENTIFIER: &str = "2.5.4.97";

/// The scheme of a national trade register, and the country (ETSI EN 319 412-1 §5.1.4).
const CHINESE_TRADE_REGISTER: &str = "NTRCN-";

/// What a certificate says of its company.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The company and the OID that it was found under.
    pub(super) company: Option<(Uscc, Oid)>,
    /// What was odd about it.
    pub(super) remarks: Vec<Reason>,
}

/// Reads the company from the first of `oids` that has one. Two different companies are none.
pub(super) fn identify(certificate: &Certificate, oids: &[Oid]) -> Identity {
    let mut found: Vec<(Uscc, Oid)> = Vec::new();
    let mut invalid = Vec::new();
    for oid in oids {
        for text in values(certificate, oid) {
            match Uscc::parse(&text) {
                Ok(uscc) => found.push((uscc, oid.clone())),
                Err(_) => invalid.push(oid),
            }
        }
    }
    let differ = found.windows(2).any(|pair| match pair {
        [(one, _), (other, _)] => one != other,
        _ => false,
    });
    if differ {
        let sources: Vec<String> = found.iter().map(|(_, oid)| oid.to_string()).collect();
        let remark = Reason::new(ReasonCode::SignerIdentityAmbiguous);
        return Identity {
            company: None,
            remarks: vec![remark.with("sources", sources.join(", "))],
        };
    }
    // An organisation code or a local number beside a valid USCC is ordinary.
    let remarks = match (found.is_empty(), invalid.first()) {
        (true, Some(source)) => {
            let remark = Reason::new(ReasonCode::SignerUsccInvalid);
            vec![remark.with("source", source.to_string())]
        }
        _ => Vec::new(),
    };
    Identity {
        company: found.into_iter().next(),
        remarks,
    }
}

/// The texts under one OID, as attribute and as extension.
fn values(certificate: &Certificate, oid: &Oid) -> Vec<String> {
    let attribute = certificate.subject().attribute(oid);
    let extension = certificate.extension_text(oid);
    let texts = attribute.into_iter().chain(extension);
    texts
        .map(|text| {
            let text = text.trim();
            let bare = match *oid == ORGANIZATION_IDENTIFIER {
                true => text.strip_prefix(CHINESE_TRADE_REGISTER),
                false => None,
            };
            bare.unwrap_or(text).to_owned()
        })
        .collect()
}
