//! `cargo xtask secrets`: the secrets of the server's Workers, in a file for the
//! development server or at Cloudflare for a deployment.

mod file;
mod place;
mod root_secret;

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result, bail};

pub(crate) use self::file::{SecretFile, made};
use self::place::Place;
pub(crate) use self::place::needs;
pub(crate) use self::root_secret::ROOT_SECRET;
use crate::say::say;
use crate::server::{Served, Storage};
use crate::toolchain::Toolchain;
use crate::worker::Worker;

/// The operator's bearer token.
const ADMIN_TOKEN: &str = "ADMIN_TOKEN";
/// Longest value that is taken from the terminal or a pipe, in bytes: more than any provider's secret.
const VALUE_BYTES_MAX: u64 = 16 * 1024;

/// What is to be done.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Says which secrets there are, and which are missing.
    Status,
    /// Makes what is missing and can be made: the root secret, and with a name the operator's token.
    Make {
        /// `ADMIN_TOKEN`; it is printed once, since it cannot be read back.
        #[arg(value_parser = [ADMIN_TOKEN])]
        name: Option<String>,
    },
    /// Sets a secret that somebody else gave you, such as a provider's; it is read from standard input.
    Set {
        /// The secret's name, such as `GITHUB_CLIENT_SECRET`.
        #[arg(value_parser = secret_name)]
        name: String,
    },
    /// Makes the next root secret, with new signing keys. What the one before made stays good.
    Rotate,
    /// Takes the oldest root secret away, and with it everything that it made.
    Retire,
}

/// Where the secrets are.
pub(crate) enum Target {
    /// The storage folder of a development server.
    Local(Served, std::path::PathBuf),
    /// The deployment of a configuration.
    Remote(Worker),
}

/// Does it.
pub(crate) fn run(action: Option<Action>, target: Target) -> Result<()> {
    let (worker, mut place) = match target {
        Target::Local(served, persist) => {
            let file = SecretFile::open(Storage::open(&persist)?)?;
            (served.portal()?.clone(), Place::Local(file))
        }
        Target::Remote(front) => {
            let tools = Toolchain::ready()?;
            let behind = front.companions()?.into_iter();
            let mut workers: Vec<Worker> = behind.filter(Worker::is_of_server).collect();
            workers.insert(0, front);
            let portal = workers.iter().find(|worker| worker.is_portal());
            let portal = portal.context(
                "secrets are those of a front Worker and what is behind it: there is no portal",
            )?;
            (portal.clone(), Place::Remote(Box::new(tools), workers))
        }
    };
    match action.unwrap_or(Action::Status) {
        Action::Status => status(&worker, &place),
        Action::Make { name: None } => make_root(&mut place),
        Action::Make { name: Some(name) } => make_token(&mut place, &name),
        Action::Set { name } => set(&mut place, &name),
        Action::Rotate => rotate(&mut place),
        Action::Retire => retire(&mut place),
    }
}

/// Every name that matters, and whether it is set; fails if one is missing
/// without which the Worker does not start.
fn status(worker: &Worker, place: &Place) -> Result<()> {
    let names = place.names()?;
    say(format_args!("secrets {place}"));
    let roots = root_secret::numbers(&names);
    for number in &roots {
        line(
            &root_secret::name(*number),
            "set",
            "keys are derived from it",
        );
    }
    let mut missing = Vec::new();
    if roots.is_empty() && matches!(place, Place::Local(_)) {
        let what = "the development server makes it when it starts";
        line(ROOT_SECRET, "not set", what);
    } else if roots.is_empty() {
        let what = "`cargo xtask secrets --remote make` makes it";
        line(ROOT_SECRET, "MISSING", what);
        missing.push(ROOT_SECRET.to_owned());
    }
    for (name, needed, provider) in root_secret::of_providers(worker)? {
        let is_set = names.contains(&name);
        let state = match (is_set, needed) {
            (true, _) => "set",
            (false, true) => "MISSING",
            (false, false) => "not set",
        };
        line(
            &name,
            state,
            &format!("our client secret at the provider {provider}"),
        );
        if needed && !is_set {
            missing.push(name);
        }
    }
    let token = if names.iter().any(|name| name == ADMIN_TOKEN) {
        "set"
    } else {
        "not set"
    };
    line(ADMIN_TOKEN, token, "for the operator's diagnostics");
    if !missing.is_empty() {
        bail!("missing: {}", missing.join(", "));
    }
    Ok(())
}

fn line(name: &str, state: &str, what: &str) {
    say(format_args!("  {name:<24} {state:<8} {what}"));
}

fn make_root(place: &mut Place) -> Result<()> {
    if !root_secret::numbers(&place.names()?).is_empty() {
        say("there is a root secret; `cargo xtask secrets rotate` makes the next one");
        return Ok(());
    }
    place.put(ROOT_SECRET, &made()?)?;
    say(format_args!("made {ROOT_SECRET} {place}"));
    Ok(())
}

fn make_token(place: &mut Place, name: &str) -> Result<()> {
    if place.names()?.iter().any(|known| known == name) {
        say(format_args!("{name} is replaced"));
    }
    let token = made()?;
    place.put(name, &token)?;
    say(format_args!("{name}, which is shown this once: {token}"));
    Ok(())
}

fn set(place: &mut Place, name: &str) -> Result<()> {
    let value = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{name}: "))?
    } else {
        let mut value = String::new();
        std::io::Read::take(std::io::stdin().lock(), VALUE_BYTES_MAX)
            .read_line(&mut value)
            .context("reading the secret from standard input")?;
        value
    };
    let value = value.trim();
    if value.is_empty() {
        bail!("nothing was given for {name}");
    }
    place.put(name, value)?;
    say(format_args!("set {name} {place}"));
    Ok(())
}

fn rotate(place: &mut Place) -> Result<()> {
    let numbers = root_secret::numbers(&place.names()?);
    let Some(newest) = numbers.last() else {
        bail!("there is no root secret to be replaced; `cargo xtask secrets make` makes one");
    };
    if numbers.len() >= root_secret::ROOTS_MAX {
        bail!(
            "there are {} root secrets, the most that are read; `cargo xtask secrets retire` takes the oldest away",
            numbers.len()
        );
    }
    let name = root_secret::name(newest + 1);
    let from = place.begins();
    place.put(&name, &format!("{} from {from}", made()?))?;
    say(format_args!(
        "made {name} {place}; it makes what is new from {from} on"
    ));
    say(
        "what older ones made stays good until they are taken away with `cargo xtask secrets retire`",
    );
    Ok(())
}

fn retire(place: &mut Place) -> Result<()> {
    let numbers = root_secret::numbers(&place.names()?);
    let [oldest, _, ..] = numbers.as_slice() else {
        bail!(
            "there is no older root secret; `cargo xtask secrets rotate` makes a newer one first"
        );
    };
    let name = root_secret::name(*oldest);
    place.remove(&name)?;
    say(format_args!("took {name} away {place}"));
    say(
        "gone with it: registrations, refresh tokens, login sessions, MCP sessions and handles that it made",
    );
    Ok(())
}

/// A name as Cloudflare takes it, and not one that only `rotate` may make.
fn secret_name(text: &str) -> Result<String, String> {
    let usable = !text.is_empty()
        && text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !usable {
        return Err("wants a name of capitals, digits and _".to_owned());
    }
    if root_secret::number(text).is_some() {
        return Err("`make` and `rotate` make the root secret".to_owned());
    }
    Ok(text.to_owned())
}
