//! The files of the workspace, as the rules see them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Folders that are made, not written.
const MADE: [&str; 3] = ["build", "node_modules", "target"];

/// The files that were written: path from the root with `/`, and text.
pub(crate) struct Tree(BTreeMap<String, String>);

impl Tree {
    pub(crate) fn ours() -> Self {
        let mut files = BTreeMap::new();
        read(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
        assert!(
            files.contains_key("Cargo.toml"),
            "the walk found no workspace"
        );
        Self(files)
    }

    /// A tree of one file beside an ordinary workspace's dependencies.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let shared = ["mcp", "oauth", "quota", "web", "platform"]
            .map(|name| format!("{name} = {{ path = \"{name}\" }}\n"))
            .concat();
        let root = format!("[workspace.dependencies]\n{shared}");
        let mut files = BTreeMap::from([("Cargo.toml".to_owned(), root)]);
        files.entry(path.to_owned()).or_default().push_str(text);
        Self(files)
    }

    pub(crate) fn ending(&self, ends: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        let files = self
            .0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(move |(path, _)| ends.iter().any(|end| path.ends_with(end)))
    }

    pub(crate) fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }
}

/// Reads a folder; hidden files and files that are no text are not read.
fn read(root: &Path, folder: &str, files: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        match entry.file_type() {
            Ok(_) if name.starts_with('.') || MADE.contains(&name.as_str()) => {}
            Ok(kind) if kind.is_dir() => read(root, &path, files),
            Ok(kind) if kind.is_file() => {
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    files.insert(path, text);
                }
            }
            _ => {}
        }
    }
}
