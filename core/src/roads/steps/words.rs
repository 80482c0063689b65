//! A step as an English sentence.

use super::{Maneuver, Step};

const POINTS: [&str; 8] = [
    "north",
    "north-east",
    "east",
    "south-east",
    "south",
    "south-west",
    "west",
    "north-west",
];

impl Step {
    /// The instruction in English: "Turn left into Rua do Almada".
    pub fn in_words(&self) -> String {
        let (what, joint) = match self.maneuver {
            Maneuver::Depart => (format!("Head {}", point_of(self.bearing_deg)), "on"),
            Maneuver::Continue => ("Continue".to_owned(), "on"),
            Maneuver::SlightLeft => ("Bear left".to_owned(), "into"),
            Maneuver::Left => ("Turn left".to_owned(), "into"),
            Maneuver::SharpLeft => ("Turn sharp left".to_owned(), "into"),
            Maneuver::SlightRight => ("Bear right".to_owned(), "into"),
            Maneuver::Right => ("Turn right".to_owned(), "into"),
            Maneuver::SharpRight => ("Turn sharp right".to_owned(), "into"),
            Maneuver::UTurn => ("Make a U-turn".to_owned(), "on"),
            Maneuver::Roundabout(exit) => {
                let exit = exit_in_words(exit);
                (format!("At the roundabout, take {exit}"), "into")
            }
            Maneuver::Merge => ("Merge".to_owned(), "onto"),
            Maneuver::RampLeft => ("Take the ramp on the left".to_owned(), "towards"),
            Maneuver::RampRight => ("Take the ramp on the right".to_owned(), "towards"),
            Maneuver::Ferry => ("Take the ferry".to_owned(), ""),
            Maneuver::Arrive(_) => ("Arrive".to_owned(), "at"),
        };
        match (self.street.as_str(), joint) {
            ("", _) => what,
            (street, "") => format!("{what} {street}"),
            (street, joint) => format!("{what} {joint} {street}"),
        }
    }
}

fn exit_in_words(exit: u8) -> String {
    let ordinal = match exit {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        6 => "sixth",
        7 => "seventh",
        8 => "eighth",
        number => return format!("exit {number}"),
    };
    format!("the {ordinal} exit")
}

/// The point of the compass nearest to a bearing.
fn point_of(bearing_deg: u16) -> &'static str {
    let eighths = bearing_deg.saturating_mul(2).saturating_add(45) / 90;
    POINTS
        .get(usize::from(eighths % 8))
        .copied()
        .unwrap_or("on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LatLng;

    fn words(maneuver: Maneuver, street: &str, bearing_deg: u16) -> String {
        let step = Step {
            maneuver,
            at: LatLng::from_e7(0, 0).unwrap(),
            street: street.to_owned(),
            bearing_deg,
            distance_m: 0,
            duration_s: 0,
            geometry_index: 0,
        };
        step.in_words()
    }

    #[test]
    fn a_sentence_says_what_to_do_and_where() {
        for (maneuver, street, expected) in [
            (Maneuver::Depart, "Rua A", "Head south-east on Rua A"),
            (Maneuver::Continue, "Rua A", "Continue on Rua A"),
            (Maneuver::SlightLeft, "Rua A", "Bear left into Rua A"),
            (
                Maneuver::Left,
                "Rua do Almada",
                "Turn left into Rua do Almada",
            ),
            (Maneuver::SharpRight, "", "Turn sharp right"),
            (Maneuver::UTurn, "Rua A", "Make a U-turn on Rua A"),
            (
                Maneuver::Roundabout(2),
                "Rua A",
                "At the roundabout, take the second exit into Rua A",
            ),
            (
                Maneuver::Roundabout(9),
                "",
                "At the roundabout, take exit 9",
            ),
            (Maneuver::Merge, "A 28", "Merge onto A 28"),
            (
                Maneuver::RampRight,
                "A 28",
                "Take the ramp on the right towards A 28",
            ),
            (
                Maneuver::Ferry,
                "Lisboa - Cacilhas",
                "Take the ferry Lisboa - Cacilhas",
            ),
            (Maneuver::Arrive(1), "Rua A", "Arrive at Rua A"),
            (Maneuver::Arrive(1), "", "Arrive"),
        ] {
            assert_eq!(words(maneuver, street, 140), expected);
        }
    }

    #[test]
    fn every_bearing_has_its_point_of_the_compass() {
        for (bearing_deg, point) in [
            (0, "north"),
            (22, "north"),
            (23, "north-east"),
            (90, "east"),
            (180, "south"),
            (247, "south-west"),
            (248, "west"),
            (337, "north-west"),
            (338, "north"),
            (359, "north"),
        ] {
            let expected = format!("Head {point}");
            assert_eq!(words(Maneuver::Depart, "", bearing_deg), expected);
        }
    }
}
