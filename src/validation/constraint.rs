//! The one table of constraints: what is checked of a signature and of a document, in the order in which ETSI
//! EN 319 102-1 has it.
//!
//! Each reason belongs to exactly one of them (`constraint::reasons`), so that a report can say of every check
//! whether it was passed, and of every reason which check it comes from. Names are stable and append-only.

mod reasons;

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

/// What a constraint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The document as a whole.
    Document,
    /// One signature.
    Signature,
}

/// What it rests on that a constraint is met.
///
/// Article 13 of the Electronic Signature Law (《电子签名法》第十三条) asks four things of a reliable signature. That
/// every later change to the signature (no. 3) and to what was signed (no. 4) can be found is proven by
/// computation. That the key is the signer's alone (no. 1) and was under its sole control when signing (no. 2) no
/// computation proves: it is inferred from what the CA promises in its policy and states in its certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Anybody who computes it again finds the same.
    Computed,
    /// Somebody says so who is relied on: a CA, a timestamping authority, an issuer, or the caller's own choice.
    Inferred,
}

/// One row of [`CONSTRAINTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstraintEntry {
    /// The constraint as a type.
    pub constraint: Constraint,
    /// Its name in JSON.
    pub id: &'static str,
    /// What it is about.
    pub scope: Scope,
    /// What a pass rests on.
    pub basis: Basis,
    /// What is checked, in English.
    pub name: &'static str,
    /// What is checked, in Chinese.
    pub name_zh: &'static str,
    /// The rule that it comes from; `yinxin` for one of our own.
    pub clause: &'static str,
}

macro_rules! constraints {
    ($($constraint:ident $id:literal $scope:ident $basis:ident $name:literal $name_zh:literal $clause:literal;)+) => {
        /// Something that is checked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Constraint {
            $(#[doc = $name] $constraint,)+
        }

        /// Every constraint, in the order of checking.
        pub const CONSTRAINTS: &[ConstraintEntry] = &[$(Constraint::$constraint.entry(),)+];

        impl Constraint {
            /// Its row.
            #[must_use]
            pub const fn entry(self) -> ConstraintEntry {
                match self {
                    $(Self::$constraint => ConstraintEntry {
                        constraint: Self::$constraint,
                        id: $id,
                        scope: Scope::$scope,
                        basis: Basis::$basis,
                        name: $name,
                        name_zh: $name_zh,
                        clause: $clause,
                    },)+
                }
            }
        }
    };
}

constraints! {
    Submission "submission" Document Computed
        "What was submitted is enough to judge by" "提交的材料足以作出判断" "yinxin";
    SignaturePresence "signature-presence" Document Computed
        "The document carries a signature" "文件载有电子签名" "yinxin";
    Format "format" Signature Computed
        "The signature is well formed" "签名格式正确" "ETSI EN 319 102-1 §5.2.2";
    SigningCertificate "signing-certificate" Signature Computed
        "The signer's certificate is at hand" "签名证书可得" "ETSI EN 319 102-1 §5.2.3";
    CertificateReference "certificate-reference" Signature Computed
        "What was signed names the signer's certificate" "签名内容指明签名证书" "ETSI EN 319 102-1 §5.2.3";
    ContentDigest "content-digest" Signature Computed
        "The content is what was signed" "内容与签名时一致" "ETSI EN 319 102-1 §5.2.7";
    DocumentModifications "document-modifications" Signature Computed
        "The document was not changed beyond what the signer allowed" "签名后未作超出允许范围的改动"
        "ETSI EN 319 142-1 §4, ISO 32000-2 §12.8.2";
    SignatureValue "signature-value" Signature Computed
        "The signature's value is that of the signer's key" "签名值由签名人密钥产生" "ETSI EN 319 102-1 §5.2.7";
    CertificationPath "certification-path" Signature Computed
        "A valid path leads from the signer's certificate to a trust anchor" "存在到信任锚的有效证书路径"
        "ETSI EN 319 102-1 §5.2.6";
    CaRecognition "ca-recognition" Signature Inferred
        "The CA is recognised by the caller for this usage" "认证机构在该用途上获得认可" "ETSI EN 319 102-1 §5.2.6";
    CertificatePurpose "certificate-purpose" Signature Inferred
        "The certificate is meant for this use" "证书用途相符" "ETSI EN 319 102-1 §5.2.6";
    CertificateValidity "certificate-validity" Signature Inferred
        "The certificates were within their validity" "证书在有效期内" "ETSI EN 319 102-1 §5.2.6";
    Revocation "revocation" Signature Inferred
        "The certificates were not revoked" "证书未被吊销" "ETSI EN 319 102-1 §5.2.5, §5.2.6";
    AlgorithmStrength "algorithm-strength" Signature Computed
        "Algorithms and keys are strong enough" "算法与密钥强度足够" "ETSI EN 319 102-1 §5.2.8";
    SignerIdentity "signer-identity" Signature Inferred
        "The certificate names one company by a valid code" "证书以有效代码指明唯一主体" "GB 32100";
    Timestamps "timestamps" Signature Inferred
        "Timestamps hold, and follow each other" "时间戳有效且先后一致" "ETSI EN 319 102-1 §5.4, §5.5.4";
    CounterSignatures "counter-signatures" Signature Inferred
        "Counter-signatures hold" "反签有效" "ETSI EN 319 102-1 §5.2.8";
    Seal "seal" Signature Inferred
        "The electronic seal is its maker's, was in force, and may be used by the signer"
        "电子印章由制作者签发、在有效期内且签名人有权使用" "GB/T 38540, GM/T 0031";
    ExpectedSigner "expected-signer" Document Inferred
        "The expected company signed" "由所要求的主体签名" "yinxin";
    CredentialIssuer "credential-issuer" Document Inferred
        "The issuer is authorised for this type of credential" "签发单位有权签发该类凭证" "yinxin";
    CredentialContent "credential-content" Document Computed
        "The credential follows its type" "凭证内容符合其类型规范" "yinxin";
    CredentialState "credential-state" Document Inferred
        "The credential is in force" "凭证处于有效状态" "yinxin";
}

impl Constraint {
    /// Its name in JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.entry().id
    }

    /// Its place in [`CONSTRAINTS`].
    #[expect(
        clippy::as_conversions,
        reason = "the numbers of the variants are their places, as a test shows"
    )]
    #[must_use]
    pub const fn place(self) -> usize {
        self as usize
    }

    /// The constraint of that name, if there is one.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let entry = CONSTRAINTS.iter().find(|entry| entry.id == id)?;
        Some(entry.constraint)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

impl Serialize for Constraint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Constraint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::from_id(&id).ok_or_else(|| D::Error::custom("unknown constraint"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::validation::reason::REASONS;

    #[test]
    fn names_are_unique_and_found() {
        let ids: BTreeSet<_> = CONSTRAINTS.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), CONSTRAINTS.len());
        for (place, entry) in CONSTRAINTS.iter().enumerate() {
            assert_eq!(entry.constraint.place(), place);
            assert_eq!(Constraint::from_id(entry.id), Some(entry.constraint));
            assert!(
                !entry.name.is_empty() && !entry.name_zh.is_empty() && !entry.clause.is_empty()
            );
        }
        assert_eq!(Constraint::from_id("luck"), None);
    }

    #[test]
    fn every_constraint_can_be_broken_by_a_reason() {
        let named: BTreeSet<Constraint> = REASONS
            .iter()
            .map(|entry| entry.code.constraint())
            .collect();
        let all: BTreeSet<Constraint> = CONSTRAINTS.iter().map(|entry| entry.constraint).collect();
        assert_eq!(named, all);
    }
}
