//! Reads a track as JSON.
//!
//! A track is a list of points, or an object with that list as `points`, which is what devices send
//! to the API. Reading stops at the first point that is wrong and at the first point too many, so
//! a hostile text costs no more than its own length.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::error::TrackError;
use super::point::TrackPoint;
use crate::wire::LocationPoint;

/// The most points of one track: a day of driving with a point a second.
pub const POINTS_MAX: usize = 100_000;

/// Reads a track: `[{"t": …, "lat": …, "lng": …, "accuracy_m": …}, …]` or `{"points": […]}`, with
/// `speed_mps` and `heading_deg` where the device knew them. The points keep the order of the text.
/// An empty list is a track; an unknown field is not.
pub fn parse_track(json: &str) -> Result<Vec<TrackPoint>, TrackError> {
    let mut reading = Points::default();
    let mut text = serde_json::Deserializer::from_str(json);
    let read = text
        .deserialize_any(Track(&mut reading))
        .and_then(|()| text.end());
    match (reading.refused, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(TrackError::Form {
            index: reading.current,
            problem: error.to_string(),
        }),
        (None, Ok(())) => Ok(reading.points),
    }
}

/// The points read so far, and what stopped the reading. An error of serde is a text, so the typed
/// one waits here.
#[derive(Default)]
struct Points {
    points: Vec<TrackPoint>,
    /// The point that is being read.
    current: Option<usize>,
    refused: Option<TrackError>,
}

impl Points {
    fn take(&mut self, point: &LocationPoint) -> Result<(), TrackError> {
        let point =
            TrackPoint::try_from(point).map_err(|error| error.of_point(self.points.len()))?;
        self.points.push(point);
        Ok(())
    }

    fn read<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        loop {
            if self.points.len() >= POINTS_MAX {
                return self.end(list);
            }
            self.current = Some(self.points.len());
            let Some(point) = list.next_element::<LocationPoint>()? else {
                self.current = None;
                return Ok(());
            };
            if let Err(error) = self.take(&point) {
                return Err(self.refuse(error));
            }
        }
    }

    /// The list must end here.
    fn end<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        self.current = None;
        match list.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(self.refuse(TrackError::TooManyPoints)),
        }
    }

    fn refuse<E: serde::de::Error>(&mut self, error: TrackError) -> E {
        let told = E::custom(&error);
        self.refused = Some(error);
        told
    }
}

/// Either form of a track.
struct Track<'a>(&'a mut Points);

impl<'de> Visitor<'de> for Track<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of points, or an object with `points`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.read(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut seen = false;
        while let Some(field) = object.next_key::<String>()? {
            if field != "points" {
                return Err(A::Error::unknown_field(&field, &["points"]));
            }
            if seen {
                return Err(A::Error::duplicate_field("points"));
            }
            seen = true;
            object.next_value_seed(List(&mut *self.0))?;
        }
        if seen {
            Ok(())
        } else {
            Err(A::Error::missing_field("points"))
        }
    }
}

/// The list of points within an object.
struct List<'a>(&'a mut Points);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<(), D::Error> {
        text.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of points")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.read(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LatLngError;

    const GOOD: &str = r#"{"t": "2026-11-20T12:00:00+01:00", "lat": 41.1, "lng": -8.6, "accuracy_m": 4.5, "speed_mps": 1.25, "heading_deg": 90}"#;

    fn list(points: &[&str]) -> String {
        format!("[{}]", points.join(","))
    }

    #[test]
    fn both_forms_are_read_in_the_order_of_the_text() {
        let later = GOOD.replace("12:00:00+01:00", "11:00:05Z");
        let points = list(&[&later, GOOD]);
        let read = parse_track(&points).unwrap();
        assert_eq!(
            parse_track(&format!("{{\"points\": {points}}}")).unwrap(),
            read
        );
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].at_ms - read[1].at_ms, 5000);
        assert_eq!(
            (read[1].accuracy_mm, read[1].speed_mm_s),
            (4500, Some(1250))
        );
    }

    #[test]
    fn a_track_may_have_no_points() {
        assert_eq!(parse_track("[]"), Ok(vec![]));
        assert_eq!(parse_track(r#"{"points": []}"#), Ok(vec![]));
    }

    #[test]
    fn what_a_point_measures_wrongly_is_named_by_place_and_field() {
        let cases = [
            ("41.1", "90.5", "points[1].lat"),
            ("-8.6", "-180.1", "points[1].lng"),
            ("4.5", "-4.5", "points[1].accuracy_m"),
            ("1.25", "-1", "points[1].speed_mps"),
        ];
        for (from, to, field) in cases {
            let error = parse_track(&list(&[GOOD, &GOOD.replace(from, to), "nonsense"]));
            assert_eq!(error.unwrap_err().field(), field);
        }
        assert_eq!(
            parse_track(&list(&[&GOOD.replace("41.1", "-91")])),
            Err(TrackError::Position {
                index: Some(0),
                source: LatLngError::Latitude
            })
        );
    }

    #[test]
    fn what_has_not_the_form_of_a_track_is_refused_with_its_place() {
        let good = list(&[GOOD]);
        let cases = [
            (String::new(), ".", "EOF"),
            (
                "7".to_owned(),
                ".",
                "expected a list of points, or an object",
            ),
            ("{}".to_owned(), ".", "missing field `points`"),
            (
                r#"{"points": 7}"#.to_owned(),
                ".",
                "expected a list of points",
            ),
            (
                format!(r#"{{"points": {good}, "trip": 1}}"#),
                ".",
                "unknown field `trip`",
            ),
            (
                format!(r#"{{"points": {good}, "points": []}}"#),
                ".",
                "duplicate field",
            ),
            (format!("{good} {good}"), ".", "trailing characters"),
            (list(&[GOOD, "7"]), "points[1]", "invalid type"),
            (
                list(&[GOOD, &GOOD.replace("heading_deg", "course")]),
                "points[1]",
                "unknown field",
            ),
            (
                list(&[&GOOD.replace("\"accuracy_m\": 4.5, ", "")]),
                "points[0]",
                "missing field",
            ),
            (
                list(&[&GOOD.replace("41.1", "\"41.1\"")]),
                "points[0]",
                "invalid type",
            ),
            (
                list(&[&GOOD.replace("2026-11-20T", "")]),
                "points[0]",
                "invalid characters",
            ),
            (list(&[GOOD, ""]), "points[1]", "trailing comma"),
        ];
        for (json, field, reason) in cases {
            let error = parse_track(&json).unwrap_err();
            assert_eq!(error.field(), field, "{json}: {error}");
            assert!(error.to_string().contains(reason), "{json}: {error}");
        }
    }

    #[test]
    fn a_point_too_many_ends_the_reading() {
        let most = vec![GOOD; POINTS_MAX];
        assert_eq!(
            parse_track(&list(&most)).map(|points| points.len()),
            Ok(POINTS_MAX)
        );
        let mut over = most;
        over.push("{}");
        over.push("what comes after is not looked at");
        assert_eq!(parse_track(&list(&over)), Err(TrackError::TooManyPoints));
    }
}
