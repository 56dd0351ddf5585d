//! Acting in the user's name at their login provider: an OpenID one with the id `acme`,
//! whose entry in the configuration has `keep_tokens`.

use serde_json::Value;
use toolkit::{Call, Failure, NoArguments, Reply, Upstream};
use worker::{Fetch, Method, Request, RequestInit};

/// The permission to act there.
pub(crate) const ACT: &str = "upstream:acme";

/// Whose library card it is: as the provider says to whoever acts for them.
pub(crate) async fn card(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let upstream = call.upstream()?;
    let name = name(&upstream).await;
    let name = name.ok_or_else(|| Failure::to_model("The provider does not say who this is."))?;
    Ok(Reply::text(format!("This is the card of {name}.")))
}

/// The name of the user (OpenID Connect Core section 5.3).
async fn name(upstream: &Upstream) -> Option<String> {
    let issuer = upstream.issuer.trim_end_matches('/');
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let discovered = get(&discovery, None).await?;
    let userinfo = discovered.get("userinfo_endpoint")?.as_str()?;
    let user = get(userinfo, Some(&upstream.access_token)).await?;
    user.get("name")?.as_str().map(str::to_owned)
}

async fn get(url: &str, token: Option<&str>) -> Option<Value> {
    let mut init = RequestInit::new();
    init.with_method(Method::Get);
    if let Some(token) = token {
        let bearer = format!("Bearer {token}");
        init.headers.set("authorization", &bearer).ok()?;
    }
    let request = Request::new_with_init(url, &init).ok()?;
    let mut response = Fetch::Request(request).send().await.ok()?;
    match response.status_code() {
        200 => response.json().await.ok(),
        _ => None,
    }
}
