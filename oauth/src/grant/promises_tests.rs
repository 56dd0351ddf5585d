//! Promise 4 of the architecture under random histories: whatever clients,
//! users and the clock do, in whatever order, one code never leads to two live
//! grants, nobody has a token that no user agreed to, and no scope grows.
//!
//! `PROPTEST_CASES=100000` plays more histories than the usual 256.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::contract::{NOW, terms};
use super::*;
use crate::encoding;
use crate::pkce::Challenge;
use crate::scope::Scopes;
use crate::secret::{MacKey, RootSecret};

/// Longest history.
const ACTS_MAX: usize = 40;
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:1/cb";
/// Whom users agree to, and who tries.
const CLIENTS: [&str; 2] = ["client", "other"];
/// Waits around everything that ends: a code, the grace time, a grant, the
/// memory of a code.
const WAITS: [i64; 9] = [1, 59, 60, 61, 119, 120, 86_400, 2_592_000, 31_536_000];

/// What happens; numbers choose among what there is by then.
#[derive(Debug, Clone)]
enum Act {
    /// A user agrees to what a client asks.
    Agree { client: usize, scopes: usize },
    /// Somebody redeems a code.
    Redeem {
        code: usize,
        client: usize,
        verifier: bool,
    },
    /// Somebody uses a refresh token.
    Refresh {
        token: usize,
        client: usize,
        scopes: Option<usize>,
    },
    /// Somebody revokes by a refresh token, or by an access token beside it.
    Revoke {
        token: usize,
        client: usize,
        access: bool,
    },
    /// Time goes by.
    Wait(i64),
    /// The account looks through what it keeps.
    Sweep,
}

fn act() -> impl Strategy<Value = Act> {
    let client = 0..CLIENTS.len();
    // Mostly the right one, or little would ever be granted.
    let who = prop_oneof![4 => Just(0_usize), 1 => Just(1_usize)];
    prop_oneof![
        2 => (client, 0..SCOPES.len()).prop_map(|(client, scopes)| Act::Agree { client, scopes }),
        4 => (any::<usize>(), who.clone(), prop::bool::weighted(0.8))
            .prop_map(|(code, client, verifier)| Act::Redeem { code, client, verifier }),
        6 => (any::<usize>(), who.clone(), prop::option::weighted(0.3, 0..SCOPES.len()))
            .prop_map(|(token, client, scopes)| Act::Refresh { token, client, scopes }),
        1 => (any::<usize>(), who, any::<bool>())
            .prop_map(|(token, client, access)| Act::Revoke { token, client, access }),
        4 => prop::sample::select(WAITS.as_slice()).prop_map(Act::Wait),
        1 => Just(Act::Sweep),
    ]
}

/// What users agree to and clients ask for.
const SCOPES: [&str; 4] = ["mcp", "notes:read", "notes:write", "notes:read notes:write"];

fn scopes(which: usize) -> Scopes {
    Scopes::read(Some(SCOPES[which])).unwrap()
}

/// What a user once agreed to, and what came of it.
struct Agreed {
    secret: Secret,
    terms: Terms,
    at: Timestamp,
    led_to: Vec<GrantId>,
}

/// A refresh token that somebody was given.
#[derive(Clone)]
struct Given {
    agreed: usize,
    grant: GrantId,
    generation: u32,
    secret: Secret,
    at: Timestamp,
}

struct World {
    store: MemoryStore,
    now: Timestamp,
    key: MacKey,
    drawn: u8,
    agreed: Vec<Agreed>,
    given: Vec<Given>,
    ended: BTreeSet<GrantId>,
}

impl World {
    fn new() -> Self {
        let root = RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap();
        Self {
            store: MemoryStore::default(),
            now: NOW,
            key: root.brief_mac_key("successors"),
            drawn: 0,
            agreed: Vec::new(),
            given: Vec::new(),
            ended: BTreeSet::new(),
        }
    }

    /// Bytes that were never drawn before.
    fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn += 1;
        [self.drawn; N]
    }

    fn stands(&self, grant: &GrantId) -> bool {
        self.store.grant(grant).unwrap().is_some()
    }

    fn act(&mut self, act: &Act) {
        let before = self.store.clone();
        match act {
            Act::Agree { client, scopes } => self.agree(*client, *scopes),
            Act::Redeem {
                code,
                client,
                verifier,
            } if !self.agreed.is_empty() => {
                let code = code % self.agreed.len();
                self.redeem(code, *client, *verifier, &before);
            }
            Act::Refresh {
                token,
                client,
                scopes,
            } if !self.given.is_empty() => {
                let token = self.given[token % self.given.len()].clone();
                self.refresh(&token, *client, *scopes, &before);
            }
            Act::Revoke {
                token,
                client,
                access,
            } if !self.given.is_empty() => {
                let token = self.given[token % self.given.len()].clone();
                self.revoke(&token, *client, *access, &before);
            }
            Act::Wait(seconds) => self.now += SignedDuration::from_secs(*seconds),
            Act::Sweep => self.store.forget_expired(self.now).unwrap(),
            Act::Redeem { .. } | Act::Refresh { .. } | Act::Revoke { .. } => {}
        }
        for grant in &self.ended {
            assert!(!self.stands(grant), "an ended grant stands again");
        }
        for agreed in &self.agreed {
            let live = agreed.led_to.iter().filter(|grant| self.stands(grant));
            assert!(live.count() <= 1, "one code, two live grants");
        }
    }

    fn agree(&mut self, client: usize, which: usize) {
        let terms = Terms {
            client_id: CLIENTS[client].into(),
            scopes: scopes(which),
            ..terms()
        };
        let approval = Approval {
            terms: terms.clone(),
            redirect_uri: CALLBACK.into(),
            challenge: Challenge::parse(CHALLENGE).unwrap(),
        };
        let drawn = self.draw();
        let secret = issue(&mut self.store, self.now, drawn, approval).unwrap();
        self.agreed.push(Agreed {
            secret,
            terms,
            at: self.now,
            led_to: Vec::new(),
        });
    }

    fn redeem(&mut self, code: usize, client: usize, verifier: bool, before: &MemoryStore) {
        // `client` 0 is whoever the code was issued to.
        let agreed = &self.agreed[code];
        let issued_to = agreed.terms.client_id.clone();
        let asked = Redemption {
            secret: agreed.secret.clone(),
            client_id: if client == 0 {
                issued_to
            } else {
                "thief".into()
            },
            authenticated: false,
            key: None,
            redirect_uri: Some(CALLBACK.into()),
            verifier: if verifier {
                VERIFIER.into()
            } else {
                "x".repeat(43)
            },
            resource: None,
        };
        let drawn = (self.draw(), self.draw());
        let answer = redeem(&mut self.store, self.now, drawn, &asked).unwrap();
        let agreed = &mut self.agreed[code];
        match answer {
            Ok(granted) => {
                assert!(client == 0 && verifier, "without the client's verifier");
                assert!(agreed.led_to.is_empty(), "a code was redeemed twice");
                assert!(self.now < agreed.at + CODE_LIFE, "after its time");
                assert_eq!(granted.terms, agreed.terms);
                agreed.led_to.push(granted.grant.clone());
                self.give(code, &granted);
            }
            Err(GrantRefusal::Reused(Some(grant))) => {
                assert!(client == 0 && agreed.led_to.contains(&grant));
                self.ended.insert(grant);
            }
            Err(_) => assert_eq!(self.store, *before, "a refusal changed something"),
        }
    }

    fn refresh(&mut self, token: &Given, client: usize, asks: Option<usize>, before: &MemoryStore) {
        let agreed = &self.agreed[token.agreed];
        let asked = Refreshing {
            grant: token.grant.clone(),
            generation: token.generation,
            secret: token.secret.clone(),
            client_id: if client == 0 {
                agreed.terms.client_id.clone()
            } else {
                "thief".into()
            },
            authenticated: false,
            key: None,
            scope: asks.map(|which| SCOPES[which].to_owned()),
            resource: None,
        };
        let agreed_scopes = agreed.terms.scopes.clone();
        let (newest, replaced) = self.newest(&token.grant);
        let drawn = self.draw();
        let answer = refresh(&mut self.store, self.now, drawn, &self.key, &asked).unwrap();
        match answer {
            Ok(granted) => {
                assert_eq!(client, 0, "by another client");
                assert!(!self.ended.contains(&token.grant), "of an ended grant");
                for scope in granted.terms.scopes.beyond_baseline() {
                    assert!(agreed_scopes.contains(scope), "a scope grew");
                }
                if token.generation == newest {
                    assert_eq!(granted.generation, newest + 1);
                    self.give(token.agreed, &granted);
                } else {
                    // The answer may have been lost: the same successor again.
                    assert_eq!(token.generation + 1, newest, "an old token was taken");
                    assert!(self.now <= replaced + REFRESH_GRACE, "after the grace time");
                    let same = self.given.iter().any(|given| {
                        given.secret == granted.refresh_secret && given.generation == newest
                    });
                    assert!(same, "a second successor");
                }
            }
            Err(GrantRefusal::Reused(Some(grant))) => {
                assert!(client == 0 && token.generation < newest);
                self.ended.insert(grant);
            }
            Err(_) => assert_eq!(self.store, *before, "a refusal changed something"),
        }
    }

    fn revoke(&mut self, token: &Given, client: usize, access: bool, before: &MemoryStore) {
        let issued_to = self.agreed[token.agreed].terms.client_id.clone();
        let asked = Revoking {
            grant: token.grant.clone(),
            client_id: if client == 0 {
                issued_to
            } else {
                "thief".into()
            },
            authenticated: false,
            token: if access {
                RevokedToken::Access
            } else {
                RevokedToken::Refresh {
                    generation: token.generation,
                    secret: token.secret.clone(),
                }
            },
        };
        if let Ok(()) = revoke(&mut self.store, &asked).unwrap() {
            assert_eq!(client, 0, "by another client");
            self.ended.insert(token.grant.clone());
        } else {
            assert_eq!(self.store, *before, "a refusal changed something");
            let lost = client == 0 && self.stands(&token.grant);
            assert!(!lost, "a revocation was lost");
        }
    }

    fn give(&mut self, agreed: usize, granted: &Granted) {
        self.given.push(Given {
            agreed,
            grant: granted.grant.clone(),
            generation: granted.generation,
            secret: granted.refresh_secret.clone(),
            at: self.now,
        });
    }

    /// The number of the newest token of a grant, and when it was given.
    fn newest(&self, grant: &GrantId) -> (u32, Timestamp) {
        let of_it = self.given.iter().filter(|given| given.grant == *grant);
        let newest = of_it.max_by_key(|given| given.generation).unwrap();
        (newest.generation, newest.at)
    }
}

proptest! {
    /// Promise 4.
    /// Checklist AS-04, AS-09.
    #[test]
    fn no_history_breaks_a_promise_of_grants(acts in prop::collection::vec(act(), 1..ACTS_MAX)) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
        }
    }
}
