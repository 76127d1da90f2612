//! What wallets and verifiers fetch: status lists, keys, credential types. Public, cacheable where that
//! costs nothing, and the same for everybody.

pub(in crate::http) mod credential_type;
pub(in crate::http) mod issuer_keys;
pub(in crate::http) mod status_list;
