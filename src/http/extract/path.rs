//! What stands in the path, checked.

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::opaque_id::ReceiptId;
use crate::identifier::uscc::Uscc;
use crate::registry::recognition::proposal::ProposalId;

/// The one parameter of the path, as text.
#[derive(Debug)]
pub(in crate::http) struct PathText(pub(in crate::http) String);

/// The one parameter of the path, a unified social credit code in its one written form.
#[derive(Debug)]
pub(in crate::http) struct PathUscc(pub(in crate::http) Uscc);

/// The one parameter of the path, a credential's number.
#[derive(Debug)]
pub(in crate::http) struct PathCredentialId(pub(in crate::http) CredentialId);

/// The one parameter of the path, a proposal's number.
#[derive(Debug)]
pub(in crate::http) struct PathProposalId(pub(in crate::http) ProposalId);

/// The one parameter of the path, a receipt's number.
#[derive(Debug)]
pub(in crate::http) struct PathReceiptId(pub(in crate::http) ReceiptId);

async fn text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Problem> {
    let read = Path::<String>::from_request_parts(parts, state).await;
    read.map(|Path(text)| text).map_err(|rejection| {
        let _: PathRejection = rejection;
        Problem::new(ProblemType::InvalidPath)
    })
}

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        text(parts, state).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathUscc {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = text(parts, state).await?;
        Uscc::parse(&text)
            .map(Self)
            .map_err(|error| Problem::from(error).with("uscc", shortened(&text)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathCredentialId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(CredentialId::parse(&text(parts, state).await?)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathProposalId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = ProposalId::parse(&text(parts, state).await?);
        id.map(Self)
            .ok_or_else(|| Problem::new(ProblemType::UnknownProposal))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathReceiptId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What cannot be an identifier is none that we gave.
        ReceiptId::parse(&text(parts, state).await?)
            .map(Self)
            .map_err(|_malformed| Problem::new(ProblemType::UnknownReceipt))
    }
}

/// What was sent, as far as it is worth repeating.
pub(in crate::http) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(path: &str) -> Result<(), ProblemType> {
        let router = Router::new()
            .route("/companies/{uscc}", get(|_: PathUscc| async {}))
            .route("/credentials/{id}", get(|_: PathCredentialId| async {}))
            .route("/receipts/{id}", get(|_: PathReceiptId| async {}));
        let response = router
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        match response.extensions().get::<Problem>() {
            Some(problem) => Err(problem.kind()),
            None => {
                assert!(response.status().is_success());
                Ok(())
            }
        }
    }

    #[tokio::test]
    async fn a_code_in_its_one_form_is_taken() {
        assert_eq!(ask("/companies/91350100M000100Y43").await, Ok(()));
        assert_eq!(
            ask("/companies/91350100m000100y43").await,
            Err(ProblemType::InvalidUscc)
        );
        assert_eq!(
            ask("/companies/91350100M000100Y44").await,
            Err(ProblemType::InvalidUscc)
        );
        assert_eq!(ask("/companies/%FF").await, Err(ProblemType::InvalidPath));
    }

    #[tokio::test]
    async fn what_cannot_be_a_number_is_no_credential() {
        assert_eq!(ask("/credentials/kX3vT0pQ9bY2mR7sW4cJ1g").await, Ok(()));
        assert_eq!(
            ask("/credentials/..%2F..").await,
            Err(ProblemType::UnknownCredential)
        );
    }

    #[tokio::test]
    async fn what_cannot_be_a_number_is_no_receipt() {
        assert_eq!(ask("/receipts/kX3vT0pQ9bY2mR7sW4cJ1g").await, Ok(()));
        assert_eq!(
            ask("/receipts/kX3vT0pQ9bY2mR7sW4cJ1h").await,
            Err(ProblemType::UnknownReceipt)
        );
    }
}
