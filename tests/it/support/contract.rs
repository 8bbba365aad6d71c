//! Holds every answer of the API against the OpenAPI document, whichever test asked for it.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use axum::http::{HeaderMap, Method, StatusCode};
use ecommerce::api;
use jsonschema::Validator;
use serde_json::{Value, json};

static VALIDATORS: LazyLock<Mutex<HashMap<String, Option<&'static Validator>>>> = LazyLock::new(Mutex::default);

/// Fails unless the answer is one that the document promises. Addresses beside the API pass.
pub fn hold(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap, body: &str) {
    let path = path.split('?').next().unwrap().trim_end_matches('/');
    if !(path.starts_with("/api/") || path.starts_with("/auth/")) || path == "/api/docs" {
        return;
    }
    let asked = format!("{method} {path}: {status}");
    let Some((_, operation)) = operation(method, path) else {
        assert!(
            matches!(status.as_u16(), 400 | 403 | 404 | 405 | 413 | 503),
            "{asked} is no operation of the document"
        );
        return;
    };
    let said = &operation["responses"][status.as_str()];
    assert!(said.is_object(), "{asked} is not in the document: {body}");
    for (name, header) in said["headers"].as_object().into_iter().flatten() {
        assert!(header["required"] != true || headers.contains_key(name.as_str()), "{asked} lacks {name}");
    }
    let Some(content) = said.get("content") else {
        assert_eq!(body, "", "{asked} has no body in the document");
        return;
    };
    assert_eq!(headers["content-type"], "application/json", "{asked}");
    let value: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{asked}: {error}: {body}"));
    let schema = &content["application/json"]["schema"];
    let problems: Vec<_> = match validator(schema) {
        Some(validator) => {
            validator.iter_errors(&value).map(|error| format!("{} at {}", error, error.instance_path())).collect()
        }
        None => Vec::new(),
    };
    assert!(problems.is_empty(), "{asked} is not as the document says: {problems:?}\n{body}");
}

/// The operation that answers there, with its path in the document. A path without parameters comes before one with.
pub fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let paths = api::document().value["paths"].as_object().unwrap();
    let fits = |pattern: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len() && pattern.iter().zip(&path).all(|(said, is)| said == is || said.starts_with('{'))
    };
    let mut found: Vec<_> = paths.iter().filter(|(pattern, _)| fits(pattern)).collect();
    found.sort_by_key(|(pattern, _)| pattern.matches('{').count());
    let (pattern, item) = found.first()?;
    Some((pattern.as_str(), item.get(method.as_str().to_lowercase())?))
}

// The document allows members that it does not name, so that answers may grow; here each of them must be named.
fn validator(schema: &Value) -> Option<&'static Validator> {
    let mut known = VALIDATORS.lock().unwrap();
    *known.entry(schema.to_string()).or_insert_with(|| {
        if schema.as_object().is_none_or(serde_json::Map::is_empty) {
            return None;
        }
        let mut whole = json!({"allOf": [schema], "components": api::document().value["components"]});
        close(&mut whole);
        let validator = jsonschema::draft202012::new(&whole).unwrap_or_else(|error| panic!("{schema}: {error}"));
        Some(Box::leak(Box::new(validator)))
    })
}

fn close(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
