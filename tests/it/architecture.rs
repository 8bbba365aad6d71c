//! Who may import whom: what the compiler does not hold, a look at the `use` lines does.

use std::{
    fs,
    path::{Path, PathBuf},
};

// A room may use those to its right.
const ORDER: [&[&str]; 8] = [
    &["cli"],
    &["web", "api", "realtime", "worker"],
    &["request"],
    &["views"],
    &["domain"],
    &["infra"],
    &["config"],
    &["types"],
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn room_of(path: &Path) -> String {
    let relative = path.strip_prefix(src()).unwrap();
    relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

// The rooms that a file names: `crate::domain::…`, and those in the braces of a `use crate::{…}`, which rustfmt puts at one level.
fn rooms_used(text: &str) -> Vec<String> {
    let known: Vec<&str> = ORDER.concat();
    let mut used: Vec<String> =
        known.iter().filter(|room| text.contains(&format!("crate::{room}::"))).map(ToString::to_string).collect();
    for block in text.split("use crate::{").skip(1) {
        let mut depth = 0;
        let body: String = block
            .chars()
            .take_while(|letter| {
                depth += match letter {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                depth >= 0
            })
            .collect();
        used.extend(
            known
                .iter()
                .filter(|room| {
                    body.lines().any(|line| line.strip_prefix("    ").unwrap_or(line).starts_with(&format!("{room}::")))
                })
                .map(ToString::to_string),
        );
    }
    used
}

#[test]
fn every_room_uses_only_those_below_it() {
    let rank = |room: &str| ORDER.iter().position(|rooms| rooms.contains(&room));
    let mut wrong = Vec::new();
    for file in rust_files(&src()) {
        let room = room_of(&file);
        let Some(own) = rank(&room) else { continue };
        for used in rooms_used(&fs::read_to_string(&file).unwrap()) {
            let other = rank(&used).unwrap();
            if used != room && other <= own {
                wrong.push(format!("{} uses {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_domain_knows_nothing_of_http() {
    for file in rust_files(&src().join("domain")) {
        let text = fs::read_to_string(&file).unwrap();
        for foreign in ["axum", "askama", "http::", "socketioxide", "tower"] {
            assert!(!text.contains(&format!("use {foreign}")), "{} uses {foreign}", file.display());
        }
    }
}

#[test]
fn the_look_at_use_lines_sees_what_it_looks_for() {
    let text = "use crate::{\n    domain::{\n        cart,\n    },\n    web::html,\n};\nuse crate::api::x;";
    let mut used = rooms_used(text);
    used.sort();
    assert_eq!(used, ["api", "domain", "web"]);
}

#[test]
fn templates_hold_nothing_that_the_policy_forbids() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders = vec![templates.clone()];
    while let Some(folder) = folders.pop() {
        // Mails are no pages: they carry their styles with them.
        if folder == templates.join("emails") {
            continue;
        }
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for forbidden in [
                "<script>",
                "<style",
                "style=\"",
                "onclick=",
                "onsubmit=",
                "onchange=",
                "hx-on",
                "|safe",
                "js:",
                "javascript:",
            ] {
                assert!(!text.contains(forbidden), "{} holds {forbidden}", path.display());
            }
        }
    }
}
