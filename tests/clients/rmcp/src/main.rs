//! rmcp as a client of a running Sessile, which `SESSILE_URL` names.
//!
//! In each lifecycle that rmcp has, a new user is sent to the login by rmcp's own OAuth code, the forms are
//! walked without a screen, and tools are called. It ends with `N passed, N failed`, and with 1 on a failure.

mod browser;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig,
        ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationCapability,
        Implementation, ProgressNotificationParam, ProtocolVersion,
    },
    service::{
        ClientLifecycleMode, ClientServiceExt, NotificationContext, RequestContext, RunningService,
    },
    transport::{
        StreamableHttpClientTransport,
        auth::{AuthClient, AuthorizationRequest, OAuthState},
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};

/// Longest one check may take, login and all.
const CHECK_MAX: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let base = std::env::var("SESSILE_URL").context("SESSILE_URL names the running server")?;
    let base = base.trim_end_matches('/');
    let modern = || vec![ProtocolVersion::V_2026_07_28];
    let auto = ClientLifecycleMode::Auto {
        preferred_versions: modern(),
        legacy_version: None,
    };
    let checks = [
        (
            "initialize",
            ClientLifecycleMode::Initialize,
            ProtocolVersion::V_2025_11_25,
        ),
        (
            "discover",
            ClientLifecycleMode::Discover {
                preferred_versions: modern(),
            },
            ProtocolVersion::V_2026_07_28,
        ),
        ("auto", auto, ProtocolVersion::V_2026_07_28),
    ];
    let (mut passed, mut failed) = (0, 0);
    for (name, mode, revision) in checks {
        let outcome = tokio::time::timeout(CHECK_MAX, check(base, name, mode, &revision)).await;
        match outcome.unwrap_or_else(|_| Err(anyhow!("not finished after {CHECK_MAX:?}"))) {
            Ok(()) => {
                passed += 1;
                println!("ok {name}");
            }
            Err(error) => {
                failed += 1;
                println!("FAILED {name}: {error:?}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    std::process::exit(i32::from(failed > 0));
}

/// One user's visit: refused, logged in, connected, calling.
async fn check(
    base: &str,
    name: &str,
    mode: ClientLifecycleMode,
    revision: &ProtocolVersion,
) -> Result<()> {
    let endpoint = format!("{base}/mcp");
    let user = format!("rmcp-{name}-{}", std::process::id());
    let authorized = log_in(&endpoint, &user, mode.clone()).await?;
    let progress = Arc::new(AtomicUsize::new(0));
    let transport = StreamableHttpClientTransport::with_client(
        authorized,
        StreamableHttpClientTransportConfig::with_uri(endpoint.as_str()),
    );
    let client = Person {
        progress: Arc::clone(&progress),
    }
    .serve_with_lifecycle(transport, mode)
    .await
    .context("connecting with a token")?;

    let peer = client
        .peer_info()
        .context("the server said nothing about itself")?;
    ensure!(
        peer.protocol_version == *revision,
        "{} was negotiated, {revision} was wanted",
        peer.protocol_version
    );

    let tools = client
        .peer()
        .list_all_tools()
        .await
        .context("listing tools")?;
    for wanted in ["echo", "count", "progress", "ask", "whoami"] {
        ensure!(
            tools.iter().any(|tool| tool.name == wanted),
            "no tool {wanted}"
        );
    }

    let echoed = call(&client, "echo", json!({ "text": "from Rust" })).await?;
    ensure!(echoed == "from Rust", "echo said {echoed}");
    let whoami = call(&client, "whoami", json!({})).await?;
    ensure!(whoami.contains(&user), "whoami said {whoami}");

    let arguments = if revision.has_initialize() {
        json!({})
    } else {
        json!({ "handle": handle(&call(&client, "count_start", json!({})).await?)? })
    };
    for expected in ["1", "2"] {
        let counted = call(&client, "count", arguments.clone()).await?;
        ensure!(counted == expected, "count said {counted} for {expected}");
    }

    let answer = call(&client, "ask", json!({ "question": "Which colour?" })).await?;
    ensure!(answer.contains("vermilion"), "ask said {answer}");

    call(&client, "progress", json!({ "steps": 3, "delay_ms": 20 })).await?;
    // The client hands notifications to tasks of their own, which may come
    // after the result.
    let counted = async {
        while progress.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), counted).await;
    ensure!(
        progress.load(Ordering::SeqCst) >= 3,
        "{} progress notifications",
        progress.load(Ordering::SeqCst)
    );

    client.cancel().await.context("closing")?;
    Ok(())
}

/// Connects without a token, as a client does that knows nothing, and follows the challenge to a token.
async fn log_in(
    endpoint: &str,
    user: &str,
    mode: ClientLifecycleMode,
) -> Result<AuthClient<reqwest::Client>> {
    let transport = StreamableHttpClientTransport::with_client(
        reqwest::Client::default(),
        StreamableHttpClientTransportConfig::with_uri(endpoint),
    );
    let refused = match (Person {
        progress: Arc::default(),
    })
    .serve_with_lifecycle(transport, mode)
    .await
    {
        Ok(_) => return Err(anyhow!("the server let in a client without a token")),
        Err(error) => error,
    };
    let challenge = refused
        .auth_challenge()
        .map(str::to_owned)
        .ok_or(refused)
        .context("no challenge")?;
    let mut oauth = OAuthState::new(endpoint, None).await?;
    let request = AuthorizationRequest::new(browser::REDIRECT)
        .with_client_name("rmcp client")
        .with_challenge(challenge);
    oauth
        .start_authorization(request)
        .await
        .context("discovery and registration")?;
    let redirect = browser::walk(&oauth.get_authorization_url().await?, user)
        .await
        .context("walking the login")?;
    oauth
        .handle_callback_url(&redirect)
        .await
        .context("redeeming the code")?;
    let manager = oauth
        .into_authorization_manager()
        .context("not authorized")?;
    Ok(AuthClient::new(reqwest::Client::default(), manager))
}

async fn call(
    client: &RunningService<RoleClient, Person>,
    tool: &'static str,
    arguments: Value,
) -> Result<String> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    let result: CallToolResult = client
        .call_tool(CallToolRequestParams::new(tool).with_arguments(arguments))
        .await
        .with_context(|| format!("calling {tool}"))?;
    ensure!(result.is_error != Some(true), "{tool} failed: {result:?}");
    let text = result
        .content
        .iter()
        .find_map(|block| block.as_text())
        .with_context(|| format!("{tool} answered no text: {result:?}"))?;
    Ok(text.text.clone())
}

/// The handle in the words of `count_start`: its one long word.
fn handle(words: &str) -> Result<String> {
    words
        .split(|c: char| !(c.is_ascii_alphanumeric() || "._~+/=-".contains(c)))
        .find(|word| word.len() >= 20)
        .map(str::to_owned)
        .with_context(|| format!("no handle in: {words}"))
}

/// The client's side: it can be asked, and counts what it hears of progress.
#[derive(Debug)]
struct Person {
    progress: Arc<AtomicUsize>,
}

impl ClientHandler for Person {
    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams {
            requested_schema, ..
        } = request
        else {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        };
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

    async fn on_progress(&self, _: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.progress.fetch_add(1, Ordering::SeqCst);
    }

    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::default());
        ClientConfig::new(
            capabilities,
            Implementation::new("sessile-rmcp-client", "1"),
        )
    }
}
