//! Every use case, in a small city, on both engines where the engine could matter.
#![expect(clippy::indexing_slicing, reason = "a failing test should panic")]

use yinxin::evidence::receipt;
use yinxin::evidence::receipt::ReceiptClaims;

use crate::running_city::pki;

mod admit_holder;
mod authenticate;
mod change_recognition;
mod change_status;
mod confirm;
pub(crate) mod fetch_evidence;
mod find_companies;
mod import;
mod issue;
mod keep_up;
mod match_facts;
mod publish_status;
mod read_audit;
mod recover;
mod register;
mod rehearse;
mod replay;
mod signing_clock;

/// What a receipt says, once the receipt key was found to have signed it.
fn claims(receipt: &str) -> ReceiptClaims {
    receipt::verify(receipt, pki().receipt.certificate.public_key()).unwrap()
}
