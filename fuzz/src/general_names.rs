//! Laws of [`parse_general_names`].

use std::net::IpAddr;

use yinxin::pki::der;
use yinxin::pki::general_name::GeneralName;
use yinxin::pki::general_name::NameForm;
use yinxin::pki::general_name::parse_general_names;
use yinxin::pki::oid::Oid;

/// What is read is written back byte for byte, so nothing is lost and nothing is made up; with its last
/// byte missing, or one more, it is no list; every name can be shown on a terminal; to be the same name
/// is mutual, and all names but malformed ones are the same as themselves.
pub fn parse(data: &[u8]) {
    let names = match parse_general_names(data) {
        Ok(names) => names,
        Err(refusal) => {
            assert_can_be_shown(&refusal.to_string());
            return;
        }
    };
    let list: Vec<u8> = names.iter().flat_map(encode).collect();
    assert_eq!(der::encode(der::SEQUENCE, &list), data, "not what was read");
    let shorter = data.split_last().map_or(data, |(_, shorter)| shorter);
    assert!(parse_general_names(shorter).is_err(), "a byte fewer");
    assert!(
        parse_general_names(&[data, &[0]].concat()).is_err(),
        "a byte more"
    );
    for (number, one) in names.iter().enumerate() {
        assert_can_be_shown(&one.to_string());
        let is_malformed = matches!(one, GeneralName::Malformed { .. });
        assert_eq!(one.matches(one), !is_malformed, "{one:?}");
        for other in names.iter().skip(number).take(32) {
            assert_eq!(one.matches(other), other.matches(one), "{one:?} {other:?}");
            assert!(!one.matches(other) || one.form() == other.form());
        }
    }
}

fn encode(name: &GeneralName) -> Vec<u8> {
    let explicit = |number, content: &[u8]| der::encode(der::context_constructed(number), content);
    let implicit = |number, content: &[u8]| der::encode(der::context_primitive(number), content);
    match name {
        GeneralName::Directory(name) => explicit(4, name.der()),
        GeneralName::Dns(text) => implicit(2, text.as_bytes()),
        GeneralName::EdiParty(whole) | GeneralName::X400(whole) => whole.clone(),
        GeneralName::Email(text) => implicit(1, text.as_bytes()),
        GeneralName::Ip(IpAddr::V4(address)) => implicit(7, &address.octets()),
        GeneralName::Ip(IpAddr::V6(address)) => implicit(7, &address.octets()),
        GeneralName::Malformed { form, octets } => implicit(tag_number(*form), octets),
        GeneralName::Other { type_id, value } => {
            explicit(0, &[type_id.to_der(), explicit(0, value)].concat())
        }
        GeneralName::RegisteredId(oid) => implicit(8, &content(oid)),
        GeneralName::Uri(text) => implicit(6, text.as_bytes()),
    }
}

fn content(oid: &Oid) -> Vec<u8> {
    let whole = oid.to_der();
    der::single(&whole).expect("an OID").content.to_vec()
}

fn tag_number(form: NameForm) -> u8 {
    match form {
        NameForm::Email => 1,
        NameForm::Dns => 2,
        NameForm::Uri => 6,
        NameForm::Ip => 7,
        NameForm::Directory
        | NameForm::EdiParty
        | NameForm::Other
        | NameForm::RegisteredId
        | NameForm::X400 => panic!("{form:?} is never malformed"),
    }
}

fn assert_can_be_shown(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
