//! What we sign in PDF, pyHanko and poppler's `pdfsig` take for what it is, and what pyHanko signs, we do.

use std::env;
use std::fs;
use std::process::Command;

use serde_json::Value;
use serde_json::json;
use yinxin::signature::facts::ContentCoverage;
use yinxin::signature::facts::Integrity;
use yinxin::signature::facts::modification::ModificationExtent;
use yinxin::signature::pdf::document;

use crate::cli::binary::yinxin;
use crate::http::town::Town;
use crate::interop::peer::Peer;
use crate::making::pdf::page;
use crate::making::pdf::sign;
use crate::making::signer::Signer;
use crate::making::signer::crl;

fn pyhanko() -> Option<Peer> {
    Peer::of("pyhanko", "pdf_peer.py")
}

fn validated(peer: &Peer, file: &str) -> Vec<Value> {
    let told = peer.answer(&["validate", "--root", "root.pem", file]);
    serde_json::from_str(&told).unwrap()
}

/// One signature as the peer should see it, the last of `count` or one before.
fn expected(number: usize, count: usize) -> Value {
    let is_last = number == count;
    json!({
        "field": format!("Signature{number}"),
        "timestamp": false,
        "intact": true,
        "valid": true,
        "trusted": true,
        "coverage": if is_last { "ENTIRE_FILE" } else { "ENTIRE_REVISION" },
        "modifications": if is_last { "NONE" } else { "FORM_FILLING" },
        "permitted": true,
        "stamped": false,
    })
}

#[test]
fn pyhanko_accepts_what_we_sign() {
    let Some(peer) = pyhanko() else {
        return;
    };
    let folder = peer.path();
    fs::write(folder.join("0.pdf"), page("")).unwrap();
    let cases: [(&str, &[&str]); 6] = [
        ("p256", &["--reason", "同意"]),
        ("rsa", &["--rectangle", "300,50,200,60"]),
        ("rsa", &["--pss"]),
        ("p384", &[]),
        ("p521", &[]),
        ("ed25519", &[]),
    ];
    for (place, (kind, more)) in cases.into_iter().enumerate() {
        Signer::new(folder, kind);
        let (from, to) = (format!("{place}.pdf"), format!("{}.pdf", place + 1));
        let out = folder.join(&to).to_str().unwrap().to_owned();
        sign(folder, &from, &[more, &["--out", &out]].concat()).ok();
        let found = validated(&peer, &to);
        let count = place + 1;
        let wanted: Vec<Value> = (1..=count).map(|number| expected(number, count)).collect();
        assert_eq!(found[..count], wanted, "{kind}");
    }
}

#[test]
fn pyhanko_reads_certifications_as_we_mean_them() {
    let Some(peer) = pyhanko() else {
        return;
    };
    let folder = peer.path();
    fs::write(folder.join("a.pdf"), page("")).unwrap();
    Signer::new(folder, "p256");
    sign(folder, "a.pdf", &["--certify", "2"]).ok();
    sign(folder, "a.signed.pdf", &[]).ok();
    let found = validated(&peer, "a.signed.signed.pdf");
    assert_eq!(found[..2], [expected(1, 2), expected(2, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pyhanko_reads_our_timestamps_and_evidence() {
    let Some(peer) = pyhanko() else {
        return;
    };
    let town = Town::open().await;
    let tsa = format!("http://{}/tsa", town.address);
    let folder = peer.path().to_owned();
    tokio::task::spawn_blocking(move || {
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        fs::write(path("a.pdf"), page("")).unwrap();
        fs::write(path("crl.der"), crl()).unwrap();
        Signer::new(&folder, "p256");
        sign(&folder, "a.pdf", &["--timestamp", &tsa]).ok();
        sign(&folder, "a.pdf", &["--out", &path("b.pdf")]).ok();
        let (document, root, list) = (path("b.pdf"), path("root.pem"), path("crl.der"));
        let extending = ["extend", &document, "--anchor", &root, "--crl", &list];
        yinxin([&extending[..], &["--tsa", &tsa]].concat()).ok();
    })
    .await
    .unwrap();

    let found = validated(&peer, "a.signed.pdf");
    assert_eq!(found[0]["intact"], true);
    assert_eq!(found[0]["stamped"], true);
    let found = validated(&peer, "b.extended.pdf");
    let [signature, timestamp, store] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(signature["intact"], true);
    assert_eq!(signature["modifications"], "LTA_UPDATES");
    assert_eq!(signature["permitted"], true);
    assert_eq!(timestamp["timestamp"], true);
    assert_eq!(timestamp["intact"], true);
    assert_eq!(timestamp["coverage"], "ENTIRE_FILE");
    assert_eq!(
        *store,
        json!({"certificates": 2, "crls": 1, "responses": 0})
    );
}

#[test]
fn what_pyhanko_signs_is_intact_here() {
    let Some(peer) = pyhanko() else {
        return;
    };
    let folder = peer.path();
    fs::write(folder.join("0.pdf"), page("")).unwrap();
    for (place, (kind, form)) in [("p256", "pades"), ("rsa", "cms"), ("ed25519", "pades")]
        .into_iter()
        .enumerate()
    {
        Signer::new(folder, kind);
        let (from, to) = (format!("{place}.pdf"), format!("{}.pdf", place + 1));
        let signer = ["--key", "key.pem", "--certificate", "certificate.pem"];
        peer.answer(&[&["sign"], &signer[..], &["--form", form, &from, &to]].concat());
    }
    // Ours among theirs.
    Signer::new(folder, "p384");
    sign(folder, "3.pdf", &[]).ok();
    let facts = document::read(&fs::read(folder.join("3.signed.pdf")).unwrap()).unwrap();
    assert_eq!(facts.signatures.len(), 4);
    for signature in &facts.signatures {
        assert_eq!(signature.integrity, Integrity::Intact);
        let found = signature.modifications.as_ref().unwrap();
        assert!(found.extent <= ModificationExtent::Permitted, "{found:?}");
    }
    assert_eq!(facts.signatures[3].coverage, ContentCoverage::Whole);
    let told = validated(&peer, "3.signed.pdf");
    assert!(
        told[..4].iter().all(|one| one["permitted"] == true),
        "{told:?}"
    );

    let signer = ["--key", "key.pem", "--certificate", "certificate.pem"];
    let certified = ["--certify", "1", "0.pdf", "certified.pdf"];
    peer.answer(&[&["sign"], &signer[..], &certified].concat());
    let ended = sign(folder, "certified.pdf", &[]).with(65);
    assert!(ended.err.contains("Theirs1"), "{}", ended.err);
}

/// What poppler says of a file; none where it is not installed, and the test that asked says so.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests say when poppler is not there, which CI does not accept"
)]
fn pdfsig(file: &str) -> Option<String> {
    match Command::new("pdfsig").args(["-nocert", file]).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(missing) => {
            assert!(env::var("CI").as_deref() != Ok("true"), "pdfsig: {missing}");
            eprintln!("skipped: pdfsig: {missing}: run tests/run");
            None
        }
    }
}

#[test]
fn poppler_finds_our_signatures_valid() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("0.pdf"), page("")).unwrap();
    let cases: [(&str, &[&str]); 4] = [
        ("p256", &["--rectangle", "300,50,200,60"]),
        ("rsa", &[]),
        ("rsa", &["--pss"]),
        ("p384", &[]),
    ];
    for (place, (kind, more)) in cases.into_iter().enumerate() {
        Signer::new(folder, kind);
        let path = |number: usize| folder.join(format!("{number}.pdf"));
        let out = path(place + 1).to_str().unwrap().to_owned();
        sign(
            folder,
            &format!("{place}.pdf"),
            &[more, &["--out", &out]].concat(),
        )
        .ok();
        let Some(told) = pdfsig(&out) else {
            return;
        };
        let count = |text: &str| told.matches(text).count();
        assert_eq!(count("Signature is Valid."), place + 1, "{told}");
        assert_eq!(count("Total document signed"), 1, "{told}");
        assert_eq!(count("ETSI.CAdES.detached"), place + 1, "{told}");
    }
}

/// Debian's interpreter: `LibreOffice`'s bindings are made for that one.
const SYSTEM_PYTHON: &str = "/usr/bin/python3";
const LIBREOFFICE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/interop/libreoffice_peer.py"
);

/// Whether `LibreOffice` is there with all that signing needs. `tests/run` does not install it: it is large.
#[expect(clippy::print_stderr, reason = "tests say what they skip")]
fn has_libreoffice() -> bool {
    let succeeds = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    };
    let has = |program: &str| Command::new(program).arg("-H").output().is_ok();
    let is_there = succeeds(SYSTEM_PYTHON, &["-c", "import uno"])
        && succeeds("soffice", &["--version"])
        && has("certutil")
        && has("pk12util");
    if !is_there {
        eprintln!(
            "skipped: no LibreOffice; apt-get install libreoffice-writer-nogui python3-uno libnss3-tools"
        );
    }
    is_there
}

#[test]
fn what_libreoffice_signs_is_intact_here_and_stays_so() {
    if !has_libreoffice() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    Signer::new(folder, "rsa");
    let mut command = Command::new(SYSTEM_PYTHON);
    command.current_dir(folder).arg(LIBREOFFICE);
    let output = command
        .args([
            "--key",
            "key.pem",
            "--certificate",
            "certificate.pem",
            "0.pdf",
        ])
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaint}");
    sign(folder, "0.pdf", &["--rectangle", "300,50,200,60"]).ok();
    let facts = document::read(&fs::read(folder.join("0.signed.pdf")).unwrap()).unwrap();
    let [theirs, ours] = facts.signatures.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(theirs.integrity, Integrity::Intact);
    assert_eq!(theirs.coverage, ContentCoverage::Revision);
    let extent = theirs.modifications.as_ref().unwrap().extent;
    assert_eq!(extent, ModificationExtent::Permitted);
    assert_eq!(ours.integrity, Integrity::Intact);
    assert_eq!(ours.coverage, ContentCoverage::Whole);
}
