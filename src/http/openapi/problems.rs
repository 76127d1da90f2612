//! The problems that an operation has because of what it is; those of its own stand with its handler.

use serde_json::Value;
use serde_json::json;

use crate::http::problem::PROBLEM_JSON;

/// What decides which problems an operation can have.
struct Kind {
    has_parameter: bool,
    has_body: bool,
    is_secured: bool,
}

impl Kind {
    fn of(operation: &Value) -> Self {
        let has = |member: &str| operation.get(member).is_some();
        let security = operation.get("security").and_then(Value::as_array);
        Self {
            has_parameter: has("parameters"),
            has_body: has("requestBody"),
            is_secured: security.is_some_and(|schemes| !schemes.is_empty()),
        }
    }

    /// Status, and what it means.
    fn problems(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let common = [
            (
                self.has_body || self.has_parameter,
                "400",
                "Something in the request cannot be understood.",
            ),
            (
                self.is_secured,
                "401",
                "There is no API key or client certificate, or it is not in force.",
            ),
            (
                self.is_secured,
                "403",
                "The caller may not do this, for this purpose or from here.",
            ),
            (self.has_body, "408", "The body arrived too slowly."),
            (self.has_body, "413", "The body is too large."),
            (self.has_body, "415", "The content type is not taken."),
            (
                self.is_secured,
                "429",
                "Too many requests; `Retry-After` says when to try again.",
            ),
            (
                true,
                "500",
                "Our fault; `instance` finds the cause in our logs.",
            ),
            (
                true,
                "503",
                "Not at present; `Retry-After` says when to try again.",
            ),
        ];
        let applying = common.into_iter().filter(|(applies, ..)| *applies);
        applying.map(|(_, status, description)| (status, description))
    }
}

/// Adds them to what the handler describes already, and to every problem the headers that come with it.
pub(super) fn add(operation: &mut Value) {
    let kind = Kind::of(operation);
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for (status, description) in kind.problems() {
        responses
            .entry(status)
            .or_insert_with(|| problem(description));
    }
    for (status, response) in responses {
        if let (Some(headers), Some(members)) = (headers(status), response.as_object_mut()) {
            members.insert("headers".to_owned(), headers);
        }
    }
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

/// What comes with a problem of that status, where something does.
fn headers(status: &str) -> Option<Value> {
    match status {
        "401" => Some(json!({
            "WWW-Authenticate": {
                "description": "How callers authenticate themselves (RFC 9110 §11.6.1).",
                "required": true,
                "schema": { "type": "string" },
            },
        })),
        "429" => Some(json!({
            "Retry-After": {
                "description": "In how many seconds to try again.",
                "required": true,
                "schema": { "type": "integer", "minimum": 0 },
            },
        })),
        _ => None,
    }
}
