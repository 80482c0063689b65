//! What stands in an input, and what the model says should stand there.
//!
//! The input owns its text while somebody types. Were the model's value written back on every key,
//! a key pressed while the last one is still on its way to the model and back would be lost. So the
//! model's value goes into the input only when it is not what the input itself reported: the
//! input is then made anew, with that value.

use dioxus::prelude::*;

/// The text of one input.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Typed {
    reported: CopyValue<String>,
    made: CopyValue<u64>,
}

/// The text of the input of this component, whose model says `value`.
pub(crate) fn use_typed(value: &str) -> Typed {
    let mut typed = use_hook(|| Typed {
        reported: CopyValue::new(value.to_owned()),
        made: CopyValue::new(0),
    });
    if *typed.reported.peek() != value {
        typed.reported.set(value.to_owned());
        typed.made += 1;
    }
    typed
}

impl Typed {
    /// Which input this is: another number is another input. For a list of one, as its key.
    pub(crate) fn input(self) -> [u64; 1] {
        [*self.made.peek()]
    }

    /// Remembers what the input reported.
    pub(crate) fn report(mut self, text: &str) {
        self.reported.set(text.to_owned());
    }
}
