//! Which row of the table a request is for.

use crate::operation::{Operation, Verb};
use crate::table::operations;

/// Where a request leads.
#[derive(Debug)]
pub enum Found<'a> {
    /// To an operation, with the names in the path, in their order.
    Operation(&'static Operation, Vec<&'a str>),
    /// To a path that has other verbs.
    Verbs(Vec<Verb>),
    /// Nowhere.
    Nothing,
}

/// Finds the row for a verb and a path below [`crate::BASE`]. `HEAD` is `GET`. A name
/// is taken as it stands: all of ours are plain, so nobody encodes them.
pub fn find<'a>(verb: &str, path: &'a str) -> Found<'a> {
    let verb = if verb == "HEAD" { "GET" } else { verb };
    let mut verbs = Vec::new();
    for operation in operations() {
        if let Some(names) = names(operation.path, path) {
            if operation.verb.name() == verb {
                return Found::Operation(operation, names);
            }
            verbs.push(operation.verb);
        }
    }
    if verbs.is_empty() {
        Found::Nothing
    } else {
        Found::Verbs(verbs)
    }
}

/// The value of `Allow` (RFC 9110 section 10.2.1).
pub fn allow(verbs: &[Verb]) -> String {
    let mut names = Vec::new();
    for verb in verbs {
        names.push(verb.name());
        if *verb == Verb::Get {
            names.push("HEAD");
        }
    }
    names.push("OPTIONS");
    names.join(", ")
}

fn names<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut names = Vec::new();
    let mut parts = path.split('/');
    for wanted in template.split('/') {
        let part = parts.next()?;
        if wanted.starts_with('{') {
            if part.is_empty() {
                return None;
            }
            names.push(part);
        } else if wanted != part {
            return None;
        }
    }
    parts.next().is_none().then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Call;

    fn found(verb: &str, path: &str) -> Option<(Call, Vec<String>)> {
        match find(verb, path) {
            Found::Operation(operation, names) => Some((
                operation.call,
                names.into_iter().map(str::to_owned).collect(),
            )),
            Found::Verbs(_) | Found::Nothing => None,
        }
    }

    #[test]
    fn a_path_leads_to_its_operation_with_the_names_in_it() {
        assert_eq!(found("GET", "/me"), Some((Call::ShowMe, vec![])));
        assert_eq!(found("HEAD", "/me"), Some((Call::ShowMe, vec![])));
        let one = vec!["a-b".to_owned()];
        assert_eq!(
            found("DELETE", "/me/api-keys/a-b"),
            Some((Call::RevokeKey, one.clone()))
        );
        assert_eq!(
            found("POST", "/me/api-keys/a-b/rotate"),
            Some((Call::RotateKey, one))
        );
    }

    #[test]
    fn nothing_else_leads_anywhere() {
        for path in [
            "",
            "/",
            "/me/",
            "//me",
            "/Me",
            "/me/api-keys/",
            "/me/api-keys//rotate",
            "/me/api-keys/a/b",
            "/users/a/roles/b",
            "me",
        ] {
            assert!(matches!(find("GET", path), Found::Nothing), "{path}");
        }
    }

    /// RFC 9110 section 15.5.6.
    #[test]
    fn another_verb_is_told_which_there_are() {
        let Found::Verbs(verbs) = find("PATCH", "/me/api-keys") else {
            panic!("found");
        };
        assert_eq!(allow(&verbs), "GET, HEAD, POST, OPTIONS");
        assert!(matches!(find("get", "/me"), Found::Verbs(_)));
    }
}
