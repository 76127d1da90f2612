//! What was done to the annotations of a page.

use std::collections::HashSet;

use crate::signature::facts::modification::ChangeKind;
use crate::signature::pdf::changes::Comparison;
use crate::signature::pdf::changes::Place;
use crate::signature::pdf::changes::field::Fields;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::pages::Page;

/// Annotations that viewers show beside the page or as an icon of their own. All others can be drawn over what
/// was signed.
const HARMLESS: &[&str] = &["Popup", "Text"];

impl Comparison<'_, '_, '_> {
    /// Annotations that were there have to stay as they are and in their order; widgets are compared with their
    /// fields.
    pub(super) fn compare_annotations(
        &mut self,
        number: usize,
        (old, new): (&Page, &Page),
        fields: &Fields<'_>,
    ) -> Result<(), PdfError> {
        let place = Place::new(format!("page {number}, Annots"), Some(number));
        let old_list = self.old.value(old.dictionary(), "Annots")?;
        let new_list = self.new.value(new.dictionary(), "Annots")?;
        let old_list = old_list.as_array().unwrap_or_default();
        let new_list = new_list.as_array().unwrap_or_default();
        let known: HashSet<ObjectId> = old_list.iter().filter_map(Object::as_reference).collect();
        let is_new =
            |object: &&Object| object.as_reference().is_some_and(|id| !known.contains(&id));
        let kept: Vec<&Object> = new_list.iter().filter(|object| !is_new(object)).collect();
        if kept.len() != old_list.len() {
            let label = format!("page {number}, an annotation removed");
            self.report(
                ChangeKind::Content,
                Place::new(label, Some(number)),
                Some(new.id),
            );
        } else {
            for (old, new_one) in old_list.iter().zip(kept) {
                let is_same = match (old.as_reference(), new_one.as_reference()) {
                    // What one object was has to be that object still.
                    (Some(old), Some(new)) if old != new => false,
                    _ => self.same(old, new_one, &place)?,
                };
                if !is_same {
                    self.report(ChangeKind::Content, place.clone(), Some(new.id));
                }
            }
        }
        for added in new_list.iter().filter(is_new) {
            if let Some(id) = added.as_reference() {
                self.added_annotation(number, id, fields)?;
            }
        }
        Ok(())
    }

    fn added_annotation(
        &mut self,
        number: usize,
        id: ObjectId,
        fields: &Fields<'_>,
    ) -> Result<(), PdfError> {
        let body = self.new.referred(id)?;
        let none = Dictionary::default();
        let annotation = body.as_ref().and_then(|body| body.object.as_dictionary());
        let annotation = annotation.unwrap_or(&none);
        let subtype = self.new.value(annotation, "Subtype")?;
        let subtype = subtype
            .as_name()
            .map(ToString::to_string)
            .unwrap_or_default();
        let acts = annotation.get("A").is_some() || annotation.get("AA").is_some();
        let kind = match fields.of_widget(id) {
            // Its field says what it is: signed, or added empty.
            Some(field) if fields.is_signed_or_added(field) && !acts && self.shown.insert(id) => {
                return Ok(());
            }
            Some(_) => ChangeKind::Content,
            None if HARMLESS.contains(&subtype.as_str())
                && !acts
                && annotation.get("AP").is_none() =>
            {
                ChangeKind::Annotation
            }
            None => ChangeKind::Content,
        };
        let label = format!("page {number}, annotation /{subtype} added");
        self.report(kind, Place::new(label, Some(number)), Some(id));
        Ok(())
    }
}
