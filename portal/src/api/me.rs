//! `/api/v1/me`.

use http::StatusCode;
use oauth::allowance::Judgement;
use rest::shape::{Credential, Me};

use super::caller::{By, Caller, csrf_token};
use super::input::Input;
use super::{Answered, json};
use crate::app::App;
use crate::permissions;

/// `GET /me`.
pub(super) fn show(app: &App, caller: &Caller, input: &Input) -> Answered {
    let (credential, csrf_token) = match &caller.by {
        By::Key(checked) => {
            let shown = Credential::ApiKey {
                id: checked.info.id.as_str().to_owned(),
                name: checked.info.name.clone(),
                expires: checked.until,
            };
            (shown, None)
        }
        By::Token(claims) => {
            let shown = Credential::AccessToken {
                client_id: claims.client_id.clone(),
                client_name: claims.client_name.clone(),
                grant: claims.sid.as_str().to_owned(),
                expires: claims.expires(),
            };
            (shown, None)
        }
        By::Browser(signed_in) => {
            let id = signed_in.holder.clone();
            let token = csrf_token(app, &id, input.now)?;
            (Credential::LoginSession { id }, Some(token))
        }
    };
    let assigned = caller.standing.assigned.iter();
    let permissions = permissions::grantable()
        .filter(|scope| caller.judge(scope.as_str()) == Judgement::Allowed)
        .map(|scope| scope.as_str().to_owned());
    let identity = &caller.identity;
    let me = Me {
        account: caller.account.as_str().to_owned(),
        name: identity.name.clone(),
        provider: identity.provider.clone(),
        issuer: identity.issuer.clone(),
        subject: identity.subject.clone(),
        roles: assigned.map(|assigned| assigned.role.clone()).collect(),
        admin_by_configuration: caller.standing.in_configuration,
        credential,
        scopes: caller.scopes().map(|scopes| scopes.names()),
        permissions: permissions.collect(),
        csrf_token,
    };
    Ok(json(StatusCode::OK, &me))
}
