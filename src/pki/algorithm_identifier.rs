//! `AlgorithmIdentifier` (RFC 5280 §4.1.1.2): what certificates and whatever else is signed name their
//! algorithms by.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::crypto::algorithm::ALGORITHMS;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// An algorithm's identifier and parameters.
#[derive(Clone, Debug)]
pub(crate) struct AlgorithmIdentifier<'a> {
    pub(crate) oid: Oid,
    parameters: Option<&'a [u8]>,
}

/// Why an element is no [`AlgorithmIdentifier`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AlgorithmIdentifierError {
    /// Not DER, or not this structure.
    #[error(transparent)]
    Der(#[from] DerError),
    /// The identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
}

/// The dotted form of each identifier in the table of algorithms: writing it anew for every signature
/// would cost more than reading everything else of the field.
static DOTTED: LazyLock<HashMap<Oid, &'static str>> = LazyLock::new(|| {
    let dotted = ALGORITHMS.iter().filter_map(|row| row.oid);
    dotted
        .filter_map(|text| Oid::parse(text).ok().map(|oid| (oid, text)))
        .collect()
});

impl<'a> AlgorithmIdentifier<'a> {
    /// Reads the fields of `sequence`, to the last byte of the parameters.
    ///
    /// # Errors
    /// [`AlgorithmIdentifierError`] if they are anything else.
    pub(crate) fn read(sequence: Element<'a>) -> Result<Self, AlgorithmIdentifierError> {
        let mut fields = sequence.reader();
        let id = fields.expect(der::OBJECT_IDENTIFIER)?;
        let parameters = match fields.is_at_end() {
            true => None,
            false => Some(fields.any()?.whole),
        };
        fields.finish()?;
        Ok(Self {
            oid: Oid::from_der_content(id.content)?,
            parameters,
        })
    }

    /// The whole encoding of the parameters, if there are any.
    pub(crate) const fn parameters(&self) -> Option<&'a [u8]> {
        self.parameters
    }

    /// The signature algorithm that is named; none if we do not know it or its parameters do not fit.
    pub(crate) fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        match DOTTED.get(&self.oid) {
            Some(dotted) => SignatureAlgorithm::from_oid(dotted, self.parameters),
            None => SignatureAlgorithm::from_oid(&self.oid.to_string(), self.parameters),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[u8]) -> Result<Option<SignatureAlgorithm>, AlgorithmIdentifierError> {
        let der = der::encode(der::SEQUENCE, fields);
        AlgorithmIdentifier::read(der::single(&der).unwrap())
            .map(|identifier| identifier.signature_algorithm())
    }

    #[test]
    fn every_algorithm_of_the_table_is_found_with_its_parameters() {
        for row in ALGORITHMS {
            let Some(text) = row.oid else { continue };
            let oid = Oid::parse(text).unwrap().to_der();
            for parameters in [&[][..], &[0x05, 0x00]] {
                let given = (!parameters.is_empty()).then_some(parameters);
                let expected = SignatureAlgorithm::from_oid(text, given);
                assert_eq!(read(&[&oid, parameters].concat()), Ok(expected), "{text}");
            }
        }
    }

    #[test]
    fn an_unknown_algorithm_is_no_error_and_no_algorithm() {
        let oid = Oid::parse("1.2.840.113549.1.1.4").unwrap().to_der();
        assert_eq!(read(&[&oid[..], &[0x05, 0x00]].concat()), Ok(None));
    }

    #[test]
    fn anything_else_is_refused() {
        let oid = Oid::parse("1.2.840.113549.1.1.11").unwrap().to_der();
        for bad in [
            &[][..],
            &[0x05, 0x00],
            &oid[..oid.len() - 1],
            &[&oid[..], &[0x05, 0x00, 0x05, 0x00]].concat(),
            &[&oid[..], &[0x05, 0x01, 0x00]].concat(),
            &[&oid[..], &[0x30, 0x02, 0x05, 0x01]].concat(),
        ] {
            assert!(
                matches!(read(bad), Err(AlgorithmIdentifierError::Der(_))),
                "{bad:02x?}"
            );
        }
        let too_wide = der::encode(
            der::OBJECT_IDENTIFIER,
            &[&[0x2a][..], &[0xff; 19], &[0x7f]].concat(),
        );
        assert!(matches!(
            read(&too_wide),
            Err(AlgorithmIdentifierError::Oid(_))
        ));
    }
}
