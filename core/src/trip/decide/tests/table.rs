//! Every stage with every command by everybody. A new stage, command or party does not compile
//! until it has its rows here.

use super::*;
use crate::trip::{CommandKind, Party, TripStatus};

/// What the table says about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Carried out; the trip stands there afterwards.
    To(TripStage),
    /// [`Refusal::WrongState`].
    WrongState,
    /// [`Refusal::NotAllowed`].
    NotAllowed,
    /// [`Refusal::NotYourTrip`].
    NotYours,
}

/// Who gives a command, as far as this trip is concerned.
#[derive(Debug, Clone, Copy)]
enum Who {
    Own(Party),
    StrangerRider,
    StrangerDriver,
}

impl Who {
    /// Everybody of this kind.
    fn all(party: Party) -> Vec<Self> {
        let own = Self::Own(party);
        match party {
            Party::Rider => vec![own, Self::StrangerRider],
            Party::Driver => vec![own, Self::StrangerDriver],
            Party::Admin | Party::System => vec![own],
        }
    }

    fn actor(self) -> Actor {
        match self {
            Self::Own(Party::Rider) => RIDER,
            Self::Own(Party::Driver) => DRIVER,
            Self::Own(Party::Admin) => ADMIN,
            Self::Own(Party::System) => SYSTEM,
            Self::StrangerRider => Actor::Rider(CAROL),
            Self::StrangerDriver => Actor::Driver(DAN),
        }
    }
}

/// The column of each party, in the order of [`Party::ALL`].
type Row = [Outcome; Party::ALL.len()];

const fn column(party: Party) -> usize {
    match party {
        Party::Rider => 0,
        Party::Driver => 1,
        Party::Admin => 2,
        Party::System => 3,
    }
}

/// What the rules say, written once more as plainly as possible. In the stages without a driver
/// nobody is the trip's driver, so every driver is a stranger.
#[rustfmt::skip]
const fn row(command: CommandKind, stage: TripStage) -> Row {
    use CommandKind as C;
    use Outcome::{NotAllowed as NO, NotYours as ALIEN, To, WrongState as WRONG};
    use TripStage as S;
    match (command, stage) {
        //      rider             driver            admin             system
        (C::Assign, S::Requested)
            => [NO,               ALIEN,            NO,               To(S::Assigned)  ],
        (C::Assign, S::Assigned | S::Arrived | S::EnRoute | S::AtStop | S::Completed | S::Cancelled)
            => [NO,               NO,               NO,               WRONG            ],
        (C::Assign, S::Expired)
            => [NO,               ALIEN,            NO,               WRONG            ],

        (C::Arrive, S::Requested | S::Expired)
            => [NO,               ALIEN,            NO,               NO               ],
        (C::Arrive, S::Assigned)
            => [NO,               To(S::Arrived),   NO,               NO               ],
        (C::Arrive, S::Arrived | S::EnRoute | S::AtStop | S::Completed | S::Cancelled)
            => [NO,               WRONG,            NO,               NO               ],

        (C::Start, S::Requested | S::Expired)
            => [NO,               ALIEN,            NO,               NO               ],
        (C::Start, S::Arrived)
            => [NO,               To(S::EnRoute),   NO,               NO               ],
        (C::Start, S::Assigned | S::EnRoute | S::AtStop | S::Completed | S::Cancelled)
            => [NO,               WRONG,            NO,               NO               ],

        (C::ReachStop, S::Requested | S::Expired)
            => [NO,               ALIEN,            NO,               NO               ],
        (C::ReachStop, S::EnRoute)
            => [NO,               To(S::AtStop),    NO,               NO               ],
        (C::ReachStop, S::Assigned | S::Arrived | S::AtStop | S::Completed | S::Cancelled)
            => [NO,               WRONG,            NO,               NO               ],

        (C::LeaveStop, S::Requested | S::Expired)
            => [NO,               ALIEN,            NO,               NO               ],
        (C::LeaveStop, S::AtStop)
            => [NO,               To(S::EnRoute),   NO,               NO               ],
        (C::LeaveStop, S::Assigned | S::Arrived | S::EnRoute | S::Completed | S::Cancelled)
            => [NO,               WRONG,            NO,               NO               ],

        (C::ChangeStops, S::Requested)
            => [To(S::Requested), ALIEN,            To(S::Requested), NO               ],
        (C::ChangeStops, S::Assigned)
            => [To(S::Assigned),  NO,               To(S::Assigned),  NO               ],
        (C::ChangeStops, S::Arrived)
            => [To(S::Arrived),   NO,               To(S::Arrived),   NO               ],
        (C::ChangeStops, S::EnRoute)
            => [To(S::EnRoute),   NO,               To(S::EnRoute),   NO               ],
        (C::ChangeStops, S::AtStop)
            => [To(S::AtStop),    NO,               To(S::AtStop),    NO               ],
        (C::ChangeStops, S::Completed | S::Cancelled)
            => [WRONG,            NO,               WRONG,            NO               ],
        (C::ChangeStops, S::Expired)
            => [WRONG,            ALIEN,            WRONG,            NO               ],

        (C::Reassign, S::Requested | S::Expired)
            => [NO,               ALIEN,            WRONG,            WRONG            ],
        (C::Reassign, S::Assigned | S::Arrived)
            => [NO,               NO,               To(S::Requested), To(S::Requested) ],
        (C::Reassign, S::EnRoute | S::AtStop | S::Completed | S::Cancelled)
            => [NO,               NO,               WRONG,            WRONG            ],

        (C::Complete, S::Requested | S::Expired)
            => [NO,               ALIEN,            WRONG,            NO               ],
        (C::Complete, S::EnRoute | S::AtStop)
            => [NO,               To(S::Completed), To(S::Completed), NO               ],
        (C::Complete, S::Assigned | S::Arrived | S::Completed | S::Cancelled)
            => [NO,               WRONG,            WRONG,            NO               ],

        (C::Cancel, S::Requested)
            => [To(S::Cancelled), ALIEN,            To(S::Cancelled), To(S::Cancelled) ],
        (C::Cancel, S::Assigned | S::Arrived)
            => [To(S::Cancelled), To(S::Requested), To(S::Cancelled), To(S::Cancelled) ],
        (C::Cancel, S::EnRoute | S::AtStop | S::Completed | S::Cancelled)
            => [WRONG,            WRONG,            WRONG,            WRONG            ],
        (C::Cancel, S::Expired)
            => [WRONG,            ALIEN,            WRONG,            WRONG            ],

        (C::Expire, S::Requested)
            => [NO,               ALIEN,            NO,               To(S::Expired)   ],
        (C::Expire, S::Assigned | S::Arrived | S::EnRoute | S::AtStop | S::Completed | S::Cancelled)
            => [NO,               NO,               NO,               WRONG            ],
        (C::Expire, S::Expired)
            => [NO,               ALIEN,            NO,               WRONG            ],

        // Whose it was before does not depend on the stage: nobody is a stranger here who had it.
        (C::Resume, S::Requested | S::Assigned | S::Cancelled | S::Expired)
            => [NO,               To(S::EnRoute),   NO,               NO               ],
        (C::Resume, S::Arrived | S::EnRoute | S::AtStop | S::Completed)
            => [NO,               WRONG,            NO,               NO               ],
    }
}

fn expected(command: CommandKind, stage: TripStage, who: Who) -> Outcome {
    match who {
        Who::Own(party) => row(command, stage)[column(party)],
        Who::StrangerRider | Who::StrangerDriver => Outcome::NotYours,
    }
}

/// A command of this kind with contents that no other rule minds.
fn plain(kind: CommandKind) -> Command {
    let reason = CancelReason::ChangedMind;
    match kind {
        CommandKind::Assign => assign(),
        CommandKind::Arrive => Command::Arrive,
        CommandKind::Start => start(),
        CommandKind::ReachStop => Command::ReachStop,
        CommandKind::LeaveStop => Command::LeaveStop,
        CommandKind::ChangeStops => stops_to(&[1, 3], 9),
        CommandKind::Reassign => Command::Reassign { reason },
        CommandKind::Complete => Command::Complete,
        CommandKind::Cancel => cancel(reason),
        CommandKind::Expire => Command::Expire,
        CommandKind::Resume => resume(),
    }
}

fn outcome(story: &Story, command: Command, actor: Actor) -> Outcome {
    let (stage, kind) = (story.trip.state.stage(), command.kind());
    let at = minute(60);
    match decide(
        &story.trip,
        command,
        CommandContext { actor, at },
        story.rules,
    ) {
        Ok(events) => {
            let mut next = story.trip.clone();
            events.iter().for_each(|event| next.apply(event));
            assert_eq!(next.version, story.trip.version + 1, "{kind}");
            Outcome::To(next.state.stage())
        }
        Err(refusal @ Refusal::WrongState { .. }) => {
            let command = kind;
            assert_eq!(refusal, Refusal::WrongState { stage, command });
            Outcome::WrongState
        }
        Err(refusal @ Refusal::NotAllowed { .. }) => {
            let (party, command) = (actor.party(), kind);
            assert_eq!(refusal, Refusal::NotAllowed { party, command });
            Outcome::NotAllowed
        }
        Err(Refusal::NotYourTrip) => Outcome::NotYours,
        Err(refusal) => panic!("the table does not know {refusal:?}"),
    }
}

#[test]
fn every_stage_command_and_actor_has_its_outcome() {
    let mut rows = 0;
    for stage in TripStage::ALL {
        let story = Story::in_stage(stage);
        for kind in CommandKind::ALL {
            for who in Party::ALL.into_iter().flat_map(Who::all) {
                assert_eq!(
                    outcome(&story, plain(kind), who.actor()),
                    expected(kind, stage, who),
                    "{stage} × {kind} × {who:?}"
                );
                rows += 1;
            }
        }
    }
    assert_eq!(rows, 8 * 11 * 6);
}

/// Names every variant once. It does not compile while one is missing, and fails while `ALL` does
/// not have exactly these in this order.
macro_rules! assert_all_listed {
    ($name:ident: $($variant:ident)+) => {{
        const fn _every_variant(value: $name) {
            match value {
                $($name::$variant => {})+
            }
        }
        assert_eq!($name::ALL.as_slice(), [$($name::$variant),+].as_slice());
    }};
}

#[test]
fn the_lists_of_all_stages_commands_and_parties_are_complete() {
    assert_all_listed!(TripStage:
        Requested Assigned Arrived EnRoute AtStop Completed Cancelled Expired);
    assert_all_listed!(TripStatus:
        Requested Assigned Arrived InProgress Completed Cancelled Expired);
    assert_all_listed!(CommandKind:
        Assign Arrive Start ReachStop LeaveStop ChangeStops Reassign Complete Cancel Expire
        Resume);
    assert_all_listed!(Party: Rider Driver Admin System);
    assert_all_listed!(CancelReason:
        ChangedMind WaitTooLong WrongPlace RiderNoShow DriverNotComing VehicleProblem Safety Other);
}

#[test]
fn a_command_of_each_kind_is_of_that_kind_and_named_like_its_json() {
    for kind in CommandKind::ALL {
        let command = plain(kind);
        assert_eq!(command.kind(), kind);
        let json = serde_json::to_value(&command).unwrap();
        assert_eq!(json["kind"], kind.as_str());
    }
}

#[test]
fn each_party_has_the_column_of_its_place_in_the_list() {
    assert_eq!(Party::ALL.map(column), [0, 1, 2, 3]);
}

#[test]
fn a_stage_belongs_to_the_status_of_its_state() {
    for stage in TripStage::ALL {
        let state = Story::in_stage(stage).trip.state;
        assert_eq!(state.status(), stage.status());
    }
}
