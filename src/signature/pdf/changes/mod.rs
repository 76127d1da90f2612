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
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::pages::INHERITED;
use crate::signature::pdf::pages::Page;
use crate::signature::pdf::pages::pages;

/// Objects that are put beside one another in one comparison.
const MAX_PAIRS: usize = 4_000_000;
/// Changes after which nobody reads on.
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
    pub(super) label: String,
    /// The page, the first being 1.
    pub(super) page: Option<usize>,
}

impl Place {
    fn new(label: impl Into<String>, page: Option<usize>) -> Self {
        let label = label.into();
        Self { label, page }
    }
}

/// Everything that differs between two revisions.
pub(super) fn changes(
    old: &Revision<'_, '_>,
    new: &Revision<'_, '_>,
) -> Result<Vec<Change>, PdfError> {
    let mut comparison = Comparison {
        old,
        new,
        known: Rc::default(),
        beside: HashSet::new(),
        waiting: Vec::new(),
        pairs: 0,
        found: Vec::new(),
    };
    comparison.run()?;
    Ok(comparison.found)
}

/// Two revisions side by side.
struct Comparison<'r, 'f, 'a> {
    old: &'r Revision<'f, 'a>,
    new: &'r Revision<'f, 'a>,
    /// Objects that are put beside one another by what knows them: the catalogs, pages, fields.
    known: Rc<HashSet<(ObjectId, ObjectId)>>,
    /// Others that were put beside one another already.
    beside: HashSet<(ObjectId, ObjectId)>,
    /// Objects that are yet to be compared, and where they were met.
    waiting: Vec<(ObjectId, ObjectId, Place)>,
    pairs: usize,
    found: Vec<Change>,
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
    fn run(&mut self) -> Result<(), PdfError> {
        let (old_catalog, new_catalog) = (self.old.catalog()?, self.new.catalog()?);
        let fields = Fields::read(self.old, self.new)?;
        let (old_pages, new_pages) = (pages(self.old)?, pages(self.new)?);
        let catalogs = std::iter::once((old_catalog.id, new_catalog.id));
        let page_pairs = old_pages
            .iter()
            .zip(&new_pages)
            .map(|(old, new)| (old.id, new.id));
        self.known = Rc::new(catalogs.chain(page_pairs).chain(fields.pairs()).collect());
        let numbers: HashMap<ObjectId, usize> =
            new_pages.iter().map(|page| page.id).zip(1..).collect();
        self.compare_fields(&fields, &numbers)?;
        self.compare_pages(&old_pages, &new_pages, &fields)?;
        if let (Some(old), Some(new)) = (
            old_catalog.object.as_dictionary(),
            new_catalog.object.as_dictionary(),
        ) {
            self.compare_catalogs(old, new, new_catalog.id)?;
        }
        self.compare_trailers()?;
        self.compare_waiting()
    }

    fn compare_pages(
        &mut self,
        old: &[Page],
        new: &[Page],
        fields: &Fields,
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
            let at = |key: &str| Place::new(format!("page {number}, {key}"), Some(number));
            for key in keys(old.dictionary(), new.dictionary()) {
                if PAGE_OWN.contains(&key.as_str()) || INHERITED.contains(&key.as_str()) {
                    continue;
                }
                self.compare_entries(
                    (old.dictionary(), new.dictionary()),
                    &key,
                    (at(&key), new.id),
                )?;
            }
            for ((key, old_value), (_, new_value)) in old.inherited().zip(new.inherited()) {
                if !self.same(old_value, new_value, &at(key))? {
                    self.report(ChangeKind::Content, at(key), Some(new.id));
                }
            }
            self.compare_annotations(number, (old, new), fields)?;
            if self.found.len() >= MAX_FOUND {
                break;
            }
        }
        Ok(())
    }

    fn compare_catalogs(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        id: ObjectId,
    ) -> Result<(), PdfError> {
        for key in keys(old, new) {
            if CATALOG_PARTS.contains(&key.as_str()) {
                continue;
            }
            let place = Place::new(key.clone(), None);
            match CATALOG.iter().find(|(name, _)| *name == key) {
                Some((_, kind)) => {
                    if self.differs((old, new), &key)? {
                        self.report(*kind, place, new.get(&key).and_then(Object::as_reference));
                    }
                }
                None => self.compare_entries((old, new), &key, (place, id))?,
            }
        }
        let (old, new) = (
            self.old.value(old, "AcroForm")?,
            self.new.value(new, "AcroForm")?,
        );
        let none = Dictionary::default();
        let old = old.as_dictionary().unwrap_or(&none);
        let new = new.as_dictionary().unwrap_or(&none);
        self.compare_forms(old, new, id)
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
        for key in keys(&old, &new) {
            if TRAILER_OWN.contains(&key.as_str()) {
                continue;
            }
            let place = Place::new(format!("trailer, {key}"), None);
            let values =
                [old.get(&key), new.get(&key)].map(|value| value.cloned().unwrap_or(Object::Null));
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
        key: &str,
        (place, object): (Place, ObjectId),
    ) -> Result<(), PdfError> {
        let null = Object::Null;
        let (old, new) = (old.get(key).unwrap_or(&null), new.get(key).unwrap_or(&null));
        if !self.same(old, new, &place)? {
            let object = new.as_reference().unwrap_or(object);
            self.report(ChangeKind::Content, place, Some(object));
        }
        Ok(())
    }

    /// Whether two objects were not yet put beside one another.
    fn first_seen(&mut self, old: ObjectId, new: ObjectId) -> bool {
        !self.known.contains(&(old, new)) && self.beside.insert((old, new))
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
        if self.found.len() < MAX_FOUND {
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
fn keys(old: &Dictionary, new: &Dictionary) -> Vec<String> {
    let mut keys: Vec<String> = old
        .iter()
        .chain(new.iter())
        .map(|(name, _)| name.to_string())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}
