//! What the Workers of the server have to say alike: a variable that two of them have,
//! and the tool Workers that they reach.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use toml::Value;

use crate::worker::Worker;

/// What lists the service bindings of the tool Workers, and what is linked.
const TOOL_WORKERS: &str = "TOOL_WORKERS";
/// What a name of linked tools begins with: they have no binding.
const LINKED: &str = "linked:";

/// Refuses a front Worker, or one behind it, that says something else than another.
pub(crate) fn check(front: &Worker) -> Result<()> {
    let mut workers = front.companions()?;
    workers.retain(Worker::is_of_server);
    workers.insert(0, front.clone());
    let mut said: BTreeMap<&str, (&Value, &Worker)> = BTreeMap::new();
    for worker in &workers {
        let vars = worker.table.get("vars").and_then(Value::as_table);
        for (name, value) in vars.into_iter().flatten() {
            let (other, of) = *said.entry(name).or_insert((value, worker));
            if other != value {
                bail!(
                    "{name} is {other} in {} and {value} in {}: they have to agree",
                    of.config.display(),
                    worker.config.display()
                );
            }
        }
        reaches_its_tools(worker)?;
    }
    Ok(())
}

fn reaches_its_tools(worker: &Worker) -> Result<()> {
    let named = worker
        .table
        .get("vars")
        .and_then(|vars| vars.get(TOOL_WORKERS));
    let named = named.and_then(Value::as_str).unwrap_or_default();
    for binding in named
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.starts_with(LINKED))
    {
        let bound = worker
            .entries("services")
            .any(|entry| entry.get("binding").and_then(Value::as_str) == Some(binding));
        if !bound {
            bail!(
                "{} names {binding} in {TOOL_WORKERS} and has no entry of [[services]] for it",
                worker.config.display()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::root;

    fn front() -> Worker {
        Worker::read(&root().join("wrangler.toml")).expect("it is there")
    }

    #[test]
    fn the_workers_of_this_repository_agree() {
        check(&front()).expect("they agree");
        let faulty = root().join("tests/faulty/front/wrangler.toml");
        check(&Worker::read(&faulty).expect("it is there")).expect("they agree");
    }

    #[test]
    fn a_variable_that_says_two_things_is_refused_and_named() {
        let mut front = front();
        let vars = front.table.get_mut("vars").and_then(Value::as_table_mut);
        let other = Value::String("https://elsewhere.example".to_owned());
        vars.expect("there are some")
            .insert("PUBLIC_ORIGIN".to_owned(), other);
        let error = check(&front).expect_err("they differ").to_string();
        assert!(error.starts_with("PUBLIC_ORIGIN is"), "{error}");
    }

    #[test]
    fn a_tool_worker_without_its_binding_is_refused() {
        let faulty = root().join("tests/faulty/front/wrangler.toml");
        let mut front = Worker::read(&faulty).expect("it is there");
        front.table.remove("services");
        // The portal is not reached either, so only this one is looked at.
        let error = check(&front).expect_err("it reaches none").to_string();
        assert!(error.contains("no entry of [[services]]"), "{error}");
    }
}
