//! The root secrets by their numbers, as `platform/src/keys.rs` reads them, and
//! which other secrets a configuration wants.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::worker::Worker;

/// The first root secret; later ones have a number behind it.
pub(crate) const ROOT_SECRET: &str = "SESSILE_SECRET";
/// Most root secrets that the Worker reads.
pub(super) const ROOTS_MAX: usize = 4;

/// The number of a root secret by its name; `None` for other names.
pub(super) fn number(name: &str) -> Option<u32> {
    match name.strip_prefix(ROOT_SECRET)? {
        "" => Some(1),
        rest => rest.strip_prefix('_')?.parse().ok(),
    }
}

/// The name of the root secret of that number.
pub(super) fn name(number: u32) -> String {
    match number {
        1 => ROOT_SECRET.to_owned(),
        number => format!("{ROOT_SECRET}_{number}"),
    }
}

/// The numbers of all root secrets, the oldest first.
pub(super) fn numbers(names: &[String]) -> Vec<u32> {
    let mut numbers: Vec<u32> = names.iter().filter_map(|name| number(name)).collect();
    numbers.sort_unstable();
    numbers
}

/// The client secrets at the providers: name, whether the Worker needs it, and
/// the provider's id. `docs/configuration.md` has the rules.
pub(super) fn of_providers(worker: &Worker) -> Result<Vec<(String, bool, String)>> {
    #[derive(Deserialize)]
    struct Provider {
        kind: String,
        id: Option<String>,
    }
    let text = worker
        .table
        .get("vars")
        .and_then(|vars| vars.get("PROVIDERS"))
        .and_then(toml::Value::as_str);
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let providers: Vec<Provider> = serde_json::from_str(text)
        .with_context(|| format!("reading PROVIDERS of {}", worker.config.display()))?;
    Ok(providers
        .into_iter()
        .filter(|provider| provider.kind != "dev")
        .map(|provider| {
            let needed = provider.kind != "oidc";
            let id = provider.id.unwrap_or(provider.kind);
            (
                format!("{}_CLIENT_SECRET", id.to_ascii_uppercase()),
                needed,
                id,
            )
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_belong_together_and_other_names_have_none() {
        for number_of in [1, 2, 17] {
            assert_eq!(number(&name(number_of)), Some(number_of));
        }
        for other in [
            "SESSILE",
            "SESSILE_SECRETS",
            "SESSILE_SECRET_X",
            "ADMIN_TOKEN",
        ] {
            assert_eq!(number(other), None, "{other}");
        }
        let names = ["SESSILE_SECRET_10", "SESSILE_SECRET_9", "X"].map(str::to_owned);
        assert_eq!(numbers(&names), [9, 10]);
    }

    #[test]
    fn the_secrets_of_providers_are_those_of_the_configuration() {
        let table = "[vars]\nPROVIDERS = '[{\"kind\":\"dev\"},{\"kind\":\"github\"},{\"kind\":\"oidc\",\"id\":\"acme\"}]'"
            .parse()
            .expect("this is TOML");
        let worker = Worker {
            config: "wrangler.toml".into(),
            table,
        };
        let wanted = of_providers(&worker).expect("it can be read");
        let wanted: Vec<(&str, bool)> = wanted
            .iter()
            .map(|(name, needed, _)| (name.as_str(), *needed))
            .collect();
        assert_eq!(
            wanted,
            [
                ("GITHUB_CLIENT_SECRET", true),
                ("ACME_CLIENT_SECRET", false)
            ]
        );
    }
}
