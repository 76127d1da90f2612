//! Constraints and names written byte by byte.

mod forms;
mod malformed;

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension as write_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::name_constraints::Comparisons;
use crate::pki::name_constraints::MalformedNameConstraints;
use crate::pki::name_constraints::NameConstraintError;
use crate::pki::name_constraints::NameConstraints;
use crate::pki::name_constraints::NameConstraintsState;
use crate::pki::name_constraints::UnprocessedForm;
use crate::pki::name_constraints::parse;
use crate::pki::oid::Oid;

type Name = Vec<u8>;

fn text(number: u8, value: &[u8]) -> Name {
    der::encode(der::context_primitive(number), value)
}

fn email(value: &str) -> Name {
    text(1, value.as_bytes())
}

fn dns(value: &str) -> Name {
    text(2, value.as_bytes())
}

fn uri(value: &str) -> Name {
    text(6, value.as_bytes())
}

fn ip(octets: &[u8]) -> Name {
    text(7, octets)
}

fn nested(number: u8, members: &[Vec<u8>]) -> Name {
    der::encode(der::context_constructed(number), &members.concat())
}

fn directory(units: &[&str]) -> Name {
    nested(4, &[distinguished_name(units)])
}

fn other(type_id: &str, value: &[u8]) -> Name {
    let type_id = Oid::parse(type_id).unwrap().to_der();
    nested(0, &[type_id, nested(0, &[value.to_vec()])])
}

/// One organizational unit per part.
fn distinguished_name(units: &[&str]) -> Vec<u8> {
    attributes("2.5.4.11", der::UTF8_STRING, units)
}

fn attributes(oid: &str, tag: u8, values: &[&str]) -> Vec<u8> {
    let part = |value: &&str| {
        let value = der::encode(tag, value.as_bytes());
        let pair = sequence(&[Oid::parse(oid).unwrap().to_der(), value]);
        der::encode(der::SET, &pair)
    };
    sequence(&values.iter().map(part).collect::<Vec<_>>())
}

fn subtrees(number: u8, bases: &[Name]) -> Vec<u8> {
    let subtrees: Vec<Vec<u8>> = bases
        .iter()
        .map(|base| sequence(std::slice::from_ref(base)))
        .collect();
    nested(number, &subtrees)
}

/// The value of the extension; a list without a base is left out.
fn value(permitted: &[Name], excluded: &[Name]) -> Vec<u8> {
    let lists = [(0, permitted), (1, excluded)];
    let given = lists.iter().filter(|(_, bases)| !bases.is_empty());
    let fields = given.map(|(number, bases)| subtrees(*number, bases));
    sequence(&fields.collect::<Vec<_>>())
}

fn issuer(value: &[u8], is_critical: bool) -> Certificate {
    let mut parts = Parts::good();
    parts.extensions = vec![write_extension(
        extension::NAME_CONSTRAINTS,
        is_critical,
        value,
    )];
    Certificate::parse_der(&parts.der()).unwrap()
}

fn certificate(subject: Vec<u8>, names: &[Name]) -> Certificate {
    let mut parts = Parts::good();
    parts.subject = subject;
    parts.extensions = match names {
        [] => Vec::new(),
        names => vec![write_extension(
            extension::SUBJECT_ALTERNATIVE_NAME,
            false,
            &sequence(names),
        )],
    };
    Certificate::parse_der(&parts.der()).unwrap()
}

/// As of a certificate in which it is critical; what makes the certificate itself unreadable included.
fn parse(value: &[u8]) -> Result<NameConstraints, MalformedNameConstraints> {
    let (permitted, excluded) = parse::read(value)?;
    Ok(NameConstraints {
        is_critical: true,
        permitted,
        excluded,
    })
}

fn state(levels: &[(&[Name], &[Name])]) -> NameConstraintsState {
    let mut state = NameConstraintsState::new();
    for (permitted, excluded) in levels {
        state.add(parse(&value(permitted, excluded)).unwrap());
    }
    state
}

fn check(state: &NameConstraintsState, names: &[Name]) -> Result<(), NameConstraintError> {
    let bearer = certificate(common_name("x"), names);
    state.check(&bearer, &mut Comparisons::default())
}

#[test]
fn subject_and_alternative_names_both_count() {
    let base = [directory(&["A"])];
    let permitted = state(&[(&base, &[])]);
    let excluded = state(&[(&[], &base)]);
    let check = |state: &NameConstraintsState, subject: &[&str], name: &[&str]| {
        let bearer = certificate(distinguished_name(subject), &[directory(name)]);
        state.check(&bearer, &mut Comparisons::default()).is_ok()
    };
    assert!(check(&permitted, &["A"], &["A", "B"]));
    assert!(!check(&permitted, &["B"], &["A"]));
    assert!(!check(&permitted, &["A"], &["B"]));
    // "when the certificate includes a non-empty subject field"
    assert!(check(&permitted, &[], &["A"]));
    assert!(check(&excluded, &["B"], &["B"]));
    assert!(!check(&excluded, &["A"], &["B"]));
    assert!(!check(&excluded, &["B"], &["A"]));
}

#[test]
fn mail_addresses_in_the_subject_count_where_there_are_no_alternative_names() {
    let state = state(&[(&[email("example.com")], &[])]);
    let check = |tag: u8, address: &str, names: &[Name]| {
        let subject = attributes("1.2.840.113549.1.9.1", tag, &["a@example.com", address]);
        state.check(&certificate(subject, names), &mut Comparisons::default())
    };
    assert_eq!(check(der::IA5_STRING, "b@example.com", &[]), Ok(()));
    assert!(matches!(
        check(der::IA5_STRING, "b@example.org", &[]),
        Err(NameConstraintError::NotPermitted { .. })
    ));
    assert_eq!(
        check(der::IA5_STRING, "b@example.org", &[dns("a.example")]),
        Ok(())
    );
    for (tag, address) in [
        (der::UTF8_STRING, "é@example.com"),
        (der::OCTET_STRING, "a@b"),
    ] {
        assert!(matches!(
            check(tag, address, &[]),
            Err(NameConstraintError::MalformedName { .. })
        ));
    }
}

#[test]
fn every_level_permits_and_any_excludes() {
    let (foo, bar, both) = (dns("foo.example"), dns("bar.example"), dns("example"));
    let upper = [foo.clone(), bar.clone()];
    let narrowed = state(&[(&upper, &[]), (std::slice::from_ref(&bar), &[])]);
    assert_eq!(check(&narrowed, &[dns("a.bar.example")]), Ok(()));
    assert!(check(&narrowed, &[dns("a.foo.example")]).is_err());
    let not_widened = state(&[(std::slice::from_ref(&bar), &[]), (&upper, &[])]);
    assert!(check(&not_widened, std::slice::from_ref(&foo)).is_err());
    let excluded = state(&[
        (&[], std::slice::from_ref(&foo)),
        (std::slice::from_ref(&both), &[]),
    ]);
    assert_eq!(check(&excluded, std::slice::from_ref(&bar)), Ok(()));
    let error = check(&excluded, &[bar, dns("www.foo.example")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "dNSName www.foo.example is excluded by dNSName foo.example"
    );
    let error = check(&excluded, &[dns("example.org")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "dNSName example.org lies in no permitted subtree"
    );
    // A form that no level mentions is free.
    assert_eq!(
        check(&narrowed, &[ip(&[127, 0, 0, 1]), email("a@b")]),
        Ok(())
    );
    assert_eq!(check(&NameConstraintsState::new(), &[foo]), Ok(()));
}

#[test]
fn forms_that_are_not_processed_refuse_if_critical() {
    let null = [0x05, 0x00];
    let x400 = nested(3, &[sequence(&[])]);
    let edi = nested(5, &[nested(1, &[der::encode(der::UTF8_STRING, b"a")])]);
    let registered = text(8, &[0x2a, 0x03]);
    for (name, form) in [
        (
            other("1.2.3", &null),
            UnprocessedForm::Other(Oid::parse("1.2.3").unwrap()),
        ),
        (x400, UnprocessedForm::X400),
        (edi, UnprocessedForm::EdiParty),
        (registered, UnprocessedForm::RegisteredId),
    ] {
        let names = std::slice::from_ref(&name);
        let refusal = Err(NameConstraintError::Unprocessed { form: form.clone() });
        assert_eq!(check(&state(&[(names, &[])]), names), refusal);
        assert_eq!(check(&state(&[(&[], names)]), names), refusal, "{form}");
        assert_eq!(check(&state(&[(&[], names)]), &[dns("a.example")]), Ok(()));
        assert_eq!(
            check(&state(&[(&[], names)]), &[other("1.2.4", &null)]),
            Ok(())
        );

        let mut uncritical = NameConstraintsState::new();
        let constraints = NameConstraints::of(&issuer(&value(&[], names), false));
        uncritical.add(constraints.unwrap().unwrap());
        assert_eq!(check(&uncritical, names), Ok(()));
    }
}

#[test]
fn comparisons_are_counted() {
    let names: Vec<Name> = (0..20).map(|i| dns(&format!("a{i}.example"))).collect();
    let state = state(&[(&names, &[dns("x.example"), dns("y.example")])]);
    let bearer = certificate(common_name("x"), &names);
    let mut comparisons = Comparisons::default();
    assert_eq!(state.check(&bearer, &mut comparisons), Ok(()));
    let needed = 20 * 2 + (1..=20).sum::<u32>();
    assert_eq!(comparisons.used(), needed);
    let mut comparisons = Comparisons::new(needed - 1);
    assert_eq!(
        state
            .check(&bearer, &mut comparisons)
            .unwrap_err()
            .to_string(),
        format!(
            "stopped after {} comparisons with name constraints",
            needed - 1
        )
    );
    let other_names = vec![other("1.2.3", &[0x05, 0x00]); 20];
    let mut none = Comparisons::new(0);
    let bearer = certificate(common_name("x"), &other_names);
    assert_eq!(state.check(&bearer, &mut none), Ok(()));
}

#[test]
fn a_certificate_without_the_extension_constrains_nothing() {
    let plain = certificate(common_name("x"), &[]);
    assert!(NameConstraints::of(&plain).unwrap().is_none());
    let leading = |base: &str| {
        let value = value(&[], &[dns("a.example"), dns(base)]);
        parse(&value).unwrap().has_dns_with_leading_period()
    };
    assert!(leading(".example.com"));
    assert!(!leading("example.com"));
}
