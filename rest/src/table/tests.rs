use std::collections::BTreeSet;

use serde_json::Value;

use super::operations;
use crate::openapi::{Deployment, document};
use crate::operation::{ACCOUNT_READ, Needs};
use crate::route::{self, Found};

fn described() -> Value {
    document(Deployment {
        origin: "https://mcp.example",
        cookie: "session",
        version: "0.0.0",
    })
}

#[test]
fn every_operation_is_in_the_document_and_nothing_else_is() {
    let document = described();
    let paths = document["paths"].as_object().unwrap();
    let mut found = 0;
    for operation in operations() {
        let verb = operation.verb.name().to_ascii_lowercase();
        let at = &paths[operation.path][verb.as_str()];
        assert_eq!(at["operationId"], operation.id);
        assert!(at["responses"][operation.status.to_string()].is_object());
        found += 1;
    }
    let described: usize = paths
        .values()
        .map(|path| path.as_object().unwrap().len())
        .sum();
    assert_eq!(described, found);
}

#[test]
fn every_operation_is_found_by_its_own_path() {
    for operation in operations() {
        let path = operation.path.replace('{', "x").replace('}', "");
        let Found::Operation(at, names) = route::find(operation.verb.name(), &path) else {
            panic!("{path} leads nowhere");
        };
        assert_eq!(at.call, operation.call);
        assert_eq!(names.len(), operation.path.matches('{').count());
    }
}

#[test]
fn no_two_operations_have_one_name_or_do_the_same() {
    let names: BTreeSet<_> = operations().map(|operation| operation.id).collect();
    assert_eq!(names.len(), operations().count());
    for (at, operation) in operations().enumerate() {
        let mut rest = operations().skip(at + 1);
        assert!(rest.all(|other| other.call != operation.call));
        assert!(!operation.summary.is_empty() && !operation.about.is_empty());
    }
}

/// Whoever forgets to say what an operation needs has one that anybody who is known
/// may use: so those are named here.
#[test]
fn only_these_need_no_permission() {
    let open = |needs| {
        let all = operations().filter(|operation| operation.needs == needs);
        all.map(|operation| operation.id).collect::<Vec<_>>()
    };
    assert_eq!(open(Needs::Nothing), ["getDocument", "getProblem"]);
    assert_eq!(open(Needs::Caller), ["getMe"]);
    for operation in operations() {
        let admins = !operation.path.starts_with("/me");
        let of_admins = match operation.needs {
            Needs::Permission(name) => name.starts_with("admin:"),
            Needs::Nothing | Needs::Caller => false,
        };
        let open = operation.needs == Needs::Nothing;
        assert_eq!(admins, of_admins || open, "{}", operation.id);
        if !operation.verb.is_safe() {
            assert_ne!(operation.needs, Needs::Permission(ACCOUNT_READ));
        }
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if let ("$ref", Value::String(place)) = (name.as_str(), member) {
                        found.insert(place.clone());
                    }
                    references(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = described();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.contains("#/components/schemas/Problem"), "{found:?}");
    for place in found {
        let pointer = place.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{place}");
    }
}
