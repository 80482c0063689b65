//! Why something is not a point or a track.

use super::POINTS_MAX;
use crate::geo::LatLngError;

/// Why something is not a point or a track. `index` counts the points of a track from 0; it is
/// `None` when a point was read alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// Not JSON, or not of the form of a track.
    #[error("{problem}")]
    Form {
        /// The point that was being read, if it is one.
        index: Option<usize>,
        /// What is wrong, with line and column.
        problem: String,
    },
    /// More than [`POINTS_MAX`].
    #[error("a track has at most {POINTS_MAX} points")]
    TooManyPoints,
    /// A point is not on the earth.
    #[error("{source}")]
    Position {
        /// Which point.
        index: Option<usize>,
        /// Whether it is the latitude or the longitude.
        source: LatLngError,
    },
    /// An accuracy is negative or not a number.
    #[error("accuracy must be a number of metres from 0")]
    Accuracy {
        /// Which point.
        index: Option<usize>,
    },
    /// A speed is negative or not a number.
    #[error("speed must be a number of metres per second from 0")]
    Speed {
        /// Which point.
        index: Option<usize>,
    },
}

impl TrackError {
    /// Where it is wrong, such as `points[3].lat`; `.` is the whole.
    pub fn field(&self) -> String {
        let (index, field) = match self {
            Self::Form { index, .. } => (*index, ""),
            Self::TooManyPoints => return "points".to_owned(),
            Self::Position { index, source } => match source {
                LatLngError::Latitude => (*index, "lat"),
                LatLngError::Longitude => (*index, "lng"),
            },
            Self::Accuracy { index } => (*index, "accuracy_m"),
            Self::Speed { index } => (*index, "speed_mps"),
        };
        match (index, field) {
            (None, "") => ".".to_owned(),
            (None, field) => field.to_owned(),
            (Some(index), "") => format!("points[{index}]"),
            (Some(index), field) => format!("points[{index}].{field}"),
        }
    }

    /// The same error, of the point at this place of a track.
    pub(super) fn of_point(self, place: usize) -> Self {
        let index = Some(place);
        match self {
            Self::Form { problem, .. } => Self::Form { index, problem },
            Self::TooManyPoints => Self::TooManyPoints,
            Self::Position { source, .. } => Self::Position { index, source },
            Self::Accuracy { .. } => Self::Accuracy { index },
            Self::Speed { .. } => Self::Speed { index },
        }
    }
}

impl From<LatLngError> for TrackError {
    fn from(source: LatLngError) -> Self {
        Self::Position {
            index: None,
            source,
        }
    }
}
