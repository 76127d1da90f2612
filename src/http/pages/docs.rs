//! The description of the interface as a page, made from the document that programs read.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

use crate::http::openapi::HOLDER_SESSION;
use crate::http::openapi::OpenApiDocument;
use crate::http::pages::page::Page;
use crate::http::problem::Problem;

/// The page.
#[derive(Debug, Template)]
#[template(path = "docs.html", config = "src/http/askama.toml")]
struct DocsPage {
    page: Page,
    docs: Docs,
}

/// What the page says; every text comes from the document.
#[derive(Debug, Default)]
struct Docs {
    title: String,
    description: String,
    version: String,
    openapi: String,
    groups: Vec<Group>,
    schemas: Vec<SchemaLines>,
}

#[derive(Debug)]
struct Group {
    name: String,
    description: String,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    /// Its paragraphs.
    description: Vec<String>,
    access: String,
    parameters: Vec<FieldLine>,
    bodies: Vec<BodyLine>,
    responses: Vec<ResponseLine>,
}

#[derive(Debug)]
struct FieldLine {
    name: String,
    place: String,
    required: bool,
    shape: Shape,
    description: String,
}

#[derive(Debug)]
struct BodyLine {
    media_type: String,
    shape: Shape,
}

#[derive(Debug)]
struct ResponseLine {
    status: String,
    description: String,
    bodies: Vec<BodyLine>,
}

#[derive(Debug)]
struct SchemaLines {
    name: String,
    description: String,
    shape: Shape,
    fields: Vec<FieldLine>,
}

/// A type in words, with the schema it leads to.
#[derive(Debug, Default)]
struct Shape {
    text: String,
    reference: Option<String>,
}

impl Docs {
    fn new(document: &Value) -> Self {
        let groups = items(document, "/tags").map(|tag| {
            let name = text(tag, "/name");
            Group {
                description: text(tag, "/description"),
                operations: operations(document, &name),
                name,
            }
        });
        let schemas = members(document, "/components/schemas").map(|(name, schema)| SchemaLines {
            name: name.clone(),
            description: text(schema, "/description"),
            shape: shape(schema),
            fields: fields(schema),
        });
        Self {
            title: text(document, "/info/title"),
            description: text(document, "/info/description"),
            version: text(document, "/info/version"),
            openapi: text(document, "/openapi"),
            groups: groups
                .filter(|group| !group.operations.is_empty())
                .collect(),
            schemas: schemas.collect(),
        }
    }
}

fn operations(document: &Value, tag: &str) -> Vec<Operation> {
    let of_paths = members(document, "/paths").flat_map(|(path, item)| {
        members(item, "").map(move |(method, operation)| (path, method, operation))
    });
    of_paths
        .filter(|(_, _, operation)| {
            items(operation, "/tags").any(|found| found.as_str() == Some(tag))
        })
        .map(|(path, method, operation)| Operation {
            id: text(operation, "/operationId"),
            method: method.to_uppercase(),
            path: path.clone(),
            summary: text(operation, "/summary"),
            description: paragraphs(&text(operation, "/description")),
            access: access(operation),
            parameters: items(operation, "/parameters").map(parameter).collect(),
            bodies: bodies(operation.pointer("/requestBody/content")),
            responses: members(operation, "/responses").map(response).collect(),
        })
        .collect()
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Who may call, in words.
fn access(operation: &Value) -> String {
    let mut public = operation.get("security").is_none();
    let (mut scopes, mut holders) = (Vec::new(), false);
    for alternative in items(operation, "/security") {
        public |= alternative
            .as_object()
            .is_some_and(serde_json::Map::is_empty);
        holders |= alternative.get(HOLDER_SESSION).is_some();
        let named = members(alternative, "").flat_map(|(_, scopes)| items(scopes, ""));
        scopes.extend(named.filter_map(Value::as_str));
    }
    // A key and a certificate take the same scopes.
    scopes.sort_unstable();
    scopes.dedup();
    let or_session = if holders {
        ", or the company's own session"
    } else {
        ""
    };
    match (public, scopes.as_slice()) {
        (false, []) if holders => "A company's session.".to_owned(),
        (true, []) => "Without an API key.".to_owned(),
        (true, scopes) => format!(
            "API key or client certificate with scope {}, or without either for less.",
            scopes.join(" or ")
        ),
        (false, scopes) => format!(
            "API key or client certificate with scope {}{or_session}.",
            scopes.join(" or ")
        ),
    }
}

fn parameter(parameter: &Value) -> FieldLine {
    FieldLine {
        name: text(parameter, "/name"),
        place: text(parameter, "/in"),
        required: parameter.get("required") == Some(&Value::Bool(true)),
        shape: parameter.get("schema").map(shape).unwrap_or_default(),
        description: text(parameter, "/description"),
    }
}

fn response((status, response): (&String, &Value)) -> ResponseLine {
    ResponseLine {
        status: status.clone(),
        description: text(response, "/description"),
        bodies: bodies(response.get("content")),
    }
}

fn bodies(content: Option<&Value>) -> Vec<BodyLine> {
    let Some(content) = content else {
        return Vec::new();
    };
    let line = |(media_type, body): (&String, &Value)| BodyLine {
        media_type: media_type.clone(),
        shape: body.get("schema").map(shape).unwrap_or_default(),
    };
    members(content, "").map(line).collect()
}

fn fields(schema: &Value) -> Vec<FieldLine> {
    // What one adds to another stands beside the reference to that one.
    let parts = std::iter::once(schema).chain(items(schema, "/allOf"));
    parts.flat_map(fields_of_part).collect()
}

fn fields_of_part(schema: &Value) -> impl Iterator<Item = FieldLine> + use<'_> {
    let is_required =
        |name: &str| items(schema, "/required").any(|required| required.as_str() == Some(name));
    members(schema, "/properties").map(move |(name, property)| FieldLine {
        required: is_required(name),
        name: name.clone(),
        place: String::new(),
        shape: shape(property),
        description: text(property, "/description"),
    })
}

/// A schema in a few words.
fn shape(schema: &Value) -> Shape {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.rsplit('/').next())
    {
        return Shape {
            text: name.to_owned(),
            reference: Some(name.to_owned()),
        };
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = values
            .iter()
            .map(|value| value.as_str().map_or("null".to_owned(), str::to_owned))
            .collect();
        return Shape {
            text: words.join(" | "),
            reference: None,
        };
    }
    let joint = match schema.get("allOf") {
        Some(_) => " and ",
        None => " or ",
    };
    let alternatives: Vec<Shape> = ["/oneOf", "/anyOf", "/allOf"]
        .iter()
        .flat_map(|key| items(schema, key))
        .map(shape)
        .collect();
    if !alternatives.is_empty() {
        let reference = alternatives
            .iter()
            .find_map(|shape| shape.reference.clone());
        let words: Vec<&str> = alternatives
            .iter()
            .map(|shape| shape.text.as_str())
            .collect();
        return Shape {
            text: words.join(joint),
            reference,
        };
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => String::new(),
    };
    if kind == "array" {
        let inner = schema.get("items").map(shape).unwrap_or_default();
        return Shape {
            text: format!("list of {}", inner.text),
            reference: inner.reference,
        };
    }
    match schema.get("format").and_then(Value::as_str) {
        Some(format) => Shape {
            text: format!("{kind} ({format})"),
            reference: None,
        },
        None => Shape {
            text: kind,
            reference: None,
        },
    }
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    // The marks of names mean something in the document, not on the page.
    text.unwrap_or_default().replace('`', "")
}

fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn members<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value
        .pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// `GET /docs`
pub(in crate::http) async fn docs(
    page: Page,
    State(document): State<OpenApiDocument>,
) -> Result<Response, Problem> {
    Page::respond(
        page.language,
        &DocsPage {
            page,
            docs: Docs::new(&document.0),
        },
    )
}

/// The page of a small interface.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let reason = json!({ "$ref": "#/components/schemas/Reason" });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "A small interface", "description": "With one operation.", "version": "1" },
        "tags": [{ "name": "verify", "description": "Have documents judged." }],
        "paths": { "/v1/reasons/{code}": { "get": {
            "tags": ["verify"],
            "operationId": "reason",
            "summary": "Show a reason",
            "description": "One of all.\n\nIn both languages.",
            "security": [{ "apiKey": ["verify"] }],
            "parameters": [
                { "name": "code", "in": "path", "required": true, "schema": { "type": "string" }, "description": "Which." },
            ],
            "responses": { "200": { "description": "The reason.", "content": { "application/json": { "schema": reason } } } },
        } } },
        "components": { "schemas": { "Reason": {
            "description": "Why.",
            "required": ["code"],
            "properties": { "code": { "type": "string", "description": "Stable." } },
        } } },
    });
    let docs = Docs::new(&document);
    let page = page.clone();
    vec![("docs", DocsPage { page, docs }.render())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_said_in_a_few_words() {
        for (schema, words) in [
            (
                json!({"type": "string", "format": "date-time"}),
                "string (date-time)",
            ),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"enum": ["a", null]}), "a | null"),
            (
                json!({"type": "array", "items": {"$ref": "#/components/schemas/Reason"}}),
                "list of Reason",
            ),
            (
                json!({"oneOf": [{"$ref": "#/components/schemas/CaRef"}, {"type": "null"}]}),
                "CaRef or null",
            ),
        ] {
            assert_eq!(shape(&schema).text, words);
        }
    }

    #[test]
    fn who_may_call_is_said() {
        let access = |security: Value| access(&json!({ "security": security }));
        assert_eq!(
            access(json!([{"apiKey": ["issue"]}])),
            "API key or client certificate with scope issue."
        );
        assert!(access(json!([{}, {"apiKey": ["verify"]}])).contains("or without either"));
        assert_eq!(super::access(&json!({})), "Without an API key.");
    }
}
