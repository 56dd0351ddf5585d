//! The variables and secrets of the deployment.

use worker::Env;

/// A variable or secret that may be missing; an empty one counts as missing.
pub fn optional(env: &Env, variable: &str) -> Option<String> {
    let value = env.var(variable).map(|value| value.to_string()).ok()?;
    (!value.trim().is_empty()).then_some(value)
}
