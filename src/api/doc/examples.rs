//! An example of each body, put together from those of its fields, so that none can contradict its schema.

use serde_json::{Map, Value, json};

/// Gives each body of an operation an example, unless it has one.
pub fn add(operation: &mut Value, schemas: &Value) {
    if let Some(content) = operation.pointer_mut("/requestBody/content/application~1json") {
        put(content, schemas);
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for response in responses.iter_mut().filter(|(status, _)| status.starts_with('2')).map(|(_, response)| response) {
        if let Some(content) = response.pointer_mut("/content/application~1json") {
            put(content, schemas);
        }
    }
}

fn put(content: &mut Value, schemas: &Value) {
    if content.get("example").is_none() && content["schema"].as_object().is_some_and(|schema| !schema.is_empty()) {
        content["example"] = example(&content["schema"], schemas, 0);
    }
}

/// An example of what fits a schema.
#[must_use]
pub fn example(schema: &Value, schemas: &Value, depth: u8) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return if depth < 12 { example(&schemas[name], schemas, depth + 1) } else { Value::Null };
    }
    let said = [schema.get("example"), schema["examples"].get(0), schema["enum"].get(0), schema.get("default")];
    if let Some(said) = said.into_iter().flatten().next() {
        return said.clone();
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    // Of a text and its parts, the parts say more; of something and null, the something.
    let chosen = choices.and_then(|choices| {
        let told = |choice: &&Value| choice["type"] != "null";
        choices.iter().rfind(told)
    });
    if let Some(chosen) = chosen {
        return example(chosen, schemas, depth);
    }
    of_type(schema, schemas, depth)
}

fn of_type(schema: &Value, schemas: &Value, depth: u8) -> Value {
    let kind = schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str()).unwrap_or("object");
    match kind {
        "string" if schema["format"] == "date-time" => json!("2026-11-21T09:30:00Z"),
        "string" => json!("text"),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        "array" if depth < 12 => json!([example(&schema["items"], schemas, depth + 1)]),
        "array" => json!([]),
        _ => {
            let members = schema["properties"].as_object().cloned().unwrap_or_default();
            let shown = members.iter().filter(|(_, member)| !is_left_out(member));
            Value::Object(
                shown.map(|(name, member)| (name.clone(), example(member, schemas, depth + 1))).collect::<Map<_, _>>(),
            )
        }
    }
}

// Members that are there in rare cases alone would mislead.
fn is_left_out(member: &Value) -> bool {
    member["x-rare"] == true
}
