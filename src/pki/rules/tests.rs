//! Certificates that keep to every rule, and changes that break one each.

use super::*;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension as write_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::certificate::fixtures::version;
use crate::pki::der;
use crate::pki::oid::Oid;

/// 1.2.3.4.
const UNKNOWN: &Oid = &Oid::of_constant(&[0x2a, 0x03, 0x04]);

const BOTH: [Rules; 2] = [Rules::Rfc5280, Rules::WebPki];
const RFC5280: [Rules; 1] = [Rules::Rfc5280];
const WEB: [Rules; 1] = [Rules::WebPki];

fn oid(text: &str) -> Vec<u8> {
    Oid::parse(text).unwrap().to_der()
}

fn text(number: u8, value: &[u8]) -> Vec<u8> {
    der::encode(der::context_primitive(number), value)
}

fn dns(value: &str) -> Vec<u8> {
    text(2, value.as_bytes())
}

fn key_id(value: u8) -> Vec<u8> {
    sequence(&[text(0, &[value])])
}

/// The certificate of a place that keeps to all rules, before its extensions are assembled.
#[derive(Clone)]
struct Draft {
    parts: Parts,
    extensions: Vec<(&'static Oid, bool, Vec<u8>)>,
}

impl Draft {
    fn of(place: Place) -> Self {
        match place {
            Place::Anchor => Self::ca("Root", "Root"),
            Place::Intermediate => Self::ca("CA", "Root"),
            Place::EndEntity => Self::end_entity(),
        }
    }

    fn ca(subject: &str, issuer: &str) -> Self {
        let mut parts = Parts::good();
        parts.subject = common_name(subject);
        parts.issuer = common_name(issuer);
        Self {
            parts,
            extensions: vec![
                (
                    extension::BASIC_CONSTRAINTS,
                    true,
                    vec![0x30, 0x03, 0x01, 0x01, 0xff],
                ),
                (extension::KEY_USAGE, true, vec![0x03, 0x02, 0x02, 0x04]),
                (
                    extension::SUBJECT_KEY_IDENTIFIER,
                    false,
                    vec![0x04, 0x01, 0x07],
                ),
                (extension::AUTHORITY_KEY_IDENTIFIER, false, key_id(7)),
            ],
        }
    }

    fn end_entity() -> Self {
        let mut parts = Parts::good();
        parts.subject = common_name("www.example.com");
        parts.issuer = common_name("CA");
        let location = text(6, b"http://ca.example/ca.crt");
        let description = sequence(&[oid("1.3.6.1.5.5.7.48.2"), location]);
        Self {
            parts,
            extensions: vec![
                (extension::KEY_USAGE, true, vec![0x03, 0x02, 0x07, 0x80]),
                (extension::AUTHORITY_KEY_IDENTIFIER, false, key_id(7)),
                (
                    extension::EXTENDED_KEY_USAGE,
                    false,
                    sequence(&[oid("1.3.6.1.5.5.7.3.1")]),
                ),
                (
                    extension::SUBJECT_ALTERNATIVE_NAME,
                    false,
                    sequence(&[dns("www.example.com"), dns("*.example.com")]),
                ),
                (
                    extension::AUTHORITY_INFO_ACCESS,
                    false,
                    sequence(&[description]),
                ),
            ],
        }
    }

    /// In place of the extension of that number, or added; an empty value takes it away.
    fn with(mut self, oid: &'static Oid, is_critical: bool, value: &[u8]) -> Self {
        self.extensions.retain(|(other, ..)| *other != oid);
        if !value.is_empty() {
            self.extensions.push((oid, is_critical, value.to_vec()));
        }
        self
    }

    fn without(self, oid: &'static Oid) -> Self {
        self.with(oid, false, &[])
    }

    /// The extension as it is, but for its being critical.
    fn with_critical(mut self, oid: &'static Oid, is_critical: bool) -> Self {
        for (other, critical, _) in &mut self.extensions {
            if *other == oid {
                *critical = is_critical;
            }
        }
        self
    }

    fn with_names(self, names: &[Vec<u8>]) -> Self {
        self.with(extension::SUBJECT_ALTERNATIVE_NAME, false, &sequence(names))
    }

    fn with_parts(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(&mut self.parts);
        self
    }

    fn certificate(&self) -> Certificate {
        let mut parts = self.parts.clone();
        let extensions = self.extensions.iter();
        parts.extensions = extensions
            .map(|(oid, is_critical, value)| write_extension(*oid, *is_critical, value))
            .collect();
        Certificate::parse_der(&parts.der()).unwrap()
    }
}

fn now() -> Timestamp {
    Timestamp::parse("2026-06-01T00:00:00Z").unwrap()
}

/// What is broken where one certificate of a good path is replaced.
fn broken(rules: Rules, place: Place, draft: &Draft) -> Vec<(Rule, Place)> {
    let certificate = |other: Place| match other == place {
        true => draft.certificate(),
        false => Draft::of(other).certificate(),
    };
    let (end_entity, intermediate) = (
        certificate(Place::EndEntity),
        certificate(Place::Intermediate),
    );
    let path = [&end_entity, &intermediate];
    let violations = check(rules, &path, &certificate(Place::Anchor), now());
    violations
        .into_iter()
        .map(|violation| (violation.rule, violation.place))
        .collect()
}

/// Asserts that `draft` breaks `rule` under those `rules`, nothing else, and nothing under the others.
fn assert_breaks(rule: Rule, rules: &[Rules], place: Place, draft: &Draft) {
    for asked in [Rules::Path, Rules::Rfc5280, Rules::WebPki] {
        let expected = match rules.contains(&asked) {
            true => vec![(rule, place)],
            false => vec![],
        };
        assert_eq!(broken(asked, place, draft), expected, "{rule:?} {asked:?}");
    }
}

#[test]
fn good_certificates_break_nothing() {
    for place in [Place::Anchor, Place::Intermediate, Place::EndEntity] {
        for rules in [Rules::Path, Rules::Rfc5280, Rules::WebPki] {
            assert_eq!(broken(rules, place, &Draft::of(place)), []);
        }
    }
}

#[test]
fn issuers_have_key_identifiers_that_are_not_critical() {
    use Place::Intermediate as I;
    let draft = || Draft::of(I);
    let (aki, ski) = (
        extension::AUTHORITY_KEY_IDENTIFIER,
        extension::SUBJECT_KEY_IDENTIFIER,
    );
    let critical = draft().with_critical(aki, true);
    assert_breaks(Rule::AuthorityKeyIdCritical, &BOTH, I, &critical);
    assert_breaks(Rule::AuthorityKeyIdMissing, &BOTH, I, &draft().without(aki));
    let critical = draft().with_critical(ski, true);
    assert_breaks(Rule::SubjectKeyIdCritical, &BOTH, I, &critical);
    assert_breaks(Rule::SubjectKeyIdMissing, &BOTH, I, &draft().without(ski));
    let overfull = sequence(&[text(0, &[7]), text(2, &[5])]);
    let overfull = draft().with(aki, false, &overfull);
    assert_breaks(Rule::AuthorityKeyIdOverfull, &WEB, I, &overfull);
    // An anchor may have none, but if it has one it is its own.
    let none = Draft::of(Place::Anchor).without(aki);
    assert_eq!(broken(Rules::WebPki, Place::Anchor, &none), []);
    let foreign = Draft::of(Place::Anchor).with(aki, false, &key_id(8));
    assert_breaks(Rule::AuthorityKeyIdForeign, &WEB, Place::Anchor, &foreign);
    let cross_signed = foreign.with_parts(|parts| parts.issuer = common_name("Other"));
    assert_eq!(broken(Rules::WebPki, Place::Anchor, &cross_signed), []);
    let incomplete = Draft::of(Place::Anchor).with(aki, false, &sequence(&[]));
    let rules: Vec<Rule> = broken(Rules::WebPki, Place::Anchor, &incomplete)
        .into_iter()
        .map(|(rule, _)| rule)
        .collect();
    assert_eq!(rules, [Rule::AuthorityKeyIdIncomplete]);
}

#[test]
fn a_self_signed_certificate_needs_no_authority_key_identifier() {
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    let (other, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    let mut parts = Parts::good();
    parts.issuer = parts.subject.clone();
    parts.public_key = key.public_key().spki_der().to_vec();
    let is_missing = |certificate: &Certificate| {
        let anchor = Draft::of(Place::Anchor).certificate();
        let violations = check(Rules::Rfc5280, &[certificate], &anchor, now());
        let missing = |violation: &RuleViolation| violation.rule == Rule::AuthorityKeyIdMissing;
        violations.iter().any(missing)
    };
    assert!(!is_missing(&parts.clone().signed_by(&key)));
    // Self-issued with another key is not self-signed.
    assert!(is_missing(&parts.signed_by(&other)));
}

#[test]
fn issuers_say_critically_that_they_are_cas() {
    use Place::Intermediate as I;
    let basic = extension::BASIC_CONSTRAINTS;
    let uncritical = Draft::of(I).with_critical(basic, false);
    assert_breaks(Rule::BasicConstraintsNotCritical, &BOTH, I, &uncritical);
    let missing = Draft::of(I).without(basic).without(extension::KEY_USAGE);
    assert_breaks(Rule::BasicConstraintsMissing, &BOTH, I, &missing);
    let missing = Draft::of(Place::Anchor).with(basic, true, &[0x30, 0x00]);
    let missing = missing.without(extension::KEY_USAGE);
    assert_breaks(
        Rule::BasicConstraintsMissing,
        &BOTH,
        Place::Anchor,
        &missing,
    );
    let nameless = Draft::of(I).with_parts(|parts| parts.subject = sequence(&[]));
    let nameless = nameless.with(
        extension::SUBJECT_ALTERNATIVE_NAME,
        true,
        &sequence(&[dns("a.example")]),
    );
    assert_breaks(Rule::SubjectEmpty, &BOTH, I, &nameless);
    let nobody = Draft::of(I).with_parts(|parts| parts.issuer = sequence(&[]));
    assert_breaks(Rule::IssuerEmpty, &BOTH, I, &nobody);
}

#[test]
fn end_entities_do_not_act_as_cas() {
    use Place::EndEntity as E;
    let signs = Draft::of(E).with(extension::KEY_USAGE, true, &[0x03, 0x02, 0x02, 0x84]);
    assert_breaks(Rule::KeyCertSignWithoutCa, &BOTH, E, &signs);
    let length = Draft::of(E).with(
        extension::BASIC_CONSTRAINTS,
        true,
        &[0x30, 0x03, 0x02, 0x01, 0x00],
    );
    assert_breaks(Rule::PathLengthWithoutCa, &BOTH, E, &length);
    let names = sequence(&[der::encode(
        der::context_constructed(0),
        &sequence(&[dns("example.com")]),
    )]);
    let constraints = Draft::of(E).with(extension::NAME_CONSTRAINTS, true, &names);
    assert_breaks(Rule::NameConstraintsWithoutCa, &BOTH, E, &constraints);
    let ca = Draft::of(E)
        .with(
            extension::BASIC_CONSTRAINTS,
            true,
            &[0x30, 0x03, 0x01, 0x01, 0xff],
        )
        .with(
            extension::SUBJECT_KEY_IDENTIFIER,
            false,
            &[0x04, 0x01, 0x07],
        );
    assert_breaks(Rule::EndEntityIsCa, &WEB, E, &ca);
}

#[test]
fn constraints_of_a_ca_are_critical() {
    use Place::Intermediate as I;
    let names = |base: &str| {
        let subtree = sequence(&[dns(base)]);
        sequence(&[der::encode(der::context_constructed(0), &subtree)])
    };
    let draft = |oid, is_critical, value: &[u8]| Draft::of(I).with(oid, is_critical, value);
    let constraints = extension::NAME_CONSTRAINTS;
    let uncritical = draft(constraints, false, &names("example.com"));
    assert_breaks(Rule::NameConstraintsNotCritical, &RFC5280, I, &uncritical);
    let period = draft(constraints, true, &names(".example.com"));
    assert_breaks(Rule::NameConstraintsDnsPeriod, &BOTH, I, &period);
    let policy = sequence(&[text(0, &[0])]);
    let policy = draft(extension::POLICY_CONSTRAINTS, false, &policy);
    assert_breaks(Rule::PolicyConstraintsNotCritical, &BOTH, I, &policy);
    let inhibit = draft(extension::INHIBIT_ANY_POLICY, false, &[0x02, 0x01, 0x00]);
    assert_breaks(Rule::InhibitAnyPolicyNotCritical, &BOTH, I, &inhibit);
}

#[test]
fn the_anchor_has_dates_and_no_unknown_critical_extension() {
    use Place::Anchor as A;
    let dates = |from: &[u8], to: &[u8]| {
        let (from, to) = (
            der::encode(der::UTC_TIME, from),
            der::encode(der::UTC_TIME, to),
        );
        Draft::of(A).with_parts(|parts| parts.validity = sequence(&[from, to]))
    };
    let expired = dates(b"200101000000Z", b"260531235959Z");
    assert_breaks(Rule::AnchorOutOfDates, &BOTH, A, &expired);
    let early = dates(b"260601000001Z", b"300101000000Z");
    assert_breaks(Rule::AnchorOutOfDates, &BOTH, A, &early);
    let at_the_edges = dates(b"260601000000Z", b"260601000000Z");
    assert_eq!(broken(Rules::WebPki, A, &at_the_edges), []);
    let unknown = Draft::of(A).with(UNKNOWN, true, &[0x05, 0x00]);
    assert_breaks(Rule::AnchorUnknownCritical, &BOTH, A, &unknown);
    let purposes = sequence(&[oid("1.3.6.1.5.5.7.3.1")]);
    let purposes = Draft::of(A).with(extension::EXTENDED_KEY_USAGE, false, &purposes);
    assert_breaks(Rule::KeyPurposesOfAnchor, &WEB, A, &purposes);
}

#[test]
fn serial_numbers_are_regular_below_the_anchor() {
    let zero =
        |place| Draft::of(place).with_parts(|parts| parts.serial = der::encode(der::INTEGER, &[0]));
    for place in [Place::EndEntity, Place::Intermediate] {
        assert_breaks(Rule::SerialNumber, &BOTH, place, &zero(place));
    }
    assert_eq!(
        broken(Rules::Rfc5280, Place::Anchor, &zero(Place::Anchor)),
        []
    );
    let long = Draft::of(Place::EndEntity)
        .with_parts(|parts| parts.serial = der::encode(der::INTEGER, &[0x7f; 21]));
    assert_breaks(Rule::SerialNumber, &BOTH, Place::EndEntity, &long);
}

#[test]
fn alternative_names_have_the_syntax_of_their_form() {
    use Place::EndEntity as E;
    let good = dns("www.example.com");
    for name in [
        dns("foo_bar.example.com"),
        dns(".example.com"),
        dns("a*.example.com"),
        dns("192.0.2.1"),
        dns(" "),
        text(2, "例.cn".as_bytes()),
        text(1, b"example.com"),
        text(1, b"A <a@example.com>"),
        text(6, b"/relative"),
        text(6, b"http:"),
        text(6, b"http://a b/"),
        text(6, b"1:a"),
        text(7, &[192, 0, 2]),
    ] {
        let draft = Draft::of(E).with_names(&[good.clone(), name]);
        assert_breaks(Rule::AlternativeNamesMalformed, &BOTH, E, &draft);
    }
    let fine = [
        good,
        text(1, b"a@example.com"),
        text(6, b"urn:uuid:1"),
        text(7, &[192, 0, 2, 1]),
    ];
    let fine = Draft::of(E).with_names(&fine);
    assert_eq!(broken(Rules::WebPki, E, &fine), []);
}

#[test]
fn alternative_names_are_critical_exactly_without_a_subject() {
    use Place::EndEntity as E;
    let names = extension::SUBJECT_ALTERNATIVE_NAME;
    let critical = Draft::of(E).with_critical(names, true);
    assert_breaks(Rule::AlternativeNamesCritical, &WEB, E, &critical);
    let nameless = |draft: Draft| draft.with_parts(|parts| parts.subject = sequence(&[]));
    assert_eq!(broken(Rules::WebPki, E, &nameless(critical)), []);
    let uncritical = nameless(Draft::of(E));
    assert_breaks(Rule::AlternativeNamesNotCritical, &BOTH, E, &uncritical);
    assert_breaks(
        Rule::AlternativeNamesMissing,
        &WEB,
        E,
        &Draft::of(E).without(names),
    );
}

#[test]
fn wildcards_stand_below_more_than_a_top_level_domain() {
    let wide = Draft::of(Place::EndEntity).with_names(&[dns("www.example.com"), dns("*.com")]);
    assert_breaks(Rule::WildcardTooWide, &WEB, Place::EndEntity, &wide);
}

#[test]
fn authority_information_is_well_formed_and_not_critical() {
    use Place::EndEntity as E;
    let access = extension::AUTHORITY_INFO_ACCESS;
    let location = text(6, b"http://ca.example/");
    let malformed = [
        vec![0x05, 0x00],
        b"http://ca.example/".to_vec(),
        sequence(&[]),
        sequence(&[vec![0x05, 0x00]]),
        sequence(&[sequence(&[oid("1.2.3")])]),
        sequence(&[sequence(&[oid("1.2.3"), vec![0x05, 0x00]])]),
        sequence(&[sequence(&[oid("1.2.3"), location.clone(), location])]),
    ];
    for value in malformed {
        let draft = Draft::of(E).with(access, false, &value);
        assert_breaks(Rule::AuthorityInformationMalformed, &BOTH, E, &draft);
    }
    let critical = Draft::of(E).with_critical(access, true);
    assert_breaks(Rule::AuthorityInformationCritical, &BOTH, E, &critical);
}

#[test]
fn key_purposes_of_a_server_are_its_own() {
    use Place::EndEntity as E;
    let usage = extension::EXTENDED_KEY_USAGE;
    let (server, client, any) = ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0");
    let purposes = |list: &[&str]| {
        let value = sequence(&list.iter().map(|purpose| oid(purpose)).collect::<Vec<_>>());
        Draft::of(E).with(usage, false, &value)
    };
    assert_eq!(broken(Rules::WebPki, E, &purposes(&[client, server])), []);
    assert_breaks(Rule::KeyPurposesMissing, &WEB, E, &purposes(&[client]));
    assert_breaks(
        Rule::KeyPurposesMissing,
        &WEB,
        E,
        &Draft::of(E).without(usage),
    );
    assert_breaks(Rule::KeyPurposeAny, &WEB, E, &purposes(&[server, any]));
    let critical = Draft::of(E).with_critical(usage, true);
    assert_breaks(Rule::KeyPurposesCritical, &WEB, E, &critical);
}

#[test]
fn keys_are_of_few_kinds_and_strong() {
    let rsa = |bits: usize| {
        // An odd number of that many bits, which is all that reading looks at.
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] = 0xff >> (modulus.len() * 8 - bits);
        let key = sequence(&[
            der::encode_unsigned(&modulus),
            der::encode_unsigned(&[1, 0, 1]),
        ]);
        let algorithm = sequence(&[oid("1.2.840.113549.1.1.1"), vec![0x05, 0x00]]);
        let bits = der::encode(der::BIT_STRING, &[&[0][..], &key].concat());
        sequence(&[algorithm, bits])
    };
    let p192 = {
        let algorithm = sequence(&[oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.1")]);
        let point = [&[0, 0x04][..], &[1; 48]].concat();
        sequence(&[algorithm, der::encode(der::BIT_STRING, &point)])
    };
    let with_key =
        |key: Vec<u8>| Draft::of(Place::EndEntity).with_parts(|parts| parts.public_key = key);
    assert_eq!(
        broken(Rules::WebPki, Place::EndEntity, &with_key(rsa(2048))),
        []
    );
    for key in [rsa(1024), rsa(2052), p192] {
        assert_breaks(Rule::KeyForbidden, &WEB, Place::EndEntity, &with_key(key));
    }
}

#[test]
fn certificates_have_version_3() {
    let mut draft = Draft::of(Place::Anchor).with_parts(|parts| parts.version = version(0));
    draft.extensions.clear();
    let rules = broken(Rules::WebPki, Place::Anchor, &draft);
    assert!(rules.contains(&(Rule::Version, Place::Anchor)), "{rules:?}");
}

#[test]
fn a_common_name_is_written_as_the_name_that_it_repeats() {
    let draft = |name: &str, names: &[Vec<u8>]| {
        let subject = common_name(name);
        let draft = Draft::of(Place::EndEntity).with_parts(|parts| parts.subject = subject);
        draft.with_names(names)
    };
    let v4 = text(7, &[192, 168, 1, 1]);
    for (name, names) in [
        ("0xC0A80101", std::slice::from_ref(&v4)),
        ("192.168.001.001", std::slice::from_ref(&v4)),
        ("192.168.257", std::slice::from_ref(&v4)),
        ("2001:DB8::1", std::slice::from_ref(&v4)),
        ("2001:0db8:0:0:0:0:0:1", std::slice::from_ref(&v4)),
        ("2001:db8:0:0:1::1", std::slice::from_ref(&v4)),
        ("test-測試.com", &[dns("xn--test--wg5h0h.com")]),
        ("Example.COM", &[dns("example.com")]),
    ] {
        let draft = draft(name, names);
        assert_breaks(Rule::CommonNameSpelling, &WEB, Place::EndEntity, &draft);
    }
    for (name, names) in [
        ("192.168.1.1", std::slice::from_ref(&v4)),
        ("2001:db8::1", std::slice::from_ref(&v4)),
        ("12345", std::slice::from_ref(&v4)),
        ("1.2.3.4.5", std::slice::from_ref(&v4)),
        ("elsewhere.example", std::slice::from_ref(&v4)),
        ("東莞市某某有限公司", std::slice::from_ref(&v4)),
        ("Société d'Exemple S.A.", std::slice::from_ref(&v4)),
        ("Example.COM", &[dns("example.com"), dns("Example.COM")]),
    ] {
        let draft = draft(name, names);
        assert_eq!(
            broken(Rules::WebPki, Place::EndEntity, &draft),
            [],
            "{name}"
        );
    }
}

#[test]
fn a_violation_tells_who_what_and_where() {
    let draft = Draft::of(Place::EndEntity).without(extension::AUTHORITY_KEY_IDENTIFIER);
    let (end_entity, anchor) = (draft.certificate(), Draft::of(Place::Anchor).certificate());
    let violations = check(Rules::Rfc5280, &[&end_entity], &anchor, now());
    assert_eq!(
        violations[0].to_string(),
        "certificate 1234 (end entity): a certificate below the anchor that is not self-signed has an \
         authority key identifier (RFC 5280 §4.2.1.1)"
    );
    assert_eq!(violations.len(), 1);
}

#[test]
fn every_rule_has_a_row_and_a_clause() {
    let listed: Vec<Rule> = table::TABLE.iter().map(|row| row.rule).collect();
    assert!(listed.is_sorted(), "variants are alphabetical");
    for rule in listed {
        assert!(rule.clause().contains('§'), "{rule:?}");
        assert!(!rule.requirement().ends_with('.'), "{rule:?}");
    }
}

#[test]
fn profiles_are_chosen_by_name() {
    assert_eq!("path".parse(), Ok(Rules::Path));
    assert_eq!("rfc5280".parse(), Ok(Rules::Rfc5280));
    assert_eq!("webpki".parse(), Ok(Rules::WebPki));
    assert_eq!("RFC5280".parse::<Rules>(), Err(UnknownRules));
    assert_eq!(Rules::default(), Rules::Path);
}
