//! What a document holds that other programs run or open: scripts, actions, files. It is told and never touched.

use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::pages;

/// Annotations that are looked at.
const MAX_ANNOTATIONS: usize = 20_000;
/// What is told at most.
const MAX_TOLD: usize = 16;
/// Nodes of a name tree within one another.
const MAX_DEPTH: usize = 16;

/// Types of actions (ISO 32000-2 table 201) that do more than move about in the document.
const ACTIONS: [&str; 8] = [
    "GoToE",
    "GoToR",
    "ImportData",
    "JavaScript",
    "Launch",
    "Rendition",
    "RichMediaExecute",
    "SubmitForm",
];

/// What is found, by where it is.
pub(super) fn found(revision: &Revision<'_, '_>) -> Result<Vec<String>, PdfError> {
    let catalog = revision.catalog()?;
    let Some(catalog) = catalog.object.as_dictionary() else {
        return Ok(Vec::new());
    };
    let mut search = Search {
        revision,
        found: Vec::new(),
    };
    search.names(catalog)?;
    search.action(catalog.get("OpenAction"), "OpenAction")?;
    search.additional(catalog, "the document")?;
    let form = revision.value(catalog, "AcroForm")?;
    if form
        .as_dictionary()
        .is_some_and(|form| form.get("XFA").is_some())
    {
        search.tell("XFA form".to_owned());
    }
    let mut left = MAX_ANNOTATIONS;
    for (number, page) in (1..).zip(pages::pages(revision)?) {
        search.additional(page.dictionary(), &format!("page {number}"))?;
        let annotations = revision.value(page.dictionary(), "Annots")?;
        for annotation in annotations.as_array().unwrap_or_default() {
            left = left.saturating_sub(1);
            if left == 0 || search.found.len() >= MAX_TOLD {
                return Ok(search.found);
            }
            let annotation = revision.resolve(annotation)?;
            if let Some(annotation) = annotation.as_dictionary() {
                search.annotation(annotation, number)?;
            }
        }
    }
    Ok(search.found)
}

struct Search<'r, 'f, 'a> {
    revision: &'r Revision<'f, 'a>,
    found: Vec<String>,
}

impl Search<'_, '_, '_> {
    fn tell(&mut self, what: String) {
        if self.found.len() < MAX_TOLD && !self.found.contains(&what) {
            self.found.push(what);
        }
    }

    /// Scripts and attached files by name (ISO 32000-2 table 32).
    fn names(&mut self, catalog: &Dictionary) -> Result<(), PdfError> {
        let names = self.revision.value(catalog, "Names")?;
        let Some(names) = names.as_dictionary() else {
            return Ok(());
        };
        for (key, what) in [
            ("JavaScript", "JavaScript"),
            ("EmbeddedFiles", "attached files"),
        ] {
            let count = self.count(&*self.revision.value(names, key)?, 0)?;
            if count > 0 {
                self.tell(format!("{what}: {count}"));
            }
        }
        Ok(())
    }

    /// How many names a tree holds.
    fn count(&self, node: &Object, depth: usize) -> Result<usize, PdfError> {
        let Some(node) = node.as_dictionary().filter(|_| depth < MAX_DEPTH) else {
            return Ok(0);
        };
        let own = self.revision.value(node, "Names")?;
        let mut count = own.as_array().map_or(0, |names| names.len() / 2);
        let kids = self.revision.value(node, "Kids")?;
        for kid in kids.as_array().unwrap_or_default().iter().take(MAX_TOLD) {
            let kid = self.revision.resolve(kid)?;
            count = count.saturating_add(self.count(&kid, depth.saturating_add(1))?);
        }
        Ok(count)
    }

    fn action(&mut self, action: Option<&Object>, place: &str) -> Result<(), PdfError> {
        let Some(action) = action else {
            return Ok(());
        };
        let action = self.revision.resolve(action)?;
        let Some(action) = action.as_dictionary() else {
            return Ok(());
        };
        let kind = self.revision.value(action, "S")?;
        let known = ACTIONS
            .iter()
            .find(|known| kind.as_name().is_some_and(|kind| kind.is(known)));
        if let Some(kind) = known {
            self.tell(format!("{kind} ({place})"));
        }
        Ok(())
    }

    /// Actions on events (ISO 32000-2 §12.6.3).
    fn additional(&mut self, of: &Dictionary, place: &str) -> Result<(), PdfError> {
        let events = self.revision.value(of, "AA")?;
        for (_, action) in events
            .as_dictionary()
            .into_iter()
            .flat_map(Dictionary::iter)
        {
            self.action(Some(action), place)?;
        }
        Ok(())
    }

    fn annotation(&mut self, annotation: &Dictionary, page: usize) -> Result<(), PdfError> {
        let place = format!("page {page}");
        self.action(annotation.get("A"), &place)?;
        self.additional(annotation, &place)?;
        if annotation.names("Subtype", "FileAttachment") {
            self.tell(format!("attached file ({place})"));
        }
        for kind in ["Movie", "RichMedia", "Screen", "Sound", "3D"] {
            if annotation.names("Subtype", kind) {
                self.tell(format!("{kind} ({place})"));
            }
        }
        Ok(())
    }
}
