//! Path validation beside OpenSSL's.

use crate::path_differential;

/// Both accept or both refuse, or the list of divergences says why not.
pub fn differential(data: &[u8]) {
    if let Err(found) = path_differential::compare(data) {
        panic!("{found}");
    }
}
