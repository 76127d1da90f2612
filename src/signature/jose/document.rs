//! A JWS as a signed document, in any serialisation (RFC 7515 §7), with or without `JAdES` (ETSI TS 119 182-1).
//!
//! Reading is lenient where a fact can be told and strict where a text could mean two things: members that occur
//! twice, base64url of more than one spelling and mixed serialisations are refused. Credentials, receipts and
//! status lists are read by [`crate::signature::jose::compact`] instead, which refuses much more.

use crate::encoding::base64url;
use crate::signature::cms::work::Work;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::SignatureFacts;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::Segment;
use crate::signature::jose::facts;
use crate::signature::jose::facts::JwsSignature;
use crate::signature::jose::facts::ReadSignature;
use crate::signature::jose::facts::Surroundings;
use crate::signature::jose::payload;
pub use crate::signature::jose::serialisation::MAX_DOCUMENT_BYTES;
use crate::signature::jose::serialisation::Serialised;

/// A signed document, read and not computed with.
#[derive(Debug)]
pub struct JwsDocument {
    /// `payload` as it stands.
    text: Option<String>,
    /// The content inside, decoded; none where it is detached or empty.
    payload: Option<Vec<u8>>,
    signatures: Vec<JwsSignature>,
}

impl JwsDocument {
    /// Reads `bytes`, all of them: a compact serialisation with white space around it, or a JSON object.
    ///
    /// The sender may be hostile: at most [`MAX_DOCUMENT_BYTES`] and 64 signatures. Of several signatures one
    /// whose header or value cannot be read is told by its facts; where it is the only one, it is an error.
    ///
    /// # Errors
    /// [`JoseError`] names the member or segment that is not as RFC 7515 §7 has it.
    pub fn parse(bytes: &[u8]) -> Result<Self, JoseError> {
        let serialised = Serialised::read(bytes)?;
        let is_only = serialised.signatures.len() == 1;
        let mut signatures = Vec::with_capacity(serialised.signatures.len());
        for serialised in serialised.signatures {
            let mut read = ReadSignature::read(&serialised);
            if is_only {
                read = Ok(read?);
            }
            signatures.push(JwsSignature { serialised, read });
        }
        let mut document = Self {
            text: serialised.payload,
            payload: None,
            signatures,
        };
        document.payload = document.decode_payload()?;
        Ok(document)
    }

    /// The content inside: unencoded where every signature says so (RFC 7797 §3).
    fn decode_payload(&self) -> Result<Option<Vec<u8>>, JoseError> {
        let Some(text) = self.text.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let mut encodings = self.encodings().peekable();
        if encodings.peek().is_some() && encodings.all(|is_encoded| !is_encoded) {
            return Ok(Some(text.as_bytes().to_vec()));
        }
        let decoded = base64url::decode(text, MAX_DOCUMENT_BYTES);
        decoded.map(Some).map_err(|source| JoseError::Encoding {
            segment: Segment::Payload,
            source,
        })
    }

    /// Of each signature that could be read, whether it is over the payload in base64url.
    fn encodings(&self) -> impl Iterator<Item = bool> {
        let read = self
            .signatures
            .iter()
            .filter_map(|one| one.read.as_ref().ok());
        read.map(|read| read.header.is_payload_encoded)
    }

    /// How many signatures there are.
    #[must_use]
    pub const fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// The content that lies inside; none where it is detached, or empty.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.payload.as_deref()
    }

    /// What is needed of each content that stands apart; nothing where the content lies inside.
    ///
    /// Several contents belong together where a signature names them (`sigD`): each is handed in with its name.
    #[must_use]
    pub fn needs(&self) -> ContentNeeds {
        let read = self
            .signatures
            .iter()
            .filter_map(|one| one.read.as_ref().ok());
        read.map(|read| payload::needs_of(&read.header, self.text.as_deref()))
            .fold(ContentNeeds::default(), ContentNeeds::and)
    }

    /// Computes with every signature, in the order of the document.
    ///
    /// `detached` is content that may be meant where there is none inside: by its name where a signature names
    /// its contents, else one after the other until the value fits. What one document makes us compute is
    /// bounded.
    #[must_use]
    pub fn facts(&self, detached: &[DetachedContent]) -> Vec<SignatureFacts> {
        let work = Work::new();
        let mut encodings = self.encodings();
        let first = encodings.next();
        let around = Surroundings {
            payload: self.text.as_deref(),
            detached,
            has_mixed_encodings: encodings.any(|is_encoded| Some(is_encoded) != first),
            level: work.outermost(),
        };
        let signatures = self.signatures.iter();
        signatures
            .map(|signature| facts::of_signature(signature, &around))
            .collect()
    }
}

#[cfg(test)]
mod tests;
