//! What each person is told, in its order.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use wayfare_core::id::{TripId, UserId};
use wayfare_core::wire::{ChangesPage, StreamEvent, StreamMessage};

/// The most messages on a page: few, so that pages are turned.
const PAGE: usize = 16;
/// How many messages of a person are kept.
const KEPT: usize = 120;

/// The feeds of all people.
#[derive(Debug, Default)]
pub(super) struct Feeds {
    cursor: i64,
    of: BTreeMap<UserId, Feed>,
}

#[derive(Debug, Default)]
struct Feed {
    messages: Vec<(i64, StreamEvent)>,
    /// Everything up to here was forgotten.
    forgotten: i64,
}

impl Feeds {
    /// Tells a person something.
    pub(super) fn push(&mut self, user: UserId, event: StreamEvent) {
        self.cursor += 1;
        let cursor = self.cursor;
        let feed = self.of.entry(user).or_default();
        feed.messages.push((cursor, event));
        if feed.messages.len() > KEPT {
            feed.forgotten = feed.messages.remove(0).0;
        }
    }

    /// What comes next comes after this cursor.
    pub(super) const fn cursor(&self) -> i64 {
        self.cursor
    }

    /// Whether there is something after the cursor.
    pub(super) fn has_after(&self, user: UserId, cursor: i64) -> bool {
        let last = self.of.get(&user).and_then(|feed| feed.messages.last());
        last.is_some_and(|(at, _)| *at > cursor)
    }

    /// A page of what is after the cursor. If it shall not be whole, a message is missing.
    pub(super) fn page(
        &self,
        user: UserId,
        cursor: i64,
        (server_time, whole): (DateTime<Utc>, bool),
    ) -> ChangesPage {
        let nothing = Feed::default();
        let feed = self.of.get(&user).unwrap_or(&nothing);
        let after: Vec<_> = feed
            .messages
            .iter()
            .filter(|(at, _)| *at > cursor)
            .collect();
        let page = after.get(..PAGE).unwrap_or(&after);
        let more = page.len() < after.len();
        // Where nothing is left, nothing of other people's is before this cursor either.
        let end = match page.last() {
            Some((at, _)) if more => *at,
            _ => self.cursor.max(cursor),
        };
        let mut messages = newest_of_each_trip(page);
        if !whole && messages.len() > 1 {
            messages.remove(messages.len() / 2);
        }
        ChangesPage {
            messages,
            cursor: end,
            complete: cursor >= feed.forgotten && cursor <= self.cursor,
            more,
            server_time,
        }
    }
}

/// Of several messages that say the state of one trip only the last one counts.
fn newest_of_each_trip(page: &[&(i64, StreamEvent)]) -> Vec<StreamMessage> {
    let mut said = BTreeSet::new();
    let mut messages = Vec::new();
    for (cursor, event) in page.iter().rev() {
        if said_of(event).is_none_or(|what| said.insert(what)) {
            messages.push(StreamMessage {
                cursor: Some(*cursor),
                event: event.clone(),
            });
        }
    }
    messages.reverse();
    messages
}

fn said_of(event: &StreamEvent) -> Option<(bool, TripId)> {
    match event {
        StreamEvent::TripUpdated { trip } => Some((false, trip.id)),
        StreamEvent::TripKit { kit } => Some((true, kit.trip.request.trip)),
        _ => None,
    }
}
