//! Where traffic keeps left.

use wayfare_core::geo::LatLng;

/// Countries and territories with traffic on the left as coarse rectangles: the south, west, north
/// and east end in degrees. Coarse means that border towns may be on the wrong side of it; it only
/// decides which turns cross the oncoming traffic.
const RECTANGLES: [(f64, f64, f64, f64); 61] = [
    // Great Britain and Ireland, the Channel Islands, Malta, Cyprus.
    (49.85, -11.0, 51.0, 1.05),
    (51.0, -11.0, 61.0, 1.9),
    (49.15, -2.75, 49.74, -1.98),
    (35.7, 14.1, 36.1, 14.6),
    (34.5, 32.2, 35.75, 34.7),
    // Japan.
    (24.0, 122.9, 28.5, 131.5),
    (28.5, 129.1, 34.75, 142.0),
    (34.75, 131.5, 41.6, 142.2),
    (41.3, 139.3, 45.6, 145.3),
    // Hong Kong, Macau.
    (22.15, 113.83, 22.505, 114.45),
    (22.1, 113.52, 22.217, 113.6),
    // Thailand.
    (5.6, 99.0, 10.0, 102.2),
    (10.0, 99.0, 12.6, 99.9),
    (12.6, 99.2, 17.8, 102.4),
    (14.5, 102.4, 17.5, 104.6),
    (17.5, 98.0, 20.2, 100.3),
    // Malaysia, Singapore, Indonesia, Brunei, Timor, Papua New Guinea, the Solomon Islands.
    (-11.0, 95.0, 6.2, 108.8),
    (-11.0, 108.8, 4.4, 141.1),
    (4.4, 113.0, 7.4, 119.2),
    (-12.0, 141.1, -0.5, 163.0),
    // Australia, New Zealand, Fiji, Samoa, Tonga.
    (-44.0, 112.0, -10.0, 154.0),
    (-48.0, 166.0, -34.0, 179.5),
    (-19.5, 176.8, -16.0, 180.0),
    (-14.2, -173.0, -13.3, -171.3),
    (-22.0, -176.0, -15.5, -173.5),
    // India, Pakistan, Nepal, Bhutan, Bangladesh, Sri Lanka, the Maldives.
    (5.5, 68.0, 24.0, 92.3),
    (24.0, 66.5, 28.0, 95.0),
    (28.0, 68.0, 30.2, 84.0),
    (25.0, 95.0, 28.0, 97.0),
    (23.5, 61.5, 29.4, 68.0),
    (29.4, 66.3, 31.5, 70.0),
    (29.4, 70.3, 34.3, 78.8),
    (34.3, 72.0, 36.9, 77.8),
    (-0.8, 72.5, 7.2, 74.0),
    // Southern and eastern Africa, Mauritius, the Seychelles.
    (-35.0, 11.7, -18.0, 36.0),
    (-18.0, 22.0, -13.5, 33.7),
    (-13.5, 23.0, -12.2, 28.9),
    (-12.2, 29.9, -8.3, 33.7),
    (-27.0, 32.5, -1.0, 40.9),
    (-8.0, 30.9, -1.0, 32.5),
    (-1.2, 30.0, 3.8, 34.0),
    (-4.8, 34.0, 3.5, 41.0),
    (-20.6, 57.2, -19.9, 57.9),
    (-10.0, 46.0, -3.5, 56.5),
    // Guyana, Suriname, the Falklands.
    (1.3, -59.8, 6.1, -54.0),
    (6.1, -60.5, 8.5, -57.0),
    (-52.5, -61.4, -51.0, -57.6),
    // The Caribbean and Bermuda.
    (17.6, -78.5, 18.6, -76.1),
    (22.6, -79.3, 27.4, -74.0),
    (20.9, -74.2, 22.6, -71.0),
    (19.2, -81.5, 19.8, -79.7),
    (10.0, -61.95, 11.4, -60.4),
    (11.9, -61.8, 14.12, -59.4),
    (15.2, -61.5, 15.65, -61.2),
    (16.65, -62.95, 17.75, -61.65),
    (17.65, -65.1, 18.8, -64.25),
    (18.15, -63.2, 18.3, -62.9),
    (32.2, -64.95, 32.45, -64.6),
    // Saint Helena, Ascension, Tristan da Cunha.
    (-16.1, -5.8, -15.8, -5.6),
    (-8.0, -14.5, -7.8, -14.2),
    (-37.2, -12.4, -37.0, -12.2),
];

/// Whether most of these places are where traffic keeps left.
pub(super) fn mostly(places: &[LatLng]) -> bool {
    let left = places.iter().filter(|place| is_left(**place)).count();
    left * 2 > places.len()
}

fn is_left(at: LatLng) -> bool {
    let (lat, lng) = (at.lat(), at.lng());
    RECTANGLES.iter().any(|(south, west, north, east)| {
        (*south..=*north).contains(&lat) && (*west..=*east).contains(&lng)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_of_both_kinds_are_told_apart() {
        for (name, lat, lng, left) in [
            ("London", 51.51, -0.13, true),
            ("Plymouth", 50.37, -4.14, true),
            ("Dublin", 53.35, -6.26, true),
            ("Valletta", 35.9, 14.51, true),
            ("Nicosia", 35.17, 33.36, true),
            ("Tokyo", 35.68, 139.69, true),
            ("Fukuoka", 33.59, 130.4, true),
            ("Naha", 26.21, 127.68, true),
            ("Sapporo", 43.06, 141.35, true),
            ("Hong Kong", 22.28, 114.16, true),
            ("Bangkok", 13.75, 100.5, true),
            ("Chiang Mai", 18.79, 98.99, true),
            ("Singapore", 1.35, 103.82, true),
            ("Jakarta", -6.2, 106.85, true),
            ("Sydney", -33.87, 151.21, true),
            ("Auckland", -36.85, 174.76, true),
            ("Delhi", 28.61, 77.21, true),
            ("Mumbai", 19.08, 72.88, true),
            ("Chennai", 13.08, 80.27, true),
            ("Kathmandu", 27.72, 85.32, true),
            ("Dhaka", 23.81, 90.41, true),
            ("Karachi", 24.86, 67.01, true),
            ("Lahore", 31.55, 74.34, true),
            ("Colombo", 6.93, 79.86, true),
            ("Cape Town", -33.92, 18.42, true),
            ("Johannesburg", -26.2, 28.05, true),
            ("Lusaka", -15.39, 28.32, true),
            ("Harare", -17.83, 31.05, true),
            ("Dar es Salaam", -6.79, 39.21, true),
            ("Nairobi", -1.29, 36.82, true),
            ("Kampala", 0.35, 32.58, true),
            ("Kingston", 17.97, -76.79, true),
            ("Georgetown", 6.8, -58.16, true),
            ("Porto", 41.15, -8.61, false),
            ("Paris", 48.86, 2.35, false),
            ("Calais", 50.95, 1.86, false),
            ("Cherbourg", 49.63, -1.62, false),
            ("Monaco", 43.74, 7.42, false),
            ("Beirut", 33.89, 35.5, false),
            ("Antalya", 36.9, 30.7, false),
            ("Busan", 35.18, 129.08, false),
            ("Vladivostok", 43.12, 131.89, false),
            ("Taipei", 25.03, 121.57, false),
            ("Guangzhou", 23.13, 113.26, false),
            ("Vientiane", 17.97, 102.63, false),
            ("Phnom Penh", 11.56, 104.92, false),
            ("Yangon", 16.87, 96.2, false),
            ("Ho Chi Minh City", 10.82, 106.63, false),
            ("Manila", 14.6, 120.98, false),
            ("Davao", 7.19, 125.46, false),
            ("Kabul", 34.53, 69.17, false),
            ("Tehran", 35.69, 51.39, false),
            ("Kigali", -1.94, 30.06, false),
            ("Bujumbura", -3.36, 29.36, false),
            ("Lubumbashi", -11.66, 27.48, false),
            ("Luanda", -8.84, 13.23, false),
            ("Addis Ababa", 9.03, 38.74, false),
            ("Mogadishu", 2.05, 45.32, false),
            ("Antananarivo", -18.88, 47.51, false),
            ("Havana", 23.11, -82.37, false),
            ("Miami", 25.76, -80.19, false),
            ("Fort-de-France", 14.6, -61.07, false),
            ("Pointe-à-Pitre", 16.24, -61.53, false),
            ("San Juan", 18.47, -66.11, false),
            ("Boa Vista", 2.82, -60.67, false),
            ("New York", 40.71, -74.01, false),
        ] {
            assert_eq!(
                is_left(LatLng::from_degrees(lat, lng).unwrap()),
                left,
                "{name}"
            );
        }
    }

    #[test]
    fn most_places_decide_and_none_keep_right() {
        let at = |lng| LatLng::from_degrees(51.5, lng).unwrap();
        assert!(mostly(&[at(0.0), at(0.1), at(9.0)]));
        assert!(!mostly(&[at(0.0), at(8.0), at(9.0)]));
        assert!(!mostly(&[]));
    }
}
