//! RFC 5280 §4: the fields of certificates, and extensions that are about the subject.

use crate::pki::certificate::extension;
use crate::pki::name_constraints::NameConstraints;
use crate::pki::rules::Place;
use crate::pki::rules::Subject;

/// RFC 5280 §6.1.1 (d) takes of an anchor its name and key only; its certificate has dates all the same.
pub(super) fn anchor_out_of_dates(subject: &Subject<'_>) -> bool {
    let certificate = subject.certificate;
    let at = subject.at.as_unix_seconds();
    let dates =
        certificate.not_before().as_unix_seconds()..=certificate.not_after().as_unix_seconds();
    subject.place == Place::Anchor && !dates.contains(&at)
}

pub(super) fn anchor_unknown_critical(subject: &Subject<'_>) -> bool {
    subject.place == Place::Anchor && !subject.certificate.unhandled_critical().is_empty()
}

/// "Conforming CAs MUST include this extension in all CA certificates that contain public keys used to
/// validate digital signatures on certificates": the key of every certificate above the end entity's.
pub(super) fn basic_constraints_missing(subject: &Subject<'_>) -> bool {
    subject.place != Place::EndEntity && !subject.is_ca()
}

pub(super) fn basic_constraints_not_critical(subject: &Subject<'_>) -> bool {
    subject.is_ca() && subject.has_uncritical(extension::BASIC_CONSTRAINTS)
}

pub(super) fn inhibit_any_policy_not_critical(subject: &Subject<'_>) -> bool {
    subject.has_uncritical(extension::INHIBIT_ANY_POLICY)
}

pub(super) fn issuer_empty(subject: &Subject<'_>) -> bool {
    subject.certificate.issuer().is_empty()
}

/// "If the cA boolean is not asserted, then the keyCertSign bit in the key usage extension MUST NOT be
/// asserted."
pub(super) fn key_cert_sign_without_ca(subject: &Subject<'_>) -> bool {
    let usage = subject.certificate.key_usage();
    usage.is_some_and(|usage| usage.key_cert_sign()) && !subject.is_ca()
}

/// The period is for URIs and mailboxes.
pub(super) fn name_constraints_dns_period(subject: &Subject<'_>) -> bool {
    let constraints = NameConstraints::of(subject.certificate).ok().flatten();
    constraints.is_some_and(|constraints| constraints.has_dns_with_leading_period())
}

pub(super) fn name_constraints_not_critical(subject: &Subject<'_>) -> bool {
    subject.has_uncritical(extension::NAME_CONSTRAINTS)
}

/// "The name constraints extension, which MUST be used only in a CA certificate".
pub(super) fn name_constraints_without_ca(subject: &Subject<'_>) -> bool {
    subject.has(extension::NAME_CONSTRAINTS) && !subject.is_ca()
}

/// "CAs MUST NOT include the pathLenConstraint field unless the cA boolean is asserted and the key usage
/// extension asserts the keyCertSign bit." A key usage that is absent restricts nothing.
pub(super) fn path_length_without_ca(subject: &Subject<'_>) -> bool {
    let certificate = subject.certificate;
    let constraints = certificate.basic_constraints();
    let signs_certificates = certificate
        .key_usage()
        .is_none_or(|usage| usage.key_cert_sign());
    constraints.is_some_and(|constraints| constraints.max_path_length.is_some())
        && !(subject.is_ca() && signs_certificates)
}

pub(super) fn policy_constraints_not_critical(subject: &Subject<'_>) -> bool {
    subject.has_uncritical(extension::POLICY_CONSTRAINTS)
}

/// Not of an anchor: nobody identifies it by its issuer and number, and roots in use have the number zero.
pub(super) fn serial_number(subject: &Subject<'_>) -> bool {
    subject.place != Place::Anchor && subject.certificate.serial().irregularity().is_some()
}

pub(super) fn subject_empty(subject: &Subject<'_>) -> bool {
    let is_issuer = subject.is_ca() || subject.place != Place::EndEntity;
    is_issuer && subject.certificate.subject().is_empty()
}

pub(super) fn subject_key_id_critical(subject: &Subject<'_>) -> bool {
    subject
        .certificate
        .is_extension_critical(extension::SUBJECT_KEY_IDENTIFIER)
}

/// "This extension MUST appear in all conforming CA certificates, that is, all certificates including the
/// basic constraints extension (Section 4.2.1.9) where the value of cA is TRUE."
pub(super) fn subject_key_id_missing(subject: &Subject<'_>) -> bool {
    subject.is_ca() && !subject.has(extension::SUBJECT_KEY_IDENTIFIER)
}
