//! What a key of ours is for. A key has one purpose and verifies only its own kind.

/// The purpose of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyPurpose {
    /// Signs certificates.
    CertificateAuthority,
    /// Signs registration credentials.
    Credential,
    /// Signs receipts.
    Receipt,
    /// Signs status lists.
    StatusList,
    /// Signs timestamps.
    Timestamp,
}

/// One row of [`KEY_PURPOSES`]: how a purpose shows in file names, JWTs and certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPurposeRow {
    /// The purpose.
    pub purpose: KeyPurpose,
    /// Its name, in files and messages.
    pub name: &'static str,
    /// The `typ` header of what such a key signs; none where it signs no JWT.
    pub typ: Option<&'static str>,
    /// The extended key usage (RFC 5280 §4.2.1.12) that the key's certificate carries, dotted.
    pub eku: Option<&'static str>,
}

/// Every purpose, with all that marks it.
///
/// `dc+sd-jwt` is of the SD-JWT VC draft, `statuslist+jwt` and its key purpose `id-kp-oauthStatusSigning`
/// of the Token Status List. `id-kp-timeStamping` is that of RFC 3161 §2.3, which wants it critical and alone, as
/// all of ours are. The two arcs under 2.25 are our own: 2.25 is open to whoever draws a UUID
/// (ITU-T X.667), ours were drawn at random below 2³¹ because many parsers hold an arc in 32 bits.
pub const KEY_PURPOSES: &[KeyPurposeRow] = &[
    KeyPurposeRow {
        purpose: KeyPurpose::CertificateAuthority,
        name: "certificate-authority",
        typ: None,
        eku: None,
    },
    KeyPurposeRow {
        purpose: KeyPurpose::Credential,
        name: "credential",
        typ: Some("dc+sd-jwt"),
        eku: Some("2.25.1478897770"),
    },
    KeyPurposeRow {
        purpose: KeyPurpose::Receipt,
        name: "receipt",
        typ: Some("verification-receipt+jwt"),
        eku: Some("2.25.44294990"),
    },
    KeyPurposeRow {
        purpose: KeyPurpose::StatusList,
        name: "status-list",
        typ: Some("statuslist+jwt"),
        eku: Some("1.3.6.1.5.5.7.3.30"),
    },
    KeyPurposeRow {
        purpose: KeyPurpose::Timestamp,
        name: "timestamp",
        typ: None,
        eku: Some("1.3.6.1.5.5.7.3.8"),
    },
];

/// The `typ` of what a receipt key signs beside receipts: the ends of the audit trail. Both say what this
/// service did, and neither can pass as the other.
pub const AUDIT_HEAD_TYP: &str = "audit-head+jwt";

impl KeyPurpose {
    #[expect(
        clippy::expect_used,
        reason = "the table has a row for every purpose: `every_purpose_finds_its_own_row`"
    )]
    fn row(self) -> &'static KeyPurposeRow {
        KEY_PURPOSES
            .iter()
            .find(|row| row.purpose == self)
            .expect("a row for every purpose")
    }

    /// The name, in files and messages.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The `typ` header of what such a key signs.
    pub fn typ(self) -> Option<&'static str> {
        self.row().typ
    }

    /// Whether such a key signs what has that `typ`.
    pub fn signs(self, typ: &str) -> bool {
        self.typ() == Some(typ) || (self == Self::Receipt && typ == AUDIT_HEAD_TYP)
    }

    /// The dotted extended key usage of such a key's certificate.
    pub fn eku(self) -> Option<&'static str> {
        self.row().eku
    }

    /// The purpose of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        KEY_PURPOSES
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.purpose)
    }
}

impl std::fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_purpose_finds_its_own_row() {
        for row in KEY_PURPOSES {
            assert_eq!(row.purpose.name(), row.name);
            assert_eq!(KeyPurpose::from_name(row.name), Some(row.purpose));
        }
        assert_eq!(KeyPurpose::CertificateAuthority.eku(), None);
        assert_eq!(KeyPurpose::Credential.typ(), Some("dc+sd-jwt"));
        assert_eq!(KeyPurpose::Receipt.typ(), Some("verification-receipt+jwt"));
        assert_eq!(KeyPurpose::StatusList.typ(), Some("statuslist+jwt"));
        assert_eq!(KeyPurpose::from_name("tls"), None);
    }

    #[test]
    fn a_receipt_key_alone_signs_ends_of_the_audit_trail() {
        for row in KEY_PURPOSES {
            let signs = row.purpose.signs(AUDIT_HEAD_TYP);
            assert_eq!(signs, row.purpose == KeyPurpose::Receipt);
            assert!(row.typ.is_none_or(|typ| row.purpose.signs(typ)));
            assert!(!row.purpose.signs("JWT"));
        }
    }

    #[test]
    fn every_arc_fits_32_bits() {
        for eku in KEY_PURPOSES.iter().filter_map(|row| row.eku) {
            for arc in eku.split('.') {
                assert!(arc.parse::<i32>().is_ok(), "{eku}");
            }
        }
    }

    #[test]
    fn no_two_purposes_share_a_mark() {
        let names: BTreeSet<_> = KEY_PURPOSES.iter().map(|row| row.name).collect();
        let types: BTreeSet<_> = KEY_PURPOSES.iter().filter_map(|row| row.typ).collect();
        let ekus: BTreeSet<_> = KEY_PURPOSES.iter().filter_map(|row| row.eku).collect();
        assert_eq!((names.len(), types.len(), ekus.len()), (5, 3, 4));
    }
}
