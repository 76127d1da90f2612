//! Companies sign in with certificates of their own: what counts as a signature over a challenge, and what does not.

use openssl::cms::CMSOptions;
use openssl::cms::CmsContentInfo;
use openssl::pkey::PKey;
use openssl::x509::X509;
use serde_json::Value;
use serde_json::json;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::document_key::DocumentKey;
use yinxin::crypto::document_key::RsaPadding;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SystemRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::base64;
use yinxin::encoding::pem;
use yinxin::evidence::audit::AuditAction;
use yinxin::identifier::uscc::Uscc;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::profile::COMMON_NAME;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::issue::profile::ORGANISATION_IDENTIFIER;
use yinxin::pki::oid::Oid;
use yinxin::registry::caller_terms::CallerTerms;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::service::call::Caller;
use yinxin::signature::cms::signed_data::Dialect;
use yinxin::signature::cms::write::ContentType;
use yinxin::signature::cms::write::EmbeddedCertificates;
use yinxin::signature::cms::write::SignedContent;
use yinxin::signature::cms::write::Signing;
use yinxin::signature::jose::sign_document::DocumentContent;
use yinxin::signature::jose::sign_document::DocumentSigning;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;
use crate::running_city::City;
use crate::running_city::Holder;
use crate::running_city::NOW;
use crate::running_city::SIGNER_EKU;
use crate::running_city::pki;
use crate::running_city::time;

/// Has the service recognise the CA `alpha` for signing in, by certificates for taxes: what they are for does not
/// matter.
pub(crate) async fn recognise_alpha(city: &City) {
    let holder = Caller {
        party: RelyingParty::holder(),
        scopes: [].into(),
        terms: CallerTerms::default(),
    };
    city.recognise(&holder, "alpha", &pki().alpha, &["tax"])
        .await;
}

async fn town() -> (Town, Uscc) {
    let town = Town::open().await;
    recognise_alpha(&town.city).await;
    let uscc = town.city.company(1).await;
    (town, uscc)
}

fn challenge(town: &Town, uscc: &Uscc) -> String {
    let asked = town.ask(&Ask::post(format!("/v1/companies/{uscc}/challenge")));
    let challenge = asked.expect(201);
    assert_eq!(challenge["uscc"], uscc.as_str());
    challenge["challenge"].as_str().unwrap().to_owned()
}

fn answer(town: &Town, uscc: &Uscc, challenge: &str, signature: &[u8]) -> Answer {
    let body =
        json!({"uscc": uscc, "challenge": challenge, "signature": base64::encode(signature)});
    town.ask(&Ask::post("/v1/holder/sessions").json(&body))
}

/// A CMS signature made by other software.
pub(crate) fn cms(holder: &Holder, content: &[u8], options: CMSOptions) -> Vec<u8> {
    let certificate = X509::from_der(holder.certificate.der()).unwrap();
    let key = PKey::private_key_from_pkcs8(holder.pkcs8()).unwrap();
    let options = options | CMSOptions::BINARY;
    let signed = CmsContentInfo::sign(Some(&certificate), Some(&key), None, Some(content), options);
    signed.unwrap().to_der().unwrap()
}

fn document_key(pkcs8: &[u8]) -> DocumentKey {
    let key = pem::encode("PRIVATE KEY", pkcs8);
    DocumentKey::from_pem(&key, None, RsaPadding::Pkcs1).unwrap()
}

fn codes(problem: &Value) -> Vec<&str> {
    let reasons = problem["reasons"].as_array().unwrap().iter();
    reasons
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_says_what_is_signed_for_whom_and_until_when() {
    let (town, uscc) = town().await;
    let one = challenge(&town, &uscc);
    for part in [
        crate::running_city::URL,
        uscc.as_str(),
        "2026-06-01T00:10:00Z",
        "领取本企业凭证",
        "fetch this company's credentials",
    ] {
        assert!(one.contains(part), "{one}");
    }
    assert_ne!(one, challenge(&town, &uscc));
    let unknown = format!("/v1/companies/{}/challenge", crate::store::uscc(77));
    town.ask(&Ask::post(unknown))
        .problem(404, "UNKNOWN_COMPANY");
    let mistyped = Ask::post("/v1/companies/91441900MA00000019/challenge");
    town.ask(&mistyped).problem(400, "INVALID_USCC");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_signature_over_exactly_the_challenge_signs_in() {
    let (town, uscc) = town().await;
    let holder = Holder::of_company(&pki().alpha, &uscc);
    let jws = |challenge: &str| {
        let signing = DocumentSigning {
            key: &document_key(holder.pkcs8()),
            certificates: std::slice::from_ref(&holder.certificate),
            signed_at: *NOW,
        };
        let bytes = challenge.as_bytes();
        let media_type = None;
        let content = DocumentContent::Attached { bytes, media_type };
        signing.sign(content).unwrap().into_bytes()
    };
    type Sign<'a> = &'a dyn Fn(&str) -> Vec<u8>;
    let signs: [(&str, Sign<'_>); 7] = [
        ("apart", &|text| {
            cms(&holder, text.as_bytes(), CMSOptions::DETACHED)
        }),
        ("around", &|text| {
            cms(&holder, text.as_bytes(), CMSOptions::empty())
        }),
        ("no attributes", &|text| {
            cms(
                &holder,
                text.as_bytes(),
                CMSOptions::DETACHED | CMSOptions::NOATTR,
            )
        }),
        ("with a line end", &|text| {
            cms(
                &holder,
                format!("{text}\n").as_bytes(),
                CMSOptions::DETACHED,
            )
        }),
        ("around, with a line end", &|text| {
            cms(
                &holder,
                format!("{text}\r\n").as_bytes(),
                CMSOptions::empty(),
            )
        }),
        ("in PEM", &|text| {
            let der = cms(&holder, text.as_bytes(), CMSOptions::DETACHED);
            pem::encode("CMS", &der).into_bytes()
        }),
        ("JWS", &jws),
    ];
    for (what, sign) in signs {
        let challenge = challenge(&town, &uscc);
        let answer = answer(&town, &uscc, &challenge, &sign(&challenge));
        assert_eq!(answer.status, 201, "{what}: {answer}");
        let session = answer.json();
        assert_eq!(session["uscc"], uscc.as_str(), "{what}");
        let listed = Ask::get("/v1/holder/credentials").key(session["token"].as_str().unwrap());
        town.ask(&listed).expect(200);
    }
}

/// A company's certificate with an SM2 key, and a signature of `text` by it.
fn sm2(ca: &IssuingCa, uscc: &Uscc, text: &str) -> (Certificate, Vec<u8>) {
    let random = SystemRandom::new();
    let (key, pkcs8) = SigningKey::generate_sm2(KeyPurpose::Credential, &random).unwrap();
    let profile = CertificateProfile {
        subject: vec![
            (COMMON_NAME, "某公司".to_owned()),
            (ORGANISATION_IDENTIFIER, format!("NTRCN-{uscc}")),
        ],
        serial: [0x41; 16],
        not_before: time("2025-01-01T00:00:00Z"),
        not_after: time("2030-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    let usage = EndEntityUsage::Signer(vec![Oid::parse(SIGNER_EKU).unwrap()]);
    let certificate = issue_end_entity(ca, key.public_key(), &profile, &usage).unwrap();
    let key = document_key(pkcs8.expose());
    let signing = Signing {
        key: &key,
        certificate: &certificate,
        embedded: EmbeddedCertificates::SignersAnd(&[]),
        dialect: Dialect::Gmt0010,
        content_type: ContentType::Data,
        signed_at: Some(*NOW),
    };
    let digest = digest(DigestAlgorithm::Sm3, text.as_bytes());
    let signed = signing.sign(SignedContent::Detached(&digest)).unwrap();
    let der = signed.to_der().unwrap();
    (certificate, der)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_national_key_signs_in() {
    let (town, uscc) = town().await;
    let challenge = challenge(&town, &uscc);
    let (_, signature) = sm2(&pki().alpha, &uscc, &challenge);
    answer(&town, &uscc, &challenge, &signature).expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_good_for_one_company_once_and_for_ten_minutes() {
    let (town, uscc) = town().await;
    let other = town.city.company(2).await;
    let holder = Holder::of_company(&pki().alpha, &uscc);
    let sign = |text: &str| cms(&holder, text.as_bytes(), CMSOptions::DETACHED);

    let once = challenge(&town, &uscc);
    answer(&town, &uscc, &once, &sign(&once)).expect(201);
    answer(&town, &uscc, &once, &sign(&once)).problem(403, "CHALLENGE_INVALID");

    let others = challenge(&town, &other);
    answer(&town, &uscc, &others, &sign(&others)).problem(403, "CHALLENGE_INVALID");
    let by_other = Holder::of_company(&pki().alpha, &other);
    let theirs = cms(&by_other, once.as_bytes(), CMSOptions::DETACHED);
    answer(&town, &other, &once, &theirs).problem(403, "CHALLENGE_INVALID");

    let altered = challenge(&town, &uscc).replace("领取", "取走");
    answer(&town, &uscc, &altered, &sign(&altered)).problem(403, "CHALLENGE_INVALID");
    let invented = "x".repeat(3000);
    answer(&town, &uscc, &invented, &sign(&invented)).problem(403, "CHALLENGE_INVALID");

    // One that was answered wrongly may be answered again.
    let twice = challenge(&town, &uscc);
    answer(&town, &uscc, &twice, &sign("something else")).problem(403, "SIGNATURE_REFUSED");
    town.city.wait(599);
    answer(&town, &uscc, &twice, &sign(&twice)).expect(201);
    let late = challenge(&town, &uscc);
    town.city.wait(600);
    answer(&town, &uscc, &late, &sign(&late)).problem(403, "CHALLENGE_INVALID");
    town.city.app.keep_house().await.unwrap();
    answer(&town, &uscc, &late, &sign(&late)).problem(403, "CHALLENGE_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_does_not_count_is_refused_with_its_reasons() {
    let (town, uscc) = town().await;
    let other = town.city.company(2).await;
    let detached = |holder: &Holder, text: &str| cms(holder, text.as_bytes(), CMSOptions::DETACHED);
    let challenge = challenge(&town, &uscc);
    let refused = |signature: &[u8]| {
        answer(&town, &uscc, &challenge, signature).problem(403, "SIGNATURE_REFUSED")
    };

    let others = Holder::of_company(&pki().alpha, &other);
    let problem = refused(&detached(&others, &challenge));
    assert!(
        codes(&problem).contains(&"SIGNER_NOT_EXPECTED"),
        "{problem:#}"
    );
    assert_eq!(problem["indication"], "INDETERMINATE");
    let nobody = EndEntityUsage::Signer(vec![Oid::parse(SIGNER_EKU).unwrap()]);
    let nobody = Holder::new(&pki().alpha, "某公司", &nobody, |_| {});
    let problem = refused(&detached(&nobody, &challenge));
    assert!(
        codes(&problem).contains(&"SIGNER_NOT_EXPECTED"),
        "{problem:#}"
    );

    let beta = Holder::of_company(&pki().beta, &uscc);
    let problem = refused(&detached(&beta, &challenge));
    assert!(
        codes(&problem).contains(&"CA_NOT_RECOGNISED"),
        "{problem:#}"
    );
    let unknown = Holder::of_company(&pki().unknown, &uscc);
    let problem = refused(&detached(&unknown, &challenge));
    assert_eq!(problem["subIndication"], "NO_CERTIFICATE_CHAIN_FOUND");

    let own = Holder::of_company(&pki().alpha, &uscc);
    let problem = refused(&detached(&own, &format!("{challenge} ")));
    assert_eq!(problem["subIndication"], "HASH_FAILURE");
    assert!(!problem["detail"].as_str().unwrap().is_empty());
    let mut broken = detached(&own, &challenge);
    *broken.last_mut().unwrap() ^= 1;
    let problem = refused(&broken);
    assert_eq!(problem["indication"], "TOTAL-FAILED", "{problem:#}");
    let cut = detached(&own, &challenge);
    refused(&cut[..cut.len() - 20]);

    let signer = EndEntityUsage::Signer(vec![Oid::parse(SIGNER_EKU).unwrap()]);
    let expired = Holder::new(&pki().alpha, "某公司", &signer, |profile| {
        let identifier = (ORGANISATION_IDENTIFIER, format!("NTRCN-{uscc}"));
        profile.subject.push(identifier);
        profile.not_after = time("2026-01-01T00:00:00Z");
    });
    let problem = refused(&detached(&expired, &challenge));
    assert_eq!(problem["subIndication"], "OUT_OF_BOUNDS_NO_POE");

    // Each attempt is in the trail, by the profile that judged it, and the right one still counts.
    let all = town.city.store.audit().list(0, 1000).await.unwrap();
    let attempts: Vec<_> = all
        .iter()
        .filter(|one| one.event.action == AuditAction::HolderRefused)
        .collect();
    assert_eq!(attempts.len(), 8);
    for attempt in attempts {
        assert_eq!(attempt.event.subject.as_ref(), Some(&uscc));
        let profile = attempt.event.profile.as_ref().unwrap();
        assert!(profile.name.starts_with("holder/"), "{profile:?}");
    }
    answer(&town, &uscc, &challenge, &detached(&own, &challenge)).expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_row_no_authority_counts() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let holder = Holder::of_company(&pki().alpha, &uscc);
    let challenge = challenge(&town, &uscc);
    let signature = cms(&holder, challenge.as_bytes(), CMSOptions::DETACHED);
    let problem = answer(&town, &uscc, &challenge, &signature).problem(403, "SIGNATURE_REFUSED");
    assert_eq!(codes(&problem), ["CA_NOT_RECOGNISED"], "{problem:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_or_was_signed_before_signs_nobody_in() {
    let (town, uscc) = town().await;
    let holder = Holder::of_company(&pki().alpha, &uscc);
    let challenge = challenge(&town, &uscc);
    let issued = town.issue(&uscc);
    let digest = digest(DigestAlgorithm::Sha256, challenge.as_bytes());
    let contract = "采购合同".as_bytes();
    let part = "Content-Type: text/plain; charset=utf-8\r\n\r\n采购合同";
    let value = base64::encode(&cms(&holder, part.as_bytes(), CMSOptions::DETACHED));
    let mail = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; \
         micalg=sha-256; boundary=\"B\"\r\n\r\n--B\r\n{part}\r\n--B\r\n\
         Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n{value}\r\n--B--\r\n"
    );
    for (what, handed_in) in [
        ("its certificate", holder.certificate.der().to_vec()),
        (
            "its certificate in PEM",
            pem::encode("CERTIFICATE", holder.certificate.der()).into_bytes(),
        ),
        (
            "its credential",
            issued["credential"].as_str().unwrap().as_bytes().to_vec(),
        ),
        ("a contract", cms(&holder, contract, CMSOptions::empty())),
        (
            "the digest of the challenge",
            cms(&holder, digest.as_bytes(), CMSOptions::empty()),
        ),
        ("a mail", mail.into_bytes()),
        ("a PDF", b"%PDF-1.7\n%%EOF\n".to_vec()),
        ("a broken JWS", b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA".to_vec()),
    ] {
        let refused = answer(&town, &uscc, &challenge, &handed_in);
        let problem = refused.expect(403);
        assert_eq!(problem["code"], "CHALLENGE_NOT_SIGNED", "{what}");
    }
    let unsupported = answer(&town, &uscc, &challenge, b"PK\x03\x04 an archive");
    unsupported.problem(422, "UNSUPPORTED_FORMAT");
    answer(&town, &uscc, &challenge, b"").problem(400, "DOCUMENT_EMPTY");
    let no_base64 = json!({"uscc": uscc, "challenge": challenge, "signature": "?"});
    let no_base64 = town.ask(&Ask::post("/v1/holder/sessions").json(&no_base64));
    no_base64.problem(400, "MALFORMED_BASE64");
    let large = answer(&town, &uscc, &challenge, &[0x30; 60_000]);
    large.problem(413, "BODY_TOO_LARGE");
}
