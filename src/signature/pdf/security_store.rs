//! The document security store (ETSI EN 319 142-1 §5.4.2): certificates, CRLs and OCSP responses for later. None
//! of it is trusted, and it serves this document alone.

use std::collections::HashSet;

use crate::pki::certificate::Certificate;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;

/// Certificates, CRLs and OCSP responses that are read of one store.
const MAX_STORED: usize = 1024;

/// What a store holds.
#[derive(Debug, Default)]
pub(super) struct SecurityStore {
    pub(super) certificates: Vec<Certificate>,
    pub(super) evidence: Evidence,
    /// What could not be read, and why; it is left out.
    pub(super) left_out: Vec<String>,
}

/// What an entry holds.
#[derive(Clone, Copy)]
enum Stored {
    Certificate,
    Crl,
    Ocsp,
}

/// The entries of the store itself and of one signature's part of it (ETSI EN 319 142-1 tables 3 and 4).
const ENTRIES: [(&str, &str, Stored); 3] = [
    ("Certs", "Cert", Stored::Certificate),
    ("CRLs", "CRL", Stored::Crl),
    ("OCSPs", "OCSP", Stored::Ocsp),
];

/// The store of a revision, if there is one.
fn dictionary(revision: &Revision<'_, '_>) -> Result<Option<Dictionary>, PdfError> {
    let catalog = revision.catalog()?;
    match catalog.object.as_dictionary() {
        Some(catalog) => Ok(revision.value(catalog, "DSS")?.as_dictionary().cloned()),
        None => Ok(None),
    }
}

/// Whether a revision holds revocation information.
pub(super) fn has_evidence(revision: &Revision<'_, '_>) -> bool {
    let has = |store: Dictionary| store.get("CRLs").is_some() || store.get("OCSPs").is_some();
    dictionary(revision).ok().flatten().is_some_and(has)
}

impl SecurityStore {
    /// Reads the store of a revision. What cannot be read is told, and left out.
    pub(super) fn read(revision: &Revision<'_, '_>) -> Self {
        let mut reading = Reading {
            revision,
            seen: HashSet::new(),
            certificates: Vec::new(),
            crls: Vec::new(),
            responses: Vec::new(),
            left_out: Vec::new(),
        };
        if let Err(error) = reading.read() {
            reading.left_out.push(error.to_string());
        }
        let responses = reading.responses.into_iter().map(Into::into);
        Self {
            certificates: reading.certificates,
            evidence: Evidence::new(reading.crls, responses),
            left_out: reading.left_out,
        }
    }
}

struct Reading<'r, 'f, 'a> {
    revision: &'r Revision<'f, 'a>,
    seen: HashSet<ObjectId>,
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    responses: Vec<OcspResponse>,
    left_out: Vec<String>,
}

impl Reading<'_, '_, '_> {
    fn read(&mut self) -> Result<(), PdfError> {
        let Some(store) = dictionary(self.revision)? else {
            return Ok(());
        };
        for (key, _, stored) in ENTRIES {
            self.list(&store, key, stored)?;
        }
        let parts = self.revision.value(&store, "VRI")?;
        let Some(parts) = parts.as_dictionary() else {
            return Ok(());
        };
        for (_, part) in parts.iter() {
            let part = self.revision.resolve(part)?;
            for (_, key, stored) in ENTRIES {
                if let Some(part) = part.as_dictionary() {
                    self.list(part, key, stored)?;
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, from: &Dictionary, key: &str, stored: Stored) -> Result<(), PdfError> {
        let list = self.revision.value(from, key)?;
        let references = list.as_array().unwrap_or_default();
        for id in references.iter().filter_map(Object::as_reference) {
            if !self.seen.insert(id) {
                continue;
            }
            if self.seen.len() > MAX_STORED {
                let (what, maximum) = ("entries of the DSS", MAX_STORED);
                return Err(PdfError::Limit { what, maximum });
            }
            if let Err(error) = self.take(id, stored) {
                self.left_out
                    .push(format!("DSS, {key}, object {id}: {error}"));
            }
        }
        Ok(())
    }

    fn take(&mut self, id: ObjectId, stored: Stored) -> Result<(), String> {
        let body = self
            .revision
            .referred(id)
            .map_err(|error| error.to_string())?;
        let body = body.ok_or("it is nowhere")?;
        let der = self
            .revision
            .decoded(&body)
            .map_err(|error| error.to_string())?;
        match stored {
            Stored::Certificate => {
                let certificate =
                    Certificate::parse_der(&der).map_err(|error| error.to_string())?;
                if !self.certificates.contains(&certificate) {
                    self.certificates.push(certificate);
                }
            }
            Stored::Crl => self
                .crls
                .push(Crl::parse_der(der).map_err(|error| error.to_string())?),
            Stored::Ocsp => {
                let response = OcspResponse::parse_der(der).map_err(|error| error.to_string())?;
                self.responses.push(response);
            }
        }
        Ok(())
    }
}
