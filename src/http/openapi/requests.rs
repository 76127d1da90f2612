//! What parameters and members of requests have in common, wherever they stand: the same name, the same shape.
//!
//! The handlers' own types say which there are, and describe them; the shapes stand in `components.json`.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::crypto::algorithm::ALGORITHMS;
use crate::registry::company::MATCH_FIELDS;
use crate::registry::company::MAX_MATCH_VALUE_CHARACTERS;
use crate::registry::company::STATES;
use crate::registry::department::DEPARTMENTS;
use crate::registry::purpose::PURPOSES;

/// Names, and the shapes that they have in every request.
const SHAPES: [(&str, &str); 17] = [
    ("acceptCas", "CaIdList"),
    ("algorithm", "SignatureAlgorithm"),
    ("algorithms", "SignatureAlgorithm"),
    ("bytes", "Base64"),
    ("caller", "Slug"),
    ("cas", "CaId"),
    ("certificate", "Base64"),
    ("digest", "HexDigest"),
    ("digestAlgorithm", "DigestName"),
    ("expectSignerUscc", "WrittenUscc"),
    ("matterCode", "CallerText"),
    ("operator", "CallerText"),
    ("originals", "OriginalsText"),
    ("purpose", "Purpose"),
    ("reason", "VisibleText"),
    ("signerUscc", "WrittenUscc"),
    ("uscc", "Uscc"),
];

/// The format of a text that is a unified social credit code under another name.
const USCC: &str = "uscc";

const SCHEMAS: &str = "#/components/schemas/";

/// The shapes that follow from a table.
pub(super) fn tables() -> [(String, Value); 3] {
    let purposes: Vec<&str> = PURPOSES.iter().map(|purpose| purpose.id).collect();
    let purpose = json!({
        "description": "What a caller wants to do; decides which certificate authorities count.",
        "type": "string",
        "enum": purposes,
    });
    let algorithms: Vec<&str> = ALGORITHMS.iter().map(|row| row.name).collect();
    let algorithm = json!({
        "description": "A signature algorithm, by the name that reports have.",
        "type": "string",
        "enum": algorithms,
    });
    [
        ("Purpose".to_owned(), purpose),
        ("SignatureAlgorithm".to_owned(), algorithm),
        ("StatedFacts".to_owned(), stated_facts()),
    ]
}

/// What may be said of a company, to have it compared.
fn stated_facts() -> Value {
    let text = json!({ "type": "string", "maxLength": MAX_MATCH_VALUE_CHARACTERS });
    let departments: Vec<&str> = DEPARTMENTS.iter().map(|known| known.id.as_str()).collect();
    let states = STATES.iter().flat_map(|entry| {
        let words = [entry.id, entry.code, entry.name, entry.name_zh];
        words.into_iter().chain(entry.also.iter().copied())
    });
    let mut facts: Map<String, Value> = MATCH_FIELDS
        .iter()
        .map(|name| ((*name).to_owned(), text.clone()))
        .collect();
    for (name, shape) in [
        (
            "capital",
            json!({ "type": "string", "pattern": "^[0-9]{1,18}( ?[A-Z]{3})?$" }),
        ),
        (
            "establishedOn",
            json!({ "type": "string", "format": "date" }),
        ),
        (
            "state",
            json!({ "type": "string", "enum": states.collect::<Vec<_>>() }),
        ),
    ] {
        facts.insert(name.to_owned(), shape);
    }
    json!({
        "description": "What is said, by the name of the fact.",
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": facts,
        "patternProperties": { format!("^registrations\\.({})$", departments.join("|")): text },
    })
}

/// Adds the shapes of a batch: what one document takes, and the caller's own name for it.
pub(super) fn add_items(schemas: &mut Map<String, Value>) {
    let Some(mut item) = schemas.get("VerifyBody").cloned() else {
        return;
    };
    if let Some(members) = item.get_mut("properties").and_then(Value::as_object_mut) {
        let id = json!({
            "description": "Your own name for the item, repeated in its answer: a number, or a text of at most 128 characters.",
            "oneOf": [
                { "type": "integer", "format": "int64" },
                { "type": "string", "maxLength": 128 },
                { "type": "null" },
            ],
        });
        members.insert("id".to_owned(), id);
    }
    let items = json!({
        "description": "What is to be judged, at most 10,000 items.",
        "type": "array",
        "items": { "$ref": format!("{SCHEMAS}VerifyItem") },
    });
    schemas.insert("VerifyItem".to_owned(), item);
    schemas.insert("VerifyItems".to_owned(), items);
}

/// Gives the parameters of all operations and the members of all request bodies their shapes.
pub(super) fn shape(document: &mut Value) {
    let mut bodies = BTreeSet::new();
    let mut forms = BTreeSet::new();
    for operation in operations(document) {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            shape_parameter(parameter);
        }
        require_body(operation);
        let content = operation.pointer("/requestBody/content");
        for (media_type, content) in content.and_then(Value::as_object).into_iter().flatten() {
            let found = if media_type.starts_with("multipart/") {
                &mut forms
            } else {
                &mut bodies
            };
            found.extend(referenced(content));
        }
    }
    let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for name in closure(schemas, bodies) {
        shape_members(schemas, &name, Nulls::Taken);
    }
    // What a form refers to is JSON inside, or a word.
    for name in forms {
        shape_members(schemas, &name, Nulls::Refused);
    }
}

/// What takes a body does not do without.
fn require_body(operation: &mut Value) {
    if let Some(body) = operation
        .get_mut("requestBody")
        .and_then(Value::as_object_mut)
    {
        body.insert("required".to_owned(), true.into());
    }
}

/// Every operation of a document.
pub(super) fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
}

/// Whether null may stand for what is absent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// In JSON.
    Taken,
    /// In an address or a header, and in the fields of a form, which are texts.
    Refused,
}

fn shape_parameter(parameter: &mut Value) {
    let name = parameter
        .get("name")
        .and_then(Value::as_str)
        .map(str::to_owned);
    if let (Some(name), Some(schema)) = (name, parameter.get_mut("schema")) {
        shape_one(&name, schema, Nulls::Refused);
    }
}

fn shape_members(schemas: &mut Map<String, Value>, schema: &str, nulls: Nulls) {
    let members = schemas
        .get_mut(schema)
        .and_then(|schema| schema.get_mut("properties"))
        .and_then(Value::as_object_mut);
    for (name, member) in members.into_iter().flatten() {
        shape_one(name, member, nulls);
    }
}

/// Gives one parameter or member its shape; what is written in full, or refers to a shape, stays as it is.
fn shape_one(name: &str, schema: &mut Value, nulls: Nulls) {
    let is_nullable = nulls == Nulls::Taken && allows_null(schema);
    if nulls == Nulls::Refused {
        refuse_null(schema);
    }
    if let Some(items) = schema.get_mut("items") {
        return shape_one(name, items, nulls);
    }
    let Some(shape) = shape_of(name, schema) else {
        return;
    };
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    for said in ["type", "format"] {
        members.remove(said);
    }
    let reference = format!("{SCHEMAS}{shape}");
    if is_nullable {
        let alternatives = json!([{ "$ref": reference }, { "type": "null" }]);
        members.insert("oneOf".to_owned(), alternatives);
    } else {
        members.insert("$ref".to_owned(), reference.into());
    }
}

fn shape_of(name: &str, schema: &Value) -> Option<&'static str> {
    if schema.get("format").is_some_and(|format| format == USCC) {
        return Some("Uscc");
    }
    let (_, shape) = SHAPES.iter().find(|(known, _)| *known == name)?;
    is_plain(schema).then_some(*shape)
}

/// Whether it is a text of which nothing is said yet but its length.
fn is_plain(schema: &Value) -> bool {
    let types = schema.get("type");
    let is_text = types.is_some_and(|of| of == "string" || *of == json!(["string", "null"]));
    let is_shaped = ["enum", "format", "pattern"]
        .iter()
        .any(|name| schema.get(name).is_some());
    is_text && !is_shaped
}

fn allows_null(schema: &Value) -> bool {
    let types = schema.get("type").and_then(Value::as_array);
    types.is_some_and(|types| types.iter().any(|one| one == "null"))
}

fn refuse_null(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = members.get("type") {
        let mut left = types.iter().filter(|one| *one != "null").cloned();
        if let (Some(only), None) = (left.next(), left.next()) {
            members.insert("type".to_owned(), only);
        }
    }
    for name in ["oneOf", "anyOf", "enum"] {
        if let Some(Value::Array(alternatives)) = members.get_mut(name) {
            alternatives.retain(|one| !one.is_null() && *one != json!({ "type": "null" }));
        }
    }
}

/// The shapes that `value` refers to, by name.
fn referenced(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().and_then(|text| text.strip_prefix(SCHEMAS)) {
                    Some(found) if name == "$ref" => {
                        names.insert(found.to_owned());
                    }
                    _ => names.extend(referenced(member)),
                }
            }
        }
        Value::Array(elements) => names.extend(elements.iter().flat_map(referenced)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    names
}

/// These shapes, and those that they refer to.
fn closure(schemas: &Map<String, Value>, mut names: BTreeSet<String>) -> BTreeSet<String> {
    let mut open: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = open.pop() {
        for found in schemas.get(&name).map(referenced).unwrap_or_default() {
            if names.insert(found.clone()) {
                open.push(found);
            }
        }
    }
    names
}
