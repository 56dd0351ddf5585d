//! Permits of an object: what calls have while they run, where a policy says how many may
//! at once.
//!
//! Each running call looks after the permits of its holder, behind the answer of its own
//! request. A call whose client has left ends here like
//! any other, and one that is given up while it stands in line stands there for nobody.
//! Of an object that died and does not come back the account hears no more, and after
//! [`quota::PERMIT_LIFE`] and a little more its permits are free again.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use quota::{
    Family, HolderId, PERMIT_IDLE_MAX, PERMIT_LOOK_EVERY, PermitHolder, PermitNumber, Refused,
    Revision, Start,
};
use worker::durable::ObjectId;
use worker::{Delay, Env, Error, Result, console_error};

use super::admit::Spender;
use super::wire::{PERMITS, PERMITS_HELD, PermitsAsked, PermitsGiven, PermitsHeld, Started};
use crate::account::post;
use crate::behind::behind_the_answer;
use crate::{clock, json};

/// Most holders of one place. Beyond, those that hold nothing are forgotten.
const KEEPERS_MAX: usize = 10_000;
/// Between the binding and the id in the name of a holder.
const APART: char = '/';
/// A little longer than a permit is kept that nobody uses.
const IDLE_LOOK: Duration = PERMIT_IDLE_MAX.saturating_add(Duration::from_millis(50));

/// The permits of one object.
#[derive(Debug)]
pub struct Permits {
    id: HolderId,
    /// Whether the account was not asked yet since the object began anew.
    anew: Cell<bool>,
    /// Of the policies; only a session is told.
    news: Cell<Revision>,
    keepers: RefCell<HashMap<(String, Family), Rc<Keeper>>>,
}

/// The permits of one user and one family.
#[derive(Debug, Default)]
struct Keeper {
    holder: RefCell<PermitHolder>,
    /// Whether anything bounds the calls, as far as it is known.
    bounded: Cell<Option<bool>>,
    /// Permits to be taken back at once.
    over: RefCell<Vec<PermitNumber>>,
    /// Permits of running calls that are not good any more.
    lapsed: RefCell<Vec<PermitNumber>>,
}

/// A call that runs. When this is dropped, it has ended.
#[derive(Debug)]
pub struct Running {
    keeper: Rc<Keeper>,
    number: PermitNumber,
    /// Gone when the call has ended.
    _runs: oneshot::Sender<()>,
}

impl Permits {
    /// Those of an object, by the binding of its class and its id, which it has each time
    /// that it is made.
    pub fn of_object(binding: &str, id: &ObjectId<'_>) -> Self {
        Self {
            id: format!("{binding}{APART}{id}").as_str().into(),
            anew: Cell::new(true),
            news: Cell::default(),
            keepers: RefCell::default(),
        }
    }

    /// Notes whether a policy bounds the calls at once: where it does not, nobody asks.
    pub fn note(&self, account: &str, family: &Family, is_bounded: bool) {
        self.keeper(account, family).bounded.set(Some(is_bounded));
    }

    /// Another policy holds: what was noted is not known any more, and no call starts
    /// on an earlier permit that lies idle.
    pub fn tell(&self, revision: Revision) {
        self.news.set(self.news.get().max(revision));
        for keeper in self.keepers.borrow().values() {
            keeper.bounded.set(None);
        }
    }

    /// What the account is told that asks.
    pub fn held(&self) -> PermitsHeld {
        let keepers = self.keepers.borrow();
        let holders = || keepers.values().map(|keeper| keeper.holder.borrow());
        PermitsHeld {
            held: holders()
                .flat_map(|holder| holder.held().collect::<Vec<_>>())
                .collect(),
            asking: holders().any(|holder| holder.is_asking()),
        }
    }

    /// Starts a call, which may have to wait in line; none if nothing bounds it.
    pub async fn start(
        &self,
        env: &Env,
        spender: Spender<'_>,
        family: &Family,
    ) -> Result<std::result::Result<Option<Running>, Refused>> {
        let keeper = self.keeper(spender.account, family);
        if keeper.bounded.get() == Some(false) {
            return Ok(Ok(None));
        }
        let news = spender.session.map(|_| self.news.get());
        let start = keeper.holder.borrow_mut().start(clock::now(), news);
        let who = self.asked(spender.account, spender.session);
        let number = match start {
            Start::Go(number) => number,
            Start::Ask { end } => {
                let asked = PermitsAsked {
                    anew: self.anew.replace(false),
                    end,
                    start: Some(family.clone()),
                    ..who.clone()
                };
                match stand_in_line(&keeper, env, asked).await? {
                    Outcome::Permit(number) => number,
                    Outcome::Free => return Ok(Ok(None)),
                    Outcome::Refused(refused) => return Ok(Err(refused)),
                }
            }
        };
        Ok(Ok(Some(Running::begins(keeper, env, who, number))))
    }

    fn asked(&self, account: &str, session: Option<&str>) -> PermitsAsked {
        PermitsAsked {
            account: account.to_owned(),
            session: session.map(str::to_owned),
            holder: self.id.clone(),
            anew: false,
            end: Vec::new(),
            renew: Vec::new(),
            start: None,
        }
    }

    fn keeper(&self, account: &str, family: &Family) -> Rc<Keeper> {
        let mut keepers = self.keepers.borrow_mut();
        if keepers.len() >= KEEPERS_MAX {
            keepers.retain(|_, keeper| !keeper.holder.borrow().is_empty());
        }
        let key = (account.to_owned(), family.clone());
        Rc::clone(keepers.entry(key).or_default())
    }
}

/// What came of standing in line.
enum Outcome {
    Permit(PermitNumber),
    /// Nothing bounds the calls.
    Free,
    Refused(Refused),
}

/// Asks the account for a permit. That goes on when the call is given up meanwhile: or
/// nobody would know of the permit that was granted for it, and give it back.
async fn stand_in_line(keeper: &Rc<Keeper>, env: &Env, asked: PermitsAsked) -> Result<Outcome> {
    let (sender, receiver) = oneshot::channel();
    let (keeper, env) = (Rc::clone(keeper), env.clone());
    behind_the_answer(async move {
        let who = PermitsAsked {
            end: Vec::new(),
            start: None,
            anew: false,
            ..asked.clone()
        };
        let outcome = keeper.ask_for_one(&env, &asked).await;
        if let Err(Ok(Outcome::Permit(number))) = sender.send(outcome) {
            drop(Running::begins(keeper, &env, who, number));
        }
    });
    let lost = |_| Err(Error::RustError("a call got lost in line".into()));
    receiver.await.unwrap_or_else(lost)
}

/// A call that asks and was not answered yet.
struct Asking<'a>(&'a Keeper);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.holder.borrow_mut().not_granted();
    }
}

impl Keeper {
    async fn ask_for_one(&self, env: &Env, asked: &PermitsAsked) -> Result<Outcome> {
        let (asking, asked_at) = (Asking(self), clock::now());
        match ask(env, asked).await?.started {
            Some(Started::Permit(permit)) => {
                std::mem::forget(asking); // it is answered
                let now = clock::now();
                if !self.holder.borrow_mut().granted(permit, asked_at, now) {
                    self.over.borrow_mut().push(permit.number);
                    return Err(Error::RustError("a permit came too late".into()));
                }
                Ok(Outcome::Permit(permit.number))
            }
            Some(Started::Free) => {
                self.bounded.set(Some(false));
                Ok(Outcome::Free)
            }
            Some(Started::Refused(refused)) => Ok(Outcome::Refused(refused)),
            None => Err(Error::RustError("the account said nothing".into())),
        }
    }

    /// Looks after the permits while a call runs, and once more when it has ended and its
    /// permit was of no use to another.
    async fn look(self: Rc<Self>, env: Env, asked: PermitsAsked, mut ended: oneshot::Receiver<()>) {
        while let Either::Right(((), runs)) = select(ended, Delay::from(PERMIT_LOOK_EVERY)).await {
            self.tell(&env, &asked).await;
            ended = runs;
        }
        self.tell(&env, &asked).await;
        Delay::from(IDLE_LOOK).await;
        self.tell(&env, &asked).await;
    }

    /// Tells the account what is due.
    async fn tell(&self, env: &Env, who: &PermitsAsked) {
        let asked_at = clock::now();
        let due = self.holder.borrow_mut().due(asked_at);
        self.lapsed.borrow_mut().extend(due.lapsed);
        let mut end = self.over.take();
        end.extend(due.end);
        if end.is_empty() && due.renew.is_empty() {
            return;
        }
        let asked = PermitsAsked {
            end,
            renew: due.renew,
            ..who.clone()
        };
        match ask(env, &asked).await {
            Ok(given) => {
                let (lost, now) = (given.lost, clock::now());
                let mut holder = self.holder.borrow_mut();
                let lapsed = holder.renewed(&asked.renew, &lost, asked_at, now);
                self.lapsed.borrow_mut().extend(lapsed);
            }
            // What was not renewed is tried again; what was not taken back lapses.
            Err(error) => console_error!("telling an account of permits: {error}"),
        }
    }
}

impl Running {
    /// A call that has its permit: from now on the permit is looked after.
    fn begins(keeper: Rc<Keeper>, env: &Env, who: PermitsAsked, number: PermitNumber) -> Self {
        let (runs, ended) = oneshot::channel();
        behind_the_answer(Rc::clone(&keeper).look(env.clone(), who, ended));
        Self {
            keeper,
            number,
            _runs: runs,
        }
    }

    /// Waits until the call has to end, because its permit is another's by now: the
    /// account could not be reached for long.
    pub async fn lapsed(&self) {
        while !self.keeper.lapsed.borrow().contains(&self.number) {
            Delay::from(PERMIT_LOOK_EVERY).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut holder = self.keeper.holder.borrow_mut();
        if holder.ended(self.number, clock::now()) {
            self.keeper.over.borrow_mut().push(self.number);
        }
        let mut lapsed = self.keeper.lapsed.borrow_mut();
        lapsed.retain(|number| *number != self.number);
    }
}

/// Does something of a call that runs; none if its permit is another's before that is
/// done.
pub async fn while_permitted<T>(
    running: Option<&Running>,
    work: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    let Some(running) = running else {
        return Some(work.await);
    };
    match select(work, pin!(running.lapsed())).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(((), _)) => None,
    }
}

/// Asks an object which permits it holds.
pub async fn held_by(env: &Env, holder: &HolderId) -> Result<PermitsHeld> {
    let unknown = || Error::RustError("a holder of no object".into());
    let (binding, id) = holder.as_str().split_once(APART).ok_or_else(unknown)?;
    let stub = env
        .durable_object(binding)?
        .id_from_string(id)?
        .get_stub()?;
    let url = format!("https://holder{PERMITS_HELD}");
    json::answered(stub.fetch_with_str(&url).await?).await
}

async fn ask(env: &Env, asked: &PermitsAsked) -> Result<PermitsGiven> {
    json::answered(post(env, &asked.account, PERMITS, asked).await?).await
}
