//! `yinxin sign --pdf`, `timestamp --pdf` and `extend`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use yinxin::encoding::pem;
use yinxin::signature::facts::ContentCoverage;
use yinxin::signature::facts::Imprint;
use yinxin::signature::facts::Integrity;
use yinxin::signature::facts::modification::ModificationExtent;
use yinxin::signature::pdf::document;
use yinxin::signature::pdf::document::PdfFacts;

use crate::cli::binary::Ended;
use crate::cli::binary::yinxin;
use crate::http::town::Town;
use crate::making::signer::Signer;
use crate::making::signer::crl;

/// One page with a line of text; `trailer` is added to the file's own.
pub(crate) fn page(trailer: &str) -> Vec<u8> {
    let text = "BT /F1 24 Tf 72 700 Td (Contract) Tj ET";
    let content = format!("<</Length {}>>\nstream\n{text}\nendstream", text.len());
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        &content,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ];
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("xref\n0 6\n0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let section = file.len();
    write!(
        file,
        "{table}trailer\n<</Size 6/Root 1 0 R{trailer}>>\nstartxref\n{section}\n%%EOF\n"
    )
    .unwrap();
    file.into_bytes()
}

/// A folder with a signer and a document.
fn folder(kind: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    Signer::new(folder.path(), kind);
    fs::write(folder.path().join("a.pdf"), page("")).unwrap();
    folder
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// Signs a document with the folder's key.
pub(crate) fn sign(folder: &Path, document: &str, more: &[&str]) -> Ended {
    let names = [
        "sign",
        document,
        "--key",
        "key.pem",
        "--certificate",
        "certificate.pem",
    ];
    let mut arguments: Vec<String> = names.map(str::to_owned).into();
    for place in [1, 3, 5] {
        arguments[place] = path(folder, &arguments[place]);
    }
    arguments.push("--pdf".to_owned());
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    yinxin(arguments)
}

fn read(folder: &Path, name: &str) -> PdfFacts {
    document::read(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

const UNTOUCHED: [&str; 4] = ["a.pdf", "certificate.pem", "key.pem", "root.pem"];

#[test]
fn three_sign_in_a_row_and_all_stay_intact() {
    let folder = folder("p256");
    let folder = folder.path();
    let told = sign(folder, "a.pdf", &["--reason", "同意", "--location", "上海"]).ok();
    assert!(
        told.contains("a.signed.pdf: ECDSA-P256-SHA256 by "),
        "{told}"
    );
    Signer::new(folder, "rsa");
    let visible = ["--pss", "--rectangle", "300,50,200,60"];
    sign(folder, "a.signed.pdf", &visible).ok();
    Signer::new(folder, "sm2");
    sign(folder, "a.signed.signed.pdf", &["--format", "gm"]).ok();
    let facts = read(folder, "a.signed.signed.signed.pdf");
    let formats: Vec<&str> = facts
        .signatures
        .iter()
        .map(|one| one.format.as_str())
        .collect();
    assert_eq!(formats, ["PAdES-BASELINE-B", "PAdES-BASELINE-B", "PDF"]);
    for signature in &facts.signatures {
        assert_eq!(signature.integrity, Integrity::Intact);
        let extent = signature.modifications.as_ref().unwrap().extent;
        assert!(extent <= ModificationExtent::Permitted);
        assert_eq!(signature.faults, []);
    }
    assert_eq!(facts.signatures[2].coverage, ContentCoverage::Whole);
    assert_eq!(fs::read(folder.join("a.pdf")).unwrap(), page(""));
}

#[test]
fn what_cannot_be_signed_is_explained_and_nothing_is_written() {
    let folder = folder("p256");
    let folder = folder.path();
    let whole = page("");
    for (document, told) in [
        (page("/Encrypt<</Filter/Standard/V 1/R 2>>"), "encrypted"),
        (whole[..whole.len() / 2].to_vec(), "startxref"),
        (b"no document".to_vec(), "startxref"),
    ] {
        fs::write(folder.join("a.pdf"), document).unwrap();
        let ended = sign(folder, "a.pdf", &[]).with(65);
        assert!(ended.err.contains(told), "{}", ended.err);
        assert_eq!(names(folder), UNTOUCHED);
    }
    fs::write(folder.join("a.pdf"), whole).unwrap();
    for (more, told, exit) in [
        (&["--field", "here"][..], "no signature field here", 64),
        (&["--page", "2"], "no page 2, the document has 1", 64),
        (&["--page", "0"], "no page 0", 64),
        (&["--rectangle", "1,2,3"], "four numbers", 64),
        (&["--rectangle", "1,2,0,4"], "four numbers", 64),
        (&["--detached"], "--detached", 64),
        (&["--format", "jws"], "no room for a JWS", 64),
        (&["--certify", "4"], "possible values: 1, 2, 3", 64),
        (&["--field", "a", "--page", "1"], "--page", 64),
        // Nobody listens there: the timestamp is missing, and so is the signature.
        (
            &["--timestamp", "http://127.0.0.1:1/tsa"],
            "127.0.0.1:1",
            69,
        ),
    ] {
        let ended = sign(folder, "a.pdf", more).with(exit);
        assert!(ended.err.contains(told), "{more:?}: {}", ended.err);
        assert_eq!(names(folder), UNTOUCHED);
    }
    let (document, key) = (path(folder, "a.pdf"), path(folder, "key.pem"));
    let certificate = path(folder, "certificate.pem");
    let apart = [
        "sign",
        &document,
        "--key",
        &key,
        "--certificate",
        &certificate,
    ];
    let ended = yinxin([&apart[..], &["--reason", "why"]].concat()).with(64);
    assert!(ended.err.contains("--pdf"), "{}", ended.err);
}

#[test]
fn a_document_that_is_there_is_overwritten_only_by_force() {
    let folder = folder("p256");
    let folder = folder.path();
    fs::write(folder.join("a.signed.pdf"), "mine").unwrap();
    let ended = sign(folder, "a.pdf", &[]).with(64);
    assert!(ended.err.contains("--force"), "{}", ended.err);
    assert_eq!(fs::read(folder.join("a.signed.pdf")).unwrap(), b"mine");
    sign(folder, "a.pdf", &["--force"]).ok();
    assert_eq!(read(folder, "a.signed.pdf").signatures.len(), 1);
    // In place, if that is what is asked for.
    let out = path(folder, "a.pdf");
    sign(folder, "a.pdf", &["--force", "--out", &out]).ok();
    assert_eq!(read(folder, "a.pdf").signatures.len(), 1);
}

#[test]
fn a_certified_document_is_final() {
    let folder = folder("p256");
    let folder = folder.path();
    sign(folder, "a.pdf", &["--certify", "1"]).ok();
    let ended = sign(folder, "a.signed.pdf", &[]).with(65);
    assert!(
        ended.err.contains("no further signature is permitted"),
        "{}",
        ended.err
    );
    let (form, out) = ("2", path(folder, "b.pdf"));
    sign(folder, "a.pdf", &["--certify", form, "--out", &out]).ok();
    sign(folder, "b.pdf", &[]).ok();
    let ended = sign(folder, "b.signed.pdf", &["--certify", form]).with(65);
    assert!(ended.err.contains("cannot be certified"), "{}", ended.err);
}

async fn run(arguments: Vec<String>) -> Ended {
    tokio::task::spawn_blocking(move || yinxin(arguments))
        .await
        .unwrap()
}

fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_and_documents_are_timestamped() {
    let town = Town::open().await;
    let tsa = format!("http://{}/tsa", town.address);
    let folder = folder("p256");
    let folder = folder.path();
    let at = folder.to_owned();
    let with = tsa.clone();
    let signing = move || sign(&at, "a.pdf", &["--timestamp", &with]);
    tokio::task::spawn_blocking(signing).await.unwrap().ok();
    let facts = read(folder, "a.signed.pdf");
    assert_eq!(facts.signatures[0].format, "PAdES-BASELINE-T");
    assert_eq!(facts.signatures[0].timestamps[0].imprint, Imprint::Matches);

    for document in ["a.pdf", "a.signed.pdf"] {
        let document = path(folder, document);
        let stamping = ["timestamp", &document, "--pdf", "--tsa", &tsa];
        let told = run(words(&stamping)).await.ok();
        assert!(told.contains(".stamped.pdf: "), "{told}");
    }
    assert_eq!(
        read(folder, "a.stamped.pdf").timestamps[0].imprint,
        Imprint::Matches
    );
    let facts = read(folder, "a.signed.stamped.pdf");
    let [signature] = facts.signatures.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(signature.integrity, Integrity::Intact);
    assert_eq!(signature.timestamps.len(), 2);
    assert_eq!(signature.timestamps[1].imprint, Imprint::Matches);
    let extent = signature.modifications.as_ref().unwrap().extent;
    assert_eq!(extent, ModificationExtent::Permitted);

    // The authority's certificate leads elsewhere, and nothing tells of it.
    let (document, root) = (path(folder, "a.signed.pdf"), path(folder, "root.pem"));
    let extending = words(&["extend", &document, "--anchor", &root]);
    let ended = run(extending).await.with(65);
    assert!(ended.err.contains("no certification path"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_extended_by_what_is_at_hand() {
    let town = Town::open().await;
    let tsa = format!("http://{}/tsa", town.address);
    let folder = folder("p256");
    let folder = folder.path();
    let at = folder.to_owned();
    let signing = move || sign(&at, "a.pdf", &[]);
    tokio::task::spawn_blocking(signing).await.unwrap().ok();
    let path = |name: &str| path(folder, name);
    let (document, root, list) = (path("a.signed.pdf"), path("root.pem"), path("crl.pem"));
    fs::write(&list, pem::encode("X509 CRL", &crl())).unwrap();

    let without = ["extend", &document, "--anchor", &root];
    let ended = run(words(&without)).await.with(69);
    assert!(ended.err.contains("no evidence at hand"), "{}", ended.err);
    assert!(ended.err.contains("某公司"), "{}", ended.err);
    assert!(!names(folder).contains(&"a.signed.extended.pdf".to_owned()));
    let unsigned = path("a.pdf");
    let ended = run(words(&["extend", &unsigned, "--anchor", &root])).await;
    assert!(ended.with(65).err.contains("sign it first"));

    let with = [&without[..], &["--crl", &list]].concat();
    let told = run(words(&with)).await.ok();
    assert!(
        told.contains("2 certificates, 1 CRLs, 0 OCSP responses"),
        "{told}"
    );
    let facts = read(folder, "a.signed.extended.pdf");
    assert_eq!(facts.certificates.len(), 2);
    assert_eq!(facts.evidence.crls().len(), 1);
    // It carries its evidence itself now.
    let extended = path("a.signed.extended.pdf");
    run(words(&["verify", &extended, "--anchor", &root]))
        .await
        .ok();
    let again = ["extend", &extended, "--anchor", &root];
    let told = run(words(&again)).await.ok();
    assert!(told.contains("nothing was written"), "{told}");

    let out = path("archive.pdf");
    let stamped = [&with[..], &["--tsa", &tsa, "--out", &out]].concat();
    run(words(&stamped)).await.ok();
    let facts = read(folder, "archive.pdf");
    assert_eq!(facts.signatures[0].format, "PAdES-BASELINE-LTA");
    let extent = facts.signatures[0].modifications.as_ref().unwrap().extent;
    assert_eq!(extent, ModificationExtent::Permitted);
}
