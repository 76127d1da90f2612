//! What differs between two revisions of a document, as it is shown and as it acts.
//!
//! The two are walked side by side from their catalogs; what cannot be reached from there is in no document.
//! That an object was written again says nothing, and that one was not says nothing either: what counts is what
//! it says, with everything that it refers to. Pages, form fields and annotations are put beside one another
//! first, because for them some differences are what filling in and signing bring about; everything else has to
//! be the same.

mod annotation;
mod field;
mod same;

use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;

use crate::signature::facts::modification::ChangeKind;
use crate::signature::pdf::changes::field::Fields;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Name;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::pages::INHERITED;
use crate::signature::pdf::pages::Page;
use crate::signature::pdf::pages::pages;
use crate::signature::pdf::signature_field;
use crate::signature::pdf::signature_field::Field;

/// Objects that are put beside one another in one comparison.
const MAX_PAIRS: usize = 4_000_000;
/// Changes of one kind after which nobody reads on.
const MAX_FOUND: usize = 256;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: ChangeKind,
    pub(super) place: Place,
    /// The object of the later revision.
    pub(super) object: Option<ObjectId>,
    /// The field that is meant, by its full name.
    pub(super) field: Option<String>,
}

/// Where a difference is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// In the words of the format.
    pub(super) label: Rc<str>,
    /// The page, the first being 1.
    pub(super) page: Option<usize>,
    /// Whether it is part of how something is drawn. Nothing in there is a page or a field, whatever it looks like.
    is_drawn: bool,
}

impl Place {
    fn new(label: impl Into<Rc<str>>, page: Option<usize>) -> Self {
        let label = label.into();
        let is_drawn = false;
        Self {
            label,
            page,
            is_drawn,
        }
    }

    /// The place of what stands under `key` there.
    fn under(&self, key: &Name) -> Self {
        let is_drawn = self.is_drawn || key.is_among(DRAWN);
        Self {
            is_drawn,
            ..self.clone()
        }
    }
}

/// Entries that say how something is drawn, of pages, annotations and what these are made of.
const DRAWN: &[&str] = &["AP", "Contents", "DR", "Resources"];

/// A revision with its pages and its fields, to be put beside others.
pub(super) struct Side<'r, 'f, 'a> {
    revision: &'r Revision<'f, 'a>,
    fields: Vec<Field>,
    pages: Vec<Page>,
}

impl<'r, 'f, 'a> Side<'r, 'f, 'a> {
    /// Reads them.
    pub(super) fn read(revision: &'r Revision<'f, 'a>) -> Result<Self, PdfError> {
        Ok(Self {
            revision,
            fields: signature_field::fields(revision)?,
            pages: pages(revision)?,
        })
    }
}

/// Everything that differs between two revisions.
pub(super) fn changes(
    old: &Side<'_, '_, '_>,
    new: &Side<'_, '_, '_>,
) -> Result<Vec<Change>, PdfError> {
    let mut comparison = Comparison {
        old: old.revision,
        new: new.revision,
        known: Rc::default(),
        beside: HashSet::new(),
        waiting: Vec::new(),
        pairs: 0,
        found: Vec::new(),
        forbidden: 0,
        signatures: HashSet::new(),
        shown: HashSet::new(),
    };
    if let Some(number) = new.revision.contradiction(old.revision) {
        let place = format!("the cross-reference of object {number}");
        return Err(PdfError::structure(place, "to one place"));
    }
    comparison.run(old, new)?;
    Ok(comparison.found)
}

/// Two revisions side by side.
struct Comparison<'r, 'f, 'a> {
    old: &'r Revision<'f, 'a>,
    new: &'r Revision<'f, 'a>,
    /// Objects that are put beside one another by what knows them: the catalogs, pages, fields.
    known: Rc<HashSet<(ObjectId, ObjectId)>>,
    /// Others that were put beside one another already.
    beside: HashSet<(ObjectId, ObjectId, bool)>,
    /// Objects that are yet to be compared, and where they were met.
    waiting: Vec<(ObjectId, ObjectId, Place)>,
    pairs: usize,
    found: Vec<Change>,
    /// How many of them are forbidden in any case.
    forbidden: usize,
    /// Signatures that a field was already found to hold.
    signatures: HashSet<ObjectId>,
    /// Widgets that were found to be added to a page.
    shown: HashSet<ObjectId>,
}

/// Entries of the catalog that may differ, as what; the document looks and acts the same without them.
const CATALOG: &[(&str, ChangeKind)] = &[
    ("DSS", ChangeKind::Evidence),
    ("Extensions", ChangeKind::Metadata),
    ("Metadata", ChangeKind::Metadata),
    ("Version", ChangeKind::Metadata),
];
/// Entries of the catalog that are compared by their parts.
const CATALOG_PARTS: &[&str] = &["AcroForm", "Pages"];
/// Entries of a trailer that say how the file is written (ISO 32000-2 tables 15 and 17), or are compared apart.
const TRAILER_OWN: &[&str] = &[
    "DecodeParms",
    "Filter",
    "ID",
    "Index",
    "Info",
    "Length",
    "Prev",
    "Root",
    "Size",
    "Type",
    "W",
    "XRefStm",
];
/// Entries of a page that may differ: neither shows.
const PAGE_OWN: &[&str] = &["Annots", "LastModified", "Parent", "Tabs"];

impl Comparison<'_, '_, '_> {
    fn run(&mut self, old: &Side<'_, '_, '_>, new: &Side<'_, '_, '_>) -> Result<(), PdfError> {
        let (old_catalog, new_catalog) = (self.old.catalog()?, self.new.catalog()?);
        let fields = Fields::new(&old.fields, &new.fields);
        let (old_pages, new_pages) = (&old.pages, &new.pages);
        let catalogs = std::iter::once((old_catalog.id, new_catalog.id));
        let page_pairs = old_pages
            .iter()
            .zip(new_pages)
            .map(|(old, new)| (old.id, new.id));
        self.known = Rc::new(catalogs.chain(page_pairs).chain(fields.pairs()).collect());
        let numbers: HashMap<ObjectId, usize> =
            new_pages.iter().map(|page| page.id).zip(1..).collect();
        self.compare_fields(&fields, &numbers)?;
        self.compare_pages(old_pages, new_pages, &fields)?;
        if let (Some(old), Some(new)) = (
            old_catalog.object.as_dictionary(),
            new_catalog.object.as_dictionary(),
        ) {
            let object = (new_catalog.id, fields.has_inputs());
            self.compare_catalogs(old, new, object)?;
        }
        self.compare_trailers()?;
        self.compare_waiting()
    }

    fn compare_pages(
        &mut self,
        old: &[Page],
        new: &[Page],
        fields: &Fields<'_>,
    ) -> Result<(), PdfError> {
        if old.len() != new.len() {
            let label = format!("{} pages instead of {}", new.len(), old.len());
            let first = old
                .iter()
                .zip(new)
                .take_while(|(old, new)| old.id == new.id)
                .count();
            let object = new.get(first).or(new.last()).map(|page| page.id);
            let page = Some(first.saturating_add(1));
            self.report(ChangeKind::Content, Place::new(label, page), object);
        }
        for (number, (old, new)) in (1..).zip(old.iter().zip(new)) {
            let at = |key: &Name| {
                let label = format!("page {number}, {key}");
                Place::new(label, Some(number)).under(key)
            };
            self.compare_duplicates(
                (old.dictionary(), new.dictionary()),
                (Place::new(format!("page {number}"), Some(number)), new.id),
            )?;
            for key in keys(old.dictionary(), new.dictionary()) {
                if key.is_among(PAGE_OWN) || key.is_among(&INHERITED) {
                    continue;
                }
                let both = (old.dictionary(), new.dictionary());
                self.compare_entries(both, key, (at(key), new.id))?;
            }
            for ((key, old_value), (_, new_value)) in old.inherited().zip(new.inherited()) {
                let place = at(&Name(key.as_bytes().into()));
                if !self.same(old_value, new_value, &place)? {
                    self.report(ChangeKind::Content, place, Some(new.id));
                }
            }
            self.compare_annotations(number, (old, new), fields)?;
            if self.is_enough() {
                break;
            }
        }
        Ok(())
    }

    fn compare_catalogs(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        (id, has_inputs): (ObjectId, bool),
    ) -> Result<(), PdfError> {
        self.compare_duplicates((old, new), (Place::new("catalog", None), id))?;
        for key in keys(old, new) {
            if key.is_among(CATALOG_PARTS) {
                continue;
            }
            let place = Place::new(key.to_string(), None);
            match CATALOG.iter().find(|(name, _)| key.is(name)) {
                Some((name, kind)) => {
                    if self.differs((old, new), name)? {
                        let object = new.value_of(key).and_then(Object::as_reference);
                        self.report(*kind, place, object);
                    }
                }
                None => self.compare_entries((old, new), key, (place, id))?,
            }
        }
        let (old, new) = (
            self.old.value(old, "AcroForm")?,
            self.new.value(new, "AcroForm")?,
        );
        let none = Dictionary::default();
        let old = old.as_dictionary().unwrap_or(&none);
        let new = new.as_dictionary().unwrap_or(&none);
        self.compare_forms((old, new), (id, has_inputs))
    }

    /// Whether an entry differs with everything that it leads to; nothing else is noted.
    fn differs(
        &mut self,
        (old, new): (&Dictionary, &Dictionary),
        key: &str,
    ) -> Result<bool, PdfError> {
        let mut apart = Comparison {
            old: self.old,
            new: self.new,
            known: Rc::clone(&self.known),
            beside: HashSet::new(),
            waiting: Vec::new(),
            pairs: self.pairs,
            found: Vec::new(),
            forbidden: 0,
            signatures: HashSet::new(),
            shown: HashSet::new(),
        };
        let place = Place::new(key, None);
        let null = Object::Null;
        let is_same = apart.same(
            old.get(key).unwrap_or(&null),
            new.get(key).unwrap_or(&null),
            &place,
        )?;
        if is_same {
            apart.compare_waiting()?;
        }
        self.pairs = apart.pairs;
        Ok(!is_same || !apart.found.is_empty())
    }

    fn compare_trailers(&mut self) -> Result<(), PdfError> {
        let (Some(old), Some(new)) = (self.old.trailer(), self.new.trailer()) else {
            return Ok(());
        };
        let (old, new) = (old.clone(), new.clone());
        let size = |trailer: &Dictionary| trailer.get("Size").and_then(Object::as_integer);
        // Objects from there on are none to readers that go by it; these show nothing without a catalog.
        let root = new.get("Root").and_then(Object::as_reference);
        let root = root.map(|id| i64::from(id.number));
        let is_cut = size(&new) < size(&old) && size(&new) > root;
        if is_cut || !self.same_duplicates(&old, &new, &Place::new("trailer", None))? {
            self.report(ChangeKind::Content, Place::new("trailer", None), None);
        }
        for key in keys(&old, &new) {
            if key.is_among(TRAILER_OWN) {
                continue;
            }
            let place = Place::new(format!("trailer, {key}"), None);
            let values = [old.value_of(key), new.value_of(key)]
                .map(|value| value.cloned().unwrap_or(Object::Null));
            if !self.same(&values[0], &values[1], &place)? {
                self.report(ChangeKind::Content, place, None);
            }
        }
        if self.differs((&old, &new), "Info")? {
            let object = new.get("Info").and_then(Object::as_reference);
            self.report(ChangeKind::Metadata, Place::new("Info", None), object);
        }
        Ok(())
    }

    /// Compares what stands under `key` in two dictionaries.
    fn compare_entries(
        &mut self,
        (old, new): (&Dictionary, &Dictionary),
        key: &Name,
        (place, object): (Place, ObjectId),
    ) -> Result<(), PdfError> {
        let place = place.under(key);
        let null = Object::Null;
        let (old, new) = (
            old.value_of(key).unwrap_or(&null),
            new.value_of(key).unwrap_or(&null),
        );
        if !self.same(old, new, &place)? {
            let object = new.as_reference().unwrap_or(object);
            self.report(ChangeKind::Content, place, Some(object));
        }
        Ok(())
    }

    fn compare_duplicates(
        &mut self,
        (old, new): (&Dictionary, &Dictionary),
        (place, object): (Place, ObjectId),
    ) -> Result<(), PdfError> {
        if !self.same_duplicates(old, new, &place)? {
            self.report(ChangeKind::Content, place, Some(object));
        }
        Ok(())
    }

    /// Whether two objects are yet to be put beside one another.
    fn first_seen(&mut self, old: ObjectId, new: ObjectId, place: &Place) -> bool {
        let is_known = !place.is_drawn && self.known.contains(&(old, new));
        !is_known && self.beside.insert((old, new, place.is_drawn))
    }

    /// Whether more forbidden changes were found than anybody reads.
    fn is_enough(&self) -> bool {
        self.forbidden >= MAX_FOUND
    }

    fn count(&self, kind: ChangeKind) -> usize {
        let found = self.found.iter();
        found.filter(|change| change.kind == kind).count()
    }

    fn report(&mut self, kind: ChangeKind, place: Place, object: Option<ObjectId>) {
        self.report_field(kind, place, (object, None));
    }

    fn report_field(
        &mut self,
        kind: ChangeKind,
        place: Place,
        (object, field): (Option<ObjectId>, Option<String>),
    ) {
        // More of a kind change no verdict, unless it is about a certain field; other kinds may.
        let is_forbidden = kind == ChangeKind::Content;
        self.forbidden = self.forbidden.saturating_add(usize::from(is_forbidden));
        let is_listed = match is_forbidden {
            true => self.forbidden <= MAX_FOUND,
            false => field.is_some() || self.count(kind) < MAX_FOUND,
        };
        if is_listed {
            self.found.push(Change {
                kind,
                place,
                object,
                field,
            });
        }
    }
}

/// The names in either dictionary, each once.
fn keys<'d>(old: &'d Dictionary, new: &'d Dictionary) -> Vec<&'d Name> {
    let mut keys: Vec<&Name> = old.iter().chain(new.iter()).map(|(name, _)| name).collect();
    keys.sort();
    keys.dedup();
    keys
}
