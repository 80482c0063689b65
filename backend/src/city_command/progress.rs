//! How far a build is, on stderr: a bar for people at a terminal, lines for everybody else.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use wayfare_city::build::{Progress, Step};

/// How much of a build each step is, in hundredths.
const WEIGHTS: [(Step, f64); 6] = [
    (Step::Read, 10.0),
    (Step::Roads, 5.0),
    (Step::Contract, 40.0),
    (Step::Places, 10.0),
    (Step::Map, 30.0),
    (Step::Check, 5.0),
];
const BAR_CELLS: usize = 24;
/// Without a terminal, a step that takes long is told of again after so much of it.
const TOLD_SHARE: f64 = 0.25;
/// What would be shown as 100 % is told when the step is done.
const NEARLY_DONE: f64 = 0.995;
/// Moves to the begin of the line and clears it.
const CLEAR: &str = "\r\x1b[2K";

/// Tells how far a build is.
#[derive(Debug)]
pub(super) struct Told {
    out: Box<dyn Out>,
    is_terminal: bool,
    began: Instant,
    steps: Vec<Seen>,
}

trait Out: Write + Send + std::fmt::Debug {}
impl<W: Write + Send + std::fmt::Debug> Out for W {}

#[derive(Debug)]
struct Seen {
    step: Step,
    began: Instant,
    share: f64,
    told: f64,
    done: bool,
}

impl Told {
    pub(super) fn on_stderr() -> Self {
        Self::new(Box::new(io::stderr()), io::stderr().is_terminal())
    }

    fn new(out: Box<dyn Out>, is_terminal: bool) -> Self {
        Self {
            out,
            is_terminal,
            began: Instant::now(),
            steps: Vec::new(),
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&mut self) {
        if self.is_terminal {
            self.write(CLEAR);
        }
    }

    /// A terminal that went away is no reason to stop building.
    fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    fn draw_bar(&mut self) {
        let share: f64 = self
            .steps
            .iter()
            .map(|seen| seen.share * weight(seen.step))
            .sum();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share is from 0 to 1"
        )]
        let filled = (share.clamp(0.0, 1.0) * BAR_CELLS as f64) as usize;
        let bar = "█".repeat(filled) + &"░".repeat(BAR_CELLS.saturating_sub(filled));
        let now: Vec<String> = self
            .steps
            .iter()
            .filter(|seen| !seen.done)
            .map(|seen| seen.step.to_string())
            .collect();
        let line = format!(
            "{CLEAR}{bar} {:3.0} %  {:.0} s  {}",
            share * 100.0,
            self.began.elapsed().as_secs_f64(),
            now.join(", ")
        );
        self.write(&line);
    }
}

fn weight(step: Step) -> f64 {
    let found = WEIGHTS.iter().find(|(known, _)| *known == step);
    found.map_or(0.0, |(_, weight)| weight / 100.0)
}

impl Progress for Told {
    fn advanced(&mut self, step: Step, share: f64) {
        let at = match self.steps.iter().position(|seen| seen.step == step) {
            Some(at) => at,
            None => {
                self.steps.push(Seen {
                    step,
                    began: Instant::now(),
                    share: 0.0,
                    told: 0.0,
                    done: false,
                });
                self.steps.len() - 1
            }
        };
        let mut line = None;
        if let Some(seen) = self.steps.get_mut(at) {
            seen.share = share;
            if share >= seen.told + TOLD_SHARE && share < NEARLY_DONE {
                seen.told = share;
                let took = seen.began.elapsed().as_secs_f64();
                line = Some(format!(
                    "{step:<24} {:3.0} %  {took:6.1} s\n",
                    share * 100.0
                ));
            }
        }
        match line {
            _ if self.is_terminal => self.draw_bar(),
            Some(line) => self.write(&line),
            None => {}
        }
    }

    fn finished(&mut self, step: Step, took: Duration) {
        for seen in self.steps.iter_mut().filter(|seen| seen.step == step) {
            (seen.share, seen.done) = (1.0, true);
        }
        let clear = if self.is_terminal { CLEAR } else { "" };
        let line = format!("{clear}{step:<24} 100 %  {:6.1} s\n", took.as_secs_f64());
        self.write(&line);
        if self.is_terminal {
            self.draw_bar();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn told(is_terminal: bool) -> String {
        let page = Page::default();
        let mut told = Told::new(Box::new(page.clone()), is_terminal);
        for share in [0.0, 0.1, 0.3, 0.31, 0.6, 0.999, 1.0] {
            told.advanced(Step::Contract, share);
        }
        told.finished(Step::Contract, Duration::from_millis(1234));
        told.end();
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_log_gets_few_lines_with_step_share_and_seconds() {
        let told = told(false);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 3, "{told}");
        assert!(
            lines[0].starts_with("preparing routes          30 %"),
            "{told}"
        );
        assert_eq!(lines[2], "preparing routes         100 %     1.2 s");
        assert!(!told.contains('\x1b'), "{told}");
    }

    #[test]
    fn a_terminal_gets_a_bar_that_goes_away() {
        let told = told(true);
        // 60 of 100 of a step that is 40 of 100.
        assert!(told.contains("█████░") && told.contains(" 24 %"), "{told}");
        assert!(told.contains("preparing routes         100 %"), "{told}");
        assert!(told.ends_with(CLEAR), "{told}");
    }
}
