//! A company that signed in, as a type: what is a company's own is not reached without its session.

use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::http::extract::caller::Access;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::shown_key;
use crate::http::gate::Entrance;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::registry::holder::session_token::SessionToken;
use crate::service::app::App;
use crate::service::call::Holder;

/// A company whose session is in force. There is no other way to make one.
#[derive(Debug)]
pub(in crate::http) struct SignedIn(pub(in crate::http) Holder);

/// A caller whose key carries the scope, or a company whose session is in force. What is shown decides which of the
/// two is asked for: a session that ended is not looked for among the keys.
#[derive(Debug)]
pub(in crate::http) enum CallerOrHolder<A> {
    /// A caller.
    Caller(Authorised<A>),
    /// A company.
    Holder(Holder),
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match shown_key(parts)?.as_deref() {
            Some(token) => signed_in(token, parts, &App::from_ref(state))
                .await
                .map(Self),
            None => Err(Problem::new(ProblemType::SessionMissing)),
        }
    }
}

impl<S, A: Access> FromRequestParts<S> for CallerOrHolder<A>
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match shown_key(parts)?.as_deref() {
            Some(token) if SessionToken::is_meant(token) => {
                signed_in(token, parts, &App::from_ref(state))
                    .await
                    .map(Self::Holder)
            }
            Some(_) | None => Authorised::from_request_parts(parts, state)
                .await
                .map(Self::Caller),
        }
    }
}

/// Counted for its address before it is looked up: guessing costs the same as asking. A route that asks for sessions
/// stands behind `middleware::limit_callers`.
async fn signed_in(token: &str, parts: &Parts, app: &App) -> Result<Holder, Problem> {
    match parts.extensions.get::<Entrance>() {
        Some(entrance) => entrance.admit_by_address()?,
        None => return Err(Problem::new(ProblemType::InternalError)),
    }
    Ok(app.authenticate_holder(token).await?)
}
