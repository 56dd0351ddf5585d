//! rmcp as a client of running servers.
//!
//! In each lifecycle that rmcp has, a new user is sent to the login of the server that `SESSILE_URL` names by
//! rmcp's own OAuth code, the forms are walked without a screen, and tools are called; then every feature is used
//! at the server that `SESSILE_FIXTURE_URL` names. It ends with `N passed, N failed`, and with 1 on a failure.

mod browser;
mod features;
mod person;
mod report;

use anyhow::{Context, Result, anyhow, ensure};
use rmcp::{
    RoleClient,
    model::{CallToolRequestParams, CallToolResult, ProtocolVersion},
    service::{ClientLifecycleMode, ClientServiceExt, RunningService},
    transport::{
        StreamableHttpClientTransport,
        auth::{AuthClient, AuthorizationRequest, OAuthState},
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};

use crate::person::Person;
use crate::report::Report;

#[tokio::main]
async fn main() -> Result<()> {
    let base = server("SESSILE_URL")?;
    let fixture = server("SESSILE_FIXTURE_URL")?;
    let modern = || vec![ProtocolVersion::V_2026_07_28];
    let discover = ClientLifecycleMode::Discover {
        preferred_versions: modern(),
    };
    let auto = ClientLifecycleMode::Auto {
        preferred_versions: modern(),
        legacy_version: None,
    };
    let reports = tokio::join!(
        visits(
            "initialize",
            ClientLifecycleMode::Initialize,
            &base,
            &fixture
        ),
        visits("discover", discover, &base, &fixture),
        visits("auto", auto, &base, &fixture),
    );
    let reports = [reports.0, reports.1, reports.2];
    let passed: usize = reports.iter().map(|report| report.passed).sum();
    let failed: usize = reports.iter().map(|report| report.failed).sum();
    println!("{passed} passed, {failed} failed");
    std::process::exit(i32::from(failed > 0));
}

/// The server that a variable names.
fn server(variable: &str) -> Result<String> {
    let base = std::env::var(variable);
    let base = base.with_context(|| format!("{variable} names a running server"))?;
    Ok(base.trim_end_matches('/').to_owned())
}

/// Both servers, one after the other.
async fn visits(
    name: &'static str,
    mode: ClientLifecycleMode,
    base: &str,
    fixture: &str,
) -> Report {
    let mut report = Report::of(name);
    let revision = match mode {
        ClientLifecycleMode::Initialize => ProtocolVersion::V_2025_11_25,
        _ => ProtocolVersion::V_2026_07_28,
    };
    let login = check(base, name, mode.clone(), &revision);
    report.check("login", login).await;
    features::visit(fixture, mode, &mut report).await;
    report
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
    let transport = StreamableHttpClientTransport::with_client(
        authorized,
        StreamableHttpClientTransportConfig::with_uri(endpoint.as_str()),
    );
    let client = Person::default()
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
    for step in 1..=3 {
        client
            .service()
            .ears
            .hear(&format!("progress {step}"))
            .await?;
    }

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
    let refused = match Person::default()
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
