//! `/account/policies`: how many calls users may make.

use http::Response;
use oauth::form::Parameters;
use platform::answer::Body;
use quota::{DOCUMENT_BYTES_MAX, Document, PolicyName};
use web::{PoliciesPage, PolicyRow, Shown};

use super::{Admin, Section, no_form, status};
use crate::account::notice::Notice;
use crate::app::App;
use crate::error::Error;
use crate::page;
use crate::store::policies::{self, Kept, TOLD_MAX, Whose};
use crate::store::roles;

/// Most batches of accounts that are told at once; the operator's requests tell more.
const BATCHES_MAX: usize = 2;

const CHANGED: &str = "Somebody has changed this policy since you opened the page. This is how it \
                       is now, and what you typed stands in its field: look again, and save.";
const TAKEN: &str = "There is a policy of that name already, or there are 64, which is as many as \
                     there may be.";
const IN_USE: &str = "This policy cannot be deleted while a role or a user has it.";
const NO_ROLE: &str = "There is no role of that name.";

/// What a form said that was not done.
#[derive(Debug, Default)]
struct Refused<'a> {
    /// Why; at the top of the page.
    why: Option<&'static str>,
    /// What is wrong with what was typed, which is said beside its field.
    bad: Option<String>,
    /// The policy that the form is about, and what was typed for it.
    typed: Option<(&'a str, &'a str)>,
    /// Whether that was the form for a new one.
    new: bool,
}

/// `GET /account/policies`.
pub(super) async fn show(admin: &Admin<'_>) -> Result<Response<Body>, Error> {
    page(admin, Refused::default()).await
}

/// `POST /account/policies`: adds, saves or deletes a policy, gives it to a role or
/// takes it away.
pub(super) async fn act(admin: &Admin<'_>, form: &Parameters) -> Result<Response<Body>, Error> {
    let text = |name| form.get(name).unwrap_or_default();
    let (typed_name, document) = (text("name").trim(), text("document"));
    let doing = form.get("do").ok_or_else(no_form)?;
    let mut refused = Refused {
        typed: matches!(doing, "add" | "save").then_some((typed_name, document)),
        new: doing == "add",
        ..Refused::default()
    };
    let name = match PolicyName::read(typed_name) {
        Ok(name) => name,
        Err(bad) => {
            refused.bad = Some(bad.to_string());
            return page(admin, refused).await;
        }
    };
    if matches!(doing, "add" | "save")
        && let Err(bad) = Document::read(document)
    {
        refused.bad = Some(format!("It {bad}."));
        return page(admin, refused).await;
    }
    let app = admin.app;
    let role = text("role");
    match doing {
        "add" if policies::add(app, &name, document).await? => {
            admin.record("policy: add", typed_name, None).await?;
            return Ok(admin.done(Notice::PolicySaved));
        }
        "add" => refused.why = Some(TAKEN),
        "save" => {
            let was = text("was").parse().map_err(|_| no_form())?;
            if policies::save(app, &name, document, was).await? {
                tell_holders(app, &name).await?;
                admin.record("policy: save", typed_name, None).await?;
                return Ok(admin.done(Notice::PolicySaved));
            }
            refused.why = Some(CHANGED);
        }
        "delete" if policies::delete(app, &name, None).await? => {
            admin.record("policy: delete", typed_name, None).await?;
            return Ok(admin.done(Notice::PolicyDeleted));
        }
        "delete" => {
            let gone = policies::list(app).await?;
            if gone.iter().all(|kept| kept.name != typed_name) {
                return Ok(admin.done(Notice::PolicyDeleted)); // By somebody else.
            }
            refused.why = Some(IN_USE);
        }
        "give" | "take" => {
            if roles::list(app)
                .await?
                .iter()
                .all(|known| known.name != role)
            {
                refused.why = Some(NO_ROLE);
                return page(admin, refused).await;
            }
            let whose = Whose::Role(role);
            let done = match doing {
                "give" => policies::give(app, whose, &name).await?,
                _ => has(admin, typed_name, role).await? && policies::take(app, whose).await?,
            };
            if done {
                tell_role(app, role).await?;
                let what = format!("policy: {doing}");
                admin.record(&what, typed_name, Some(role)).await?;
            }
            return Ok(admin.done(Notice::PolicySaved));
        }
        _ => return Err(no_form()),
    }
    page(admin, refused).await
}

/// Whether a role has just this policy.
async fn has(admin: &Admin<'_>, name: &str, role: &str) -> Result<bool, Error> {
    let kept = policies::list(admin.app).await?;
    let kept = kept.iter().find(|kept| kept.name == name);
    Ok(kept.is_some_and(|kept| roles_of(kept).any(|known| known == role)))
}

/// Tells the accounts of whoever may have a policy.
pub(crate) async fn tell_holders(app: &App, name: &PolicyName) -> Result<(), Error> {
    let mut after = String::new();
    for _ in 0..BATCHES_MAX {
        let accounts = policies::accounts_of_policy(app, name, &after).await?;
        policies::tell(app, &accounts).await;
        match accounts.into_iter().nth(TOLD_MAX - 1) {
            Some(last) => after = last,
            None => break,
        }
    }
    Ok(())
}

/// The same for whoever has a role.
pub(crate) async fn tell_role(app: &App, role: &str) -> Result<(), Error> {
    let mut after = String::new();
    for _ in 0..BATCHES_MAX {
        let accounts = policies::accounts_of_role(app, role, &after).await?;
        policies::tell(app, &accounts).await;
        match accounts.into_iter().nth(TOLD_MAX - 1) {
            Some(last) => after = last,
            None => break,
        }
    }
    Ok(())
}

/// The roles that have a policy.
pub(crate) fn roles_of(kept: &Kept) -> impl Iterator<Item = &str> {
    let roles = kept.roles.as_deref().unwrap_or_default().split(',');
    roles.filter(|role| !role.is_empty())
}

async fn page(admin: &Admin<'_>, refused: Refused<'_>) -> Result<Response<Body>, Error> {
    let kept = policies::list(admin.app).await?;
    let roles = roles::list(admin.app).await?;
    let problem = refused.bad.as_deref().map(Shown::prose);
    let typed = refused.typed.filter(|_| !refused.new);
    let row = |kept: &Kept| {
        let typed = typed.filter(|(name, _)| *name == kept.name);
        let words = Document::read(&kept.document).map(|document| document.to_string());
        PolicyRow {
            name: kept.name.clone(),
            words: Shown::prose(words.as_deref().unwrap_or(
                "It cannot be read, so whoever has it has the limits of the configuration.",
            )),
            document: typed.map_or_else(|| kept.document.clone(), |(_, typed)| typed.to_owned()),
            was: kept.revision,
            roles: roles_of(kept).map(str::to_owned).collect(),
            users: kept.users,
            problem: typed.and_then(|_| problem.clone()),
        }
    };
    let (name, document) = refused.typed.filter(|_| refused.new).unwrap_or_default();
    let page = PoliciesPage {
        frame: admin.frame(refused.why),
        policies: kept.iter().map(row).collect(),
        roles: roles.into_iter().map(|role| role.name).collect(),
        new: (name.to_owned(), document.to_owned()),
        problem: problem.filter(|_| refused.new),
        document_chars_max: DOCUMENT_BYTES_MAX,
        form_fields: admin.form_fields()?,
        action: Section::Policies.path(),
    };
    let said = refused.why.or(refused.bad.as_deref());
    Ok(page::html(status(said), page.render()))
}
