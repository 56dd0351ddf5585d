//! `/account/roles`: what users may let apps do.

use http::Response;
use mcp::tool::Catalog;
use oauth::form::Parameters;
use oauth::role::{ADMIN, BadRole, Role, RoleNames, Standing, USER, bound};
use platform::answer::Body;
use platform::tools;
use web::{NewRole, RoleKind, RoleRow, RolesPage, ScopeView, Shown};

use super::listed::Asked;
use super::{Admin, Section, no_form, status};
use crate::account::notice::Notice;
use crate::error::Error;
use crate::page;
use crate::permissions;
use crate::store::roles::{self, Kept, written};

/// Why a role is not changed although it could be one.
const LOCKED_OUT: &str = "With that you would lose your own access to users and roles, since you \
                          have this role. Ask another admin to change it, or get another role \
                          first.";
const CHANGED: &str = "Somebody has changed this role since you opened the page. This is how it \
                       is now, and what you typed stands in its field: look again, and save.";
const TAKEN: &str = "There is a role of that name already, or there are 32 roles, which is as \
                     many as there may be.";
const IN_USE: &str = "This role cannot be deleted while users have it: take it from them first. \
                      Users who have not logged in yet are found in the database only, in \
                      user_roles.";

/// What a form said that was not done.
#[derive(Debug, Default)]
struct Refused<'a> {
    /// Why; at the top of the page.
    why: Option<&'static str>,
    /// The role that the form is about, and what was typed for it.
    typed: Option<(&'a str, &'a str)>,
    /// Whether that was the form for a new role.
    new: bool,
    /// What is wrong with that, which is said beside its field.
    bad: Option<BadRole>,
}

/// `GET /account/roles`.
pub(super) async fn show(admin: &Admin<'_>) -> Result<Response<Body>, Error> {
    let kept = roles::list(admin.app).await?;
    page(admin, &kept, Refused::default()).await
}

/// `POST /account/roles`: adds, saves or deletes a role. All of it can be done
/// twice.
pub(super) async fn act(admin: &Admin<'_>, form: &Parameters) -> Result<Response<Body>, Error> {
    let text = |name| form.get(name).unwrap_or_default();
    let (name, permissions, was) = (text("name").trim(), text("permissions"), text("was"));
    let kept = roles::list(admin.app).await?;
    let doing = form.get("do").ok_or_else(no_form)?;
    let mut refused = Refused {
        typed: (doing != "delete").then_some((name, permissions)),
        new: doing == "add" && name != USER,
        ..Refused::default()
    };
    let read = if doing == "delete" {
        Ok(None)
    } else {
        Role::written(name, permissions).map(Some)
    };
    let judged = |role: &Option<Role>| judged(&admin.standing, &kept, name, role.as_ref());
    match read.map(|role| judged(&role).map(|()| role)) {
        Err(bad) => refused.bad = Some(bad),
        Ok(Err(why)) => refused.why = Some(why.words()),
        Ok(Ok(role)) => match (doing, role) {
            ("delete", _) if roles::delete(admin.app, name, was).await? => {
                admin.record("role: delete", name, None).await?;
                return Ok(admin.done(Notice::RoleDeleted));
            }
            ("add", Some(role)) if roles::add(admin.app, &role).await? => {
                admin
                    .record("role: add", name, Some(&role.permissions))
                    .await?;
                return Ok(admin.done(Notice::RoleSaved));
            }
            ("save", Some(role)) if roles::save(admin.app, &role, was).await? => {
                admin
                    .record("role: save", name, Some(&role.permissions))
                    .await?;
                return Ok(admin.done(Notice::RoleSaved));
            }
            ("add", _) => refused.why = Some(TAKEN),
            ("delete" | "save", _) => refused.why = Some(CHANGED),
            _ => return Err(no_form()),
        },
    }
    let now = roles::list(admin.app).await?;
    let mut rows = now.iter().filter(|role| role.permissions.is_some());
    if doing == "delete" && !rows.any(|role| role.name == name) {
        return Ok(admin.done(Notice::RoleDeleted)); // By somebody else.
    }
    page(admin, &now, refused).await
}

/// Why a role stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotKept {
    /// Users have it.
    InUse,
    /// Whoever changes it would lose what they change it with.
    LockedOut,
}

impl NotKept {
    /// The same, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InUse => IN_USE,
            Self::LockedOut => LOCKED_OUT,
        }
    }
}

/// Whether somebody may keep a role as given, or delete the one of that name. Of the
/// default role only its row is deleted, and what is built in takes its place.
pub(crate) fn judged(
    standing: &Standing,
    kept: &[Kept],
    name: &str,
    role: Option<&Role>,
) -> Result<(), NotKept> {
    let in_use = kept.iter().any(|role| role.name == name && role.users > 0);
    if role.is_none() && name != USER && in_use {
        return Err(NotKept::InUse);
    }
    if locks_out(standing, kept, name, role) {
        return Err(NotKept::LockedOut);
    }
    Ok(())
}

/// Whether somebody could not change roles any more if the role of that name were as
/// given, or no more.
fn locks_out(standing: &Standing, kept: &[Kept], name: &str, role: Option<&Role>) -> bool {
    let assigned = standing.assigned.iter();
    let names: RoleNames = assigned.map(|assigned| assigned.role.clone()).collect();
    let others = written(kept).into_iter().filter(|other| other.name != name);
    let after: Vec<Role> = others.chain(role.cloned()).collect();
    !standing.in_configuration && !bound(&names, &after).may_use(Section::Roles.permission())
}

async fn page(
    admin: &Admin<'_>,
    kept: &[Kept],
    refused: Refused<'_>,
) -> Result<Response<Body>, Error> {
    // The help may be missing: nothing depends on the tools here.
    let catalog = tools::catalog_soon(&admin.app.env).await;
    let bad = refused.bad.as_ref().map(BadRole::to_string);
    let problem = bad.as_deref().map(Shown::prose);
    let known = |name| kept.iter().any(|role| role.name == name);
    // One that was deleted meanwhile would be a new one.
    let for_new = refused
        .typed
        .filter(|(name, _)| refused.new || !known(*name));
    let for_row = refused.typed.filter(|_| for_new.is_none());
    let rows = kept.iter().map(|role| {
        let typed = for_row.filter(|(name, _)| *name == role.name);
        let problem = problem.clone().filter(|_| typed.is_some());
        row(role, typed.map(|(_, permissions)| permissions), problem)
    });
    let about_name = refused.bad.as_ref().is_some_and(BadRole::is_about_name);
    let new = match for_new {
        Some((name, permissions)) => NewRole {
            name: name.to_owned(),
            permissions: permissions.to_owned(),
            name_problem: problem.clone().filter(|_| about_name),
            problem: problem.clone().filter(|_| !about_name),
        },
        None => NewRole::default(),
    };
    let failed = refused.why.or(bad.as_deref());
    let page = RolesPage {
        frame: admin.frame(refused.why),
        roles: rows.collect(),
        new,
        permissions: help(catalog.as_deref()),
        token_life: admin.token_life(),
        form_fields: admin.form_fields()?,
        action: Section::Roles.path(),
    };
    Ok(page::html(status(failed), page.render()))
}

fn row(role: &Kept, typed: Option<&str>, problem: Option<Shown>) -> RoleRow {
    let permissions = role.allows().unwrap_or_default();
    let users = Asked {
        role: role.name.clone(),
        ..Asked::default()
    };
    RoleRow {
        name: Shown::name(&role.name),
        sent_name: role.name.clone(),
        kind: match (role.name.as_str(), &role.permissions) {
            (ADMIN, _) => RoleKind::Admin,
            (USER, None) => RoleKind::BuiltInUser,
            (USER, Some(_)) => RoleKind::WrittenUser,
            _ => RoleKind::Other,
        },
        permissions: Shown::prose(permissions),
        typed: typed.unwrap_or(permissions).to_owned(),
        was: permissions.to_owned(),
        users: role.users,
        open: typed.is_some(),
        users_href: users.at(Section::Users.path()),
        problem,
    }
}

/// The permissions that can be named: those of the tools, and our own.
fn help(catalog: Option<&Catalog>) -> Vec<ScopeView> {
    let view = |name: &str, words: Option<&str>| ScopeView {
        name: Shown::name(name),
        words: words.map(Shown::prose),
        field: None,
    };
    let mut all = Vec::new();
    if let Some(catalog) = catalog {
        for (permission, words) in catalog.permissions() {
            all.push(view(permission.as_str(), words));
        }
    }
    for (name, words) in permissions::OWN {
        all.push(view(name, Some(words)));
    }
    all
}
