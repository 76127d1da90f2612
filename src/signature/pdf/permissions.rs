//! What a signature allows to be done to the document after it (ISO 32000-2 §12.8.2): by the certification of the
//! document (`DocMDP`), and by the fields that it locks (`FieldMDP`, `Lock`).

use crate::signature::facts::modification::ChangeKind;
use crate::signature::pdf::changes::Change;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::signature_field;
use crate::signature::pdf::signature_field::Field;
use crate::signature::pdf::signature_field::SignedField;

/// What is allowed after a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Permissions {
    level: Option<Level>,
    locks: Vec<Lock>,
}

/// `P` (ISO 32000-2 table 257), from the strictest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// 1: nothing, but evidence and document timestamps (ETSI EN 319 142-1 §5.4).
    Nothing,
    /// 2: filling in forms and signing.
    Forms,
    /// 3: annotations as well.
    Annotations,
}

/// Fields that must stay as they are (ISO 32000-2 tables 236 and 258).
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    All,
    Exclude(Vec<String>),
    Include(Vec<String>),
}

/// What stands in the way of another signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing may be changed any more.
    Final,
    /// The field was locked.
    Locked,
}

impl Permissions {
    /// What a signature allows in the revision that it covers: what it says itself, and what the document's
    /// certification says by then.
    pub(super) fn of(signed: &SignedField, revision: &Revision<'_, '_>) -> Result<Self, PdfError> {
        let mut permissions = Self::default();
        permissions.take_signature(&signed.value, revision)?;
        // Of the fields as they were signed: what a later revision says of them restricts nobody.
        let fields = signature_field::fields(revision)?;
        let holds = |field: &&Field| {
            let value = field.dictionary.get("V").and_then(Object::as_reference);
            match signed.value_id {
                Some(id) => value == Some(id),
                None => field.id == signed.field.id,
            }
        };
        for field in fields.iter().filter(holds) {
            let lock = revision.value(&field.dictionary, "Lock")?;
            if let Some(lock) = lock.as_dictionary() {
                permissions.take_lock(lock, revision)?;
            }
        }
        let catalog = revision.catalog()?;
        if let Some(catalog) = catalog.object.as_dictionary()
            && let Some(granted) = revision.value(catalog, "Perms")?.as_dictionary()
            && let Some(certification) = revision.value(granted, "DocMDP")?.as_dictionary()
        {
            permissions.take_signature(certification, revision)?;
        }
        Ok(permissions)
    }

    /// The signature references (ISO 32000-2 table 256).
    fn take_signature(
        &mut self,
        signature: &Dictionary,
        revision: &Revision<'_, '_>,
    ) -> Result<(), PdfError> {
        let references = revision.value(signature, "Reference")?;
        for reference in references.as_array().unwrap_or_default() {
            let reference = revision.resolve(reference)?;
            let Some(reference) = reference.as_dictionary() else {
                continue;
            };
            let parameters = revision.value(reference, "TransformParams")?;
            let none = Dictionary::default();
            let parameters = parameters.as_dictionary().unwrap_or(&none);
            if reference.names("TransformMethod", "DocMDP") {
                // "Default value: 2."
                let level = revision.value(parameters, "P")?.as_integer().unwrap_or(2);
                self.restrict(level);
            } else if reference.names("TransformMethod", "FieldMDP") {
                self.take_lock(parameters, revision)?;
            }
        }
        Ok(())
    }

    fn take_lock(
        &mut self,
        lock: &Dictionary,
        revision: &Revision<'_, '_>,
    ) -> Result<(), PdfError> {
        if let Some(level) = revision.value(lock, "P")?.as_integer() {
            self.restrict(level);
        }
        let names = revision.value(lock, "Fields")?;
        let mut fields = Vec::new();
        for name in names.as_array().unwrap_or_default() {
            fields.extend(revision.resolve(name)?.as_string().map(|name| name.text()));
        }
        let action = revision.value(lock, "Action")?;
        self.locks.push(match action.as_name() {
            Some(action) if action.is("Include") => Lock::Include(fields),
            Some(action) if action.is("Exclude") => Lock::Exclude(fields),
            Some(_) => Lock::All,
            None => return Ok(()),
        });
        Ok(())
    }

    fn restrict(&mut self, level: i64) {
        let level = match level {
            2 => Level::Forms,
            3 => Level::Annotations,
            _ => Level::Nothing,
        };
        self.level = Some(self.level.map_or(level, |known| known.min(level)));
    }

    /// Whether a change is allowed.
    pub(super) fn allow(&self, change: &Change) -> bool {
        match change.kind {
            ChangeKind::DocumentTimestamp | ChangeKind::Evidence | ChangeKind::Metadata => true,
            ChangeKind::FieldAdded | ChangeKind::Signature => self.level != Some(Level::Nothing),
            ChangeKind::FieldFilled => {
                self.level != Some(Level::Nothing) && !self.is_locked(change.field.as_deref())
            }
            ChangeKind::Annotation => self.level == Some(Level::Annotations),
            ChangeKind::Content => false,
        }
    }

    /// Why no signature may follow in the field of that name, if none may.
    pub(super) fn refusal(&self, field: &str) -> Option<Refusal> {
        match () {
            () if self.level == Some(Level::Nothing) => Some(Refusal::Final),
            () if self.is_locked(Some(field)) => Some(Refusal::Locked),
            () => None,
        }
    }

    fn is_locked(&self, field: Option<&str>) -> bool {
        let field = field.unwrap_or_default();
        let names = |listed: &[String]| {
            listed.iter().any(|name| {
                let below = field.strip_prefix(name.as_str());
                // The name of a field that has others below it stands for them all.
                below.is_some_and(|below| below.is_empty() || below.starts_with('.'))
            })
        };
        self.locks.iter().any(|lock| match lock {
            Lock::All => true,
            Lock::Exclude(listed) => !names(listed),
            Lock::Include(listed) => names(listed),
        })
    }
}
