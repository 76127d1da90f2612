//! Adds to the document security store (ETSI EN 319 142-1 §5.4.2): certificates, CRLs and OCSP responses.

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::pdf::file::PdfFile;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::security_store::SecurityStore;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::field::with;
use crate::signature::pdf::write::read_back;
use crate::signature::pdf::write::read_back::Added;
use crate::signature::pdf::write::update::Update;

/// Adds certificates and evidence to the store of the document `bytes`, but what it holds already, and gives the whole
/// file: none where it holds all. What is there stays.
///
/// # Errors
/// [`PdfWriteError`] when the document cannot be added to.
pub fn extend(
    bytes: &[u8],
    (certificates, evidence): (&[Certificate], &Evidence),
    at: Timestamp,
) -> Result<Option<Vec<u8>>, PdfWriteError> {
    let file = PdfFile::new(bytes);
    let revision = file.revision(bytes.len())?;
    let mut update = Update::new(&revision)?;
    let known = SecurityStore::read(&revision);
    let certificates = certificates
        .iter()
        .filter(|certificate| !known.certificates.contains(certificate))
        .map(|certificate| certificate.der().to_vec());
    let crls = evidence
        .crls()
        .iter()
        .filter(|crl| !known.evidence.crls().contains(crl))
        .map(|crl| crl.der().to_vec());
    let is_known = |response: &[u8]| {
        let mut known = known.evidence.responses();
        known.any(|other| other.der() == response)
    };
    let responses = evidence
        .responses()
        .map(|response| response.der().to_vec())
        .filter(|response| !is_known(response));
    let added: [(&str, Vec<Vec<u8>>); 3] = [
        ("Certs", certificates.collect()),
        ("CRLs", crls.collect()),
        ("OCSPs", responses.collect()),
    ];
    if added.iter().all(|(_, several)| several.is_empty()) {
        return Ok(None);
    }
    let catalog = revision.catalog()?.id;
    let mut is_there = false;
    update.modify(catalog, &["DSS"], |store| {
        is_there = store.as_dictionary().is_some();
        store
    })?;
    if !is_there {
        let store = Dictionary::of([("Type", Object::name("DSS"))]);
        let store = Object::Reference(update.add(Object::Dictionary(store))?);
        update.modify(catalog, &["DSS"], |_| store)?;
    }
    for (key, several) in added {
        for der in several {
            let stored = Object::Reference(update.add_stream(Dictionary::default(), der)?);
            update.modify(catalog, &["DSS", key], |list| with(list, stored))?;
        }
    }
    let updated = update.finish(at)?;
    read_back::require_sound(bytes, &updated.bytes, Added::Evidence)?;
    Ok(Some(updated.bytes))
}
