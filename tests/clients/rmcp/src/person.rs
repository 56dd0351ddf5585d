//! The client's side: what it can be asked, how it answers, and what it hears.

#![expect(
    deprecated,
    reason = "sampling, roots and logging are deprecated and served"
)]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult,
        ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationCapability,
        Implementation, ListRootsResult, LoggingMessageNotificationParam,
        ProgressNotificationParam, ResourceUpdatedNotificationParam, Root, RootsCapabilities,
        SamplingCapability, SamplingMessage,
    },
    service::{NotificationContext, RequestContext},
};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Longest wait for something that the server tells.
const HEAR_MAX: Duration = Duration::from_secs(10);

/// What was heard and not asked after yet, as words, and the questions.
#[derive(Debug, Default)]
pub(crate) struct Ears {
    heard: Mutex<Vec<String>>,
    news: Notify,
}

impl Ears {
    fn heard(&self) -> MutexGuard<'_, Vec<String>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, words: String) {
        self.heard().push(words);
        self.news.notify_waiters();
    }

    /// Waits until it hears this, and forgets it. The library hands each
    /// notification to a task of its own: they come in any order, and may come
    /// after the result.
    pub(crate) async fn hear(&self, words: &str) -> Result<()> {
        let heard = async {
            loop {
                let news = self.news.notified();
                if self.take(words) {
                    break;
                }
                news.await;
            }
        };
        let waited = tokio::time::timeout(HEAR_MAX, heard).await;
        waited.with_context(|| format!("never heard {words:?}, but {:?}", self.heard()))
    }

    fn take(&self, words: &str) -> bool {
        let mut heard = self.heard();
        let place = heard.iter().position(|one| one == words);
        place.map(|place| heard.remove(place)).is_some()
    }

    /// Nothing that begins like this was heard.
    pub(crate) fn is_silent_of(&self, beginning: &str) -> Result<()> {
        match self.heard().iter().find(|one| one.starts_with(beginning)) {
            Some(one) => Err(anyhow!("heard {one:?}")),
            None => Ok(()),
        }
    }
}

/// It accepts questions unless told otherwise, with the same word in each field.
#[derive(Debug, Default)]
pub(crate) struct Person {
    pub(crate) ears: Arc<Ears>,
    pub(crate) answers: Arc<Mutex<Option<ElicitationAction>>>,
}

impl ClientHandler for Person {
    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams {
            requested_schema,
            message,
            ..
        } = request
        else {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        };
        self.ears.note(format!("asked {message}"));
        let answer = self.answers.lock().map_or(None, |answer| answer.clone());
        if let Some(action) = answer {
            return Ok(ElicitResult::new(action));
        }
        let schema = serde_json::to_value(requested_schema).unwrap_or_default();
        let fields = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let content: Value = fields
            .into_iter()
            .map(|(name, _)| (name, json!("vermilion")))
            .collect();
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(content))
    }

    async fn create_message(
        &self,
        params: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let asked = serde_json::to_value(&params.messages).unwrap_or_default();
        let words = format!("You said: {asked}");
        let message = SamplingMessage::assistant_text(words);
        Ok(CreateMessageResult::new(message, "a test".to_owned()))
    }

    async fn list_roots(
        &self,
        _: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        let roots = ["file:///one", "file:///two"].map(Root::new);
        Ok(ListRootsResult::new(roots.to_vec()))
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.ears.note(format!("progress {}", params.progress));
    }

    async fn on_logging_message(
        &self,
        params: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let words = params.data.as_str().unwrap_or_default();
        self.ears.note(format!("log {:?} {words}", params.level));
    }

    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.ears.note(format!("updated {}", params.uri));
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.ears.note("tools changed".to_owned());
    }

    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::default());
        capabilities.sampling = Some(SamplingCapability::default());
        capabilities.roots = Some(RootsCapabilities::default());
        ClientConfig::new(
            capabilities,
            Implementation::new("sessile-rmcp-client", "1"),
        )
    }
}
