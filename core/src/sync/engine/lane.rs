//! The kinds of work, and how each of them fares.

use super::pause::Pause;

/// The kinds of work, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Register,
    Commands,
    News,
    Segments,
    Files,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Register,
        Self::Commands,
        Self::News,
        Self::Segments,
        Self::Files,
    ];
}

/// How a kind of work fares.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lane {
    pub(super) pause: Pause,
    /// How often something more urgent went first since it was its turn.
    pub(super) passed_over: u32,
    /// Answers in a row that brought nothing.
    pub(super) idle: u32,
    /// The last answer asked for something else first: to register, or where a file goes on.
    pub(super) detour: bool,
}

impl Lane {
    pub(super) const fn succeed(&mut self) {
        self.pause.clear();
        self.detour = false;
    }
}

/// One lane for each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lanes {
    register: Lane,
    commands: Lane,
    news: Lane,
    segments: Lane,
    files: Lane,
}

impl Lanes {
    pub(super) const fn get(&self, kind: Kind) -> &Lane {
        match kind {
            Kind::Register => &self.register,
            Kind::Commands => &self.commands,
            Kind::News => &self.news,
            Kind::Segments => &self.segments,
            Kind::Files => &self.files,
        }
    }

    pub(super) const fn get_mut(&mut self, kind: Kind) -> &mut Lane {
        match kind {
            Kind::Register => &mut self.register,
            Kind::Commands => &mut self.commands,
            Kind::News => &mut self.news,
            Kind::Segments => &mut self.segments,
            Kind::Files => &mut self.files,
        }
    }
}
