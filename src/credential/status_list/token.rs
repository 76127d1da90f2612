//! The signed form of a status list (draft-ietf-oauth-status-list-21 §5.1) and its check (§8.3).

use crate::clock::Timestamp;
use crate::credential::status_list::StatusBits;
use crate::credential::status_list::StatusList;
use crate::credential::status_list::StatusValue;
use crate::credential::status_list::error::SignerProblem;
use crate::credential::status_list::error::StatusListError;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::pki::certificate::Certificate;
use crate::signature::jose::compact;
use crate::signature::jose::compact::CompactJws;
use crate::signature::jose::error::excerpt;
use crate::signature::jose::sign;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// `typ` (§5.1).
const TYPE: &str = "statuslist+jwt";
/// How far a clock that issued a list may run ahead of ours.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(300);
/// The list is one long string.
const LIMITS: JsonLimits = JsonLimits {
    max_depth: 8,
    max_bytes: compact::MAX_BYTES,
    max_values: 256,
};

/// What a status list is published with.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// Where it is published; the `uri` of the credentials in it.
    pub uri: &'a str,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`, which ours always have.
    pub expires_at: Timestamp,
    /// `ttl`, in seconds: for how long a copy may be kept.
    pub ttl_seconds: u32,
}

/// Signs `list`; `x5c` begins with the certificate of `key`.
///
/// # Errors
/// [`StatusListError::Jws`] when signing fails.
pub fn encode(
    list: &StatusList,
    publication: Publication<'_>,
    key: &SigningKey,
    x5c: &[Certificate],
) -> Result<String, StatusListError> {
    let payload = json!({
        "exp": publication.expires_at.as_unix_seconds(),
        "iat": publication.issued_at.as_unix_seconds(),
        "status_list": {"bits": list.bits().as_u8(), "lst": list.pack()?},
        "sub": publication.uri,
        "ttl": publication.ttl_seconds,
    });
    sign::sign_compact(key, sign::x5c(x5c).as_slice(), &payload).map_err(StatusListError::Jws)
}

/// Who has to have signed a list, and what for.
#[derive(Clone, Copy, Debug)]
pub struct StatusCheck<'a> {
    /// `uri` of the credential.
    pub expected_uri: &'a str,
    /// The certificate that signed the credential, accepted already.
    pub issuer: &'a Certificate,
    /// The CA certificate that signed `issuer`, from its validated path. `None`: only the issuer's own
    /// key may sign.
    pub issuer_ca: Option<&'a Certificate>,
    /// The time of the check.
    pub at: Timestamp,
}

/// A status list token whose form is checked; [`StatusListToken::check`] says whether it counts.
#[derive(Clone, Debug)]
pub struct StatusListToken {
    jws: CompactJws,
    uri: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
    ttl_seconds: Option<u64>,
    list: StatusList,
}

impl StatusListToken {
    /// Reads a token and decompresses its list. `exp`, which the draft recommends, is required: a list
    /// without end would keep a revoked credential alive for whoever serves an old copy.
    ///
    /// # Errors
    /// [`StatusListError`] names the part and what is wrong with it.
    pub fn parse(jwt: &str) -> Result<Self, StatusListError> {
        let jws = CompactJws::parse(jwt).map_err(StatusListError::Jws)?;
        if jws.typ() != Some(TYPE) {
            return Err(StatusListError::Type {
                found: jws.typ().map_or_else(|| "missing".to_owned(), excerpt),
            });
        }
        let payload = json::parse(jws.payload(), LIMITS).map_err(StatusListError::PayloadJson)?;
        let Value::Object(claims) = payload else {
            return Err(wrong("payload", "an object"));
        };
        let uri = claims.get("sub").and_then(Value::as_str);
        Ok(Self {
            uri: uri.ok_or(wrong("sub", "a string"))?.to_owned(),
            issued_at: time(&claims, "iat")?,
            expires_at: time(&claims, "exp")?,
            ttl_seconds: ttl(&claims)?,
            list: list(&claims)?,
            jws,
        })
    }

    /// The address that it is published at.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Whether the list counts for the credentials of an issuer: it is about that URI, of this time, and
    /// signed with the issuer's key or by a certificate that the issuer's CA issued for status lists.
    /// The latter is not checked for revocation: it lives no longer than the CA lets it.
    ///
    /// # Errors
    /// [`StatusListError`] says why not.
    pub fn check(&self, check: &StatusCheck<'_>) -> Result<(), StatusListError> {
        if self.uri != check.expected_uri {
            return Err(StatusListError::Subject {
                expected: excerpt(check.expected_uri),
                found: excerpt(&self.uri),
            });
        }
        if self.issued_at > check.at.plus(MAX_CLOCK_SKEW) {
            return Err(StatusListError::NotYetValid {
                issued_at: self.issued_at,
                at: check.at,
            });
        }
        if self.expires_at <= check.at {
            return Err(StatusListError::Expired {
                expired_at: self.expires_at,
                at: check.at,
            });
        }
        let signer = match self.jws.x5c().first() {
            None => check.issuer,
            Some(signer) if same_key(signer, check.issuer) => check.issuer,
            Some(signer) => {
                accept_signer(signer, check)
                    .map_err(|problem| StatusListError::Signer { problem })?;
                signer
            }
        };
        let key = signer.public_key();
        let weakness =
            |algorithm: SignatureAlgorithm| algorithm.weakness(key.algorithm(), check.at);
        if self.jws.algorithm().and_then(weakness).is_some() {
            return Err(StatusListError::Signer {
                problem: SignerProblem::WeakAlgorithm,
            });
        }
        self.jws.verify(key).map_err(StatusListError::Signature)
    }

    /// The status at `index`.
    ///
    /// # Errors
    /// [`StatusListError::IndexOutOfRange`].
    pub fn value(&self, index: u64) -> Result<StatusValue, StatusListError> {
        let value = self.list.get(index);
        value
            .map(StatusValue::from_u8)
            .ok_or(StatusListError::IndexOutOfRange { index })
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Until when it counts.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// For how many seconds a copy may be kept. `None`: it says nothing.
    #[must_use]
    pub const fn ttl_seconds(&self) -> Option<u64> {
        self.ttl_seconds
    }

    /// The list itself.
    #[must_use]
    pub const fn list(&self) -> &StatusList {
        &self.list
    }
}

/// Reads a token, checks that it counts, and looks up `index`.
///
/// # Errors
/// As [`StatusListToken::parse`], [`StatusListToken::check`] and [`StatusListToken::value`].
pub fn parse_and_check(
    jwt: &str,
    check: &StatusCheck<'_>,
    index: u64,
) -> Result<StatusValue, StatusListError> {
    let token = StatusListToken::parse(jwt)?;
    token.check(check)?;
    token.value(index)
}

fn same_key(one: &Certificate, other: &Certificate) -> bool {
    one.public_key().sha256() == other.public_key().sha256()
}

fn accept_signer(signer: &Certificate, check: &StatusCheck<'_>) -> Result<(), SignerProblem> {
    let ca = check.issuer_ca.ok_or(SignerProblem::OtherCa)?;
    if !signer.issuer().matches(ca.subject()) {
        return Err(SignerProblem::OtherCa);
    }
    if check.at < signer.not_before() || check.at > signer.not_after() {
        return Err(SignerProblem::Validity);
    }
    let usages = signer.extended_key_usage().unwrap_or_default();
    let wanted = KeyPurpose::StatusList.eku();
    if !usages
        .iter()
        .any(|usage| wanted.is_some_and(|oid| *usage == oid))
    {
        return Err(SignerProblem::ExtendedKeyUsage);
    }
    let ca_key = ca.public_key();
    let is_strong = signer.signature_algorithm().is_some_and(|algorithm| {
        let weakness = algorithm.weakness(ca_key.algorithm(), check.at);
        weakness.is_none()
    });
    if is_strong && signer.verify_signature(ca_key).is_ok() {
        Ok(())
    } else {
        Err(SignerProblem::CertificateSignature)
    }
}

const fn wrong(name: &'static str, expected: &'static str) -> StatusListError {
    StatusListError::Claim { name, expected }
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Timestamp, StatusListError> {
    let seconds = claims.get(name).and_then(Value::as_i64);
    seconds
        .and_then(Timestamp::from_unix_seconds)
        .ok_or(wrong(name, "a time in whole seconds since 1970"))
}

fn ttl(claims: &Map<String, Value>) -> Result<Option<u64>, StatusListError> {
    let Some(value) = claims.get("ttl") else {
        return Ok(None);
    };
    let seconds = value.as_u64().filter(|seconds| *seconds > 0);
    seconds
        .map(Some)
        .ok_or(wrong("ttl", "a positive number of seconds"))
}

fn list(claims: &Map<String, Value>) -> Result<StatusList, StatusListError> {
    let Some(Value::Object(list)) = claims.get("status_list") else {
        return Err(wrong("status_list", "an object"));
    };
    let bits = list
        .get("bits")
        .and_then(Value::as_u64)
        .and_then(StatusBits::from_u64)
        .ok_or(wrong("status_list.bits", "1, 2, 4 or 8"))?;
    let lst = list
        .get("lst")
        .and_then(Value::as_str)
        .ok_or(wrong("status_list.lst", "a string"))?;
    StatusList::unpack(bits, lst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;
    use crate::secret::Secret;
    use rcgen::BasicConstraints;
    use rcgen::CertificateParams;
    use rcgen::DnType;
    use rcgen::ExtendedKeyUsagePurpose;
    use rcgen::IsCa;
    use rcgen::Issuer;
    use rcgen::KeyPair;

    const URI: &str = "https://yinxin.example/status/1";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    /// A CA with two certificates: the issuer's, and one for status lists.
    struct City {
        ca: Certificate,
        issuer_pkcs8: Secret<Vec<u8>>,
        issuer: Certificate,
        status_key: SigningKey,
        status: Certificate,
    }

    struct SubjectKey(Vec<u8>);

    impl rcgen::PublicKeyData for SubjectKey {
        fn der_bytes(&self) -> &[u8] {
            // The point of a P-256 key stands at the end of its SubjectPublicKeyInfo.
            &self.0[26..]
        }

        fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
            &rcgen::PKCS_ECDSA_P256_SHA256
        }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(2024, 1, 1);
        params.not_after = rcgen::date_time_ymd(2034, 1, 1);
        params
    }

    fn city(name: &str, eku: &[u64]) -> City {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_params = params(name);
        ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = ca_params.self_signed(&ca_key).unwrap();
        let ca = Certificate::parse_der(ca.der()).unwrap();
        let ca_issuer = Issuer::new(ca_params, ca_key);
        let end_entity = |name: &str, key: &SigningKey, eku: &[u64]| {
            let mut params = params(name);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(eku.to_vec())];
            let subject = SubjectKey(key.public_key().spki_der().to_vec());
            let certificate = params.signed_by(&subject, &ca_issuer).unwrap();
            Certificate::parse_der(certificate.der()).unwrap()
        };
        let (issuer_key, issuer_pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let status_key = SigningKey::generate(KeyPurpose::StatusList).unwrap().0;
        City {
            issuer: end_entity("issuer", &issuer_key, &[1, 3, 6, 1, 5, 5, 7, 3, 4]),
            status: end_entity("status", &status_key, eku),
            ca,
            issuer_pkcs8,
            status_key,
        }
    }

    fn status_city() -> City {
        city("City CA", &[1, 3, 6, 1, 5, 5, 7, 3, 30])
    }

    fn list() -> StatusList {
        let mut list = StatusList::new(100).unwrap();
        list.set(7, 1).unwrap();
        list.set(8, 2).unwrap();
        list.set(9, 3).unwrap();
        list
    }

    fn publication() -> Publication<'static> {
        Publication {
            uri: URI,
            issued_at: at(1_800_000_000),
            expires_at: at(1_800_086_400),
            ttl_seconds: 60,
        }
    }

    fn token(city: &City) -> String {
        let x5c = [city.status.clone()];
        encode(&list(), publication(), &city.status_key, &x5c).unwrap()
    }

    fn check(city: &City) -> StatusCheck<'_> {
        StatusCheck {
            expected_uri: URI,
            issuer: &city.issuer,
            issuer_ca: Some(&city.ca),
            at: at(1_800_000_100),
        }
    }

    /// A token with these claims, which nobody signed.
    fn unsigned(typ: &str, claims: &Value) -> String {
        let header = json!({"alg": "ES256", "typ": typ}).to_string();
        let encode = |text: &str| base64url::encode(text.as_bytes());
        format!("{}.{}.AAAA", encode(&header), encode(&claims.to_string()))
    }

    #[test]
    fn a_list_of_the_issuers_ca_counts_and_says_what_it_says() {
        let city = status_city();
        let jwt = token(&city);
        for (index, value) in [
            (0, StatusValue::Valid),
            (7, StatusValue::Invalid),
            (8, StatusValue::Suspended),
            (9, StatusValue::Other(3)),
        ] {
            assert_eq!(parse_and_check(&jwt, &check(&city), index).unwrap(), value);
        }
        let token = StatusListToken::parse(&jwt).unwrap();
        assert_eq!(token.ttl_seconds(), Some(60));
        assert_eq!(token.issued_at(), at(1_800_000_000));
        assert_eq!(token.list(), &list());
    }

    #[test]
    fn an_index_beyond_the_list_is_refused() {
        let city = status_city();
        let refused = parse_and_check(&token(&city), &check(&city), 100);
        assert!(matches!(
            refused,
            Err(StatusListError::IndexOutOfRange { index: 100 })
        ));
    }

    #[test]
    fn the_issuers_own_key_may_sign_with_or_without_certificate() {
        let city = status_city();
        // As another issuer's software would: the credential key signs the list too.
        let key = issuer_as_status_key(&city);
        for x5c in [vec![], vec![city.issuer.clone()]] {
            let jwt = encode(&list(), publication(), &key, &x5c).unwrap();
            let mut check = check(&city);
            check.issuer_ca = None;
            assert!(parse_and_check(&jwt, &check, 0).is_ok());
        }
    }

    /// The issuer's key under the purpose of status lists.
    fn issuer_as_status_key(city: &City) -> SigningKey {
        SigningKey::from_pkcs8(KeyPurpose::StatusList, city.issuer_pkcs8.expose()).unwrap()
    }

    #[test]
    fn another_uri_is_refused() {
        let city = status_city();
        let mut check = check(&city);
        check.expected_uri = "https://yinxin.example/status/2";
        let refused = parse_and_check(&token(&city), &check, 0);
        assert!(matches!(refused, Err(StatusListError::Subject { .. })));
    }

    #[test]
    fn lists_of_another_time_are_refused() {
        let city = status_city();
        let jwt = token(&city);
        let mut check = check(&city);
        check.at = at(1_800_086_400);
        assert!(matches!(
            parse_and_check(&jwt, &check, 0),
            Err(StatusListError::Expired { .. })
        ));
        check.at = at(1_800_000_000 - 301);
        assert!(matches!(
            parse_and_check(&jwt, &check, 0),
            Err(StatusListError::NotYetValid { .. })
        ));
    }

    #[test]
    fn a_certificate_without_the_key_usage_may_not_sign() {
        let city = city("City CA", &[1, 3, 6, 1, 5, 5, 7, 3, 4]);
        let refused = parse_and_check(&token(&city), &check(&city), 0);
        assert!(matches!(
            refused,
            Err(StatusListError::Signer {
                problem: SignerProblem::ExtendedKeyUsage
            })
        ));
    }

    #[test]
    fn another_ca_may_not_sign_even_under_the_same_name() {
        let ours = status_city();
        for (name, problem) in [
            ("Other CA", SignerProblem::OtherCa),
            ("City CA", SignerProblem::CertificateSignature),
        ] {
            let theirs = city(name, &[1, 3, 6, 1, 5, 5, 7, 3, 30]);
            match parse_and_check(&token(&theirs), &check(&ours), 0) {
                Err(StatusListError::Signer { problem: found }) => assert_eq!(found, problem),
                other => panic!("{other:?}"),
            }
        }
        let mut alone = check(&ours);
        alone.issuer_ca = None;
        assert!(matches!(
            parse_and_check(&token(&ours), &alone, 0),
            Err(StatusListError::Signer {
                problem: SignerProblem::OtherCa
            })
        ));
    }

    #[test]
    fn a_certificate_out_of_its_time_may_not_sign() {
        let city = status_city();
        let long = Publication {
            expires_at: at(2_100_000_000),
            ..publication()
        };
        let x5c = [city.status.clone()];
        let jwt = encode(&list(), long, &city.status_key, &x5c).unwrap();
        let mut check = check(&city);
        check.at = at(2_050_000_000);
        assert!(matches!(
            parse_and_check(&jwt, &check, 0),
            Err(StatusListError::Signer {
                problem: SignerProblem::Validity
            })
        ));
    }

    #[test]
    fn a_signature_of_another_key_is_refused() {
        let city = status_city();
        let other = SigningKey::generate(KeyPurpose::StatusList).unwrap().0;
        let jwt = encode(
            &list(),
            publication(),
            &other,
            std::slice::from_ref(&city.status),
        )
        .unwrap();
        assert!(matches!(
            parse_and_check(&jwt, &check(&city), 0),
            Err(StatusListError::Signature(_))
        ));
    }

    #[test]
    fn every_altered_claim_is_refused_by_name() {
        let good = || {
            json!({
                "sub": URI, "iat": 1, "exp": 2, "ttl": 3,
                "status_list": {"bits": 2, "lst": "eNo76fITAAPfAgc"},
            })
        };
        assert!(StatusListToken::parse(&unsigned(TYPE, &good())).is_ok());
        for (name, claims) in [
            ("sub", json!({"sub": 1})),
            ("iat", json!({"iat": null})),
            ("exp", json!({"exp": null})),
            ("exp", json!({"exp": "2"})),
            ("ttl", json!({"ttl": 0})),
            ("ttl", json!({"ttl": "3"})),
            ("status_list", json!({"status_list": []})),
            (
                "status_list.bits",
                json!({"status_list": {"bits": 3, "lst": ""}}),
            ),
            ("status_list.lst", json!({"status_list": {"bits": 2}})),
        ] {
            let mut changed = good();
            for (name, value) in claims.as_object().unwrap() {
                changed[name] = value.clone();
            }
            match StatusListToken::parse(&unsigned(TYPE, &changed)) {
                Err(StatusListError::Claim { name: found, .. }) => assert_eq!(found, name),
                other => panic!("{claims}: {other:?}"),
            }
        }
        let mut without_ttl = good();
        without_ttl.as_object_mut().unwrap().remove("ttl");
        let token = StatusListToken::parse(&unsigned(TYPE, &without_ttl)).unwrap();
        assert_eq!(token.ttl_seconds(), None);
    }

    #[test]
    fn another_type_of_token_is_no_status_list() {
        for typ in ["dc+sd-jwt", "JWT", "verification-receipt+jwt"] {
            let refused = StatusListToken::parse(&unsigned(typ, &json!({})));
            assert!(matches!(refused, Err(StatusListError::Type { found }) if found == typ));
        }
        assert!(matches!(
            StatusListToken::parse("x"),
            Err(StatusListError::Jws(_))
        ));
    }
}
