//! What holds whatever is accepted and whatever is offered.

use proptest::prelude::*;

use super::*;

/// Five CAs: two of one key with different rules, one cross-certified by another, one that demands
/// revocation evidence, one unrelated.
struct City {
    trust: TrustSet,
    end_entities: Vec<Certificate>,
    offered: Vec<Certificate>,
}

const CAS: [&str; 5] = ["a", "b", "c", "d", "e"];

fn city() -> City {
    let (shared, twin) = fixture::root_and_twin("Shared");
    let (strict, unrelated) = (fixture::root("Strict"), fixture::root("Unrelated"));
    let crossed = fixture::root("Crossed");
    let middle = fixture::intermediate(&crossed, &particulars("Middle"));
    let cross = fixture::issue_cross(&strict, middle.key(), &particulars("Middle"));
    let stores = [
        fixture::store(
            "a",
            &[shared.certificate()],
            "[usages.tax]\nekus = ['1.2.3']\n",
        ),
        fixture::store("b", &[&twin], ""),
        fixture::store("c", &[strict.certificate()], "revocation = 'required'"),
        fixture::store("d", &[crossed.certificate()], ""),
        fixture::store("e", &[unrelated.certificate()], ""),
    ];
    let signer = |ca, ekus: &[&str]| fixture::signer(ca, &particulars("Company"), ekus).0;
    City {
        trust: fixture::set(&stores),
        end_entities: vec![
            signer(&shared, &[TAX_EKU]),
            signer(&shared, &["1.2.3"]),
            signer(&middle, &[TAX_EKU]),
            signer(&strict, &[TAX_EKU]),
            signer(&fixture::root("Nobody"), &[TAX_EKU]),
        ],
        offered: vec![middle.certificate().clone(), cross, twin],
    }
}

fn chosen<T: Clone>(all: &[T], mask: u8) -> Vec<T> {
    let picked = all
        .iter()
        .enumerate()
        .filter(|(place, _)| mask & (1 << place) != 0);
    picked.map(|(_, item)| item.clone()).collect()
}

#[test]
fn accepting_more_cas_or_offering_more_certificates_never_loses_a_result() {
    let city = city();
    for end_entity in &city.end_entities {
        let verdict = |cas: u8, offered: u8| {
            let accepted = chosen(&CAS, cas);
            let offered = chosen(&city.offered, offered);
            outcome(&city.trust, &accepted, end_entity, &offered).indication
        };
        for cas in 0..32u8 {
            for offered in 0..8u8 {
                let before = verdict(cas, offered);
                for more in (0..5)
                    .map(|place| cas | (1 << place))
                    .filter(|more| *more != cas)
                {
                    assert!(verdict(more, offered) <= before, "{cas:05b} -> {more:05b}");
                }
                for more in (0..3).map(|place| offered | (1 << place)) {
                    assert!(verdict(cas, more) <= before, "{offered:03b} -> {more:03b}");
                }
            }
        }
        let none = verdict(0, 7);
        assert_eq!(
            none,
            Indication::Indeterminate,
            "a profile without rows accepts nothing"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_flipped_bit_in_a_certificate_never_passes(bit in 0usize..8 * 300) {
        let Plain { trust, end_entity, .. } = plain("");
        let mut der = end_entity.der().to_vec();
        let place = (bit / 8) % der.len();
        der[place] ^= 1 << (bit % 8);
        if let Ok(altered) = Certificate::parse_der(&der) {
            let outcome = outcome(&trust, &["a"], &altered, &[]);
            prop_assert_ne!(outcome.indication, Indication::TotalPassed);
        }
    }
}
