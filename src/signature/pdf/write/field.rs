//! The field that a signature goes into (ISO 32000-2 §12.7.5.5), and its widget.

use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::object::PdfString;
use crate::signature::pdf::pages::pages;
use crate::signature::pdf::signature_field;
use crate::signature::pdf::signature_field::Field;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::request::FieldChoice;
use crate::signature::pdf::write::request::Rectangle;
use crate::signature::pdf::write::update::Update;

/// `SigFlags` (ISO 32000-2 table 225): there are signatures, and the file is only to be appended to.
const SIGNATURES_EXIST: i64 = 1;
const APPEND_ONLY: i64 = 2;
/// Annotation flags (ISO 32000-2 table 167): printed, and locked in its place.
const PRINT_AND_LOCKED: i64 = 4 + 128;

/// A field that can be signed.
pub(super) struct Chosen {
    /// Its full name.
    pub(super) name: String,
    place: ChosenPlace,
}

enum ChosenPlace {
    Existing {
        field: ObjectId,
        widget: Option<ObjectId>,
        rectangle: Option<Rectangle>,
        lock: Option<Dictionary>,
    },
    New {
        page: ObjectId,
        rectangle: Option<Rectangle>,
    },
}

impl Chosen {
    /// Finds the field that is meant.
    pub(super) fn find(
        revision: &Revision<'_, '_>,
        choice: FieldChoice<'_>,
    ) -> Result<Self, PdfWriteError> {
        let fields = signature_field::fields(revision)?;
        match choice {
            FieldChoice::Existing(name) => existing(revision, &fields, name),
            FieldChoice::New { page, rectangle } => {
                let pages = pages(revision)?;
                let found = page.checked_sub(1).and_then(|place| pages.get(place));
                let found = found.ok_or(PdfWriteError::PageMissing {
                    page,
                    pages: pages.len(),
                })?;
                let page = found.id;
                let name = free_name(&fields);
                let place = ChosenPlace::New { page, rectangle };
                Ok(Self { name, place })
            }
        }
    }

    /// Where it shows, if anywhere.
    pub(super) const fn rectangle(&self) -> Option<Rectangle> {
        match &self.place {
            ChosenPlace::Existing { rectangle, .. } | ChosenPlace::New { rectangle, .. } => {
                *rectangle
            }
        }
    }

    /// What the field says is to be locked once it is signed (ISO 32000-2 table 236).
    pub(super) const fn lock(&self) -> Option<&Dictionary> {
        match &self.place {
            ChosenPlace::Existing { lock, .. } => lock.as_ref(),
            ChosenPlace::New { .. } => None,
        }
    }

    /// Puts a signature into the field, and its appearance.
    pub(super) fn fill(
        &self,
        update: &mut Update<'_, '_, '_>,
        signature: ObjectId,
        appearance: Option<ObjectId>,
    ) -> Result<(), PdfWriteError> {
        let value = Object::Reference(signature);
        let appearance =
            appearance.map(|id| Object::Dictionary(Dictionary::of([("N", Object::Reference(id))])));
        let catalog = update.base().catalog()?.id;
        match &self.place {
            ChosenPlace::Existing { field, widget, .. } => {
                update.modify(*field, &["V"], |_| value)?;
                if let (Some(widget), Some(appearance)) = (widget, appearance) {
                    update.modify(*widget, &["AP"], |_| appearance)?;
                }
            }
            ChosenPlace::New { page, rectangle } => {
                let mut widget = new_widget(*page, *rectangle, &self.name);
                widget.set("V", value);
                if let Some(appearance) = appearance {
                    widget.set("AP", appearance);
                }
                let widget = Object::Reference(update.add(Object::Dictionary(widget))?);
                require_form(update, catalog)?;
                let on_page = widget.clone();
                update.modify(catalog, &["AcroForm", "Fields"], |fields| {
                    with(fields, widget)
                })?;
                update.modify(*page, &["Annots"], |annotations| with(annotations, on_page))?;
            }
        }
        update.modify(catalog, &["AcroForm", "SigFlags"], |flags| {
            let flags = flags.as_integer().unwrap_or(0);
            Object::Integer(flags | SIGNATURES_EXIST | APPEND_ONLY)
        })
    }
}

/// A form of its own, where there is none.
fn require_form(update: &mut Update<'_, '_, '_>, catalog: ObjectId) -> Result<(), PdfWriteError> {
    if signature_field::form(update.base())?.is_some() {
        return Ok(());
    }
    let form = Dictionary::of([("Fields", Object::Array(Vec::new()))]);
    let form = Object::Reference(update.add(Object::Dictionary(form))?);
    update.modify(catalog, &["AcroForm"], |_| form)
}

/// Appends to an array, which is made if it is not there.
pub(super) fn with(array: Object, element: Object) -> Object {
    let mut elements = match array {
        Object::Array(elements) => elements,
        _ => Vec::new(),
    };
    elements.push(element);
    Object::Array(elements)
}

/// A field and its widget in one (ISO 32000-2 §12.5.6.19). It is added to nothing but the form and the page: a tagged
/// document's structure is part of what earlier signers saw.
fn new_widget(page: ObjectId, rectangle: Option<Rectangle>, name: &str) -> Dictionary {
    let corners = match rectangle {
        None => [0_i64; 4].map(Object::Integer),
        Some(place) => [
            place.left,
            place.bottom,
            place.left + place.width,
            place.bottom + place.height,
        ]
        .map(Object::Real),
    };
    Dictionary::of([
        ("Type", Object::name("Annot")),
        ("Subtype", Object::name("Widget")),
        ("FT", Object::name("Sig")),
        ("T", Object::String(PdfString::of_text(name))),
        ("F", Object::Integer(PRINT_AND_LOCKED)),
        ("Rect", Object::Array(corners.into())),
        ("P", Object::Reference(page)),
    ])
}

/// `Signature1`, or the first after it that nothing is named or begins with.
fn free_name(fields: &[Field]) -> String {
    let is_taken = |name: &str| {
        let mut roots = fields.iter().map(|field| field.name.split('.').next());
        roots.any(|root| root == Some(name))
    };
    let names = (1_u32..).map(|number| format!("Signature{number}"));
    let mut free = names.filter(|name| !is_taken(name));
    free.next().unwrap_or_default()
}

fn existing(
    revision: &Revision<'_, '_>,
    fields: &[Field],
    name: &str,
) -> Result<Chosen, PdfWriteError> {
    let is_empty = |field: &&Field| {
        let value = revision.value(&field.dictionary, "V");
        value.is_ok_and(|value| *value == Object::Null)
    };
    let of_name = fields
        .iter()
        .find(|field| field.is_signature() && field.name == name);
    let Some((field, id)) = of_name.and_then(|field| Some((field, field.id?))) else {
        let empty = fields.iter().filter(|field| field.is_signature());
        let known = empty.filter(is_empty).map(|field| field.name.clone());
        return Err(PdfWriteError::FieldMissing {
            name: name.to_owned(),
            known: known.collect(),
        });
    };
    if !is_empty(&field) {
        return Err(PdfWriteError::FieldIsSigned(name.to_owned()));
    }
    let seed = revision.value(&field.dictionary, "SV")?;
    if let Some(seed) = seed.as_dictionary()
        && revision.value(seed, "Ff")?.as_integer().unwrap_or(0) != 0
    {
        return Err(PdfWriteError::FieldDemands(name.to_owned()));
    }
    let widget = field.widgets.first().copied();
    let lock = revision.value(&field.dictionary, "Lock")?;
    Ok(Chosen {
        name: name.to_owned(),
        place: ChosenPlace::Existing {
            field: id,
            widget,
            rectangle: widget.map_or(Ok(None), |widget| rectangle_of(revision, widget))?,
            lock: lock.as_dictionary().cloned(),
        },
    })
}

fn rectangle_of(
    revision: &Revision<'_, '_>,
    widget: ObjectId,
) -> Result<Option<Rectangle>, PdfError> {
    let body = revision.referred(widget)?;
    let Some(widget) = body.as_ref().and_then(|body| body.object.as_dictionary()) else {
        return Ok(None);
    };
    let corners = revision.value(widget, "Rect")?;
    let mut numbers = Vec::new();
    for corner in corners.as_array().unwrap_or_default() {
        numbers.extend(number(&*revision.resolve(corner)?));
    }
    let &[one, below, other, above] = numbers.as_slice() else {
        return Ok(None);
    };
    let (left, bottom) = (one.min(other), below.min(above));
    let size = [(one - other).abs(), (below - above).abs()];
    Ok(Rectangle::new([left, bottom, size[0], size[1]]))
}

fn number(object: &Object) -> Option<f64> {
    match object {
        Object::Integer(whole) => i32::try_from(*whole).ok().map(f64::from),
        Object::Real(real) => Some(*real),
        _ => None,
    }
}
