//! How often a driver may ask for trips to a place: a pure function of what was asked before.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use wayfare_core::geo::LatLng;
use wayfare_core::wire::ErrorCode;

use crate::platform::failure::Failure;

/// Nobody is on the way home for longer.
const UNTIL_MAX: TimeDelta = TimeDelta::hours(3);
/// A device's clock may be this far ahead of the server's.
const CLOCK_AHEAD_MAX: TimeDelta = TimeDelta::seconds(60);

/// Where a driver wants to get to, and how often one was named on a day of the city.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) goal: Option<Goal>,
    pub(super) day: Option<NaiveDate>,
    pub(super) uses: u32,
}

/// A place, until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Goal {
    pub(super) to: LatLng,
    pub(super) until: DateTime<Utc>,
}

/// What a driver asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) to: LatLng,
    pub(super) until: Option<DateTime<Utc>>,
}

/// When it is, in the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) now: DateTime<Utc>,
    pub(super) day: NaiveDate,
}

impl Home {
    /// Where the driver wants to get to now.
    pub(super) fn goal_at(&self, now: DateTime<Utc>) -> Option<Goal> {
        self.goal.filter(|goal| goal.until > now)
    }

    /// How many more places can be named on this day.
    pub(super) fn uses_left(&self, day: NaiveDate, uses_max: u32) -> u32 {
        let used = if self.day == Some(day) { self.uses } else { 0 };
        uses_max.saturating_sub(used)
    }
}

/// What is so once the wish is granted.
///
/// Every place that is named is one use, also if an earlier one still holds. Only the place that holds
/// is none when it is named again, so that a request may be sent twice; its end can be brought
/// forward then, and not put off.
pub(super) fn plan_home(
    home: &Home,
    wish: Wish,
    uses_max: u32,
    moment: Moment,
) -> Result<Home, Failure> {
    let until = end(wish.until, moment.now)?;
    if let Some(goal) = home.goal_at(moment.now).filter(|goal| goal.to == wish.to) {
        let until = goal.until.min(until);
        return Ok(Home {
            goal: Some(Goal { until, ..goal }),
            ..*home
        });
    }
    let left = home.uses_left(moment.day, uses_max);
    if left == 0 {
        let detail = match uses_max {
            0 => "drivers cannot ask for trips home in this city".to_owned(),
            max => format!("you asked for trips home {max} times today; that is the most"),
        };
        return Err(Failure::refused(ErrorCode::HomeUsedUp, detail));
    }
    Ok(Home {
        goal: Some(Goal { to: wish.to, until }),
        day: Some(moment.day),
        uses: uses_max.saturating_sub(left).saturating_add(1),
    })
}

fn end(wanted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let latest = now + UNTIL_MAX;
    let until = wanted.unwrap_or(latest);
    let problem = if until <= now {
        "until: it is over already"
    } else if until > latest + CLOCK_AHEAD_MAX {
        "until: it is more than three hours from now"
    } else {
        return Ok(until.min(latest));
    };
    Err(Failure::refused(ErrorCode::InvalidRequest, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u32 = 2;

    fn moment(day: u32, hour: i64) -> Moment {
        let day = NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let midnight = day.and_hms_opt(0, 0, 0).unwrap().and_utc();
        let now = midnight + TimeDelta::hours(hour);
        Moment { now, day }
    }

    fn place(lat: f64) -> LatLng {
        LatLng::from_degrees(lat, 7.0).unwrap()
    }

    fn to(lat: f64) -> Wish {
        Wish {
            to: place(lat),
            until: None,
        }
    }

    fn code(result: Result<Home, Failure>) -> ErrorCode {
        result.unwrap_err().code()
    }

    #[test]
    fn a_place_holds_for_three_hours_at_most() {
        let at = moment(1, 10);
        let granted = plan_home(&Home::default(), to(43.0), MAX, at).unwrap();
        let until = at.now + TimeDelta::hours(3);
        let goal = Goal {
            to: place(43.0),
            until,
        };
        assert_eq!((granted.goal, granted.uses), (Some(goal), 1));
        assert_eq!(granted.goal_at(until - TimeDelta::seconds(1)), Some(goal));
        assert_eq!(granted.goal_at(until), None);
        let ask = |minutes| {
            let until = Some(at.now + TimeDelta::minutes(minutes));
            let wish = Wish { until, ..to(43.0) };
            plan_home(&Home::default(), wish, MAX, at)
        };
        assert_eq!(code(ask(0)), ErrorCode::InvalidRequest);
        assert_eq!(code(ask(-5)), ErrorCode::InvalidRequest);
        assert_eq!(code(ask(182)), ErrorCode::InvalidRequest);
        let ahead = ask(181).unwrap().goal.unwrap();
        assert_eq!(ahead.until, until, "the device's clock runs ahead");
        let short = ask(20).unwrap().goal.unwrap();
        assert_eq!(short.until, at.now + TimeDelta::minutes(20));
    }

    #[test]
    fn every_place_is_a_use_until_the_citys_day_ends() {
        let one = plan_home(&Home::default(), to(1.0), MAX, moment(1, 10)).unwrap();
        assert_eq!(one.uses_left(moment(1, 10).day, MAX), 1);
        let two = plan_home(&one, to(2.0), MAX, moment(1, 11)).unwrap();
        assert_eq!((two.uses, two.uses_left(moment(1, 11).day, MAX)), (2, 0));
        let third = plan_home(&two, to(3.0), MAX, moment(1, 20));
        assert_eq!(code(third), ErrorCode::HomeUsedUp);
        let tomorrow = plan_home(&two, to(3.0), MAX, moment(2, 0)).unwrap();
        assert_eq!(tomorrow.uses, 1);
        let never = plan_home(&Home::default(), to(1.0), 0, moment(1, 10));
        assert_eq!(code(never), ErrorCode::HomeUsedUp);
    }

    #[test]
    fn the_place_that_holds_may_be_sent_again_but_not_put_off() {
        let first = plan_home(&Home::default(), to(1.0), 1, moment(1, 10)).unwrap();
        let again = plan_home(&first, to(1.0), 1, moment(1, 12)).unwrap();
        assert_eq!(again, first);
        let sooner = Wish {
            until: Some(moment(1, 12).now),
            ..to(1.0)
        };
        let sooner = plan_home(&first, sooner, 1, moment(1, 11)).unwrap();
        assert_eq!(sooner.goal.unwrap().until, moment(1, 12).now);
        assert_eq!(sooner.uses, 1);
        let over = plan_home(&first, to(1.0), 1, moment(1, 13));
        assert_eq!(code(over), ErrorCode::HomeUsedUp);
    }
}
