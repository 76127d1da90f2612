//! The rules: whose they are, where they stand, what they ask, and what looks after them.

use crate::pki::rules::Rules;
use crate::pki::rules::Subject;
use crate::pki::rules::authority;
use crate::pki::rules::common_name;
use crate::pki::rules::fields;
use crate::pki::rules::names;
use crate::pki::rules::web;

/// Which [`Rules`] a rule belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// Both.
    Both,
    /// [`Rules::Rfc5280`]; the Baseline Requirements make an exception.
    Rfc5280,
    /// [`Rules::WebPki`].
    WebPki,
}

/// One rule.
pub(super) struct Row {
    pub(super) rule: Rule,
    pub(super) profile: Profile,
    pub(super) is_broken: fn(&Subject<'_>) -> bool,
}

impl Row {
    pub(super) const fn applies(&self, rules: Rules) -> bool {
        match (rules, self.profile) {
            (Rules::Path, _) => false,
            (Rules::Rfc5280, Profile::Both | Profile::Rfc5280) => true,
            (Rules::WebPki, Profile::Both | Profile::WebPki) => true,
            (Rules::Rfc5280, Profile::WebPki) | (Rules::WebPki, Profile::Rfc5280) => false,
        }
    }
}

/// Declares [`Rule`] with its docs and the table of its rows at once, so that none can lack what the others
/// have.
macro_rules! rules {
    ($($rule:ident: $profile:ident, $clause:literal, $requirement:literal, $check:path;)+) => {
        /// Something that a profile asks of certificates. `BR` are the Baseline Requirements for TLS
        /// server certificates of the CA/Browser Forum.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(
                #[doc = concat!($clause, ": ", $requirement, ".")]
                $rule,
            )+
        }

        impl Rule {
            /// Where the rule stands.
            #[must_use]
            pub const fn clause(self) -> &'static str {
                match self {
                    $(Self::$rule => $clause,)+
                }
            }

            /// What it asks, as a sentence without its full stop.
            #[must_use]
            pub const fn requirement(self) -> &'static str {
                match self {
                    $(Self::$rule => $requirement,)+
                }
            }
        }

        /// Every rule, in the order of [`Rule`].
        pub(super) const TABLE: &[Row] = &[
            $(Row {
                rule: Rule::$rule,
                profile: Profile::$profile,
                is_broken: $check,
            },)+
        ];
    };
}

rules! {
    AlternativeNamesCritical: WebPki, "BR §7.1.2.7.12",
        "the subject alternative names of an end entity with a subject are not critical",
        web::alternative_names_critical;
    AlternativeNamesMalformed: Both, "RFC 5280 §4.2.1.6",
        "subject alternative names have the syntax of their form",
        names::alternative_names_malformed;
    AlternativeNamesMissing: WebPki, "BR §7.1.2.7.6",
        "an end entity has subject alternative names",
        web::alternative_names_missing;
    AlternativeNamesNotCritical: Both, "RFC 5280 §4.1.2.6",
        "where the subject is empty there are subject alternative names, and they are critical",
        names::alternative_names_not_critical;
    AnchorOutOfDates: Both, "RFC 5280 §4.1.2.5",
        "the certificate of the trust anchor is within its dates",
        fields::anchor_out_of_dates;
    AnchorUnknownCritical: Both, "RFC 5280 §4.2",
        "the certificate of the trust anchor has no unknown critical extension",
        fields::anchor_unknown_critical;
    AuthorityInformationCritical: Both, "RFC 5280 §4.2.2.1",
        "authority information access is not critical",
        authority::information_critical;
    AuthorityInformationMalformed: Both, "RFC 5280 §4.2.2.1",
        "authority information access has at least one well-formed description",
        authority::information_malformed;
    AuthorityKeyIdCritical: Both, "RFC 5280 §4.2.1.1",
        "the authority key identifier is not critical",
        authority::key_id_critical;
    AuthorityKeyIdForeign: WebPki, "BR §7.1.2.1.3",
        "the authority key identifier of a root is its subject key identifier",
        web::authority_key_id_foreign;
    AuthorityKeyIdIncomplete: WebPki, "BR §7.1.2.11.1",
        "an authority key identifier has a keyIdentifier",
        web::authority_key_id_incomplete;
    AuthorityKeyIdMissing: Both, "RFC 5280 §4.2.1.1",
        "a certificate below the anchor that is not self-signed has an authority key identifier",
        authority::key_id_missing;
    AuthorityKeyIdOverfull: WebPki, "BR §7.1.2.11.1",
        "an authority key identifier has neither authorityCertIssuer nor authorityCertSerialNumber",
        web::authority_key_id_overfull;
    BasicConstraintsMissing: Both, "RFC 5280 §4.2.1.9",
        "an issuer has basic constraints that say that it is a CA",
        fields::basic_constraints_missing;
    BasicConstraintsNotCritical: Both, "RFC 5280 §4.2.1.9",
        "the basic constraints of a CA are critical",
        fields::basic_constraints_not_critical;
    CommonNameSpelling: WebPki, "BR §7.1.4.3",
        "a common name that is a host or an address is written as in the subject alternative names",
        common_name::misspelt;
    EndEntityIsCa: WebPki, "BR §7.1.2.7.8",
        "an end entity is not a CA",
        web::end_entity_is_ca;
    InhibitAnyPolicyNotCritical: Both, "RFC 5280 §4.2.1.14",
        "inhibit anyPolicy is critical",
        fields::inhibit_any_policy_not_critical;
    IssuerEmpty: Both, "RFC 5280 §4.1.2.4",
        "the issuer is not empty",
        fields::issuer_empty;
    KeyCertSignWithoutCa: Both, "RFC 5280 §4.2.1.9",
        "only a CA has the key usage keyCertSign",
        fields::key_cert_sign_without_ca;
    KeyForbidden: WebPki, "BR §6.1.5",
        "the key is RSA of at least 2048 bits, divisible by 8, or of P-256, P-384 or P-521",
        web::key_forbidden;
    KeyPurposeAny: WebPki, "BR §7.1.2.7.10",
        "the extended key usage of an end entity does not include anyExtendedKeyUsage",
        web::key_purpose_any;
    KeyPurposesCritical: WebPki, "BR §7.1.2.7.6",
        "the extended key usage of an end entity is not critical",
        web::key_purposes_critical;
    KeyPurposesMissing: WebPki, "BR §7.1.2.7.10",
        "the extended key usage of an end entity includes serverAuth",
        web::key_purposes_missing;
    KeyPurposesOfAnchor: WebPki, "BR §7.1.2.1.2",
        "a root has no extended key usage",
        web::key_purposes_of_anchor;
    NameConstraintsDnsPeriod: Both, "RFC 5280 §4.2.1.10",
        "a dNSName in name constraints does not begin with a period",
        fields::name_constraints_dns_period;
    NameConstraintsNotCritical: Rfc5280, "RFC 5280 §4.2.1.10",
        "name constraints are critical",
        fields::name_constraints_not_critical;
    NameConstraintsWithoutCa: Both, "RFC 5280 §4.2.1.10",
        "only a CA has name constraints",
        fields::name_constraints_without_ca;
    PathLengthWithoutCa: Both, "RFC 5280 §4.2.1.9",
        "only a CA that signs certificates has a path length constraint",
        fields::path_length_without_ca;
    PolicyConstraintsNotCritical: Both, "RFC 5280 §4.2.1.11",
        "policy constraints are critical",
        fields::policy_constraints_not_critical;
    SerialNumber: Both, "RFC 5280 §4.1.2.2",
        "the serial number of a certificate below the anchor is positive and has at most 20 octets",
        fields::serial_number;
    SubjectEmpty: Both, "RFC 5280 §4.1.2.6",
        "the subject of a CA is not empty",
        fields::subject_empty;
    SubjectKeyIdCritical: Both, "RFC 5280 §4.2.1.2",
        "the subject key identifier is not critical",
        fields::subject_key_id_critical;
    SubjectKeyIdMissing: Both, "RFC 5280 §4.2.1.2",
        "a CA has a subject key identifier",
        fields::subject_key_id_missing;
    Version: WebPki, "BR §7.1.1",
        "the certificate has version 3",
        web::version;
    WildcardTooWide: WebPki, "BR §3.2.2.6",
        "a wildcard does not stand right below a top-level domain",
        web::wildcard_too_wide;
}
