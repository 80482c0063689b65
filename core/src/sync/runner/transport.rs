//! Asking the server: each request once, and what comes of it as an answer.

use std::time::Duration;

use crate::client::{Client, ClientError};
use crate::sync::device::{Answer, Request};

/// Asks the server.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request once. The future may be dropped at any time: then nobody waits for the answer,
    /// and the server may have got the request or not.
    fn send(&self, request: Request) -> impl Future<Output = Answer> + Send;
}

impl Transport for Client {
    async fn send(&self, request: Request) -> Answer {
        let answer = match request {
            Request::Register(device) => {
                self.register_device(&device).await.map(Answer::Registered)
            }
            Request::Commands(batch) => self.send_commands(&batch).await.map(Answer::Batch),
            Request::Snapshot => self
                .snapshot()
                .await
                .map(|snapshot| Answer::Snapshot(Box::new(snapshot))),
            Request::Changes { cursor, wait_s } => {
                self.changes(cursor, wait_s).await.map(Answer::Changes)
            }
            Request::Segment {
                trip,
                sha256,
                bytes,
            } => self
                .send_segment(trip, sha256, bytes)
                .await
                .map(Answer::Segment),
            Request::BeginBlob(blob) => self.begin_blob(&blob).await.map(Answer::Blob),
            Request::Chunk {
                blob,
                offset,
                bytes,
            } => self
                .append_blob(blob, offset, bytes)
                .await
                .map(Answer::Blob),
        };
        answer.unwrap_or_else(|error| failed(&error))
    }
}

fn failed(error: &ClientError) -> Answer {
    // The client could not renew the session.
    if error.is_signed_out() {
        return refused(401, error);
    }
    match error {
        ClientError::Refused { problem, .. } => refused(problem.status, error),
        ClientError::Unreadable { status, .. } if *status >= 400 => refused(*status, error),
        _ => Answer::Lost,
    }
}

fn refused(status: u16, error: &ClientError) -> Answer {
    let problem = match error {
        ClientError::Refused { problem, .. } => Some((**problem).clone()),
        _ => None,
    };
    let milliseconds = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Answer::Refused {
        status,
        problem,
        retry_after_ms: error.retry_after().map(milliseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{ErrorCode, Problem};

    fn error(status: u16, code: ErrorCode) -> ClientError {
        let problem = Problem {
            kind: "about:blank".into(),
            title: "no".into(),
            status,
            code,
            detail: "no".into(),
            request_id: "r".into(),
            errors: vec![],
        };
        ClientError::Refused {
            problem: Box::new(problem),
            retry_after: Some(Duration::from_secs(7)),
        }
    }

    fn status(answer: &Answer) -> Option<u16> {
        match answer {
            Answer::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    #[test]
    fn a_refusal_is_passed_on_with_the_time_to_come_back() {
        let answer = failed(&error(429, ErrorCode::RateLimited));
        let Answer::Refused {
            status: 429,
            problem: Some(problem),
            retry_after_ms: Some(7_000),
        } = answer
        else {
            panic!("{answer:?}");
        };
        assert_eq!(problem.code, ErrorCode::RateLimited);
    }

    #[test]
    fn a_session_that_is_over_is_one_however_the_client_says_it() {
        assert_eq!(status(&failed(&ClientError::SignedOut)), Some(401));
        let reused = error(409, ErrorCode::RefreshTokenReused);
        assert_eq!(status(&failed(&reused)), Some(401));
    }

    #[test]
    fn what_cannot_be_read_is_a_refusal_only_if_its_status_is_one() {
        let unreadable = |status| ClientError::Unreadable {
            status,
            source: None,
        };
        assert_eq!(status(&failed(&unreadable(502))), Some(502));
        assert_eq!(failed(&unreadable(200)), Answer::Lost);
    }
}
