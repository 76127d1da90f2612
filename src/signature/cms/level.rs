//! Which form of CAdES a signature has (ETSI EN 319 122-1 §6, annex A; EN 319 122-2 for those before the
//! baseline). It says what is there, not whether it holds.

use crate::signature::cms::attribute::SignedFacts;
use crate::signature::cms::oids;
use crate::signature::cms::signer_info::Attribute;

/// The form by the report's names.
///
/// A signature that does not name its certificate is plain CMS. One that also says when it was made is of a
/// baseline level, unless it has attributes that only the extended forms have.
pub(super) fn format_of(
    signed: &SignedFacts,
    unsigned: &[Attribute<'_>],
    carries_evidence: bool,
) -> &'static str {
    let has = |oid: &str| unsigned.iter().any(|attribute| attribute.oid == *oid);
    if signed.certificates.is_empty() || signed.content_type.is_none() {
        return "CMS";
    }
    let is_stamped = has(oids::SIGNATURE_TIMESTAMP);
    let has_record = has(oids::EVIDENCE_RECORD) || has(oids::EVIDENCE_RECORD_EXTERNAL);
    if is_stamped && has_record {
        return "CAdES-ERS";
    }
    let has_archive_v3 = has(oids::ARCHIVE_TIMESTAMP_V3);
    let has_references = has(oids::CERTIFICATE_REFERENCES) || has(oids::REVOCATION_REFERENCES);
    let has_values = has(oids::CERTIFICATE_VALUES) || has(oids::REVOCATION_VALUES);
    let is_extended =
        has_references || has(oids::CADES_C_TIMESTAMP) || has(oids::REFERENCES_TIMESTAMP);
    if is_extended && !has_archive_v3 {
        return match () {
            () if has(oids::ARCHIVE_TIMESTAMP_V2) => "CAdES-A",
            () if has_values => "CAdES-X-L",
            () if has(oids::CADES_C_TIMESTAMP) || has(oids::REFERENCES_TIMESTAMP) => "CAdES-X",
            () => "CAdES-C",
        };
    }
    match () {
        () if is_stamped && (has_archive_v3 || has(oids::ARCHIVE_TIMESTAMP_V2)) => {
            "CAdES-BASELINE-LTA"
        }
        () if is_stamped && (carries_evidence || has_values) => "CAdES-BASELINE-LT",
        () if is_stamped => "CAdES-BASELINE-T",
        () if signed.signing_time.is_some() => "CAdES-BASELINE-B",
        () => "CAdES-BES",
    }
}
