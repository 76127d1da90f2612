//! Laws: the order of evidence does not matter, and bad evidence never spoils good.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::check::fixtures::Holder;
use crate::pki::revocation::check::fixtures::SERIAL;
use crate::pki::revocation::check::fixtures::lists;
use crate::pki::revocation::check::fixtures::status;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::fixtures::CrlParts;
use crate::pki::revocation::crl::fixtures::base_number;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::number;
use crate::pki::revocation::crl::fixtures::reason;
use crate::pki::revocation::crl::fixtures::utc_time;
use crate::pki::revocation::status::CertificateStatus;

/// A path, and lists of every kind, with what each is.
struct Stock {
    path: ValidatedPath,
    lists: Vec<(Kind, Crl)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Good and current, the certificate not listed.
    Clear,
    /// Good and current, the certificate revoked.
    Revoking,
    /// Of no use, whatever it says.
    Useless,
}

static STOCK: LazyLock<Stock> = LazyLock::new(|| {
    let root = Holder::root("Root");
    let impostor = Holder::root("Root");
    let listed = |parts: &mut CrlParts| parts.entries = Some(vec![entry(&[SERIAL], &[])]);
    let stale = |parts: &mut CrlParts| {
        parts.this_update = utc_time("290601000000Z");
        parts.next_update = utc_time("290701000000Z");
    };
    let future = |parts: &mut CrlParts| parts.this_update = utc_time("300105000000Z");
    let flawed = |parts: &mut CrlParts| {
        parts.extensions.push(encode_extension("1.2.3", true, b"x"));
    };
    let lists = [
        (Kind::Clear, root.crl(|_| {})),
        (
            Kind::Clear,
            root.crl(|parts| parts.extensions = vec![number(6)]),
        ),
        (Kind::Revoking, root.crl_listing(&[reason(1)])),
        (
            Kind::Revoking,
            root.crl(|parts| {
                listed(parts);
                parts.extensions = vec![number(9), base_number(3)];
            }),
        ),
        (Kind::Useless, impostor.crl(|_| {})),
        (Kind::Useless, impostor.crl(listed)),
        (
            Kind::Useless,
            root.crl(|parts| {
                listed(parts);
                stale(parts);
            }),
        ),
        (Kind::Useless, root.crl(stale)),
        (
            Kind::Useless,
            root.crl(|parts| {
                listed(parts);
                future(parts);
            }),
        ),
        (
            Kind::Useless,
            root.crl(|parts| {
                listed(parts);
                flawed(parts);
            }),
        ),
        (
            Kind::Useless,
            root.crl(|parts| parts.extensions = vec![number(9), base_number(7)]),
        ),
        (Kind::Useless, Holder::root("Another").crl(listed)),
    ];
    Stock {
        path: root.path(&root.end_entity()),
        lists: lists.to_vec(),
    }
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_good_lists_say_is_the_answer(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(), count in 0..=12_usize) {
        let chosen: Vec<&(Kind, Crl)> = order[..count].iter().map(|i| &STOCK.lists[*i]).collect();
        let has = |wanted: Kind| chosen.iter().any(|(kind, _)| *kind == wanted);
        let crls: Vec<Crl> = chosen.iter().map(|(_, crl)| crl.clone()).collect();
        let status = status(&STOCK.path, &lists(&crls));
        if has(Kind::Revoking) {
            let is_revoked = matches!(status, CertificateStatus::Revoked { .. });
            prop_assert!(is_revoked, "{:?}", status);
        } else {
            prop_assert_eq!(status.is_good(), has(Kind::Clear), "{:?}", status);
            prop_assert_eq!(status.is_determined(), has(Kind::Clear));
        }
    }
}

#[test]
fn the_stock_has_something_of_each_kind() {
    assert_eq!(STOCK.lists.len(), 12);
    for wanted in [Kind::Clear, Kind::Revoking, Kind::Useless] {
        assert!(STOCK.lists.iter().any(|(kind, _)| *kind == wanted));
    }
}
