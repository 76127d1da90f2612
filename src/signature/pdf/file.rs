//! The file as it stands at the end of one of its revisions: which object is where, and what it holds.

use std::cell::Cell;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;

use crate::signature::pdf::cross_reference;
use crate::signature::pdf::cross_reference::Budget;
use crate::signature::pdf::cross_reference::Entry;
use crate::signature::pdf::cross_reference::RevisionEnd;
use crate::signature::pdf::cross_reference::Section;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::filter;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::opening::Opening;
use crate::signature::pdf::parse::Indirect;
use crate::signature::pdf::parse::Parser;
use crate::signature::pdf::parse::is_space;

/// Cross-reference sections that one chain may have.
const MAX_SECTIONS: usize = 1024;
/// Objects that are read of one document.
const MAX_OBJECTS: usize = 4_000_000;
/// Entries of all cross-references of one file.
const MAX_ENTRIES: usize = 4_000_000;
/// What all streams of one document may decompress to, in bytes.
const MAX_DECOMPRESSED: usize = 256 * 1024 * 1024;
/// References that lead to references.
const MAX_HOPS: usize = 16;

/// A PDF file. What was read of it once is kept, whichever revision asks.
#[derive(Debug)]
pub struct PdfFile<'a> {
    bytes: &'a [u8],
    sections: RefCell<HashMap<usize, Rc<Section>>>,
    bodies: RefCell<HashMap<Location, Rc<Body>>>,
    containers: RefCell<HashMap<usize, Rc<Container>>>,
    decompressed: Cell<usize>,
    opening: OnceCell<Opening>,
    entries: Cell<usize>,
}

/// Where an object's bytes are: what stands at one place is the same whichever revision names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Location {
    /// At an offset in the file.
    At(usize),
    /// In the object stream at an offset, by its place there.
    Within { container: usize, index: u32 },
}

/// An indirect object.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) id: ObjectId,
    pub(super) object: Object,
    stream_at: Option<usize>,
    /// Where it ends in the file; of a stream, where its data begin; zero in an object stream.
    end: usize,
}

impl From<Indirect> for Body {
    fn from(indirect: Indirect) -> Self {
        Self {
            id: indirect.id,
            object: indirect.object,
            stream_at: indirect.stream_at,
            end: indirect.end,
        }
    }
}

impl Body {
    /// Whether it is a stream.
    pub(super) const fn is_stream(&self) -> bool {
        self.stream_at.is_some()
    }
}

static NULL: Object = Object::Null;

/// An object after every reference.
#[derive(Debug)]
pub(super) enum Resolved<'o> {
    /// It stood there itself.
    Direct(&'o Object),
    /// It stands elsewhere.
    Indirect(Rc<Body>),
}

impl std::ops::Deref for Resolved<'_> {
    type Target = Object;

    fn deref(&self) -> &Object {
        match self {
            Self::Direct(object) => object,
            Self::Indirect(body) => &body.object,
        }
    }
}

/// An object stream, decompressed (ISO 32000-2 §7.5.7).
#[derive(Debug)]
struct Container {
    data: Vec<u8>,
    /// The number and the place of each object.
    objects: Vec<(u32, usize)>,
    /// What it was read by.
    sizes: Sizes,
    /// The stream itself.
    body: Body,
    /// Where its data end in the file.
    end: usize,
}

/// What an object stream is read by (ISO 32000-2 table 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sizes {
    length: usize,
    count: usize,
    first: usize,
}

impl<'a> PdfFile<'a> {
    /// Takes a file, and reads nothing yet.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            sections: RefCell::default(),
            bodies: RefCell::default(),
            containers: RefCell::default(),
            decompressed: Cell::new(0),
            opening: OnceCell::new(),
            entries: Cell::new(0),
        }
    }

    /// The document as it stands at the end of the file, opened if it is encrypted and nobody's password keeps it.
    /// That comes first: what is read before is taken as it stands.
    pub(super) fn current(&self) -> Result<Revision<'_, 'a>, PdfError> {
        let revision = self.revision(self.bytes.len())?;
        self.opening.get_or_init(|| Opening::of(&revision));
        Ok(revision)
    }

    fn opening(&self) -> &Opening {
        self.opening.get().unwrap_or(&Opening::Plain)
    }

    /// Its bytes.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The document as it stands after its first `length` bytes.
    pub(super) fn revision(&self, length: usize) -> Result<Revision<'_, 'a>, PdfError> {
        let known = self.bytes.get(..length).unwrap_or(self.bytes);
        let last = cross_reference::last_revision(known)?;
        let mut sections = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(last.section);
        while let Some(offset) = next {
            if !seen.insert(offset) {
                return Err(PdfError::Cycle("the chain of cross-references"));
            }
            if sections.len() >= MAX_SECTIONS {
                let (what, maximum) = ("cross-references", MAX_SECTIONS);
                return Err(PdfError::Limit { what, maximum });
            }
            if offset >= known.len() {
                return Err(PdfError::structure(
                    "startxref",
                    "an offset within the file",
                ));
            }
            let section = self.section(offset)?;
            if section.end > known.len() {
                return Err(beyond("the cross-reference"));
            }
            next = section.previous()?;
            sections.push(section);
        }
        Ok(Revision {
            file: self,
            sections,
            end: last.end,
        })
    }

    fn section(&self, offset: usize) -> Result<Rc<Section>, PdfError> {
        if let Some(section) = self.sections.borrow().get(&offset) {
            return Ok(Rc::clone(section));
        }
        let budget = Budget {
            entries: MAX_ENTRIES.saturating_sub(self.entries.get()),
            decompressed: MAX_DECOMPRESSED.saturating_sub(self.decompressed.get()),
        };
        let section = Rc::new(Section::read(self.bytes, offset, budget)?);
        let entries = self.entries.get().saturating_add(section.spent.entries);
        self.entries.set(entries);
        self.spend(section.spent.decompressed)?;
        self.sections
            .borrow_mut()
            .insert(offset, Rc::clone(&section));
        Ok(section)
    }

    fn spend(&self, bytes: usize) -> Result<(), PdfError> {
        let spent = self.decompressed.get().saturating_add(bytes);
        self.decompressed.set(spent);
        match spent > MAX_DECOMPRESSED {
            true => {
                let (what, maximum) = ("bytes of decompressed data", MAX_DECOMPRESSED);
                Err(PdfError::Limit { what, maximum })
            }
            false => Ok(()),
        }
    }
}

/// The document as it stands at the end of a revision.
#[derive(Clone, Debug)]
pub(super) struct Revision<'f, 'a> {
    file: &'f PdfFile<'a>,
    /// Newest first; at least one.
    sections: Vec<Rc<Section>>,
    end: usize,
}

impl<'f, 'a> Revision<'f, 'a> {
    /// How many bytes the file has up to and with the end of this revision.
    pub(super) const fn end(&self) -> usize {
        self.end
    }

    /// Whether nothing but white space follows it in what is `length` bytes long.
    pub(super) fn reaches(&self, length: usize) -> bool {
        let rest = self.file.bytes.get(self.end..length);
        rest.is_some_and(|rest| rest.iter().copied().all(is_space))
    }

    /// The ends of all revisions that led to it, first to last, its own included.
    pub(super) fn history(&self) -> Vec<RevisionEnd> {
        let known = self.file.bytes.get(..self.end).unwrap_or_default();
        if self.sections.len() == 1 {
            return cross_reference::last_revision(known).into_iter().collect();
        }
        let sections: HashSet<usize> = self.sections.iter().map(|section| section.offset).collect();
        let mut ends = cross_reference::revision_ends(known);
        ends.retain(|end| sections.contains(&end.section));
        ends
    }

    /// The file.
    pub(super) const fn file(&self) -> &'f PdfFile<'a> {
        self.file
    }

    /// Where its own cross-reference section begins, in bytes.
    pub(super) fn section_offset(&self) -> Option<usize> {
        self.sections.first().map(|section| section.offset)
    }

    /// The newest trailer.
    pub(super) fn trailer(&self) -> Option<&Dictionary> {
        self.sections.first().map(|section| &section.trailer)
    }

    /// Why it stays encrypted; none where it is not, or opens to anyone.
    pub(super) fn closed(&self) -> Option<&'f str> {
        match self.file.opening() {
            Opening::Closed(why) => Some(why),
            Opening::Opened { .. } | Opening::Plain => None,
        }
    }

    /// How it is encrypted, if it is.
    pub(super) fn encryption(&self) -> Option<&Object> {
        self.trailer().and_then(|trailer| trailer.get("Encrypt"))
    }

    /// The catalog (ISO 32000-2 §7.7.2).
    pub(super) fn catalog(&self) -> Result<Rc<Body>, PdfError> {
        let refused = || PdfError::structure("Root", "a catalog");
        let root = self.trailer().and_then(|trailer| trailer.get("Root"));
        let id = root.and_then(Object::as_reference).ok_or_else(refused)?;
        let body = self.body(id)?.ok_or_else(refused)?;
        match body.object.as_dictionary() {
            Some(_) => Ok(body),
            None => Err(refused()),
        }
    }

    /// An object that a section places twice; sections that `before` has as well are left out.
    pub(super) fn contradiction(&self, before: &Self) -> Option<u32> {
        let known: HashSet<usize> = before.sections.iter().map(|known| known.offset).collect();
        let mut added = self.sections.iter();
        added.find_map(|section| {
            let is_added = !known.contains(&section.offset);
            section.contradiction().filter(|_| is_added)
        })
    }

    /// The numbers of every object that was ever named.
    pub(super) fn numbers(&self) -> HashSet<u32> {
        self.sections
            .iter()
            .flat_map(|section| section.numbers())
            .collect()
    }

    fn entry(&self, number: u32) -> Entry {
        let mut sections = self.sections.iter();
        sections
            .find_map(|section| section.entry(number))
            .unwrap_or(Entry::Free)
    }

    /// Where an object is; none if it is nowhere, which is to be taken for `null` (ISO 32000-2 §7.3.10).
    pub(super) fn location(&self, id: ObjectId) -> Option<Location> {
        match self.entry(id.number) {
            Entry::InFile { offset, generation } if generation == id.generation => {
                Some(Location::At(offset))
            }
            Entry::InStream { stream, index } if id.generation == 0 => {
                // An object stream is never in another one.
                let Entry::InFile { offset, .. } = self.entry(stream) else {
                    return None;
                };
                let container = offset;
                Some(Location::Within { container, index })
            }
            Entry::Free | Entry::InFile { .. } | Entry::InStream { .. } => None,
        }
    }

    /// An object; none if it is nowhere.
    pub(super) fn body(&self, id: ObjectId) -> Result<Option<Rc<Body>>, PdfError> {
        let Some(location) = self.location(id) else {
            return Ok(None);
        };
        let known = self.file.bodies.borrow().get(&location).cloned();
        if let Some(body) = known {
            if body.id != id {
                return Err(misplaced(id, location));
            }
            self.check_within(&body, location)?;
            return Ok(Some(body));
        }
        if self.file.bodies.borrow().len() >= MAX_OBJECTS {
            let (what, maximum) = ("objects", MAX_OBJECTS);
            return Err(PdfError::Limit { what, maximum });
        }
        let body = Rc::new(match location {
            Location::At(offset) => self.body_at(id, offset)?,
            Location::Within { container, index } => self.body_within(id, container, index)?,
        });
        self.check_within(&body, location)?;
        let mut bodies = self.file.bodies.borrow_mut();
        bodies.insert(location, Rc::clone(&body));
        Ok(Some(body))
    }

    /// What a revision names has to lie in it: bytes that came after it say nothing of what it was.
    fn check_within(&self, body: &Body, location: Location) -> Result<(), PdfError> {
        match location {
            Location::At(_) if body.end > self.end => Err(beyond(format!("object {}", body.id))),
            Location::At(_) => Ok(()),
            Location::Within { container, .. } => self.container(body.id, container).map(drop),
        }
    }

    fn body_at(&self, id: ObjectId, offset: usize) -> Result<Body, PdfError> {
        let indirect = Parser::of_file(self.file.bytes, offset).indirect()?;
        if indirect.id != id {
            return Err(PdfError::Misplaced { id, offset });
        }
        let mut body = Body::from(indirect);
        let opening = self.file.opening();
        opening.decrypt_strings(id, &mut body.object)?;
        Ok(body)
    }

    fn body_within(&self, id: ObjectId, offset: usize, index: u32) -> Result<Body, PdfError> {
        let container = self.container(id, offset)?;
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let &(number, at) = container
            .objects
            .get(index)
            .ok_or(PdfError::Misplaced { id, offset })?;
        if number != id.number {
            return Err(PdfError::Misplaced { id, offset });
        }
        let object = Parser::of_stream(&container.data, at).object()?;
        let stream_at = None;
        Ok(Body {
            id,
            object,
            stream_at,
            end: 0,
        })
    }

    /// The object stream at `offset`, in which `id` is.
    fn container(&self, id: ObjectId, offset: usize) -> Result<Rc<Container>, PdfError> {
        let known = self.file.containers.borrow().get(&offset).cloned();
        let container = match known {
            Some(container) => container,
            None => self.read_container(offset)?,
        };
        let named = match self.entry(id.number) {
            Entry::InStream { stream, .. } => Some(stream),
            Entry::Free | Entry::InFile { .. } => None,
        };
        if named != Some(container.body.id.number) {
            return Err(PdfError::Misplaced { id, offset });
        }
        // Its length may be an object of its own, of which another revision says something else.
        if self.sizes(&container.body)? != container.sizes {
            let place = format!("object {}", container.body.id);
            return Err(PdfError::structure(place, "the same in every revision"));
        }
        match container.end > self.end {
            true => Err(beyond(format!("object {}", container.body.id))),
            false => Ok(container),
        }
    }

    fn read_container(&self, offset: usize) -> Result<Rc<Container>, PdfError> {
        let body = Body::from(Parser::of_file(self.file.bytes, offset).indirect()?);
        let refused = || PdfError::structure(format!("object {}", body.id), "an object stream");
        let dictionary = body.object.as_dictionary().ok_or_else(refused)?;
        if !dictionary.names("Type", "ObjStm") {
            return Err(refused());
        }
        let sizes = self.sizes(&body)?;
        let raw = self.raw_of(&body, sizes.length)?;
        let end = body.end.saturating_add(raw.len());
        let data = self.decode((body.id, dictionary), raw)?;
        let mut header = Parser::of_stream(&data, 0);
        let mut objects = Vec::new();
        for _ in 0..sizes.count {
            let number = u32::try_from(header.unsigned()?).map_err(|_too_large| refused())?;
            let at = usize::try_from(header.unsigned()?).map_err(|_too_large| refused())?;
            objects.push((number, sizes.first.saturating_add(at)));
        }
        let container = Rc::new(Container {
            data,
            objects,
            sizes,
            body,
            end,
        });
        let mut containers = self.file.containers.borrow_mut();
        containers.insert(offset, Rc::clone(&container));
        Ok(container)
    }

    fn sizes(&self, body: &Body) -> Result<Sizes, PdfError> {
        let refused = || PdfError::structure(format!("object {}", body.id), "an object stream");
        let dictionary = body.object.as_dictionary().ok_or_else(refused)?;
        let size = |key: &str| self.plain_size(dictionary, key)?.ok_or_else(refused);
        Ok(Sizes {
            length: size("Length")?,
            count: size("N")?,
            first: size("First")?,
        })
    }

    /// A size that stands there itself or is an object in the file itself: to read one in an object stream, that
    /// would have to be read first, which may need the size.
    fn plain_size(&self, dictionary: &Dictionary, key: &str) -> Result<Option<usize>, PdfError> {
        match dictionary.get(key) {
            Some(Object::Reference(id)) => match self.location(*id) {
                Some(Location::At(_)) => {
                    let body = self.body(*id)?;
                    Ok(body.and_then(|body| body.object.as_size()))
                }
                _ => Ok(None),
            },
            value => Ok(value.and_then(Object::as_size)),
        }
    }

    /// What `object` is, after every reference.
    pub(super) fn resolve<'o>(&self, object: &'o Object) -> Result<Resolved<'o>, PdfError> {
        let Some(id) = object.as_reference() else {
            return Ok(Resolved::Direct(object));
        };
        Ok(match self.referred(id)? {
            Some(body) => Resolved::Indirect(body),
            None => Resolved::Direct(&NULL),
        })
    }

    /// The body that a reference leads to; none where it leads nowhere.
    pub(super) fn referred(&self, id: ObjectId) -> Result<Option<Rc<Body>>, PdfError> {
        let mut id = id;
        for _ in 0..MAX_HOPS {
            let Some(body) = self.body(id)? else {
                return Ok(None);
            };
            match body.object.as_reference() {
                Some(next) => id = next,
                None => return Ok(Some(body)),
            }
        }
        Err(PdfError::Cycle("a reference"))
    }

    /// What stands under `key`, after every reference; `Null` where nothing does.
    pub(super) fn value<'o>(
        &self,
        dictionary: &'o Dictionary,
        key: &str,
    ) -> Result<Resolved<'o>, PdfError> {
        self.resolve(dictionary.get(key).unwrap_or(&NULL))
    }

    /// The data of a stream as they stand in the file.
    pub(super) fn raw(&self, body: &Body) -> Result<&'a [u8], PdfError> {
        let dictionary = stream_dictionary(body)?;
        let length = self.value(dictionary, "Length")?.as_size();
        self.raw_of(body, length.ok_or_else(|| wrong_length(body.id))?)
    }

    fn raw_of(&self, body: &Body, length: usize) -> Result<&'a [u8], PdfError> {
        let refused = || wrong_length(body.id);
        let at = body.stream_at.ok_or_else(refused)?;
        let end = at.checked_add(length).ok_or_else(refused)?;
        let raw = self.file.bytes.get(at..end).ok_or_else(refused)?;
        let mut after = Parser::of_file(self.file.bytes, end);
        after.skip_space();
        match after.take_keyword(b"endstream") {
            true if after.at() > self.end => Err(beyond(format!("object {}", body.id))),
            true => Ok(raw),
            false => Err(refused()),
        }
    }

    /// The data of a stream, decoded.
    pub(super) fn decoded(&self, body: &Body) -> Result<Vec<u8>, PdfError> {
        let raw = self.raw(body)?;
        self.decode((body.id, stream_dictionary(body)?), raw)
    }

    fn decode(&self, stream: (ObjectId, &Dictionary), raw: &[u8]) -> Result<Vec<u8>, PdfError> {
        let decrypted = self.file.opening().decrypt_stream(stream, raw)?;
        let raw = decrypted.as_deref().unwrap_or(raw);
        let remaining = MAX_DECOMPRESSED.saturating_sub(self.file.decompressed.get());
        let decoded = filter::decode(raw, stream, remaining)?;
        self.file.spend(decoded.len())?;
        Ok(decoded)
    }
}

fn stream_dictionary(body: &Body) -> Result<&Dictionary, PdfError> {
    let dictionary = body.object.as_dictionary();
    dictionary
        .filter(|_| body.is_stream())
        .ok_or_else(|| PdfError::structure(format!("object {}", body.id), "a stream"))
}

fn wrong_length(id: ObjectId) -> PdfError {
    PdfError::structure(format!("Length of object {id}"), "the length of its data")
}

fn beyond(what: impl Into<String>) -> PdfError {
    PdfError::structure(what, "within its revision")
}

const fn misplaced(id: ObjectId, location: Location) -> PdfError {
    let offset = match location {
        Location::At(offset) => offset,
        Location::Within { container, .. } => container,
    };
    PdfError::Misplaced { id, offset }
}
