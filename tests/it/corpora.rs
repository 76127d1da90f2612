//! Test vectors that live outside the repository.

use std::env;
use std::path::Path;
use std::path::PathBuf;

/// The folder of the corpora: `YINXIN_CORPORA`, or `../shared/corpora` beside the repository.
///
/// None when it is absent, and the test that asked says so and passes; in CI (`CI=true`) it must not be.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told where their vectors are, and say when they are not there"
)]
pub(crate) fn corpora() -> Option<PathBuf> {
    let folder = env::var("YINXIN_CORPORA").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "no corpora at {}: set YINXIN_CORPORA",
        folder.display()
    );
    eprintln!("skipped: no corpora at {}", folder.display());
    None
}
