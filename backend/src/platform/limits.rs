//! Rate limits: so many requests per key and window, counted in the process.
//!
//! A key's window begins with its first request. Memory is bounded: when too many keys are live,
//! further ones share one counter, so that a flood of addresses neither grows the table nor wipes
//! the counters of others.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::config::LimitsConfig;

/// Keys kept at most, a few tens of bytes each.
const KEYS_MAX: usize = 100_000;
/// What the keys beyond that may use together, in limits of one key.
const OVERFLOW_SHARE: u32 = 100;
/// Looking for expired keys walks the whole table.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The limits of the API.
#[derive(Debug)]
pub struct Limits {
    /// Requests without a session, by address.
    pub anonymous: RateLimiter,
    /// Login attempts, by phone and by address.
    pub login: RateLimiter,
    /// Requests with a session, by user.
    pub user: RateLimiter,
    /// Files of the city pack, by address.
    pub city_files: RateLimiter,
}

impl Limits {
    pub fn new(config: &LimitsConfig) -> Self {
        let window = Duration::from_secs(config.window_s.into());
        Self {
            anonymous: RateLimiter::new(config.anonymous_per_window, window),
            login: RateLimiter::new(config.login_per_window, window),
            user: RateLimiter::new(config.per_user_per_window, window),
            city_files: RateLimiter::new(config.city_files_per_window, window),
        }
    }
}

/// The answer to one request, with what the `RateLimit-*` headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the window ends, rounded up; `Retry-After` when refused.
    pub reset_s: u64,
}

#[derive(Debug)]
pub struct RateLimiter {
    limit: u32,
    window: Duration,
    keys_max: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    keys: HashMap<String, Counter>,
    overflow: Option<Counter>,
    swept: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    began: Instant,
    used: u32,
}

impl RateLimiter {
    pub fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit,
            window,
            keys_max: KEYS_MAX,
            table: Mutex::default(),
        }
    }

    /// Counts one request of the key.
    pub fn check(&self, key: &str) -> Decision {
        self.check_at(key, Instant::now())
    }

    fn check_at(&self, key: &str, now: Instant) -> Decision {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = table.keys.get_mut(key) {
            return self.count(counter, self.limit, now);
        }
        let mut counter = Counter {
            began: now,
            used: 0,
        };
        if self.has_room(&mut table, now) {
            let decision = self.count(&mut counter, self.limit, now);
            table.keys.insert(key.to_owned(), counter);
            return decision;
        }
        let shared = self.limit.saturating_mul(OVERFLOW_SHARE);
        self.count(table.overflow.get_or_insert(counter), shared, now)
    }

    fn count(&self, counter: &mut Counter, limit: u32, now: Instant) -> Decision {
        if self.is_over(counter, now) {
            *counter = Counter {
                began: now,
                used: 0,
            };
        }
        let allowed = counter.used < limit;
        if allowed {
            counter.used += 1;
        }
        let left = self
            .window
            .saturating_sub(now.duration_since(counter.began));
        Decision {
            allowed,
            limit: self.limit,
            remaining: limit.saturating_sub(counter.used).min(self.limit),
            reset_s: left.as_secs() + u64::from(left.subsec_nanos() > 0),
        }
    }

    fn is_over(&self, counter: &Counter, now: Instant) -> bool {
        now.duration_since(counter.began) >= self.window
    }

    fn has_room(&self, table: &mut Table, now: Instant) -> bool {
        if table.keys.len() < self.keys_max {
            return true;
        }
        if table
            .swept
            .is_none_or(|swept| now.duration_since(swept) >= SWEEP_EVERY)
        {
            table.keys.retain(|_, counter| !self.is_over(counter, now));
            table.swept = Some(now);
        }
        table.keys.len() < self.keys_max
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Decision, RateLimiter};

    const WINDOW: Duration = Duration::from_secs(60);

    #[test]
    fn a_key_is_refused_beyond_its_limit_until_its_window_ends() {
        let limiter = RateLimiter::new(2, WINDOW);
        let start = Instant::now();
        let first = limiter.check_at("a", start);
        assert_eq!(
            first,
            Decision {
                allowed: true,
                limit: 2,
                remaining: 1,
                reset_s: 60
            }
        );
        assert!(
            limiter
                .check_at("a", start + Duration::from_secs(10))
                .allowed
        );
        let refused = limiter.check_at("a", start + Duration::from_millis(59_500));
        assert_eq!(
            refused,
            Decision {
                allowed: false,
                limit: 2,
                remaining: 0,
                reset_s: 1
            }
        );
        let anew = limiter.check_at("a", start + WINDOW);
        assert_eq!(
            anew,
            Decision {
                allowed: true,
                limit: 2,
                remaining: 1,
                reset_s: 60
            }
        );
    }

    #[test]
    fn keys_do_not_use_up_each_other() {
        let limiter = RateLimiter::new(1, WINDOW);
        assert!(limiter.check("a").allowed);
        assert!(!limiter.check("a").allowed);
        assert!(limiter.check("b").allowed);
    }

    #[test]
    fn a_flood_of_keys_neither_grows_the_table_nor_frees_a_blocked_key() {
        let limiter = RateLimiter {
            keys_max: 10,
            ..RateLimiter::new(1, WINDOW)
        };
        let start = Instant::now();
        assert!(limiter.check_at("blocked", start).allowed);
        let allowed = (0..1000)
            .filter(|n| limiter.check_at(&format!("flood{n}"), start).allowed)
            .count();
        assert_eq!(limiter.table.lock().unwrap().keys.len(), 10);
        assert_eq!(
            allowed,
            9 + 100,
            "the table's room, then the shared counter"
        );
        assert!(!limiter.check_at("blocked", start).allowed);

        let later = start + WINDOW;
        assert!(limiter.check_at("late", later).allowed);
        assert_eq!(
            limiter.table.lock().unwrap().keys.len(),
            1,
            "expired keys made room"
        );
    }
}
