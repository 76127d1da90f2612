//! What each extension says: strict readers of the values, which leave to their caller that nothing
//! follows.

use std::borrow::Cow;
use std::ops::Range;

use crate::pki::ber;
use crate::pki::ber::BerError;
use crate::pki::certificate::extension::BasicConstraints;
use crate::pki::certificate::extension::KeyUsage;
use crate::pki::certificate::extension::PolicyConstraints;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// Why the value of an extension was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueError {
    /// It does not have the form that its standard gives it.
    Malformed,
    /// RFC 5280 §4.2.1.4: "A certificate policy OID MUST NOT appear more than once in a certificate
    /// policies extension."
    RepeatedPolicy(Oid),
}

impl From<DerError> for ValueError {
    fn from(_: DerError) -> Self {
        Self::Malformed
    }
}

impl From<OidError> for ValueError {
    fn from(_: OidError) -> Self {
        Self::Malformed
    }
}

/// What names the key that signed (RFC 5280 §4.2.1.1); the ranges lie in the certificate.
#[derive(Clone, Debug, Default)]
pub(in crate::pki::certificate) struct AuthorityKey {
    /// The octets of `keyIdentifier`.
    pub(in crate::pki::certificate) key_id: Option<Range<usize>>,
    /// The names of `authorityCertIssuer`, without the tag around them.
    pub(in crate::pki::certificate) issuer: Option<Range<usize>>,
    /// The contents octets of `authorityCertSerialNumber`.
    pub(in crate::pki::certificate) serial: Option<Range<usize>>,
}

/// `AuthorityKeyIdentifier` (RFC 5280 §4.2.1.1). That issuer and serial number come together is not asked:
/// all of it is a hint.
pub(super) fn authority_key(value: &mut Reader<'_>) -> Result<AuthorityKey, ValueError> {
    let mut fields = value.expect(der::SEQUENCE)?.reader();
    let key_id = fields.optional(der::context_primitive(0))?;
    let issuer = fields.optional(der::context_constructed(1))?;
    let serial = fields.optional(der::context_primitive(2))?;
    fields.finish()?;
    if let Some(issuer) = issuer {
        issuer.check()?;
    }
    if let Some(serial) = serial {
        serial.implicit(der::INTEGER)?;
    }
    let content = |element: Element<'_>| element.content_range();
    Ok(AuthorityKey {
        key_id: key_id.map(content),
        issuer: issuer.map(content),
        serial: serial.map(content),
    })
}

/// `BasicConstraints` (RFC 5280 §4.2.1.9).
pub(super) fn basic_constraints(value: &mut Reader<'_>) -> Result<BasicConstraints, ValueError> {
    let mut fields = value.expect(der::SEQUENCE)?.reader();
    let is_ca = fields.optional(der::BOOLEAN)?;
    let max_path_length = fields.optional(der::INTEGER)?;
    fields.finish()?;
    Ok(BasicConstraints {
        is_ca: is_ca.is_some_and(|boolean| boolean.content != [0]),
        max_path_length: max_path_length.map(count).transpose()?,
    })
}

/// `CertificatePolicies` (RFC 5280 §4.2.1.4): the policies, each once and in their order. Qualifiers have
/// to be well-formed and are not interpreted.
pub(super) fn certificate_policies(value: &mut Reader<'_>) -> Result<Vec<Oid>, ValueError> {
    let policies = list_of(value, |list| {
        let mut information = list.expect(der::SEQUENCE)?.reader();
        let policy = identifier(&mut information)?;
        if let Some(qualifiers) = information.optional(der::SEQUENCE)? {
            check_qualifiers(qualifiers.reader())?;
        }
        information.finish()?;
        Ok(policy)
    })?;
    match repeated(&policies) {
        Some(policy) => Err(ValueError::RepeatedPolicy(policy.clone())),
        None => Ok(policies),
    }
}

/// `CertificatePolicies` with lengths in more octets than needed, as certificates of Italian CAs for qualified
/// signatures have it. That a length is written longer changes nothing of what is said.
pub(super) fn certificate_policies_in_ber(value: &[u8]) -> Result<Vec<Oid>, ValueError> {
    let value = ber::single(value).and_then(|value| value.to_der().map(Cow::into_owned));
    let der = value.map_err(|_malformed: BerError| ValueError::Malformed)?;
    let mut value = Reader::new(&der);
    let policies = certificate_policies(&mut value)?;
    value.finish()?;
    Ok(policies)
}

/// `SEQUENCE OF PolicyQualifierInfo`.
fn check_qualifiers(mut qualifiers: Reader<'_>) -> Result<(), ValueError> {
    while !qualifiers.is_at_end() {
        let mut qualifier = qualifiers.expect(der::SEQUENCE)?.reader();
        qualifier.expect(der::OBJECT_IDENTIFIER)?;
        qualifier.any()?;
        qualifier.finish()?;
    }
    Ok(())
}

fn repeated(oids: &[Oid]) -> Option<&Oid> {
    if oids.len() < 2 {
        return None;
    }
    let mut sorted: Vec<&Oid> = oids.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}

/// `ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId` (RFC 5280 §4.2.1.12), in its own order.
pub(super) fn key_purposes(value: &mut Reader<'_>) -> Result<Vec<Oid>, ValueError> {
    list_of(value, identifier)
}

/// `KeyUsage` (RFC 5280 §4.2.1.3). Bits after the ninth are let through and mean nothing.
pub(super) fn key_usage(value: &mut Reader<'_>) -> Result<KeyUsage, ValueError> {
    let bits = value.expect(der::BIT_STRING)?;
    let mut octets = bits.content.iter().skip(1);
    let mut next = || u16::from(octets.next().copied().unwrap_or(0).reverse_bits());
    Ok(KeyUsage(next() | (next() << 8)))
}

/// `SkipCerts ::= INTEGER (0..MAX)` (RFC 5280 §4.2.1.14).
pub(super) fn inhibit_any_policy(value: &mut Reader<'_>) -> Result<u32, ValueError> {
    count(value.expect(der::INTEGER)?)
}

/// `PolicyConstraints` (RFC 5280 §4.2.1.11): at least one of the two, since a CA must not issue an "empty
/// sequence".
pub(super) fn policy_constraints(value: &mut Reader<'_>) -> Result<PolicyConstraints, ValueError> {
    let sequence = value.expect(der::SEQUENCE)?;
    if sequence.content.is_empty() {
        return Err(ValueError::Malformed);
    }
    let mut fields = sequence.reader();
    let mut skip_certs = |number| -> Result<Option<u32>, ValueError> {
        let field = fields.optional(der::context_primitive(number))?;
        field
            .map(|field| count(field.implicit(der::INTEGER)?))
            .transpose()
    };
    let constraints = PolicyConstraints {
        require_explicit_policy: skip_certs(0)?,
        inhibit_policy_mapping: skip_certs(1)?,
    };
    fields.finish()?;
    Ok(constraints)
}

/// `PolicyMappings` (RFC 5280 §4.2.1.5): the issuer's policy, then what the subject calls it.
pub(super) fn policy_mappings(value: &mut Reader<'_>) -> Result<Vec<(Oid, Oid)>, ValueError> {
    list_of(value, |list| {
        let mut pair = list.expect(der::SEQUENCE)?.reader();
        let mapping = (identifier(&mut pair)?, identifier(&mut pair)?);
        pair.finish()?;
        Ok(mapping)
    })
}

/// `GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName` (RFC 5280 §4.2.1.6): each of one of the nine
/// forms, in canonical form. What a name says is read by [`crate::pki::general_name`].
pub(super) fn check_general_names(value: &mut Reader<'_>) -> Result<(), ValueError> {
    list_of(value, |names| match names.any()?.tag {
        // The tags are IMPLICIT but for that of a directory name, whose own one is constructed too.
        0xa0 | 0x81 | 0x82 | 0xa3..=0xa5 | 0x86..=0x88 => Ok(()),
        _ => Err(ValueError::Malformed),
    })?;
    Ok(())
}

/// A SEQUENCE in canonical form, of whatever: who asks what it says reads it.
pub(super) fn any_sequence(value: &mut Reader<'_>) -> Result<(), ValueError> {
    match value.any()?.tag {
        der::SEQUENCE => Ok(()),
        _ => Err(ValueError::Malformed),
    }
}

/// `SEQUENCE SIZE (1..MAX) OF` what `read` reads.
fn list_of<'a, T>(
    value: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<T, ValueError>,
) -> Result<Vec<T>, ValueError> {
    let mut list = value.expect(der::SEQUENCE)?.reader();
    let mut items = Vec::new();
    while !list.is_at_end() {
        items.push(read(&mut list)?);
    }
    match items.is_empty() {
        true => Err(ValueError::Malformed),
        false => Ok(items),
    }
}

fn identifier(fields: &mut Reader<'_>) -> Result<Oid, ValueError> {
    let id = fields.expect(der::OBJECT_IDENTIFIER)?;
    Ok(Oid::from_der_content(id.content)?)
}

/// `INTEGER (0..MAX)`; what is larger than a `u32` counts as the largest.
fn count(integer: Element<'_>) -> Result<u32, ValueError> {
    match integer.content {
        [] | [0x80..=0xff, ..] => Err(ValueError::Malformed),
        octets => Ok(octets
            .iter()
            .fold(0, |number: u32, octet| match number.checked_mul(256) {
                Some(shifted) => shifted | u32::from(*octet),
                None => u32::MAX,
            })),
    }
}
