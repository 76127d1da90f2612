//! Certification paths against foreign corpora, through the command that everybody uses: `yinxin path`.
//!
//! A suite reads its corpus into [`case::Case`]s, each with one or more [`question::Question`]s (the same
//! one in several orders); [`judge::judge`] puts them to the command, in this process; [`ledger`]
//! compares the answers with what the corpus expects and with the exceptions that are written down.

mod bettertls;
mod case;
mod china;
mod exceptions;
mod judge;
mod ledger;
mod limbo;
mod pathological;
mod pem_files;
mod pkits;
mod question;
mod readme;
mod roots;
