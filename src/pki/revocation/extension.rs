//! Extensions of CRLs, of their entries and of OCSP responses: their frame, which is that of RFC 5280
//! §4.1. Identifiers stay bytes, since a CRL may have millions.

use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// One extension; `id` are the contents octets of its OBJECT IDENTIFIER, `value` what the OCTET STRING
/// holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawExtension<'a> {
    pub(super) id: &'a [u8],
    pub(super) is_critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> RawExtension<'a> {
    /// Reads the next of a list.
    pub(super) fn read(list: &mut Reader<'a>) -> Result<Self, DerError> {
        let mut fields = list.expect(der::SEQUENCE)?.reader();
        let id = fields.expect(der::OBJECT_IDENTIFIER)?;
        let critical = fields.optional(der::BOOLEAN)?;
        let value = fields.expect(der::OCTET_STRING)?;
        fields.finish()?;
        Ok(Self {
            id: id.content,
            is_critical: critical.is_some_and(|boolean| boolean.content != [0]),
            value: value.content,
        })
    }

    /// The identifier in dotted form.
    pub(super) fn oid(&self) -> Result<Oid, OidError> {
        Oid::from_der_content(self.id)
    }
}

/// Reads the members of `SEQUENCE SIZE (1..MAX) OF Extension`. An empty one is let through.
pub(super) fn read_all(mut list: Reader<'_>) -> Result<Vec<RawExtension<'_>>, DerError> {
    let mut extensions = Vec::new();
    while !list.is_at_end() {
        extensions.push(RawExtension::read(&mut list)?);
    }
    Ok(extensions)
}

/// The first that occurs a second time.
pub(super) fn duplicate<'a>(extensions: &[RawExtension<'a>]) -> Option<RawExtension<'a>> {
    let mut ids: Vec<&[u8]> = Vec::with_capacity(extensions.len());
    for extension in extensions {
        match ids.binary_search(&extension.id) {
            Ok(_) => return Some(*extension),
            Err(place) => ids.insert(place, extension.id),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::fixtures::extension;

    #[test]
    fn the_frame_is_read_to_its_end() {
        let bytes = [
            extension("2.5.29.20", true, &[2, 1, 5]),
            extension("2.5.29.21", false, &[]),
        ]
        .concat();
        let list = read_all(Reader::new(&bytes)).unwrap();
        assert_eq!(list.len(), 2);
        assert!(list[0].is_critical && !list[1].is_critical);
        assert_eq!(list[0].value, [2, 1, 5]);
        assert_eq!(list[1].oid().unwrap(), "2.5.29.21");
        assert!(duplicate(&list).is_none());
        assert!(read_all(Reader::new(&bytes[..bytes.len() - 1])).is_err());
        let twice = [list[0], list[1], list[0]];
        assert_eq!(duplicate(&twice).unwrap().id, list[0].id);
        let first = &extension("2.5.29.20", true, &[2, 1, 5])[2..];
        let more = der::encode(der::SEQUENCE, &[first, &[5, 0]].concat());
        assert!(read_all(Reader::new(&more)).is_err());
    }
}
