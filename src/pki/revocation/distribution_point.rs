//! Where a certificate says that its CRLs are (RFC 5280 §4.2.1.13, §4.2.1.15), and what the CRLs say about
//! themselves with the same words (§5.2.5, §5.2.6).

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::GeneralNamesError;
use crate::pki::general_name::parse_general_names;
use crate::pki::general_name::read_general_names;
use crate::pki::name::DistinguishedName;
use crate::pki::name::NameError;
use crate::pki::revocation::location::Location;
use crate::pki::revocation::reason::ReasonSet;

/// More points than this are not read from one list. Certificates in use have one to three.
pub const MAX_POINTS: usize = 64;

/// One distribution point (RFC 5280 §4.2.1.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionPoint {
    name: Option<DistributionPointName>,
    reasons: Option<ReasonSet>,
    crl_issuer: Vec<GeneralName>,
}

/// The names of a distribution point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DistributionPointName {
    /// `fullName`: names of one CRL, which are alternatives.
    Full(Vec<GeneralName>),
    /// `nameRelativeToCRLIssuer`: what follows the name of the CRL's issuer, as the contents octets of a
    /// `RelativeDistinguishedName`.
    Relative(Vec<u8>),
}

/// Why bytes are not a list of distribution points.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DistributionPointError {
    /// The encoding is not DER, or not the structure of RFC 5280 §4.2.1.13.
    #[error("malformed distribution point: {0}")]
    Der(#[from] DerError),
    /// `SEQUENCE SIZE (1..MAX)` has at least one.
    #[error("an empty list of distribution points")]
    Empty,
    /// A list of names within.
    #[error("malformed distribution point: {0}")]
    Names(#[from] GeneralNamesError),
    /// A name that is relative to its issuer's.
    #[error("malformed distribution point: {0}")]
    RelativeName(#[from] NameError),
    /// `ReasonFlags` are not a BIT STRING.
    #[error("malformed distribution point: the reasons are not flags")]
    Reasons,
    /// RFC 5280 §4.2.1.13: "a `DistributionPoint` MUST NOT consist of only the reasons field".
    #[error("a distribution point names neither a CRL nor its issuer")]
    NoName,
    /// More than [`MAX_POINTS`].
    #[error("more than {maximum} distribution points")]
    TooMany {
        /// [`MAX_POINTS`].
        maximum: usize,
    },
}

impl DistributionPoint {
    /// The point that RFC 5280 §6.3.3 has one assume for CRLs that no point names: "a DP with both the
    /// reasons and the cRLIssuer fields omitted and a distribution point name of the certificate issuer.
    /// That is, the sequence of names in fullName is generated from the certificate issuer field as well as
    /// the certificate issuerAltName extension."
    pub(super) fn implied(certificate: &Certificate) -> Self {
        let alternatives = certificate
            .extension_value(extension::ISSUER_ALTERNATIVE_NAME)
            .and_then(|value| parse_general_names(value).ok())
            .unwrap_or_default();
        let mut names = vec![GeneralName::Directory(certificate.issuer().clone())];
        names.extend(alternatives);
        Self {
            name: Some(DistributionPointName::Full(names)),
            reasons: None,
            crl_issuer: Vec::new(),
        }
    }

    /// `distributionPoint`: the names of the CRL.
    #[must_use]
    pub const fn name(&self) -> Option<&DistributionPointName> {
        self.name.as_ref()
    }

    /// `reasons`: those that the CRL covers; `None`: all.
    #[must_use]
    pub const fn reasons(&self) -> Option<ReasonSet> {
        self.reasons
    }

    /// `cRLIssuer`: who issues the CRL. Empty: whoever issued the certificate.
    #[must_use]
    pub fn crl_issuer(&self) -> &[GeneralName] {
        &self.crl_issuer
    }

    /// The directory names among [`Self::crl_issuer`].
    pub fn crl_issuer_names(&self) -> impl Iterator<Item = &DistinguishedName> {
        self.crl_issuer.iter().filter_map(directory_name)
    }

    /// The addresses that the CRL is to be had from, in their order.
    pub fn locations(&self) -> impl Iterator<Item = Location> {
        let names = match &self.name {
            Some(DistributionPointName::Full(names)) => names.as_slice(),
            Some(DistributionPointName::Relative(_)) | None => &[],
        };
        names.iter().filter_map(Location::of)
    }

    fn read(element: Element<'_>) -> Result<Self, DistributionPointError> {
        let mut fields = element.reader();
        let name = fields
            .optional(der::context_constructed(0))?
            .map(DistributionPointName::read)
            .transpose()?;
        let reasons = fields
            .optional(der::context_primitive(1))?
            .map(|flags| {
                ReasonSet::from_der_content(flags.content).ok_or(DistributionPointError::Reasons)
            })
            .transpose()?;
        let crl_issuer = fields
            .optional(der::context_constructed(2))?
            .map(|names| read_general_names(names.reader()))
            .transpose()?
            .unwrap_or_default();
        fields.finish()?;
        if name.is_none() && crl_issuer.is_empty() {
            return Err(DistributionPointError::NoName);
        }
        Ok(Self {
            name,
            reasons,
            crl_issuer,
        })
    }
}

impl DistributionPointName {
    /// Reads `[0] EXPLICIT DistributionPointName`; the tag is there because the name is a CHOICE.
    pub(super) fn read(explicit: Element<'_>) -> Result<Self, DistributionPointError> {
        let mut inner = explicit.reader();
        let choice = inner.read()?;
        inner.finish()?;
        if choice.tag == der::context_constructed(0) {
            return Ok(Self::Full(read_general_names(choice.reader())?));
        }
        // Anything but the other alternative is refused by its tag.
        let relative = explicit.reader().expect(der::context_constructed(1))?;
        append_part(None, relative.content)?;
        Ok(Self::Relative(relative.content.to_vec()))
    }

    /// The names in full, of a CRL that one of `issuers` issues: RFC 5280 §4.2.1.13 puts a relative name
    /// behind the issuer's.
    pub(super) fn in_full<'a>(
        &self,
        issuers: impl Iterator<Item = &'a DistinguishedName>,
    ) -> Vec<GeneralName> {
        match self {
            Self::Full(names) => names.clone(),
            Self::Relative(part) => issuers
                .filter_map(|issuer| append_part(Some(issuer), part).ok())
                .map(GeneralName::Directory)
                .collect(),
        }
    }
}

/// `front` with one more part, whose contents octets are given.
fn append_part(
    front: Option<&DistinguishedName>,
    part: &[u8],
) -> Result<DistinguishedName, NameError> {
    let mut parts = match front {
        Some(name) => der::single(name.der())?.content.to_vec(),
        None => Vec::new(),
    };
    parts.extend(der::encode(der::SET, part));
    DistinguishedName::parse_der(&der::encode(der::SEQUENCE, &parts))
}

/// The name itself, of a `directoryName`.
pub(super) fn directory_name(name: &GeneralName) -> Option<&DistinguishedName> {
    if let GeneralName::Directory(name) = name {
        Some(name)
    } else {
        None
    }
}

/// Reads a DER-encoded `CRLDistributionPoints`, all of `der`.
///
/// # Errors
/// [`DistributionPointError`] if it is anything else.
pub fn parse_distribution_points(
    der: &[u8],
) -> Result<Vec<DistributionPoint>, DistributionPointError> {
    der::check(der)?;
    let mut list = Reader::new(der).expect(der::SEQUENCE)?.reader();
    let mut points = Vec::new();
    while !list.is_at_end() {
        if points.len() >= MAX_POINTS {
            let maximum = MAX_POINTS;
            return Err(DistributionPointError::TooMany { maximum });
        }
        points.push(DistributionPoint::read(list.expect(der::SEQUENCE)?)?);
    }
    if points.is_empty() {
        return Err(DistributionPointError::Empty);
    }
    Ok(points)
}

/// Where the CRLs of `certificate` are; none if it does not say.
///
/// # Errors
/// [`DistributionPointError`] if the extension is there and malformed.
pub fn crl_distribution_points(
    certificate: &Certificate,
) -> Result<Vec<DistributionPoint>, DistributionPointError> {
    let value = certificate.crl_distribution_points_der();
    value.map_or(Ok(Vec::new()), parse_distribution_points)
}

/// Where the delta CRLs of `certificate` are; none if it does not say.
///
/// # Errors
/// [`DistributionPointError`] if the extension is there and malformed.
pub fn freshest_crl(
    certificate: &Certificate,
) -> Result<Vec<DistributionPoint>, DistributionPointError> {
    let value = certificate.freshest_crl_der();
    value.map_or(Ok(Vec::new()), parse_distribution_points)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pki::certificate::extension::CRL_DISTRIBUTION_POINTS;
    use crate::pki::certificate::extension::FRESHEST_CRL;
    use crate::pki::certificate::extension::ISSUER_ALTERNATIVE_NAME;
    use crate::pki::certificate::fixtures::Parts;
    use crate::pki::certificate::fixtures::common_name;
    use crate::pki::certificate::fixtures::extension as write_extension;
    use crate::pki::certificate::fixtures::sequence;

    fn tagged(number: u8, members: &[Vec<u8>]) -> Vec<u8> {
        der::encode(der::context_constructed(number), &members.concat())
    }

    fn uri(text: &str) -> Vec<u8> {
        der::encode(der::context_primitive(6), text.as_bytes())
    }

    fn directory(name: &str) -> Vec<u8> {
        tagged(4, &[common_name(name)])
    }

    fn full_name(names: &[Vec<u8>]) -> Vec<u8> {
        tagged(0, &[tagged(0, names)])
    }

    /// The contents octets of the only part of a name.
    fn part(name: &str) -> Vec<u8> {
        common_name(name)[4..].to_vec()
    }

    fn parse(points: &[Vec<u8>]) -> Result<Vec<DistributionPoint>, DistributionPointError> {
        parse_distribution_points(&sequence(points))
    }

    fn name(text: &str) -> DistinguishedName {
        DistinguishedName::parse_der(&common_name(text)).unwrap()
    }

    #[test]
    fn every_field_is_read() {
        let names = full_name(&[uri("ldap://a/b"), uri("http://a/b"), directory("DP")]);
        let reasons = der::encode(der::context_primitive(1), &[5, 0x60]);
        let issuer = tagged(2, &[directory("CRL issuer")]);
        let points = parse(&[
            sequence(&[names, reasons, issuer.clone()]),
            sequence(&[issuer]),
        ])
        .unwrap();
        let [first, second] = points.as_slice() else {
            panic!("{points:?}")
        };
        assert_eq!(
            first.reasons().unwrap().to_string(),
            "keyCompromise, cACompromise"
        );
        let issuers: Vec<_> = first.crl_issuer_names().collect();
        assert_eq!(issuers, [&name("CRL issuer")]);
        let locations: Vec<Location> = first.locations().collect();
        assert_eq!(
            locations,
            [
                Location::UnsupportedScheme("ldap".to_owned()),
                Location::Http("http://a/b".to_owned())
            ]
        );
        assert!(second.name().is_none() && second.reasons().is_none());
        assert_eq!(second.locations().count(), 0);
        assert_eq!(second.crl_issuer().len(), 1);
    }

    #[test]
    fn a_relative_name_stands_behind_its_issuers() {
        let relative = tagged(0, &[tagged(1, &[part("CRL 1")])]);
        let points = parse(&[sequence(&[relative])]).unwrap();
        let names = points[0].name().unwrap().in_full([&name("CA")].into_iter());
        let [GeneralName::Directory(full)] = names.as_slice() else {
            panic!("{names:?}")
        };
        assert_eq!(full.to_string(), "CN=CRL 1,CN=CA");
        assert_eq!(points[0].locations().count(), 0);
    }

    #[test]
    fn the_implied_point_bears_the_issuers_names() {
        let mut parts = Parts::good();
        let value = sequence(&[uri("http://a/")]);
        parts.extensions = vec![write_extension(ISSUER_ALTERNATIVE_NAME, false, &value)];
        let certificate = Certificate::parse_der(&parts.der()).unwrap();
        let point = DistributionPoint::implied(&certificate);
        let names = vec![
            GeneralName::Directory(name("Issuer")),
            GeneralName::Uri("http://a/".to_owned()),
        ];
        assert_eq!(point.name(), Some(&DistributionPointName::Full(names)));
        assert!(point.reasons().is_none() && point.crl_issuer().is_empty());
    }

    #[test]
    fn certificates_have_points_or_none() {
        let certificate = |extensions: Vec<Vec<u8>>| {
            let mut parts = Parts::good();
            parts.extensions = extensions;
            Certificate::parse_der(&parts.der()).unwrap()
        };
        assert_eq!(crl_distribution_points(&certificate(vec![])), Ok(vec![]));
        let value = sequence(&[sequence(&[full_name(&[uri("http://a/")])])]);
        let both = certificate(vec![
            write_extension(CRL_DISTRIBUTION_POINTS, false, &value),
            write_extension(FRESHEST_CRL, false, &sequence(&[])),
        ]);
        assert_eq!(crl_distribution_points(&both).unwrap().len(), 1);
        assert!(freshest_crl(&both).is_err());
    }

    #[test]
    fn other_structures_are_refused() {
        let good = full_name(&[uri("http://a/")]);
        let null = vec![0x05, 0x00];
        for bad in [
            sequence(&[]),
            sequence(std::slice::from_ref(&null)),
            sequence(&[good.clone(), null.clone()]),
            sequence(&[tagged(0, &[])]),
            sequence(&[tagged(0, &[tagged(0, &[])])]),
            sequence(&[tagged(
                0,
                &[tagged(0, &[uri("http://a/")]), tagged(0, &[uri("x")])],
            )]),
            sequence(&[tagged(0, &[tagged(1, &[])])]),
            sequence(&[tagged(0, &[tagged(1, std::slice::from_ref(&null))])]),
            sequence(&[tagged(0, &[tagged(2, &[uri("http://a/")])])]),
            sequence(&[tagged(2, &[])]),
            sequence(&[good.clone(), der::encode(der::context_primitive(1), &[9])]),
            sequence(&[der::encode(der::context_primitive(1), &[5, 0x60])]),
        ] {
            assert!(parse(std::slice::from_ref(&bad)).is_err(), "{bad:02x?}");
        }
        assert_eq!(parse(&[]), Err(DistributionPointError::Empty));
        let one = sequence(std::slice::from_ref(&good));
        let list = sequence(std::slice::from_ref(&one));
        assert!(parse_distribution_points(&list[..list.len() - 1]).is_err());
        assert!(parse_distribution_points(&[&list[..], &[0]].concat()).is_err());
        let many = |count: usize| parse(&vec![one.clone(); count]);
        assert_eq!(many(MAX_POINTS).unwrap().len(), MAX_POINTS);
        let maximum = MAX_POINTS;
        assert_eq!(
            many(MAX_POINTS + 1),
            Err(DistributionPointError::TooMany { maximum })
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(content in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&[sequence(&[der::encode(0xa0, &content)])]);
            let _ = parse(&[content]);
        }
    }
}
