//! The signature fields of a revision (ISO 32000-2 §12.7.5.5), found through the form, as viewers find them.

use std::collections::HashSet;
use std::rc::Rc;

use crate::pki::name::text::is_hidden;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Body;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Name;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;

/// Fields that are read of one form.
const MAX_FIELDS: usize = 65_536;
/// Fields within one another.
const MAX_DEPTH: usize = 32;

/// A field at the end of its branch, whatever its type.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Its object; none where it stands directly in its parent.
    pub(super) id: Option<ObjectId>,
    /// Its fully qualified name (ISO 32000-2 §12.7.4.2).
    pub(super) name: String,
    /// `FT`, its own or inherited.
    pub(super) kind: Option<Vec<u8>>,
    /// Its dictionary.
    pub(super) dictionary: Dictionary,
    /// The objects of its widgets: its own, if the two are merged, or its kids.
    pub(super) widgets: Vec<ObjectId>,
}

impl Field {
    /// Its name, to be shown.
    pub(super) fn shown_name(&self) -> String {
        const MAX_CHARACTERS: usize = 128;
        let shown = self.name.chars().filter(|character| !is_hidden(*character));
        shown.take(MAX_CHARACTERS).collect()
    }

    /// Whether it is one for a signature.
    pub(super) fn is_signature(&self) -> bool {
        self.kind.as_deref() == Some(b"Sig")
    }
}

/// A signature field that was signed.
#[derive(Clone, Debug)]
pub(super) struct SignedField {
    pub(super) field: Field,
    /// The signature dictionary's object; none where it stands directly in the field.
    pub(super) value_id: Option<ObjectId>,
    /// The signature dictionary (ISO 32000-2 table 255).
    pub(super) value: Dictionary,
}

/// What a field inherits from those above it.
#[derive(Clone, Default)]
struct Inherited {
    name: Option<String>,
    kind: Option<Vec<u8>>,
    entries: [Option<Object>; INHERITED.len()],
}

/// What a field has of those above it: what is inheritable (ISO 32000-2 tables 226, 228, 232 and others), and what is
/// done as it is filled in.
const INHERITED: [&str; 9] = ["AA", "DA", "DS", "DV", "Ff", "MaxLen", "Opt", "Q", "V"];

/// The form of a revision, if it has one.
pub(super) fn form(revision: &Revision<'_, '_>) -> Result<Option<Dictionary>, PdfError> {
    let catalog = revision.catalog()?;
    let catalog = catalog.object.as_dictionary();
    let form = match catalog {
        Some(catalog) => revision
            .value(catalog, "AcroForm")?
            .as_dictionary()
            .cloned(),
        None => None,
    };
    Ok(form)
}

/// Every field of a revision that has a value of its own or could have.
pub(super) fn fields(revision: &Revision<'_, '_>) -> Result<Vec<Field>, PdfError> {
    let Some(form) = form(revision)? else {
        return Ok(Vec::new());
    };
    let mut walk = Walk {
        revision,
        seen: HashSet::new(),
        fields: Vec::new(),
    };
    let roots = revision.value(&form, "Fields")?;
    for root in roots.as_array().unwrap_or_default() {
        walk.visit(root, &Inherited::default(), 0)?;
    }
    Ok(walk.fields)
}

struct Walk<'r, 'f, 'a> {
    revision: &'r Revision<'f, 'a>,
    seen: HashSet<ObjectId>,
    fields: Vec<Field>,
}

impl Walk<'_, '_, '_> {
    fn visit(&mut self, node: &Object, above: &Inherited, depth: usize) -> Result<(), PdfError> {
        if depth > MAX_DEPTH {
            let (what, maximum) = ("levels of form fields", MAX_DEPTH);
            return Err(PdfError::Limit { what, maximum });
        }
        if self.fields.len() >= MAX_FIELDS {
            let (what, maximum) = ("form fields", MAX_FIELDS);
            return Err(PdfError::Limit { what, maximum });
        }
        let id = node.as_reference();
        if id.is_some_and(|id| !self.seen.insert(id)) {
            // It hangs in two places of the tree, or under itself: it is one field.
            return Ok(());
        }
        let node = self.revision.resolve(node)?;
        let Some(dictionary) = node.as_dictionary() else {
            return Ok(());
        };
        let inherited = self.inherit(dictionary, above)?;
        let kids = self.revision.value(dictionary, "Kids")?;
        let kids = kids.as_array().unwrap_or_default();
        let mut widgets = Vec::new();
        let mut has_fields = false;
        for kid in kids {
            let resolved = self.revision.resolve(kid)?;
            // A kid with a name is a field, one without is a widget of this field.
            if resolved
                .as_dictionary()
                .is_some_and(|kid| kid.get("T").is_some())
            {
                has_fields = true;
                self.visit(kid, &inherited, depth.saturating_add(1))?;
            } else {
                widgets.extend(kid.as_reference());
            }
        }
        if has_fields && widgets.is_empty() {
            return Ok(());
        }
        if kids.is_empty() {
            widgets.extend(id);
        }
        let mut dictionary = dictionary.clone();
        for (key, value) in INHERITED.into_iter().zip(inherited.entries) {
            if dictionary.get(key).is_none() {
                let name = Name(key.as_bytes().into());
                dictionary.0.extend(value.map(|value| (name, value)));
            }
        }
        self.fields.push(Field {
            id,
            name: inherited.name.unwrap_or_default(),
            kind: inherited.kind,
            dictionary,
            widgets,
        });
        Ok(())
    }

    fn inherit(&self, field: &Dictionary, above: &Inherited) -> Result<Inherited, PdfError> {
        let own = self.revision.value(field, "T")?;
        let own = own.as_string().map(|name| name.text());
        let name = match (&above.name, own) {
            (Some(above), Some(own)) => Some(format!("{above}.{own}")),
            (above, own) => own.or_else(|| above.clone()),
        };
        let kind = self.revision.value(field, "FT")?;
        let kind = kind.as_name().map(|name| name.as_bytes().to_vec());
        let mut entries = above.entries.clone();
        for (key, inherited) in INHERITED.into_iter().zip(&mut entries) {
            if let Some(own) = field.get(key) {
                *inherited = Some(own.clone());
            }
        }
        Ok(Inherited {
            name,
            kind: kind.or_else(|| above.kind.clone()),
            entries,
        })
    }
}

/// Every signature of a revision, each once, by the fields that hold it.
pub(super) fn signed_fields(revision: &Revision<'_, '_>) -> Result<Vec<SignedField>, PdfError> {
    let mut signed: Vec<SignedField> = Vec::new();
    for field in fields(revision)? {
        if !field.is_signature() {
            continue;
        }
        let Some(value) = field.dictionary.get("V") else {
            continue;
        };
        let value_id = value.as_reference();
        // Several fields may show one signature.
        if value_id.is_some() && signed.iter().any(|other| other.value_id == value_id) {
            continue;
        }
        let value = revision.resolve(value)?;
        let Some(value) = value.as_dictionary().cloned() else {
            continue;
        };
        signed.push(SignedField {
            field,
            value_id,
            value,
        });
    }
    Ok(signed)
}

/// Signature dictionaries that stand openly in the file, where the way to them cannot be read because it is
/// encrypted: `Contents` never is (ISO 32000-2 §7.6.2).
pub(super) fn signatures_in_the_open(revision: &Revision<'_, '_>) -> Vec<SignedField> {
    let mut numbers: Vec<u32> = revision.numbers().into_iter().collect();
    numbers.sort_unstable();
    let bodies = numbers.into_iter().filter_map(|number| {
        let generation = 0;
        revision.body(ObjectId { number, generation }).ok()?
    });
    bodies.filter_map(|body| in_the_open(&body)).collect()
}

fn in_the_open(body: &Rc<Body>) -> Option<SignedField> {
    let value = body.object.as_dictionary()?;
    let is_signature = value.get("ByteRange").is_some() && value.get("Contents").is_some();
    is_signature.then(|| SignedField {
        field: Field {
            id: None,
            name: String::new(),
            kind: Some(b"Sig".to_vec()),
            dictionary: Dictionary::default(),
            widgets: Vec::new(),
        },
        value_id: Some(body.id),
        value: value.clone(),
    })
}

/// Whether a signature dictionary is that of a document timestamp (ETSI EN 319 142-1 §5.4.3).
pub(super) fn is_timestamp(signature: &Dictionary) -> bool {
    signature.names("SubFilter", "ETSI.RFC3161")
}
