//! Which CRL is about which certificate: distribution points, kinds, reasons, indirect CRLs.

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::revocation::check::fixtures::CRL_SIGN;
use crate::pki::revocation::check::fixtures::Holder;
use crate::pki::revocation::check::fixtures::SERIAL;
use crate::pki::revocation::check::fixtures::Says;
use crate::pki::revocation::check::fixtures::crl_problem;
use crate::pki::revocation::check::fixtures::lists;
use crate::pki::revocation::check::fixtures::now;
use crate::pki::revocation::check::fixtures::obstacles;
use crate::pki::revocation::check::fixtures::status;
use crate::pki::revocation::check::fixtures::status_with;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::fixtures::certificate_issuer;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::flag;
use crate::pki::revocation::crl::fixtures::issuing_distribution_point;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::ScopeMismatch;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// `keyCompromise`, and everything else, as contents octets of `ReasonFlags`.
const KEY_COMPROMISE: &[u8] = &[6, 0x40];
const ALL_OTHERS: &[u8] = &[7, 0x3f, 0x80];

fn constructed(tag: u8, members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::context_constructed(tag), &members.concat())
}

fn uri(text: &str) -> Vec<u8> {
    der::encode(der::context_primitive(6), text.as_bytes())
}

fn directory(name: &str) -> Vec<u8> {
    constructed(4, &[common_name(name)])
}

/// The field `distributionPoint`, of a point or of a CRL.
fn full_name(names: &[Vec<u8>]) -> Vec<u8> {
    constructed(0, &[constructed(0, names)])
}

fn relative_name(part: &str) -> Vec<u8> {
    constructed(0, &[constructed(1, &[common_name(part)[4..].to_vec()])])
}

fn crl_issuer(name: &str) -> Vec<u8> {
    constructed(2, &[directory(name)])
}

fn reasons(tag: u8, flags: &[u8]) -> Vec<u8> {
    der::encode(der::context_primitive(tag), flags)
}

fn points(points: &[Vec<u8>]) -> Vec<u8> {
    let value = sequence(points);
    encode_extension(extension::CRL_DISTRIBUTION_POINTS, false, &value)
}

fn end_entity(issuer: &Holder, list: &[Vec<u8>]) -> Certificate {
    let says = Says::end_entity(SERIAL).with(points(list));
    issuer.certify("End entity", &says).certificate
}

/// A CRL of `issuer` with these fields in its issuing distribution point.
fn partial(issuer: &Holder, fields: &[Vec<u8>]) -> Crl {
    issuer.crl(|parts| parts.extensions.push(issuing_distribution_point(fields)))
}

/// The status of a certificate with `list` as its points, by a CRL with `fields`.
fn judged(list: &[Vec<u8>], fields: &[Vec<u8>]) -> CertificateStatus {
    let root = Holder::root("Root");
    let end_entity = end_entity(&root, list);
    let crl = partial(&root, fields);
    status(&root.path(&end_entity), &lists(&[crl]))
}

fn mismatch(status: CertificateStatus) -> ScopeMismatch {
    match crl_problem(status) {
        CrlProblem::Scope(mismatch) => mismatch,
        problem => panic!("{problem}"),
    }
}

#[test]
fn names_of_point_and_list_agree() {
    let point = |names: &[Vec<u8>]| sequence(&[full_name(names)]);
    let (one, other) = (uri("http://a/1.crl"), uri("http://a/2.crl"));
    let two = [one.clone(), other.clone()];
    for (of_point, of_list, is_good) in [
        (&two[..1], &two[..1], true),
        (&two[..], &two[1..], true),
        (&two[..1], &two[1..], false),
        (&two[..1], &[directory("Root")][..], true), // of the point that is implied
        (&two[..1], &[directory("Another")][..], false),
    ] {
        let status = judged(&[point(of_point)], &[full_name(of_list)]);
        assert_eq!(status.is_good(), is_good, "{of_list:02x?}");
        if !is_good {
            assert_eq!(mismatch(status), ScopeMismatch::DistributionPoint);
        }
    }
    // A list that names none is for all points; and any of several points will do.
    assert!(judged(&[point(&two[..1])], &[]).is_good());
    let status = judged(
        &[point(&two[..1]), point(&two[1..])],
        &[full_name(&two[1..])],
    );
    assert!(status.is_good());
}

#[test]
fn relative_names_stand_behind_the_issuers() {
    let point = || sequence(&[relative_name("CRL1")]);
    let root = common_name("Root");
    let absolute = {
        let parts = [root[2..].to_vec(), common_name("CRL1")[2..].to_vec()];
        constructed(4, &[sequence(&parts)])
    };
    assert!(judged(&[point()], &[relative_name("crl1")]).is_good());
    assert!(judged(&[point()], &[full_name(std::slice::from_ref(&absolute))]).is_good());
    assert!(
        judged(
            &[sequence(&[full_name(&[absolute])])],
            &[relative_name("CRL1")]
        )
        .is_good()
    );
    let status = judged(&[point()], &[relative_name("CRL2")]);
    assert_eq!(mismatch(status), ScopeMismatch::DistributionPoint);
}

#[test]
fn lists_may_be_for_one_kind_of_certificate() {
    let root = Holder::root("Root");
    let user = root.end_entity();
    let ca = root.certify("CA", &Says::ca(SERIAL)).certificate;
    for (field, good_for_user, good_for_ca) in
        [(1, true, false), (2, false, true), (5, false, false)]
    {
        let evidence = lists(&[partial(&root, &[flag(field)])]);
        for (certificate, is_good) in [(&user, good_for_user), (&ca, good_for_ca)] {
            let status = status(&root.path(certificate), &evidence);
            assert_eq!(status.is_good(), is_good, "{field}");
            if !is_good {
                let expected = match field {
                    1 => ScopeMismatch::UserCertificatesOnly,
                    2 => ScopeMismatch::CaCertificatesOnly,
                    _ => ScopeMismatch::AttributeCertificatesOnly,
                };
                assert_eq!(mismatch(status), expected);
            }
        }
    }
}

#[test]
fn reasons_add_up() {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let path = root.path(&end_entity);
    let compromise = partial(&root, &[reasons(3, KEY_COMPROMISE)]);
    let others = partial(&root, &[reasons(3, ALL_OTHERS)]);
    let both = status(&path, &lists(&[compromise.clone(), others.clone()]));
    assert!(both.is_good());
    assert_eq!(both.evidence().len(), 2);
    let why = obstacles(status(&path, &lists(std::slice::from_ref(&others))));
    let [UndeterminedReason::ReasonsNotCovered { missing }] = why.as_slice() else {
        panic!("{why:#?}")
    };
    assert_eq!(missing.to_string(), "keyCompromise");
    // A list for some reasons accuses as well as any.
    let accusing = root.crl(|parts| {
        let fields = [reasons(3, KEY_COMPROMISE)];
        parts.extensions.push(issuing_distribution_point(&fields));
        parts.entries = Some(vec![entry(&[SERIAL], &[])]);
    });
    let revoked = status(&path, &lists(&[others, accusing]));
    assert!(matches!(revoked, CertificateStatus::Revoked { .. }));
}

#[test]
fn points_limit_reasons_too() {
    let names = |n: u8| full_name(&[uri(&format!("http://a/{n}.crl"))]);
    let point = |n: u8, flags: &[u8]| sequence(&[names(n), reasons(1, flags)]);
    let root = Holder::root("Root");
    let two = [point(1, KEY_COMPROMISE), point(2, ALL_OTHERS)];
    let end_entity = end_entity(&root, &two);
    let path = root.path(&end_entity);
    let (first, second) = (partial(&root, &[names(1)]), partial(&root, &[names(2)]));
    assert!(status(&path, &lists(&[first.clone(), second])).is_good());
    let why = obstacles(status(&path, &lists(&[first])));
    let [UndeterminedReason::ReasonsNotCovered { missing }] = why.as_slice() else {
        panic!("{why:#?}")
    };
    assert!(!missing.to_string().contains("keyCompromise"));
    assert!(missing.to_string().contains("cACompromise"));
    // For keyCompromise the certificate points elsewhere.
    let wrong = partial(&root, &[names(2), reasons(3, KEY_COMPROMISE)]);
    let problem = crl_problem(status(&path, &lists(&[wrong])));
    assert_eq!(problem, CrlProblem::Scope(ScopeMismatch::NoReasons));
}

/// A root, an issuer of CRLs, and a certificate of the root's that points to that issuer.
struct IndirectTown {
    root: Holder,
    lister: Holder,
    end_entity: Certificate,
}

impl IndirectTown {
    fn new() -> Self {
        let root = Holder::root("Root");
        let says = Says {
            key_usage: Some(CRL_SIGN),
            ..Says::end_entity(3)
        };
        let point = sequence(&[full_name(&[uri("http://root/")])]);
        Self {
            lister: root.certify("Lister", &says.with(points(&[point]))),
            end_entity: end_entity(&root, &[sequence(&[crl_issuer("Lister")])]),
            root,
        }
    }

    /// The status by a list of the lister's. The root has one about the lister alone.
    fn status(&self, crl: Crl) -> CertificateStatus {
        let of_lister = partial(&self.root, &[full_name(&[uri("http://root/")])]);
        let evidence = lists(&[crl, of_lister]);
        let pool = [self.lister.certificate.clone()];
        let path = self.root.path(&self.end_entity);
        status_with(&path, &evidence, &pool, FreshnessPolicy::at(now()))
    }

    /// Why a list of the lister's is not used.
    fn problem(&self, crl: Crl) -> CrlProblem {
        let sha256 = crl.sha256();
        let why = obstacles(self.status(crl));
        let problem = why.iter().find_map(|reason| match reason {
            UndeterminedReason::Crl {
                sha256: of,
                problem,
            } if *of == sha256 => Some(problem),
            _ => None,
        });
        problem.unwrap().clone()
    }
}

fn indirect(lister: &Holder, more: Vec<Vec<u8>>, entries: Vec<Vec<u8>>) -> Crl {
    lister.crl(|parts| {
        let fields = [more, vec![flag(4)]].concat();
        parts.extensions.push(issuing_distribution_point(&fields));
        parts.entries = Some(entries);
    })
}

#[test]
fn an_indirect_list_speaks_for_other_issuers() {
    let town = IndirectTown::new();
    let listed = |issuer: &str| {
        let entries = vec![
            entry(&[SERIAL], &[]),
            entry(&[99], &[certificate_issuer(issuer)]),
            entry(&[SERIAL], &[]),
        ];
        town.status(indirect(&town.lister, Vec::new(), entries))
    };
    let revoked = listed("root");
    assert!(matches!(revoked, CertificateStatus::Revoked { .. }));
    assert_eq!(revoked.evidence()[0].issuer.to_string(), "CN=Lister");
    let good = listed("Another");
    assert!(good.is_good());
    assert_eq!(good.evidence()[0].issuer.to_string(), "CN=Lister");
}

#[test]
fn an_indirect_list_may_be_found_by_its_issuers_name() {
    // §6.3.3 (b)(2)(i): where the point has no name, that of its cRLIssuer counts.
    let town = IndirectTown::new();
    let named = |name| indirect(&town.lister, vec![full_name(&[name])], Vec::new());
    assert!(town.status(named(directory("Lister"))).is_good());
    assert_eq!(
        town.problem(named(directory("Another"))),
        CrlProblem::Scope(ScopeMismatch::DistributionPoint)
    );
}

#[test]
fn a_direct_list_does_not_speak_for_other_issuers() {
    let town = IndirectTown::new();
    assert_eq!(
        town.problem(town.lister.crl(|_| {})),
        CrlProblem::Scope(ScopeMismatch::NotIndirect)
    );
}

#[test]
fn an_indirect_list_is_used_only_where_the_certificate_says_so() {
    let root = Holder::root("Root");
    let says = Says {
        key_usage: Some(CRL_SIGN),
        ..Says::end_entity(3)
    };
    let lister = root.certify("Lister", &says);
    let end_entity = root.end_entity();
    let entries = vec![entry(&[SERIAL], &[certificate_issuer("Root")])];
    let evidence = lists(&[indirect(&lister, Vec::new(), entries)]);
    let pool = [lister.certificate.clone()];
    let path = root.path(&end_entity);
    let status = status_with(&path, &evidence, &pool, FreshnessPolicy::at(now()));
    assert!(matches!(
        obstacles(status).as_slice(),
        [UndeterminedReason::NoEvidence { .. }]
    ));
}
