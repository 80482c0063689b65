//! The sea. OpenStreetMap has only its coast: lines with land on their left and water on their
//! right. What an extract holds of them is closed along a frame around the extract.
//!
//! A coast that contradicts the roads (streets in the middle of the sea) is broken data: such a sea
//! is not drawn, for a missing sea does less harm than a drowned city.

use super::chains::{Direction, joined};
use super::plane::{Path, Point, Polygon, Window, doubled_area, ring_holds};
use super::rings::nested;

/// A sea with more than this part of the extract's streets in it is none.
const DROWNED: f64 = 0.4;

/// The areas of the sea within a frame. `bounds` is what the extract covers; `dry` are places on
/// streets, well spread.
pub(super) fn sea(coast: Vec<Path>, bounds: Window, frame: Window, dry: &[Point]) -> Vec<Polygon> {
    let chains = joined(coast, Direction::Kept);
    let (mut rings, open): (Vec<Path>, Vec<Path>) = chains
        .into_iter()
        .partition(|chain| chain.first() == chain.last());
    rings.retain(|ring| ring.len() >= 4);
    let open: Vec<Path> = open
        .into_iter()
        .filter_map(|chain| to_frame(chain, bounds, frame))
        .collect();
    if open.is_empty() {
        if rings.iter().any(|ring| doubled_area(ring) < 0) {
            rings.push(frame.ring());
        }
    } else {
        rings.extend(along_frame(&open, frame));
    }
    let mut seas = nested(rings);
    seas.retain(|sea| {
        let wet = dry.iter().filter(|p| holds(sea, **p)).count();
        as_float(wet) <= DROWNED * as_float(dry.len())
    });
    seas
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few hundred points")]
fn as_float(count: usize) -> f64 {
    count as f64
}

fn holds(area: &Polygon, p: Point) -> bool {
    area.iter().filter(|ring| ring_holds(ring, p)).count() % 2 == 1
}

/// Lengthens a coast at both ends straight to the frame, over the side of the bounds next to it.
fn to_frame(mut chain: Path, bounds: Window, frame: Window) -> Option<Path> {
    let first = outward(*chain.first()?, bounds, frame);
    let last = outward(*chain.last()?, bounds, frame);
    chain.insert(0, first);
    chain.push(last);
    Some(chain)
}

fn outward(p: Point, bounds: Window, frame: Window) -> Point {
    let sides = [
        (
            p.y - bounds.min.y,
            Point {
                y: frame.min.y,
                ..p
            },
        ),
        (
            bounds.max.x - p.x,
            Point {
                x: frame.max.x,
                ..p
            },
        ),
        (
            bounds.max.y - p.y,
            Point {
                y: frame.max.y,
                ..p
            },
        ),
        (
            p.x - bounds.min.x,
            Point {
                x: frame.min.x,
                ..p
            },
        ),
    ];
    let nearest = sides.into_iter().min_by_key(|(far, _)| *far);
    nearest.map_or(p, |(_, at)| at)
}

/// Closes coasts that end on the frame: from the end of each clockwise along the frame, which keeps
/// the water on the right, to where the next one starts.
fn along_frame(open: &[Path], frame: Window) -> Vec<Path> {
    let way = |p: Option<&Point>| p.map_or(0, |p| clockwise(*p, frame));
    let starts: Vec<i64> = open.iter().map(|chain| way(chain.first())).collect();
    let mut used = vec![false; open.len()];
    let mut rings = Vec::new();
    for begin in 0..open.len() {
        let mut ring = Path::new();
        let mut current = begin;
        while let Some(false) = used.get(current).copied() {
            if let Some(flag) = used.get_mut(current) {
                *flag = true;
            }
            let Some(chain) = open.get(current) else {
                break;
            };
            ring.extend(chain);
            let from = way(chain.last());
            let round = perimeter(frame);
            let ahead = |start: &i64| (start - from).rem_euclid(round);
            let next = starts.iter().enumerate().min_by_key(|(_, s)| ahead(s));
            let Some((next, start)) = next else { break };
            ring.extend(corners(from, ahead(start), frame));
            current = next;
        }
        if let Some(first) = ring.first().copied() {
            ring.push(first);
            rings.push(ring);
        }
    }
    rings
}

fn perimeter(frame: Window) -> i64 {
    2 * (i64::from(frame.max.x - frame.min.x) + i64::from(frame.max.y - frame.min.y))
}

/// How far a point on the frame is from its north-west corner, clockwise.
fn clockwise(p: Point, frame: Window) -> i64 {
    let wide = i64::from(frame.max.x - frame.min.x);
    let high = i64::from(frame.max.y - frame.min.y);
    if p.y <= frame.min.y {
        i64::from(p.x - frame.min.x)
    } else if p.x >= frame.max.x {
        wide + i64::from(p.y - frame.min.y)
    } else if p.y >= frame.max.y {
        wide + high + i64::from(frame.max.x - p.x)
    } else {
        2 * wide + high + i64::from(frame.max.y - p.y)
    }
}

/// The corners passed on the way clockwise.
fn corners(from: i64, far: i64, frame: Window) -> Vec<Point> {
    let round = perimeter(frame);
    let ring = frame.ring();
    let mut passed: Vec<(i64, Point)> = ring
        .iter()
        .take(4)
        .map(|p| ((clockwise(*p, frame) - from).rem_euclid(round), *p))
        .filter(|(ahead, _)| *ahead < far)
        .collect();
    passed.sort_unstable();
    passed.into_iter().map(|(_, p)| p).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i32, y: i32) -> Point {
        Point { x, y }
    }

    fn window(from: i32, to: i32) -> Window {
        Window {
            min: p(from, from),
            max: p(to, to),
        }
    }

    fn wet(seas: &[Polygon], at: Point) -> bool {
        seas.iter().any(|sea| holds(sea, at))
    }

    #[test]
    fn west_of_a_coast_that_runs_south_is_the_sea() {
        // Southwards the land on the left is in the east.
        let coast = vec![
            vec![p(140, 110), p(150, 150)],
            vec![p(150, 150), p(140, 190)],
        ];
        let seas = sea(coast, window(100, 200), window(0, 300), &[]);
        assert!(wet(&seas, p(110, 150)) && wet(&seas, p(5, 5)) && wet(&seas, p(5, 295)));
        assert!(!wet(&seas, p(180, 150)) && !wet(&seas, p(295, 5)));
    }

    #[test]
    fn an_island_in_the_sea_stays_dry() {
        let coast = vec![
            vec![p(140, 100), p(140, 200)],
            vec![
                p(110, 140),
                p(110, 160),
                p(130, 160),
                p(130, 140),
                p(110, 140),
            ],
        ];
        let seas = sea(coast, window(100, 200), window(0, 300), &[]);
        assert!(wet(&seas, p(105, 150)) && !wet(&seas, p(120, 150)));
    }

    #[test]
    fn around_a_lone_island_all_is_sea() {
        let island = vec![
            p(110, 110),
            p(110, 190),
            p(190, 190),
            p(190, 110),
            p(110, 110),
        ];
        let seas = sea(vec![island], window(100, 200), window(0, 300), &[]);
        assert!(wet(&seas, p(50, 50)) && !wet(&seas, p(150, 150)));
    }

    #[test]
    fn a_strait_is_wet_between_two_coasts() {
        let coast = vec![
            vec![p(130, 100), p(130, 200)].into_iter().rev().collect(),
            vec![p(170, 100), p(170, 200)],
        ];
        let seas = sea(coast, window(100, 200), window(0, 300), &[]);
        assert!(wet(&seas, p(150, 150)));
        assert!(!wet(&seas, p(110, 150)) && !wet(&seas, p(190, 150)));
    }

    #[test]
    fn a_sea_over_the_streets_is_not_believed() {
        let coast = vec![vec![p(140, 100), p(140, 200)]];
        let streets = [p(110, 120), p(120, 150), p(130, 180)];
        assert!(sea(coast, window(100, 200), window(0, 300), &streets).is_empty());
    }
}
