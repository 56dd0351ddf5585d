//! The stateless clients that listen to a hub: each is a hibernatable socket,
//! tagged with who pays for it. How many one user may have, and which give way.

use platform::hub::Wanted;
use serde::{Deserialize, Serialize};
use worker::{Result, State, WebSocket, web_sys};

/// What is kept with a socket.
#[derive(Debug, Serialize, Deserialize)]
struct Listener {
    /// When it began to listen, in milliseconds since 1970.
    since_ms: i64,
    wanted: Wanted,
}

/// Takes a socket in. Of the same user, the oldest give way to it: those streams
/// end, and their clients may come back.
pub(super) fn accept(
    state: &State,
    socket: &WebSocket,
    (payer, max): (&str, usize),
    (wanted, now_ms): (Wanted, i64),
) -> Result<()> {
    let others = state.get_websockets_with_tag(payer);
    let others: Vec<WebSocket> = others.into_iter().filter(is_open).collect();
    if others.len() >= max {
        let mut aged = Vec::new();
        for other in others {
            let since_ms = listener(&other)?.map_or(0, |listener| listener.since_ms);
            aged.push((since_ms, other));
        }
        for oldest in giving_way(aged, max) {
            let _ = oldest.close(Some(1000), Some("gave way to a newer one"));
        }
    }
    state.accept_websocket_with_tags(socket, &[payer]);
    let listener = Listener {
        since_ms: now_ms,
        wanted,
    };
    socket.serialize_attachment(serde_json::to_string(&listener)?)
}

/// What a socket's client wants to be told.
pub(super) fn wanted(socket: &WebSocket) -> Result<Option<Wanted>> {
    Ok(listener(socket)?.map(|listener| listener.wanted))
}

fn listener(socket: &WebSocket) -> Result<Option<Listener>> {
    let text = socket.deserialize_attachment::<String>()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// One whose close is under way is still among an object's sockets.
fn is_open(socket: &WebSocket) -> bool {
    let socket: &web_sys::WebSocket = socket.as_ref();
    socket.ready_state() == web_sys::WebSocket::OPEN
}

/// Of those that are there, the oldest that leave too little room for one more.
fn giving_way<T>(mut aged: Vec<(i64, T)>, max: usize) -> impl Iterator<Item = T> {
    let excess = (aged.len() + 1).saturating_sub(max);
    aged.sort_by_key(|(since_ms, _)| *since_ms);
    aged.into_iter().take(excess).map(|(_, socket)| socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_for_one_more_and_no_others() {
        let there = vec![(30, "c"), (10, "a"), (20, "b")];
        for (max, given_way) in [
            (4, &[][..]),
            (3, &["a"]),
            (2, &["a", "b"]),
            (1, &["a", "b", "c"]),
        ] {
            let found: Vec<_> = giving_way(there.clone(), max).collect();
            assert_eq!(found, given_way, "{max}");
        }
        assert_eq!(giving_way(Vec::<(i64, &str)>::new(), 1).count(), 0);
    }
}
