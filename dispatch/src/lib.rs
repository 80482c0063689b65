//! Who is asked for which trip, without I/O: the server, the simulator and the benchmarks run the
//! same code.
//!
//! A round goes like this: the [`LiveIndex`] knows where the cars are; [`plan`] takes the open
//! [`Request`]s, lets the cars around each pickup pass the gates ([`Gate`]), asks [`Travel`] how long
//! each of them would take by road, weighs that with the [`Rules`], solves the assignment to
//! optimality ([`assign`]) and answers proposals, together with a [`Decision`] for each request that
//! says what became of every car that was looked at. The caller writes both down; clocks, databases
//! and networks are the caller's.

pub mod assign;
mod car;
mod decision;
mod gate;
mod index;
pub mod measure;
mod plan;
mod request;
mod rules;
mod travel;
mod words;

pub use car::{
    Capacity, Car, CarProfile, CarState, FeatureSet, Fix, GoingHome, QueuePlace, Standing,
};
pub use decision::{Considered, Cost, Decision, DecisionError, Outcome, Verdict};
pub use gate::Gate;
pub use index::{LiveIndex, Near, Nearby};
pub use plan::{Plan, PlanTimes, Proposal, Round, plan, plan_nearest};
pub use request::{Exclusion, Needs, Request};
pub use rules::{Mode, Rules};
pub use travel::{Reach, RoadTravel, StraightTravel, Travel, Wanted};
