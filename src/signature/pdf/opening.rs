//! Whether a file is encrypted, and whether it opens without a password.

use crate::signature::pdf::encryption::CryptMethod;
use crate::signature::pdf::encryption::Decryption;
use crate::signature::pdf::encryption::EncryptionSettings;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;

/// How a file is to be read.
#[derive(Debug)]
pub(super) enum Opening {
    /// It is encrypted, and this is why it stays so. Only what is never encrypted can be read.
    Closed(String),
    /// It is encrypted with the empty password.
    Opened {
        decryption: Decryption,
        /// The encryption dictionary, which is not encrypted itself.
        dictionary: Option<ObjectId>,
        encrypt_metadata: bool,
    },
    /// It is not encrypted.
    Plain,
}

impl Opening {
    /// Tries to open a document.
    pub(super) fn of(revision: &Revision<'_, '_>) -> Self {
        let Some(entry) = revision.encryption() else {
            return Self::Plain;
        };
        match Self::opened(entry, revision) {
            Ok(opened) => opened,
            Err(PdfError::Encrypted(why)) => Self::Closed(why),
            Err(error) => Self::Closed(error.to_string()),
        }
    }

    fn opened(entry: &Object, revision: &Revision<'_, '_>) -> Result<Self, PdfError> {
        let dictionary = revision.resolve(entry)?;
        let refused = || PdfError::structure("Encrypt", "a dictionary");
        let settings = settings(dictionary.as_dictionary().ok_or_else(refused)?, revision)?;
        let decryption = Decryption::with_empty_password(&settings)
            .map_err(|error| PdfError::Encrypted(error.to_string()))?;
        Ok(Self::Opened {
            decryption,
            dictionary: entry.as_reference(),
            encrypt_metadata: settings.encrypt_metadata,
        })
    }

    /// Decrypts the strings of object `id`, all but what is never encrypted.
    pub(super) fn decrypt_strings(
        &self,
        id: ObjectId,
        object: &mut Object,
    ) -> Result<(), PdfError> {
        match self {
            Self::Opened {
                decryption,
                dictionary,
                ..
            } if *dictionary != Some(id) => strings(decryption, id, object),
            Self::Closed(_) | Self::Opened { .. } | Self::Plain => Ok(()),
        }
    }

    /// Decrypts the data of the stream `id`.
    pub(super) fn decrypt_stream(
        &self,
        (id, entries): (ObjectId, &Dictionary),
        raw: &[u8],
    ) -> Result<Option<Vec<u8>>, PdfError> {
        match self {
            Self::Plain => Ok(None),
            Self::Closed(why) => Err(PdfError::Encrypted(why.clone())),
            Self::Opened {
                encrypt_metadata, ..
            } if entries.names("Type", "XRef")
                || (!encrypt_metadata && entries.names("Type", "Metadata")) =>
            {
                Ok(None)
            }
            Self::Opened { decryption, .. } => decryption
                .decrypt_stream((id.number, id.generation), raw)
                .map(Some)
                .map_err(|error| PdfError::Encrypted(error.to_string())),
        }
    }
}

fn strings(decryption: &Decryption, id: ObjectId, object: &mut Object) -> Result<(), PdfError> {
    match object {
        Object::Array(elements) => elements
            .iter_mut()
            .try_for_each(|element| strings(decryption, id, element)),
        Object::Dictionary(dictionary) => {
            // ISO 32000-2 §7.6.2: the value of a signature is not encrypted.
            let is_signature = dictionary.get("ByteRange").is_some();
            let entries = dictionary.0.iter_mut();
            let encrypted = entries.filter(|(name, _)| !(is_signature && name.is("Contents")));
            encrypted
                .map(|(_, value)| value)
                .try_for_each(|value| strings(decryption, id, value))
        }
        Object::String(string) => {
            string.bytes = decryption
                .decrypt_string((id.number, id.generation), &string.bytes)
                .map_err(|error| PdfError::Encrypted(error.to_string()))?;
            Ok(())
        }
        Object::Boolean(_)
        | Object::Integer(_)
        | Object::Name(_)
        | Object::Null
        | Object::Real(_)
        | Object::Reference(_) => Ok(()),
    }
}

/// Reads the encryption dictionary (ISO 32000-2 tables 20, 21 and 25).
fn settings(
    dictionary: &Dictionary,
    revision: &Revision<'_, '_>,
) -> Result<EncryptionSettings, PdfError> {
    if !dictionary.names("Filter", "Standard") {
        let detail = "it takes a certificate, or another program, to open it";
        return Err(PdfError::Encrypted(detail.to_owned()));
    }
    let number = |key: &str, default: i64| -> Result<i64, PdfError> {
        Ok(revision
            .value(dictionary, key)?
            .as_integer()
            .unwrap_or(default))
    };
    let string = |key: &str| -> Result<Option<Vec<u8>>, PdfError> {
        let value = revision.value(dictionary, key)?;
        Ok(value.as_string().map(|string| string.bytes.clone()))
    };
    let length_bits = revision.value(dictionary, "Length")?.as_integer();
    let encrypt_metadata =
        *revision.value(dictionary, "EncryptMetadata")? != Object::Boolean(false);
    let id = revision.trailer().and_then(|trailer| trailer.get("ID"));
    let id = id.map(|id| revision.resolve(id)).transpose()?;
    let first_id = id
        .as_ref()
        .and_then(|id| id.as_array()?.first()?.as_string());
    Ok(EncryptionSettings {
        version: number("V", 0)?,
        revision: number("R", 0)?,
        length_bits,
        permissions: number("P", 0)?,
        owner: string("O")?.unwrap_or_default(),
        user: string("U")?.unwrap_or_default(),
        user_key: string("UE")?,
        encrypt_metadata,
        stream_method: method(dictionary, "StmF", revision)?,
        string_method: method(dictionary, "StrF", revision)?,
        first_id: first_id.map(|id| id.bytes.clone()).unwrap_or_default(),
    })
}

fn method(
    dictionary: &Dictionary,
    key: &str,
    revision: &Revision<'_, '_>,
) -> Result<CryptMethod, PdfError> {
    let name = revision.value(dictionary, key)?;
    let Some(name) = name.as_name().map(ToString::to_string) else {
        return Ok(CryptMethod::Identity);
    };
    if name == "Identity" {
        return Ok(CryptMethod::Identity);
    }
    let filters = revision.value(dictionary, "CF")?;
    let refused = || PdfError::structure(format!("Encrypt/CF/{name}"), "a crypt filter");
    let filters = filters.as_dictionary().ok_or_else(refused)?;
    let filter = revision.value(filters, &name)?;
    let filter = filter.as_dictionary().ok_or_else(refused)?;
    match revision.value(filter, "CFM")?.as_name() {
        Some(name) if name.is("V2") => Ok(CryptMethod::Rc4),
        Some(name) if name.is("AESV2") => Ok(CryptMethod::AesV2),
        Some(name) if name.is("AESV3") => Ok(CryptMethod::AesV3),
        _ => Err(refused()),
    }
}
