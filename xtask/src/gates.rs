//! The gates of the portal: how far the platform counts stands in
//! `[[ratelimits]]`, and once more in a variable, from which the Worker tells it to
//! who is refused. The two have to say the same.

use anyhow::{Result, bail};
use toml::{Table, Value};

use crate::worker::Worker;

/// The bindings, which are `quota`'s: a deployment without one of them is refused
/// before it is uploaded, and not by the Worker afterwards.
const BINDINGS: [&str; 5] = [
    "LOGIN_GATE",
    "REGISTRATION_GATE",
    "TOKEN_GATE",
    "DOCUMENT_GATE",
    "API_GATE",
];
/// The span over which is counted, in seconds: `quota::GATE_WINDOW`.
const PERIOD_S: i64 = 60;

/// The variables, with one value for all.
pub(crate) fn vars(value: &str) -> impl Iterator<Item = (String, String)> {
    BINDINGS
        .map(|binding| (variable(binding), value.to_owned()))
        .into_iter()
}

/// Makes the bindings say what the variables say, which may have been set by hand.
pub(crate) fn bring_in_line(table: &mut Table) {
    let said = BINDINGS.map(|binding| (binding, limit(table, binding)));
    let entries = table.get_mut("ratelimits").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten() {
        let name = entry.get("name").and_then(Value::as_str);
        let limit = said.iter().find(|(binding, _)| name == Some(binding));
        let limit = limit.and_then(|(_, limit)| *limit);
        let simple = entry.get_mut("simple").and_then(Value::as_table_mut);
        if let (Some(limit), Some(simple)) = (limit, simple) {
            simple.insert("limit".to_owned(), Value::Integer(limit));
        }
    }
}

/// Refuses a portal with a gate that would stand open unnoticed, or tell
/// another limit than it has.
pub(crate) fn check(worker: &Worker) -> Result<()> {
    if !worker.is_portal() {
        return Ok(());
    }
    for binding in BINDINGS {
        let (variable, config) = (variable(binding), worker.config.display());
        let Some(said) = said(&worker.table, binding) else {
            bail!("{config} has no {variable} under [vars]: see docs/configuration.md");
        };
        if said.trim() == "off" {
            continue;
        }
        let entry = worker
            .entries("ratelimits")
            .find(|entry| entry.get("name").and_then(Value::as_str) == Some(binding));
        let simple = entry.and_then(|entry| entry.get("simple"));
        let number = |key| simple?.get(key)?.as_integer();
        if number("limit") != limit(&worker.table, binding) || number("period") != Some(PERIOD_S) {
            bail!(
                "{config}: as {variable} is \"{said}\", there has to be an entry of [[ratelimits]] with name = \"{binding}\" and simple = {{ limit = {said}, period = {PERIOD_S} }}"
            );
        }
    }
    Ok(())
}

fn variable(binding: &str) -> String {
    format!("{binding}_PER_MINUTE")
}

fn said<'a>(table: &'a Table, binding: &str) -> Option<&'a str> {
    table.get("vars")?.get(variable(binding))?.as_str()
}

fn limit(table: &Table, binding: &str) -> Option<i64> {
    said(table, binding)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::root;

    fn ours() -> Worker {
        Worker::read(&root().join("portal/wrangler.toml")).expect("it is there")
    }

    fn set(worker: &mut Worker, binding: &str, value: &str) {
        let vars = worker.table.get_mut("vars").and_then(Value::as_table_mut);
        let vars = vars.expect("there are variables");
        vars.insert(variable(binding), Value::String(value.to_owned()));
    }

    #[test]
    fn each_portal_of_this_repository_tells_the_limits_that_it_has() {
        for config in ["portal/wrangler.toml", "tests/faulty/portal/wrangler.toml"] {
            let worker = Worker::read(&root().join(config)).expect("it is there");
            assert!(worker.is_portal(), "{config}");
            check(&worker).expect(config);
        }
    }

    #[test]
    fn a_gate_that_is_missing_or_tells_something_else_is_refused() {
        for binding in BINDINGS {
            let mut other = ours();
            set(&mut other, binding, "7");
            let refused = check(&other).expect_err("another limit").to_string();
            assert!(refused.contains(binding), "{refused}");

            let mut older = ours();
            older.table.remove("ratelimits");
            let refused = check(&older).expect_err("no binding").to_string();
            assert!(refused.contains("[[ratelimits]]"), "{refused}");
            older.table.remove("vars");
            let refused = check(&older).expect_err("no variable").to_string();
            assert!(refused.contains("LOGIN_GATE_PER_MINUTE"), "{refused}");
        }
    }

    #[test]
    fn a_gate_that_is_off_needs_no_binding() {
        let mut worker = ours();
        worker.table.remove("ratelimits");
        for binding in BINDINGS {
            set(&mut worker, binding, "off");
        }
        check(&worker).expect("all are off");
    }

    #[test]
    fn a_limit_that_was_set_by_hand_is_the_binding_s_too() {
        let mut worker = ours();
        set(&mut worker, "LOGIN_GATE", "7");
        set(&mut worker, "TOKEN_GATE", "off");
        let before = worker.clone();
        bring_in_line(&mut worker.table);
        check(&worker).expect("they say the same");
        for (old, new) in before
            .entries("ratelimits")
            .zip(worker.entries("ratelimits"))
        {
            let changed = old != new;
            let name = new.get("name").and_then(Value::as_str);
            assert_eq!(changed, name == Some("LOGIN_GATE"), "{name:?}");
        }
    }
}
