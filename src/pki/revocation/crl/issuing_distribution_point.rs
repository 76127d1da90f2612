//! What a CRL says that it covers (RFC 5280 §5.2.5).

use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::revocation::distribution_point::DistributionPointName;
use crate::pki::revocation::reason::ReasonSet;

/// The extension `issuingDistributionPoint` (RFC 5280 §5.2.5). A CRL without it covers every certificate
/// of its issuer, for every reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuingDistributionPoint {
    name: Option<DistributionPointName>,
    certificates: CoveredCertificates,
    only_some_reasons: Option<ReasonSet>,
    issuers: CoveredIssuers,
}

/// Of which kind the certificates are that a CRL covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoveredCertificates {
    /// Any.
    All,
    /// `onlyContainsAttributeCerts`: none that RFC 5280 is about.
    Attribute,
    /// `onlyContainsCACerts`.
    Ca,
    /// `onlyContainsUserCerts`.
    User,
}

/// Whose certificates a CRL covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoveredIssuers {
    /// `indirectCRL`: those of any issuer that an entry names, besides its own.
    Any,
    /// The CRL issuer's alone.
    Own,
}

impl IssuingDistributionPoint {
    /// `distributionPoint`: the names of this CRL.
    #[must_use]
    pub const fn name(&self) -> Option<&DistributionPointName> {
        self.name.as_ref()
    }

    /// Which certificates it covers.
    #[must_use]
    pub const fn certificates(&self) -> CoveredCertificates {
        self.certificates
    }

    /// `onlySomeReasons`: those that it covers; `None`: all.
    #[must_use]
    pub const fn only_some_reasons(&self) -> Option<ReasonSet> {
        self.only_some_reasons
    }

    /// Whose certificates it covers.
    #[must_use]
    pub const fn issuers(&self) -> CoveredIssuers {
        self.issuers
    }

    /// Reads the value of the extension; none if it is anything else, or if more than one kind of
    /// certificate is the only one (§5.2.5: "at most one of onlyContainsUserCerts, onlyContainsCACerts,
    /// and onlyContainsAttributeCerts may be set to TRUE").
    pub(super) fn from_der(value: &[u8]) -> Option<Self> {
        der::check(value).ok()?;
        let mut fields = Reader::new(value).expect(der::SEQUENCE).ok()?.reader();
        let name = match fields.optional(der::context_constructed(0)).ok()? {
            Some(explicit) => Some(DistributionPointName::read(explicit).ok()?),
            None => None,
        };
        let user = flag(fields.optional(der::context_primitive(1)).ok()?)?;
        let ca = flag(fields.optional(der::context_primitive(2)).ok()?)?;
        let only_some_reasons = match fields.optional(der::context_primitive(3)).ok()? {
            Some(flags) => Some(ReasonSet::from_der_content(flags.content)?),
            None => None,
        };
        let indirect = flag(fields.optional(der::context_primitive(4)).ok()?)?;
        let attribute = flag(fields.optional(der::context_primitive(5)).ok()?)?;
        fields.finish().ok()?;
        Some(Self {
            name,
            certificates: match (user, ca, attribute) {
                (false, false, false) => CoveredCertificates::All,
                (true, false, false) => CoveredCertificates::User,
                (false, true, false) => CoveredCertificates::Ca,
                (false, false, true) => CoveredCertificates::Attribute,
                _ => return None,
            },
            only_some_reasons,
            issuers: match indirect {
                true => CoveredIssuers::Any,
                false => CoveredIssuers::Own,
            },
        })
    }
}

/// `BOOLEAN DEFAULT FALSE` under a tag of its own; none if it is no BOOLEAN in DER (X.690 §11.1).
fn flag(element: Option<Element<'_>>) -> Option<bool> {
    match element.map(|element| element.content) {
        None | Some([0x00]) => Some(false),
        Some([0xff]) => Some(true),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::fixtures::sequence;

    fn primitive(number: u8, content: &[u8]) -> Vec<u8> {
        der::encode(der::context_primitive(number), content)
    }

    fn read(fields: &[Vec<u8>]) -> Option<IssuingDistributionPoint> {
        IssuingDistributionPoint::from_der(&sequence(fields))
    }

    #[test]
    fn every_field_is_read() {
        let uri = primitive(6, b"http://a/");
        let full = der::encode(
            der::context_constructed(0),
            &der::encode(der::context_constructed(0), &uri),
        );
        let all = read(&[
            full,
            primitive(1, &[0]),
            primitive(2, &[0xff]),
            primitive(3, &[5, 0x60]),
            primitive(4, &[0xff]),
            primitive(5, &[0]),
        ])
        .unwrap();
        assert!(matches!(all.name(), Some(DistributionPointName::Full(names)) if names.len() == 1));
        assert_eq!(all.certificates(), CoveredCertificates::Ca);
        assert_eq!(all.issuers(), CoveredIssuers::Any);
        assert!(all.only_some_reasons().is_some());
        let none = read(&[]).unwrap();
        assert_eq!(none.certificates(), CoveredCertificates::All);
        assert_eq!(none.issuers(), CoveredIssuers::Own);
        assert!(none.name().is_none() && none.only_some_reasons().is_none());
        let kind = |number: u8| read(&[primitive(number, &[0xff])]).unwrap().certificates();
        assert_eq!(kind(1), CoveredCertificates::User);
        assert_eq!(kind(5), CoveredCertificates::Attribute);
    }

    #[test]
    fn other_structures_are_refused() {
        for bad in [
            vec![primitive(1, &[0xff]), primitive(2, &[0xff])],
            vec![primitive(2, &[0xff]), primitive(5, &[0xff])],
            vec![primitive(2, &[0xff]), primitive(1, &[0xff])],
            vec![primitive(1, &[1])],
            vec![primitive(1, &[])],
            vec![primitive(3, &[8, 0])],
            vec![primitive(6, &[0xff])],
            vec![der::encode(der::context_constructed(0), &[])],
            vec![vec![0x05, 0x00]],
        ] {
            assert_eq!(read(&bad), None, "{bad:02x?}");
        }
        assert_eq!(IssuingDistributionPoint::from_der(&[0x30, 0, 0]), None);
        assert_eq!(IssuingDistributionPoint::from_der(&[]), None);
    }
}
