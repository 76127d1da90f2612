//! The rows, in lists by what they are about. A new row goes to the end of the last list, or a new list to the end
//! of the lists; see the parent module for what may change.

mod certificate;
mod credential;
mod document;
mod later;
mod pdf;
mod recognition;
mod seal;
mod signed;

use crate::validation::reason::ReasonEntry;
use crate::validation::reason::Severity;
use crate::validation::reason::rows::reasons;
use crate::validation::reason::table::certificate::certificate;
use crate::validation::reason::table::credential::credential;
use crate::validation::reason::table::document::document;
use crate::validation::reason::table::later::later;
use crate::validation::reason::table::pdf::pdf;
use crate::validation::reason::table::recognition::recognition;
use crate::validation::reason::table::seal::seal;
use crate::validation::reason::table::signed::signed;

// Each list is a macro that puts its rows after those it is given and hands all of them on to the next one named.
document! { certificate credential later signed seal pdf recognition reasons {} }
