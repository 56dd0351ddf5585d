//! Whether the caller's token allows what a request is about, before anything is
//! done: not even a call of the quota is spent (checklist RS-06, ERA-05).

use mcp::envelope::{Message, Request};
use mcp::permission::Permission;
use mcp::tool::Target;
use oauth::allowance::Judgement;
use platform::records::Refused;
use platform::tools;

use super::Call;
use crate::error::{Error, doing};
use crate::guard;

impl Call<'_> {
    /// Refuses a request that needs more than the token allows, if the user could
    /// allow it. What they could not goes on: for them, there is no such thing.
    pub(super) async fn permit(&self, request: &Request<'_>) -> Result<(), Error> {
        match Target::named(&request.method, &request.params) {
            Some(target) => self.permit_target(&target).await,
            None => Ok(()),
        }
    }

    /// The same for each message of a batch, before the first of them is sent on.
    pub(super) async fn permit_all(&self, messages: &[Message<'_>]) -> Result<(), Error> {
        for message in messages {
            if let Message::Request(request) = message {
                self.permit(request).await?;
            }
        }
        Ok(())
    }

    /// The same for one thing.
    pub(super) async fn permit_target(&self, target: &Target) -> Result<(), Error> {
        match self.judged(target).await? {
            Some((permission, Judgement::Insufficient)) => {
                let permission = permission.as_str();
                self.note_refusal(target.method(), Refused::Permission(permission, target));
                Err(self.lacks(permission))
            }
            Some((_, Judgement::Allowed | Judgement::Beyond)) | None => Ok(()),
        }
    }

    /// Whether the caller may hear of a call of this; one whose user could allow it
    /// is refused.
    pub(super) async fn opens(&self, target: &Target) -> Result<bool, Error> {
        match self.judged(target).await? {
            Some((permission, Judgement::Insufficient)) => Err(self.lacks(permission.as_str())),
            Some((_, Judgement::Beyond)) => Ok(false),
            Some((_, Judgement::Allowed)) | None => Ok(true),
        }
    }

    /// Whether there is such a thing for the caller's user at all.
    pub(super) async fn is_beyond(&self, target: &Target) -> Result<bool, Error> {
        let judged = self.judged(target).await?;
        Ok(matches!(judged, Some((_, Judgement::Beyond))))
    }

    /// The answer to a caller whose token lacks the permission of that name.
    pub(super) fn lacks(&self, permission: &str) -> Error {
        let needed = self.caller.allowance.with(permission);
        guard::insufficient(self.app, self.head, needed)
    }

    /// Whether a list shows the caller what needs this.
    pub(super) fn shows(&self, permission: &Permission) -> bool {
        self.caller.allowance.bound.may_use(permission.as_str())
    }

    async fn judged(&self, target: &Target) -> Result<Option<(Permission, Judgement)>, Error> {
        let known = tools::known(&self.app.env, target).await;
        let known = known.map_err(doing("asking for the tools"))?;
        let needed = known.and_then(|entry| entry.contract.permission.clone());
        Ok(needed.map(|permission| {
            let judgement = self.caller.allowance.judge(permission.as_str());
            (permission, judgement)
        }))
    }
}
