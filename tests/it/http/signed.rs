//! Signed documents over HTTP: content inside and apart, digests of it, the kinds of report, and sheets.

use openssl::cms::CMSOptions;
use openssl::cms::CmsContentInfo;
use openssl::pkey::PKey;
use openssl::x509::X509;
use serde_json::Value;
use serde_json::json;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::encoding::base64;
use yinxin::encoding::base64url;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;
use crate::running_city::Holder;
use crate::running_city::pki;

pub(crate) const CONTENT: &[u8] = "采购合同：甲方、乙方".as_bytes();

/// A signature of a company that `bank-a` recognises for loans; `options` says where the content is.
pub(crate) async fn signed(town: &Town, options: CMSOptions) -> Vec<u8> {
    let uscc = town.city.company(1).await;
    let signer = Holder::of_company(&pki().alpha, &uscc);
    let certificate = X509::from_der(signer.certificate.der()).unwrap();
    let key = PKey::private_key_from_pkcs8(signer.pkcs8()).unwrap();
    let options = options | CMSOptions::BINARY;
    let signed = CmsContentInfo::sign(Some(&certificate), Some(&key), None, Some(CONTENT), options);
    signed.unwrap().to_der().unwrap()
}

pub(crate) async fn detached(town: &Town) -> Vec<u8> {
    signed(town, CMSOptions::DETACHED).await
}

pub(crate) async fn attached(town: &Town) -> Vec<u8> {
    signed(town, CMSOptions::empty()).await
}

fn hex(algorithm: DigestAlgorithm, bytes: &[u8]) -> String {
    digest(algorithm, bytes).to_hex()
}

/// The body of a request about `document` for a loan, with more members.
pub(crate) fn body(document: &[u8], more: Value) -> Value {
    let mut body = json!({"document": {"bytes": base64::encode(document)}, "purpose": "loan"});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body
}

fn asked(town: &Town, document: &[u8], more: Value) -> Answer {
    let ask = Ask::post("/v1/verify").key(&town.bank);
    town.ask(&ask.json(&body(document, more)))
}

fn report(town: &Town, document: &[u8], more: Value) -> Value {
    asked(town, document, more).expect(200)
}

/// The codes of all reasons.
fn codes(report: &Value) -> Vec<&str> {
    let lists = [&report["reasons"], &report["signatures"][0]["reasons"]];
    let reasons = lists.into_iter().flat_map(|list| list.as_array().unwrap());
    reasons
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

fn reason<'a>(report: &'a Value, code: &str) -> &'a Value {
    let mut reasons = report["reasons"].as_array().unwrap().iter();
    reasons
        .find(|reason| reason["code"] == code)
        .unwrap_or_else(|| panic!("{code}: {report:#}"))
}

/// What a receipt says.
pub(crate) fn claims(report: &Value) -> Value {
    let receipt = report["receipt"].as_str().unwrap();
    assert!(receipt.len() <= 2048);
    let payload = receipt.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload, 4096).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_stands_apart_comes_as_bytes_or_as_digests() {
    let town = Town::open().await;
    let signature = detached(&town).await;
    let (sha256, sm3) = (
        hex(DigestAlgorithm::Sha256, CONTENT),
        hex(DigestAlgorithm::Sm3, CONTENT),
    );

    let bytes = json!({"originals": [{"bytes": base64::encode(CONTENT), "name": "合同.txt"}]});
    let seen = report(&town, &signature, bytes);
    assert_eq!(seen["indication"], "TOTAL-PASSED", "{seen:#}");
    assert_eq!(seen["signatures"][0]["coverage"], "detached");
    let expected =
        json!([{"name": "合同.txt", "seen": true, "digests": {"sha256": sha256, "sm3": sm3}}]);
    assert_eq!(seen["originals"], expected);
    assert!(!codes(&seen).contains(&"DOCUMENT_NOT_SEEN"));
    assert_eq!(claims(&seen)["original"]["seen"], true);

    let digests = json!({"originals": [
        {"digest": sm3, "digestAlgorithm": "SM3", "name": "合同.txt"},
        {"digest": sha256, "digestAlgorithm": "sha256", "name": "合同.txt"},
    ]});
    let unseen = report(&town, &signature, digests);
    assert_eq!(unseen["indication"], "TOTAL-PASSED", "{unseen:#}");
    assert_eq!(unseen["originals"][0]["seen"], false);
    assert_eq!(unseen["originals"][0]["digests"]["sha256"], sha256);
    assert_eq!(unseen["originals"].as_array().unwrap().len(), 1);
    reason(&unseen, "DOCUMENT_NOT_SEEN");
    let digest = digest(DigestAlgorithm::Sha256, CONTENT);
    let digest = format!("sha256:{}", base64url::encode(digest.as_bytes()));
    let original = json!({"digest": digest, "seen": false});
    assert_eq!(claims(&unseen)["original"], original);
    assert_eq!(unseen["document"]["seen"], true, "the signature was seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_that_is_of_no_use_says_which_one_is_needed() {
    let town = Town::open().await;
    let signature = detached(&town).await;
    let sm3 = hex(DigestAlgorithm::Sm3, CONTENT);
    let wrong = json!({"originals": [{"digest": sm3, "digestAlgorithm": "sm3"}]});
    let told = report(&town, &signature, wrong);
    assert_eq!(told["indication"], "INDETERMINATE");
    assert_eq!(told["subIndication"], "SIGNED_DATA_NOT_FOUND");
    let needed = &reason(&told, "CONTENT_DIGEST_NEEDED")["params"];
    assert_eq!(*needed, json!({"given": "SM3", "needed": "SHA-256"}));

    let without = report(&town, &signature, json!({}));
    assert_eq!(without["subIndication"], "SIGNED_DATA_NOT_FOUND");
    assert_eq!(
        without["signatures"][0]["cryptographic"]["intact"],
        Value::Null
    );
    assert!(without.get("originals").is_none());

    let other = json!({"originals": [{"bytes": base64::encode(b"something else")}]});
    let other = report(&town, &signature, other);
    assert_eq!(other["indication"], "TOTAL-FAILED");
    assert_eq!(other["subIndication"], "HASH_FAILURE");
    let sha256 = hex(DigestAlgorithm::Sha256, b"something else");
    let other = json!({"originals": [{"digest": sha256, "digestAlgorithm": "sha256"}]});
    assert_eq!(
        report(&town, &signature, other)["subIndication"],
        "HASH_FAILURE"
    );

    let bare = signed(&town, CMSOptions::DETACHED | CMSOptions::NOATTR).await;
    let sha256 = hex(DigestAlgorithm::Sha256, CONTENT);
    let digest = json!({"originals": [{"digest": sha256, "digestAlgorithm": "sha256"}]});
    let told = report(&town, &bare, digest);
    assert_eq!(told["subIndication"], "SIGNED_DATA_NOT_FOUND", "{told:#}");
    reason(&told, "CONTENT_ITSELF_NEEDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_was_not_signed_does_not_pass_beside_what_was() {
    let town = Town::open().await;
    let signature = detached(&town).await;
    let (signed, other) = (base64::encode(CONTENT), base64::encode(b"something else"));
    let both =
        json!({"originals": [{"bytes": signed, "name": "a"}, {"bytes": other, "name": "b"}]});
    let told = report(&town, &signature, both);
    assert_eq!(told["indication"], "INDETERMINATE", "{told:#}");
    let unsigned = reason(&told, "ORIGINAL_NOT_SIGNED");
    assert_eq!(unsigned["params"]["name"], "b");
    assert_eq!(told["signatures"][0]["cryptographic"]["intact"], true);

    // Content inside, and its digest by an algorithm that the signature does not use.
    let sha512 = hex(DigestAlgorithm::Sha512, CONTENT);
    let same = json!({"originals": [{"digest": sha512, "digestAlgorithm": "sha512"}]});
    let inside = attached(&town).await;
    assert_eq!(report(&town, &inside, same)["indication"], "TOTAL-PASSED");
    let sha512 = hex(DigestAlgorithm::Sha512, b"something else");
    let other = json!({"originals": [{"digest": sha512, "digestAlgorithm": "sha512"}]});
    assert_eq!(report(&town, &inside, other)["indication"], "TOTAL-FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_and_a_raw_body_say_the_same() {
    let town = Town::open().await;
    let signature = detached(&town).await;
    let sha256 = hex(DigestAlgorithm::Sha256, CONTENT);
    let ask = |query: String| {
        let ask = Ask::post(format!("/v1/verify?purpose=loan{query}")).key(&town.bank);
        ask.body("application/pkcs7-signature", signature.clone())
    };
    let query = format!("&digest={sha256}&digestAlgorithm=sha256");
    let raw = town.ask(&ask(query)).expect(200);
    assert_eq!(raw["indication"], "TOTAL-PASSED");
    assert_eq!(raw["originals"][0]["seen"], false);
    let problem = town
        .ask(&ask(format!("&digest={sha256}")))
        .problem(400, "INVALID_QUERY");
    assert_eq!(problem["parameter"], "digestAlgorithm");

    let part = |disposition: &str, content: &[u8]| {
        let mut part =
            format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").into_bytes();
        part.extend_from_slice(content);
        part.extend_from_slice(b"\r\n");
        part
    };
    let form = |parts: &[Vec<u8>]| {
        let mut body = parts.concat();
        body.extend_from_slice(b"--B--\r\n");
        let ask = Ask::post("/v1/verify").key(&town.bank);
        town.ask(&ask.body("multipart/form-data; boundary=B", body))
    };
    let document = part(r#"name="document"; filename="合同.p7s""#, &signature);
    let purpose = part(r#"name="purpose""#, b"loan");
    let original = part(r#"name="original"; filename="合同.txt""#, CONTENT);
    let told = form(&[document.clone(), purpose.clone(), original]).expect(200);
    assert_eq!(told["indication"], "TOTAL-PASSED", "{told:#}");
    assert_eq!(told["originals"][0]["name"], "合同.txt");
    let digests = json!([{"digest": sha256, "digestAlgorithm": "sha256"}]).to_string();
    let digests = part(r#"name="originals""#, digests.as_bytes());
    let told = form(&[document.clone(), purpose.clone(), digests]).expect(200);
    assert_eq!(told["indication"], "TOTAL-PASSED");
    let broken = part(r#"name="originals""#, b"[{]");
    let problem = form(&[document, purpose, broken]).problem(400, "MALFORMED_JSON");
    assert_eq!(problem["member"], "originals");
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_content_is_given_back_only_if_it_is_what_was_signed() {
    let town = Town::open().await;
    let mut document = attached(&town).await;
    let asked = json!({"includeContent": true});
    let told = report(&town, &document, asked.clone());
    assert_eq!(told["indication"], "TOTAL-PASSED", "{told:#}");
    let content = told["signedContent"].as_str().unwrap();
    assert_eq!(base64::decode(content, 1000).unwrap(), CONTENT);
    assert!(
        report(&town, &document, json!({}))
            .get("signedContent")
            .is_none()
    );

    let place = document
        .windows(CONTENT.len())
        .position(|window| window == CONTENT);
    document[place.unwrap() + CONTENT.len() - 1] ^= 1;
    let altered = report(&town, &document, asked.clone());
    assert_eq!(altered["subIndication"], "HASH_FAILURE");
    assert!(altered.get("signedContent").is_none());
    reason(&altered, "SIGNED_CONTENT_LEFT_OUT");
    let apart = report(&town, &detached(&town).await, asked);
    assert!(apart.get("signedContent").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn content_for_what_has_none_apart_is_told() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let credential = issued["credential"].as_str().unwrap();
    let original = json!({"originals": [{"bytes": "YWJj", "name": "a.txt"}]});
    let told = report(&town, credential.as_bytes(), original);
    assert_eq!(
        reason(&told, "ORIGINAL_NOT_USED")["params"]["name"],
        "a.txt"
    );
    assert!(claims(&told).get("original").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_as_much_as_was_asked_for() {
    let town = Town::open().await;
    let document = attached(&town).await;
    let of_type = |kind: &str| asked(&town, &document, json!({"reportType": kind}));
    let simple = of_type("simple");
    let mut short = simple.expect(200);
    short["receipt"] = Value::Null;
    assert!(short.to_string().len() < 2048, "{short:#}");
    let signature = &short["signatures"][0];
    assert!(signature.get("constraints").is_none() && short.get("constraints").is_none());
    assert_eq!(signature["path"], json!([]));

    let detailed = of_type("detailed").expect(200);
    let signature = &detailed["signatures"][0];
    let outcome = |name: &str| {
        let mut rows = signature["constraints"].as_array().unwrap().iter();
        let row = rows.find(|row| row["constraint"] == name);
        row.unwrap_or_else(|| panic!("{name}"))["outcome"].clone()
    };
    for name in [
        "format",
        "content-digest",
        "signature-value",
        "certification-path",
    ] {
        assert_eq!(outcome(name), "passed", "{name}");
    }
    for name in [
        "timestamps",
        "counter-signatures",
        "revocation",
        "certificate-reference",
    ] {
        assert_eq!(outcome(name), "not-checked", "{name}");
    }
    assert!(signature.get("diagnostics").is_none());

    let diagnostic = of_type("diagnostic").expect(200);
    let told = &diagnostic["signatures"][0]["diagnostics"];
    let signer = &told["certificates"][0];
    assert_eq!(
        signer["sha256"],
        diagnostic["signatures"][0]["path"][0]["sha256"]
    );
    let attributes = told["attributes"].as_array().unwrap();
    assert!(attributes.len() >= 3 && attributes.iter().all(|one| one["signed"] == true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_given_to_who_asks_for_a_page() {
    let town = Town::open().await;
    let document = attached(&town).await;
    for (language, word, name) in [
        ("zh-CN", "电子签名核验单", "zh-CN"),
        ("en", "Signature verification sheet", "en"),
    ] {
        let ask = Ask::post("/v1/verify").key(&town.bank);
        let ask = ask
            .header("Accept", "text/html")
            .header("Accept-Language", language);
        let sheet = town.ask(&ask.json(&body(&document, json!({}))));
        assert_eq!(sheet.status, 200);
        let content_type = sheet.header("content-type").unwrap();
        assert!(content_type.starts_with("text/html"));
        assert_eq!(sheet.header("content-language"), Some(name));
        assert!(sheet.header("content-security-policy").is_some());
        let html = sheet.text();
        assert!(html.contains(word) && html.contains("bank-a"), "{html}");
        assert!(html.contains("TOTAL-PASSED"));
    }
    let ask = Ask::post("/v1/verify")
        .key(&town.bank)
        .header("Accept", "text/html");
    let problem = town.ask(&ask.json(&json!({"document": {}})));
    assert_eq!(problem.status, 400);
    assert!(problem.text().starts_with("<!doctype html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_page_takes_a_signature_with_its_content() {
    let town = Town::open().await;
    let signature = detached(&town).await;
    let mut form = Vec::new();
    for (name, file, content) in [
        ("document", "合同.p7s", signature.as_slice()),
        ("original", "合同.txt", CONTENT),
        ("text", "", b""),
    ] {
        let file = match file {
            "" => String::new(),
            file => format!("; filename=\"{file}\""),
        };
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--B--\r\n");
    let ask = Ask::post("/check?lang=en").body("multipart/form-data; boundary=B", form);
    let page = town.ask(&ask);
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("Not altered since it was signed"), "{html}");
    assert!(html.contains("合同.txt") && html.contains("Content that stands apart"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_read_is_refused_by_its_name() {
    let town = Town::open().await;
    let archive = |name: &str, content: &str| {
        let mut local = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        let length = |text: &str| u32::try_from(text.len()).unwrap().to_le_bytes();
        local.extend(length(content));
        local.extend(length(content));
        local.extend(&length(name)[..2]);
        local.extend([0, 0]);
        local.extend(name.as_bytes());
        local.extend(content.as_bytes());
        local
    };
    let namespace = "http://www.w3.org/2000/09/xmldsig#";
    for (format, document) in [
        (
            "ASiC",
            archive("mimetype", "application/vnd.etsi.asic-e+zip"),
        ),
        ("OFD", archive("OFD.xml", "<ofd:OFD/>")),
        ("ZIP", archive("a.txt", "a")),
        (
            "XAdES",
            format!("<ds:Signature xmlns:ds=\"{namespace}\"/>").into_bytes(),
        ),
        ("XML", b"<?xml version=\"1.0\"?><a/>".to_vec()),
        (
            "unknown content",
            b"\xd0\xcf\x11\xe0 an office file".to_vec(),
        ),
    ] {
        let problem = asked(&town, &document, json!({})).problem(422, "UNSUPPORTED_FORMAT");
        assert_eq!(problem["format"], format);
        assert!(problem["detail"].as_str().unwrap().contains(format));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bare_value_is_judged_by_the_certificate_that_is_handed_in_with_it() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let signer = Holder::of_company(&pki().alpha, &uscc);
    let value = signer.key().sign_der(CONTENT).unwrap();
    let certificate = base64::encode(signer.certificate.der());
    let of = |content: &[u8], more: Value| {
        let mut by = json!({"certificate": certificate});
        by.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let originals = json!([{"bytes": base64::encode(content)}]);
        asked(&town, &value, json!({"signer": by, "originals": originals}))
    };
    let good = of(CONTENT, json!({})).expect(200);
    assert_eq!(good["indication"], "TOTAL-PASSED", "{good:#}");
    assert_eq!(good["document"]["format"], "raw");
    assert_eq!(good["signatures"][0]["signer"]["uscc"], uscc.as_str());
    let named = of(CONTENT, json!({"algorithm": "ECDSA-SHA256"})).expect(200);
    assert_eq!(named["indication"], "TOTAL-PASSED");
    let other = of(b"x", json!({})).expect(200);
    assert_eq!(other["subIndication"], "SIG_CRYPTO_FAILURE");
    let withheld = asked(
        &town,
        &value,
        json!({"signer": {"certificate": certificate}}),
    );
    assert_eq!(
        withheld.expect(200)["subIndication"],
        "SIGNED_DATA_NOT_FOUND"
    );
    let broken = json!({"signer": {"certificate": base64::encode(b"0\x03no")}});
    assert_eq!(
        asked(&town, &value, broken).expect(200)["subIndication"],
        "FORMAT_FAILURE"
    );
    of(CONTENT, json!({"algorithm": "MD5"})).problem(400, "INVALID_BODY");
}
