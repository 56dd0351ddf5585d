//! `whoami`: who the server thinks is calling.

use mcp::tool::author::{Call, Definition, Failure, NoArguments, Reply};
use serde_json::json;

pub(crate) fn definition() -> Definition {
    Definition::new::<NoArguments>(
        "whoami",
        "Tells who you are to this server: provider, subject, client, scopes and session.",
    )
    .title("Who am I?")
    .read_only()
    .closed_world()
    .wants_principal()
}

pub(crate) async fn whoami(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let Some(principal) = call.principal else {
        return Err(Failure::ToModel(
            "The server does not know who calls.".into(),
        ));
    };
    let known = json!({
        "provider": principal.provider,
        "issuer": principal.issuer,
        "subject": principal.subject,
        "client": principal.client,
        "scopes": principal.scopes,
        "session": call.session,
    });
    Ok(Reply::text(format!("{known:#}")))
}
