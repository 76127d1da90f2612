//! The audit trail as an operator sees it: examined, exported, erased, and compared with what was kept elsewhere.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::binary::Ended;
use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::files::Files;
use crate::cli::installation::Installation;
use crate::http::client::Ask;

/// A data folder whose heads are copied beside it.
struct Anchored {
    city: Installation,
    anchor: String,
}

impl Anchored {
    fn new() -> Self {
        let city = Installation::new();
        let anchor = city.beside("anchor");
        let config = fs::read_to_string(city.config()).unwrap();
        let config =
            format!("{config}\n[audit]\nanchor_file = {anchor:?}\nhead_every_seconds = 1\n");
        fs::write(city.config(), config).unwrap();
        Self { city, anchor }
    }

    fn audit(&self, arguments: &[&str]) -> Ended {
        let config = self.city.config();
        let all = [&["audit"], arguments, &["--config", &config]].concat();
        yinxin(all)
    }

    /// Serves, has a company looked up, and stops in order.
    fn serve_once(&self) {
        let server = self.city.serve();
        self.look(&server);
        let (code, log) = server.stop();
        assert_eq!(code, Some(0), "{log:?}");
    }

    fn look(&self, server: &Served) {
        let uscc = self.city.company(1);
        let path = format!("/v1/companies/{uscc}?operator=clerk-7&matterCode=M-1&purpose=loan");
        Ask::get(path)
            .key(self.city.bank)
            .of(server.address)
            .expect(200);
    }

    fn data(&self) -> String {
        Path::new(&self.city.config())
            .parent()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    }
}

#[test]
fn a_folder_that_was_served_is_sound_and_an_old_one_put_back_is_found() {
    let anchored = Anchored::new();
    anchored.serve_once();
    let told = anchored.audit(&["verify"]).ok();
    assert!(told.ends_with("sound\n"), "{told}");
    assert!(told.contains("anchored up to head"), "{told}");
    assert!(told.contains("not signed yet 0"), "{told}");
    let old = Files::of(Path::new(&anchored.data()));

    anchored.serve_once();
    anchored.audit(&["verify"]).ok();
    fs::remove_dir_all(anchored.data()).unwrap();
    old.write(Path::new(&anchored.data()));
    let told = anchored.audit(&["verify"]).with(1).out;
    assert!(told.contains("older than the anchor"), "{told}");
    assert!(told.ends_with("BROKEN\n"), "{told}");

    // Going on from there does not make it good.
    let anchor = fs::read(&anchored.anchor).unwrap();
    anchored.serve_once();
    anchored.serve_once();
    let told = anchored.audit(&["verify"]).with(1).out;
    assert!(told.contains("anchor"), "{told}");
    assert_eq!(
        fs::read(&anchored.anchor).unwrap(),
        anchor,
        "nothing is added to it"
    );
    let doctor = yinxin(["doctor", "--config", &anchored.city.config()]).with(78);
    assert!(doctor.out.contains("does not fit"), "{}", doctor.out);
}

#[test]
fn an_anchor_file_that_is_damaged_is_told_by_its_line() {
    let anchored = Anchored::new();
    anchored.serve_once();
    anchored.serve_once();
    let whole = fs::read_to_string(&anchored.anchor).unwrap();
    let lines = whole.lines().count();
    assert!(lines >= 2);
    let verify = || anchored.audit(&["verify"]);

    let cut = whole.get(..whole.len() - 9).unwrap();
    fs::write(&anchored.anchor, cut).unwrap();
    let told = verify().with(65).err;
    assert!(
        told.contains(&format!("line {lines} of the anchor file is cut off")),
        "{told}"
    );
    fs::write(&anchored.anchor, format!("{whole}garbage\n")).unwrap();
    let told = verify().with(65).err;
    assert!(
        told.contains(&format!(
            "line {} of the anchor file is no signed head",
            lines + 1
        )),
        "{told}"
    );
    let first = whole.lines().next().unwrap();
    let last = whole.lines().last().unwrap();
    if lines > 2 {
        fs::write(&anchored.anchor, format!("{first}\n{last}\n")).unwrap();
        assert!(verify().with(65).err.contains("a head is missing"));
    }
    fs::remove_file(&anchored.anchor).unwrap();
    verify().with(66);
    fs::write(&anchored.anchor, whole).unwrap();
    verify().ok();
    let elsewhere = anchored.city.beside("empty");
    fs::write(&elsewhere, "").unwrap();
    let told = anchored
        .audit(&["verify", "--anchor-file", &elsewhere])
        .with(0)
        .err;
    assert!(told.contains("is empty"), "{told}");
}

#[test]
fn a_server_that_was_killed_leaves_a_sound_trail() {
    let anchored = Anchored::new();
    for _ in 0..3 {
        let server = anchored.city.serve();
        anchored.look(&server);
        server.kill();
    }
    anchored.audit(&["verify"]).ok();
    // What the killed ones left is signed by the next.
    anchored.serve_once();
    let told = anchored.audit(&["verify"]).ok();
    assert!(told.contains("not signed yet 0"), "{told}");
}

#[test]
fn events_are_exported_and_personal_fields_erased() {
    let anchored = Anchored::new();
    anchored.serve_once();
    let lines = |text: &str| -> Vec<Value> {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let all = lines(&anchored.audit(&["export"]).ok());
    let looked = lines(&anchored.audit(&["export", "--caller", "bank-one"]).ok());
    assert!(all.len() > looked.len());
    assert_eq!(looked.len(), 1);
    let event = &looked[0]["event"];
    assert_eq!(event["action"], "company.confirmed");
    assert_eq!(event["operator"], "clerk-7");
    assert_eq!(event["purpose"], "loan");
    assert!(looked[0]["chain"]["salt"].is_string());
    assert_eq!(
        anchored
            .audit(&["export", "--to", "2020-01-01T00:00:00Z"])
            .ok(),
        ""
    );
    assert_eq!(
        lines(
            &anchored
                .audit(&["export", "--from", "2020-01-01T00:00:00Z"])
                .ok()
        ),
        all
    );
    let out = anchored.city.beside("events.ndjson");
    anchored.audit(&["export", "--out", &out]).ok();
    assert_eq!(lines(&fs::read_to_string(&out).unwrap()), all);
    anchored.audit(&["export", "--out", &out]).with(64);

    anchored.audit(&["erase"]).with(64);
    let told = anchored.audit(&["erase", "--operator", "clerk-7"]).ok();
    assert_eq!(told, "personal fields of 1 events and 1 receipts erased\n");
    let told = anchored
        .audit(&["erase", "--before", "2999-01-01T00:00:00Z"])
        .ok();
    assert_eq!(told, "personal fields of 0 events and 0 receipts erased\n");
    let after = lines(&anchored.audit(&["export"]).ok());
    assert!(
        !after
            .iter()
            .any(|line| line.to_string().contains("clerk-7"))
    );
    assert_eq!(after.last().unwrap()["event"]["action"], "audit.erased");
    let told = anchored.audit(&["verify"]).ok();
    assert!(told.contains("erased 1"), "{told}");
}

#[test]
fn without_an_anchor_file_the_operator_is_told_what_cannot_be_known() {
    let city = Installation::new();
    let told = yinxin(["audit", "verify", "--config", &city.config()]).with(0);
    assert!(told.err.contains("no anchor file"), "{}", told.err);
    let doctor = yinxin(["doctor", "--config", &city.config()]);
    assert!(doctor.out.contains("has no anchor file"), "{}", doctor.out);
}
