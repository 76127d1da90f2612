//! `yinxin verify` without a data folder: anchors, intermediates, times, and how it ends.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use yinxin::encoding::pem;
use yinxin::pki::certificate::Certificate;

use crate::cli::binary::Ended;
use crate::cli::binary::yinxin;
use crate::running_city::Holder;
use crate::running_city::pki;

/// A time at which the certificates here are valid, 2025 to 2029.
const AT: &str = "2026-06-01T00:00:00Z";

/// Files of a test.
struct Desk(TempDir);

impl Desk {
    /// With a company's certificate, the anchor above it, and another anchor.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let company = Holder::of_company(&pki().alpha, &crate::store::uscc(1));
        desk.put("company.pem", &pem_of(&company.certificate));
        desk.put("alpha.pem", &pem_of(pki().alpha.certificate()));
        desk.put("beta.pem", &pem_of(pki().beta.certificate()));
        fs::write(desk.path("company.der"), company.certificate.der()).unwrap();
        desk
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Verifies files; arguments that name a file of the desk are given as its path.
    fn verify(&self, arguments: &[&str]) -> Ended {
        let paths = arguments.iter().map(|argument| {
            if fs::exists(self.path(argument)).unwrap() {
                self.path(argument)
            } else {
                (*argument).to_owned()
            }
        });
        yinxin(std::iter::once("verify".to_owned()).chain(paths))
    }
}

fn pem_of(certificate: &Certificate) -> String {
    pem::encode("CERTIFICATE", certificate.der())
}

fn report(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"))
}

/// The sub-indication of the only signature.
fn sub_indication(ended: &Ended) -> String {
    let report = report(ended);
    report["subIndication"].as_str().unwrap().to_owned()
}

#[test]
fn a_certificate_below_the_anchor_passes_in_pem_and_der() {
    let desk = Desk::new();
    for file in ["company.pem", "company.der"] {
        let base = [file, "--anchor", "alpha.pem", "--no-revocation", "--at", AT];
        let told = desk.verify(&base).with(0);
        assert!(told.out.contains("TOTAL-PASSED"), "{}", told.out);
        let report = report(&desk.verify(&[&base[..], &["--json"]].concat()).with(0));
        assert_eq!(report["signatures"][0]["path"].as_array().unwrap().len(), 2);
        assert_eq!(report["signatures"][0]["ca"]["id"], "command-line");
    }
}

#[test]
fn without_word_on_revocation_it_is_undecided() {
    let desk = Desk::new();
    let ended = desk.verify(&["company.pem", "--anchor", "alpha.pem", "--at", AT, "--json"]);
    assert_eq!(sub_indication(&ended.with(2)), "TRY_LATER");
}

#[test]
fn below_another_anchor_there_is_no_path() {
    let desk = Desk::new();
    let asked = [
        "company.pem",
        "--anchor",
        "beta.pem",
        "--no-revocation",
        "--at",
        AT,
        "--json",
    ];
    let ended = desk.verify(&asked).with(2);
    assert_eq!(sub_indication(&ended), "NO_CERTIFICATE_CHAIN_FOUND");
    let both = [&asked[..], &["--anchor", "alpha.pem"]].concat();
    desk.verify(&both).with(0);
}

#[test]
fn it_is_judged_as_of_the_time_that_is_named() {
    let desk = Desk::new();
    for (at, expected) in [
        ("2024-12-31T23:59:59Z", Some("CERTIFICATE_NOT_YET_VALID")),
        ("2025-01-01T00:00:00Z", None),
        ("2030-01-01T00:00:00Z", None),
        ("2030-01-01T00:00:01Z", Some("CERTIFICATE_EXPIRED")),
    ] {
        let asked = [
            "company.pem",
            "--anchor",
            "alpha.pem",
            "--no-revocation",
            "--at",
            at,
            "--json",
        ];
        let ended = desk.verify(&asked);
        let report = report(&ended);
        let bounds = expected.map(|_| "OUT_OF_BOUNDS_NO_POE");
        assert_eq!(report["subIndication"].as_str(), bounds, "{at}");
        let reason = &report["signatures"][0]["reasons"][0]["code"];
        assert!(
            expected.is_none() || reason.as_str() == expected,
            "{report}"
        );
        assert_eq!(ended.code, if expected.is_none() { 0 } else { 2 }, "{at}");
    }
}

#[test]
fn of_many_files_the_worst_decides() {
    let desk = Desk::new();
    desk.put("nonsense.txt", "no document at all");
    let accepted = ["--anchor", "alpha.pem", "--no-revocation", "--at", AT];
    let verify = |files: &[&str]| desk.verify(&[files, &accepted].concat());
    verify(&["company.pem", "company.der"]).with(0);
    let ended = verify(&["company.pem", "nonsense.txt"]).with(65);
    assert!(ended.out.contains("TOTAL-PASSED") && ended.err.contains("nonsense.txt"));
    let ended = verify(&["absent.pem", "company.pem"]).with(66);
    assert!(ended.out.contains("TOTAL-PASSED") && ended.err.contains("absent.pem"));
}

#[test]
fn the_roots_built_in_vouch_for_nothing() {
    let desk = Desk::new();
    let ended = desk.verify(&["company.pem", "--at", AT, "--json"]).with(2);
    assert_eq!(sub_indication(&ended), "NO_CERTIFICATE_CHAIN_FOUND");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let desk = Desk::new();
    for arguments in [
        &["company.pem", "--profile", "bank"][..],
        &["company.pem", "--surprise"],
        &["company.pem", "--at", "yesterday"],
        &["company.pem", "--anchor", "alpha.pem", "--data", "."],
        &[],
    ] {
        let ended = desk.verify(arguments).with(64);
        assert!(ended.out.is_empty() && !ended.err.is_empty());
    }
    yinxin(["surprise"]).with(64);
    yinxin::<&str>([]).with(64);
}

#[test]
fn an_anchor_that_is_missing_or_unreadable_is_named() {
    let desk = Desk::new();
    desk.put("nonsense.txt", "no certificate");
    let ended = desk
        .verify(&["company.pem", "--anchor", "absent.pem"])
        .with(66);
    assert!(ended.err.contains("absent.pem"), "{}", ended.err);
    let ended = desk
        .verify(&["company.pem", "--anchor", "nonsense.txt"])
        .with(65);
    assert!(ended.err.contains("nonsense.txt"), "{}", ended.err);
}

#[test]
fn accepting_one_ca_alone_narrows_and_never_widens() {
    let desk = Desk::new();
    let base = ["company.pem", "--anchor", "alpha.pem", "--no-revocation"];
    let verify = |more: &[&str]| desk.verify(&[&base[..], &["--at", AT, "--json"], more].concat());
    let told = verify(&["--accept-ca", "command-line"]).with(0);
    let policy = &report(&told)["policy"];
    assert_eq!(policy["narrowedTo"][0], "command-line");
    let whole = verify(&[]).with(0);
    assert_ne!(report(&whole)["policy"]["digest"], policy["digest"]);
    for outside in ["gdca", "unheard-of", "GDCA"] {
        let ended = verify(&["--accept-ca", "command-line", "--accept-ca", outside]).with(64);
        assert!(
            ended.out.is_empty() && ended.err.contains(outside),
            "{ended:?}"
        );
    }
}
