//! Other people's libraries, each behind a script in `tests/interop`: that for SD-JWT, and that for PDF.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

/// Where `tests/run` installs the library, unless `YINXIN_PYTHON` names another interpreter.
const PYTHON: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/target/interop-venv/bin/python"
);
pub(super) const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");

/// Another library, and a folder for what both sides hand each other.
pub(super) struct Peer {
    python: PathBuf,
    script: &'static str,
    folder: TempDir,
}

impl Peer {
    /// That for SD-JWT, as [`Self::of`].
    pub(super) fn find() -> Option<Self> {
        Self::of("sd_jwt", "sd_jwt_peer.py")
    }

    /// None where the module is not installed, and the test that asked says so and passes; in CI (`CI=true`) it
    /// must be.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "tests are told where the peer is, and say when it is not there"
    )]
    pub(super) fn of(module: &str, script: &'static str) -> Option<Self> {
        let python = env::var_os("YINXIN_PYTHON").map_or_else(|| PathBuf::from(PYTHON), Into::into);
        let mut probe = Command::new(&python);
        if probe
            .args(["-c", &format!("import {module}")])
            .output()
            .is_ok_and(|probed| probed.status.success())
        {
            let folder = TempDir::new().unwrap();
            return Some(Self {
                python,
                script,
                folder,
            });
        }
        let missing = format!(
            "no Python with {module} at {}: run tests/run",
            python.display()
        );
        assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
        eprintln!("skipped: {missing}");
        None
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file where the peer finds it by its name.
    pub(super) fn write(&self, name: &str, content: &str) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    /// The interpreter with a module of the library to run, in the folder; what stands beside the scripts can be
    /// imported.
    pub(super) fn module(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.current_dir(self.folder.path()).args(["-m", name]);
        command.env("PYTHONPATH", SCRIPTS);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.python);
        command.current_dir(self.folder.path());
        let script = Path::new(SCRIPTS).join(self.script);
        command.arg(script).args(arguments).output().unwrap()
    }

    /// What the peer answers to a command that it must not refuse.
    pub(super) fn answer(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{complaint}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What the peer says of a credential under the key or certificate in the file `key`, or `None`
    /// where it refuses it.
    pub(super) fn verify(&self, key: &str, credential: &str) -> Option<Value> {
        self.write("credential", credential);
        let output = self.run(&["verify", "--issuer-key", key, "credential"]);
        match output.status.code() {
            Some(0) => Some(serde_json::from_slice(&output.stdout).unwrap()),
            Some(1) => None,
            _ => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// The credential with those disclosures alone that stand at `paths`.
    pub(super) fn present(&self, credential: &str, paths: &[&str]) -> String {
        self.write("credential", credential);
        let mut arguments = vec!["present"];
        arguments.extend(paths.iter().flat_map(|path| ["--disclose", path]));
        arguments.push("credential");
        self.answer(&arguments)
    }

    /// A credential of the peer's: claims, further header members, and what may be withheld.
    pub(super) fn issue(
        &self,
        key: &str,
        claims: &Value,
        header: &Value,
        disclosable: &[&str],
    ) -> String {
        self.write("claims.json", &claims.to_string());
        self.write("header.json", &header.to_string());
        let mut arguments = vec!["issue", "--key", key, "--claims", "claims.json"];
        arguments.extend(["--header", "header.json"]);
        arguments.extend(disclosable.iter().flat_map(|path| ["--disclosable", path]));
        self.answer(&arguments)
    }
}
