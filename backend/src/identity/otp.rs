//! One-time passwords: made, sent, checked.
//!
//! The database keeps an HMAC under a key that it does not know, bound to the challenge, so that
//! neither a copy of the database nor a password of another challenge opens anything.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use rand::RngExt;
use sha2::Sha256;
use uuid::Uuid;
use wayfare_core::id::ChallengeId;
use wayfare_core::phone::Phone;
use wayfare_core::wire::{ErrorCode, NewOtp, OtpChallenge};

use super::queries;
use crate::app::App;
use crate::notify::Sms;
use crate::platform::config::Config;
use crate::platform::failure::Failure;

const RETRY_SENDING_AFTER_S: u32 = 5;

/// What passwords are hashed under.
pub(super) struct OtpKey(Hmac<Sha256>);

impl OtpKey {
    pub(super) const fn new(key: Hmac<Sha256>) -> Self {
        Self(key)
    }

    fn hash(&self, challenge: ChallengeId, code: &str) -> Vec<u8> {
        self.over(challenge, code).finalize().into_bytes().to_vec()
    }

    /// Takes the same time for every wrong code.
    pub(super) fn matches(&self, challenge: ChallengeId, code: &str, hash: &[u8]) -> bool {
        self.over(challenge, code).verify_slice(hash).is_ok()
    }

    fn over(&self, challenge: ChallengeId, code: &str) -> Hmac<Sha256> {
        self.0
            .clone()
            .chain_update(challenge.uuid().as_bytes())
            .chain_update(code.as_bytes())
    }
}

impl fmt::Debug for OtpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtpKey(…)")
    }
}

/// Sends a one-time password. Older ones of the same phone become void. A password that could not be
/// sent leaves nothing behind, so that another one can be asked for at once.
pub(super) async fn create_otp(
    app: &App,
    wanted: &NewOtp,
    now: DateTime<Utc>,
) -> Result<OtpChallenge, Failure> {
    let auth = &app.config.auth;
    let id = ChallengeId::from_uuid(Uuid::now_v7());
    let code = new_code();
    let expires_at = now + TimeDelta::seconds(auth.otp_ttl_s.into());
    let row = queries::NewChallenge {
        id,
        phone: &wanted.phone,
        code_hash: &app.tokens.otp_key().hash(id, &code),
        created_at: now,
        expires_at,
    };
    insert_newest(app, row, now).await?;

    let sms = message(wanted.phone.clone(), code, auth.otp_ttl_s);
    if let Err(error) = app.sms.send(sms).await {
        tracing::error!(challenge = %id, error = ?error, "a one-time password was not sent");
        queries::delete_challenge(&mut *app.pool.acquire().await?, id).await?;
        return Err(Failure::Refused {
            code: ErrorCode::Unavailable,
            detail: "the message could not be sent; try again".into(),
            retry_after_s: Some(RETRY_SENDING_AFTER_S),
        });
    }
    tracing::info!(challenge = %id, "one-time password sent");
    Ok(OtpChallenge {
        challenge_id: id,
        expires_at,
        resend_after_s: auth.otp_resend_after_s,
    })
}

/// Makes a challenge the only open one of its phone, unless the phone got one a moment ago or enough
/// of them lately. That is counted in the database, so it holds for all instances and addresses.
async fn insert_newest(
    app: &App,
    row: queries::NewChallenge<'_>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let pace = Pace::of(&app.config);
    let mut transaction = app.pool.begin().await?;
    queries::lock_phone(&mut transaction, row.phone).await?;
    let since = now - TimeDelta::seconds(pace.window_s.max(pace.resend_after_s).into());
    let recent = queries::get_recent_challenges(&mut transaction, row.phone, since).await?;
    if let Some(wait_s) = pace.wait_s(&recent, now) {
        return Err(too_soon(wait_s));
    }
    queries::void_open_challenge(&mut transaction, row.phone, now).await?;
    queries::insert_challenge(&mut transaction, row).await?;
    transaction.commit().await?;
    Ok(())
}

/// How fast one phone gets passwords.
#[derive(Debug, Clone, Copy)]
struct Pace {
    resend_after_s: u32,
    per_window: u32,
    window_s: u32,
}

impl Pace {
    fn of(config: &Config) -> Self {
        Self {
            resend_after_s: config.auth.otp_resend_after_s,
            per_window: config.limits.login_per_window,
            window_s: config.limits.window_s,
        }
    }

    /// How long to wait for the next password, if it is too early.
    fn wait_s(self, recent: &queries::RecentChallenges, now: DateTime<Utc>) -> Option<u32> {
        let resend = recent
            .last
            .and_then(|last| rest_s(last, self.resend_after_s, now));
        let window = recent
            .first
            .filter(|_| recent.count >= self.per_window.into())
            .and_then(|first| rest_s(first, self.window_s, now));
        resend.max(window)
    }
}

/// What is left of a length of time that began at a moment.
fn rest_s(began: DateTime<Utc>, length_s: u32, now: DateTime<Utc>) -> Option<u32> {
    let end = began + TimeDelta::seconds(length_s.into());
    let rest_ms = (end - now).num_milliseconds();
    if rest_ms <= 0 {
        return None;
    }
    // A clock that was set back must not make anybody wait longer than the rule says.
    let rest_s = rest_ms.unsigned_abs().div_ceil(1000);
    Some(u32::try_from(rest_s).unwrap_or(length_s).min(length_s))
}

fn too_soon(wait_s: u32) -> Failure {
    Failure::Refused {
        code: ErrorCode::RateLimited,
        detail: format!("this number got a password lately; ask again in {wait_s} s").into(),
        retry_after_s: Some(wait_s),
    }
}

fn new_code() -> String {
    format!("{:06}", rand::rng().random_range(0..1_000_000_u32))
}

fn message(to: Phone, code: String, ttl_s: u32) -> Sms {
    let minutes = ttl_s.div_ceil(60);
    let text = format!(
        "Your Wayfare code is {code}. It is good for {minutes} min. Nobody from Wayfare will ask you for it."
    );
    Sms {
        to,
        text,
        code: Some(code),
    }
}

#[cfg(test)]
mod tests {
    use hmac::KeyInit;

    use super::*;

    #[test]
    fn a_code_opens_only_its_own_challenge() {
        let key = OtpKey::new(Hmac::new_from_slice(b"key").unwrap());
        let (one, two) = (1, 2);
        let id = |n| ChallengeId::from_uuid(Uuid::from_u128(n));
        let hash = key.hash(id(one), "123456");
        assert!(key.matches(id(one), "123456", &hash));
        assert!(!key.matches(id(one), "123457", &hash));
        assert!(!key.matches(id(two), "123456", &hash));
        let other = OtpKey::new(Hmac::new_from_slice(b"other").unwrap());
        assert!(!other.matches(id(one), "123456", &hash));
    }

    #[test]
    fn a_code_has_six_digits() {
        for _ in 0..1000 {
            let code = new_code();
            assert!(
                code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
                "{code}"
            );
        }
    }

    #[test]
    fn the_next_code_waits_for_the_configured_time_and_no_longer() {
        let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let at = |ms| noon + TimeDelta::milliseconds(ms);
        for (now, rest) in [
            (at(0), Some(30)),
            (at(1), Some(30)),
            (at(29_000), Some(1)),
            (at(29_999), Some(1)),
            (at(30_000), None),
            (at(-3_600_000), Some(30)),
        ] {
            assert_eq!(rest_s(noon, 30, now), rest, "{now}");
        }
        assert_eq!(rest_s(noon, 0, noon), None);
    }

    #[test]
    fn a_phone_that_had_its_share_waits_until_the_window_moved_on() {
        let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let pace = Pace {
            resend_after_s: 30,
            per_window: 3,
            window_s: 900,
        };
        let recent = |count| queries::RecentChallenges {
            count,
            first: Some(noon),
            last: Some(noon + TimeDelta::seconds(100)),
        };
        let after = |s| noon + TimeDelta::seconds(s);
        for (count, now, wait) in [
            (2, after(110), Some(20)),
            (2, after(130), None),
            (3, after(110), Some(790)),
            (3, after(130), Some(770)),
            (3, after(900), None),
        ] {
            assert_eq!(pace.wait_s(&recent(count), now), wait, "{count} {now}");
        }
        let none = queries::RecentChallenges {
            count: 0,
            first: None,
            last: None,
        };
        assert_eq!(pace.wait_s(&none, noon), None);
    }
}
