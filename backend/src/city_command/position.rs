//! Positions on the command line: `41.1496,-8.6109`.

use wayfare_core::geo::LatLng;

/// Reads `LAT,LNG` in degrees.
pub(super) fn parse(text: &str) -> Result<LatLng, String> {
    let form = || "it is not of the form LAT,LNG, as in 41.1496,-8.6109".to_owned();
    let (lat, lng) = text.split_once(',').ok_or_else(form)?;
    let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| form());
    LatLng::from_degrees(degrees(lat)?, degrees(lng)?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_in_degrees_south_and_west_included() {
        assert_eq!(
            parse("-41.1496,-8.6109"),
            Ok(LatLng::from_e7(-411_496_000, -86_109_000).unwrap())
        );
        assert_eq!(
            parse(" 41.5, 8 "),
            Ok(LatLng::from_e7(415_000_000, 80_000_000).unwrap())
        );
    }

    #[test]
    fn what_is_no_position_is_told_in_words() {
        for text in ["", "41.1", "41.1;8.6", "north,8", "41.1,8.6,3"] {
            let told = parse(text).unwrap_err();
            assert!(told.contains("LAT,LNG"), "{text}: {told}");
        }
        for (text, word) in [
            ("91,8", "latitude"),
            ("41,181", "longitude"),
            ("nan,8", "latitude"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(word), "{text}: {told}");
        }
    }
}
