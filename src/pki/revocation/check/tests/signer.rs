//! Signers of CRLs that are not on the path.

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::check::RevocationBudget;
use crate::pki::revocation::check::RevocationChecker;
use crate::pki::revocation::check::fixtures::CRL_SIGN;
use crate::pki::revocation::check::fixtures::Holder;
use crate::pki::revocation::check::fixtures::SERIAL;
use crate::pki::revocation::check::fixtures::Says;
use crate::pki::revocation::check::fixtures::lists;
use crate::pki::revocation::check::fixtures::now;
use crate::pki::revocation::check::fixtures::obstacles;
use crate::pki::revocation::check::fixtures::path;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::fixtures::certificate_issuer;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::flag;
use crate::pki::revocation::crl::fixtures::issuing_distribution_point;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::SignerProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// The serial number of the signer's certificate.
const SIGNER: u8 = 40;

fn signs_crls() -> Says<'static> {
    Says {
        key_usage: Some(CRL_SIGN),
        ..Says::end_entity(SIGNER)
    }
}

/// Root, a CA below it, and what tests ask about below that.
struct Town {
    root: Holder,
    path: ValidatedPath,
}

impl Town {
    fn new() -> Self {
        let root = Holder::root("Root");
        let ca = root.certify("CA", &Says::ca(2));
        let path = path(&root, &[&ca], &ca.end_entity());
        Self { root, path }
    }

    /// The status of the end entity by `crls`, the signer being in the pool.
    fn status(&self, crls: &[Crl], pool: &[&Holder]) -> CertificateStatus {
        let pool: Vec<Certificate> = pool.iter().map(|one| one.certificate.clone()).collect();
        let evidence = lists(crls);
        RevocationChecker::new(&[&evidence], &pool, FreshnessPolicy::at(now()))
            .check(&self.path)
            .remove(0)
    }

    fn problem(&self, crls: &[Crl], pool: &[&Holder]) -> SignerProblem {
        let why = obstacles(self.status(crls, pool));
        for reason in &why {
            if let UndeterminedReason::Crl {
                problem: CrlProblem::Signer { problem, .. },
                ..
            } = reason
            {
                return problem.clone();
            }
        }
        panic!("{why:#?}")
    }
}

#[test]
fn a_ca_may_have_another_key_for_its_lists() {
    let town = Town::new();
    let signer = town.root.certify("CA", &signs_crls());
    let of_root = town.root.crl(|_| {});
    let list = signer.crl(|_| {});
    assert!(
        town.status(&[list.clone(), of_root.clone()], &[&signer])
            .is_good()
    );
    let listing = signer.crl_listing(&[]);
    let revoked = town.status(&[listing, of_root.clone()], &[&signer]);
    assert!(matches!(revoked, CertificateStatus::Revoked { .. }));

    // The signer's own certificate is looked at, too.
    let problem = town.problem(std::slice::from_ref(&list), &[&signer]);
    assert_eq!(problem, SignerProblem::Undetermined);
    let revoked = town
        .root
        .crl(|parts| parts.entries = Some(vec![entry(&[SIGNER], &[])]));
    let problem = town.problem(&[list.clone(), revoked], &[&signer]);
    assert_eq!(problem, SignerProblem::Revoked);
    // Nobody knows the signer.
    let why = obstacles(town.status(&[list, of_root], &[]));
    assert!(matches!(
        why.as_slice(),
        [UndeterminedReason::Crl {
            problem: CrlProblem::BadSignature,
            ..
        }]
    ));
}

#[test]
fn a_signer_is_permitted_to_sign_lists() {
    let town = Town::new();
    for key_usage in [Some(&[0x07, 0x80][..]), None] {
        let says = Says {
            key_usage,
            ..signs_crls()
        };
        let signer = town.root.certify("CA", &says);
        let problem = town.problem(&[signer.crl(|_| {}), town.root.crl(|_| {})], &[&signer]);
        assert_eq!(problem, SignerProblem::KeyUsage);
    }
}

#[test]
fn a_signers_path_ends_at_the_same_anchor() {
    let town = Town::new();
    let elsewhere = Holder::root("Elsewhere");
    let signer = elsewhere.certify("CA", &signs_crls());
    let crls = [
        signer.crl(|_| {}),
        elsewhere.crl(|_| {}),
        town.root.crl(|_| {}),
    ];
    for pool in [&[&signer][..], &[&signer, &elsewhere]] {
        let problem = town.problem(&crls, pool);
        assert!(matches!(problem, SignerProblem::NoPath(_)), "{problem}");
    }
    let says = Says {
        not_after: b"291231235959Z",
        ..signs_crls()
    };
    let expired = town.root.certify("CA", &says);
    let problem = town.problem(&[expired.crl(|_| {}), town.root.crl(|_| {})], &[&expired]);
    assert!(matches!(problem, SignerProblem::NoPath(_)), "{problem}");
}

#[test]
fn one_good_signer_among_several_of_a_name_is_enough() {
    let town = Town::new();
    let signer = town.root.certify("CA", &signs_crls());
    let without_usage = Says {
        key_usage: None,
        ..signs_crls()
    };
    let same_key = town.root.certify_key("CA", &signer.key, &without_usage);
    let another_key = town.root.certify("CA", &signs_crls());
    let crls = [signer.crl(|_| {}), town.root.crl(|_| {})];
    for pool in [
        [&same_key, &another_key, &signer],
        [&signer, &same_key, &another_key],
    ] {
        assert!(town.status(&crls, &pool).is_good());
    }
}

/// The extension that makes `issuer` the issuer of the certificate's CRL.
fn points_to(issuer: &str) -> Vec<u8> {
    let name = der::encode(der::context_constructed(4), &common_name(issuer));
    let point = sequence(&[der::encode(der::context_constructed(2), &name)]);
    let value = sequence(&[point]);
    encode_extension(extension::CRL_DISTRIBUTION_POINTS, false, &value)
}

fn indirect(lister: &Holder, entries: Vec<Vec<u8>>) -> Crl {
    lister.crl(|parts| {
        parts
            .extensions
            .push(issuing_distribution_point(&[flag(4)]));
        parts.entries = Some(entries);
    })
}

#[test]
fn a_signers_own_list_may_speak_about_it() {
    // As PKITS 4.14.30 has it.
    let root = Holder::root("Root");
    let lister = root.certify("Lister", &signs_crls().with(points_to("Lister")));
    let says = Says::end_entity(SERIAL).with(points_to("Lister"));
    let end_entity = root.certify("End entity", &says).certificate;
    let town = Town {
        path: root.path(&end_entity),
        root,
    };
    let pool = [&lister];
    assert!(
        town.status(&[indirect(&lister, Vec::new())], &pool)
            .is_good()
    );
    let of_root = |serial: u8| entry(&[serial], &[certificate_issuer("Root")]);
    let revoked = town.status(&[indirect(&lister, vec![of_root(SERIAL)])], &pool);
    assert!(matches!(revoked, CertificateStatus::Revoked { .. }));
    // Whoever says of itself that it is revoked is believed.
    let problem = town.problem(&[indirect(&lister, vec![of_root(SIGNER)])], &pool);
    assert_eq!(problem, SignerProblem::Revoked);
}

#[test]
fn two_signers_do_not_vouch_for_each_other() {
    let root = Holder::root("Root");
    let one = root.certify("One", &signs_crls().with(points_to("Other")));
    let mut says = signs_crls().with(points_to("One"));
    says.serial = SIGNER + 1;
    let other = root.certify("Other", &says);
    let says = Says::end_entity(SERIAL).with(points_to("One"));
    let end_entity = root.certify("End entity", &says).certificate;
    let town = Town {
        path: root.path(&end_entity),
        root,
    };
    let crls = [indirect(&one, Vec::new()), indirect(&other, Vec::new())];
    let problem = town.problem(&crls, &[&one, &other]);
    assert_eq!(problem, SignerProblem::Undetermined);
    // The root can break the circle.
    let partial = town.root.crl(|_| {});
    let with_root = [&crls[..], &[partial]].concat();
    assert!(town.status(&with_root, &[&one, &other]).is_good());
}

#[test]
fn chains_of_signers_have_an_end() {
    // Each is listed by the next, and only the last by the root.
    const NAMES: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];
    let judged = |length: usize, budget: RevocationBudget| {
        let root = Holder::root("Root");
        let mut holders: Vec<Holder> = Vec::new();
        for (serial, name) in (50..).zip(&NAMES[..length]) {
            let mut says = signs_crls();
            says.serial = serial;
            if usize::from(serial) - 50 + 1 < length {
                says = says.with(points_to(NAMES[usize::from(serial) - 49]));
            }
            holders.push(root.certify(name, &says));
        }
        let says = Says::end_entity(SERIAL).with(points_to("0"));
        let end_entity = root.certify("End entity", &says).certificate;
        let mut crls: Vec<Crl> = holders
            .iter()
            .map(|holder| indirect(holder, Vec::new()))
            .collect();
        crls.push(root.crl(|parts| {
            // About the last one only: others are not to be cleared by it.
            let uri = der::encode(der::context_primitive(6), b"http://r/");
            let full = der::encode(der::context_constructed(0), &uri);
            let name = der::encode(der::context_constructed(0), &full);
            parts.extensions.push(issuing_distribution_point(&[name]));
        }));
        let pool: Vec<Certificate> = holders.iter().map(|one| one.certificate.clone()).collect();
        let evidence = lists(&crls);
        let path = root.path(&end_entity);
        RevocationChecker::new(&[&evidence], &pool, FreshnessPolicy::at(now()))
            .with_budget(budget)
            .check(&path)
            .remove(0)
    };
    // Nothing clears the last one, so nothing is known; but it ends, whatever the budget.
    let why = obstacles(judged(7, RevocationBudget::DEFAULT));
    assert!(
        why.iter()
            .all(|reason| *reason != UndeterminedReason::BudgetExhausted),
        "{why:#?}"
    );
    let scarce = RevocationBudget {
        signer_paths: 1,
        ..RevocationBudget::DEFAULT
    };
    let why = obstacles(judged(3, scarce));
    assert_eq!(why, [UndeterminedReason::BudgetExhausted]);
}
