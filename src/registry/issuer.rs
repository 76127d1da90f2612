//! The issuer register: who may issue which type of credential, for which region, from when to when.
//!
//! A certificate says who signed; only this register says that the signer had the authority. What is not
//! listed is not authorised, whatever CA vouches for the certificate.

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::identifier::uscc::Uscc;
use crate::registry::department::DepartmentId;
use crate::validation::trust_store::CaId;

/// One line of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerEntry {
    /// The line's name.
    pub id: String,
    /// On whose behalf.
    pub department: DepartmentId,
    /// How its certificates are known.
    pub identity: IssuerIdentity,
    /// The `iss` that its credentials may carry; absent: they carry none.
    pub iss: Option<String>,
    /// The credential type that it may issue.
    pub vct: String,
    /// For companies of which regions: GB/T 2260 codes of six digits. A code ending in `00` or `0000`
    /// covers the regions below it.
    pub regions: Vec<String>,
    /// Authorised from this time on.
    pub valid_from: Timestamp,
    /// Not authorised from this time on; absent: until further notice.
    pub valid_until: Option<Timestamp>,
}

/// By what an issuer's certificates are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerIdentity {
    /// Any certificate of this CA whose subject has this code, so that the issuer may renew its key.
    CaAndSubject {
        /// The CA.
        ca: CaId,
        /// The subject's code.
        uscc: Uscc,
    },
    /// This very key: SHA-256 of its `SubjectPublicKeyInfo`.
    Spki(Sha256),
}

/// Who signed a credential, as established from its validated certificate, and what the credential says
/// of its issuer.
#[derive(Debug, Clone, Copy)]
pub struct PresentedIssuer<'a> {
    /// SHA-256 of the certificate's `SubjectPublicKeyInfo`.
    pub spki: &'a Sha256,
    /// The CA to whose anchor its path leads, if any.
    pub ca: Option<&'a CaId>,
    /// The code in its subject, taken from where this CA puts it and verified, if any.
    pub uscc: Option<&'a Uscc>,
    /// The credential's `iss`, if it has one.
    pub iss: Option<&'a str>,
}

/// Why the register does not authorise an issuance. Ordered from the least to the most that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum IssuerRefusal {
    /// No line knows this certificate.
    #[error("the issuer is not in the issuer register")]
    NotListed,
    /// The certificate is known, but not under the name that the credential gives.
    #[error("the credential names an issuer that its certificate does not belong to")]
    OtherName,
    /// Not for this type of credential.
    #[error("the issuer is not authorised for this type of credential")]
    OtherType,
    /// Not for companies of this region.
    #[error("the issuer is not authorised for this region")]
    OtherRegion,
    /// Not at this time.
    #[error("the issuer was not authorised at that time")]
    OtherTime,
}

impl IssuerIdentity {
    fn fits(&self, presented: &PresentedIssuer<'_>) -> bool {
        match self {
            Self::Spki(spki) => spki == presented.spki,
            Self::CaAndSubject { ca, uscc } => {
                presented.ca == Some(ca) && presented.uscc == Some(uscc)
            }
        }
    }
}

impl IssuerIdentity {
    /// Whether this is a line about that very key, whatever its certificate says.
    #[must_use]
    pub fn is_key(&self, spki: &Sha256) -> bool {
        matches!(self, Self::Spki(listed) if listed == spki)
    }
}

impl IssuerEntry {
    /// Whether this line authorises credentials of type `vct` for a company of `region` at `at`.
    #[must_use]
    pub fn authorises(&self, vct: &str, region: &str, at: Timestamp) -> bool {
        self.judge(vct, region, at).is_ok()
    }

    fn judge(&self, vct: &str, region: &str, at: Timestamp) -> Result<(), IssuerRefusal> {
        if self.vct != vct {
            return Err(IssuerRefusal::OtherType);
        }
        if !self.regions.iter().any(|listed| covers(listed, region)) {
            return Err(IssuerRefusal::OtherRegion);
        }
        let ended = self.valid_until.is_some_and(|until| until <= at);
        if at < self.valid_from || ended {
            return Err(IssuerRefusal::OtherTime);
        }
        Ok(())
    }

    /// `iss` is a claim: it must be the one that the register ties to this certificate, or be absent.
    fn allows_name(&self, iss: Option<&str>) -> bool {
        iss.is_none_or(|iss| self.iss.as_deref() == Some(iss))
    }
}

/// Finds the line that authorises `presented` to issue `vct` for a company of `region` at `at`.
///
/// # Errors
/// [`IssuerRefusal`] of the line that came nearest.
pub fn lookup<'a>(
    entries: &'a [IssuerEntry],
    presented: &PresentedIssuer<'_>,
    vct: &str,
    region: &str,
    at: Timestamp,
) -> Result<&'a IssuerEntry, IssuerRefusal> {
    let mut nearest = IssuerRefusal::NotListed;
    for entry in entries
        .iter()
        .filter(|entry| entry.identity.fits(presented))
    {
        let judged = if entry.allows_name(presented.iss) {
            entry.judge(vct, region, at)
        } else {
            Err(IssuerRefusal::OtherName)
        };
        match judged {
            Ok(()) => return Ok(entry),
            Err(refusal) => nearest = nearest.max(refusal),
        }
    }
    Err(nearest)
}

/// Whether the GB/T 2260 code `listed` is `region`, or stands above it: `440000` (a province) above
/// `441900` (a city) above its counties. Anything but six digits covers nothing, nor does `000000`.
fn covers(listed: &str, region: &str) -> bool {
    let shaped = |code: &str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if !shaped(listed) || !shaped(region) {
        return false;
    }
    let stem = listed
        .strip_suffix("0000")
        .or_else(|| listed.strip_suffix("00"))
        .unwrap_or(listed);
    stem != "00" && region.starts_with(stem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VCT: &str = "https://example.org/vct/business-registration/v1";
    const OWN_KEY: Sha256 = Sha256([1; 32]);
    const OTHER_KEY: Sha256 = Sha256([2; 32]);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    fn entry() -> IssuerEntry {
        IssuerEntry {
            id: "dongguan-market-regulation".to_owned(),
            department: DepartmentId::MARKET_REGULATION,
            identity: IssuerIdentity::Spki(OWN_KEY),
            iss: Some("https://issuer.example.org".to_owned()),
            vct: VCT.to_owned(),
            regions: vec!["441900".to_owned()],
            valid_from: at(100),
            valid_until: Some(at(200)),
        }
    }

    fn presented(spki: &Sha256) -> PresentedIssuer<'_> {
        PresentedIssuer {
            spki,
            ca: None,
            uscc: None,
            iss: None,
        }
    }

    #[test]
    fn authorises_what_it_lists_and_nothing_else() {
        let entries = [entry()];
        let own = presented(&OWN_KEY);
        assert!(lookup(&entries, &own, VCT, "441900", at(100)).is_ok());
        assert!(lookup(&entries, &own, VCT, "441900", at(199)).is_ok());
        for (presented, vct, region, time, expected) in [
            (
                presented(&OTHER_KEY),
                VCT,
                "441900",
                150,
                IssuerRefusal::NotListed,
            ),
            (
                own,
                "https://example.org/vct/tax-registration/v1",
                "441900",
                150,
                IssuerRefusal::OtherType,
            ),
            (own, VCT, "440300", 150, IssuerRefusal::OtherRegion),
            (own, VCT, "441900", 99, IssuerRefusal::OtherTime),
            (own, VCT, "441900", 200, IssuerRefusal::OtherTime),
        ] {
            let found = lookup(&entries, &presented, vct, region, at(time));
            assert_eq!(found.unwrap_err(), expected);
        }
        assert_eq!(
            lookup(&[], &own, VCT, "441900", at(150)).unwrap_err(),
            IssuerRefusal::NotListed
        );
    }

    #[test]
    fn a_subject_counts_only_under_the_ca_that_vouches_for_it() {
        let (city, other) = (CaId::parse("city").unwrap(), CaId::parse("other").unwrap());
        let uscc = Uscc::parse("11100000MB0143028R").unwrap();
        let company = Uscc::parse("91441900557262083U").unwrap();
        let identity = IssuerIdentity::CaAndSubject {
            ca: city.clone(),
            uscc: uscc.clone(),
        };
        let entries = [IssuerEntry {
            identity,
            ..entry()
        }];
        let ask = |ca, uscc| {
            let presented = PresentedIssuer {
                spki: &OTHER_KEY,
                ca,
                uscc,
                iss: None,
            };
            lookup(&entries, &presented, VCT, "441900", at(150)).is_ok()
        };
        assert!(ask(Some(&city), Some(&uscc)));
        assert!(!ask(Some(&other), Some(&uscc)), "another CA");
        assert!(!ask(None, Some(&uscc)), "no CA at all");
        assert!(
            !ask(Some(&city), Some(&company)),
            "a company's own certificate"
        );
        assert!(!ask(Some(&city), None), "no code in the subject");
    }

    #[test]
    fn a_name_in_the_credential_must_be_the_registered_one() {
        let ask = |entry: &IssuerEntry, iss| {
            let presented = PresentedIssuer {
                iss,
                ..presented(&OWN_KEY)
            };
            lookup(
                std::slice::from_ref(entry),
                &presented,
                VCT,
                "441900",
                at(150),
            )
            .map(|_| ())
            .err()
        };
        let named = entry();
        let unnamed = IssuerEntry {
            iss: None,
            ..entry()
        };
        assert_eq!(ask(&named, None), None);
        assert_eq!(ask(&named, Some("https://issuer.example.org")), None);
        assert_eq!(
            ask(&named, Some("https://evil.example.org")),
            Some(IssuerRefusal::OtherName)
        );
        assert_eq!(ask(&unnamed, None), None);
        assert_eq!(
            ask(&unnamed, Some("https://issuer.example.org")),
            Some(IssuerRefusal::OtherName)
        );
    }

    #[test]
    fn the_nearest_refusal_is_told() {
        let entries = [
            IssuerEntry {
                vct: "other".to_owned(),
                ..entry()
            },
            IssuerEntry {
                valid_from: at(180),
                ..entry()
            },
            IssuerEntry {
                regions: vec![],
                ..entry()
            },
        ];
        let found = lookup(&entries, &presented(&OWN_KEY), VCT, "441900", at(150));
        assert_eq!(found.unwrap_err(), IssuerRefusal::OtherTime);
    }

    #[test]
    fn a_region_covers_itself_and_what_lies_below() {
        for (listed, region, expected) in [
            ("441900", "441900", true),
            ("440000", "441900", true),
            ("440300", "440304", true),
            ("440304", "440300", false),
            ("440300", "441900", false),
            ("000000", "441900", false),
            ("", "441900", false),
            ("44", "441900", false),
            ("441900", "", false),
            ("4419000", "4419000", false),
            ("44190x", "44190x", false),
        ] {
            assert_eq!(covers(listed, region), expected, "{listed} {region}");
        }
    }

    proptest! {
        #[test]
        fn removing_a_line_never_authorises_more(keep in prop::collection::vec(any::<bool>(), 4), time in 0i64..300) {
            let all = [
                entry(),
                IssuerEntry { valid_until: None, ..entry() },
                IssuerEntry { regions: vec!["440000".to_owned()], ..entry() },
                IssuerEntry { identity: IssuerIdentity::Spki(OTHER_KEY), ..entry() },
            ];
            let fewer: Vec<_> = all.iter().zip(keep).filter(|(_, keep)| *keep).map(|(entry, _)| entry.clone()).collect();
            let own = presented(&OWN_KEY);
            if lookup(&fewer, &own, VCT, "441900", at(time)).is_ok() {
                prop_assert!(lookup(&all, &own, VCT, "441900", at(time)).is_ok());
            }
        }
    }
}
