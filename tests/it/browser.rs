//! The pages in a real browser, on a phone and on a desk: nothing that the policy refuses, no error on the
//! console, something to see.
#![expect(clippy::indexing_slicing, reason = "a failing test should panic")]

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::http::town::Town;

/// Width and height of a phone and of a desktop's window.
const SCREENS: [(u32, u32); 2] = [(390, 844), (1280, 900)];

/// The least that a picture of a page takes; one colour takes far less.
const LEAST_BYTES: usize = 5_000;

struct Browser {
    folder: TempDir,
}

/// What the browser made of an address.
struct Seen {
    /// The page after its scripts have run.
    dom: String,
    /// What stood on the console.
    console: Vec<String>,
}

impl Browser {
    /// None where Chromium is not installed, and the test that asked says so and passes.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "tests say when there is no browser, which under CI there must be"
    )]
    fn find() -> Option<Self> {
        if Command::new("chromium").arg("--version").output().is_err() {
            assert!(env::var("CI").as_deref() != Ok("true"), "run tests/run");
            eprintln!("skipped: no chromium; tests/run installs it");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[String]) -> (String, Vec<String>) {
        let output = Command::new("chromium")
            .args(["--headless", "--disable-gpu", "--no-first-run"])
            // The tests may run as root, where the sandbox cannot; they load our own pages alone.
            .args([
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .args(["--enable-logging=stderr", "--virtual-time-budget=10000"])
            .arg(format!(
                "--user-data-dir={}",
                self.path("profile").display()
            ))
            .args(arguments)
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{log}");
        let console = log.lines().filter(|line| line.contains("CONSOLE"));
        let console = console.map(str::to_owned).collect();
        (String::from_utf8(output.stdout).unwrap(), console)
    }

    fn look_at(&self, url: &str) -> Seen {
        let (dom, console) = self.run(&["--dump-dom".to_owned(), url.to_owned()]);
        Seen { dom, console }
    }

    /// Looks at a page on a screen and gives its picture, once nothing stood on the console.
    fn picture(&self, url: &str, (width, height): (u32, u32)) -> Vec<u8> {
        let file = self.path("picture.png");
        let (_, console) = self.run(&[
            format!("--screenshot={}", file.display()),
            format!("--window-size={width},{height}"),
            url.to_owned(),
        ]);
        assert_eq!(console, [""; 0], "{url}");
        let picture = fs::read(&file).unwrap();
        fs::remove_file(file).unwrap();
        picture
    }

    /// The address of a page that posts `text` as somebody who pastes it.
    fn pasting(&self, town: &Town, text: &str) -> String {
        let page = format!(
            "<!doctype html><meta charset=utf-8><form method=post enctype=multipart/form-data \
             action='http://{}/check?lang=zh'><textarea name=text>{text}</textarea></form>\
             <script>document.forms[0].submit()</script>",
            town.address
        );
        let file = self.path("pasting.html");
        fs::write(&file, page).unwrap();
        format!("file://{}", file.display())
    }
}

/// The width that a PNG states of itself (W3C PNG §11.2.1).
fn png_width(picture: &[u8]) -> u32 {
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    u32::from_be_bytes(*picture[16..].first_chunk().unwrap())
}

#[test]
fn a_page_that_breaks_its_policy_would_be_seen() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let page = "<!doctype html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">\
                <script>1</script>";
    fs::write(browser.path("bad.html"), page).unwrap();
    let seen = browser.look_at(&format!("file://{}", browser.path("bad.html").display()));
    assert!(
        seen.console
            .iter()
            .any(|line| line.contains("Content Security Policy"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_on_phone_and_desk_without_an_error() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let id = issued["id"].as_str().unwrap();
    let at = |path: String| format!("http://{}{path}", town.address);
    let verdict = browser.pasting(&town, issued["credential"].as_str().unwrap());
    let company = "东莞市示例1有限公司";
    for (url, text) in [
        (at("/?lang=zh".to_owned()), "统一社会信用代码"),
        (at(format!("/company?lang=zh&uscc={uscc}")), company),
        (at(format!("/v/{id}?lang=zh")), company),
        (verdict, "验证通过"),
    ] {
        let seen = browser.look_at(&url);
        assert!(seen.dom.contains(text), "{url}: {}", seen.dom);
        assert_eq!(seen.console, [""; 0], "{url}");
        for screen in SCREENS {
            let picture = browser.picture(&url, screen);
            assert_eq!(png_width(&picture), screen.0, "{url}");
            assert!(
                picture.len() > LEAST_BYTES,
                "{url}: {} bytes",
                picture.len()
            );
        }
    }
}
