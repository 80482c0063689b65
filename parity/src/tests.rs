//! What the generator promises: the same lines again, nearly all of them prices.

use serde_json::Value;

use super::*;

fn lines(seed: u64, from: u64, to: u64) -> Vec<Value> {
    let mut out = Vec::new();
    write_trips(seed, from, to, &mut out);
    let text = String::from_utf8(out).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_trip_depends_on_its_seed_and_number_alone() {
    let mut together = Vec::new();
    write_trips(5, 0, 20, &mut together);
    let mut apart = Vec::new();
    write_trips(5, 0, 7, &mut apart);
    write_trips(5, 7, 20, &mut apart);
    assert_eq!(together, apart);
    let mut other = Vec::new();
    write_trips(6, 0, 20, &mut other);
    assert_ne!(together, other);
}

#[test]
fn every_line_carries_the_number_of_its_trip() {
    let numbers: Vec<u64> = lines(1, 40, 43)
        .iter()
        .map(|line| line["trip"].as_u64().unwrap())
        .collect();
    assert!(numbers.is_sorted());
    assert_eq!((numbers.first(), numbers.last()), (Some(&40), Some(&42)));
}

#[test]
fn every_tariff_is_valid() {
    let all = lines(2, 0, 1000);
    assert!(all.iter().all(|line| line.get("tariff_check").is_none()));
}

#[test]
fn nine_of_ten_fares_are_prices_and_some_are_refused() {
    let all = lines(1, 0, 2000);
    let fares: Vec<&Value> = all.iter().filter_map(|line| line.get("fare")).collect();
    let priced = fares
        .iter()
        .filter(|fare| fare.get("total_minor").is_some())
        .count();
    assert_eq!(fares.len(), 2000);
    assert!(priced >= 1800, "{priced} of 2000 are prices");
    assert!(priced < 2000, "none is refused");
}

#[test]
fn every_kind_of_line_appears() {
    let mut kinds: Vec<String> = lines(1, 0, 2000)
        .iter()
        .filter_map(|line| line.get("fare")?.get("lines")?.as_array().cloned())
        .flatten()
        .map(|line| line["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 16, "{kinds:?}");
}

#[test]
fn trips_end_in_every_way_and_receipts_verify_or_are_refused() {
    let all = lines(1, 0, 2000);
    let mut ends: Vec<&str> = all
        .iter()
        .filter_map(|line| line.get("life")?.pointer("/state/status")?.as_str())
        .collect();
    ends.sort_unstable();
    ends.dedup();
    assert_eq!(ends.len(), 7, "{ends:?}");
    let verified = |wanted: bool| {
        let told = all.iter().filter_map(|line| line.get("verified"));
        told.filter(|told| told.get("errors").is_none() == wanted)
            .count()
    };
    assert!(verified(true) > 20 && verified(false) > 20);
}

#[test]
fn surge_rises_somewhere() {
    let all = lines(1, 0, 200);
    let surging = all
        .iter()
        .filter_map(|line| line.get("surge")?.as_object())
        .flat_map(|cells| cells.values())
        .filter(|cell| cell["surge_bps"].as_i64() > Some(10_000));
    assert!(surging.count() > 0);
}
