//! The names of what a person does on a device.

/// The names of the actions. [`DeviceAction`](super::DeviceAction) says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is documented where it has its contents")]
pub enum ActionKind {
    GoOnline,
    GoOffline,
    AcceptOffer,
    DeclineOffer,
    Arrive,
    Start,
    ReachStop,
    LeaveStop,
    Complete,
    Cancel,
    TakeCash,
    Rate,
}

impl ActionKind {
    /// All kinds of actions.
    pub const ALL: [Self; 12] = [
        Self::GoOnline,
        Self::GoOffline,
        Self::AcceptOffer,
        Self::DeclineOffer,
        Self::Arrive,
        Self::Start,
        Self::ReachStop,
        Self::LeaveStop,
        Self::Complete,
        Self::Cancel,
        Self::TakeCash,
        Self::Rate,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GoOnline => "go_online",
            Self::GoOffline => "go_offline",
            Self::AcceptOffer => "accept_offer",
            Self::DeclineOffer => "decline_offer",
            Self::Arrive => "arrive",
            Self::Start => "start",
            Self::ReachStop => "reach_stop",
            Self::LeaveStop => "leave_stop",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::TakeCash => "take_cash",
            Self::Rate => "rate",
        }
    }
}
