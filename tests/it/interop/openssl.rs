//! The command line of OpenSSL, and a folder for the files that it reads.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use tempfile::TempDir;
use yinxin::clock::Timestamp;
use yinxin::encoding::pem;
use yinxin::pki::certificate::Certificate;

/// The program `openssl`, whatever its version.
pub(crate) struct OpenSsl {
    folder: TempDir,
}

impl OpenSsl {
    /// None where it is not installed, and the test that asked says so and passes; in CI (`CI=true`) it
    /// must be.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "tests look for the program, and say when it is not there"
    )]
    pub(crate) fn find() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_ok() {
            let folder = TempDir::new().unwrap();
            return Some(Self { folder });
        }
        let missing = "no openssl: run tests/run";
        assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
        eprintln!("skipped: {missing}");
        None
    }

    pub(crate) fn write(&self, name: &str, certificates: &[&Certificate]) {
        let blocks = certificates
            .iter()
            .map(|one| pem::encode("CERTIFICATE", one.der()));
        fs::write(self.path().join(name), blocks.collect::<String>()).unwrap();
    }

    pub(crate) fn write_crl(&self, name: &str, der: &[u8]) {
        fs::write(self.path().join(name), pem::encode("X509 CRL", der)).unwrap();
    }

    /// Where its files are.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("openssl");
        // The system's configuration, which may forbid or allow more, has no say.
        command.env("OPENSSL_CONF", "/dev/null").env("LC_ALL", "C");
        command
            .current_dir(self.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Runs it on files in its folder.
    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
    }

    /// One field of a certificate as `openssl x509` prints it, its name cut off.
    pub(crate) fn field(&self, file: &str, arguments: &[&str]) -> String {
        let output = self.run(&[&["x509", "-noout", "-in", file], arguments].concat());
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{complaint}");
        let text = String::from_utf8(output.stdout).unwrap();
        match text.trim().split_once('=') {
            Some((_, value)) => value.to_owned(),
            None => text.trim().to_owned(),
        }
    }

    /// Whether `openssl verify` finds a path from the certificate in `file` to one in `roots`, by the
    /// letter of RFC 5280 (`-x509_strict`).
    ///
    /// # Errors
    /// What it says against it.
    pub(crate) fn verify(
        &self,
        file: &str,
        (roots, intermediates): (&str, Option<&str>),
        at: Timestamp,
    ) -> Result<(), String> {
        let at = at.as_unix_seconds().to_string();
        let mut arguments = vec![
            "verify",
            "-x509_strict",
            "-attime",
            &at,
            "-no-CApath",
            "-CAfile",
            roots,
        ];
        arguments.extend(intermediates.iter().flat_map(|name| ["-untrusted", name]));
        arguments.push(file);
        let output = self.run(&arguments);
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
