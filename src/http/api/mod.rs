//! The JSON interface, one file an endpoint: extract, one call of `service`, render.

pub(in crate::http) mod accesses;
pub(in crate::http) mod audit;
pub(in crate::http) mod change_status;
pub(in crate::http) mod check_recognition;
pub(in crate::http) mod confirm;
pub(in crate::http) mod credential;
pub(in crate::http) mod find_companies;
pub(in crate::http) mod holder;
pub(in crate::http) mod import;
pub(in crate::http) mod issue;
pub(in crate::http) mod match_facts;
pub(in crate::http) mod pick_up_code;
pub(in crate::http) mod proposals;
pub(in crate::http) mod reasons;
pub(in crate::http) mod receipt;
pub(in crate::http) mod recognition;
pub(in crate::http) mod record_facts;
pub(in crate::http) mod record_registration;
pub(in crate::http) mod rehearse;
pub(in crate::http) mod replay;
pub(in crate::http) mod verify;
pub(in crate::http) mod verify_batch;
pub(in crate::http) mod verify_certificate;
pub(in crate::http) mod verify_input;
