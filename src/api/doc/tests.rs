use std::{fs, path::Path};

use super::*;

#[test]
fn every_route_of_the_router_stands_in_the_document() {
    // `routes!` puts a handler into the router and into the document at once; `route` only into the router.
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/mod.rs")).unwrap();
    let plain: Vec<_> = table.lines().filter(|line| line.trim_start().starts_with(".route(")).collect();
    assert!(plain.iter().all(|line| line.contains("{*rest}")), "not in the document: {plain:?}");
    let paths = document().value["paths"].as_object().unwrap();
    assert!(paths.keys().all(|path| path.starts_with("/api/") || path.starts_with("/auth/")), "{:?}", paths.keys());
    assert!(paths.len() >= 19, "{:?}", paths.keys());
}

#[test]
fn every_operation_says_what_it_is_and_names_itself_once() {
    let mut ids = Vec::new();
    for (path, item) in document().value["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let said = |member: &str| operation[member].as_str().is_some_and(|text| !text.is_empty());
            assert!(said("summary") && said("description"), "{method} {path} has no words");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path} wants one tag");
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn every_reference_leads_somewhere_and_no_envelope_is_left_in_parts() {
    let text = document().value.to_string();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document().value["components"]["schemas"].get(name).is_some(), "{name}");
    }
    assert!(!text.contains("allOf") && !text.contains("Success_"));
}
