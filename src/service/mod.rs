//! Use cases, one file each, named by the verb. They decide; `store` remembers; `http` translates.
//!
//! [`app::App`] holds what every use case needs; each file here adds its verbs to it. Start reading at
//! [`issue`] (what the city does) and [`verify`] (what departments and banks do).

pub mod admit_holder;
pub mod app;
pub mod authenticate;
pub mod call;
pub mod change_recognition;
pub mod change_status;
pub mod check_recognition;
pub mod collect_evidence;
pub mod confirm;
pub mod examine;
pub mod fail_point;
pub mod fetch_evidence;
pub mod fetch_receipt;
#[cfg(test)]
mod fixture;
pub mod foresee;
pub mod hand_out;
pub mod import;
pub mod issue;
pub mod issue_timestamp;
pub mod judge;
pub mod manage;
pub mod match_facts;
pub mod open;
mod outcomes_at_hand;
pub mod publish_status;
pub mod read_audit;
pub mod receipt_facts;
pub mod recognise;
pub mod record;
pub mod recover;
pub mod register;
pub mod register_certificate;
mod registers;
pub mod rehearse;
pub mod replace_pick_up_code;
pub mod replay;
pub mod retain;
pub mod rotate_key;
pub mod seek_evidence;
mod seen_before;
pub mod set_terms;
pub mod sign_audit_head;
pub mod sign_receipt;
pub mod submitted;
pub mod verify;
