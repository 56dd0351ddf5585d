//! The end of a transcript: whoever can come back does, and then everything
//! must have arrived.

use crate::transcript::{ReplyWith, Says};
use crate::world::World;
use crate::{promises, said};

/// More rounds than any transcript needs until nobody is cut off any more.
const ROUNDS_MAX: usize = 1_000;

impl World {
    /// Lets everything come to its end, and looks whether it did.
    pub(crate) fn settle(mut self) {
        self.object.hub_fails = false;
        self.accepted(said::told("none"));
        self.finish_calls();
        self.bring_readers_back();
        if !self.ended {
            self.ledger.every_request_was_answered();
            promises::nothing_is_remembered_that_is_not_stored(&self.object);
        }
        for reader in &self.clients.readers {
            reader.every_message_arrived_once(&self.ledger);
            reader.nobody_waits_on_a_stream_that_is_over(&self.ledger);
        }
    }

    /// Tools finish, and clients answer what they were asked.
    fn finish_calls(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let runs: Vec<_> = self.object.runs.keys().copied().collect();
            let open = self.object.rows.open_questions();
            if self.ended || (runs.is_empty() && open.is_empty()) {
                return;
            }
            for call in runs {
                self.tool_says(call, Says::Finished);
            }
            for id in open {
                let text = said::reply(&self.ledger.question(&id), ReplyWith::Error);
                self.accepted(text);
            }
        }
        panic!("calls go on for ever");
    }

    fn bring_readers_back(&mut self) {
        for _ in 0..ROUNDS_MAX {
            for connection in self.to_open() {
                self.open(connection);
            }
            self.clients.flow(&mut self.object, &self.ledger);
            let cut_off = self.cut_off();
            if cut_off.is_empty() && self.to_open().is_empty() {
                return;
            }
            for reader in cut_off {
                self.come_back(reader);
            }
        }
        panic!("clients come back for ever");
    }
}
