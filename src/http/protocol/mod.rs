//! What wallets and verifiers fetch: status lists, keys, credential types. Public, cacheable where that
//! costs nothing, and the same for everybody. And timestamps, which are public and each for itself.

pub(in crate::http) mod credential_type;
pub(in crate::http) mod issuer_keys;
pub(in crate::http) mod status_list;
pub(in crate::http) mod timestamp;
