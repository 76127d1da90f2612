//! OCSP responses: who may give them, and when they count.

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::revocation::check::RevocationChecker;
use crate::pki::revocation::check::fixtures::CERT_SIGN;
use crate::pki::revocation::check::fixtures::Holder;
use crate::pki::revocation::check::fixtures::Says;
use crate::pki::revocation::check::fixtures::answers;
use crate::pki::revocation::check::fixtures::at;
use crate::pki::revocation::check::fixtures::lists;
use crate::pki::revocation::check::fixtures::new_key;
use crate::pki::revocation::check::fixtures::now;
use crate::pki::revocation::check::fixtures::obstacles;
use crate::pki::revocation::check::fixtures::ocsp_problem;
use crate::pki::revocation::check::fixtures::status;
use crate::pki::revocation::check::fixtures::status_with;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::reason;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::evidence::ReceivedResponse;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::CertificateId;
use crate::pki::revocation::ocsp::Nonce;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::pki::revocation::ocsp::RefusalStatus;
use crate::pki::revocation::ocsp::ResponderError;
use crate::pki::revocation::ocsp::fixtures::ResponseParts;
use crate::pki::revocation::ocsp::fixtures::SingleParts;
use crate::pki::revocation::ocsp::fixtures::time;
use crate::pki::revocation::reason::RevocationReason;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::status::EvidenceKind;
use crate::pki::revocation::undetermined::OcspProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// The serial number of the responder's certificate.
const RESPONDER: u8 = 41;

struct Town {
    root: Holder,
    end_entity: Certificate,
}

impl Town {
    fn new() -> Self {
        let root = Holder::root("Root");
        let end_entity = root.end_entity();
        Self { root, end_entity }
    }

    fn id(&self) -> CertificateId {
        self.root.id(&self.end_entity)
    }

    /// An answer of the CA itself.
    fn by_ca(&self, single: SingleParts) -> BasicResponse {
        ResponseParts::good("Root", vec![single]).signed_by(&self.root.key)
    }

    fn status(&self, responses: &[BasicResponse]) -> CertificateStatus {
        status(&self.root.path(&self.end_entity), &answers(responses))
    }

    fn status_by_both(&self, response: BasicResponse, crl: Crl) -> CertificateStatus {
        let evidence = Evidence::new([crl], [OcspResponse::Basic(response).into()]);
        status(&self.root.path(&self.end_entity), &evidence)
    }
}

fn purposes(oids: &[&str]) -> Vec<u8> {
    let oids: Vec<Vec<u8>> = oids
        .iter()
        .map(|oid| Oid::parse(oid).unwrap().to_der())
        .collect();
    encode_extension(extension::EXTENDED_KEY_USAGE, false, &sequence(&oids))
}

fn no_check() -> Vec<u8> {
    encode_extension(extension::OCSP_NO_CHECK, false, &[5, 0])
}

/// A delegated responder without `id-pkix-ocsp-nocheck`.
fn answers_ocsp() -> Says<'static> {
    Says::end_entity(RESPONDER).with(purposes(&["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.9"]))
}

/// A good answer of `responder`, whose certificate is inside.
fn delegated(town: &Town, responder: &Holder) -> BasicResponse {
    ResponseParts::good(responder.name, vec![SingleParts::good(&town.id())])
        .with_certificate(&responder.certificate)
        .signed_by(&responder.key)
}

#[test]
fn the_ca_itself_may_answer() {
    let town = Town::new();
    let response = town.by_ca(SingleParts::good(&town.id()));
    let good = town.status(std::slice::from_ref(&response));
    let CertificateStatus::Good { evidence } = &good else {
        panic!("{good:#?}")
    };
    assert_eq!(evidence[0].kind, EvidenceKind::Ocsp);
    assert_eq!(evidence[0].sha256, response.sha256());
    assert_eq!(&evidence[0].issuer, town.root.certificate.subject());
    let revoked = town.status(&[town.by_ca(SingleParts::revoked(&town.id(), Some(4)))]);
    assert!(matches!(
        revoked,
        CertificateStatus::Revoked { reason: RevocationReason::Superseded, at: since, .. }
            if since == at("2029-06-01T00:00:00Z")
    ));
    let hold = town.status(&[town.by_ca(SingleParts::revoked(&town.id(), Some(6)))]);
    assert!(matches!(hold, CertificateStatus::OnHold { .. }));
    let unknown = town.status(&[town.by_ca(SingleParts::unknown(&town.id()))]);
    assert_eq!(ocsp_problem(unknown), OcspProblem::Unknown);
}

#[test]
fn a_certificate_never_issued_is_not_good() {
    // RFC 6960 §4.4.8: revoked, on hold, since 1970.
    let town = Town::new();
    let mut single = SingleParts::revoked(&town.id(), Some(6));
    let info = [
        time("19700101000000Z"),
        der::encode(
            der::context_constructed(0),
            &der::encode(der::ENUMERATED, &[6]),
        ),
    ];
    single.status = der::encode(der::context_constructed(1), &info.concat());
    let mut parts = ResponseParts::good("Root", vec![single]);
    parts.extensions = vec![encode_extension("1.3.6.1.5.5.7.48.1.9", false, &[5, 0])];
    let status = town.status(&[parts.signed_by(&town.root.key)]);
    assert!(
        matches!(status, CertificateStatus::OnHold { since, .. } if since.as_unix_seconds() == 0)
    );
}

#[test]
fn an_answer_is_about_one_certificate() {
    let town = Town::new();
    let key = town.root.key.public_key();
    for algorithm in [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
        DigestAlgorithm::Sm3,
    ] {
        let id = CertificateId::new(&town.end_entity, key, algorithm);
        assert!(town.status(&[town.by_ca(SingleParts::good(&id))]).is_good());
    }
    let other_serial = town.root.certify("Other", &Says::end_entity(8)).certificate;
    let other_issuer = Holder::root("Another").id(&town.end_entity);
    for id in [town.root.id(&other_serial), other_issuer] {
        let why = obstacles(town.status(&[town.by_ca(SingleParts::good(&id))]));
        assert!(matches!(
            why.as_slice(),
            [UndeterminedReason::NoEvidence { .. }]
        ));
    }
    // Among several answers the right one is found.
    let singles = vec![
        SingleParts::revoked(&town.root.id(&other_serial), None),
        SingleParts::good(&town.id()),
    ];
    let response = ResponseParts::good("Root", singles).signed_by(&town.root.key);
    assert!(town.status(&[response]).is_good());
}

#[test]
fn signatures_are_of_the_responder() {
    let town = Town::new();
    let forge = |key: &SigningKey| {
        ResponseParts::good("Root", vec![SingleParts::good(&town.id())]).signed_by(key)
    };
    let wrong = town.status(&[forge(&new_key())]);
    assert_eq!(ocsp_problem(wrong), OcspProblem::BadSignature);
    let mut parts = ResponseParts::good("Root", vec![SingleParts::good(&town.id())]);
    parts.algorithm = sequence(&[vec![6, 2, 0x2a, 3]]);
    let unknown = town.status(&[parts.signed_by(&town.root.key)]);
    assert!(matches!(
        ocsp_problem(unknown),
        OcspProblem::SignatureNotComputed(_)
    ));
    let parts = ResponseParts::good("Nobody", vec![SingleParts::good(&town.id())]);
    let nobody = town.status(&[parts.signed_by(&town.root.key)]);
    assert_eq!(ocsp_problem(nobody), OcspProblem::NoResponder);
}

#[test]
fn a_delegate_may_answer() {
    let town = Town::new();
    let responder = town
        .root
        .certify("Responder", &answers_ocsp().with(no_check()));
    let good = town.status(&[delegated(&town, &responder)]);
    assert!(good.is_good());
    assert_eq!(good.evidence()[0].issuer.to_string(), "CN=Responder");
}

#[test]
fn a_delegate_is_authorised_for_that() {
    let town = Town::new();
    let refusal = |says: Says<'_>| {
        let responder = town.root.certify("Responder", &says.with(no_check()));
        match ocsp_problem(town.status(&[delegated(&town, &responder)])) {
            OcspProblem::Unauthorised(error) => error,
            problem => panic!("{problem}"),
        }
    };
    let plain = || Says::end_entity(RESPONDER);
    assert_eq!(refusal(plain()), ResponderError::NotForOcsp);
    // anyExtendedKeyUsage is not it.
    let any = plain().with(purposes(&["2.5.29.37.0"]));
    assert_eq!(refusal(any), ResponderError::NotForOcsp);
    let usage = Says {
        key_usage: Some(CERT_SIGN),
        ..answers_ocsp()
    };
    assert_eq!(refusal(usage), ResponderError::KeyUsage);
    let expired = Says {
        not_after: b"291231235959Z",
        ..answers_ocsp()
    };
    assert_eq!(refusal(expired), ResponderError::NotValid { at: now() });
    let unknown = answers_ocsp().with(encode_extension("1.2.3", true, b"x"));
    assert_eq!(refusal(unknown), ResponderError::UnknownCriticalExtension);
    // Without key usage nothing is forbidden.
    let free = Says {
        key_usage: None,
        ..answers_ocsp()
    };
    let responder = town.root.certify("Responder", &free.with(no_check()));
    assert!(town.status(&[delegated(&town, &responder)]).is_good());
}

#[test]
fn a_delegate_is_certified_by_the_issuer_itself() {
    let town = Town::new();
    let says = answers_ocsp().with(no_check());
    let impostor = Holder::root("Root").certify("Responder", &says);
    let elsewhere = Holder::root("Another").certify("Responder", &says);
    let ca = town.root.certify("CA", &Says::ca(3));
    let below = ca.certify("Responder", &says);
    for responder in [impostor, elsewhere, below] {
        let problem = ocsp_problem(town.status(&[delegated(&town, &responder)]));
        assert_eq!(
            problem,
            OcspProblem::Unauthorised(ResponderError::NotIssuedByCa)
        );
    }
    // A good certificate, and somebody else's signature.
    let responder = town.root.certify("Responder", &says);
    let forged = Holder {
        key: new_key(),
        ..responder
    };
    let problem = ocsp_problem(town.status(&[delegated(&town, &forged)]));
    assert_eq!(problem, OcspProblem::BadSignature);
}

#[test]
fn a_delegate_without_nocheck_is_checked() {
    let town = Town::new();
    let responder = town.root.certify("Responder", &answers_ocsp());
    let response = || delegated(&town, &responder);
    let unchecked = town.status(&[response()]);
    assert_eq!(ocsp_problem(unchecked), OcspProblem::ResponderUndetermined);
    assert!(
        town.status_by_both(response(), town.root.crl(|_| {}))
            .is_good()
    );
    // The list clears the certificate in question as well, so make it say nothing about that.
    let of_responder = |entries: Vec<Vec<u8>>| {
        town.root.crl(|parts| {
            parts.entries = Some(entries);
        })
    };
    let revoking = of_responder(vec![entry(&[RESPONDER], &[])]);
    let accusing = ResponseParts::good("Responder", vec![SingleParts::revoked(&town.id(), None)])
        .with_certificate(&responder.certificate)
        .signed_by(&responder.key);
    // A revoked responder's accusation does not count against the CA's own list.
    assert!(town.status_by_both(accusing, revoking).is_good());
    let accusing = ResponseParts::good("Responder", vec![SingleParts::revoked(&town.id(), None)])
        .with_certificate(&responder.certificate)
        .signed_by(&responder.key);
    let status = town.status_by_both(accusing, town.root.crl(|_| {}));
    assert!(matches!(status, CertificateStatus::Revoked { .. }));
}

#[test]
fn an_ocsp_answer_does_not_clear_its_own_responder() {
    let town = Town::new();
    let responder = town.root.certify("Responder", &answers_ocsp());
    let singles = vec![
        SingleParts::good(&town.id()),
        SingleParts::good(&town.root.id(&responder.certificate)),
    ];
    let response = ResponseParts::good("Responder", singles)
        .with_certificate(&responder.certificate)
        .signed_by(&responder.key);
    let problem = ocsp_problem(town.status(&[response]));
    assert_eq!(problem, OcspProblem::ResponderUndetermined);
}

#[test]
fn revoked_by_either_is_revoked() {
    let town = Town::new();
    let good = || town.by_ca(SingleParts::good(&town.id()));
    let accusing = || town.by_ca(SingleParts::revoked(&town.id(), None));
    let clear = || town.root.crl(|_| {});
    let listing = |code| town.root.crl_listing(&[reason(code)]);
    assert!(town.status_by_both(good(), clear()).is_good());
    for status in [
        town.status_by_both(good(), listing(1)),
        town.status_by_both(accusing(), clear()),
        town.status_by_both(accusing(), listing(6)),
        town.status(&[good(), accusing()]),
    ] {
        assert!(matches!(status, CertificateStatus::Revoked { .. }));
    }
    let held = town.status_by_both(good(), listing(6));
    assert!(matches!(held, CertificateStatus::OnHold { .. }));
    // Who does not know does not contradict who does.
    let unknown = town.by_ca(SingleParts::unknown(&town.id()));
    assert!(town.status_by_both(unknown, clear()).is_good());
}

#[test]
fn a_later_answer_ends_a_hold() {
    let town = Town::new();
    let hold = || SingleParts::revoked(&town.id(), Some(6));
    let later = |single| SingleParts {
        this_update: time("20300102000000Z"),
        ..single
    };
    let good = || SingleParts::good(&town.id());
    let ended = town.status(&[town.by_ca(hold()), town.by_ca(later(good()))]);
    assert!(ended.is_good());
    let begun = town.status(&[town.by_ca(good()), town.by_ca(later(hold()))]);
    assert!(matches!(begun, CertificateStatus::OnHold { .. }));
    let at_once = town.status(&[town.by_ca(good()), town.by_ca(hold())]);
    assert!(matches!(at_once, CertificateStatus::OnHold { .. }));
}

#[test]
fn answers_have_their_time() {
    let town = Town::new();
    let path = town.root.path(&town.end_entity);
    let judged = |response: BasicResponse, time: &str| {
        status_with(
            &path,
            &answers(&[response]),
            &[],
            FreshnessPolicy::at(at(time)),
        )
    };
    let good = || SingleParts::good(&town.id());
    assert!(judged(town.by_ca(good()), "2030-01-08T00:00:00Z").is_good());
    let why = obstacles(judged(town.by_ca(good()), "2030-01-08T00:00:01Z"));
    assert!(matches!(
        why.as_slice(),
        [UndeterminedReason::Stale { would_be }] if would_be.is_good()
    ));
    let early = ocsp_problem(judged(town.by_ca(good()), "2029-12-31T00:00:00Z"));
    assert!(matches!(early, OcspProblem::NotYetValid { .. }));
    let endless = || {
        let mut single = good();
        single.next_update = None;
        town.by_ca(single)
    };
    assert!(judged(endless(), "2030-01-02T00:00:00Z").is_good());
    assert!(!judged(endless(), "2030-01-02T00:00:01Z").is_determined());
    let mut parts = ResponseParts::good("Root", vec![good()]);
    parts.produced_at = time("20300201000000Z");
    let produced_later = parts.signed_by(&town.root.key);
    let problem = ocsp_problem(judged(produced_later, "2030-01-03T00:00:00Z"));
    assert_eq!(
        problem,
        OcspProblem::NotYetValid {
            at: at("2030-02-01T00:00:00Z")
        }
    );
}

#[test]
fn unknown_critical_extensions_refuse() {
    let town = Town::new();
    let unknown = || vec![encode_extension("1.2.3", true, b"x")];
    let mut single = SingleParts::good(&town.id());
    single.extensions = unknown();
    let in_answer = town.by_ca(single);
    let mut parts = ResponseParts::good("Root", vec![SingleParts::good(&town.id())]);
    parts.extensions = unknown();
    let in_response = parts.signed_by(&town.root.key);
    for response in [in_answer, in_response] {
        let problem = ocsp_problem(town.status(&[response]));
        assert!(matches!(problem, OcspProblem::UnknownCriticalExtension(oid) if oid == "1.2.3"));
    }
}

#[test]
fn a_nonce_that_was_sent_comes_back() {
    let town = Town::new();
    let path = town.root.path(&town.end_entity);
    let nonce = Nonce([5; 32]);
    let answer = |sent: &Nonce| {
        let mut parts = ResponseParts::good("Root", vec![SingleParts::good(&town.id())]);
        let value = der::encode(der::OCTET_STRING, &sent.0);
        parts.extensions = vec![encode_extension("1.3.6.1.5.5.7.48.1.2", false, &value)];
        parts.signed_by(&town.root.key)
    };
    let judged = |response: BasicResponse| {
        let received = ReceivedResponse {
            response: OcspResponse::Basic(response),
            nonce: Some(nonce),
        };
        status(&path, &Evidence::new([], [received]))
    };
    assert!(judged(answer(&nonce)).is_good());
    let plain = town.by_ca(SingleParts::good(&town.id()));
    for response in [answer(&Nonce([6; 32])), plain] {
        assert_eq!(ocsp_problem(judged(response)), OcspProblem::Nonce);
    }
}

#[test]
fn refusals_are_told_where_nothing_else_is_known() {
    let town = Town::new();
    let path = town.root.path(&town.end_entity);
    let refused = || ReceivedResponse::from(OcspResponse::Refusal(RefusalStatus::TryLater));
    let why = obstacles(status(&path, &Evidence::new([], [refused()])));
    assert!(matches!(
        why.as_slice(),
        [
            UndeterminedReason::NoEvidence { .. },
            UndeterminedReason::OcspRefused(RefusalStatus::TryLater)
        ]
    ));
    let evidence = Evidence::new([town.root.crl(|_| {})], [refused()]);
    assert!(status(&path, &evidence).is_good());
}

#[test]
fn evidence_may_come_from_several_places() {
    let town = Town::new();
    let path = town.root.path(&town.end_entity);
    let stored = lists(&[town.root.crl(|_| {})]);
    let brought = answers(&[town.by_ca(SingleParts::revoked(&town.id(), None))]);
    let policy = FreshnessPolicy::at(now());
    for sets in [[&stored, &brought], [&brought, &stored]] {
        let status = RevocationChecker::new(&sets, &[], policy)
            .check(&path)
            .remove(0);
        assert!(matches!(status, CertificateStatus::Revoked { .. }));
    }
}
