//! The paths that are accepted, and those that are not, each for its reason.

mod check;
mod constraints;
mod law;
mod search;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::path::PathError;
use crate::pki::path::PathValidator;
use crate::pki::path::ValidatedPath;
use crate::pki::path::fixtures::Entity;
use crate::pki::path::fixtures::Spec;
use crate::pki::path::fixtures::now;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;

/// Root → Intermediate → End.
pub(super) struct Hierarchy {
    pub(super) root: Entity,
    pub(super) intermediate: Entity,
    pub(super) end: Entity,
}

impl Hierarchy {
    pub(super) fn new() -> Self {
        Self {
            root: Entity::new("Root"),
            intermediate: Entity::new("Intermediate"),
            end: Entity::new("End"),
        }
    }

    pub(super) fn intermediate(&self) -> Spec<'_> {
        Spec::ca(&self.intermediate, &self.root)
    }

    pub(super) fn end(&self) -> Spec<'_> {
        Spec::end_entity(&self.end, &self.intermediate)
    }

    pub(super) fn validate(
        &self,
        intermediate: &Spec<'_>,
        end: &Spec<'_>,
    ) -> Result<ValidatedPath, PathError> {
        validate(
            &[self.root.anchor()],
            &[intermediate.certificate()],
            &end.certificate(),
        )
    }

    pub(super) fn failure(&self, intermediate: &Spec<'_>, end: &Spec<'_>) -> PathError {
        cause(self.validate(intermediate, end).unwrap_err())
    }
}

pub(super) fn validate(
    anchors: &[TrustAnchor],
    intermediates: &[Certificate],
    end_entity: &Certificate,
) -> Result<ValidatedPath, PathError> {
    validate_at(anchors, intermediates, end_entity, now())
}

pub(super) fn validate_at(
    anchors: &[TrustAnchor],
    intermediates: &[Certificate],
    end_entity: &Certificate,
    at: Timestamp,
) -> Result<ValidatedPath, PathError> {
    let anchors = AnchorSet::new(anchors.iter().cloned());
    PathValidator::new(&anchors, intermediates, at).validate(end_entity)
}

/// The failure inside [`PathError::NoPath`].
pub(super) fn cause(error: PathError) -> PathError {
    let PathError::NoPath(Some(cause)) = error else {
        panic!("no cause inside: {error:?}");
    };
    *cause
}
