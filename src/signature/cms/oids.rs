//! The object identifiers of CMS, its attributes and its dialects, dotted.

/// `id-signedData` (RFC 5652 §5.1).
pub const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// `id-data` (RFC 5652 §4).
pub const DATA: &str = "1.2.840.113549.1.7.1";
/// `signedData` of GM/T 0010 §5.
pub const GM_SIGNED_DATA: &str = "1.2.156.10197.6.1.4.2.2";
/// `data` of GM/T 0010 §5.
pub const GM_DATA: &str = "1.2.156.10197.6.1.4.2.1";
/// `id-ct-TSTInfo` (RFC 3161 §2.4.2).
pub const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// `id-contentType` (RFC 5652 §11.1).
pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
/// `id-messageDigest` (RFC 5652 §11.2).
pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
/// `id-signingTime` (RFC 5652 §11.3).
pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
/// `id-countersignature` (RFC 5652 §11.4).
pub const COUNTER_SIGNATURE: &str = "1.2.840.113549.1.9.6";
/// `id-aa-CMSAlgorithmProtection` (RFC 6211 §2).
pub const ALGORITHM_PROTECTION: &str = "1.2.840.113549.1.9.52";
/// `id-aa-signingCertificate` (RFC 2634 §5.4).
pub const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
/// `id-aa-signingCertificateV2` (RFC 5035 §3).
pub const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
/// `id-aa-ets-contentTimestamp` (ETSI EN 319 122-1 §5.2.8).
pub const CONTENT_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.20";
/// `id-aa-signatureTimeStampToken` (ETSI EN 319 122-1 §5.3; RFC 3161 appendix A).
pub const SIGNATURE_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.14";
/// `id-aa-ets-certificateRefs` (ETSI EN 319 122-1 annex A.1.1.1).
pub const CERTIFICATE_REFERENCES: &str = "1.2.840.113549.1.9.16.2.21";
/// `id-aa-ets-revocationRefs` (ETSI EN 319 122-1 annex A.1.2.1).
pub const REVOCATION_REFERENCES: &str = "1.2.840.113549.1.9.16.2.22";
/// `id-aa-ets-certValues` (ETSI EN 319 122-1 annex A.1.1.2).
pub const CERTIFICATE_VALUES: &str = "1.2.840.113549.1.9.16.2.23";
/// `id-aa-ets-revocationValues` (ETSI EN 319 122-1 annex A.1.2.2).
pub const REVOCATION_VALUES: &str = "1.2.840.113549.1.9.16.2.24";
/// `id-aa-ets-escTimeStamp` (ETSI EN 319 122-1 annex A.1.5.1).
pub const CADES_C_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.25";
/// `id-aa-ets-certCRLTimestamp` (ETSI EN 319 122-1 annex A.1.5.2).
pub const REFERENCES_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.26";
/// `id-aa-ets-archiveTimestampV2` (ETSI TS 101 733 §6.4.1).
pub const ARCHIVE_TIMESTAMP_V2: &str = "1.2.840.113549.1.9.16.2.48";
/// `id-aa-ets-archiveTimestampV3` (ETSI EN 319 122-1 §5.5.3).
pub const ARCHIVE_TIMESTAMP_V3: &str = "0.4.0.1733.2.4";
/// `id-aa-ATSHashIndex` (ETSI TS 101 733 §6.4.2).
pub const ATS_HASH_INDEX: &str = "0.4.0.1733.2.5";
/// `id-aa-ATSHashIndex-v3` (ETSI EN 319 122-1 §5.5.2).
pub const ATS_HASH_INDEX_V3: &str = "0.4.0.19122.1.5";

/// `id-aa-er-internal` (RFC 4998 §5.3).
pub const EVIDENCE_RECORD: &str = "1.2.840.113549.1.9.16.2.49";
/// `id-aa-er-external` (RFC 4998 §5.3).
pub const EVIDENCE_RECORD_EXTERNAL: &str = "1.2.840.113549.1.9.16.2.50";

/// `id-ri-ocsp-response` (RFC 5940 §2): a whole OCSP response among revocation information.
pub const OCSP_RESPONSE: &str = "1.3.6.1.5.5.7.16.2";
/// `id-pkix-ocsp-basic` (RFC 6960 §4.2.1), which some writers put in its place, with a `BasicOCSPResponse`.
pub const OCSP_BASIC: &str = "1.3.6.1.5.5.7.48.1.1";

/// `rsaEncryption` (RFC 3370 §3.2): the digest is that of `digestAlgorithm`.
pub const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// `id-ecPublicKey` (RFC 5480 §2.1.1), which some writers put in the place of a signature algorithm.
pub const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// The signature of SM2 (GM/T 0006), as GM/T 0010 has it.
pub const SM2_SIGNATURE: &str = "1.2.156.10197.1.301.1";
/// The curve of SM2, which older kits put in its place.
pub const SM2_CURVE: &str = "1.2.156.10197.1.301";

/// The names of attributes, for reports.
pub(super) const ATTRIBUTE_NAMES: &[(&str, &str)] = &[
    (CONTENT_TYPE, "contentType"),
    (MESSAGE_DIGEST, "messageDigest"),
    (SIGNING_TIME, "signingTime"),
    (COUNTER_SIGNATURE, "countersignature"),
    (ALGORITHM_PROTECTION, "cmsAlgorithmProtection"),
    (SIGNING_CERTIFICATE, "signingCertificate"),
    (SIGNING_CERTIFICATE_V2, "signingCertificateV2"),
    (CONTENT_TIMESTAMP, "contentTimeStamp"),
    (SIGNATURE_TIMESTAMP, "signatureTimeStampToken"),
    (CERTIFICATE_REFERENCES, "completeCertificateReferences"),
    (REVOCATION_REFERENCES, "completeRevocationReferences"),
    (CERTIFICATE_VALUES, "certificateValues"),
    (REVOCATION_VALUES, "revocationValues"),
    (CADES_C_TIMESTAMP, "CAdES-C-timestamp"),
    (REFERENCES_TIMESTAMP, "time-stamped-certs-crls-references"),
    (ARCHIVE_TIMESTAMP_V2, "archiveTimestampV2"),
    (ARCHIVE_TIMESTAMP_V3, "archiveTimestampV3"),
    (EVIDENCE_RECORD, "internalEvidenceRecord"),
    (EVIDENCE_RECORD_EXTERNAL, "externalEvidenceRecord"),
    ("1.2.840.113549.1.9.16.2.15", "signaturePolicyIdentifier"),
    ("1.2.840.113549.1.9.16.2.16", "commitmentTypeIndication"),
    ("1.2.840.113549.1.9.16.2.17", "signerLocation"),
    ("1.2.840.113549.1.9.16.2.18", "signerAttributes"),
    ("0.4.0.19122.1.1", "signerAttributesV2"),
    ("1.2.840.113549.1.9.16.2.4", "contentHints"),
    ("0.4.0.1733.2.1", "mimeType"),
    ("1.2.840.113549.1.9.15", "smimeCapabilities"),
];
