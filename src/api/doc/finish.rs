//! From what the handlers say to the document that is sent.

use serde_json::{Map, Value, json};
use utoipa::{
    Modify,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};

use super::examples;

const SCHEMAS: &str = "#/components/schemas/";

/// How one is known to the shop.
#[derive(Debug)]
pub struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let cookie = |name, about| SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, about)));
        let components = api.components.get_or_insert_default();
        let session = "Set by `POST /auth/login`. Its name is `__Host-session` where the shop is reached over TLS.";
        components.add_security_scheme("session", cookie("session", session));
        let visitor = "Set when a visitor first puts something aside. Its name is `__Host-visitor` over TLS.";
        components.add_security_scheme("visitor", cookie("visitor", visitor));
    }
}

/// Completes the document.
pub fn finish(document: &mut Value) {
    merge_envelopes(document);
    let names = drop_unused(document);
    debug_assert!(!names.is_empty());
    let schemas = document["components"]["schemas"].clone();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        for (method, operation) in item.iter_mut() {
            complete(operation, path, method, &schemas);
        }
    }
}

// `#[serde(flatten)]` stands in the document as allOf. What is sent is one object, and as one it is easier to read and to check.
fn merge_envelopes(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let known = schemas.clone();
    for schema in schemas.values_mut() {
        if schema.get("allOf").is_some() {
            *schema = merged(schema, &known);
        }
    }
    let enveloped: Vec<String> = schemas.keys().filter(|name| name.starts_with("Success_")).cloned().collect();
    for name in &enveloped {
        if let Some(schema) = schemas.remove(name) {
            schemas.insert(short(name).to_owned(), schema);
        }
    }
    rename(document, &enveloped);
}

fn short(name: &str) -> &str {
    name.trim_start_matches("Success_")
}

fn merged(schema: &Value, known: &Map<String, Value>) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return known.get(name.trim_start_matches(SCHEMAS)).map_or(Value::Null, |found| merged(found, known));
    }
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    // The envelope's own members stand last in what utoipa writes, and first in what is sent.
    for part in parts.iter().rev().map(|part| merged(part, known)) {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let mut object = json!({"type": "object", "properties": properties, "required": required});
    if let Some(about) = schema.get("description") {
        object["description"] = about.clone();
    }
    object
}

fn rename(value: &mut Value, enveloped: &[String]) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get_mut("$ref")
                && enveloped.iter().any(|known| name.strip_prefix(SCHEMAS) == Some(known))
            {
                *name = format!("{SCHEMAS}{}", short(name.trim_start_matches(SCHEMAS)));
            }
            members.values_mut().for_each(|member| rename(member, enveloped));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, enveloped)),
        _ => {}
    }
}

// What was only a part of an envelope is named by nothing any more.
fn drop_unused(document: &mut Value) -> Vec<String> {
    loop {
        let text = document.to_string();
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return Vec::new() };
        let before = schemas.len();
        schemas.retain(|name, _| text.contains(&format!("\"{SCHEMAS}{name}\"")));
        if schemas.len() == before {
            return schemas.keys().cloned().collect();
        }
    }
}

fn complete(operation: &mut Value, path: &str, method: &str, schemas: &Value) {
    let mut common = vec![
        ("400", "The request makes no sense to the shop."),
        ("500", "A fault of ours. Nothing is said about its cause; `request_id` finds it in our logs."),
        ("503", "The shop cannot do this right now. `Retry-After` says in how many seconds to try again."),
    ];
    if method != "get" {
        common.push(("403", "The request came from a page of another site."));
        common.push(("413", "The body is larger than the shop takes."));
    }
    if operation.get("requestBody").is_some() {
        common.push(("415", "The body is not JSON, or its `Content-Type` does not say so."));
    }
    if path.contains('{') {
        common.push(("404", "It is not there."));
    }
    for (status, about) in common {
        let failure = json!({"description": about, "content": {"application/json": {"schema": {"$ref": format!("{SCHEMAS}Failure")}}}});
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = failure;
        }
    }
    headers(operation);
    examples::add(operation, schemas);
}

fn headers(operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, response) in responses {
        let text = |about: &str| json!({"description": about, "required": true, "schema": {"type": "string"}});
        response["headers"]["X-Request-Id"] = text("Names this request in our logs.");
        response["headers"]["X-Served-By"] = text("Which server answered.");
        if matches!(status.as_str(), "429" | "503") {
            let schema = json!({"type": "integer", "minimum": 1});
            let about = "Seconds until another try makes sense.";
            response["headers"]["Retry-After"] = json!({"description": about, "required": true, "schema": schema});
        }
    }
}
