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

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::*;
    use crate::crypto::digest::DigestAlgorithm;
    use crate::http::openapi::COMPONENTS;
    use crate::identifier::uscc::Uscc;
    use crate::registry::company::Industry;
    use crate::registry::text::Text;
    use crate::service::call::CallerText;

    /// The schema at a place of `components.json`.
    fn at(pointer: &str) -> Validator {
        let shapes: Value = serde_json::from_str(COMPONENTS).unwrap();
        let mut schema = shapes.pointer(pointer).unwrap().clone();
        schema["components"] = json!({ "schemas": shapes });
        jsonschema::validator_for(&schema).unwrap()
    }

    fn names(pointer: &str) -> Vec<String> {
        let shapes: Value = serde_json::from_str(COMPONENTS).unwrap();
        serde_json::from_value(shapes.pointer(pointer).unwrap().clone()).unwrap()
    }

    #[test]
    fn industries_are_those_that_are_read() {
        let described = at("/CompanyFacts/properties/industry");
        for letter in 'A'..='Z' {
            for division in 0..100 {
                for code in [
                    format!("{letter}"),
                    format!("{letter}{division:02}"),
                    format!("{letter}{division:02}12"),
                    format!("{letter}{division:02}123"),
                ] {
                    let is_read = Industry::parse(&code).is_ok();
                    assert_eq!(described.is_valid(&json!(code)), is_read, "{code}");
                }
            }
        }
    }

    #[test]
    fn classes_and_regions_of_codes_are_those_that_are_read() {
        let described = at("/Uscc");
        let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        for first in alphabet.chars() {
            for second in alphabet.chars() {
                let code = format!("{first}{second}441900MA5ABCDE7");
                let (code, is_read) = match Uscc::with_check(&code) {
                    Ok(code) => (code.as_str().to_owned(), true),
                    Err(_refused) => (format!("{code}0"), false),
                };
                assert_eq!(described.is_valid(&json!(code)), is_read, "{code}");
            }
        }
        for region in (0..100).map(|province| format!("{province:02}1900")) {
            let code = format!("91{region}MA5ABCDE7");
            let is_read = Uscc::with_check(&code).is_ok();
            let described = described.is_valid(&json!(format!("{code}0")));
            assert_eq!(described, is_read, "{code}");
        }
        assert!(described.is_valid(&json!("911000000000000000")));
    }

    #[test]
    fn texts_are_those_that_are_read() {
        let (visible, of_caller) = (at("/VisibleText"), at("/CallerText"));
        for character in (0..0x11_0000).filter_map(char::from_u32) {
            for text in [character.to_string(), format!(" {character}x")] {
                let is_read = Text::<200>::parse(&text).is_ok();
                assert_eq!(visible.is_valid(&json!(text)), is_read, "{text:?}");
                let is_read = CallerText::parse(&text).is_ok();
                assert_eq!(of_caller.is_valid(&json!(text)), is_read, "{text:?}");
            }
        }
    }

    #[test]
    fn digests_and_departments_are_those_that_there_are() {
        for name in names("/DigestName/enum") {
            assert!(DigestAlgorithm::from_name(&name).is_some(), "{name}");
        }
        let departments = DEPARTMENTS.iter().map(|known| known.id.as_str());
        assert!(departments.eq(names("/Department/enum")));
    }

    #[test]
    fn members_of_a_name_have_its_shape_wherever_they_are_sent() {
        let mut document = json!({
            "paths": { "/x": { "post": {
                "parameters": [
                    { "name": "purpose", "schema": { "type": ["string", "null"], "description": "why" } },
                    { "name": "from", "schema": { "type": "string", "format": "uscc" } },
                ],
                "requestBody": { "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/Outer" } },
                    "multipart/form-data": { "schema": { "$ref": "#/components/schemas/Form" } },
                } },
            } } },
            "components": { "schemas": {
                "Outer": { "properties": { "inner": { "$ref": "#/components/schemas/Inner" } } },
                "Inner": { "properties": {
                    "operator": { "type": ["string", "null"] },
                    "cas": { "type": "array", "items": { "type": "string" } },
                    "reason": { "type": "string", "maxLength": 200 },
                    "other": { "type": "string" },
                } },
                "Form": { "properties": { "operator": { "type": ["string", "null"] } } },
                "Answer": { "properties": { "operator": { "type": "string" } } },
            } },
        });
        shape(&mut document);
        let operation = &document["paths"]["/x"]["post"];
        assert_eq!(operation["requestBody"]["required"], true);
        let reference = |name: &str| json!({ "$ref": format!("{SCHEMAS}{name}") });
        let mut purpose = reference("Purpose");
        purpose["description"] = json!("why");
        assert_eq!(operation["parameters"][0]["schema"], purpose);
        assert_eq!(operation["parameters"][1]["schema"], reference("Uscc"));
        let schemas = &document["components"]["schemas"];
        let inner = &schemas["Inner"]["properties"];
        let nullable = json!({ "oneOf": [reference("CallerText"), { "type": "null" }] });
        assert_eq!(inner["operator"], nullable);
        assert_eq!(inner["cas"]["items"], reference("CaId"));
        let mut reason = reference("VisibleText");
        reason["maxLength"] = json!(200);
        assert_eq!(inner["reason"], reason);
        assert_eq!(inner["other"], json!({ "type": "string" }));
        let form = &schemas["Form"]["properties"];
        assert_eq!(form["operator"], reference("CallerText"));
        let answer = &schemas["Answer"]["properties"]["operator"];
        assert_eq!(*answer, json!({ "type": "string" }));
    }
}
