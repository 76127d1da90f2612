//! `yinxin timestamp`, and `yinxin sign --timestamp`.

use std::fs;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::thread;

use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::signature::cms::signed_data::SignedData;
use yinxin::signature::cms::timestamp_token::TstInfo;
use yinxin::signature::facts::Imprint;
use yinxin::signature::facts::Integrity;

use crate::cli::binary::Ended;
use crate::cli::binary::yinxin;
use crate::http::client::Ask;
use crate::http::town::Town;
use crate::making::authority::request;
use crate::making::signer::Signer;

async fn run(arguments: Vec<String>) -> Ended {
    tokio::task::spawn_blocking(move || yinxin(arguments))
        .await
        .unwrap()
}

fn words(text: &[&str]) -> Vec<String> {
    text.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_its_digest_are_timestamped() {
    let town = Town::open().await;
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("a.txt"), folder.path().join("b.tst"));
    fs::write(&file, "content").unwrap();
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let tsa = format!("http://{}/tsa", town.address);
    run(words(&["timestamp", file, "--tsa", &tsa])).await.ok();
    let sm3 = digest(DigestAlgorithm::Sm3, b"content").to_hex();
    let by_digest = ["timestamp", "--digest", &sm3, "--digest-algorithm", "sm3"];
    let by_digest = [&by_digest[..], &["--tsa", &tsa, "--out", out]].concat();
    run(words(&by_digest)).await.ok();
    for (path, algorithm) in [
        (format!("{file}.tst"), DigestAlgorithm::Sha256),
        (out.to_owned(), DigestAlgorithm::Sm3),
    ] {
        let token = fs::read(path).unwrap();
        let token = SignedData::parse(&token).unwrap();
        let info = TstInfo::parse(&token.tst_info().unwrap()).unwrap();
        assert_eq!(info.imprint, digest(algorithm, b"content").as_bytes());
    }
    let again = run(words(&["timestamp", file, "--tsa", &tsa]))
        .await
        .with(64);
    assert!(again.err.contains("--force"), "{}", again.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_carries_its_timestamp() {
    let town = Town::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let tsa = format!("http://{}/tsa", town.address);
    for kind in ["p256", "sm2"] {
        Signer::new(folder.path(), kind);
        fs::write(path("a.txt"), "content").unwrap();
        let (file, key, certificate) = (path("a.txt"), path("key.pem"), path("certificate.pem"));
        let signing = ["sign", &file, "--key", &key, "--certificate", &certificate];
        let signing = [&signing[..], &["--timestamp", &tsa, "--force"]].concat();
        run(words(&signing)).await.ok();
        let signed = fs::read(path("a.txt.p7m")).unwrap();
        let facts = SignedData::parse(&signed).unwrap().facts(&[]).remove(0);
        assert_eq!(facts.format, "CAdES-BASELINE-T");
        let [timestamp] = facts.timestamps.as_slice() else {
            panic!("{:?}", facts.timestamps);
        };
        assert_eq!(timestamp.imprint, Imprint::Matches);
        let signature = timestamp.signature.as_ref().unwrap();
        assert_eq!(signature.integrity, Integrity::Intact);
    }
}

/// An authority that answers everything with the same bytes, once.
fn replaying(reply: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = [0; 4096];
        let _ = stream.read(&mut seen).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            reply.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&reply).unwrap();
        // Whatever else was sent is read away, so that the answer is not reset.
        let _ = stream.read(&mut seen);
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_question_is_not_written() {
    let town = Town::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    fs::write(&file, "content").unwrap();
    let file = file.to_str().unwrap();
    let ask = |content: &[u8]| {
        let query = request(content, 1).to_der().unwrap();
        let asked = Ask::post("/tsa").body("application/timestamp-query", query);
        town.ask(&asked).body
    };
    for (reply, told) in [
        (ask(b"content"), "nonce"),
        (ask(b"other"), "another digest"),
        (b"nothing of the kind".to_vec(), "not a timestamp response"),
    ] {
        let tsa = format!("http://{}/tsa", replaying(reply));
        let ended = run(words(&["timestamp", file, "--tsa", &tsa]))
            .await
            .with(65);
        assert!(ended.err.contains(told), "{}", ended.err);
        assert!(!folder.path().join("a.txt.tst").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_explained() {
    let town = Town::open().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.tst");
    let out = out.to_str().unwrap();
    let tsa = format!("http://{}/tsa", town.address);
    let digest = digest(DigestAlgorithm::Sha256, b"content").to_hex();
    let asking = ["timestamp", "--digest", &digest, "--out", out, "--tsa"];
    let asked = async |more: &[&str]| run(words(&[&asking[..], more].concat())).await;

    let ended = asked(&[&tsa, "--policy", "1.2.3"]).await.with(69);
    assert!(ended.err.contains("unacceptedPolicy"), "{}", ended.err);
    let elsewhere = format!("http://{}/", town.address);
    asked(&[&elsewhere]).await.with(69);
    asked(&["http://127.0.0.1:1/tsa"]).await.with(69);
    asked(&["ftp://127.0.0.1/tsa"]).await.with(64);
    asked(&[&tsa, "--digest-algorithm", "sha512"])
        .await
        .with(64);
    assert!(!folder.path().join("x.tst").exists());
}
