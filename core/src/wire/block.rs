//! People who do not want to meet again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{BlockId, DriverId, RiderId};

/// Somebody whom one does not want to meet again. The other side is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct BlockView {
    /// Takes the wish back.
    pub id: BlockId,
    /// The other one's first name, as one saw it on the trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A page of one's own blocks, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct BlockPage {
    /// The blocks.
    pub blocks: Vec<BlockView>,
    /// Gets the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<BlockId>,
}

/// Who wished that two people do not meet again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum WishedBy {
    /// The rider.
    Rider,
    /// The driver.
    Driver,
    /// An admin of the city.
    Admin,
}

impl WishedBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rider, Self::Driver, Self::Admin];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rider => "rider",
            Self::Driver => "driver",
            Self::Admin => "admin",
        }
    }
}

/// Keeps a rider and a driver apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct NewPairBlock {
    /// The rider.
    pub rider_id: RiderId,
    /// The driver.
    pub driver_id: DriverId,
}

/// A rider and a driver who are kept apart, as admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct PairBlock {
    /// The block.
    pub id: BlockId,
    /// The rider.
    pub rider_id: RiderId,
    /// The driver.
    pub driver_id: DriverId,
    /// Who wished it.
    pub wished_by: WishedBy,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A page of blocks, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
pub struct PairBlockPage {
    /// The blocks.
    pub blocks: Vec<PairBlock>,
    /// Gets the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<BlockId>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_have_this_form() {
        let digits = "0".repeat(31);
        let own = json!({
            "blocks": [
                {"id": format!("block_{digits}2"), "first_name": "Ana", "since": "2026-03-01T12:00:00Z"},
                {"id": format!("block_{digits}1"), "since": "2026-02-01T12:00:00Z"},
            ],
            "next_cursor": format!("block_{digits}1"),
        });
        let page: BlockPage = serde_json::from_value(own.clone()).unwrap();
        assert_eq!(page.blocks[1].first_name, None);
        assert_eq!(serde_json::to_value(&page).unwrap(), own);
        let pairs = json!({ "blocks": [{
            "id": format!("block_{digits}1"),
            "rider_id": format!("rider_{digits}2"),
            "driver_id": format!("driver_{digits}3"),
            "wished_by": "admin",
            "since": "2026-03-01T12:00:00Z",
        }] });
        let page: PairBlockPage = serde_json::from_value(pairs.clone()).unwrap();
        assert_eq!(serde_json::to_value(&page).unwrap(), pairs);
        for side in WishedBy::ALL {
            assert_eq!(serde_json::to_value(side).unwrap(), side.as_str());
        }
    }
}
