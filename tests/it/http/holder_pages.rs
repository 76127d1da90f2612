//! The page `/pickup`: a code or a signature in, credentials and accesses out; nothing secret in an address.

use openssl::cms::CMSOptions;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::holder::code;
use crate::http::holder_signature::cms;
use crate::http::holder_signature::recognise_alpha;
use crate::http::pages::assert_clean;
use crate::http::town::Town;
use crate::running_city::Holder;
use crate::running_city::pki;

/// The parts of a form by their names.
type Parts<'a> = &'a [(&'a str, &'a [u8])];

/// Sends a form as a browser does.
fn posted(town: &Town, path: &str, parts: Parts<'_>) -> Answer {
    let mut body = Vec::new();
    for (name, content) in parts {
        let file = if *name == "document" {
            "; filename=\"challenge.txt.p7s\""
        } else {
            ""
        };
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--B--\r\n");
    let ask = Ask::post(path).header("Accept", "text/html");
    town.ask(&ask.body("multipart/form-data; boundary=B", body))
}

/// What a hidden field or a text area of a page holds.
fn field<'a>(html: &'a str, name: &str) -> &'a str {
    let from = html.split(&format!("name=\"{name}\" ")).nth(1).unwrap();
    if from.starts_with("value=\"") {
        return from.split('"').nth(1).unwrap();
    }
    let area = from.split('>').nth(1).unwrap();
    area.split("</textarea").next().unwrap()
}

/// Undoes what a template does to text.
fn unescaped(html: &str) -> String {
    html.replace("&#39;", "'").replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_shows_the_credential_and_its_file_can_be_downloaded() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let code = code(&issued);
    let looked = Ask::get(format!("/v1/companies/{uscc}?purpose=loan")).key(&town.bank);
    town.ask(&looked).expect(200);
    for (language, words) in [
        ("zh", ["东莞市示例1有限公司", "有效", "贷款"]),
        ("en", ["东莞市示例1有限公司", "In force", "Grant a loan"]),
    ] {
        let page = posted(
            &town,
            &format!("/pickup?lang={language}"),
            &[("code", code.as_bytes())],
        );
        assert_eq!(page.status, 200, "{page}");
        assert_clean(&page);
        assert_eq!(page.header("cache-control"), Some("no-store"));
        for word in words {
            assert!(page.text().contains(word), "{word}: {page}");
        }
        assert!(!page.text().contains(&code), "the code comes back");
        let session = field(page.text(), "session");
        let id = field(page.text(), "credential");
        let parts = [
            ("session", session.as_bytes()),
            ("credential", id.as_bytes()),
        ];
        let file = posted(&town, "/pickup/file", &parts);
        assert_eq!(file.text(), issued["credential"].as_str().unwrap());
        assert_eq!(file.header("content-type"), Some("application/dc+sd-jwt"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_leaves_a_page_whose_buttons_do_nothing() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let code = code(&town.issue(&uscc));
    let own = posted(&town, "/pickup", &[("code", code.as_bytes())]);
    let session = field(own.text(), "session").as_bytes();
    let id = field(own.text(), "credential").as_bytes();
    // Also who leaves twice, or after the session ended by itself, is out.
    for (language, words) in [("zh", "已退出登录"), ("en", "You are signed out")] {
        let path = format!("/pickup/end?lang={language}");
        let left = posted(&town, &path, &[("session", session)]);
        assert_eq!(left.status, 200, "{left}");
        assert_clean(&left);
        assert!(left.text().contains(words), "{left}");
    }
    let parts = [("session", session), ("credential", id)];
    assert_eq!(posted(&town, "/pickup/file", &parts).status, 401);
    assert_eq!(posted(&town, "/pickup/end", &[]).status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_shows_the_same_page() {
    let town = Town::open().await;
    recognise_alpha(&town.city).await;
    let uscc = town.city.company(1).await;
    let asked = posted(
        &town,
        "/pickup/challenge?lang=zh",
        &[("uscc", uscc.as_str().to_lowercase().as_bytes())],
    );
    assert_eq!(asked.status, 200, "{asked}");
    assert_clean(&asked);
    let challenge = unescaped(field(asked.text(), "challenge"));
    let holder = Holder::of_company(&pki().alpha, &uscc);
    let signature = cms(&holder, challenge.as_bytes(), CMSOptions::DETACHED);
    let parts = |uscc: &'static str, signature: Vec<u8>| {
        posted(
            &town,
            "/pickup?lang=zh",
            &[
                ("uscc", uscc.as_bytes()),
                ("challenge", challenge.as_bytes()),
                ("document", &signature),
            ],
        )
    };
    let uscc: &'static str = uscc.to_string().leak();
    let refused = parts(uscc, cms(&holder, b"else", CMSOptions::DETACHED));
    assert_eq!(refused.status, 403, "{refused}");
    assert_clean(&refused);
    let page = parts(uscc, signature.clone());
    assert_eq!(page.status, 200, "{page}");
    assert!(page.text().contains("尚未向本企业签发凭证"), "{page}");
    let again = parts(uscc, signature);
    assert_eq!(again.status, 403);
    assert!(again.text().contains("挑战无效"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_sign_in_is_a_page_that_says_so() {
    let town = Town::open().await;
    let cases: [(Parts<'_>, u16, &str); 6] = [
        (&[("code", b"7K3M")], 400, "取件码输入有误"),
        (
            &[("code", b"0000-0000-0000-0000-0000-0000-0000")],
            403,
            "取件码无效",
        ),
        (&[("code", b"")], 400, "请求体不符合接口说明"),
        (
            &[("challenge", b"x"), ("uscc", b"91441900MA00000019")],
            400,
            "没有",
        ),
        (
            &[
                ("challenge", b"x"),
                ("uscc", b"91441900MA00000019"),
                ("text", b"x"),
            ],
            400,
            "统一社会信用代码有误",
        ),
        (&[("other", b"x")], 400, "请求体不符合接口说明"),
    ];
    for (parts, status, words) in cases {
        let page = posted(&town, "/pickup?lang=zh", parts);
        assert_eq!(page.status, status, "{page}");
        assert_clean(&page);
        assert!(page.text().contains(words), "{page}");
    }
    let no_session = posted(
        &town,
        "/pickup/file",
        &[("credential", b"AAAAAAAAAAAAAAAAAAAAAA")],
    );
    assert_eq!(no_session.status, 401);
    let wrong = [
        (
            "session",
            b"yxs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".as_slice(),
        ),
        ("credential", b"AAAAAAAAAAAAAAAAAAAAAA".as_slice()),
    ];
    assert_eq!(posted(&town, "/pickup/file", &wrong).status, 401);
    // An address holds no code: a query that does is no sign-in.
    let asked = town.ask(&Ask::get("/pickup?code=0000-0000-0000-0000-0000-0000-0000"));
    assert_eq!(asked.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_companys_file_is_not_handed_out() {
    let town = Town::open().await;
    let (one, other) = (town.city.company(1).await, town.city.company(2).await);
    let code = code(&town.issue(&one));
    let others = town.issue(&other);
    let page = posted(&town, "/pickup", &[("code", code.as_bytes())]);
    let session = field(page.text(), "session");
    let id = others["id"].as_str().unwrap();
    let parts = [
        ("session", session.as_bytes()),
        ("credential", id.as_bytes()),
    ];
    let refused = posted(&town, "/pickup/file", &parts);
    assert_eq!(refused.status, 404, "{refused}");
    assert!(
        !refused
            .text()
            .contains(others["credential"].as_str().unwrap())
    );
}
