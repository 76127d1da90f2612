//! The security store grows, and keeps what it holds.

use crate::pki::issue::crl::CrlProfile;
use crate::pki::issue::crl::issue_crl;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::document;
use crate::signature::pdf::write::extend;
use crate::signature::pdf::write::tests::documents::Objects;
use crate::signature::pdf::write::tests::signers::Signer;
use crate::signature::pdf::write::tests::signers::at;
use crate::signature::pdf::write::tests::signers::ca;
use crate::signature::pdf::write::tests::signers::stamp;

fn crl(number: u64) -> Crl {
    let profile = CrlProfile {
        number,
        this_update: at("2026-03-01T00:00:00Z"),
        next_update: at("2026-04-01T00:00:00Z"),
        revoked: Vec::new(),
    };
    Crl::parse_der(issue_crl(&ca(), &profile).unwrap()).unwrap()
}

#[test]
fn what_is_there_stays_and_is_not_added_again() {
    let now = at("2026-03-02T00:00:00Z");
    let (first, second) = (Signer::new("p256"), Signer::new("rsa"));
    for file in [Objects::plain().table(""), Objects::plain().streams()] {
        let signed = first.sign(&file);
        let one = Evidence::new([crl(1)], []);
        let certificates = [first.certificate.clone()];
        let extended = extend(&signed, (&certificates, &one), now)
            .unwrap()
            .unwrap();
        assert_eq!(extended.get(..signed.len()), Some(signed.as_slice()));
        let again = extend(&extended, (&certificates, &one), now).unwrap();
        assert_eq!(again, None);

        let both = [first.certificate.clone(), second.certificate.clone()];
        let other = Evidence::new([crl(2)], []);
        let extended = extend(&extended, (&both, &other), now).unwrap().unwrap();
        let facts = document::read(&extended).unwrap();
        assert_eq!(facts.certificates, both);
        assert_eq!(facts.evidence.crls().len(), 2);
        assert_eq!(facts.left_out, Vec::<String>::new());
        let signature = &facts.signatures[0];
        let extent = signature.modifications.as_ref().unwrap().extent;
        assert_eq!(extent, ModificationExtent::Permitted);
        assert_eq!(signature.format, "PAdES-BASELINE-B");

        let stamped = stamp(&extended).unwrap();
        let facts = document::read(&stamped).unwrap();
        assert_eq!(facts.signatures[0].format, "PAdES-BASELINE-LTA");
    }
}
