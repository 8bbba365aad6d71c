//! Schemas in words: "text, 3 to 32 characters".

use serde_json::Value;

/// What a value must be, and the shape that says more of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kind {
    /// In words.
    pub words: String,
    /// The name of a shape on the page; empty if there is none.
    pub shape: String,
}

/// Follows a reference.
pub fn resolved<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    }
}

/// A schema in words.
pub fn kind(schema: &Value, document: &Value) -> Kind {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let target = resolved(schema, document);
        if target.get("properties").is_some() {
            return Kind { words: name.to_owned(), shape: name.to_owned() };
        }
        return kind(target, document);
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(choices) = choices {
        let kinds: Vec<_> = choices.iter().map(|choice| kind(choice, document)).collect();
        let words: Vec<_> = kinds.iter().map(|kind| kind.words.as_str()).collect();
        let shape = kinds.iter().find(|kind| !kind.shape.is_empty()).map(|kind| kind.shape.clone());
        return Kind { words: words.join(" or "), shape: shape.unwrap_or_default() };
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let plain = types.iter().find(|name| **name != "null").copied().unwrap_or("null");
    let mut kind = of_type(plain, schema, document);
    if types.len() > 1 {
        kind.words.push_str(", or null");
    }
    kind
}

fn of_type(name: &str, schema: &Value, document: &Value) -> Kind {
    let words = match name {
        "string" => text(schema),
        "integer" => format!("whole number{}", range(schema)),
        "number" => format!("amount{}", range(schema)),
        "boolean" => schema["enum"][0].as_bool().map_or("true or false".to_owned(), |only| only.to_string()),
        "array" => {
            let items = kind(&schema["items"], document);
            return Kind { words: format!("list of {}", items.words), shape: items.shape };
        }
        "null" => "null".to_owned(),
        _ => "object".to_owned(),
    };
    Kind { words, shape: String::new() }
}

fn text(schema: &Value) -> String {
    let choices = schema["pattern"].as_str().and_then(|pattern| pattern.strip_prefix("^(")?.strip_suffix(")$"));
    if let Some(choices) = choices {
        return format!("one of {}", choices.replace('|', ", "));
    }
    let name = match schema["format"].as_str() {
        Some("email") => "email address",
        Some("password") => "password",
        Some("date-time") => "time",
        _ => "text",
    };
    match (schema["minLength"].as_u64(), schema["maxLength"].as_u64()) {
        (Some(least), Some(most)) if least == most => format!("{name}, {least} characters"),
        (Some(least), Some(most)) => format!("{name}, {least} to {most} characters"),
        (None, Some(most)) => format!("{name}, at most {most} characters"),
        (Some(least), None) => format!("{name}, at least {least} characters"),
        (None, None) => name.to_owned(),
    }
}

fn range(schema: &Value) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", {least} or more"),
        (None, Some(most)) => format!(", at most {most}"),
        (None, None) => String::new(),
    }
}

/// An example as JSON for people: amounts with their two decimals, as the shop sends them.
pub fn pretty(value: &Value, indent: usize) -> String {
    let (inner, outer) = ("  ".repeat(indent + 1), "  ".repeat(indent));
    match value {
        Value::Array(items) if !items.is_empty() => {
            let lines: Vec<_> = items.iter().map(|item| format!("{inner}{}", pretty(item, indent + 1))).collect();
            format!("[\n{}\n{outer}]", lines.join(",\n"))
        }
        Value::Object(members) if !members.is_empty() => {
            let line = |(name, member): (&String, &Value)| {
                format!("{inner}{}: {}", Value::from(name.as_str()), pretty(member, indent + 1))
            };
            format!("{{\n{}\n{outer}}}", members.iter().map(line).collect::<Vec<_>>().join(",\n"))
        }
        Value::Number(number) if number.is_f64() => format!("{:.2}", number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_and_choices_are_said_in_words() {
        let document = json!({"components": {"schemas": {"Money": {"type": "number"}, "User": {"type": "object", "properties": {}}}}});
        for (schema, words) in [
            (json!({"type": "string", "minLength": 3, "maxLength": 32}), "text, 3 to 32 characters"),
            (json!({"type": ["string", "null"], "format": "email"}), "email address, or null"),
            (json!({"type": "integer", "minimum": 1, "maximum": 999}), "whole number, 1 to 999"),
            (json!({"type": "string", "pattern": "^(a|b)$"}), "one of a, b"),
            (json!({"$ref": "#/components/schemas/Money"}), "amount"),
            (json!({"type": "array", "items": {"$ref": "#/components/schemas/User"}}), "list of User"),
            (json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/User"}]}), "null or User"),
        ] {
            assert_eq!(kind(&schema, &document).words, words);
        }
    }

    #[test]
    fn amounts_keep_their_two_decimals() {
        assert_eq!(
            pretty(&json!({"price": 19.9, "id": 7, "list": []}), 0),
            "{\n  \"id\": 7,\n  \"list\": [],\n  \"price\": 19.90\n}"
        );
    }
}
