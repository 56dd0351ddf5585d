//! A user whom an admin asks about, on a page or by the API.

use oauth::identity::AccountId;
use oauth::role::{RoleHolder, RoleNames};

use crate::app::App;
use crate::error::Error;
use crate::store::users::{self, User};

/// What is said to who would end what they themselves do.
const ONESELF: &str = "You cannot disable yourself, nor end everything of yours here: your \
                       account page ends what acts for you.";
/// What is said of an admin of the configuration.
const CONFIGURED: &str = "An admin of the configuration cannot be disabled here: take the name \
                          out of ADMINS first.";

/// A user who is asked about.
pub(crate) struct Subject {
    /// Their account.
    pub(crate) account: AccountId,
    /// Their row.
    pub(crate) user: User,
    /// The roles that they were given.
    pub(crate) names: RoleNames,
    in_configuration: bool,
    /// Whether it is who asks.
    pub(crate) oneself: bool,
}

impl Subject {
    /// The user of an account, as the user of another one asks about them; none if there
    /// is no such user.
    pub(crate) async fn find(
        app: &App,
        account: &str,
        asker: &AccountId,
    ) -> Result<Option<Self>, Error> {
        let account = AccountId::trusted(account.to_owned());
        let user = users::find(app, &account).await?;
        Ok(user.map(|user| Self {
            names: user.role_names(),
            in_configuration: app.config.admins.contain(&user.issuer, &user.subject),
            oneself: account == *asker,
            account,
            user,
        }))
    }

    /// As somebody whose roles are changed.
    pub(crate) fn holder(&self) -> RoleHolder<'_> {
        RoleHolder {
            names: &self.names,
            in_configuration: self.in_configuration,
            oneself: self.oneself,
        }
    }

    /// Why an admin may not end what acts for them: it is the admin.
    pub(crate) fn not_to_be_ended(&self) -> Option<&'static str> {
        self.oneself.then_some(ONESELF)
    }

    /// Why an admin may not disable them: it is the admin, or somebody whom the
    /// configuration names one.
    pub(crate) fn not_to_be_disabled(&self) -> Option<&'static str> {
        let configured = self.in_configuration.then_some(CONFIGURED);
        self.not_to_be_ended().or(configured)
    }
}
