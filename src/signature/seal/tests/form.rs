//! What is read of a seal, and which forms are refused.

use super::People;
use super::VERSIONS;
use super::is_whole;
use super::places;
use super::seal;
use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::pki::der;
use crate::signature::cms::fixtures::octets;
use crate::signature::cms::fixtures::oid;
use crate::signature::cms::fixtures::sequence;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::PictureFacts;
use crate::signature::seal::error::SealError;
use crate::signature::seal::fixtures::Listed;
use crate::signature::seal::fixtures::bits;
use crate::signature::seal::fixtures::generalized;
use crate::signature::seal::fixtures::utc;
use crate::signature::seal::parse::SealSignature;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn a_seal_of_each_version_is_read() {
    let people = People::new();
    for version in VERSIONS {
        let facts = people.facts(&people.good(version));
        assert!(is_whole(&facts), "{version}: {facts:?}");
        assert!(facts.faults.is_empty(), "{:?}", facts.faults);
        assert_eq!(facts.format, "SES");
        assert_eq!(facts.coverage, ContentCoverage::Detached);
        assert_eq!(facts.algorithm.name, "SM2-SM3");
        assert_eq!(facts.digest, Some(DigestAlgorithm::Sm3));
        assert_eq!(facts.reference, CertificateReference::Matches);
        assert_eq!(facts.signer.as_ref(), Some(&people.signer.certificate));
        assert_eq!(facts.claimed_at, Some(at("2026-06-01T00:00:00Z")));
        let seal = seal(&facts);
        assert_eq!(seal.version, u32::from(version));
        assert_eq!(seal.id, "44190000000001");
        assert_eq!(seal.vendor, "YINXIN");
        assert_eq!(seal.name, "某公司公章");
        assert_eq!(seal.kind, 1);
        assert_eq!(seal.maker.as_ref(), Some(&people.maker.certificate));
        assert_eq!(seal.created_at, at("2025-01-01T00:00:00Z"));
        assert_eq!(seal.valid_from, at("2025-01-01T00:00:00Z"));
        assert_eq!(seal.valid_until, at("2030-01-01T00:00:00Z"));
        let picture = PictureFacts {
            format: "PNG".to_owned(),
            size_bytes: 4,
            width_mm: 40,
            height_mm: 30,
        };
        assert_eq!(seal.picture, picture);
    }
}

#[test]
fn the_digest_that_is_needed_is_that_of_sm3() {
    let people = People::new();
    for version in VERSIONS {
        let der = people.der(&people.good(version));
        let needs = SealSignature::parse(&der).unwrap().needs();
        assert!(!needs.bytes);
        assert_eq!(Vec::from_iter(needs.digests), [DigestAlgorithm::Sm3]);
    }
}

#[test]
fn times_of_either_type_are_read() {
    let people = People::new();
    for version in VERSIONS {
        let mut parts = people.good(version);
        parts.times = [
            utc("240101000000Z"),
            generalized("20240201000000Z"),
            utc("300101000000Z"),
        ];
        let facts = people.facts(&parts);
        assert!(is_whole(&facts));
        assert_eq!(seal(&facts).created_at, at("2024-01-01T00:00:00Z"));
        assert_eq!(seal(&facts).valid_from, at("2024-02-01T00:00:00Z"));
    }
}

#[test]
fn times_that_are_none_are_refused() {
    let people = People::new();
    for (place, bad) in [
        generalized("20250101000000"),
        generalized("20250230000000Z"),
        utc("250101000000+0800"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut parts = people.good(4);
        parts.times[place] = bad;
        assert!(matches!(people.error(&parts), SealError::Time(_)));
    }
}

#[test]
fn text_in_place_of_the_time_of_version_1_is_read_as_beijing_time() {
    let people = People::new();
    let mut parts = people.good(1);
    parts.time = bits(b"2026-06-01 08:00:00");
    let facts = people.facts(&parts);
    assert_eq!(facts.claimed_at, Some(at("2026-06-01T00:00:00Z")));
    assert_eq!(places(&facts, FaultWeight::Irregular), ["timeInfo"]);

    parts.time = bits(b"in June");
    let facts = people.facts(&parts);
    assert_eq!(facts.claimed_at, None);
    assert_eq!(places(&facts, FaultWeight::Irregular), ["timeInfo"]);
}

#[test]
fn a_signer_may_be_listed_by_digest() {
    let people = People::new();
    for version in [4, 5] {
        let facts = people.facts(&people.good(version).listed_by_digest("SM3"));
        assert!(is_whole(&facts));
        assert_eq!(facts.reference, CertificateReference::Matches);

        let facts = people.facts(&people.good(version).listed_by_digest("SHA1"));
        assert!(!seal(&facts).signer_listed);
        assert_eq!(places(&facts, FaultWeight::Irregular), ["certList"]);
    }
}

#[test]
fn a_signer_who_is_not_listed_is_found_out() {
    let people = People::new();
    for version in VERSIONS {
        for listed in [Vec::new(), vec![people.maker.certificate.der().to_vec()]] {
            let mut parts = people.good(version);
            parts.listed = Listed::Certificates(listed);
            let facts = people.facts(&parts);
            assert!(!seal(&facts).signer_listed);
            let expected = match version {
                1 => CertificateReference::Matches,
                _ => CertificateReference::Absent,
            };
            assert_eq!(facts.reference, expected, "{version}");
        }
    }
}

#[test]
fn zeros_after_the_end_are_told_and_other_bytes_refused() {
    let people = People::new();
    for version in VERSIONS {
        let der = people.der(&people.good(version));
        let padded = [der.as_slice(), &[0; 7]].concat();
        let facts = super::facts_of(&padded);
        assert!(is_whole(&facts));
        assert_eq!(places(&facts, FaultWeight::Irregular), ["SES_Signature"]);
        for trailing in [&[1][..], &[0, 0, 1], &[5, 0]] {
            let trailed = [der.as_slice(), trailing].concat();
            assert!(SealSignature::parse(&trailed).is_err());
        }
    }
}

#[test]
fn versions_have_to_be_known_and_to_agree() {
    let people = People::new();
    let with = |signature: u8, header: u8| {
        let mut parts = people.good(signature);
        parts.versions = (signature, header);
        parts
    };
    for unknown in [0, 2, 3, 6] {
        for parts in [with(unknown, 4), with(4, unknown)] {
            let error = people.error(&parts);
            assert!(matches!(error, SealError::UnknownVersion(_)), "{error}");
        }
    }
    for (signature, header) in [(1, 4), (4, 1), (1, 5), (5, 1)] {
        let error = people.error(&with(signature, header));
        assert!(
            matches!(error, SealError::VersionMismatch { .. }),
            "{error}"
        );
    }
    for (signature, header) in [(4, 5), (5, 4)] {
        let facts = people.facts(&with(signature, header));
        assert!(is_whole(&facts));
        assert_eq!(places(&facts, FaultWeight::Irregular), ["header.version"]);
    }
}

#[test]
fn a_header_of_something_else_is_told() {
    let people = People::new();
    let mut parts = people.good(4);
    parts.header_id = "XX";
    let facts = people.facts(&parts);
    assert_eq!(places(&facts, FaultWeight::Irregular), ["header.ID"]);
}

#[test]
fn what_is_too_large_is_refused() {
    let people = People::new();
    let mut parts = people.good(4);
    parts.picture = vec![0; (8 << 20) + 1];
    assert!(matches!(people.error(&parts), SealError::TooLarge { .. }));

    let mut parts = people.good(4);
    parts.name = vec![b'a'; 5000];
    assert!(matches!(people.error(&parts), SealError::TooLarge { .. }));

    let mut parts = people.good(4);
    parts.listed = Listed::Certificates(vec![vec![0]; 1025]);
    assert!(matches!(people.error(&parts), SealError::TooLarge { .. }));
}

#[test]
fn a_name_that_is_no_text_is_refused() {
    let people = People::new();
    let mut parts = people.good(4);
    parts.name = vec![0xff, 0xfe];
    assert!(matches!(people.error(&parts), SealError::Text(_)));
}

#[test]
fn extensions_are_read_and_critical_ones_leave_all_undecided() {
    let people = People::new();
    let one = |critical: &[u8]| sequence(&[oid("1.2.3"), critical.to_vec(), octets(b"x")]);
    let tagged = |inner: &[u8]| der::encode(der::context_constructed(0), inner);
    let plain = one(&[]);
    for list in [
        tagged(&sequence(std::slice::from_ref(&plain))),
        tagged(&plain),
        sequence(std::slice::from_ref(&plain)),
    ] {
        let mut parts = people.good(4);
        (parts.extensions, parts.seal_extensions) = (list.clone(), list);
        let facts = people.facts(&parts);
        assert!(is_whole(&facts), "{facts:?}");
        let shown = facts.attributes.iter().filter(|one| one.value == "1.2.3");
        assert_eq!(shown.count(), 2);
    }
    let critical = one(&der::encode(der::BOOLEAN, &[0xff]));
    let mut parts = people.good(5);
    parts.extensions = tagged(&sequence(std::slice::from_ref(&critical)));
    let facts = people.facts(&parts);
    let unprocessed = places(&facts, FaultWeight::Unprocessed);
    assert_eq!(unprocessed, ["toSign.extDatas"]);

    let mut parts = people.good(1);
    parts.seal_extensions = sequence(&[critical]);
    let facts = people.facts(&parts);
    let unprocessed = places(&facts, FaultWeight::Unprocessed);
    assert_eq!(unprocessed, ["eSealInfo.extDatas"]);
}

#[test]
fn a_seal_of_version_5_alone_may_carry_a_timestamp() {
    let people = People::new();
    for version in VERSIONS {
        let mut parts = people.good(version);
        parts.seal_timestamp = Some(vec![1, 2, 3]);
        let der = people.der(&parts);
        match version {
            5 => {
                let facts = super::facts_of(&der);
                assert!(is_whole(&facts));
                let mut shown = facts.attributes.iter();
                assert!(shown.any(|one| one.name == "eseal.timeStamp"));
            }
            _ => assert!(SealSignature::parse(&der).is_err(), "{version}"),
        }
    }
}
