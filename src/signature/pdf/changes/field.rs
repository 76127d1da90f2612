//! What was done to form fields: filled in, signed, added.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::signature::facts::modification::ChangeKind;
use crate::signature::pdf::changes::Comparison;
use crate::signature::pdf::changes::Place;
use crate::signature::pdf::changes::keys;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::signature_field;
use crate::signature::pdf::signature_field::Field;
use crate::signature::pdf::signature_field::is_timestamp;

/// The fields of both revisions, and whose widget an object is.
pub(super) struct Fields {
    old: Vec<Field>,
    new: Vec<Field>,
    /// By the widget: the place among the fields of the later revision.
    by_widget: HashMap<ObjectId, usize>,
    /// The place among the fields of the earlier revision, by the object and by the name.
    old_by_id: HashMap<ObjectId, usize>,
    old_by_name: HashMap<String, usize>,
}

impl Fields {
    pub(super) fn read(old: &Revision<'_, '_>, new: &Revision<'_, '_>) -> Result<Self, PdfError> {
        let old = signature_field::fields(old)?;
        let new = signature_field::fields(new)?;
        let by_widget = new
            .iter()
            .enumerate()
            .flat_map(|(place, field)| field.widgets.iter().map(move |widget| (*widget, place)))
            .collect();
        let old_by_id = old.iter().enumerate();
        let old_by_id = old_by_id.filter_map(|(place, field)| Some((field.id?, place)));
        let old_by_name = old.iter().enumerate();
        let old_by_name = old_by_name.map(|(place, field)| (field.name.clone(), place));
        Ok(Self {
            by_widget,
            old_by_id: old_by_id.collect(),
            old_by_name: old_by_name.collect(),
            old,
            new,
        })
    }

    /// Objects of fields that are in both revisions, each of which is compared with itself as what it is. An object
    /// that became part of a field is not among them: what it was before counts.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (ObjectId, ObjectId)> + '_ {
        let both = self
            .new
            .iter()
            .filter_map(|new| Some((self.before(new)?, new)));
        both.flat_map(|(old, new)| {
            let widgets = new
                .widgets
                .iter()
                .filter(|widget| old.widgets.contains(widget));
            let own = new.id.filter(|_| old.id == new.id);
            widgets.copied().chain(own).map(|id| (id, id))
        })
    }

    /// The field whose widget `id` is.
    pub(super) fn of_widget(&self, id: ObjectId) -> Option<&Field> {
        self.new.get(*self.by_widget.get(&id)?)
    }

    /// What the field was before.
    pub(super) fn before(&self, field: &Field) -> Option<&Field> {
        let by_id = field.id.and_then(|id| self.old_by_id.get(&id));
        // The same field may have been written anew under another number.
        let place = by_id.or_else(|| self.old_by_name.get(&field.name))?;
        self.old.get(*place)
    }
}

/// What may differ in a field, or its widget, that is filled in: its value and what that looks like. The
/// rectangle bounds what an appearance can cover.
const VALUE: &[&str] = &["AP", "AS", "I", "M", "RV", "TI", "V"];
/// What may differ in one that is signed: `F` as well, since a field is often hidden until then.
const SIGNED_VALUE: &[&str] = &["AP", "AS", "F", "M", "V"];
/// Entries that are compared by following the tree, and flags that lock a field.
const TREE: &[&str] = &["Ff", "Kids", "Parent"];
/// Entries of the form that may differ: defaults for fields that are filled in, and that there are signatures.
const FORM: &[&str] = &["DA", "DR", "Fields", "NeedAppearances", "Q", "SigFlags"];

impl Comparison<'_, '_, '_> {
    pub(super) fn compare_fields(
        &mut self,
        fields: &Fields,
        pages: &HashMap<ObjectId, usize>,
    ) -> Result<(), PdfError> {
        for field in &fields.new {
            let before = fields.before(field);
            let place = self.place_of(field, pages)?;
            match before {
                Some(before) => self.compare_field(before, field, place)?,
                None => self.added(field, place)?,
            }
        }
        let ids: HashSet<ObjectId> = fields.new.iter().filter_map(|new| new.id).collect();
        let names: HashSet<&str> = fields.new.iter().map(|new| new.name.as_str()).collect();
        for old in &fields.old {
            let is_there = old.id.is_some_and(|id| ids.contains(&id));
            if !is_there && !names.contains(old.name.as_str()) {
                let label = format!("field {} removed", old.shown_name());
                let place = Place::new(label, None);
                self.report_field(ChangeKind::Content, place, (old.id, Some(old.name.clone())));
            }
        }
        Ok(())
    }

    fn place_of(&self, field: &Field, pages: &HashMap<ObjectId, usize>) -> Result<Place, PdfError> {
        let mut page = None;
        for widget in &field.widgets {
            let body = self.new.referred(*widget)?;
            let body = body.as_ref().and_then(|body| body.object.as_dictionary());
            let on = body
                .and_then(|body| body.get("P"))
                .and_then(Object::as_reference);
            page = page.or(on.and_then(|on| pages.get(&on).copied()));
        }
        Ok(Place::new(format!("field {}", field.shown_name()), page))
    }

    /// A field that was not there before: one for a signature may be added, to sign in it or to let others do so.
    fn added(&mut self, field: &Field, place: Place) -> Result<(), PdfError> {
        let named = (field.id, Some(field.name.clone()));
        let value = self.new.value(&field.dictionary, "V")?;
        let kind = match value.as_dictionary() {
            _ if !field.is_signature() => ChangeKind::Content,
            Some(signature) if is_timestamp(signature) => ChangeKind::DocumentTimestamp,
            Some(_) => ChangeKind::Signature,
            // An empty field that shows something is a way to draw over the page.
            None if self.draws(field)? => ChangeKind::Content,
            None => ChangeKind::FieldAdded,
        };
        self.report_field(kind, place, named);
        Ok(())
    }

    /// Whether a field has an appearance, or acts on anything.
    fn draws(&self, field: &Field) -> Result<bool, PdfError> {
        for widget in &field.widgets {
            let body = self.new.referred(*widget)?;
            let Some(widget) = body.as_ref().and_then(|body| body.object.as_dictionary()) else {
                continue;
            };
            let has = |key: &str| widget.get(key).is_some();
            if has("A") || has("AA") {
                return Ok(true);
            }
            let appearance = self.new.value(widget, "AP")?;
            let Some(appearance) = appearance.as_dictionary() else {
                continue;
            };
            let normal = appearance.get("N").and_then(Object::as_reference);
            let Some(body) = normal
                .map(|id| self.new.referred(id))
                .transpose()?
                .flatten()
            else {
                continue;
            };
            let draws = body.is_stream() && !self.new.raw(&body)?.trim_ascii().is_empty();
            if draws && !is_empty_rectangle(&*self.new.value(widget, "Rect")?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn compare_field(&mut self, old: &Field, new: &Field, place: Place) -> Result<(), PdfError> {
        let named = (new.id, Some(new.name.clone()));
        let old_value = self.old.value(&old.dictionary, "V")?;
        let new_value = self.new.value(&new.dictionary, "V")?;
        let is_filled = self.differs((&old.dictionary, &new.dictionary), "V")?;
        let is_signing = new.is_signature() && *old_value == Object::Null;
        let may_differ = match () {
            () if !new.is_signature() => VALUE,
            () if is_signing && is_filled => SIGNED_VALUE,
            () => &[],
        };
        if old.kind != new.kind || old.name != new.name {
            self.report_field(ChangeKind::Content, place, named);
            return Ok(());
        }
        let is_shown_anew = self.compare_field_entries(old, new, (may_differ, &place))?;
        if new.is_signature() && is_filled {
            let kind = match new_value.as_dictionary() {
                Some(signature) if is_signing && is_timestamp(signature) => {
                    ChangeKind::DocumentTimestamp
                }
                Some(_) if is_signing => ChangeKind::Signature,
                _ => ChangeKind::Content,
            };
            self.report_field(kind, place, named);
        } else if is_filled || is_shown_anew {
            self.report_field(ChangeKind::FieldFilled, place, named);
        }
        Ok(())
    }

    /// Compares the field's own dictionary and its widgets'. Whether something of what may differ does.
    fn compare_field_entries(
        &mut self,
        old: &Field,
        new: &Field,
        (may_differ, place): (&[&str], &Place),
    ) -> Result<bool, PdfError> {
        let mut is_shown_anew = self.compare_but(
            (&old.dictionary, &new.dictionary),
            (may_differ, place),
            new.id,
        )?;
        let is_own = |widget: &&ObjectId| Some(**widget) != new.id;
        for widget in new.widgets.iter().filter(is_own) {
            if !old.widgets.contains(widget) {
                if !new.is_signature() {
                    self.report(ChangeKind::Content, place.clone(), Some(*widget));
                }
                continue;
            }
            let bodies = (self.old.referred(*widget)?, self.new.referred(*widget)?);
            if let (Some(old), Some(new)) = bodies
                && let (Some(old), Some(new)) =
                    (old.object.as_dictionary(), new.object.as_dictionary())
            {
                is_shown_anew |=
                    self.compare_but((old, new), (may_differ, place), Some(*widget))?;
            }
        }
        Ok(is_shown_anew)
    }

    fn compare_but(
        &mut self,
        (old, new): (&Dictionary, &Dictionary),
        (may_differ, place): (&[&str], &Place),
        object: Option<ObjectId>,
    ) -> Result<bool, PdfError> {
        let null = Object::Null;
        let mut is_shown_anew = false;
        for key in keys(old, new) {
            let name = key.as_str();
            if TREE.contains(&name) {
                continue;
            }
            if may_differ.contains(&name) {
                is_shown_anew |= matches!(name, "AP" | "AS") && self.differs((old, new), name)?;
                continue;
            }
            let (old, new) = (
                old.get(name).unwrap_or(&null),
                new.get(name).unwrap_or(&null),
            );
            if !self.same(old, new, place)? {
                let label = format!("{}, {key}", place.label);
                self.report(ChangeKind::Content, Place::new(label, place.page), object);
            }
        }
        Ok(is_shown_anew)
    }

    pub(super) fn compare_forms(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        object: ObjectId,
    ) -> Result<(), PdfError> {
        for key in keys(old, new) {
            if FORM.contains(&key.as_str()) {
                continue;
            }
            let place = Place::new(format!("AcroForm, {key}"), None);
            self.compare_entries((old, new), &key, (place, object))?;
        }
        self.compare_resources(old, new, object)
    }

    /// Fonts of the default resources may be added to; those that were there have to stay. Nothing else of them shows
    /// anywhere: a field's text names a font (ISO 32000-2 §12.7.4.3), its appearance has resources of its own.
    fn compare_resources(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        object: ObjectId,
    ) -> Result<(), PdfError> {
        let (old, new) = (self.old.value(old, "DR")?, self.new.value(new, "DR")?);
        let none = Dictionary::default();
        let old = old.as_dictionary().unwrap_or(&none);
        let new = new.as_dictionary().unwrap_or(&none);
        for category in ["Encoding", "Font"] {
            let old = self.old.value(old, category)?;
            let new = self.new.value(new, category)?;
            if *old == Object::Null {
                continue;
            }
            let place = Place::new(format!("AcroForm, DR, {category}"), None);
            let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
                if !self.same(&old, &new, &place)? {
                    self.report(ChangeKind::Content, place, Some(object));
                }
                continue;
            };
            for (name, _) in old.iter() {
                let name = name.to_string();
                self.compare_entries((old, new), &name, (place.clone(), object))?;
            }
        }
        Ok(())
    }
}

/// Whether nothing can be seen in a rectangle.
fn is_empty_rectangle(rectangle: &Object) -> bool {
    let number = |object: &Object| match object {
        Object::Integer(number) => Some(i32::try_from(*number).map_or(f64::NAN, f64::from)),
        Object::Real(number) => Some(*number),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = rectangle
        .as_array()
        .and_then(|numbers| numbers.iter().map(number).collect());
    match numbers.as_deref() {
        Some([left, bottom, right, top]) => {
            (left - right).abs() < f64::EPSILON || (bottom - top).abs() < f64::EPSILON
        }
        _ => false,
    }
}
