//! What was done to form fields: filled in, signed, added.

use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;

use crate::signature::facts::modification::ChangeKind;
use crate::signature::pdf::byte_range::ByteRange;
use crate::signature::pdf::changes::Comparison;
use crate::signature::pdf::changes::Place;
use crate::signature::pdf::changes::keys;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Body;
use crate::signature::pdf::file::Resolved;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Name;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::signature_field::Field;
use crate::signature::pdf::signature_field::is_timestamp;

/// The fields of both revisions, and whose widget an object is.
pub(super) struct Fields<'s> {
    old: &'s [Field],
    new: &'s [Field],
    /// By the widget: the place among the fields of the later revision.
    by_widget: HashMap<ObjectId, usize>,
    /// The place among the fields of the earlier revision, by the object and by the name.
    old_by_id: HashMap<ObjectId, usize>,
    old_by_name: HashMap<&'s str, usize>,
}

impl<'s> Fields<'s> {
    pub(super) fn new(old: &'s [Field], new: &'s [Field]) -> Self {
        let by_widget = new
            .iter()
            .enumerate()
            .flat_map(|(place, field)| field.widgets.iter().map(move |widget| (*widget, place)))
            .collect();
        let old_by_id = old.iter().enumerate();
        let old_by_id = old_by_id.filter_map(|(place, field)| Some((field.id?, place)));
        let old_by_name = old.iter().enumerate();
        let old_by_name = old_by_name.map(|(place, field)| (field.name.as_str(), place));
        Self {
            by_widget,
            old_by_id: old_by_id.collect(),
            old_by_name: old_by_name.collect(),
            old,
            new,
        }
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

    /// Whether there are fields for anything but signatures.
    pub(super) fn has_inputs(&self) -> bool {
        self.new.iter().any(|field| !field.is_signature())
    }

    /// Whether it is a field for a signature that was added or, having been empty, signed; what it is then is told
    /// with the field.
    pub(super) fn is_signed_or_added(&self, field: &Field) -> bool {
        let was_signed = |before: &Field| before.dictionary.get("V").is_some();
        field.is_signature()
            && self
                .before(field)
                .is_none_or(|before| !was_signed(before) && field.dictionary.get("V").is_some())
    }

    /// What the field was before.
    pub(super) fn before(&self, field: &Field) -> Option<&Field> {
        let by_id = field.id.and_then(|id| self.old_by_id.get(&id));
        // The same field may have been written anew under another number.
        let place = by_id.or_else(|| self.old_by_name.get(field.name.as_str()))?;
        self.old.get(*place)
    }
}

/// What may differ in a field, or its widget, that is filled in: its value and what that looks like. The
/// rectangle bounds what an appearance can cover.
const VALUE: &[&str] = &["AP", "AS", "I", "M", "RV", "TI", "V"];
/// What may differ in one that is signed: `F` as well, since a field is often hidden until then.
const SIGNED_VALUE: &[&str] = &["AP", "AS", "F", "M", "V"];
/// Entries that are compared by following the tree, or apart.
const TREE: &[&str] = &["Ff", "Kids", "Parent"];
/// Entries of the form that may differ: that there are signatures, and what is compared apart.
const FORM: &[&str] = &["DR", "Fields", "SigFlags"];
/// Entries of the form that may be added: without them no field could be filled in that needs them.
const FORM_DEFAULTS: &[&str] = &["DA", "Q"];
/// The flag of a field that may be set: nobody fills it in any longer (ISO 32000-2 table 227).
const READ_ONLY: i64 = 1;

/// What differs of a field that was filled in.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    look: bool,
    value: bool,
}

impl Comparison<'_, '_, '_> {
    pub(super) fn compare_fields(
        &mut self,
        fields: &Fields<'_>,
        pages: &HashMap<ObjectId, usize>,
    ) -> Result<(), PdfError> {
        for field in fields.new {
            let before = fields.before(field);
            let place = self.place_of(field, pages)?;
            match before {
                Some(before) => self.compare_field(before, field, place)?,
                None => self.added(field, place)?,
            }
        }
        let ids: HashSet<ObjectId> = fields.new.iter().filter_map(|new| new.id).collect();
        let names: HashSet<&str> = fields.new.iter().map(|new| new.name.as_str()).collect();
        for old in fields.old {
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
        let kind = if !field.is_signature() || self.acts(field)? {
            ChangeKind::Content
        } else if *value != Object::Null {
            self.signing(field)?
        } else if self.draws(field)? {
            // An empty field that shows something is a way to draw over the page.
            ChangeKind::Content
        } else {
            ChangeKind::FieldAdded
        };
        self.report_field(kind, place, named);
        Ok(())
    }

    /// What the value is of a field that had none: a signature made after the earlier revision, in this field alone.
    /// One that was there before would let anybody who has no key show what they like as its appearance.
    fn signing(&mut self, field: &Field) -> Result<ChangeKind, PdfError> {
        let value = self.new.value(&field.dictionary, "V")?;
        let Some(signature) = value.as_dictionary() else {
            return Ok(ChangeKind::Content);
        };
        let range = ByteRange::read(signature.get("ByteRange"), self.new.end());
        let is_made_after =
            range.is_ok_and(|range| range.check(signature).is_ok() && range.end() > self.old.end());
        let id = match &value {
            Resolved::Indirect(body) => Some(body.id),
            Resolved::Direct(_) => None,
        };
        let is_shown_elsewhere = id.is_some_and(|id| !self.signatures.insert(id));
        Ok(match () {
            () if !is_made_after || is_shown_elsewhere => ChangeKind::Content,
            () if is_timestamp(signature) && !self.draws(field)? => ChangeKind::DocumentTimestamp,
            () => ChangeKind::Signature,
        })
    }

    /// Whether anything is done with a field but to sign in it.
    fn acts(&self, field: &Field) -> Result<bool, PdfError> {
        // An annotation of another type may play, link, or be drawn without an appearance.
        let acts = |dictionary: &Dictionary| {
            let is_other = dictionary.get("Subtype").is_some();
            let is_other = is_other && !dictionary.names("Subtype", "Widget");
            is_other || dictionary.get("A").is_some() || dictionary.get("AA").is_some()
        };
        if acts(&field.dictionary) {
            return Ok(true);
        }
        for widget in &field.widgets {
            let body = self.new.referred(*widget)?;
            let widget = body.as_ref().and_then(|body| body.object.as_dictionary());
            if widget.is_some_and(acts) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a field shows anything.
    fn draws(&self, field: &Field) -> Result<bool, PdfError> {
        for widget in &field.widgets {
            let body = self.new.referred(*widget)?;
            let Some(widget) = body.as_ref().and_then(|body| body.object.as_dictionary()) else {
                continue;
            };
            if is_empty_rectangle(&*self.new.value(widget, "Rect")?) {
                continue;
            }
            let characteristics = self.new.value(widget, "MK")?;
            let characteristics = characteristics.as_dictionary();
            if characteristics.is_some_and(|all| all.get("BC").is_some() || all.get("BG").is_some())
            {
                return Ok(true);
            }
            let appearance = self.new.value(widget, "AP")?;
            let appearances = appearance
                .as_dictionary()
                .into_iter()
                .flat_map(Dictionary::iter);
            for (_, appearance) in appearances {
                let appearance = self.new.resolve(appearance)?;
                let is_blank = match &appearance {
                    Resolved::Indirect(body) if body.is_stream() => {
                        self.new.raw(body)?.trim_ascii().is_empty()
                    }
                    Resolved::Direct(_) | Resolved::Indirect(_) => *appearance == Object::Null,
                };
                if !is_blank {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn compare_field(&mut self, old: &Field, new: &Field, place: Place) -> Result<(), PdfError> {
        let named = (new.id, Some(new.name.clone()));
        let old_value = self.old.value(&old.dictionary, "V")?;
        let is_filled = self.differs((&old.dictionary, &new.dictionary), "V")?;
        let is_signing = new.is_signature() && *old_value == Object::Null && is_filled;
        let may_differ = match () {
            () if !new.is_signature() => VALUE,
            () if is_signing => SIGNED_VALUE,
            () => &[],
        };
        if old.kind != new.kind || old.name != new.name {
            self.report_field(ChangeKind::Content, place, named);
            return Ok(());
        }
        let shown = self.compare_field_entries(old, new, (may_differ, &place))?;
        if is_signing {
            let kind = self.signing(new)?;
            self.report_field(kind, place, named);
        } else if new.is_signature() && is_filled {
            self.report_field(ChangeKind::Content, place, named);
        } else if is_filled || shown.value {
            self.report_field(ChangeKind::FieldFilled, place, named);
        } else if shown.look {
            // What was filled in is what was signed, but something else is shown.
            let label = format!("{}, AP", place.label);
            self.report_field(ChangeKind::Content, Place::new(label, place.page), named);
        }
        Ok(())
    }

    /// Compares the field's own dictionary and its widgets'. What of it that may differ does.
    fn compare_field_entries(
        &mut self,
        old: &Field,
        new: &Field,
        (may_differ, place): (&[&str], &Place),
    ) -> Result<Shown, PdfError> {
        let mut shown = self.compare_but(
            (&old.dictionary, &new.dictionary),
            (may_differ, place),
            new.id,
        )?;
        let flags = [&old.dictionary, &new.dictionary].map(|field| field.get("Ff").cloned());
        let flags = [
            self.old
                .resolve(flags[0].as_ref().unwrap_or(&Object::Null))?
                .as_integer(),
            self.new
                .resolve(flags[1].as_ref().unwrap_or(&Object::Null))?
                .as_integer(),
        ];
        let [before, now] = flags.map(Option::unwrap_or_default);
        if before != now && before | READ_ONLY != now {
            let label = format!("{}, Ff", place.label);
            self.report(ChangeKind::Content, Place::new(label, place.page), new.id);
        }
        let is_own = |widget: &&ObjectId| Some(**widget) != new.id;
        for widget in new.widgets.iter().filter(is_own) {
            if !old.widgets.contains(widget) {
                if !(new.is_signature() && may_differ.contains(&"V")) {
                    self.report(ChangeKind::Content, place.clone(), Some(*widget));
                }
                continue;
            }
            let bodies = (self.old.referred(*widget)?, self.new.referred(*widget)?);
            let is_stream =
                |body: &Option<Rc<Body>>| body.as_ref().is_some_and(|body| body.is_stream());
            if is_stream(&bodies.0) || is_stream(&bodies.1) {
                // No widget, but something that would be compared as one.
                self.report(ChangeKind::Content, place.clone(), Some(*widget));
            }
            if let (Some(old), Some(new)) = bodies
                && let (Some(old), Some(new)) =
                    (old.object.as_dictionary(), new.object.as_dictionary())
            {
                let widget = self.compare_but((old, new), (may_differ, place), Some(*widget))?;
                shown.look |= widget.look;
                shown.value |= widget.value;
            }
        }
        Ok(shown)
    }

    fn compare_but(
        &mut self,
        (old, new): (&Dictionary, &Dictionary),
        (may_differ, place): (&[&str], &Place),
        object: Option<ObjectId>,
    ) -> Result<Shown, PdfError> {
        let null = Object::Null;
        let mut shown = Shown::default();
        if !self.same_duplicates(old, new, place)? {
            self.report(ChangeKind::Content, place.clone(), object);
        }
        for key in keys(old, new) {
            if key.is_among(TREE) {
                continue;
            }
            if let Some(name) = may_differ.iter().find(|name| key.is(name)) {
                match *name {
                    "M" => {}
                    "AP" => shown.look |= self.differs((old, new), name)?,
                    _ => shown.value |= self.differs((old, new), name)?,
                }
                continue;
            }
            let (old, new) = (
                old.value_of(key).unwrap_or(&null),
                new.value_of(key).unwrap_or(&null),
            );
            if !self.same(old, new, &place.under(key))? {
                let label = format!("{}, {key}", place.label);
                self.report(ChangeKind::Content, Place::new(label, place.page), object);
            }
        }
        Ok(shown)
    }

    pub(super) fn compare_forms(
        &mut self,
        (old, new): (&Dictionary, &Dictionary),
        (object, has_inputs): (ObjectId, bool),
    ) -> Result<(), PdfError> {
        self.compare_duplicates((old, new), (Place::new("AcroForm", None), object))?;
        for key in keys(old, new) {
            let is_default_added = key.is_among(FORM_DEFAULTS) && old.value_of(key).is_none();
            // It makes readers draw every field but signatures anew.
            let has_no_effect = key.is("NeedAppearances") && !has_inputs;
            if key.is_among(FORM) || is_default_added || has_no_effect {
                continue;
            }
            let place = Place::new(format!("AcroForm, {key}"), None);
            self.compare_entries((old, new), key, (place, object))?;
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
        self.compare_duplicates((old, new), (Place::new("AcroForm, DR", None), object))?;
        for (category, old) in old.iter() {
            if !category.is_among(&["Encoding", "Font"]) {
                continue;
            }
            let old = self.old.resolve(old)?;
            let new = self
                .new
                .resolve(new.value_of(category).unwrap_or(&Object::Null))?;
            let place = Place::new(format!("AcroForm, DR, {category}"), None);
            let place = place.under(&Name((*b"DR").into()));
            let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
                if !self.same(&old, &new, &place)? {
                    self.report(ChangeKind::Content, place, Some(object));
                }
                continue;
            };
            for (name, _) in old.iter() {
                self.compare_entries((old, new), name, (place.clone(), object))?;
            }
        }
        Ok(())
    }
}

/// Whether nothing can be seen in a rectangle.
fn is_empty_rectangle(rectangle: &Object) -> bool {
    let number = |object: &Object| {
        if let Object::Real(number) = object {
            return Some(*number);
        }
        let number = i32::try_from(object.as_integer()?);
        Some(number.map_or(f64::NAN, f64::from))
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
