//! What may happen to a session, as random transcripts.

use std::time::Duration;

use mcp::limits::{CALLS_IN_FLIGHT_MAX, EVENTS_KEPT_MAX, SUBSCRIPTIONS_MAX};
use mcp::revision::Revision;
use mcp::session::Retention;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

/// A session's client, and what happens.
#[derive(Debug, Clone)]
pub(crate) struct Transcript {
    pub(crate) revision: Revision,
    pub(crate) capabilities: &'static str,
    pub(crate) retention: Retention,
    pub(crate) acts: Vec<Act>,
}

/// One thing that happens. An [`Index`] picks among what there is by then.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// The client makes a request that needs no tool.
    Ask(&'static str, &'static str),
    /// The client calls tools; some ids come again and again.
    Call { id: Option<u8>, method: usize },
    /// The client makes many calls at once.
    Calls(usize),
    /// The client sends a call whose arguments are this large, in bytes.
    LargeCall(usize),
    /// The client cancels a request it made, running or not.
    Cancel(Index),
    /// The client tells something that means nothing.
    Tell(&'static str),
    /// The client answers a question, new or old, or one that nobody asked.
    Reply { question: Index, with: ReplyWith },
    /// The client subscribes to so many resources, from this one on.
    Subscribe(usize, usize),
    /// The client wants to hear of that resource no more.
    Unsubscribe(usize),
    /// A tool that runs says something.
    Tool { run: Index, says: Says },
    /// Every tool that runs says something.
    AllSay(Says),
    /// The client answers every question that is open.
    ReplyAll(ReplyWith),
    /// The client cancels every request it made.
    CancelAll,
    /// A tool that runs says so many things.
    Flood { run: Index, messages: usize },
    /// Others change something so many times.
    Change(Changed, usize),
    /// The client opens its GET stream anew.
    Listen,
    /// A reader that was cut off comes back with the last id it saw.
    ComeBack(Index),
    /// Somebody comes with any id that was ever given.
    ListenAt(Index),
    /// A front Worker attaches to a stream, for the first time or again.
    Open(Index),
    /// Everything that is on its way arrives.
    Flow,
    /// A socket breaks after so many frames came through.
    BreakSocket { connection: Index, frames: usize },
    /// A client disconnects: so many frames reached its front Worker, and so
    /// many events the client.
    Leave {
        connection: Index,
        frames: usize,
        events: usize,
    },
    /// The object's memory is gone; its sockets hibernate, or break.
    Restart { sockets_live: bool },
    /// The hub fails the next time it is asked.
    HubFails,
    /// So many seconds pass; the alarm rings if it is due, unless it is late.
    Wait { seconds: i64, alarm: bool },
    /// The alarm rings, due or not.
    Alarm,
    /// The client ends the session.
    Delete,
}

/// What a client answers a question with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReplyWith {
    Fitting,
    WrongShape,
    Error,
    /// An error whose message has so many bytes.
    LargeError(usize),
    /// An answer of so many bytes.
    LargeAnswer(usize),
    /// A fitting answer under an id that is none of ours.
    UnknownId,
}

/// What a tool says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Says {
    Streams,
    Progress,
    /// Progress with so many bytes.
    LargeProgress(usize),
    Log(&'static str),
    LetGo,
    Forbidden,
    Finished,
    /// A result of so many bytes.
    LargeResult(usize),
    /// A result that changes the tool's state and something for others.
    FinishedWithState,
    /// So many questions, of the kinds that this number picks.
    Asks {
        questions: usize,
        kinds: usize,
    },
    Failed(i32),
    Garbage(&'static str),
}

/// What others change.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Changed {
    List(u8),
    Resource(usize),
}

/// Transcripts of up to that many acts.
pub(crate) fn transcripts(acts_max: usize) -> impl Strategy<Value = Transcript> {
    let revision = prop_oneof![
        1 => Just(Revision::V20250326),
        1 => Just(Revision::V20250618),
        4 => Just(Revision::V20251125),
    ];
    let capabilities = prop_oneof![
        1 => Just("{}"),
        3 => Just(r#"{"elicitation":{}}"#),
        5 => Just(r#"{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}}"#),
    ];
    let small = (1..20_u64, 100..2_000_u64, 1..600_u64);
    let small = small.prop_map(|(events, bytes, seconds)| Retention {
        events,
        bytes,
        age: Duration::from_secs(seconds),
    });
    let retention = prop_oneof![2 => Just(Retention::default()), 1 => small];
    let acts = vec(act(), 1..=acts_max);
    (revision, capabilities, retention, acts).prop_map(
        |(revision, capabilities, retention, acts)| Transcript {
            revision,
            capabilities,
            retention,
            acts,
        },
    )
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        300 => call(),
        300 => tool(),
        150 => client(),
        250 => streams(),
        60 => Just(Act::Flow),
        25 => all(),
        100 => around(),
        3 => large(),
        1 => Just(Act::Delete),
    ]
}

fn call() -> impl Strategy<Value = Act> {
    let id = prop_oneof![3 => Just(None), 1 => (0..4_u8).prop_map(Some)];
    prop_oneof![
        25 => (id, 0..5_usize).prop_map(|(id, method)| Act::Call { id, method }),
        1 => (1..CALLS_IN_FLIGHT_MAX + 4).prop_map(Act::Calls),
    ]
}

fn tool() -> impl Strategy<Value = Act> {
    let levels = select(vec!["debug", "info", "warning", "emergency", "loud"]);
    let says = prop_oneof![
        3 => Just(Says::Streams),
        8 => Just(Says::Progress),
        3 => levels.prop_map(Says::Log),
        2 => Just(Says::LetGo),
        1 => Just(Says::Forbidden),
        5 => Just(Says::Finished),
        1 => Just(Says::FinishedWithState),
        6 => (0..4_usize, any::<u8>()).prop_map(|(questions, kinds)| Says::Asks {
            questions,
            kinds: kinds.into(),
        }),
        1 => select(vec![-32021, -32602, -32603]).prop_map(Says::Failed),
        1 => select(vec!["", "null", "<html>", r#"{"result":5}"#,
            r#"{"result":{"_meta":{"sessile/task":{}}}}"#]).prop_map(Says::Garbage),
    ];
    let flood = (
        1..usize::try_from(EVENTS_KEPT_MAX).unwrap() * 5 / 4,
        any::<Index>(),
    );
    prop_oneof![
        60 => (any::<Index>(), says).prop_map(|(run, says)| Act::Tool { run, says }),
        1 => flood.prop_map(|(messages, run)| Act::Flood { run, messages }),
    ]
}

/// What happens to everything at once.
fn all() -> impl Strategy<Value = Act> {
    let ask = Says::Asks {
        questions: 1,
        kinds: 0,
    };
    prop_oneof![
        2 => Just(Act::AllSay(ask)),
        1 => Just(Act::AllSay(Says::LetGo)),
        2 => Just(Act::ReplyAll(ReplyWith::Fitting)),
        1 => Just(Act::CancelAll),
    ]
}

fn client() -> impl Strategy<Value = Act> {
    let asked = select(vec![
        ("ping", "{}"),
        ("logging/setLevel", r#"{"level":"debug"}"#),
        ("logging/setLevel", r#"{"level":"error"}"#),
        ("logging/setLevel", r#"{"level":"loud"}"#),
        ("tools/list", "{}"),
        ("prompts/list", r#"{"cursor":"x"}"#),
        ("resources/list", r#"{"cursor":7}"#),
        ("resources/templates/list", "{}"),
        ("resources/subscribe", r#"{"uri":7}"#),
        ("tools/call", "{}"),
        ("completion/complete", r#"{"ref":{"type":"ref/none"}}"#),
        ("no/such", "{}"),
        ("initialize", "{}"),
    ]);
    let with = prop_oneof![
        6 => Just(ReplyWith::Fitting),
        1 => Just(ReplyWith::WrongShape),
        1 => Just(ReplyWith::Error),
        1 => Just(ReplyWith::UnknownId),
    ];
    let told = select(vec![
        "initialized",
        "roots/list_changed",
        "cancelled",
        "none",
    ]);
    let few = (0..6_usize, 1..3_usize);
    let many = (
        0..SUBSCRIPTIONS_MAX,
        SUBSCRIPTIONS_MAX / 2..SUBSCRIPTIONS_MAX,
    );
    let subscribed = prop_oneof![30 => few, 1 => many];
    prop_oneof![
        3 => asked.prop_map(|(method, params)| Act::Ask(method, params)),
        3 => any::<Index>().prop_map(Act::Cancel),
        1 => told.prop_map(Act::Tell),
        8 => (any::<Index>(), with).prop_map(|(question, with)| Act::Reply { question, with }),
        2 => subscribed.prop_map(|(first, count)| Act::Subscribe(first, count)),
        1 => (0..6_usize).prop_map(Act::Unsubscribe),
    ]
}

fn streams() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Listen),
        6 => any::<Index>().prop_map(Act::ComeBack),
        2 => any::<Index>().prop_map(Act::ListenAt),
        6 => any::<Index>().prop_map(Act::Open),
        3 => (any::<Index>(), 0..4_usize)
            .prop_map(|(connection, frames)| Act::BreakSocket { connection, frames }),
        3 => (any::<Index>(), 0..4_usize, 0..3_usize)
            .prop_map(|(connection, frames, events)| Act::Leave { connection, frames, events }),
    ]
}

/// What happens without the client or a tool.
fn around() -> impl Strategy<Value = Act> {
    let lists = (0..3_u8).prop_map(Changed::List);
    let resources = (0..6_usize).prop_map(Changed::Resource);
    let times = prop_oneof![40 => 1..3_usize, 1 => 1..usize::try_from(EVENTS_KEPT_MAX).unwrap()];
    let seconds = prop_oneof![
        8 => -1..60_i64,
        8 => 60..8 * 3600_i64,
        2 => 3600..6 * 24 * 3600_i64,
        1 => 5 * 24 * 3600..8 * 24 * 3600_i64,
    ];
    prop_oneof![
        8 => (prop_oneof![lists, resources], times)
            .prop_map(|(changed, times)| Act::Change(changed, times)),
        4 => any::<bool>().prop_map(|sockets_live| Act::Restart { sockets_live }),
        1 => Just(Act::HubFails),
        4 => (seconds, any::<bool>()).prop_map(|(seconds, alarm)| Act::Wait { seconds, alarm }),
        1 => Just(Act::Alarm),
    ]
}

/// What is near the limits of a row and of the log: rare, because it is slow.
fn large() -> impl Strategy<Value = Act> {
    let bytes = 1_500_000..2_600_000_usize;
    let large = |says: fn(usize) -> Says| {
        move |(bytes, run)| Act::Tool {
            run,
            says: says(bytes),
        }
    };
    let reply = |with: fn(usize) -> ReplyWith| {
        move |(bytes, question)| Act::Reply {
            question,
            with: with(bytes),
        }
    };
    prop_oneof![
        bytes.clone().prop_map(Act::LargeCall),
        (bytes.clone(), any::<Index>()).prop_map(large(Says::LargeProgress)),
        (bytes.clone(), any::<Index>()).prop_map(large(Says::LargeResult)),
        (bytes.clone(), any::<Index>()).prop_map(reply(ReplyWith::LargeError)),
        (bytes, any::<Index>()).prop_map(reply(ReplyWith::LargeAnswer)),
    ]
}
