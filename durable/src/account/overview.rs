//! What the account's page and the operator are shown.

use jiff::Timestamp;
use oauth::grant::{GrantId, Terms};
use serde::{Deserialize, Serialize};
use worker::{Response, Result, State};

use super::index::{Index, Kind, SessionInfo};
use super::logins::{LoginInfo, Logins};
use super::{disabled, grants, sweep};
use crate::clock;

/// Who may act for the user, and where they are logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// What clients were granted; at most [`oauth::grant::GRANTS_MAX`].
    pub grants: Vec<GrantInfo>,
    /// Sessions; at most `SESSIONS_PER_USER`.
    pub sessions: Vec<SessionInfo>,
    /// Login sessions; at most [`super::LOGINS_MAX`].
    pub logins: Vec<LoginInfo>,
}

/// A grant that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantInfo {
    /// Its name.
    pub id: GrantId,
    /// What the user agreed to.
    pub terms: Terms,
    /// When.
    pub created: Timestamp,
    /// When a token was last issued for it.
    pub used: Timestamp,
}

/// How much there is of each, and nothing of what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// Since when the account is disabled, if it is.
    pub disabled_since: Option<Timestamp>,
    /// Grants.
    pub grants: usize,
    /// Sessions.
    pub sessions: i64,
    /// State handles of stateless clients.
    pub handles: i64,
    /// Tasks.
    pub tasks: i64,
    /// Login sessions.
    pub login_sessions: usize,
}

/// `POST /overview`.
pub(super) async fn overview(state: &State) -> Result<Response> {
    let (sql, now) = (state.storage().sql(), clock::now());
    let grants = grants::rows(state)?.standing(now)?.into_iter();
    let overview = Overview {
        grants: grants
            .map(|grant| GrantInfo {
                id: grant.id,
                terms: grant.terms,
                created: grant.created,
                used: grant.used,
            })
            .collect(),
        logins: Logins::of(sql.clone()).live(now)?,
        sessions: Index::of(sql).session_infos()?,
    };
    sweep::later(state).await?;
    Response::from_json(&overview)
}

/// `POST /numbers`.
pub(super) async fn numbers(state: &State) -> Result<Response> {
    let (sql, now) = (state.storage().sql(), clock::now());
    let index = Index::of(sql.clone());
    let numbers = Numbers {
        disabled_since: disabled::since(&sql)?,
        grants: grants::rows(state)?.standing(now)?.len(),
        sessions: index.count(Kind::Session)?,
        handles: index.count(Kind::Handle)?,
        tasks: index.count(Kind::Task)?,
        login_sessions: Logins::of(sql).live(now)?.len(),
    };
    sweep::later(state).await?;
    Response::from_json(&numbers)
}
