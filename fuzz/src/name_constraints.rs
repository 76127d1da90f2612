//! Laws of [`NameConstraints`] and [`NameConstraintsState`].

use yinxin::pki::certificate::Certificate;
use yinxin::pki::general_name::parse_general_names;
use yinxin::pki::name_constraints::Comparisons;
use yinxin::pki::name_constraints::NameConstraints;
use yinxin::pki::name_constraints::NameConstraintsState;

use crate::certificate_writer as writer;
use crate::certificate_writer::Extension;
use crate::unsigned;

/// The values of a subject alternative name and of two name constraints: two lengths of two octets, then
/// the three.
pub fn check(data: &[u8]) {
    let Some((names, first, second)) = split(data) else {
        return;
    };
    let constraints = [first, second].map(read);
    let [Some(first), Some(second)] = constraints else {
        return;
    };
    let Some(certificate) = with(writer::SUBJECT_ALT_NAME, names) else {
        return;
    };
    let permits = |constraints: &[&NameConstraints]| permits(constraints, &certificate);
    let both = permits(&[&first, &second]);
    assert_eq!(both, permits(&[&second, &first]), "order matters");
    let each = permits(&[&first]) && permits(&[&second]);
    assert_eq!(both, each, "together they are not what they are one by one");
    assert_eq!(
        permits(&[&first, &first]),
        permits(&[&first]),
        "twice is not once"
    );
    assert_every_name_counts(names, &first, permits(&[&first]));
}

/// A certificate of several names is permitted if and only if one of each of them would be.
fn assert_every_name_counts(names: &[u8], constraints: &NameConstraints, all: bool) {
    let Ok(parsed) = parse_general_names(names) else {
        return;
    };
    if parsed.len() > 8 {
        return;
    }
    let mut one_by_one = true;
    let mut list = yinxin::pki::der::single(names)
        .expect("it was read")
        .reader();
    while let Ok(name) = list.read() {
        let alone = writer::sequence(&[name.whole.to_vec()]);
        let certificate = with(writer::SUBJECT_ALT_NAME, &alone).expect("one of several");
        one_by_one &= permits(&[constraints], &certificate);
    }
    assert_eq!(all, one_by_one, "{parsed:?}");
}

fn permits(constraints: &[&NameConstraints], certificate: &Certificate) -> bool {
    let mut state = NameConstraintsState::new();
    for constraints in constraints {
        state.add((*constraints).clone());
    }
    let mut comparisons = Comparisons::default();
    match state.check(certificate, &mut comparisons) {
        Ok(()) => true,
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            false
        }
    }
}

fn split(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (lengths, rest) = data.split_at_checked(4)?;
    let length = |at: usize| usize::from(lengths[at]) << 8 | usize::from(lengths[at + 1]);
    let (names, rest) = rest.split_at_checked(length(0))?;
    let (first, second) = rest.split_at_checked(length(2))?;
    Some((names, first, second))
}

/// What [`check`] is given for these three.
pub fn join(names: &[u8], first: &[u8], second: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u16::try_from(part.len()).expect("short").to_be_bytes();
    [&length(names), &length(first), names, first, second].concat()
}

fn read(value: &[u8]) -> Option<NameConstraints> {
    let certificate = with(writer::NAME_CONSTRAINTS, value)?;
    match NameConstraints::of(&certificate) {
        Ok(constraints) => constraints,
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            None
        }
    }
}

/// A certificate that bears one extension.
fn with(oid: &str, value: &[u8]) -> Option<Certificate> {
    let extension = Extension::new(oid, true, value.to_vec());
    unsigned::certificate(|draft| draft.extensions.push(extension))
}
