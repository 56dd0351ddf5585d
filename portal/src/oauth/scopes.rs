//! The scopes there are: the baseline, the permissions of the tool Workers, and our own.

use mcp::permission::{PERMISSION_CHARS_MAX, PERMISSIONS_MAX};
use mcp::tool::Catalog;
use mcp::upstream::PERMISSION_PREFIX;
use oauth::scope::{Existing, SCOPE_CHARS_MAX, SCOPES_MAX, Scope, Scopes};
use web::{ScopeView, Shown};

use crate::app::App;
use crate::permissions;

/// What the baseline allows, in words.
const BASELINE_WORDS: &str = "Use the tools of this server on your behalf";

// The pure crates do not know each other.
const _: () = assert!(PERMISSION_CHARS_MAX == SCOPE_CHARS_MAX);
const _: () = assert!(PERMISSIONS_MAX + permissions::OWN.len() <= SCOPES_MAX);

/// Those that the Workers tell, which are shown to everybody.
pub(crate) fn of_tools(catalog: &Catalog) -> Scopes {
    let names = catalog.permissions();
    Scopes::of(names.filter_map(|(name, _)| Scope::parse(name.as_str())))
}

/// Those, and our own: all that can be granted.
pub(crate) fn existing(catalog: &Catalog) -> Existing {
    let of_tools = of_tools(catalog);
    let of_tools = of_tools.beyond_baseline().cloned();
    Existing {
        scopes: Scopes::of(permissions::grantable().chain(of_tools)),
        misses_some: catalog.misses_any(),
    }
}

/// Scopes in words: ours for our own and for what acts at a login provider, whatever a
/// Worker calls it; else the Worker's, or where it has none, their names.
pub(crate) fn views(app: &App, scopes: &Scopes, catalog: &Catalog) -> Vec<ScopeView> {
    let baseline = ScopeView {
        name: Shown::name(oauth::scope::BASELINE),
        words: Some(Shown::prose(BASELINE_WORDS)),
        field: None,
    };
    let beyond = scopes.beyond_baseline().map(|scope| ScopeView {
        name: Shown::name(scope.as_str()),
        words: permissions::words(scope.as_str())
            .or(upstream_words(app, scope).as_deref())
            .or_else(|| catalog.words_for(scope.as_str()))
            .map(Shown::prose),
        field: Some(field(scope)),
    });
    [baseline].into_iter().chain(beyond).collect()
}

/// What a scope that acts at a login provider allows, if it is one.
fn upstream_words(app: &App, scope: &Scope) -> Option<String> {
    let id = scope.as_str().strip_prefix(PERMISSION_PREFIX)?;
    let label = app.config.provider(id)?.provider.label.as_str();
    Some(format!(
        "Let tools of this server act in your name at {label}, as far as you allowed there"
    ))
}

/// The field of a form by which a scope is ticked: one for each, as a
/// parameter that is sent twice counts for nothing.
pub(crate) fn field(scope: &Scope) -> String {
    format!("scope {}", scope.as_str())
}

#[cfg(test)]
mod tests {
    /// The pure crates do not know each other.
    #[test]
    fn tools_and_authorization_call_the_permission_the_same() {
        assert_eq!(
            mcp::upstream::PERMISSION_PREFIX,
            oauth::vault::PERMISSION_PREFIX
        );
    }
}
