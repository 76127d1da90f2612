//! `GET /v1/companies/{uscc}/accesses`
#![expect(
    unused_qualifications,
    reason = "the description macro writes the paths of query types in full"
)]

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditAction;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::holder::CallerOrHolder;
use crate::http::extract::path::PathUscc;
use crate::http::extract::query::StrictQuery;
use crate::http::extract::query::number;
use crate::http::problem::Problem;
use crate::service::app::App;
use crate::service::read_audit::Access;
use crate::service::read_audit::Accesses;

/// Accesses in one answer unless fewer are asked for.
const DEFAULT_LIMIT: u32 = 50;
/// Accesses in one answer at most.
const MAX_LIMIT: u32 = 500;

/// Which accesses.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct AccessesQuery {
    /// Continue before this place: `next` of the answer before; with the newest if absent.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// How many, 1 to 500; 50 if absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

impl AccessesQuery {
    fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Place::Query.refused("limit", "must be 1 to 500")),
        }
    }
}

/// Who looked at a company, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AccessesView {
    /// The accesses.
    accesses: Vec<AccessView>,
    /// Where to continue; null when there are no more.
    next: Option<i64>,
}

/// One look at a company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccessView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who: the id of a relying party, `public`, or `holder:` and the code of the company itself.
    caller: String,
    /// What was done: `company.confirmed`, `company.matched`, `document.verified`, `credential.downloaded`
    /// or `holder.admitted`.
    #[schema(value_type = String)]
    action: AuditAction,
    /// What for; null where that was not said.
    purpose: Option<String>,
}

impl AccessesView {
    fn new(found: Accesses) -> Self {
        let view = |access: Access| AccessView {
            at: access.at,
            caller: access.caller,
            action: access.action,
            purpose: access.purpose,
        };
        Self {
            accesses: found.accesses.into_iter().map(view).collect(),
            next: found.next,
        }
    }
}

/// Who looked at a company
///
/// Every look-up, comparison and download, and every verification of a document that is about the company: when,
/// by which caller, what for; neither operators nor matters. What was done for a sealed purpose, such as
/// `investigation`, is left out. For the scope `audit`, for the market regulator with the scope `register`, which answers
/// to companies for their record, and for the company itself, with its session; each time that it signed in is told as
/// well. A session of another company is answered as if there were no such company.
#[utoipa::path(
    get,
    path = "/v1/companies/{uscc}/accesses",
    tag = "companies",
    operation_id = "companyAccesses",
    params(("uscc" = String, Path, description = "Unified social credit code, 18 characters."), AccessesQuery),
    security(("apiKey" = ["audit"]), ("apiKey" = ["register"]), ("holderSession" = [])),
    responses(
        (status = 200, description = "Accesses, perhaps none.", body = AccessesView),
        (status = 404, description = "No such company.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn accesses(
    asking: CallerOrHolder<scope::ReadAccesses>,
    State(app): State<App>,
    PathUscc(uscc): PathUscc,
    StrictQuery(query): StrictQuery<AccessesQuery>,
) -> Result<Json<AccessesView>, Problem> {
    let limit = query.limit()?;
    let before = number("before", query.before, 1)?;
    let found = match &asking {
        CallerOrHolder::Caller(Authorised { caller, .. }) => {
            app.company_accesses(caller, &uscc, before, limit).await?
        }
        CallerOrHolder::Holder(holder) => app.own_accesses(holder, &uscc, before, limit).await?,
    };
    Ok(Json(AccessesView::new(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_accesses_in_an_answer_is_bounded() {
        let query = |limit| AccessesQuery {
            before: None,
            limit,
        };
        assert_eq!(query(None).limit().unwrap(), DEFAULT_LIMIT);
        assert!(query(Some(0)).limit().is_err());
        assert!(query(Some(501)).limit().is_err());
    }
}
