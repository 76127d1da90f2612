//! A signature or a document timestamp, from the request to the file.

use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::encoding::hex;
use crate::signature::pdf::date::encode_date;
use crate::signature::pdf::file::PdfFile;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::object::PdfString;
use crate::signature::pdf::permissions::Permissions;
use crate::signature::pdf::permissions::Refusal;
use crate::signature::pdf::signature_field::SignedField;
use crate::signature::pdf::signature_field::signed_fields;
use crate::signature::pdf::write::appearance;
use crate::signature::pdf::write::error::MakeError;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::field::Chosen;
use crate::signature::pdf::write::read_back;
use crate::signature::pdf::write::read_back::Added;
use crate::signature::pdf::write::request::Certification;
use crate::signature::pdf::write::request::FieldChoice;
use crate::signature::pdf::write::request::NewSignature;
use crate::signature::pdf::write::request::ValueKind;
use crate::signature::pdf::write::request::ValueMaker;
use crate::signature::pdf::write::update::NUMBER_WIDTH;
use crate::signature::pdf::write::update::Slot;
use crate::signature::pdf::write::update::Update;
use crate::signature::pdf::write::update::Updated;

/// How often a value may come out larger than the one before.
const MAX_ATTEMPTS: usize = 4;
/// Bytes to spare when room is made for a value whose size is known: ECDSA values differ by a few.
const SPARE_BYTES: usize = 64;

/// Adds a signature to the document `bytes`, and gives the whole file.
///
/// # Errors
/// [`MakeError::Pdf`] when the document does not permit it or would be spoilt, [`MakeError::Value`] from `maker`.
pub fn sign<E>(
    bytes: &[u8],
    request: &NewSignature<'_>,
    maker: ValueMaker<'_, E>,
) -> Result<Vec<u8>, MakeError<E>> {
    let build = |revision: &Revision<'_, '_>, room: usize| {
        let signed = signed_fields(revision)?;
        let chosen = Chosen::find(revision, request.field)?;
        require_permitted(revision, &signed, &chosen.name)?;
        if request.certification.is_some() && !signed.is_empty() {
            return Err(PdfWriteError::CertifiedTooLate);
        }
        let mut update = Update::new(revision)?;
        let catalog = revision.catalog()?.id;
        let signature = dictionary(request, chosen.lock(), catalog);
        let signature = update.add_signature(signature, room)?;
        let appearance = match chosen.rectangle() {
            Some(rectangle) => Some(appearance::add(&mut update, rectangle, request)?),
            None => None,
        };
        chosen.fill(&mut update, signature, appearance)?;
        if request.certification.is_some() {
            let value = Object::Reference(signature);
            update.modify(catalog, &["Perms", "DocMDP"], |_| value)?;
        }
        update.finish(request.signed_at)
    };
    make(bytes, Added::Signature, (&build, maker))
}

/// Adds a document timestamp (ETSI EN 319 142-1 §5.4.3) to the document `bytes`, and gives the whole file; `maker`
/// has the digest timestamped. The field's name and the file's identifier owe nothing to `at` but that they are new.
///
/// # Errors
/// As [`sign`].
pub fn timestamp<E>(
    bytes: &[u8],
    at: Timestamp,
    maker: ValueMaker<'_, E>,
) -> Result<Vec<u8>, MakeError<E>> {
    let build = |revision: &Revision<'_, '_>, room: usize| {
        let (page, rectangle) = (1, None);
        let chosen = Chosen::find(revision, FieldChoice::New { page, rectangle })?;
        let mut update = Update::new(revision)?;
        let token = Dictionary::of([
            ("Type", Object::name("DocTimeStamp")),
            ("Filter", Object::name("Adobe.PPKLite")),
            ("SubFilter", Object::name("ETSI.RFC3161")),
        ]);
        let token = update.add_signature(token, room)?;
        chosen.fill(&mut update, token, None)?;
        update.finish(at)
    };
    make(bytes, Added::Timestamp, (&build, maker))
}

/// Builds the file around the room for a value, has the value made, and puts it in.
type Build<'b> = &'b dyn Fn(&Revision<'_, '_>, usize) -> Result<Updated, PdfWriteError>;

fn make<E>(
    bytes: &[u8],
    added: Added,
    (build, maker): (Build<'_>, ValueMaker<'_, E>),
) -> Result<Vec<u8>, MakeError<E>> {
    let file = PdfFile::new(bytes);
    let revision = file.revision(bytes.len())?;
    if revision.encryption().is_some() {
        return Err(PdfWriteError::Encrypted.into());
    }
    let mut room = maker.room;
    let mut needed = 0;
    for _ in 0..MAX_ATTEMPTS {
        let mut updated = build(&revision, room)?;
        let Some(slot) = updated.slot.take() else {
            let missing = PdfWriteError::NotIntact("it has no signature".to_owned());
            return Err(missing.into());
        };
        fill_byte_range(&mut updated.bytes, &slot);
        let digest = digest_around(&updated.bytes, &slot, maker.digest);
        let value = (maker.make)(&digest).map_err(MakeError::Value)?;
        needed = value.len();
        if needed <= room {
            let digits = hex::encode(&value);
            let within = slot.contents.start.saturating_add(1);
            put(&mut updated.bytes, within, digits.as_bytes());
            read_back::require_sound(bytes, &updated.bytes, added)?;
            return Ok(updated.bytes);
        }
        room = needed.saturating_add(SPARE_BYTES);
    }
    Err(PdfWriteError::NoRoom { needed, room }.into())
}

/// `ByteRange` (ISO 32000-2 §12.8.1): all of the file but the value of `Contents`. The first number stands there.
fn fill_byte_range(bytes: &mut [u8], slot: &Slot) {
    let (before, after) = (slot.contents.start, slot.contents.end);
    let rest = bytes.len().saturating_sub(after);
    let numbers = format!("{before:<NUMBER_WIDTH$} {after:<NUMBER_WIDTH$} {rest:<NUMBER_WIDTH$} ");
    put(bytes, slot.byte_range.start, numbers.as_bytes());
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    let places = bytes.iter_mut().skip(at);
    for (place, byte) in places.zip(what) {
        *place = *byte;
    }
}

fn digest_around(bytes: &[u8], slot: &Slot, algorithm: DigestAlgorithm) -> Digest {
    let mut context = DigestContext::new(algorithm);
    context.update(bytes.get(..slot.contents.start).unwrap_or_default());
    context.update(bytes.get(slot.contents.end..).unwrap_or_default());
    context.finish()
}

/// What earlier signers have to say about another signature.
fn require_permitted(
    revision: &Revision<'_, '_>,
    signed: &[SignedField],
    field: &str,
) -> Result<(), PdfWriteError> {
    for earlier in signed {
        let by = earlier.field.name.clone();
        match Permissions::of(earlier, revision)?.refusal(field) {
            None => {}
            Some(Refusal::Final) => return Err(PdfWriteError::Final { by }),
            Some(Refusal::Locked) => {
                let field = field.to_owned();
                return Err(PdfWriteError::FieldLocked { field, by });
            }
        }
    }
    Ok(())
}

/// The signature dictionary (ISO 32000-2 table 255, ETSI EN 319 142-1 §6.3), but for what its place in the file
/// decides.
fn dictionary(
    request: &NewSignature<'_>,
    lock: Option<&Dictionary>,
    catalog: ObjectId,
) -> Dictionary {
    let text = |text: &str| Object::String(PdfString::of_text(text));
    let sub_filter = match request.kind {
        ValueKind::Cades => "ETSI.CAdES.detached",
        ValueKind::GmCms => "GM.sm2cms.detached",
    };
    let mut signature = Dictionary::of([
        ("Type", Object::name("Sig")),
        ("Filter", Object::name("Adobe.PPKLite")),
        ("SubFilter", Object::name(sub_filter)),
        ("M", text(&encode_date(request.signed_at))),
    ]);
    let told = [("Reason", request.reason), ("Location", request.location)];
    for (key, value) in told {
        if let Some(value) = value {
            signature.set(key, text(value));
        }
    }
    let certified = request.certification.map(certifying);
    let locked = lock.map(|lock| locking(lock, catalog));
    let references: Vec<Object> = certified.into_iter().chain(locked).collect();
    if !references.is_empty() {
        signature.set("Reference", Object::Array(references));
    }
    signature
}

/// ISO 32000-2 tables 256 and 257.
fn certifying(certification: Certification) -> Object {
    let parameters = Dictionary::of([
        ("Type", Object::name("TransformParams")),
        ("P", Object::Integer(certification.level())),
        ("V", Object::name("1.2")),
    ]);
    Object::Dictionary(Dictionary::of([
        ("Type", Object::name("SigRef")),
        ("TransformMethod", Object::name("DocMDP")),
        ("TransformParams", Object::Dictionary(parameters)),
    ]))
}

/// ISO 32000-2 §12.8.2.4: what the field says is locked is locked by a signature reference of the same content.
fn locking(lock: &Dictionary, catalog: ObjectId) -> Object {
    let mut parameters = lock.clone();
    parameters.set("Type", Object::name("TransformParams"));
    parameters.set("V", Object::name("1.2"));
    Object::Dictionary(Dictionary::of([
        ("Type", Object::name("SigRef")),
        ("TransformMethod", Object::name("FieldMDP")),
        ("TransformParams", Object::Dictionary(parameters)),
        ("Data", Object::Reference(catalog)),
    ]))
}
