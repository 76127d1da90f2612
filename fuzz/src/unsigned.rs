//! Certificates with a signature that is none, for laws in which nobody looks at it.

use std::sync::LazyLock;

use yinxin::pki::certificate::Certificate;

use crate::certificate_writer as writer;
use crate::certificate_writer::Draft;
use crate::certificate_writer::KeyPair;
use crate::certificate_writer::Sign;

/// A certificate that says what `change` makes of it; `None` if it cannot be read.
pub fn certificate(change: impl FnOnce(&mut Draft)) -> Option<Certificate> {
    let name = writer::common_name("x");
    let mut draft = Draft::new(name.clone(), name, &*UNSIGNED);
    change(&mut draft);
    Certificate::parse_der(&draft.sign(&*UNSIGNED)).ok()
}

static UNSIGNED: LazyLock<Unsigned> = LazyLock::new(|| {
    let key = KeyPair::p256();
    Unsigned {
        algorithm: key.algorithm().to_vec(),
        spki: key.spki().to_vec(),
    }
});

struct Unsigned {
    algorithm: Vec<u8>,
    spki: Vec<u8>,
}

impl Sign for Unsigned {
    fn algorithm(&self) -> &[u8] {
        &self.algorithm
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        vec![0; 8]
    }
}
