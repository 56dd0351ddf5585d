//! What the account's page and the operator are shown.

use platform::account::{GrantInfo, Kind, Numbers, Overview};
use platform::clock;
use worker::{Response, Result, State};

use super::index::Index;
use super::logins::Logins;
use super::quota::Counter;
use super::{api_keys, disabled, grants, sweep};

/// `POST /overview`.
pub(super) async fn overview(state: &State) -> Result<Response> {
    let (sql, now) = (state.storage().sql(), clock::now());
    let grants = grants::rows(state)?.standing(now)?.into_iter();
    let keys = api_keys::rows(state).all()?.into_iter();
    let overview = Overview {
        grants: grants
            .map(|grant| GrantInfo {
                id: grant.id,
                terms: grant.terms,
                created: grant.created,
                used: grant.used,
            })
            .collect(),
        keys: keys.map(|key| key.info).collect(),
        logins: Logins::of(sql.clone()).live(now)?,
        sessions: Index::of(sql).session_infos()?,
    };
    sweep::later(state).await?;
    Response::from_json(&overview)
}

/// `POST /numbers`.
pub(super) async fn numbers(state: &State, counter: &Counter) -> Result<Response> {
    let (sql, now) = (state.storage().sql(), clock::now());
    let index = Index::of(sql.clone());
    let keys = api_keys::rows(state).all()?.into_iter();
    let numbers = Numbers {
        disabled_since: disabled::since(&sql)?,
        grants: grants::rows(state)?.standing(now)?.len(),
        api_keys: keys.filter(|key| key.info.stands(now)).count(),
        sessions: index.count(Kind::Session)?,
        handles: index.count(Kind::Handle)?,
        tasks: index.count(Kind::Task)?,
        login_sessions: Logins::of(sql).live(now)?.len(),
        quota_visits: counter.visits(),
    };
    sweep::later(state).await?;
    Response::from_json(&numbers)
}
