//! First inputs: a credential of each shape, and the certificates of `trust-roots/`.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use yinxin::clock::Timestamp;
use yinxin::credential::claims::Claims;
use yinxin::credential::kind::KindSet;
use yinxin::credential::sd_jwt_vc::issue::IssueInput;
use yinxin::credential::sd_jwt_vc::issue::prepare;
use yinxin::credential::sd_jwt_vc::issue::sign;
use yinxin::credential::sd_jwt_vc::parse::Limits;
use yinxin::credential::sd_jwt_vc::parse::SdJwt;
use yinxin::credential::status_list::StatusReference;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SeededRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::base64url;
use yinxin::encoding::pem;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::pki::certificate::Certificate;

use crate::certificate_writer as writer;

/// Writes `seeds` into the first corpus folder that libFuzzer was started with, unless they are there.
pub fn plant(seeds: Vec<Vec<u8>>) {
    let Some(folder) = env::args_os()
        .skip(1)
        .map(PathBuf::from)
        .find(|path| path.is_dir())
    else {
        return;
    };
    for (number, seed) in seeds.into_iter().enumerate() {
        let path = folder.join(format!("seed-{number:02}"));
        if !path.exists() {
            fs::write(&path, seed).expect("the corpus folder takes files");
        }
    }
}

/// Certificates in PEM and DER.
pub fn certificates() -> Vec<Vec<u8>> {
    let roots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trust-roots");
    let mut seeds = Vec::new();
    for file in pem_files(&roots) {
        let text = fs::read(file).expect("a readable file");
        for block in pem::decode(&text, 16).expect("PEM") {
            seeds.push(block.der);
        }
        seeds.push(text);
    }
    assert!(
        !seeds.is_empty(),
        "no certificates below {}",
        roots.display()
    );
    seeds
}

fn pem_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(pem_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "pem") {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub use crate::revocation_seeds::crls;
pub use crate::revocation_seeds::ocsp_responses;

/// Names of each form, and lists of them.
pub fn general_names() -> Vec<Vec<u8>> {
    let names = names();
    let alone = names.iter().map(|name| writer::sequence(&[name.clone()]));
    let mut seeds: Vec<Vec<u8>> = alone.collect();
    seeds.push(writer::sequence(&names));
    seeds
}

/// Each name below constraints of each form.
pub fn name_constraints() -> Vec<Vec<u8>> {
    let bases = [
        writer::dns("a.example"),
        writer::dns(".a.example"),
        writer::email("a.example"),
        writer::email(".a.example"),
        writer::email("x@a.example"),
        writer::uri("a.example"),
        writer::ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
        writer::directory(&writer::common_name("End")),
        writer::registered_id("1.2.3"),
    ];
    let mut seeds = Vec::new();
    for name in names() {
        let name = writer::sequence(&[name]);
        for base in &bases {
            let list = [base.clone()];
            let permitted = writer::name_constraints(&list, &[]).value;
            let excluded = writer::name_constraints(&[], &list).value;
            seeds.push(crate::name_constraints::join(&name, &permitted, &excluded));
        }
    }
    seeds
}

fn names() -> Vec<Vec<u8>> {
    let other = [
        writer::oid("1.3.6.1.5.5.7.8.9"),
        vec![0xa0, 5, 0x0c, 3, b'x', b'@', b'a'],
    ]
    .concat();
    vec![
        writer::dns("www.a.example"),
        writer::dns("*.a.example"),
        writer::email("x@a.example"),
        writer::uri("https://www.a.example:1/x?y#z"),
        writer::ip(&[10, 0, 0, 1]),
        writer::ip(&[0x20; 16]),
        writer::directory(&writer::common_name("End")),
        writer::registered_id("1.2.3"),
        [vec![0xa0, u8::try_from(other.len()).expect("short")], other].concat(),
    ]
}

/// Good paths of every length, and each of them with one decision changed.
pub fn recipes_of_paths() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for length in 0..5_usize {
        let mut good = vec![0; 40 + 40 * length];
        good[0] = u8::try_from(length).expect("one of five");
        seeds.push(good.clone());
        for place in 1..good.len() {
            for value in [7, 250, 255] {
                good[place] = value;
                seeds.push(good.clone());
            }
            good[place] = 0;
        }
    }
    seeds
}

/// Disclosures inside disclosures and array elements, in the clear (see [`crate::sd_jwt`]).
pub const RECIPE: &str = r##"{"alg":"ES256","typ":"dc+sd-jwt"}
{"vct":"t","iat":1,"exp":2,"status":{"status_list":{"idx":0,"uri":"u"}},"cnf":{},"_sd_alg":"sha-256","_sd":["#2","decoy"],"list":["x",{"...":"#4"}]}
["salt2","outer",{"_sd":["#3"]}]
["salt1","inner",[1,2.5,null]]
["salt3",{"a":true}]"##;

/// Presentations: ours whole, without disclosures and with a certificate, and one with every feature that
/// ours do not use.
pub fn presentations() -> Vec<Vec<u8>> {
    let whole = credential(&[]);
    let parsed = SdJwt::parse(&whole, Limits::DEFAULT).expect("ours parse");
    let bare = parsed.present(|_| false);
    let certificate = certificates()
        .iter()
        .find_map(|seed| Certificate::parse_der(seed).ok())
        .expect("one is DER");
    [
        whole,
        bare,
        credential(&[certificate]),
        foreign(),
        format!("!{RECIPE}"),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect()
}

fn credential(x5c: &[Certificate]) -> String {
    let kinds = KindSet::builtin("https://yinxin.example").expect("builtin kinds");
    let kind = kinds.by_id("tax-registration").expect("a builtin kind");
    let serde_json::Value::Object(claims) = serde_json::json!({
        "name": "东莞市示例有限公司",
        "uscc": "91350100M000100Y43",
        "state": "active",
        "registration": {"number": "1", "registeredOn": "2015-03-02", "state": "active"},
    }) else {
        unreachable!("an object");
    };
    let at = |seconds| Timestamp::from_unix_seconds(seconds).expect("a time");
    let input = IssueInput {
        id: CredentialId::from_random([7; 16]),
        kind,
        claims: Claims::check(claims, kind).expect("claims of the kind"),
        issuer: "https://yinxin.example".to_owned(),
        issued_at: at(1_700_000_000),
        not_before: None,
        expires_at: at(1_800_000_000),
        status: StatusReference {
            index: 3,
            uri: "https://yinxin.example/status/1".to_owned(),
        },
    };
    let prepared = prepare(input, &SeededRandom::new([7; 32])).expect("a credential");
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).expect("a key");
    sign(&prepared, &key, x5c).expect("a signature")
}

/// Recursive disclosures, array elements, a bound key and a key binding JWT; nobody looks at the
/// signatures. The digests are those of the disclosures below.
fn foreign() -> String {
    let encode = |text: &str| base64url::encode(text.as_bytes());
    let digest =
        |text: &str| base64url::encode(yinxin::crypto::digest::sha256(text.as_bytes()).as_bytes());
    let inner = encode(r#"["salt1","inner",[1,2.5,null]]"#);
    let outer = encode(&format!(
        r#"["salt2","outer",{{"_sd":["{}"]}}]"#,
        digest(&inner)
    ));
    let element = encode(r#"["salt3",{"a":true}]"#);
    let payload = format!(
        r#"{{"vct":"t","cnf":{{"jwk":{{}}}},"_sd":["{}","decoy"],"list":["x",{{"...":"{}"}}]}}"#,
        digest(&outer),
        digest(&element)
    );
    let jwt = |typ: &str, payload: &str| {
        let header = format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#);
        format!("{}.{}.AAAA", encode(&header), encode(payload))
    };
    format!(
        "{}~{outer}~{inner}~{element}~{}",
        jwt("vc+sd-jwt", &payload),
        jwt("kb+jwt", "{}")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_inputs_are_read_and_keep_the_laws() {
        for seed in presentations() {
            let text = String::from_utf8(seed.clone()).unwrap();
            let is_read = text.starts_with('!') || SdJwt::parse(&text, Limits::DEFAULT).is_ok();
            assert!(is_read, "{text}");
            crate::sd_jwt::parse(&seed);
        }
        for seed in general_names() {
            assert!(yinxin::pki::general_name::parse_general_names(&seed).is_ok());
            crate::general_names::parse(&seed);
        }
        for seed in crls() {
            assert!(yinxin::pki::revocation::crl::Crl::parse_der(&*seed).is_ok());
            crate::crl::parse(&seed);
        }
        for seed in ocsp_responses() {
            assert!(yinxin::pki::revocation::ocsp::OcspResponse::parse_der(&*seed).is_ok());
            crate::ocsp::parse(&seed);
        }
        for seed in name_constraints() {
            crate::name_constraints::check(&seed);
        }
        for seed in recipes_of_paths() {
            crate::path::differential(&seed);
        }
        for seed in certificates() {
            assert!(
                !yinxin::pki::certificate::parse_all(&seed, 16)
                    .unwrap()
                    .is_empty()
            );
            crate::certificate::parse(&seed);
        }
    }
}
