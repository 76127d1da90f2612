//! What two readers make of a certificate, in one form.

use std::collections::BTreeSet;

use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::Oid as TheirOid;
use x509_parser::extensions::AccessDescription;
use x509_parser::extensions::ExtendedKeyUsage;
use x509_parser::extensions::GeneralName;
use x509_parser::extensions::ParsedExtension;
use yinxin::encoding::hex;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::oid::Oid;

/// A field and its value; extensions that are not there are left out.
pub(super) type Reading = Vec<(&'static str, String)>;

pub(super) fn read_by_us(certificate: &Certificate) -> Reading {
    let mut reading = vec![
        ("version", certificate.version().to_string()),
        ("serial", hex::encode(certificate.serial().as_bytes())),
        ("algorithm", our_oid(certificate.signature_algorithm_oid())),
        ("issuer", hex::encode(certificate.issuer().der())),
        ("subject", hex::encode(certificate.subject().der())),
        (
            "not before",
            certificate.not_before().as_unix_seconds().to_string(),
        ),
        (
            "not after",
            certificate.not_after().as_unix_seconds().to_string(),
        ),
        ("key", hex::encode(certificate.public_key().spki_der())),
        ("signed", hex::encode(certificate.tbs_der())),
        ("signature", hex::encode(certificate.signature())),
    ];
    reading.extend(uses_read_by_us(certificate));
    reading.extend(policies_read_by_us(certificate));
    reading.extend(references_read_by_us(certificate));
    reading.sort();
    reading
}

/// Those that are there.
fn present<const N: usize>(fields: [(&'static str, Option<String>); N]) -> Reading {
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn uses_read_by_us(certificate: &Certificate) -> Reading {
    let constraints = certificate.basic_constraints();
    let usage = certificate.key_usage().map(|usage| {
        [
            usage.digital_signature(),
            usage.content_commitment(),
            usage.key_cert_sign(),
            usage.crl_sign(),
        ]
    });
    let purposes = certificate.extended_key_usage();
    let purposes = purposes.map(|purposes| purposes.iter().map(our_oid).collect::<BTreeSet<_>>());
    present([
        (
            "CA",
            constraints.map(|it| format!("{} {:?}", it.is_ca, it.max_path_length)),
        ),
        ("key usage", usage.map(|bits| format!("{bits:?}"))),
        ("purposes", purposes.map(|oids| format!("{oids:?}"))),
    ])
}

fn policies_read_by_us(certificate: &Certificate) -> Reading {
    let policies = certificate.certificate_policies().iter().map(our_oid);
    let policies: Vec<String> = policies.collect();
    let mappings = certificate.policy_mappings().map(|mappings| {
        let pairs = mappings.iter();
        let pairs = pairs.map(|(from, to)| format!("{} {}", our_oid(from), our_oid(to)));
        pairs.collect::<Vec<_>>().join(", ")
    });
    let constraints = certificate.policy_constraints().map(|it| {
        format!(
            "{:?} {:?}",
            it.require_explicit_policy, it.inhibit_policy_mapping
        )
    });
    let inhibit = certificate.inhibit_any_policy();
    present([
        (
            "policies",
            (!policies.is_empty()).then(|| format!("{policies:?}")),
        ),
        ("mappings", mappings),
        ("policy constraints", constraints),
        ("inhibit any policy", inhibit.map(|skip| skip.to_string())),
    ])
}

fn references_read_by_us(certificate: &Certificate) -> Reading {
    let has_issuer = certificate.authority_cert_issuer_der().is_some();
    let serial = certificate.authority_cert_serial();
    let shown = |uris: Vec<String>| (!uris.is_empty()).then(|| format!("{uris:?}"));
    present([
        ("subject key", certificate.subject_key_id().map(hex::encode)),
        (
            "authority key",
            certificate.authority_key_id().map(hex::encode),
        ),
        ("authority issuer", has_issuer.then(String::new)),
        (
            "authority serial",
            serial.map(|serial| hex::encode(serial.as_bytes())),
        ),
        ("responders", shown(certificate.ocsp_uris())),
        ("issuers", shown(certificate.ca_issuer_uris())),
    ])
}

pub(super) fn read_by_them(certificate: &X509Certificate<'_>) -> Reading {
    let signature = &certificate.signature_value;
    let mut reading = vec![
        ("version", (certificate.version().0 + 1).to_string()),
        ("serial", hex::encode(certificate.raw_serial())),
        (
            "algorithm",
            their_oid(&certificate.signature_algorithm.algorithm),
        ),
        ("issuer", hex::encode(certificate.issuer().as_raw())),
        ("subject", hex::encode(certificate.subject().as_raw())),
        (
            "not before",
            certificate.validity().not_before.timestamp().to_string(),
        ),
        (
            "not after",
            certificate.validity().not_after.timestamp().to_string(),
        ),
        ("key", hex::encode(certificate.public_key().raw)),
        ("signed", hex::encode(certificate.tbs_certificate.as_ref())),
        (
            "signature",
            match signature.unused_bits {
                0 => hex::encode(&signature.data),
                _ => String::new(),
            },
        ),
    ];
    for extension in certificate.extensions() {
        reading.extend(extension_read_by_them(extension.parsed_extension()));
    }
    reading.sort();
    reading
}

/// Contents octets: the two write a first arc of more than 2, which there is not, in different ways.
fn our_oid(oid: &Oid) -> String {
    hex::encode(oid.as_der_content())
}

fn their_oid(oid: &TheirOid<'_>) -> String {
    hex::encode(oid.as_bytes())
}

fn purposes_read_by_them(purposes: &ExtendedKeyUsage<'_>) -> BTreeSet<String> {
    let named = [
        (purposes.any, "551d2500"),
        (purposes.server_auth, "2b06010505070301"),
        (purposes.client_auth, "2b06010505070302"),
        (purposes.code_signing, "2b06010505070303"),
        (purposes.email_protection, "2b06010505070304"),
        (purposes.time_stamping, "2b06010505070308"),
        (purposes.ocsp_signing, "2b06010505070309"),
    ];
    let named = named
        .iter()
        .filter(|(has, _)| *has)
        .map(|(_, oid)| (*oid).to_owned());
    named.chain(purposes.other.iter().map(their_oid)).collect()
}

fn uris_read_by_them<'a>(descriptions: &[AccessDescription<'a>], method: &str) -> Vec<&'a str> {
    descriptions
        .iter()
        .filter(|access| access.access_method.to_id_string() == method)
        .filter_map(|access| {
            let GeneralName::URI(uri) = access.access_location else {
                return None;
            };
            Some(uri)
        })
        .collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "we read no more of them than these"
)]
fn extension_read_by_them(extension: &ParsedExtension<'_>) -> Reading {
    let one = |name, value: String| vec![(name, value)];
    match extension {
        ParsedExtension::BasicConstraints(it) => {
            one("CA", format!("{} {:?}", it.ca, it.path_len_constraint))
        }
        ParsedExtension::KeyUsage(usage) => {
            let bits = [
                usage.digital_signature(),
                usage.non_repudiation(),
                usage.key_cert_sign(),
                usage.crl_sign(),
            ];
            one("key usage", format!("{bits:?}"))
        }
        ParsedExtension::ExtendedKeyUsage(it) => {
            one("purposes", format!("{:?}", purposes_read_by_them(it)))
        }
        ParsedExtension::CertificatePolicies(policies) => {
            let ids = policies.iter().map(|policy| their_oid(&policy.policy_id));
            one("policies", format!("{:?}", ids.collect::<Vec<_>>()))
        }
        ParsedExtension::PolicyMappings(it) => {
            let pairs = it.mappings.iter().map(|pair| {
                format!(
                    "{} {}",
                    their_oid(&pair.issuer_domain_policy),
                    their_oid(&pair.subject_domain_policy)
                )
            });
            one("mappings", pairs.collect::<Vec<_>>().join(", "))
        }
        ParsedExtension::PolicyConstraints(it) => one(
            "policy constraints",
            format!(
                "{:?} {:?}",
                it.require_explicit_policy, it.inhibit_policy_mapping
            ),
        ),
        ParsedExtension::InhibitAnyPolicy(it) => {
            one("inhibit any policy", it.skip_certs.to_string())
        }
        ParsedExtension::SubjectKeyIdentifier(id) => one("subject key", hex::encode(id.0)),
        ParsedExtension::AuthorityKeyIdentifier(it) => {
            let key = it
                .key_identifier
                .as_ref()
                .map(|id| ("authority key", hex::encode(id.0)));
            let issuer = it
                .authority_cert_issuer
                .as_ref()
                .map(|_| ("authority issuer", String::new()));
            let serial = it
                .authority_cert_serial
                .map(|serial| ("authority serial", hex::encode(serial)));
            key.into_iter().chain(issuer).chain(serial).collect()
        }
        ParsedExtension::AuthorityInfoAccess(it) => {
            let uris = |method: &str| uris_read_by_them(&it.accessdescs, method);
            let found = [
                ("responders", uris("1.3.6.1.5.5.7.48.1")),
                ("issuers", uris("1.3.6.1.5.5.7.48.2")),
            ];
            let found = found.into_iter().filter(|(_, uris)| !uris.is_empty());
            found
                .map(|(name, uris)| (name, format!("{uris:?}")))
                .collect()
        }
        _ => Vec::new(),
    }
}
