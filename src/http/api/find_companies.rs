//! `GET /v1/companies?name=`
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

use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::query::StrictQuery;
use crate::http::problem::Problem;
use crate::identifier::uscc::Uscc;
use crate::registry::company::CompanyState;
use crate::service::app::App;
use crate::store::companies::CompanySummary;

/// Companies in one answer unless fewer are asked for.
const DEFAULT_LIMIT: u32 = 20;
/// Companies in one answer at most.
const MAX_LIMIT: u32 = 100;
/// The longest text to look for, in characters: that of the longest name.
const MAX_NAME_CHARACTERS: usize = 200;

/// Which companies.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct FindQuery {
    /// A part of the name.
    #[param(min_length = 1, max_length = 200, pattern = r"[^\s\u0085]")]
    name: String,
    /// Continue after this code: `next` of the answer before.
    #[param(format = "uscc")]
    after: Option<String>,
    /// How many, 1 to 100; 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Companies found, in the order of their codes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct FoundView {
    /// The companies.
    companies: Vec<SummaryView>,
    /// Where to continue; null when there are no more.
    #[schema(value_type = Option<String>)]
    next: Option<Uscc>,
}

/// A company in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SummaryView {
    /// Its unified social credit code.
    #[schema(value_type = String)]
    uscc: Uscc,
    /// Its registered name.
    name: String,
    /// Its state.
    #[schema(value_type = String)]
    state: CompanyState,
}

impl FoundView {
    fn new(found: Vec<CompanySummary>, limit: u32) -> Self {
        let full = usize::try_from(limit).is_ok_and(|limit| found.len() >= limit);
        let next = if full {
            found.last().map(|last| last.uscc.clone())
        } else {
            None
        };
        let view = |found: CompanySummary| SummaryView {
            uscc: found.uscc,
            name: found.name,
            state: found.state,
        };
        Self {
            companies: found.into_iter().map(view).collect(),
            next,
        }
    }
}

impl FindQuery {
    fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Place::Query.refused("limit", "must be 1 to 100")),
        }
    }

    fn name(&self) -> Result<&str, Problem> {
        let name = self.name.trim();
        match name.chars().count() {
            1..=MAX_NAME_CHARACTERS => Ok(name),
            _ => Err(Place::Query.refused("name", "must have 1 to 200 characters")),
        }
    }
}

/// Find companies by name
///
/// Lists companies whose name contains a text, in the order of their codes. Confirm the one you mean by its
/// code: this list is no evidence and has no receipt.
#[utoipa::path(
    get,
    path = "/v1/companies",
    tag = "companies",
    operation_id = "findCompanies",
    params(FindQuery),
    security(("apiKey" = ["confirm"])),
    responses((status = 200, description = "Those found, perhaps none.", body = FoundView)),
)]
pub(in crate::http) async fn find_companies(
    Authorised { caller, .. }: Authorised<scope::Confirm>,
    State(app): State<App>,
    StrictQuery(query): StrictQuery<FindQuery>,
) -> Result<Json<FoundView>, Problem> {
    let limit = query.limit()?;
    let after = query.after.as_deref().map(Uscc::parse).transpose()?;
    let found = app
        .find_companies(&caller, query.name()?, after.as_ref(), limit)
        .await?;
    Ok(Json(FoundView::new(found, limit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, limit: Option<u32>) -> FindQuery {
        FindQuery {
            name: name.to_owned(),
            after: None,
            limit,
        }
    }

    #[test]
    fn the_number_of_companies_in_an_answer_is_bounded() {
        assert_eq!(query("x", None).limit().unwrap(), DEFAULT_LIMIT);
        assert_eq!(query("x", Some(100)).limit().unwrap(), 100);
        assert!(query("x", Some(0)).limit().is_err());
        assert!(query("x", Some(101)).limit().is_err());
    }

    #[test]
    fn a_name_must_say_something() {
        assert_eq!(query(" 晨曦 ", None).name().unwrap(), "晨曦");
        assert!(query("  ", None).name().is_err());
        assert!(query(&"x".repeat(201), None).name().is_err());
    }

    #[test]
    fn a_full_answer_says_where_to_continue() {
        let uscc = Uscc::with_check("91441900MA5ABCDE7").unwrap();
        let found = || CompanySummary {
            uscc: uscc.clone(),
            name: "x".to_owned(),
            state: CompanyState::Active,
        };
        assert_eq!(FoundView::new(vec![found()], 2).next, None);
        assert_eq!(
            FoundView::new(vec![found(), found()], 2).next,
            Some(uscc.clone())
        );
        assert_eq!(FoundView::new(Vec::new(), 2).next, None);
    }
}
