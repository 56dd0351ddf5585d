//! Which crate may know which: the picture in the house style, as a table.

use std::collections::BTreeMap;

use crate::tree::Tree;

/// Which crates of ours each crate may depend on, and whether it may know the
/// platform. A folder that ends in `/` stands for each crate below it.
const ARROWS: [(&str, &[&str], Platform); 24] = [
    ("audit", &[], Platform::Unknown),
    ("mcp", &[], Platform::Unknown),
    ("oauth", &[], Platform::Unknown),
    ("quota", &[], Platform::Unknown),
    ("rest", &[], Platform::Unknown),
    ("web", &[], Platform::Unknown),
    ("observe/event", &[], Platform::Unknown),
    ("xtask", &["audit"], Platform::Unknown),
    ("tests/faulty/front", &[""], Platform::Unknown),
    ("tests/faulty/objects", &["objects"], Platform::Unknown),
    ("tests/faulty/portal", &["portal"], Platform::Unknown),
    (
        "tests/",
        &["mcp", "oauth", "quota", "web"],
        Platform::Unknown,
    ),
    ("fuzz", &["fuzz/properties"], Platform::Unknown),
    ("fuzz/properties", &["mcp", "oauth"], Platform::Unknown),
    (
        "platform",
        &["audit", "linked", "mcp", "oauth", "quota", "toolkit"],
        Platform::Known,
    ),
    ("linked", &["toolkit", "tools/demo"], Platform::Unknown),
    (
        "objects",
        &["audit", "mcp", "oauth", "platform", "quota"],
        Platform::Known,
    ),
    (
        "portal",
        &["audit", "mcp", "oauth", "platform", "quota", "rest", "web"],
        Platform::Known,
    ),
    ("toolkit", &["mcp"], Platform::Known),
    (
        "tools/demo_worker",
        &["toolkit", "tools/demo"],
        Platform::Known,
    ),
    ("tools/", &["toolkit"], Platform::Known),
    ("examples/", &["toolkit"], Platform::Known),
    ("observe/", &["observe/event"], Platform::Known),
    ("", &["mcp", "oauth", "platform", "quota"], Platform::Known),
];

/// Whether a crate may depend on the Workers platform.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Platform {
    Known,
    Unknown,
}

/// Dependencies the table does not allow, and crates it does not have.
pub(crate) fn arrows(tree: &Tree) -> Vec<String> {
    let shared = dependencies(tree.text("Cargo.toml"), "", |section| {
        section == "workspace.dependencies"
    });
    let mut offenders = Vec::new();
    for (manifest, text) in tree.ending(&["Cargo.toml"]) {
        let folder = manifest
            .trim_end_matches("Cargo.toml")
            .trim_end_matches('/');
        let Some((_, allowed, platform)) = ARROWS.iter().find(|(place, ..)| covers(place, folder))
        else {
            offenders.push(format!("{manifest}: not in the table of arrows"));
            continue;
        };
        for (name, own_path) in dependencies(text, folder, |section| {
            section.ends_with("dependencies") && !section.starts_with("workspace.")
        }) {
            let ours = own_path.or_else(|| shared.get(&name).cloned().flatten());
            if ours.as_deref().is_some_and(|ours| !allowed.contains(&ours)) {
                offenders.push(format!("{manifest}: {name}"));
            }
            let known = ["worker", "wasm-bindgen", "js-sys", "web-sys"].contains(&name.as_str())
                || name.starts_with("worker-");
            if known && *platform == Platform::Unknown {
                offenders.push(format!(
                    "{manifest}: {name}, in a crate without the platform"
                ));
            }
        }
    }
    offenders
}

fn covers(place: &str, folder: &str) -> bool {
    place == folder || (place.ends_with('/') && folder.starts_with(place))
}

/// The dependencies in the sections that `wanted` picks, each with the folder
/// its `path` leads to, if it has one. Reads what of TOML manifests use.
fn dependencies(
    manifest: &str,
    folder: &str,
    wanted: impl Fn(&str) -> bool,
) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    let mut section = String::new();
    for line in manifest
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
    {
        if let Some(header) = line.strip_prefix('[') {
            header.trim_end_matches(']').clone_into(&mut section);
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let key = key.trim().trim_matches('"');
        // `[dependencies.name]` with keys below it, or `name = …` in a list.
        let (name, path) = match section.rsplit_once('.') {
            Some((list, name)) if wanted(list) => (name, (key == "path").then_some(value)),
            _ if wanted(&section) => {
                let name = key.split('.').next().unwrap_or(key);
                let inline = value.split_once("path").map(|(_, rest)| rest);
                (
                    name,
                    if key.split('.').nth(1) == Some("path") {
                        Some(value)
                    } else {
                        inline
                    },
                )
            }
            _ => continue,
        };
        let path = path
            .and_then(|path| path.split(['"', '\'']).nth(1))
            .map(|path| resolve(folder, path));
        let known = found.entry(name.to_owned()).or_insert(None);
        *known = path.or_else(|| known.take());
    }
    found
}

/// The folder that a relative path leads to.
fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
