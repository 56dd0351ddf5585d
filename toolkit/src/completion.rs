//! Completion of arguments while the user types.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most values of one completion (M-COMP-01).
const VALUES_MAX: usize = 100;

/// What the user has typed so far.
#[derive(Debug, Clone)]
pub struct Completing {
    /// The value so far.
    pub value: String,
    /// The other arguments that are filled in already, by name.
    pub filled_in: BTreeMap<String, String>,
}

type Run = Rc<dyn Fn(Completing) -> LocalBoxFuture<'static, Vec<String>>>;

/// The functions that complete arguments, by the argument's name.
#[derive(Clone, Default)]
pub(crate) struct Completions(BTreeMap<&'static str, Run>);

impl std::fmt::Debug for Completions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    value: String,
}

#[derive(Default, Deserialize)]
struct Context {
    #[serde(default)]
    arguments: BTreeMap<String, String>,
}

impl Completions {
    pub(crate) fn add<F, R>(&mut self, argument: &'static str, function: F)
    where
        F: Fn(Completing) -> R + 'static,
        R: Future<Output = Vec<String>> + 'static,
    {
        let run: Run = Rc::new(move |typed| function(typed).boxed_local());
        self.0.insert(argument, run);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The `completion` of the result; empty for an argument without a
    /// function. The error is for the client.
    pub(crate) async fn complete(
        &self,
        argument: Option<&str>,
        context: Option<&str>,
    ) -> Result<Value, String> {
        let argument: Argument = serde_json::from_str(argument.unwrap_or("null"))
            .map_err(|error| format!("`argument` cannot be read: {error}"))?;
        let context: Context = context
            .map_or_else(|| Ok(Context::default()), serde_json::from_str)
            .map_err(|error| format!("`context` cannot be read: {error}"))?;
        let mut values = match self.0.get(argument.name.as_str()) {
            None => Vec::new(),
            Some(run) => {
                run(Completing {
                    value: argument.value,
                    filled_in: context.arguments,
                })
                .await
            }
        };
        let total = values.len();
        values.truncate(VALUES_MAX);
        Ok(json!({ "values": values, "total": total, "hasMore": total > VALUES_MAX }))
    }
}
