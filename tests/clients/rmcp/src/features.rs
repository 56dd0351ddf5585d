//! Every feature, at a server that has them all and logs nobody in.

#![expect(
    deprecated,
    reason = "logging and subscribing to resources are deprecated and served"
)]

use anyhow::{Context, Result, anyhow, ensure};
use rmcp::{
    RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResult, ElicitationAction, ErrorCode,
        GetPromptRequestParams, LoggingLevel, ReadResourceRequestParams, RequestMetaObject,
        ServerNotification, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    },
    service::{ClientLifecycleMode, ClientServiceExt, RunningService},
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};

use crate::person::Person;
use crate::report::Report;

const WATCHED: &str = "test://watched-resource";

/// A connected client.
struct Visitor {
    client: RunningService<RoleClient, Person>,
    /// Whether its server remembers it.
    has_session: bool,
}

/// Connects in this manner, uses all there is, and says for each feature how it went.
pub(crate) async fn visit(base: &str, mode: ClientLifecycleMode, report: &mut Report) {
    let transport = StreamableHttpClientTransport::with_client(
        reqwest::Client::default(),
        StreamableHttpClientTransportConfig::with_uri(format!("{base}/mcp")),
    );
    let connected = async {
        let client = Person::default()
            .serve_with_lifecycle(transport, mode)
            .await
            .context("connecting")?;
        let peer = client.peer_info().context("an unknown peer")?;
        let has_session = peer.protocol_version.has_initialize();
        Ok(Visitor {
            client,
            has_session,
        })
    };
    let Some(visitor) = report.check("connects", connected).await else {
        return;
    };
    report.check("told", visitor.told()).await;
    report.check("lists", visitor.lists()).await;
    report.check("contents", visitor.contents()).await;
    report
        .check("header_argument", visitor.header_argument())
        .await;
    report.check("prompts", visitor.prompts()).await;
    report.check("resources", visitor.resources()).await;
    report.check("completion", visitor.completion()).await;
    report.check("questions", visitor.questions()).await;
    report.check("rounds", visitor.rounds()).await;
    report
        .check("model_and_roots", visitor.model_and_roots())
        .await;
    report.check("progress", visitor.progress()).await;
    report.check("logs", visitor.logs()).await;
    report.check("let_go", visitor.let_go()).await;
    report.check("changes", visitor.changes()).await;
    report.check("cancel", visitor.cancel()).await;
    let closed = async { visitor.client.cancel().await.context("closing") };
    report.check("closes", closed).await;
}

impl Visitor {
    async fn call(&self, tool: &'static str, arguments: Value) -> Result<CallToolResult> {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let called = self.client.call_tool(params).await;
        called.with_context(|| format!("calling {tool}"))
    }

    async fn words(&self, tool: &'static str, arguments: Value) -> Result<String> {
        let result = self.call(tool, arguments).await?;
        ensure!(result.is_error != Some(true), "{tool} failed: {result:?}");
        words(&result).with_context(|| format!("{tool} answered no text"))
    }

    async fn told(&self) -> Result<()> {
        let peer = self.client.peer_info().context("an unknown peer")?;
        let told = serde_json::to_value(&peer.capabilities)?;
        for feature in ["tools", "prompts", "resources", "completions", "logging"] {
            ensure!(told[feature].is_object(), "no {feature} in {told}");
        }
        ensure!(told["resources"]["subscribe"] == true, "{told}");
        Ok(())
    }

    async fn lists(&self) -> Result<()> {
        let peer = self.client.peer();
        let tools = peer.list_all_tools().await.context("tools")?;
        ensure!(tools.iter().any(|tool| tool.name == "test_simple_text"));
        let prompts = peer.list_all_prompts().await.context("prompts")?;
        ensure!(prompts.len() == 5, "{prompts:?}");
        let resources = peer.list_all_resources().await.context("resources")?;
        ensure!(resources.iter().any(|resource| resource.uri == WATCHED));
        let templates = peer.list_all_resource_templates().await;
        let templates = templates.context("templates")?;
        let template = templates.first().context("no template")?;
        ensure!(template.uri_template == "test://template/{id}/data");
        Ok(())
    }

    async fn contents(&self) -> Result<()> {
        for (tool, expected) in [
            ("test_simple_text", vec!["text"]),
            ("test_image_content", vec!["image"]),
            ("test_audio_content", vec!["audio"]),
            ("test_embedded_resource", vec!["resource"]),
            (
                "test_multiple_content_types",
                vec!["text", "image", "resource"],
            ),
        ] {
            let result = serde_json::to_value(self.call(tool, json!({})).await?)?;
            let blocks = result["content"].as_array().context("no content")?;
            let kinds: Vec<_> = blocks.iter().map(|block| &block["type"]).collect();
            ensure!(kinds == expected, "{tool}: {kinds:?}");
        }
        let failed = self.call("test_error_handling", json!({})).await?;
        ensure!(failed.is_error == Some(true), "{failed:?}");
        Ok(())
    }

    async fn header_argument(&self) -> Result<()> {
        for region in ["eu-west", " Zürich "] {
            let said = self.words("test_x_mcp_header", json!({ "region": region }));
            let said = said.await?;
            ensure!(said == format!("Region: {region}"), "{said}");
        }
        Ok(())
    }

    async fn prompts(&self) -> Result<()> {
        let get = |name: &str, arguments: Value| {
            let arguments = arguments.as_object().cloned().unwrap_or_default();
            let params = GetPromptRequestParams::new(name).with_arguments(arguments);
            self.client.get_prompt(params)
        };
        let both = json!({ "arg1": "one", "arg2": "two" });
        let prompt = get("test_prompt_with_arguments", both).await?;
        let said = serde_json::to_value(&prompt.messages)?;
        let expected = "Prompt with arguments: arg1='one', arg2='two'";
        ensure!(said[0]["content"]["text"] == expected, "{said}");

        let asking = get("test_input_required_result_prompt", json!({})).await?;
        let said = serde_json::to_value(&asking.messages)?;
        ensure!(
            said[0]["content"]["text"] == "Use this context: vermilion",
            "{said}"
        );
        let ears = &self.client.service().ears;
        ears.hear("asked What is it about?").await?;

        let half = get("test_prompt_with_arguments", json!({ "arg1": "one" })).await;
        refused_with(half, -32602)
    }

    async fn resources(&self) -> Result<()> {
        let read = |uri: &str| {
            self.client
                .read_resource(ReadResourceRequestParams::new(uri))
        };
        for (uri, member, expected) in [
            (
                "test://static-text",
                "text",
                "This is the content of the static text resource.",
            ),
            ("test://static-binary", "mimeType", "image/png"),
            (
                "test://template/42/data",
                "text",
                r#"{"data":"Data for ID: 42","id":"42","templateTest":true}"#,
            ),
        ] {
            let contents = serde_json::to_value(read(uri).await?.contents)?;
            ensure!(contents[0][member] == expected, "{contents}");
        }
        let code = if self.has_session { -32002 } else { -32602 };
        refused_with(read("test://nowhere").await, code)
    }

    async fn completion(&self) -> Result<()> {
        let peer = self.client.peer();
        for (typed, expected) in [
            ("par", vec!["paris", "park", "party"]),
            ("part", vec!["party"]),
            ("x", vec![]),
        ] {
            let values = peer
                .complete_prompt_simple("test_prompt_with_arguments", "arg1", typed)
                .await?;
            ensure!(values == expected, "{values:?} for {typed}");
        }
        Ok(())
    }

    fn answer_with(&self, action: Option<ElicitationAction>) -> Result<()> {
        let person = self.client.service();
        let mut answers = person.answers.lock().map_err(|_| anyhow!("poisoned"))?;
        *answers = action;
        Ok(())
    }

    async fn questions(&self) -> Result<()> {
        let filled = r#"{"email":"vermilion","username":"vermilion"}"#;
        for (action, name, content) in [
            (None, "accept", filled),
            (Some(ElicitationAction::Decline), "decline", "{}"),
            (Some(ElicitationAction::Cancel), "cancel", "{}"),
        ] {
            self.answer_with(action)?;
            let message = json!({ "message": "Who are you?" });
            let said = self.words("test_elicitation", message).await?;
            let expected = format!("User response: action={name}, content={content}");
            ensure!(said == expected, "{said}");
            let ears = &self.client.service().ears;
            ears.hear("asked Who are you?").await?;
        }
        self.answer_with(None)
    }

    async fn rounds(&self) -> Result<()> {
        let said = self.words("test_input_required_result_multi_round", json!({}));
        let said = said.await?;
        ensure!(said == "vermilion likes vermilion.", "{said}");
        let ears = &self.client.service().ears;
        ears.hear("asked What is your name?").await?;
        ears.hear("asked What is your favourite colour?").await
    }

    async fn model_and_roots(&self) -> Result<()> {
        let prompt = json!({ "prompt": "Say hello." });
        let said = self.words("test_sampling", prompt).await?;
        ensure!(said.contains("You said: "), "{said}");
        ensure!(said.contains("Say hello."), "{said}");
        let all = self.words("test_input_required_result_multiple_inputs", json!({}));
        let all = all.await?;
        ensure!(all == "All three came, with 2 roots.", "{all}");
        Ok(())
    }

    async fn progress(&self) -> Result<()> {
        self.words("test_tool_with_progress", json!({})).await?;
        let ears = &self.client.service().ears;
        for done in [0, 50, 100] {
            ears.hear(&format!("progress {done}")).await?;
        }
        Ok(())
    }

    /// From `warning` on there is nothing to hear; from `info` on there is.
    async fn logs(&self) -> Result<()> {
        for level in [LoggingLevel::Warning, LoggingLevel::Info] {
            let mut params = CallToolRequestParams::new("test_tool_with_logging");
            if self.has_session {
                self.client
                    .set_level(SetLevelRequestParams::new(level))
                    .await?;
            } else {
                let mut meta = RequestMetaObject::new();
                meta.set_log_level(level);
                params.meta = Some(meta);
            }
            self.client.call_tool(params).await?;
            let ears = &self.client.service().ears;
            if level == LoggingLevel::Info {
                for words in ["started", "completed"] {
                    let words = format!("log Info Tool execution {words}");
                    ears.hear(&words).await?;
                }
                ears.hear("log Info Tool processing data").await?;
            }
            ears.is_silent_of("log")?;
        }
        Ok(())
    }

    async fn let_go(&self) -> Result<()> {
        let said = self.words("test_reconnection", json!({})).await?;
        let expected = "The connection was let go, and this came after.";
        ensure!(said == expected, "{said}");
        Ok(())
    }

    async fn changes(&self) -> Result<()> {
        if self.has_session {
            self.client
                .subscribe(SubscribeRequestParams::new(WATCHED))
                .await?;
            self.words("test_trigger_resource_change", json!({}))
                .await?;
            self.words("test_trigger_tool_change", json!({})).await?;
            let ears = &self.client.service().ears;
            ears.hear(&format!("updated {WATCHED}")).await?;
            return ears.hear("tools changed").await;
        }
        let filter = SubscriptionFilter::builder()
            .tools_list_changed()
            .resource_subscription(WATCHED)
            .build();
        let mut subscription = self.client.listen(filter.clone()).await?;
        let accepted = subscription.acknowledged();
        ensure!(*accepted == filter, "{accepted:?}");
        self.words("test_trigger_resource_change", json!({}))
            .await?;
        self.words("test_trigger_tool_change", json!({})).await?;
        let (mut updated, mut changed) = (false, false);
        // Others change the same meanwhile.
        while !(updated && changed) {
            match subscription.next().await?.context("the stream ended")? {
                ServerNotification::ResourceUpdatedNotification(told) => {
                    updated |= told.params.uri == WATCHED;
                }
                ServerNotification::ToolListChangedNotification(_) => changed = true,
                other => return Err(anyhow!("not asked for: {other:?}")),
            }
        }
        subscription.cancel().await?;
        Ok(())
    }

    /// A call that is dropped after its first progress, and another after it.
    async fn cancel(&self) -> Result<()> {
        let ears = &self.client.service().ears;
        let call = self.call("slow_compute", json!({ "seconds": 60 }));
        let progressing = self.call("test_tool_with_progress", json!({}));
        tokio::select! {
            biased;
            heard = ears.hear("progress 0") => heard?,
            ended = progressing => return Err(anyhow!("it ended first: {ended:?}")),
            ended = call => return Err(anyhow!("a minute passed: {ended:?}")),
        }
        let said = self.words("test_simple_text", json!({})).await?;
        ensure!(said.starts_with("This is a simple text"), "{said}");
        Ok(())
    }
}

fn words(result: &CallToolResult) -> Option<String> {
    let text = result.content.iter().find_map(|block| block.as_text())?;
    Some(text.text.clone())
}

/// It must be an error of the protocol, with this code.
fn refused_with<T: std::fmt::Debug>(outcome: Result<T, ServiceError>, code: i32) -> Result<()> {
    match outcome {
        Err(ServiceError::McpError(error)) if error.code == ErrorCode(code) => Ok(()),
        other => Err(anyhow!("not refused with {code}: {other:?}")),
    }
}
