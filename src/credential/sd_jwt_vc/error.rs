//! Why an SD-JWT VC was not read or not made.

use crate::crypto::random::RandomError;
use crate::encoding::base64::Base64Error;
use crate::encoding::json::JsonError;
use crate::signature::jose::error::JoseError;

/// Why an SD-JWT VC was not read. Disclosures are counted from 1 in the order of the presentation.
#[derive(Debug, thiserror::Error)]
pub enum SdJwtError {
    /// A claim with a fixed meaning has the wrong form (RFC 7519 §4.1, SD-JWT VC §3.2.2.2).
    #[error("claim `{name}` is not {expected}")]
    Claim {
        /// Its name.
        name: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// RFC 9901 §7.1 step 3.3.2.3: a disclosure repeats a claim that is there already.
    #[error("disclosure {position} discloses `{name}`, which is there already")]
    ClaimExists {
        /// The disclosure.
        position: usize,
        /// The claim.
        name: String,
    },
    /// RFC 9901 §4.1.1: `_sd_alg` names a digest that we do not accept.
    #[error("`_sd_alg` is {found}, not sha-256, sha-384 or sha-512")]
    DigestAlgorithm {
        /// What it says.
        found: String,
    },
    /// A disclosure is not base64url.
    #[error("disclosure {position} is not base64url")]
    DisclosureEncoding {
        /// The disclosure.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: Base64Error,
    },
    /// A disclosure is not strict JSON.
    #[error("disclosure {position} is not strict JSON")]
    DisclosureJson {
        /// The disclosure.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: JsonError,
    },
    /// RFC 9901 §4.2: a disclosure is an array of salt, name and value, or of salt and value.
    #[error("disclosure {position} is not an array of salt, optional name, and value")]
    DisclosureShape {
        /// The disclosure.
        position: usize,
    },
    /// RFC 9901 §7.1 step 4: a digest stands in the credential more than once.
    #[error("digest {digest} stands in the credential more than once")]
    DuplicateDigest {
        /// The digest, in base64url.
        digest: String,
    },
    /// Two disclosures of one digest.
    #[error("disclosure {position} repeats disclosure {first}")]
    DuplicateDisclosure {
        /// The second.
        position: usize,
        /// The first.
        first: usize,
    },
    /// The issuer-signed JWT is malformed.
    #[error("issuer-signed JWT is malformed")]
    Jws(#[source] JoseError),
    /// The key binding JWT is malformed.
    #[error("key binding JWT is malformed")]
    KeyBinding(#[source] JoseError),
    /// RFC 9901 §4.3: the `typ` of a key binding JWT is `kb+jwt`.
    #[error("the last part is no key binding JWT: its `typ` is {found}")]
    KeyBindingType {
        /// What it is.
        found: String,
    },
    /// RFC 9901 §4.1.2: without `cnf` there is no key that a key binding JWT could prove.
    #[error("a key binding JWT follows, but the credential binds no key (`cnf`)")]
    KeyBindingWithoutConfirmation,
    /// A claim that must be there is missing.
    #[error("claim `{name}` is missing")]
    MissingClaim {
        /// Its name.
        name: &'static str,
    },
    /// No `~`: a plain JWS, or cut off.
    #[error("no `~` follows the issuer-signed JWT")]
    MissingTilde,
    /// SD-JWT VC §3.2.2.2: claims that decide on validity are never selectively disclosed.
    #[error("disclosure {position} discloses `{name}`, which must not be selectively disclosable")]
    NotDisclosable {
        /// The disclosure.
        position: usize,
        /// The claim.
        name: String,
    },
    /// The payload is not strict JSON.
    #[error("payload is not strict JSON")]
    PayloadJson(#[source] JsonError),
    /// RFC 7519 §7.2: the payload is a JSON object.
    #[error("payload is not a JSON object")]
    PayloadNotObject,
    /// RFC 9901 §4.1: `_sd` and `...` have one use and one form.
    #[error("`{name}` at `{path}` is not used as RFC 9901 defines it")]
    ReservedMember {
        /// The member.
        name: &'static str,
        /// Where it stands; empty at the top.
        path: String,
    },
    /// RFC 9901 §7.1 step 3.3.2.2: a disclosure of a claim named `_sd`, `...` or `_sd_alg`.
    #[error("disclosure {position} discloses the reserved name `{name}`")]
    ReservedName {
        /// The disclosure.
        position: usize,
        /// The name.
        name: String,
    },
    /// Disclosed values nest deeper than we follow.
    #[error("claims nest deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Longer than we read.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// More disclosures than we read; none of them was looked at.
    #[error("{found} disclosures, at most {limit} are read")]
    TooManyDisclosures {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// `typ` says that this is something else (SD-JWT VC §3.2.1).
    #[error("`typ` is {found}, not `dc+sd-jwt` or `vc+sd-jwt`")]
    Type {
        /// What it says.
        found: String,
    },
    /// RFC 9901 §7.1 step 5: nothing in the credential refers to a disclosure.
    #[error("nothing refers to disclosure {position}: it is altered or belongs elsewhere")]
    Unreferenced {
        /// The disclosure.
        position: usize,
    },
    /// RFC 9901 §7.1 steps 3.3.2.1 and 3.3.3.1: an array element where a member is due, or the reverse.
    #[error("disclosure {position} does not have {expected} elements, as its place asks for")]
    WrongElements {
        /// The disclosure.
        position: usize,
        /// 2 in an array, 3 in an object.
        expected: usize,
    },
}

/// Why an SD-JWT VC was not made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// `name` has a fixed meaning in a JWT and cannot be a claim of the credential.
    #[error("`{name}` cannot be a claim: it has a fixed meaning")]
    Claim {
        /// The claim.
        name: String,
    },
    /// The credential would expire before it is issued.
    #[error("the credential would expire before it begins")]
    Expiry,
    /// No randomness for the salts.
    #[error("no randomness for salts")]
    Random(#[source] RandomError),
    /// The kind says that each element is disclosed on its own, but the claim is no array.
    #[error("claim `{name}` is to be disclosed by element, but it is no array")]
    NotAnArray {
        /// The claim.
        name: String,
    },
}
