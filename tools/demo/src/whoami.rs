//! `whoami`: who the server thinks is calling.

use serde_json::json;
use toolkit::{Call, Failure, NoArguments, Reply, Tool};

pub(crate) fn definition() -> Tool {
    Tool::new::<NoArguments>(
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
