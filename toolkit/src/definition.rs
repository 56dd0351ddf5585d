//! What a tool is: its name, its arguments, and what it needs.

use mcp::tool::{StateContract, TaskContract};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::needs::Needs;
use crate::schema;

/// A tool, as clients see it and as the house treats it.
#[derive(Debug, Clone)]
pub struct Tool {
    shown: rmcp::model::Tool,
    annotations: ToolAnnotations,
    needs: Needs,
}

impl Tool {
    /// A tool with arguments of type `A`, whose schema clients are shown. The
    /// attribute `#[schemars(extend("x-mcp-header" = "Region"))]` on a field
    /// has stateless clients repeat it in the header `Mcp-Param-Region`.
    pub fn new<A: JsonSchema>(name: &'static str, description: &'static str) -> Self {
        Self::with_schema(name, description, schema::of_arguments::<A>())
    }

    /// A tool whose schema no Rust type expresses.
    pub fn with_schema(
        name: &'static str,
        description: &'static str,
        schema: Map<String, Value>,
    ) -> Self {
        Self {
            shown: rmcp::model::Tool::new(name, description, schema),
            annotations: ToolAnnotations::new(),
            needs: Needs::default(),
        }
    }

    /// A name for people.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.shown = self.shown.with_title(title);
        self
    }

    /// The type of what [`crate::Reply::structured`] gives.
    #[must_use]
    pub fn output<O: JsonSchema>(mut self) -> Self {
        self.shown = self
            .shown
            .with_raw_output_schema(std::sync::Arc::new(schema::of::<O>()));
        self
    }

    /// The tool changes nothing.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.annotations = self.annotations.read_only(true);
        self
    }

    /// The tool changes things, but only by adding to them.
    #[must_use]
    pub fn additive(mut self) -> Self {
        self.annotations = self.annotations.read_only(false).destructive(false);
        self
    }

    /// Calling the tool again with the same arguments changes nothing more.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.annotations = self.annotations.idempotent(true);
        self
    }

    /// The tool touches nothing outside of this server.
    #[must_use]
    pub fn closed_world(mut self) -> Self {
        self.annotations = self.annotations.open_world(false);
        self
    }

    /// The tool has a state, shared with the tools of the same family: that of
    /// the handle in this argument, or else of the session.
    #[must_use]
    pub fn state(mut self, family: &str, argument: &str) -> Self {
        self.needs.contract.state = Some(StateContract {
            family: family.to_owned(),
            argument: Some(argument.to_owned()),
            mints: false,
        });
        self
    }

    /// The tool mints a new handle to a state of this family.
    #[must_use]
    pub fn mints(mut self, family: &str) -> Self {
        self.needs.contract.state = Some(StateContract {
            family: family.to_owned(),
            argument: None,
            mints: true,
        });
        self
    }

    /// The tool wants to know who calls.
    #[must_use]
    pub fn wants_principal(mut self) -> Self {
        self.needs.contract.principal = true;
        self
    }

    /// Whoever calls the tool needs this permission, such as `notes:read`: its user has to
    /// have allowed it to the app, and a role of theirs has to let them. See also
    /// [`crate::Server::permission`].
    ///
    /// A name has 1 to 40 ASCII letters, digits and `:._/-`; with one that has not,
    /// or with `mcp` or `offline_access`, this is left out of the list, and the log
    /// says so.
    #[must_use]
    pub fn permission(mut self, name: &'static str) -> Self {
        self.needs.permission = Some(name);
        self
    }

    /// A call takes so many units of the user's quota, from 1 to 1,000; without this,
    /// one. With another number the tool is left out of the list, and the log says so.
    #[must_use]
    pub fn weight(mut self, units: u32) -> Self {
        self.needs.weight = Some(units);
        self
    }

    /// Calls meet the limits of this family of tools, such as `images`, where the
    /// user's policy has some for it, and those of all other tools otherwise.
    ///
    /// A name has 1 to 32 of a-z, 0-9, `-` and `_`; with another the tool is left out
    /// of the list, and the log says so.
    #[must_use]
    pub fn quota_family(mut self, name: &'static str) -> Self {
        self.needs.quota_family = Some(name);
        self
    }

    /// Calls are tasks for clients that know tasks; for others, they are
    /// ordinary calls.
    #[must_use]
    pub fn task(mut self) -> Self {
        self.needs.contract.task = Some(TaskContract::Optional);
        self
    }

    /// Calls are always tasks; clients that do not know tasks cannot call it.
    #[must_use]
    pub fn task_only(mut self) -> Self {
        self.needs.contract.task = Some(TaskContract::Required);
        self
    }

    /// A call becomes a task when the tool gives [`crate::Reply::go_on_as_task`],
    /// for example after a question.
    #[must_use]
    pub fn task_later(mut self) -> Self {
        self.needs.contract.task = Some(TaskContract::Later);
        self
    }

    /// Records of its calls show these arguments, up to 16, each as far as it is short.
    /// Of all others there is only a digest. Admins see them, for as long as the audit
    /// is kept: name none that may hold a secret.
    #[must_use]
    pub fn shows(mut self, arguments: &[&str]) -> Self {
        let names = arguments.iter().map(|name| (*name).to_owned());
        self.needs.contract.shows = names.collect();
        self
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.shown.name
    }

    /// Its entry in `tools/list`.
    pub(crate) fn listed(&self) -> Value {
        let tool = self
            .shown
            .clone()
            .with_annotations(self.annotations.clone());
        self.needs.told(json!(tool))
    }
}
