//! `GET /v1/audit`
#![expect(
    unused_qualifications,
    reason = "the description macro writes the paths of query types in full"
)]

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::clock::Timestamp;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::query::StrictQuery;
use crate::http::extract::query::number;
use crate::http::problem::Problem;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::store::audit::RecordedEvent;
use crate::store::audit::Selection;

/// Events in one answer unless fewer are asked for.
const DEFAULT_LIMIT: u32 = 100;
/// Events in one answer at most.
const MAX_LIMIT: u32 = 1_000;

const APPLICATION_NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct AuditQuery {
    /// Continue after this event: `sequence` of the last one read; from the beginning if absent.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many, 1 to 1000; 100 if absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Only those of this caller: the id of a relying party, `public`, `console` or `system`.
    caller: Option<String>,
    /// Not those before, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Not those at this time or later, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl AuditQuery {
    fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Place::Query.refused("limit", "must be 1 to 1000")),
        }
    }

    fn after(&self) -> Result<i64, Problem> {
        Ok(number("after", self.after, 0)?.unwrap_or_default())
    }

    fn selection(&self) -> Result<Selection, Problem> {
        let caller = self.caller.as_deref();
        let actor = caller.map(RelyingPartyId::parse).transpose();
        let actor = actor.map_err(|error| Place::Query.refused("caller", &error.to_string()))?;
        Ok(Selection {
            from: self.from.unwrap_or(Timestamp::MIN),
            until: self.to.unwrap_or(Timestamp::MAX),
            actor: actor.map(|actor| actor.as_str().to_owned()),
        })
    }

    /// Where the page after the one that ends with `last` is.
    fn next(&self, limit: u32, last: i64) -> String {
        let mut next = format!("/v1/audit?after={last}&limit={limit}");
        // None of them has a character that would have to be escaped.
        if let Some(caller) = &self.caller {
            next.push_str(&format!("&caller={caller}"));
        }
        if let Some(from) = self.from {
            next.push_str(&format!("&from={from}"));
        }
        if let Some(to) = self.to {
            next.push_str(&format!("&to={to}"));
        }
        next
    }
}

/// Read the audit trail
///
/// Events from the oldest to the newest, one a line: who did what to what, what for, with which outcome, and
/// each event's place in its chain. While there may be more, `Link` with `rel="next"` says where; an answer that
/// is not full is the end for now. Reading is itself an event. An event that was being written while its
/// neighbours were read may have come to stand before them: whoever copies the trail reads the last page again.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "operations",
    operation_id = "readAudit",
    params(AuditQuery),
    security(("apiKey" = ["audit"])),
    responses((
        status = 200, description = "Events, perhaps none.",
        content_type = "application/x-ndjson", body = ref("#/components/schemas/AuditLine"),
        headers(("Link" = String, description = "Where to continue, if the answer is full.")),
    )),
)]
pub(in crate::http) async fn audit(
    Authorised { caller, .. }: Authorised<scope::Audit>,
    State(app): State<App>,
    StrictQuery(query): StrictQuery<AuditQuery>,
) -> Result<Response, Problem> {
    let (limit, after, selection) = (query.limit()?, query.after()?, query.selection()?);
    let events = app.read_audit(&caller, &selection, after, limit).await?;
    let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, APPLICATION_NDJSON)]);
    let is_full = usize::try_from(limit).is_ok_and(|limit| events.len() >= limit);
    if let Some(last) = events.last().filter(|_| is_full) {
        let link = format!("<{}>; rel=\"next\"", query.next(limit, last.sequence));
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, link);
        }
    }
    Ok((headers, lines(&events)?).into_response())
}

fn lines(events: &[RecordedEvent]) -> Result<Vec<u8>, Problem> {
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event).map_err(|error| Problem::internal(&error))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> AuditQuery {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        assert_eq!(query("{}").limit().unwrap(), DEFAULT_LIMIT);
        assert!(query(r#"{"limit": 0}"#).limit().is_err());
        assert!(query(r#"{"limit": 1001}"#).limit().is_err());
        assert!(query(r#"{"after": -1}"#).after().is_err());
        assert!(query(r#"{"caller": "a b&c"}"#).selection().is_err());
        assert_eq!(query("{}").selection().unwrap(), Selection::ALL);
    }

    #[test]
    fn the_next_page_is_of_the_same_selection() {
        let query = query(r#"{"caller": "bank-x", "from": "2026-01-01T00:00:00Z"}"#);
        assert_eq!(
            query.next(5, 17),
            "/v1/audit?after=17&limit=5&caller=bank-x&from=2026-01-01T00:00:00Z"
        );
    }
}
