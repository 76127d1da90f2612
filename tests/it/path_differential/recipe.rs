//! Paths made from decisions: mostly in order, each in some places not.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use yinxin::pki::certificate::Certificate;
use yinxin::pki::der;

use crate::certificate_writer as writer;
use crate::certificate_writer::Draft;
use crate::certificate_writer::Extension;
use crate::certificate_writer::KeyPair;
use crate::certificate_writer::Sign;
use crate::path_differential::choices::Choices;

/// Everything that a validation is given.
pub(crate) struct Recipe {
    pub(crate) anchors: Vec<Made>,
    pub(crate) intermediates: Vec<Made>,
    pub(crate) end_entity: Made,
    pub(crate) requires_explicit_policy: bool,
    pub(crate) inhibits_mapping: bool,
    pub(crate) inhibits_any_policy: bool,
}

/// A certificate and what it was made from.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) draft: Draft,
    pub(crate) der: Vec<u8>,
    /// Bytes were changed, before or after signing; the draft does not say what it holds.
    pub(crate) is_mutated: bool,
}

impl Made {
    /// As we read it; `None` if we do not.
    pub(crate) fn read(&self) -> Option<Certificate> {
        Certificate::parse_der(&self.der).ok()
    }
}

impl Recipe {
    /// Only those of `path`, end entity first and anchor last.
    pub(crate) fn alone(&self, path: &[Certificate]) -> Option<Self> {
        let all = self
            .anchors
            .iter()
            .chain(&self.intermediates)
            .chain([&self.end_entity]);
        let all: Vec<&Made> = all.collect();
        let made = |certificate: &Certificate| {
            let found = all.iter().find(|made| made.der == certificate.der());
            found.map(|made| (*made).clone())
        };
        let mut path: Vec<Made> = path.iter().filter_map(made).collect();
        let anchors = vec![path.pop()?];
        let end_entity = (!path.is_empty()).then(|| path.remove(0))?;
        Some(Self {
            anchors,
            intermediates: path,
            end_entity,
            ..*self
        })
    }
}

/// The validation time of every recipe, as both sides want it.
pub(crate) const NOW: &str = "2030-01-01T00:00:00Z";
pub(crate) const NOW_UNIX: i64 = 1_893_456_000;

/// Keys, few enough that a fuzzer comes to the same ones again.
static KEYS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    let make: [fn() -> KeyPair; 3] = [KeyPair::p256, KeyPair::ed25519, KeyPair::rsa_2048];
    [0, 0, 1, 0, 1, 2, 2].map(|kind: usize| make[kind]()).into()
});

/// Somebody that a path comes by.
#[derive(Clone)]
struct Entity {
    name: Vec<u8>,
    key: usize,
}

impl Entity {
    fn key(&self) -> &'static KeyPair {
        &KEYS[self.key]
    }
}

pub(crate) const POLICY_A: &str = "1.3.6.1.4.1.99999.2.1";
const POLICY_B: &str = "1.3.6.1.4.1.99999.2.2";
const ANY_POLICY: &str = "2.5.29.32.0";
const HOSTS: [&str; 5] = [
    "www.a.example",
    "a.example",
    "b.example",
    ".a.example",
    "A.EXAMPLE",
];
const MAILBOXES: [&str; 4] = [
    "x@a.example",
    "y@a.example",
    "x@www.a.example",
    "x@b.example",
];
const MAIL_CONSTRAINTS: [&str; 4] = ["a.example", ".a.example", "x@a.example", "b.example"];
const ADDRESSES: [&[u8]; 3] = [
    &[10, 0, 0, 1],
    &[192, 0, 2, 1],
    &[0x20, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
];
const NETWORKS: [&[u8]; 4] = [
    &[10, 0, 0, 0, 255, 0, 0, 0],
    &[192, 0, 2, 0, 255, 255, 255, 0],
    &[0; 8],
    &[
        0x20, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0,
    ],
];

/// Makes a recipe from a fuzzer's bytes.
pub(crate) fn make(bytes: &[u8]) -> Recipe {
    let choices = &mut Choices::new(bytes);
    let length = choices.below(5) + 1;
    let entities = entities(choices, length);
    let [root, .., end] = entities.as_slice() else {
        panic!("two at least");
    };
    let mut anchors = vec![anchor(choices, root)];
    let mut intermediates = Vec::new();
    for pair in entities.windows(2).take(usize::from(length) - 1) {
        let [issuer, subject] = pair else { continue };
        intermediates.push(ca(choices, issuer, subject));
        if choices.rarely(20, &[false, true]) {
            let stray = stray(choices, issuer, subject);
            intermediates.push(stray);
        }
    }
    let issuer = &entities[entities.len() - 2];
    let end_entity = end_entity(choices, issuer, end);
    match choices.rarely(24, &[0, 1, 2]) {
        0 => {}
        1 => intermediates.extend(anchors.first().cloned()),
        _ => anchors.push(anchor(choices, &entities[1])),
    }
    if !intermediates.is_empty() {
        let by = choices.below(8);
        let by = usize::from(by) % intermediates.len();
        intermediates.rotate_left(by);
    }
    Recipe {
        anchors,
        intermediates,
        end_entity,
        requires_explicit_policy: choices.rarely(40, &[false, true]),
        inhibits_mapping: choices.rarely(20, &[false, true]),
        inhibits_any_policy: choices.rarely(20, &[false, true]),
    }
}

/// The root first, the end entity last.
fn entities(choices: &mut Choices<'_>, length: u8) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    for number in 0..=length {
        let own = match number == length {
            true => end_name(choices),
            false => ca_name(choices, number),
        };
        // The same name as its issuer, with another key or the same: self-issued.
        let name = match (choices.rarely(24, &[false, true]), entities.last()) {
            (true, Some(issuer)) => issuer.name.clone(),
            _ => own,
        };
        let key = usize::from(choices.octet().wrapping_add(number)) % KEYS.len();
        entities.push(Entity { name, key });
    }
    entities
}

fn ca_name(choices: &mut Choices<'_>, number: u8) -> Vec<u8> {
    let organisation = choices.of(&["Org A", "Org B"]);
    let text = format!("CA {number}");
    writer::name(&[
        (writer::COUNTRY, der::PRINTABLE_STRING, "CN"),
        (writer::ORGANISATION, der::UTF8_STRING, organisation),
        (writer::COMMON_NAME, der::UTF8_STRING, &text),
    ])
}

fn end_name(choices: &mut Choices<'_>) -> Vec<u8> {
    let organisation = choices.of(&["Org A", "Org B", "org  a "]);
    let mut attributes = vec![
        (writer::COUNTRY, der::PRINTABLE_STRING, "CN"),
        (writer::ORGANISATION, der::UTF8_STRING, organisation),
    ];
    match choices.rarely(60, &[0, 1, 2, 3]) {
        0 => attributes.push((writer::COMMON_NAME, der::UTF8_STRING, "End")),
        1 => attributes.push((writer::COMMON_NAME, der::UTF8_STRING, choices.of(&HOSTS))),
        2 => {
            let mailbox = choices.of(&MAILBOXES);
            attributes.push((writer::EMAIL_ADDRESS, der::IA5_STRING, mailbox));
        }
        _ => attributes.clear(),
    }
    writer::name(&attributes)
}

/// `name` as others may write it: the same name still, or almost.
fn respelt(choices: &mut Choices<'_>, name: &[u8]) -> Vec<u8> {
    let position = |text: &[u8]| name.windows(text.len()).position(|window| window == text);
    let replaced = |from: &[u8], to: &[u8]| {
        let mut name = name.to_vec();
        if let Some(at) = position(from) {
            name.splice(at..at + from.len(), to.iter().copied());
        }
        name
    };
    match choices.rarely(20, &[0, 1, 2, 3]) {
        0 => name.to_vec(),
        1 => replaced(b"Org ", b"ORG "),
        2 => replaced(&[der::UTF8_STRING, 5], &[der::PRINTABLE_STRING, 5]),
        _ => replaced(b"CA ", b"CB "),
    }
}

fn anchor(choices: &mut Choices<'_>, entity: &Entity) -> Made {
    let issuer = match choices.rarely(16, &[false, true]) {
        // Not self-issued: somebody else's certificate that is trusted by itself.
        true => Entity {
            name: writer::common_name("Elsewhere"),
            key: 1,
        },
        false => entity.clone(),
    };
    let draft = draft(choices, &issuer, entity, 12);
    let draft = ca_extensions(choices, draft, 12);
    finish(choices, draft, issuer.key())
}

fn ca(choices: &mut Choices<'_>, issuer: &Entity, subject: &Entity) -> Made {
    let draft = draft(choices, issuer, subject, 24);
    let draft = ca_extensions(choices, draft, 40);
    let signer = signer(choices, issuer);
    finish(choices, draft, signer)
}

fn end_entity(choices: &mut Choices<'_>, issuer: &Entity, subject: &Entity) -> Made {
    let mut draft = draft(choices, issuer, subject, 24);
    match choices.rarely(30, &[0, 1, 2]) {
        0 => {}
        1 => draft = draft.with(writer::basic_constraints(true, Some(0))),
        _ => draft = draft.with(writer::basic_constraints(false, None)),
    }
    match choices.rarely(40, &[0, 1]) {
        0 => draft = draft.with(writer::key_usage(writer::DIGITAL_SIGNATURE)),
        _ => draft = draft.with(writer::extended_key_usage(&["1.3.6.1.5.5.7.3.1"])),
    }
    draft = alternative_names(choices, draft, 128);
    draft = policies(choices, draft, 80);
    draft = odd_extensions(choices, draft, 16);
    let signer = signer(choices, issuer);
    finish(choices, draft, signer)
}

/// A certificate that leads a search astray: another key of the name, somebody else's, or an old one.
fn stray(choices: &mut Choices<'_>, issuer: &Entity, subject: &Entity) -> Made {
    let mut subject = subject.clone();
    let mut issuer = issuer.clone();
    let mut is_old = false;
    match choices.below(4) {
        0 => subject.key = (subject.key + 1) % KEYS.len(),
        1 => issuer.key = (issuer.key + 1) % KEYS.len(),
        2 => issuer.name = writer::common_name("Nobody"),
        _ => is_old = true,
    }
    let mut draft = draft(choices, &issuer, &subject, 0);
    if is_old {
        draft.not_after = "251231235959Z".to_owned();
    }
    let draft = ca_extensions(choices, draft, 0);
    finish(choices, draft, issuer.key())
}

fn signer(choices: &mut Choices<'_>, issuer: &Entity) -> &'static KeyPair {
    let by = choices.rarely(8, &[0, 1, 2, 3]);
    &KEYS[(issuer.key + by) % KEYS.len()]
}

/// The fields, spoilt in about `rarely` of 256 cases each.
fn draft(choices: &mut Choices<'_>, issuer: &Entity, subject: &Entity, rarely: u8) -> Draft {
    let issuer_name = match rarely {
        0 => issuer.name.clone(),
        _ => respelt(choices, &issuer.name),
    };
    let mut draft = Draft::new(issuer_name, subject.name.clone(), subject.key());
    let (not_before, not_after) = choices.rarely(
        rarely,
        &[
            ("200101000000Z", "391231235959Z"),
            ("200101000000Z", "20500101000000Z"),
            ("200101000000Z", "251231235959Z"),
            ("350101000000Z", "391231235959Z"),
            ("300101000000Z", "300101000000Z"),
            ("200101000000Z", "291231235959Z"),
            ("300101000001Z", "391231235959Z"),
        ],
    );
    draft.not_before = not_before.to_owned();
    draft.not_after = not_after.to_owned();
    draft.version = choices.rarely(rarely / 4, &[3, 1, 2]);
    draft.serial = choices
        .rarely(rarely, &[&[1_u8][..], &[0], &[255; 20], &[2, 3]])
        .to_vec();
    let (subject_id, issuer_id) = (subject.key().key_id(), issuer.key().key_id());
    let ids = choices.rarely(rarely, &[0, 1, 2, 3]);
    if ids != 1 {
        draft = draft.with(writer::subject_key_id(&subject_id));
    }
    match ids {
        0 => draft = draft.with(writer::authority_key_id(&issuer_id)),
        2 => draft = draft.with(writer::authority_key_id(&[7; 20])),
        _ => {}
    }
    draft
}

fn ca_extensions(choices: &mut Choices<'_>, mut draft: Draft, rarely: u8) -> Draft {
    let (is_ca, max_path_length) = choices.rarely(
        rarely,
        &[
            (Some(true), None),
            (Some(true), Some(0)),
            (Some(true), Some(1)),
            (Some(true), Some(2)),
            (Some(false), None),
            (None, None),
        ],
    );
    if let Some(is_ca) = is_ca {
        draft = draft.with(writer::basic_constraints(is_ca, max_path_length));
    }
    let usage = choices.rarely(
        rarely / 2,
        &[
            Some(writer::KEY_CERT_SIGN | writer::CRL_SIGN),
            None,
            Some(writer::CRL_SIGN),
            Some(writer::KEY_CERT_SIGN),
        ],
    );
    if let Some(bits) = usage {
        draft = draft.with(writer::key_usage(bits));
    }
    if rarely > 0 {
        draft = name_constraints(choices, draft, rarely);
        draft = policies(choices, draft, 80);
        draft = alternative_names(choices, draft, rarely / 4);
        draft = odd_extensions(choices, draft, rarely / 2);
    }
    draft
}

fn name_constraints(choices: &mut Choices<'_>, draft: Draft, rarely: u8) -> Draft {
    let [permitted, excluded] = [(); 2].map(|()| {
        let count = choices.rarely(rarely, &[0, 1, 2]);
        (0..count).map(|_| base(choices)).collect::<Vec<_>>()
    });
    if permitted.is_empty() && excluded.is_empty() {
        return draft;
    }
    let mut extension = writer::name_constraints(&permitted, &excluded);
    extension.is_critical = choices.rarely(40, &[true, false]);
    draft.with(extension)
}

/// The base of a subtree.
fn base(choices: &mut Choices<'_>) -> Vec<u8> {
    match choices.below(7) {
        0 => writer::dns(choices.of(&["a.example", "b.example", ".a.example", "", "example"])),
        1 => writer::email(choices.of(&MAIL_CONSTRAINTS)),
        2 => writer::ip(choices.of(&NETWORKS)),
        3 => {
            let organisation = choices.of(&["Org A", "ORG  A", "Org B"]);
            writer::directory(&writer::name(&[
                (writer::COUNTRY, der::PRINTABLE_STRING, "CN"),
                (writer::ORGANISATION, der::UTF8_STRING, organisation),
            ]))
        }
        4 => writer::uri(choices.of(&["a.example", ".a.example"])),
        5 => writer::directory(&writer::name(&[])),
        _ => writer::registered_id("1.2.3"),
    }
}

fn alternative_names(choices: &mut Choices<'_>, draft: Draft, rarely: u8) -> Draft {
    let count = choices.rarely(rarely, &[0, 1, 2, 3]);
    let names: Vec<Vec<u8>> = (0..count)
        .map(|_| match choices.below(6) {
            0 => writer::dns(choices.of(&HOSTS)),
            1 => writer::email(choices.of(&MAILBOXES)),
            2 => writer::ip(choices.of(&ADDRESSES)),
            3 => {
                writer::uri(choices.of(&["https://www.a.example/x", "https://a.example", "urn:x"]))
            }
            4 => writer::directory(&ca_name(choices, 9)),
            _ => writer::registered_id("1.2.3"),
        })
        .collect();
    match names.as_slice() {
        [] => draft,
        some => draft.with(writer::subject_alt_name(
            choices.rarely(60, &[false, true]),
            some,
        )),
    }
}

fn policies(choices: &mut Choices<'_>, mut draft: Draft, rarely: u8) -> Draft {
    let sets: &[&[&str]] = &[
        &[],
        &[POLICY_A],
        &[POLICY_B],
        &[POLICY_A, POLICY_B],
        &[ANY_POLICY],
        &[POLICY_A, ANY_POLICY],
        &[POLICY_A, POLICY_A],
    ];
    let set = choices.rarely(rarely, sets);
    if !set.is_empty() {
        let mut extension = writer::certificate_policies(set);
        extension.is_critical = choices.rarely(40, &[false, true]);
        draft = draft.with(extension);
    }
    let maps: &[&[(&str, &str)]] = &[
        &[],
        &[(POLICY_A, POLICY_B)],
        &[(POLICY_A, POLICY_B), (POLICY_B, POLICY_A)],
        &[(POLICY_A, POLICY_A), (POLICY_A, POLICY_B)],
        &[(ANY_POLICY, POLICY_A)],
    ];
    let map = choices.rarely(rarely / 4, maps);
    if !map.is_empty() {
        draft = draft.with(writer::policy_mappings(map));
    }
    let skips = [
        (None, None),
        (Some(0), None),
        (Some(1), None),
        (Some(2), Some(0)),
        (None, Some(1)),
        (None, Some(0)),
    ];
    let (explicit, mapping) = choices.rarely(rarely / 4, &skips);
    if explicit.is_some() || mapping.is_some() {
        draft = draft.with(writer::policy_constraints(explicit, mapping));
    }
    if let Some(skip) = choices.rarely(rarely / 4, &[None, Some(0), Some(1)]) {
        draft = draft.with(writer::inhibit_any_policy(skip));
    }
    draft
}

/// Extensions that nobody knows, critical or not, and one that must not be critical.
fn odd_extensions(choices: &mut Choices<'_>, mut draft: Draft, rarely: u8) -> Draft {
    match choices.rarely(rarely, &[0, 1, 2, 3]) {
        0 => draft,
        1 => draft.with(unknown(false)),
        2 => draft.with(unknown(true)),
        _ => {
            for extension in &mut draft.extensions {
                if extension.oid == writer::AUTHORITY_KEY_IDENTIFIER {
                    extension.is_critical = true;
                }
            }
            draft
        }
    }
}

fn unknown(is_critical: bool) -> Extension {
    Extension::new("1.3.6.1.4.1.99999.1", is_critical, vec![der::NULL, 0])
}

/// What was signed, and the identifier of the key.
type SignedBy = (Vec<u8>, [u8; 20]);

thread_local! {
    /// What was signed: a fuzzer changes one certificate of a path and leaves the others.
    static SIGNED: RefCell<HashMap<SignedBy, Vec<u8>>> = RefCell::default();
}

const MAX_SIGNED: usize = 10_000;

fn signed(tbs: Vec<u8>, signer: &KeyPair) -> Vec<u8> {
    SIGNED.with_borrow_mut(|signed| {
        if signed.len() >= MAX_SIGNED {
            signed.clear();
        }
        let certificate = signed.entry((tbs, signer.key_id()));
        certificate
            .or_insert_with_key(|(tbs, _)| writer::assemble(tbs, signer))
            .clone()
    })
}

/// Signs, and rarely changes bytes before or after.
fn finish(choices: &mut Choices<'_>, draft: Draft, signer: &KeyPair) -> Made {
    let mut tbs = draft.tbs(signer.algorithm());
    let mutation = choices.rarely(12, &[0, 1, 2]);
    let mutate = |bytes: &mut Vec<u8>, choices: &mut Choices<'_>| {
        let at = choices.long() % bytes.len();
        bytes[at] ^= choices.octet().max(1);
    };
    if mutation == 1 {
        mutate(&mut tbs, choices);
    }
    let mut der = signed(tbs, signer);
    if mutation == 2 {
        mutate(&mut der, choices);
    }
    Made {
        draft,
        der,
        is_mutated: mutation != 0,
    }
}
