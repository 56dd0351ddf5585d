//! What happens here, as a record says it.

use audit::{Actor, Cost, Kind, Outcome, Record};
use oauth::grant::GrantId;
use oauth::identity::AccountId;
use platform::{clock, records};

use crate::app::App;
use crate::error::{Error, doing};

/// Something that has happened, or was refused.
pub(crate) struct Happening<'a> {
    app: &'a App,
    record: Record,
}

impl<'a> Happening<'a> {
    /// What a user of that account has done, at the address of the present request.
    pub(crate) fn of(app: &'a App, kind: Kind, name: &str, account: &AccountId) -> Self {
        Self::by(
            app,
            kind,
            name,
            Actor {
                account: Some(account.as_str().into()),
                ..Actor::default()
            },
        )
    }

    /// What the operator has done, with the token of the configuration.
    pub(crate) fn of_operator(app: &'a App, name: &str) -> Self {
        Self::by(
            app,
            Kind::Admin,
            name,
            Actor {
                client: Some("operator".into()),
                ..Actor::default()
            },
        )
    }

    fn by(app: &'a App, kind: Kind, name: &str, actor: Actor) -> Self {
        let record = Record {
            at: clock::now(),
            kind,
            actor,
            address: app.address.as_deref().map(Into::into),
            name: name.into(),
            target: None,
            permission: None,
            arguments: None,
            outcome: Outcome::Ok,
            why: None,
            times: 1,
            cost: Cost::default(),
        };
        Self { app, record }
    }

    /// What the user is called.
    pub(crate) fn named(mut self, name: Option<&str>) -> Self {
        self.record.actor.name = name.map(Into::into);
        self
    }

    /// With which app, by its id, and by its name if that is known.
    pub(crate) fn with_client(mut self, id: &str, name: Option<&str>) -> Self {
        self.record.actor.client = Some(records::client(id, name).into());
        self
    }

    /// Under which grant or API key.
    pub(crate) fn with_grant(mut self, grant: &GrantId) -> Self {
        self.record.actor.grant = Some(grant.as_str().into());
        self
    }

    /// To what.
    pub(crate) fn to(mut self, target: &str) -> Self {
        self.record.target = Some(target.into());
        self
    }

    /// With which permissions, or for which.
    pub(crate) fn permitting(mut self, permissions: &str) -> Self {
        self.record.permission = Some(permissions.into());
        self
    }

    /// It was refused.
    pub(crate) fn refused(mut self, why: &str) -> Self {
        self.record.outcome = Outcome::Refused;
        self.record.why = Some(why.into());
        self
    }

    /// Notes it, behind the answer.
    pub(crate) fn note(self) {
        records::note(&self.app.env, self.record);
    }

    /// Notes it before the answer: what an admin does is not done unnoticed.
    pub(crate) async fn settle(self) -> Result<(), Error> {
        let settled = records::settle(&self.app.env, self.record).await;
        settled.map_err(doing("recording what an admin did"))
    }
}
