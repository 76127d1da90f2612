//! The pages: two languages, no script needed, nothing inline.

use yinxin::identifier::uscc::Uscc;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;

fn page(town: &Town, path: &str, language: &str) -> Answer {
    let ask = Ask::get(path).header("Accept", "text/html");
    town.ask(&ask.header("Accept-Language", language))
}

/// What somebody pastes into the form.
fn pasted(text: &str) -> Ask {
    let form =
        format!("--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n--B--\r\n");
    Ask::post("/check?lang=zh")
        .body("multipart/form-data; boundary=B", form)
        .header("Accept", "text/html")
}

/// Nothing that the policy would refuse: no style or script inside, nothing from elsewhere.
pub(crate) fn assert_clean(answer: &Answer) {
    let html = answer.text();
    assert!(html.starts_with("<!doctype html>"), "{html}");
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        if tag.starts_with("script") {
            assert!(tag.contains("src=\"/static/"), "{tag}");
        }
        assert!(!tag.starts_with("style"), "{tag}");
        for inline in [
            " style=",
            " onclick=",
            " onload=",
            " onsubmit=",
            "javascript:",
        ] {
            assert!(!tag.contains(inline), "{tag}");
        }
        let loads = ["src=\"http", "href=\"http"]
            .iter()
            .any(|start| tag.contains(start));
        assert!(!loads || tag.starts_with("a "), "{tag}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_there_in_both_languages_and_clean() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let id = issued["id"].as_str().unwrap();
    for path in [
        "/".to_owned(),
        format!("/company?uscc={uscc}"),
        format!("/v/{id}"),
        "/accept".to_owned(),
        "/pickup".to_owned(),
        "/docs".to_owned(),
        "/problems/invalid-uscc".to_owned(),
    ] {
        for (language, tag) in [("zh-CN,zh;q=0.9", "zh-CN"), ("en", "en")] {
            let answer = page(&town, &path, language);
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("content-language"), Some(tag), "{path}");
            assert!(
                answer.text().contains(&format!("<html lang=\"{tag}\">")),
                "{path}"
            );
            assert!(answer.varies_by_language(), "{path}");
            assert_clean(&answer);
        }
        let joint = if path.contains('?') { '&' } else { '?' };
        let chosen = page(&town, &format!("{path}{joint}lang=en"), "zh");
        assert_eq!(
            chosen.header("content-language"),
            Some("en"),
            "the switch wins"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_looked_up_as_people_type_its_code() {
    let town = Town::open().await;
    let uscc: Uscc = town.city.company(1).await;
    let lower = uscc.as_str().to_lowercase();
    let spaced = format!("{}%20{}", &lower[..9], &lower[9..]);
    for typed in [uscc.as_str(), &lower, &spaced] {
        let answer = page(&town, &format!("/company?uscc={typed}"), "zh");
        assert_eq!(answer.status, 200, "{typed}");
        assert!(answer.text().contains("东莞市示例1有限公司"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_code_is_explained_on_a_page() {
    let town = Town::open().await;
    let answer = page(&town, "/company?uscc=91441900MA00000019", "zh");
    assert_eq!(answer.status, 400);
    assert_clean(&answer);
    assert!(answer.text().contains("第 18 位"), "{answer}");
    let unknown = page(
        &town,
        &format!("/company?uscc={}", crate::store::uscc(77)),
        "zh",
    );
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("gsxt.gov.cn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_judged_by_file_or_paste_without_a_script() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let credential = issued["credential"].as_str().unwrap();
    let answer = town.ask(&pasted(credential));
    assert_eq!(answer.status, 200, "{answer}");
    assert_clean(&answer);
    assert!(answer.text().contains("验证通过") && answer.text().contains("东莞市示例1有限公司"));
    let file = format!(
        "--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"证.sd-jwt\"\r\n\r\n{credential}\r\n--B--\r\n"
    );
    let upload = Ask::post("/check").body("multipart/form-data; boundary=B", file);
    let answer = town.ask(
        &upload
            .header("Accept", "text/html")
            .header("Accept-Language", "en"),
    );
    assert!(answer.text().contains("Passed"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_credential_fails_in_words() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let credential = issued["credential"].as_str().unwrap();
    let (signed, disclosures) = credential.split_once('~').unwrap();
    let middle = signed.len() - 40;
    let other = if signed[middle..].starts_with('A') {
        'B'
    } else {
        'A'
    };
    let forged = format!(
        "{}{other}{}~{disclosures}",
        &signed[..middle],
        &signed[middle + 1..]
    );
    assert_ne!(forged, credential);
    let answer = town.ask(&pasted(&forged));
    assert_eq!(answer.status, 200, "a verdict is no problem");
    assert!(answer.text().contains("验证不通过"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_pasted_is_a_page_that_says_so() {
    let town = Town::open().await;
    let answer = town.ask(&pasted(" "));
    assert_eq!(answer.status, 400);
    assert_clean(&answer);
    assert!(answer.text().contains("没有可验证的内容"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_that_is_pasted_comes_back_as_text() {
    let town = Town::open().await;
    let answer = town.ask(&pasted("<script>alert(1)</script>"));
    assert_clean(&answer);
    let answer = page(
        &town,
        "/company?uscc=%3Cscript%3Ealert(1)%3C/script%3E",
        "en",
    );
    assert_eq!(answer.status, 400);
    assert_clean(&answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn style_and_script_may_be_kept_for_ever_under_their_versioned_addresses() {
    let town = Town::open().await;
    let home = page(&town, "/", "zh");
    for (start, media_type) in [
        ("/static/page.css?v=", "text/css"),
        ("/static/page.js?v=", "text/javascript"),
    ] {
        let at = home.text().find(start).unwrap();
        let path = home.text()[at..].split('"').next().unwrap();
        let answer = town.ask(&Ask::get(path));
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with(media_type),
            "{path}"
        );
        let cache = answer.header("cache-control").unwrap();
        assert!(cache.contains("immutable"), "{path}: {cache}");
    }
}
