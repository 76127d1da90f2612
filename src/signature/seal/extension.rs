//! `ExtensionDatas` of a seal and of what was signed with it: `SEQUENCE OF ExtData`.

use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::signature::facts::Fault;
use crate::signature::seal::error::SealError;

/// Extensions that are read of one list.
const MAX_EXTENSIONS: usize = 64;

/// The identifiers of the extensions that stand next, if any do, and what is to be told of them.
///
/// No extension is known here: one that is critical leaves everything undecided. They stand under `[0]`, which
/// version 1 may leave out; whether that tag is `EXPLICIT` is not clear from the standards, and both are read.
pub(super) fn read(
    reader: &mut Reader<'_>,
    place: &'static str,
    faults: &mut Vec<Fault>,
) -> Result<Vec<Oid>, SealError> {
    let found = match reader.optional(der::context_constructed(0))? {
        Some(tagged) => Some(tagged),
        None => reader.optional(der::SEQUENCE)?,
    };
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let mut list = found.reader();
    if found.tag != der::SEQUENCE && !begins_with_extension(&found) && !list.is_at_end() {
        let inner = list.expect(der::SEQUENCE)?;
        list.finish()?;
        list = inner.reader();
    }
    let mut extensions = Vec::new();
    while !list.is_at_end() {
        if extensions.len() >= MAX_EXTENSIONS {
            let (what, maximum) = ("extDatas", MAX_EXTENSIONS);
            return Err(SealError::TooLarge { what, maximum });
        }
        let (oid, is_critical) = extension(&list.expect(der::SEQUENCE)?)?;
        if is_critical {
            let detail = format!("the extension {oid} is critical and unknown");
            faults.push(Fault::unprocessed(place, detail));
        }
        extensions.push(oid);
    }
    Ok(extensions)
}

/// Whether the first member is an `ExtData` and not the list of them.
fn begins_with_extension(list: &Element<'_>) -> bool {
    let first = list.reader().read();
    let inner = first.and_then(|member| member.reader().read());
    inner.is_ok_and(|field| field.tag == der::OBJECT_IDENTIFIER)
}

/// `ExtData ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
fn extension(element: &Element<'_>) -> Result<(Oid, bool), SealError> {
    let mut fields = element.reader();
    let oid = Oid::from_der_content(fields.expect(der::OBJECT_IDENTIFIER)?.content)?;
    let critical = fields.optional(der::BOOLEAN)?;
    fields.expect(der::OCTET_STRING)?;
    fields.finish()?;
    let is_critical = critical.is_some_and(|critical| critical.content != [0]);
    Ok((oid, is_critical))
}
