//! Simulated time: real time multiplied.
//!
//! Only what the sim itself does goes faster: driving, thinking, the arrival of riders. The
//! server's clock stays real.

use std::time::Duration;

use tokio::time::Instant;

/// Turns real time into simulated time and back.
#[derive(Debug, Clone, Copy)]
pub struct SimClock {
    started: Instant,
    speed: f64,
}

impl SimClock {
    /// A clock that starts now and runs `speed` simulated seconds in each real one.
    pub fn start(speed: f64) -> Self {
        Self {
            started: Instant::now(),
            speed,
        }
    }

    /// Simulated seconds in a real one.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Simulated seconds since the start.
    pub fn now_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * self.speed
    }

    /// Real time since the start.
    pub fn wall(&self) -> Duration {
        self.started.elapsed()
    }

    /// How long simulated seconds take in reality. At most a day, so that it can be waited for.
    pub fn real(&self, simulated_s: f64) -> Duration {
        Duration::from_secs_f64((simulated_s / self.speed).clamp(0.0, 86_400.0))
    }

    /// Waits so many simulated seconds.
    pub async fn sleep(&self, simulated_s: f64) {
        tokio::time::sleep(self.real(simulated_s)).await;
    }

    /// Waits until a moment in simulated seconds since the start.
    pub async fn sleep_until(&self, simulated_s: f64) {
        tokio::time::sleep_until(self.started + self.real(simulated_s)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn simulated_time_runs_faster_than_real_time() {
        let clock = SimClock::start(10.0);
        let before = Instant::now();
        clock.sleep(30.0).await;
        assert_eq!(before.elapsed().as_secs(), 3);
        assert!((clock.now_s() - 30.0).abs() < 0.1, "{}", clock.now_s());
        clock.sleep_until(100.0).await;
        assert_eq!(before.elapsed().as_secs(), 10);
        assert_eq!(clock.real(-5.0), Duration::ZERO);
    }
}
