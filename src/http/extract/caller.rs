//! Who calls, as a type: a handler that asks for [`Authorised`] is not reached without a key that carries
//! the scope, and the functions of `service` that do something for a caller cannot be called without one.

use std::borrow::Cow;
use std::marker::PhantomData;

use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::header;
use axum::http::request::Parts;

use crate::encoding::base64;
use crate::http::gate::Entrance;
use crate::http::middleware::prefers_page;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::Caller;

/// What a key must carry to get in; each route names one of [`scope`].
pub(in crate::http) trait Access: Send + Sync + 'static {
    /// One of these scopes suffices.
    const ANY_OF: &'static [Scope];
}

/// The kinds of access there are.
pub(in crate::http) mod scope {
    use super::Access;
    use crate::registry::relying_party::Scope;

    macro_rules! access {
        ($($(#[$doc:meta])* $name:ident => $($scope:ident)|+;)+) => {$(
            $(#[$doc])*
            #[derive(Debug)]
            pub(in crate::http) enum $name {}

            impl Access for $name {
                const ANY_OF: &'static [Scope] = &[$(Scope::$scope),+];
            }
        )+};
    }

    access! {
        /// Reads the audit trail.
        Audit => Audit;
        /// Looks companies up.
        Confirm => Confirm;
        /// Issues credentials.
        Issue => Issue;
        /// Reads who looked at a company.
        ReadAccesses => Audit | Register;
        /// Looks at credentials.
        ReadCredentials => Confirm | Issue;
        /// Reads receipts.
        ReadReceipts => Audit | Confirm | Verify;
        /// Records facts.
        Register => Register;
        /// Changes the state of credentials.
        Status => Status;
        /// Changes who recognises whom.
        Trust => Trust;
        /// Has documents judged.
        Verify => Verify;
    }
}

/// A caller whose key carries the scope. There is no other way to make one.
#[derive(Debug)]
pub(in crate::http) struct Authorised<A> {
    /// Who calls.
    pub(in crate::http) caller: Caller,
    access: PhantomData<fn() -> A>,
}

/// A caller whose key carries the scope, or the public, who showed no key. A key that was shown must be in
/// force: a caller whose key expired is not to become the public without noticing.
#[derive(Debug)]
pub(in crate::http) struct AnyCaller<A> {
    /// Who calls.
    pub(in crate::http) caller: Caller,
    access: PhantomData<fn() -> A>,
}

impl<S, A: Access> FromRequestParts<S> for Authorised<A>
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let shown = shown_caller(parts, &App::from_ref(state)).await?;
        let caller = shown.ok_or_else(|| Problem::new(ProblemType::ApiKeyMissing))?;
        Ok(Self {
            caller: permitted::<A>(caller)?,
            access: PhantomData,
        })
    }
}

impl<S, A: Access> FromRequestParts<S> for AnyCaller<A>
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let app = App::from_ref(state);
        let caller = match shown_caller(parts, &app).await? {
            Some(caller) => permitted::<A>(caller)?,
            None => app.public_caller(),
        };
        Ok(Self {
            caller,
            access: PhantomData,
        })
    }
}

/// The caller that an API key or, without one, a client certificate stands for, if it may come in. `None`:
/// nothing was shown. A route that asks for callers stands behind `middleware::limit_callers`.
async fn shown_caller(parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
    let entrance = parts.extensions.get::<Entrance>();
    let certificate = entrance.and_then(Entrance::certificate);
    let caller = match (shown_key(parts)?, certificate) {
        (Some(key), _) => app.authenticate(&key).await?,
        (None, Some(certificate)) => app.authenticate_certificate(certificate).await?,
        (None, None) => return Ok(None),
    };
    match entrance {
        Some(entrance) => entrance.admit(&caller, app).await?,
        None => return Err(Problem::new(ProblemType::InternalError)),
    }
    Ok(Some(caller))
}

fn permitted<A: Access>(caller: Caller) -> Result<Caller, Problem> {
    if A::ANY_OF.iter().any(|scope| caller.scopes.contains(scope)) {
        return Ok(caller);
    }
    let required: Vec<&str> = A::ANY_OF.iter().map(|scope| scope.id()).collect();
    Err(Problem::new(ProblemType::ScopeMissing).with("requiredScopes", required))
}

/// The key of `Authorization`; absent if there is no such header. Anything else in it is a key that is not valid.
pub(in crate::http::extract) fn shown_key(parts: &Parts) -> Result<Option<Cow<'_, str>>, Problem> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let shown = value.to_str().ok().and_then(|value| value.split_once(' '));
    let key = shown.and_then(|(scheme, shown)| {
        let shown = shown.trim_matches(' ');
        match scheme {
            _ if scheme.eq_ignore_ascii_case("bearer") => Some(Cow::Borrowed(shown)),
            _ if scheme.eq_ignore_ascii_case("basic") && looks_at_a_page(parts) => password(shown),
            _ => None,
        }
    });
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(Problem::new(ProblemType::ApiKeyInvalid)),
    }
}

/// Whether a browser asks to look at something. It sends a password that it was once told along with whatever leads
/// to us, wherever that stands; so nothing that changes anything takes one.
fn looks_at_a_page(parts: &Parts) -> bool {
    (parts.method == Method::GET || parts.method == Method::HEAD) && prefers_page(&parts.headers)
}

/// More than any name and key have.
const MAX_PASSWORD_BYTES: usize = 512;

/// The password of `Authorization: Basic` (RFC 7617 §2), which is the key; the user is whoever the key says.
fn password(encoded: &str) -> Option<Cow<'_, str>> {
    let pair = base64::decode(encoded, MAX_PASSWORD_BYTES).ok()?;
    let (_, password) = str::from_utf8(&pair).ok()?.split_once(':')?;
    Some(Cow::Owned(password.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::request::Builder;

    use super::*;
    use crate::registry::caller_terms::CallerTerms;
    use crate::registry::relying_party::RelyingParty;

    fn parts(values: &[&str]) -> Parts {
        asking(Request::get("/"), values)
    }

    fn asking(mut request: Builder, values: &[&str]) -> Parts {
        for value in values {
            request = request.header(header::AUTHORIZATION, *value);
        }
        request.body(Body::empty()).unwrap().into_parts().0
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_the_scheme() {
        assert_eq!(shown_key(&parts(&[])).unwrap(), None);
        for value in ["Bearer yx_1", "bearer  yx_1"] {
            assert_eq!(shown_key(&parts(&[value])).unwrap().unwrap(), "yx_1");
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_no_valid_key_rather_than_none() {
        for values in [
            vec!["Basic abc"],
            vec!["Bearer"],
            vec![""],
            vec!["Bearer a", "Bearer a"],
        ] {
            let problem = shown_key(&parts(&values)).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::ApiKeyInvalid, "{values:?}");
        }
    }

    #[test]
    fn a_browser_shows_the_key_as_a_password_to_look_and_for_nothing_else() {
        let basic = format!("Basic {}", base64::encode(b"operator:yx_1:2"));
        let page = |request: Builder| request.header(header::ACCEPT, "text/html");
        let shown = |request: Builder, value: &str| {
            let parts = asking(request, &[value]);
            shown_key(&parts).map(|key| key.unwrap().into_owned())
        };
        assert_eq!(shown(page(Request::get("/")), &basic).unwrap(), "yx_1:2");
        assert!(shown(Request::get("/"), &basic).is_err());
        assert!(shown(page(Request::post("/")), &basic).is_err());
        for wrong in ["Basic", "Basic !", "Basic eXhfMQ=="] {
            assert!(shown(page(Request::get("/")), wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_without_the_scope_is_told_which_it_needs() {
        let caller = |scopes: &[Scope]| Caller {
            party: RelyingParty::public(),
            scopes: scopes.iter().copied().collect(),
            terms: CallerTerms::default(),
        };
        assert!(permitted::<scope::Issue>(caller(&[Scope::Issue])).is_ok());
        assert!(permitted::<scope::ReadCredentials>(caller(&[Scope::Confirm])).is_ok());
        let problem = permitted::<scope::ReadCredentials>(caller(&[Scope::Verify, Scope::Admin]))
            .unwrap_err();
        assert_eq!(problem.kind(), ProblemType::ScopeMissing);
        assert_eq!(
            problem.member("requiredScopes"),
            Some(&serde_json::json!(["confirm", "issue"]))
        );
    }
}
