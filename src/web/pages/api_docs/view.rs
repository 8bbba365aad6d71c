//! The document as the page shows it.

use serde_json::Value;

use super::schema::{Kind, kind, pretty, resolved};

/// A piece of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What it says.
    pub text: String,
    /// Whether it stood between backticks.
    pub is_code: bool,
}

/// Operations of one tag.
#[derive(Clone, Debug)]
pub struct Section {
    pub id: String,
    pub name: String,
    pub about: Vec<Part>,
    pub operations: Vec<Operation>,
}

/// A method of a path.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub writes: bool,
    pub path: String,
    pub summary: String,
    pub about: Vec<Part>,
    pub needs_sign_in: bool,
    pub params: Vec<Field>,
    pub body: Option<Body>,
    pub answers: Vec<Answer>,
    pub curl: String,
}

/// A body that is sent.
#[derive(Clone, Debug)]
pub struct Body {
    pub fields: Vec<Field>,
    pub example: String,
    pub rows: usize,
}

/// A parameter, or a member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// `path`, `query` or `header`; empty for members.
    pub place: String,
    pub kind: Kind,
    pub is_required: bool,
    pub about: Vec<Part>,
    pub example: String,
}

/// What comes back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: String,
    pub is_good: bool,
    pub about: Vec<Part>,
    pub fields: Vec<Field>,
    pub example: String,
}

/// An object that several answers share.
#[derive(Clone, Debug)]
pub struct Shape {
    pub name: String,
    pub about: Vec<Part>,
    pub fields: Vec<Field>,
}

/// The operations by tag, in the order of the tags.
pub fn sections(document: &Value, origin: &str) -> Vec<Section> {
    let all = operations(document, origin);
    let section = |tag: &Value| {
        let name = word(tag, "name");
        let operations = all.iter().filter(|(of, _)| *of == name).map(|(_, operation)| operation.clone()).collect();
        Section { id: name.to_lowercase(), about: parts(&word(tag, "description")), name, operations }
    };
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    tags.iter().map(section).filter(|section: &Section| !section.operations.is_empty()).collect()
}

/// What answers share; those of one answer alone stand with it.
pub fn shapes(document: &Value) -> Vec<Shape> {
    let shared = |name: &str| !name.ends_with("Answer") && !name.ends_with("Body") && name != "Message";
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let objects = schemas.filter(|(name, schema)| shared(name) && schema.get("properties").is_some());
    let shape = |(name, schema): (&String, &Value)| Shape {
        name: name.clone(),
        about: parts(&word(schema, "description")),
        fields: members(schema, document),
    };
    objects.map(shape).collect()
}

/// A text with what stands between backticks apart.
pub fn parts(text: &str) -> Vec<Part> {
    let pieces = text.split('`').enumerate();
    pieces
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(place, piece)| Part { text: piece.to_owned(), is_code: place % 2 == 1 })
        .collect()
}

fn operations(document: &Value, origin: &str) -> Vec<(String, Operation)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, said) in item.as_object().into_iter().flatten() {
            all.push((word(&said["tags"], "0").to_owned(), operation(path, method, said, document, origin)));
        }
    }
    all
}

fn operation(path: &str, method: &str, said: &Value, document: &Value, origin: &str) -> Operation {
    let params: Vec<_> =
        said["parameters"].as_array().into_iter().flatten().map(|param| parameter(param, document)).collect();
    let body = body(said, document);
    let schemes = said["security"].as_array().map(Vec::as_slice).unwrap_or_default();
    let curl = curl(path, method, &params, body.as_ref(), origin, !schemes.is_empty());
    Operation {
        id: word(said, "operationId"),
        method: method.to_uppercase(),
        writes: method != "get",
        path: path.to_owned(),
        summary: word(said, "summary"),
        about: parts(&word(said, "description")),
        needs_sign_in: schemes.len() == 1,
        answers: answers(said, document),
        params,
        body,
        curl,
    }
}

fn parameter(param: &Value, document: &Value) -> Field {
    let schema = &param["schema"];
    let given = [param.get("example"), schema.get("example"), schema.get("default")].into_iter().flatten().next();
    let is_required = param["required"] == true;
    let example = match given {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None if is_required => "1".to_owned(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    Field {
        name: word(param, "name"),
        place: word(param, "in"),
        kind: kind(&not_null(schema), document),
        is_required,
        about: parts(&word(param, "description")),
        example,
    }
}

// A parameter in an address is there or not; null it cannot be.
fn not_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(types) = schema["type"].as_array() {
        let left: Vec<_> = types.iter().filter(|name| *name != "null").cloned().collect();
        schema["type"] = Value::Array(left);
    }
    schema
}

fn body(said: &Value, document: &Value) -> Option<Body> {
    let content = said.pointer("/requestBody/content/application~1json")?;
    let schema = match content["schema"]["oneOf"].as_array().and_then(|choices| choices.last()) {
        Some(schema) => schema,
        None => &content["schema"],
    };
    let example = pretty(&content["example"], 0);
    Some(Body {
        fields: members(resolved(schema, document), document),
        rows: example.lines().count().clamp(3, 16),
        example,
    })
}

fn answers(said: &Value, document: &Value) -> Vec<Answer> {
    let answer = |(status, response): (&String, &Value)| {
        let content = &response["content"]["application/json"];
        let is_good = status.starts_with(['2', '3']);
        let members = if is_good { members(resolved(&content["schema"], document), document) } else { Vec::new() };
        let fields =
            members.into_iter().filter(|field| !matches!(field.name.as_str(), "success" | "message")).collect();
        let example = content.get("example").map(|example| pretty(example, 0)).unwrap_or_default();
        Answer { status: status.clone(), is_good, about: parts(&word(response, "description")), fields, example }
    };
    said["responses"].as_object().into_iter().flatten().map(answer).collect()
}

fn members(schema: &Value, document: &Value) -> Vec<Field> {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let field = |(name, member): (&String, &Value)| Field {
        name: name.clone(),
        place: String::new(),
        kind: kind(member, document),
        is_required: required.iter().any(|each| each == name),
        about: parts(&word(member, "description")),
        example: String::new(),
    };
    let mut fields: Vec<_> = schema["properties"].as_object().into_iter().flatten().map(field).collect();
    fields.sort_by_key(|field| !field.is_required);
    fields
}

fn curl(path: &str, method: &str, params: &[Field], body: Option<&Body>, origin: &str, keeps_cookies: bool) -> String {
    let in_path = params.iter().filter(|param| param.place == "path");
    let path =
        in_path.fold(path.to_owned(), |path, param| path.replace(&format!("{{{}}}", param.name), &param.example));
    let mut lines = vec![format!("curl -X {} '{origin}{path}'", method.to_uppercase())];
    if keeps_cookies || path.starts_with("/auth/") {
        lines.push("-b cookies.txt -c cookies.txt".to_owned());
    }
    if let Some(body) = body {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{}'", body.example.replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}

fn word(value: &Value, member: &str) -> String {
    let found = member.parse::<usize>().map_or_else(|_| &value[member], |place| &value[place]);
    found.as_str().unwrap_or_default().to_owned()
}
