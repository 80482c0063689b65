//! The types that cross the wire, declared once for the server and for every client.
//!
//! JSON in snake case, times in RFC 3339, money in minor units, positions in degrees. Requests
//! refuse fields they do not know; answers may gain fields, so clients ignore what they do not know.

mod account;
mod admin;
mod block;
mod car;
mod city;
mod destination;
mod dispatch;
mod driver;
mod keys;
mod needs;
#[cfg(feature = "openapi")]
pub(crate) mod openapi;
mod place;
mod pricing;
mod problem;
mod queue;
mod quote;
mod route;
mod stream;
mod surge;
mod sync;
mod trip;

pub use account::{
    NewOtp, NewSession, OtpChallenge, RefreshRequest, Role, Session, UpdateMe, User,
};
pub use admin::{Integrity, LedgerIntegrity, TripCounts};
pub use block::{BlockPage, BlockView, NewPairBlock, PairBlock, PairBlockPage, WishedBy};
pub use car::{DriverActivity, LiveDriver, LiveDriverPage, Presence, TripCar};
pub use city::{CityBounds, CityFile, CityView, RouteQuery};
pub use destination::{Destination, DriverDestination, NewDestination};
pub use dispatch::{
    CarVerdict, CostView, DispatchExplanation, Doing, ExplainedCar, ExplainedRound, GateName,
    GateUnit, GateView, LostTo, OfferFate, OfferStatus, OwnDispatch, OwnReason, OwnRequest,
    RoundOutcome, SightingView,
};
pub use driver::{
    AcceptedPoints, Availability, AvailabilityStatus, DeclineReason, Driver, DriverStatus,
    LocationBatch, LocationPoint, NewDriver, NewVehicle, OfferDecline, Vehicle,
};
pub use keys::{Jwk, JwkSet};
pub use needs::{RideNeeds, RideNeedsError};
pub use place::{PlaceList, PlaceSort, PlaceView, Point};
pub use pricing::{
    CancellationCost, NewPromotion, NewTariff, PromotionList, PromotionView, TariffList,
    TariffVersion, TripReceipt,
};
pub use problem::{ErrorCode, FieldProblem, Problem};
pub use queue::{DriverQueue, QueueList, QueueView, QueuedDriver};
pub use quote::{Quote, QuoteList, QuoteRequest};
pub use route::{ManeuverView, RouteLeg, RouteView, StepView, TableView};
pub use stream::{ClientFrame, Offer, OfferOutcome, StreamEvent, StreamMessage};
pub use surge::{CellSurgeView, SurgeArea, SurgeMap};
pub use sync::{
    BATCH_COMMANDS_MAX, BatchAnswer, BatchSeal, Blob, BlobKind, COMMAND_BYTES_MAX, ChangesPage,
    CommandBatch, CommandOutcome, CommandResult, Device, NewBlob, NewDevice, SegmentKept, SentAt,
    Snapshot, SyncFlag, SyncFlagKind, SyncFlagPage,
};
pub use trip::{
    Cancellation, CancelledTrip, CashPayment, ChangeStops, NewRating, NewTrip, OfferList,
    Passenger, PaymentMethod, PaymentStatus, Reassignment, StartTrip, Trip, TripDriver, TripLeg,
    TripPage, TripPayment, TripSide, TripVehicle,
};
