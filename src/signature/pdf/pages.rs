//! The pages of a revision, with what they inherit (ISO 32000-2 §7.7.3).

use std::collections::HashSet;
use std::rc::Rc;

use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Body;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;

/// Pages that are read of one document.
const MAX_PAGES: usize = 200_000;
/// Nodes of the page tree within one another.
const MAX_DEPTH: usize = 64;

/// What pages inherit (ISO 32000-2 table 31).
pub(super) const INHERITED: [&str; 4] = ["Resources", "MediaBox", "CropBox", "Rotate"];

/// A page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Its object.
    pub(super) id: ObjectId,
    body: Rc<Body>,
    inherited: [Object; 4],
}

impl Page {
    /// Its dictionary, without what it inherits.
    pub(super) fn dictionary(&self) -> &Dictionary {
        static NONE: Dictionary = Dictionary(Vec::new());
        self.body.object.as_dictionary().unwrap_or(&NONE)
    }

    /// Its own entries and those that it inherits, each name once.
    pub(super) fn inherited(&self) -> impl Iterator<Item = (&'static str, &Object)> {
        INHERITED.into_iter().zip(&self.inherited)
    }
}

/// The pages of a revision, in order.
pub(super) fn pages(revision: &Revision<'_, '_>) -> Result<Vec<Page>, PdfError> {
    let catalog = revision.catalog()?;
    let root = catalog
        .object
        .as_dictionary()
        .and_then(|catalog| catalog.get("Pages"));
    let root = root
        .and_then(Object::as_reference)
        .ok_or_else(|| PdfError::structure("Root/Pages", "a page tree"))?;
    let mut walk = Walk {
        revision,
        seen: HashSet::new(),
        pages: Vec::new(),
    };
    let nothing = [const { Object::Null }; 4];
    walk.visit(root, &nothing, 0)?;
    Ok(walk.pages)
}

struct Walk<'r, 'f, 'a> {
    revision: &'r Revision<'f, 'a>,
    seen: HashSet<ObjectId>,
    pages: Vec<Page>,
}

impl Walk<'_, '_, '_> {
    fn visit(&mut self, id: ObjectId, above: &[Object; 4], depth: usize) -> Result<(), PdfError> {
        if depth > MAX_DEPTH || self.pages.len() >= MAX_PAGES {
            let (what, maximum) = ("pages", MAX_PAGES);
            return Err(PdfError::Limit { what, maximum });
        }
        if !self.seen.insert(id) {
            return Err(PdfError::Cycle("the page tree"));
        }
        let body = self.revision.referred(id)?;
        let refused =
            || PdfError::structure(format!("object {id} of the page tree"), "a dictionary");
        let body = body.ok_or_else(refused)?;
        let node = body.object.as_dictionary().ok_or_else(refused)?;
        // A node that some readers take for a page, or whose entries they read otherwise, is refused.
        let kind = if node.get("Kids").is_some() {
            "Pages"
        } else {
            "Page"
        };
        let is_ambiguous = node.get("Type").is_some() && !node.names("Type", kind);
        if is_ambiguous || (kind == "Pages" && node.duplicate().is_some()) {
            let place = format!("object {id} of the page tree");
            return Err(PdfError::structure(
                place,
                "clearly a page or a list of pages",
            ));
        }
        let mut inherited = above.clone();
        for (key, slot) in INHERITED.iter().zip(&mut inherited) {
            if let Some(own) = node.get(key) {
                slot.clone_from(own);
            }
        }
        if node.get("Kids").is_none() {
            self.pages.push(Page {
                id,
                body,
                inherited,
            });
            return Ok(());
        }
        let before = self.pages.len();
        let kids = self.revision.value(node, "Kids")?;
        for kid in kids.as_array().ok_or_else(refused)? {
            let kid = kid.as_reference().ok_or_else(refused)?;
            self.visit(kid, &inherited, depth.saturating_add(1))?;
        }
        // Many readers show as many pages as this says, whatever the tree holds.
        let count = self.revision.value(node, "Count")?.as_size();
        match count {
            Some(count) if count == self.pages.len().saturating_sub(before) => Ok(()),
            _ => Err(PdfError::structure(
                format!("Count of object {id}"),
                "the number of its pages",
            )),
        }
    }
}
