//! Signed heads of the audit trail: how far its segments had come at a time.
//!
//! A head is a compact JWS of `typ` `audit-head+jwt`. Heads are numbered from 1 and name the digest of the
//! one before, so that of the heads, too, none can be left out. What was cut off together with the newest
//! heads shows only to who kept those elsewhere: that is what an anchor file is for.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::key_purpose::AUDIT_HEAD_TYP;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::crypto::verify::VerifyError;
use crate::encoding::json;
use crate::encoding::json::JsonError;
use crate::encoding::json::JsonLimits;
use crate::evidence::audit::chain::ChainTip;
use crate::identifier::opaque_id::SegmentId;
use crate::signature::jose::compact::CompactJws;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::sign::sign_compact_as;

/// Segments in one head. Each takes some 150 bytes.
pub const MAX_SEGMENTS: usize = 64;

/// The longest head that is read, in bytes of the compact JWS.
pub const MAX_BYTES: usize = 32 * 1024;

/// What a head says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadClaims {
    /// Which service.
    pub iss: String,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
    /// Counted from 1, without gaps.
    pub number: u64,
    /// The SHA-256 of the head before, as a compact JWS; absent in the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Sha256>,
    /// How far segments had come.
    pub segments: Vec<SegmentHead>,
}

/// How far a segment had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentHead {
    /// Which segment.
    pub id: String,
    /// How many events it had.
    pub count: u64,
    /// The digest that the last of them carries.
    pub hash: Sha256,
}

/// Which head: enough for the next one to name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadPlace {
    /// Counted from 1, without gaps.
    pub number: u64,
    /// The SHA-256 of the compact JWS.
    pub digest: Sha256,
}

impl HeadPlace {
    /// That of the head of this number, a compact JWS.
    #[must_use]
    pub fn of(number: u64, compact: &str) -> Self {
        let digest = sha256(compact.as_bytes());
        Self { number, digest }
    }
}

/// A head with the signature that was verified or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    number: u64,
    signed_at: i64,
    previous: Option<Sha256>,
    tips: Vec<ChainTip>,
    compact: String,
}

/// Why a head was not made or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The payload is not what a head says.
    #[error("the claims are not those of a head of the audit trail")]
    Claims(#[source] Option<serde_json::Error>),
    /// Not a compact JWS of the strict kind, or it could not be signed.
    #[error("no compact JWS of the strict kind")]
    Jose(#[from] JoseError),
    /// The payload is not strict JSON.
    #[error("the claims are no strict JSON")]
    Json(#[from] JsonError),
    /// The key has no thumbprint, so it signs no heads.
    #[error("the key cannot sign heads of the audit trail")]
    Key,
    /// The head names a key that is none of those given.
    #[error("signed with another key than the service has")]
    OtherKey,
    /// The signature does not fit: altered or forged.
    #[error("the signature does not match")]
    Signature(#[source] VerifyError),
    /// Longer than heads are.
    #[error("{bytes} bytes; at most {MAX_BYTES} are read")]
    TooLarge {
        /// How long it is.
        bytes: usize,
    },
    /// A JWT of another type.
    #[error("no head of the audit trail: `typ` is another")]
    Type,
}

impl SignedHead {
    /// Signs a head about `tips`, at most [`MAX_SEGMENTS`] of them, after `previous`.
    ///
    /// # Errors
    /// [`HeadError::Jose`] when the key is for something else, [`HeadError::Claims`] for more segments.
    pub fn sign(
        issuer: &str,
        at_unix_seconds: i64,
        previous: Option<HeadPlace>,
        tips: &[ChainTip],
        key: &SigningKey,
    ) -> Result<Self, HeadError> {
        if tips.len() > MAX_SEGMENTS {
            return Err(HeadError::Claims(None));
        }
        let segment = |tip: &ChainTip| SegmentHead {
            id: tip.segment.as_str().to_owned(),
            count: tip.count,
            hash: tip.hash,
        };
        let claims = HeadClaims {
            iss: issuer.to_owned(),
            iat: at_unix_seconds,
            number: previous.map_or(1, |previous| previous.number.saturating_add(1)),
            previous: previous.map(|previous| previous.digest),
            segments: tips.iter().map(segment).collect(),
        };
        let kid = key.public_key().jwk_thumbprint().ok_or(HeadError::Key)?;
        let payload =
            serde_json::to_value(&claims).map_err(|error| HeadError::Claims(Some(error)))?;
        let header = [("kid", Value::from(kid))];
        let compact = sign_compact_as(key, AUDIT_HEAD_TYP, &header, &payload)?;
        Self::new(claims, compact)
    }

    /// Reads a head and verifies that one of `keys` signed it.
    ///
    /// # Errors
    /// [`HeadError`]; [`HeadError::Signature`] says that it is altered or forged.
    pub fn verify(compact: &str, keys: &[PublicKey]) -> Result<Self, HeadError> {
        let jws = parse(compact)?;
        let named = |key: &&PublicKey| {
            let thumbprint = key.jwk_thumbprint();
            thumbprint.is_some() && thumbprint.as_deref() == jws.kid()
        };
        let key = keys.iter().find(named).ok_or(HeadError::OtherKey)?;
        jws.verify(key).map_err(HeadError::Signature)?;
        Self::new(read_claims(&jws)?, compact.to_owned())
    }

    /// How far segments had come by a head of our own; its signature is not verified. For removing what it covers, which
    /// whoever writes to the database could do without it.
    ///
    /// # Errors
    /// [`HeadError`], but for its signature.
    pub fn tips_of(compact: &str) -> Result<Vec<ChainTip>, HeadError> {
        read_tips(read_claims(&parse(compact)?)?.segments)
    }

    fn new(claims: HeadClaims, compact: String) -> Result<Self, HeadError> {
        let tips = read_tips(claims.segments)?;
        if claims.number == 0 || (claims.number == 1) != claims.previous.is_none() {
            return Err(HeadError::Claims(None));
        }
        Ok(Self {
            number: claims.number,
            signed_at: claims.iat,
            previous: claims.previous,
            tips,
            compact,
        })
    }

    /// Counted from 1, without gaps.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When it was signed, in seconds since 1970.
    #[must_use]
    pub const fn signed_at(&self) -> i64 {
        self.signed_at
    }

    /// How far segments had come.
    #[must_use]
    pub fn tips(&self) -> &[ChainTip] {
        &self.tips
    }

    /// The compact JWS.
    #[must_use]
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// Which head it is.
    #[must_use]
    pub fn place(&self) -> HeadPlace {
        HeadPlace::of(self.number, &self.compact)
    }

    /// Whether it comes next after `previous`, or is the first.
    #[must_use]
    pub fn follows(&self, previous: Option<HeadPlace>) -> bool {
        self.previous == previous.map(|previous| previous.digest)
            && self.number.checked_sub(1) == Some(previous.map_or(0, |previous| previous.number))
    }
}

fn parse(compact: &str) -> Result<CompactJws, HeadError> {
    if compact.len() > MAX_BYTES {
        return Err(HeadError::TooLarge {
            bytes: compact.len(),
        });
    }
    let jws = CompactJws::parse(compact)?;
    // RFC 8725 §3.11: the explicit type keeps other JWTs of ours from passing as heads.
    if jws.typ() != Some(AUDIT_HEAD_TYP) {
        return Err(HeadError::Type);
    }
    Ok(jws)
}

fn read_claims(jws: &CompactJws) -> Result<HeadClaims, HeadError> {
    let payload = json::parse(jws.payload(), JsonLimits::DEFAULT)?;
    serde_json::from_value(payload).map_err(|error| HeadError::Claims(Some(error)))
}

fn read_tips(segments: Vec<SegmentHead>) -> Result<Vec<ChainTip>, HeadError> {
    let tip = |segment: SegmentHead| {
        Some(ChainTip {
            segment: SegmentId::parse(&segment.id).ok()?,
            count: segment.count,
            hash: segment.hash,
        })
    };
    let tips: Option<Vec<ChainTip>> = segments.into_iter().map(tip).collect();
    tips.ok_or(HeadError::Claims(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key_purpose::KeyPurpose;

    fn key(purpose: KeyPurpose) -> SigningKey {
        SigningKey::generate(purpose).unwrap().0
    }

    fn tip() -> ChainTip {
        ChainTip::begin(SegmentId::from_random([1; 16]))
    }

    #[test]
    fn a_head_reads_back_and_names_the_one_before() {
        let key = key(KeyPurpose::Receipt);
        let keys = [key.public_key().clone()];
        let first = SignedHead::sign("https://a.example", 7, None, &[tip()], &key).unwrap();
        let second =
            SignedHead::sign("https://a.example", 8, Some(first.place()), &[tip()], &key).unwrap();
        for head in [&first, &second] {
            assert_eq!(&SignedHead::verify(head.compact(), &keys).unwrap(), head);
        }
        assert!(first.follows(None) && second.follows(Some(first.place())));
        assert!(!second.follows(None) && !first.follows(Some(second.place())));
        assert_eq!((first.number(), second.number()), (1, 2));
        assert_eq!(second.tips(), [tip()]);
    }

    #[test]
    fn altered_foreign_and_torn_heads_are_refused() {
        let receipt_key = key(KeyPurpose::Receipt);
        let keys = [receipt_key.public_key().clone()];
        let head = SignedHead::sign("https://a.example", 7, None, &[tip()], &receipt_key).unwrap();
        let other = [key(KeyPurpose::Receipt).public_key().clone()];
        assert!(matches!(
            SignedHead::verify(head.compact(), &other),
            Err(HeadError::OtherKey)
        ));
        let torn = head.compact().get(..head.compact().len() - 4).unwrap();
        assert!(SignedHead::verify(torn, &keys).is_err());
        assert!(matches!(
            SignedHead::sign("a", 7, None, &[tip()], &key(KeyPurpose::StatusList)),
            Err(HeadError::Jose(JoseError::Purpose { .. }))
        ));
        let mut parts: Vec<&str> = head.compact().split('.').collect();
        let altered = crate::encoding::base64url::encode(b"{}");
        parts[1] = &altered;
        assert!(matches!(
            SignedHead::verify(&parts.join("."), &keys),
            Err(HeadError::Signature(_))
        ));
        let kid = Value::from(keys[0].jwk_thumbprint().unwrap());
        let receipt = crate::signature::jose::sign::sign_compact(
            &receipt_key,
            &[("kid", kid)],
            &serde_json::json!({"iss": "a"}),
        );
        assert!(matches!(
            SignedHead::verify(&receipt.unwrap(), &keys),
            Err(HeadError::Type)
        ));
    }

    #[test]
    fn the_largest_head_is_read() {
        let key = key(KeyPurpose::Receipt);
        let tips = vec![tip(); MAX_SEGMENTS];
        let head = SignedHead::sign("https://a.example", 7, None, &tips, &key).unwrap();
        assert!(SignedHead::verify(head.compact(), &[key.public_key().clone()]).is_ok());
        assert!(SignedHead::sign("a", 7, None, &vec![tip(); MAX_SEGMENTS + 1], &key).is_err());
    }
}
