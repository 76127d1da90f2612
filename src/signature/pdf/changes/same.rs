//! Whether two objects say the same, with everything that they refer to.

use crate::signature::facts::modification::ChangeKind;
use crate::signature::pdf::changes::Comparison;
use crate::signature::pdf::changes::MAX_PAIRS;
use crate::signature::pdf::changes::Place;
use crate::signature::pdf::changes::keys;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::Body;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;

/// How the data of a stream are packed, which does not matter where they are the same unpacked.
const PACKING: &[&str] = &["DecodeParms", "Filter", "Length"];

impl Comparison<'_, '_, '_> {
    /// Whether two objects are the same as far as they stand here; what they refer to is compared later, and
    /// reported as being at `place`.
    pub(super) fn same(
        &mut self,
        old: &Object,
        new: &Object,
        place: &Place,
    ) -> Result<bool, PdfError> {
        self.pairs = self.pairs.saturating_add(1);
        if self.pairs > MAX_PAIRS {
            let (what, maximum) = ("objects to compare", MAX_PAIRS);
            return Err(PdfError::Limit { what, maximum });
        }
        if std::ptr::eq(old, new) {
            self.follow(old, place);
            return Ok(true);
        }
        match (old, new) {
            (Object::Reference(old), Object::Reference(new)) => {
                if self.first_seen(*old, *new, place) {
                    self.waiting.push((*old, *new, place.clone()));
                }
                Ok(true)
            }
            (Object::Reference(old), new) => match self.old.referred(*old)? {
                Some(body) if body.is_stream() => Ok(false),
                Some(body) => self.same(&body.object, new, place),
                None => Ok(*new == Object::Null),
            },
            (old, Object::Reference(new)) => match self.new.referred(*new)? {
                Some(body) if body.is_stream() => Ok(false),
                Some(body) => self.same(old, &body.object, place),
                None => Ok(*old == Object::Null),
            },
            (Object::Array(old), Object::Array(new)) => {
                if old.len() != new.len() {
                    return Ok(false);
                }
                for (old, new) in old.iter().zip(new) {
                    if !self.same(old, new, place)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                self.same_entries(old, new, (&[], place))
            }
            (Object::Integer(_) | Object::Real(_), Object::Integer(_) | Object::Real(_)) => {
                Ok(same_numbers(old, new))
            }
            (old, new) => Ok(old == new),
        }
    }

    /// What was written once says the same in both revisions; what it refers to need not.
    fn follow(&mut self, object: &Object, place: &Place) {
        match object {
            Object::Array(elements) => elements.iter().for_each(|one| self.follow(one, place)),
            Object::Dictionary(entries) => {
                let leading_on = entries.iter().filter(|(_, one)| !is_plain(one));
                leading_on.for_each(|(key, one)| self.follow(one, &place.under(key)));
            }
            Object::Reference(id) if self.first_seen(*id, *id, place) => {
                self.waiting.push((*id, *id, place.clone()));
            }
            Object::Boolean(_)
            | Object::Integer(_)
            | Object::Name(_)
            | Object::Null
            | Object::Real(_)
            | Object::Reference(_)
            | Object::String(_) => {}
        }
    }

    /// Whether two dictionaries are the same but for the entries in `but`; an entry that is null is none.
    pub(super) fn same_entries(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        (but, place): (&[&str], &Place),
    ) -> Result<bool, PdfError> {
        if !self.same_duplicates(old, new, place)? {
            return Ok(false);
        }
        let null = Object::Null;
        for key in keys(old, new) {
            if key.is_among(but) {
                continue;
            }
            let (old, new) = (
                old.value_of(key).unwrap_or(&null),
                new.value_of(key).unwrap_or(&null),
            );
            if is_plain(old) && old == new {
                continue;
            }
            if !self.same(old, new, &place.under(key))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether names that are there more than once have the same values: which of them counts, readers do not agree.
    pub(super) fn same_duplicates(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        place: &Place,
    ) -> Result<bool, PdfError> {
        if old.duplicate().is_none() && new.duplicate().is_none() {
            return Ok(true);
        }
        for key in keys(old, new) {
            let values = [old, new].map(|from| {
                let entries = from.iter().filter(|(name, _)| *name == key);
                entries.map(|(_, value)| value).collect::<Vec<_>>()
            });
            let [old, new] = &values;
            if old.len().max(new.len()) < 2 {
                continue;
            }
            if old.len() != new.len() {
                return Ok(false);
            }
            for (old, new) in old.iter().zip(new) {
                if !self.same(old, new, &place.under(key))? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Compares what waits, and what that refers to.
    pub(super) fn compare_waiting(&mut self) -> Result<(), PdfError> {
        while let Some((old, new, place)) = self.waiting.pop() {
            if self.is_enough() {
                return Ok(());
            }
            if !self.same_bodies(old, new, &place)? {
                self.report(ChangeKind::Content, place, Some(new));
            }
        }
        Ok(())
    }

    fn same_bodies(
        &mut self,
        old: ObjectId,
        new: ObjectId,
        place: &Place,
    ) -> Result<bool, PdfError> {
        let bodies = (self.old.referred(old)?, self.new.referred(new)?);
        match bodies {
            (None, None) => Ok(true),
            (Some(body), None) | (None, Some(body)) => {
                Ok(!body.is_stream() && body.object == Object::Null)
            }
            (Some(old), Some(new)) if old.is_stream() || new.is_stream() => {
                self.same_streams(&old, &new, place)
            }
            (Some(old), Some(new)) => self.same(&old.object, &new.object, place),
        }
    }

    fn same_streams(&mut self, old: &Body, new: &Body, place: &Place) -> Result<bool, PdfError> {
        let (Some(old_entries), Some(new_entries)) =
            (old.object.as_dictionary(), new.object.as_dictionary())
        else {
            return Ok(false);
        };
        if !(old.is_stream() && new.is_stream()) {
            return Ok(false);
        }
        if std::ptr::eq(old, new) {
            // Its length may be an object of its own, and another one now.
            self.follow(&old.object, place);
            return Ok(true);
        }
        // What is encrypted is so by the number of its object.
        let is_readable = old.id == new.id || self.new.encryption().is_none();
        if is_readable && self.old.raw(old)? == self.new.raw(new)? {
            return self.same_entries(old_entries, new_entries, (&["Length"], place));
        }
        let decoded = (self.old.decoded(old), self.new.decoded(new));
        match decoded {
            (Ok(old), Ok(new)) if old == new => {
                self.same_entries(old_entries, new_entries, (PACKING, place))
            }
            (Err(limit @ PdfError::Limit { .. }), _) | (_, Err(limit @ PdfError::Limit { .. })) => {
                Err(limit)
            }
            _ => Ok(false),
        }
    }
}

fn same_numbers(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Integer(old), Object::Integer(new)) => old == new,
        (Object::Real(old), Object::Real(new)) => old.to_bits() == new.to_bits(),
        (Object::Integer(whole), Object::Real(real))
        | (Object::Real(real), Object::Integer(whole)) => {
            i32::try_from(*whole).is_ok_and(|whole| f64::from(whole).to_bits() == real.to_bits())
        }
        _ => false,
    }
}

/// Whether it holds nothing else, so that it can be compared at once.
const fn is_plain(object: &Object) -> bool {
    match object {
        Object::Boolean(_)
        | Object::Integer(_)
        | Object::Name(_)
        | Object::Null
        | Object::Real(_)
        | Object::String(_) => true,
        Object::Array(_) | Object::Dictionary(_) | Object::Reference(_) => false,
    }
}
