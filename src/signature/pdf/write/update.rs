//! An incremental update: objects that are new or written anew, and the cross-reference that says where
//! (ISO 32000-2 §7.5.6).

use std::collections::BTreeMap;
use std::ops::Range;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::signature::pdf::date::encode_date;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::object::PdfString;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::serialise;

/// The largest number that an object may have (ISO 32000-1 Annex C).
const MAX_NUMBER: u32 = 8_388_607;
/// The largest offset that a table has room for.
const MAX_OFFSET: usize = 9_999_999_999;
/// Bytes of a part of the file's identifier.
const ID_BYTES: usize = 16;
/// References that lead to references.
const MAX_HOPS: usize = 16;

/// Entries of a trailer that an update has of its own (ISO 32000-2 tables 15 and 17), or that end with the section.
const OWN: [&str; 11] = [
    "DecodeParms",
    "Filter",
    "ID",
    "Index",
    "Length",
    "Prev",
    "Root",
    "Size",
    "Type",
    "W",
    "XRefStm",
];

/// What is added to a file.
pub(super) struct Update<'r, 'f, 'a> {
    base: &'r Revision<'f, 'a>,
    next: u32,
    written: BTreeMap<ObjectId, Written>,
}

/// An object that is written.
enum Written {
    Object(Object),
    Stream(Dictionary, Vec<u8>),
    /// A signature dictionary, but for `ByteRange` and `Contents`, and the bytes to leave for the value.
    Signature(Dictionary, usize),
}

/// The file with an update, its signature still without a value.
pub(super) struct Updated {
    pub(super) bytes: Vec<u8>,
    pub(super) slot: Option<Slot>,
}

/// Where the value of a signature goes.
pub(super) struct Slot {
    /// Where the three numbers of `ByteRange` go that are not known before.
    pub(super) byte_range: Range<usize>,
    /// `Contents`, with its delimiters.
    pub(super) contents: Range<usize>,
}

/// Characters of a number in `ByteRange`.
pub(super) const NUMBER_WIDTH: usize = 10;

impl<'r, 'f, 'a> Update<'r, 'f, 'a> {
    /// An update to what the file is at the end of `base`, its last revision.
    pub(super) fn new(base: &'r Revision<'f, 'a>) -> Result<Self, PdfWriteError> {
        if base.encryption().is_some() {
            return Err(PdfWriteError::Encrypted);
        }
        let size = base.trailer().and_then(|trailer| trailer.get("Size"));
        let size = size.and_then(Object::as_size);
        let size = size.and_then(|size| u32::try_from(size).ok()).unwrap_or(0);
        let highest = base.numbers().into_iter().max().unwrap_or(0);
        Ok(Self {
            base,
            next: size.max(highest.saturating_add(1)),
            written: BTreeMap::new(),
        })
    }

    /// What it is an update to.
    pub(super) const fn base(&self) -> &'r Revision<'f, 'a> {
        self.base
    }

    /// A number for a new object.
    pub(super) fn reserve(&mut self) -> Result<ObjectId, PdfWriteError> {
        let number = self.next;
        if number > MAX_NUMBER {
            let maximum = usize::try_from(MAX_NUMBER).unwrap_or(usize::MAX);
            let what = "objects";
            return Err(PdfError::Limit { what, maximum }.into());
        }
        self.next = number.saturating_add(1);
        let generation = 0;
        Ok(ObjectId { number, generation })
    }

    /// Adds a new object.
    pub(super) fn add(&mut self, object: Object) -> Result<ObjectId, PdfWriteError> {
        let id = self.reserve()?;
        self.written.insert(id, Written::Object(object));
        Ok(id)
    }

    /// Writes the object whose number was reserved.
    pub(super) fn put(&mut self, id: ObjectId, object: Object) {
        self.written.insert(id, Written::Object(object));
    }

    /// Adds a new stream.
    pub(super) fn add_stream(
        &mut self,
        dictionary: Dictionary,
        data: Vec<u8>,
    ) -> Result<ObjectId, PdfWriteError> {
        let id = self.reserve()?;
        self.written.insert(id, Written::Stream(dictionary, data));
        Ok(id)
    }

    /// Adds a signature dictionary, with room for a value of so many bytes.
    pub(super) fn add_signature(
        &mut self,
        dictionary: Dictionary,
        room: usize,
    ) -> Result<ObjectId, PdfWriteError> {
        let id = self.reserve()?;
        let signature = Written::Signature(dictionary, room);
        self.written.insert(id, signature);
        Ok(id)
    }

    /// Changes what stands at `path` below an object, which is `Null` where nothing does: in place, whether it stands
    /// there directly or elsewhere. Only objects that differ then are written.
    pub(super) fn modify(
        &mut self,
        id: ObjectId,
        path: &[&str],
        change: impl FnOnce(Object) -> Object,
    ) -> Result<(), PdfWriteError> {
        let reference = Object::Reference(id);
        self.descend(reference, (path, 0), Box::new(change))?;
        Ok(())
    }

    fn descend<'c>(
        &mut self,
        object: Object,
        (path, hops): (&[&str], usize),
        change: Box<dyn FnOnce(Object) -> Object + 'c>,
    ) -> Result<Object, PdfWriteError> {
        if let Object::Reference(id) = object
            && let Some(old) = self.current(id)?
        {
            if hops > MAX_HOPS {
                return Err(PdfError::Cycle("a reference").into());
            }
            let new = self.descend(old.clone(), (path, hops.saturating_add(1)), change)?;
            if new != old {
                self.put(id, new);
            }
            return Ok(object);
        }
        let Some((key, rest)) = path.split_first() else {
            // A reference that leads nowhere stands for null (ISO 32000-2 §7.3.10).
            return Ok(change(match object {
                Object::Reference(_) => Object::Null,
                other => other,
            }));
        };
        let mut dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Null | Object::Reference(_) => Dictionary::default(),
            _ => return Err(PdfError::structure(*key, "in a dictionary").into()),
        };
        let old = dictionary.get(key).cloned().unwrap_or(Object::Null);
        let new = self.descend(old.clone(), (rest, 0), change)?;
        if new != old {
            dictionary.set(key, new);
        }
        Ok(Object::Dictionary(dictionary))
    }

    /// What an object is by now; none if it is nowhere.
    fn current(&self, id: ObjectId) -> Result<Option<Object>, PdfWriteError> {
        let refused =
            || PdfWriteError::from(PdfError::structure(format!("object {id}"), "a dictionary"));
        match self.written.get(&id) {
            Some(Written::Object(object)) => return Ok(Some(object.clone())),
            Some(Written::Signature(..) | Written::Stream(..)) => return Err(refused()),
            None => {}
        }
        match self.base.body(id)? {
            Some(body) if body.is_stream() => Err(refused()),
            Some(body) => Ok(Some(body.object.clone())),
            None => Ok(None),
        }
    }

    /// The whole file with the update.
    pub(super) fn finish(mut self, at: Timestamp) -> Result<Updated, PdfWriteError> {
        let refused = || PdfError::structure("trailer", "a dictionary");
        let trailer = self.base.trailer().ok_or_else(refused)?.clone();
        let is_stream = trailer.names("Type", "XRef");
        // ISO 32000-2 §7.5.8.1: a cross-reference stream is an object, and names itself.
        let own = match is_stream {
            true => Some(self.reserve()?),
            false => None,
        };
        let mut out = Output::after(self.base.file().bytes());
        for (id, written) in &self.written {
            out.write_indirect(*id, written);
        }
        let section = out.bytes.len();
        if section > MAX_OFFSET {
            return Err(PdfWriteError::TooLarge);
        }
        if let Some(own) = own {
            out.places.insert(own, section);
        }
        let trailer = self.trailer(&trailer, (&out, at))?;
        match own {
            Some(own) => out.write_stream_section(own, trailer),
            None => out.write_table(&trailer),
        }
        let end = format!("startxref\n{section}\n%%EOF\n");
        out.bytes.extend(end.bytes());
        let Output { bytes, slot, .. } = out;
        Ok(Updated { bytes, slot })
    }

    /// The trailer of the section: that of the one before, which it refers to.
    fn trailer(
        &self,
        before: &Dictionary,
        (out, at): (&Output, Timestamp),
    ) -> Result<Dictionary, PdfWriteError> {
        let mut trailer = Dictionary::default();
        let integer = |number: usize| Object::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        trailer.set("Size", Object::Integer(self.next.into()));
        trailer.set("Root", Object::Reference(self.base.catalog()?.id));
        for (name, value) in before.iter() {
            let is_own = OWN.iter().any(|own| name.is(own));
            if !is_own {
                trailer.0.push((name.clone(), value.clone()));
            }
        }
        let (first, second) = self.identifier(before, (out, at))?;
        trailer.set("ID", Object::Array(vec![first, second]));
        let previous = self.base.section_offset();
        trailer.set("Prev", integer(previous.unwrap_or_default()));
        Ok(trailer)
    }

    /// ISO 32000-2 §14.4: the first part stays, the second is new.
    fn identifier(
        &self,
        before: &Dictionary,
        (out, at): (&Output, Timestamp),
    ) -> Result<(Object, Object), PdfWriteError> {
        let known = self.base.value(before, "ID")?;
        let known = known.as_array().unwrap_or_default();
        let mut context = DigestContext::new(DigestAlgorithm::Sha256);
        for part in known {
            if let Some(part) = self.base.resolve(part)?.as_string() {
                context.update(&part.bytes);
            }
        }
        context.update(encode_date(at).as_bytes());
        let added = out.bytes.get(self.base.file().bytes().len()..);
        context.update(added.unwrap_or_default());
        let digest = context.finish();
        let new = digest.as_bytes().get(..ID_BYTES).unwrap_or_default();
        let new = Object::String(PdfString::new(new));
        let first = known.first().cloned().unwrap_or_else(|| new.clone());
        Ok((first, new))
    }
}

/// The file as it grows.
struct Output {
    bytes: Vec<u8>,
    places: BTreeMap<ObjectId, usize>,
    slot: Option<Slot>,
}

impl Output {
    fn after(file: &[u8]) -> Self {
        let mut bytes = file.to_vec();
        if !matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.push(b'\n');
        }
        Self {
            bytes,
            places: BTreeMap::new(),
            slot: None,
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend(text.bytes());
    }

    fn write_indirect(&mut self, id: ObjectId, written: &Written) {
        self.places.insert(id, self.bytes.len());
        self.text(&format!("{id} obj\n"));
        match written {
            Written::Object(object) => {
                serialise::write(&mut self.bytes, object);
                self.text("\n");
            }
            Written::Signature(dictionary, room) => self.write_signature(dictionary, *room),
            Written::Stream(dictionary, data) => self.write_stream(dictionary.clone(), data),
        }
        self.text("endobj\n");
    }

    fn write_stream(&mut self, mut dictionary: Dictionary, data: &[u8]) {
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        dictionary.set("Length", Object::Integer(length));
        serialise::write(&mut self.bytes, &Object::Dictionary(dictionary));
        self.text("\nstream\n");
        self.bytes.extend(data);
        self.text("\nendstream\n");
    }

    fn write_signature(&mut self, dictionary: &Dictionary, room: usize) {
        self.text("<<");
        serialise::write_entries(&mut self.bytes, dictionary);
        self.text("/ByteRange [0 ");
        let blank = vec![b' '; NUMBER_WIDTH.saturating_add(1).saturating_mul(3)];
        let byte_range = self.append(&blank);
        self.text("]\n/Contents ");
        let mut value = vec![b'0'; room.saturating_mul(2).saturating_add(2)];
        if let [first, .., last] = value.as_mut_slice() {
            (*first, *last) = (b'<', b'>');
        }
        let contents = self.append(&value);
        self.text(">>\n");
        self.slot = Some(Slot {
            byte_range,
            contents,
        });
    }

    fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let from = self.bytes.len();
        self.bytes.extend(bytes);
        from..self.bytes.len()
    }

    /// Runs of numbers that follow one another, each with where its objects are.
    fn runs(&self) -> Vec<(u32, Vec<(u16, usize)>)> {
        let mut runs: Vec<(u32, Vec<(u16, usize)>)> = Vec::new();
        let mut expected = None;
        for (id, offset) in &self.places {
            let entry = (id.generation, *offset);
            match runs.last_mut() {
                Some((_, entries)) if expected == Some(id.number) => entries.push(entry),
                _ => runs.push((id.number, vec![entry])),
            }
            expected = id.number.checked_add(1);
        }
        runs
    }

    /// ISO 32000-2 §7.5.4: entries of 20 bytes each.
    fn write_table(&mut self, trailer: &Dictionary) {
        self.text("xref\n");
        for (first, entries) in self.runs() {
            self.text(&format!("{first} {}\n", entries.len()));
            for (generation, offset) in entries {
                self.text(&format!("{offset:010} {generation:05} n \n"));
            }
        }
        self.text("trailer\n");
        serialise::write(&mut self.bytes, &Object::Dictionary(trailer.clone()));
        self.text("\n");
    }

    /// ISO 32000-2 §7.5.8.2.
    fn write_stream_section(&mut self, id: ObjectId, mut trailer: Dictionary) {
        let integer = |number: u64| Object::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let mut index = Vec::new();
        let mut data = Vec::new();
        for (first, entries) in self.runs() {
            let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            index.extend([integer(first.into()), integer(count)]);
            for (generation, offset) in entries {
                let offset = u64::try_from(offset).unwrap_or(u64::MAX);
                data.push(1);
                data.extend(offset.to_be_bytes());
                data.extend(generation.to_be_bytes());
            }
        }
        trailer.set("Type", Object::name("XRef"));
        trailer.set("W", Object::Array([1, 8, 2].map(integer).into()));
        trailer.set("Index", Object::Array(index));
        self.text(&format!("{id} obj\n"));
        self.write_stream(trailer, &data);
        self.text("endobj\n");
    }
}
