//! Steps with numbers and times: what a long task says while it works.
//!
//! The first step that fails ends the task; its failure carries the command that runs only it.

use std::time::{Duration, Instant};

use crate::failure::Failure;

/// The progress of a task with a known number of steps.
#[derive(Debug)]
pub(crate) struct Steps {
    total: usize,
    done: usize,
    started: Instant,
}

impl Steps {
    /// Begins a task of `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            done: 0,
            started: Instant::now(),
        }
    }

    /// Runs one step: says what it does, then how long it took.
    pub(crate) fn run<T>(
        &mut self,
        step: &Step<'_>,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.done += 1;
        let place = format!("[{}/{}]", self.done, self.total);
        eprintln!("\n{place} {}: {}", step.name, step.does);
        let started = Instant::now();
        let outcome = work();
        let took = spoken_duration(started.elapsed());
        match outcome {
            Ok(value) => {
                eprintln!("{place} {} done in {took}", step.name);
                Ok(value)
            }
            Err(reason) => {
                eprintln!("{place} {} FAILED after {took}", step.name);
                Err(Failure::Step {
                    step: step.name.to_owned(),
                    reason: Box::new(reason),
                    rerun: step.rerun.to_owned(),
                })
            }
        }
    }

    /// How long the task has taken so far, in words.
    pub(crate) fn elapsed(&self) -> String {
        spoken_duration(self.started.elapsed())
    }
}

/// What a step is called, what it does, and how to run it alone.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// A short name.
    pub(crate) name: &'a str,
    /// What it does, in plain words.
    pub(crate) does: &'a str,
    /// The command that runs only this step.
    pub(crate) rerun: &'a str,
}

/// A length of time as a person would say it: `0.4 s`, `12 s`, `3 min 5 s`.
pub(crate) fn spoken_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 60 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else if seconds >= 10 {
        format!("{seconds} s")
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_the_unit_that_fits() {
        assert_eq!(spoken_duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(spoken_duration(Duration::from_secs(12)), "12 s");
        assert_eq!(spoken_duration(Duration::from_secs(185)), "3 min 5 s");
    }

    #[test]
    fn a_failed_step_names_itself_and_how_to_run_it_alone() {
        let step = Step {
            name: "format",
            does: "checks",
            rerun: "cargo fmt --check",
        };
        let failure = Steps::new(1)
            .run(&step, || -> Result<(), Failure> {
                Err(Failure::Check("3 files differ".into()))
            })
            .unwrap_err()
            .to_string();
        assert_eq!(
            failure,
            "step \"format\" failed: 3 files differ. Run only this step: cargo fmt --check"
        );
    }
}
