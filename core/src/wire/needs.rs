//! What a rider needs of the vehicle beyond its class.

use serde::{Deserialize, Serialize};

use crate::vehicle::{VehicleClass, VehicleFeature, first_double};

/// What a rider needs of the vehicle beyond its class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(
    feature = "openapi",
    oai(deny_unknown_fields, skip_serializing_if_is_none)
)]
#[serde(deny_unknown_fields)]
pub struct RideNeeds {
    /// How many ride; absent if nobody said. At most as many as the class seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        oai(validator(minimum(value = "1"), maximum(value = "60")))
    )]
    pub passengers: Option<u8>,
    /// What the vehicle has to have, all of it, each named once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "openapi",
        oai(default, skip_serializing_if_is_empty, validator(max_items = 4))
    )]
    pub features: Vec<VehicleFeature>,
}

/// Why needs cannot be met by any vehicle of the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RideNeedsError {
    /// More ride than the class seats, or nobody.
    #[error("needs.passengers: {passengers} is not 1 to {seats}, which a `{class}` car seats")]
    Passengers {
        /// How many ride.
        passengers: u8,
        /// How many the class seats.
        seats: u8,
        /// The class.
        class: VehicleClass,
    },
    /// A feature is named more than once.
    #[error("needs.features: `{}` is named more than once", .0.as_str())]
    NamedTwice(VehicleFeature),
}

impl RideNeeds {
    /// Whether nothing is needed beyond the class.
    pub const fn is_empty(&self) -> bool {
        self.passengers.is_none() && self.features.is_empty()
    }

    /// The needs in their one form, features in the order of [`VehicleFeature::ALL`], if a vehicle of
    /// this class can meet them.
    pub fn checked(mut self, class: VehicleClass) -> Result<Self, RideNeedsError> {
        let seats = class.seats();
        if let Some(passengers) = self.passengers.filter(|n| !(1..=seats).contains(n)) {
            return Err(RideNeedsError::Passengers {
                passengers,
                seats,
                class,
            });
        }
        self.features.sort_unstable();
        match first_double(&self.features) {
            Some(feature) => Err(RideNeedsError::NamedTwice(feature)),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn needs(passengers: Option<u8>, features: &[VehicleFeature]) -> RideNeeds {
        RideNeeds {
            passengers,
            features: features.to_vec(),
        }
    }

    #[test]
    fn what_is_not_needed_is_absent() {
        let nothing = RideNeeds::default();
        assert!(nothing.is_empty());
        assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({}));
        assert_eq!(
            serde_json::from_value::<RideNeeds>(json!({})).unwrap(),
            nothing
        );
        let some = needs(Some(2), &[VehicleFeature::FoldedWheelchair]);
        assert!(!some.is_empty());
        let written = json!({"passengers": 2, "features": ["folded_wheelchair"]});
        assert_eq!(serde_json::to_value(&some).unwrap(), written);
        assert!(serde_json::from_value::<RideNeeds>(json!({"dogs": 2})).is_err());
    }

    #[test]
    fn no_more_ride_than_the_class_seats() {
        for (class, passengers, fits) in [
            (VehicleClass::Standard, 0, false),
            (VehicleClass::Standard, 1, true),
            (VehicleClass::Standard, 4, true),
            (VehicleClass::Standard, 5, false),
            (VehicleClass::Xl, 6, true),
            (VehicleClass::Xl, 7, false),
        ] {
            let checked = needs(Some(passengers), &[]).checked(class);
            assert_eq!(checked.is_ok(), fits, "{passengers} in {class}");
        }
        let refused = needs(Some(5), &[]).checked(VehicleClass::Standard);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "needs.passengers: 5 is not 1 to 4, which a `standard` car seats"
        );
    }

    #[test]
    fn a_feature_is_named_once_and_the_order_does_not_matter() {
        use VehicleFeature::{Pets, Wheelchair};
        let one = needs(None, &[Pets, Wheelchair]).checked(VehicleClass::Xl);
        assert_eq!(one.unwrap().features, [Wheelchair, Pets]);
        let twice = needs(None, &[Pets, Wheelchair, Pets]).checked(VehicleClass::Xl);
        assert_eq!(twice, Err(RideNeedsError::NamedTwice(Pets)));
    }
}
