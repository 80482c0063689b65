//! The messages of one transaction, collected and then written in one order.

use sqlx::PgConnection;
use wayfare_core::id::UserId;
use wayfare_core::wire::StreamEvent;

use super::queries;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// The messages of one transaction.
///
/// Writing one locks the person's feed until the transaction ends; that is what keeps cursors in
/// the order in which they become visible. Two transactions that lock two feeds in opposite order
/// would wait for each other for ever, so all messages of a transaction are written at its end, by
/// person.
#[derive(Debug, Default)]
pub struct Feed {
    messages: Vec<(UserId, StreamEvent)>,
}

impl Feed {
    /// Adds a message for a person.
    pub fn push(&mut self, to: impl Into<UserId>, event: StreamEvent) {
        self.messages.push((to.into(), event));
    }

    /// How many messages there are, to come back to with [`Feed::rewind`].
    pub const fn mark(&self) -> usize {
        self.messages.len()
    }

    /// Forgets the messages since a mark: what they tell was undone.
    pub fn rewind(&mut self, mark: usize) {
        self.messages.truncate(mark);
    }

    /// Writes all messages. Call it once, last in the transaction.
    pub async fn write(mut self, connection: &mut PgConnection) -> Result<(), Failure> {
        self.messages.sort_by_key(|(user, _)| *user);
        let now = clock::now();
        for (user, event) in &self.messages {
            let payload = serde_json::to_value(event)
                .map_err(|error| Failure::broken("writing a message", error))?;
            let cursor = queries::next_cursor(connection, *user).await?;
            queries::insert_message(connection, *user, cursor, payload, now).await?;
            queries::notify(connection, *user).await?;
        }
        Ok(())
    }
}
