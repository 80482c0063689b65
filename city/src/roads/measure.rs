//! Numbers with units as mappers write them.

const MILE_KM: f64 = 1.609;
const INCH_M: f64 = 0.0254;
const POUND_KG: f64 = 0.453_592_37;

/// Metres: `2.5`, `2,5 m`, `7'6"`.
pub(super) fn metres(text: &str) -> Option<f64> {
    let number = first_number(text)?;
    let Some((_, inches)) = text.split_once('\'') else {
        return Some(number);
    };
    Some((number * 12.0 + first_number(inches).unwrap_or(0.0)) * INCH_M)
}

/// Kilograms: `3.5` (tons), `3500 kg`, `8000 lbs`.
pub(super) fn kilograms(text: &str) -> Option<f64> {
    let number = first_number(text)?;
    Some(if text.contains("lbs") {
        number * POUND_KG
    } else if text.contains("kg") {
        number
    } else {
        number * 1000.0
    })
}

/// Kilometres per hour: `50`, `30 mph`. `None` unless it starts with a number.
pub(super) fn kilometres_per_hour(text: &str) -> Option<f64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: f64 = text.get(..digits)?.parse().ok()?;
    let in_miles = text.contains("mph") || text.contains("mp/h");
    Some(if in_miles { number * MILE_KM } else { number })
}

/// Seconds: `20` (minutes), `01:30`, `1:30:00`, `PT1H30M`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let number = |text: &str| text.parse::<u32>().ok().map(f64::from);
    if let Some(rest) = text.strip_prefix("PT") {
        return iso_seconds(rest);
    }
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [minutes] => Some(number(minutes)? * 60.0),
        [hours, minutes] => Some(number(hours)? * 3600.0 + number(minutes)? * 60.0),
        [hours, minutes, seconds] => {
            Some(number(hours)? * 3600.0 + number(minutes)? * 60.0 + number(seconds)?)
        }
        _ => None,
    }
}

fn iso_seconds(mut text: &str) -> Option<f64> {
    let mut sum = 0.0;
    while !text.is_empty() {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let number = f64::from(text.get(..digits)?.parse::<u32>().ok()?);
        let (unit, rest) = text.get(digits..)?.split_at_checked(1)?;
        sum += match unit {
            "H" => number * 3600.0,
            "M" => number * 60.0,
            "S" => number,
            _ => return None,
        };
        text = rest;
    }
    Some(sum)
}

/// The first number of a text, with a decimal point or comma.
fn first_number(text: &str) -> Option<f64> {
    let start = text.find(|character: char| character.is_ascii_digit())?;
    let tail = text.get(start..)?.replace(',', ".");
    let mut dots = 0;
    let end = tail
        .find(|character: char| {
            dots += u8::from(character == '.');
            !(character.is_ascii_digit() || (character == '.' && dots == 1))
        })
        .unwrap_or(tail.len());
    tail.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_weights_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2.5", Some(2.5)),
            ("2,5 m", Some(2.5)),
            ("3.", Some(3.0)),
            ("~2", Some(2.0)),
            ("1.2.3", Some(1.2)),
            ("7'6\"", Some(2.286)),
            ("7'", Some(2.1336)),
            ("none", None),
            ("", None),
            ("ß3", Some(3.0)),
        ] {
            assert_eq!(
                metres(text).map(|m| (m * 1e6).round() / 1e6),
                expected,
                "{text}"
            );
        }
        assert_eq!(kilograms("3.5"), Some(3500.0));
        assert_eq!(kilograms("1800 kg"), Some(1800.0));
        assert_eq!(kilograms("4000 lbs").map(f64::round), Some(1814.0));
    }

    #[test]
    fn speeds_start_with_a_number() {
        assert_eq!(kilometres_per_hour("50"), Some(50.0));
        assert_eq!(kilometres_per_hour("30 mph").map(f64::round), Some(48.0));
        assert_eq!(kilometres_per_hour("50; 30"), Some(50.0));
        assert_eq!(kilometres_per_hour("PT:urban"), None);
        assert_eq!(kilometres_per_hour("none"), None);
    }

    #[test]
    fn durations_come_in_four_forms() {
        for (text, expected) in [
            ("20", Some(1200.0)),
            ("01:30", Some(5400.0)),
            ("0:05:30", Some(330.0)),
            ("PT1H30M", Some(5400.0)),
            ("PT45S", Some(45.0)),
            ("PT", Some(0.0)),
            ("PT5", None),
            ("1:2:3:4", None),
            ("-5", None),
            ("soon", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
