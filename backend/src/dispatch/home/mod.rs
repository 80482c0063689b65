//! Drivers who want to get home: for a while they are only asked for trips that lead there.
//!
//! A place can be named while online, for three hours at most, and only so often a day of the city.
//! It holds until its end, also over a break; afterwards it counts no more.

pub(super) mod api;
mod plan;
mod queries;

use sqlx::PgConnection;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_core::wire::{Destination, DriverDestination, ErrorCode, NewDestination, Point};

use self::plan::{Goal, Home, Moment, Wish, plan_home};
use self::queries::HomeRow;
use crate::app::App;
use crate::fleet;
use crate::platform::clock;
use crate::platform::failure::Failure;

/// A driver wants to get to a place.
async fn set_destination(
    connection: &mut PgConnection,
    app: &App,
    driver: DriverId,
    wanted: &NewDestination,
) -> Result<DriverDestination, Failure> {
    let point = Point {
        lat: wanted.lat,
        lng: wanted.lng,
    };
    let to = LatLng::try_from(point)
        .map_err(|error| Failure::refused(ErrorCode::InvalidRequest, error.to_string()))?;
    if !fleet::service::is_online(connection, driver).await? {
        let detail = "go online first; trips home are for drivers who want offers";
        return Err(Failure::refused(ErrorCode::DriverOffline, detail));
    }
    let moment = moment(app);
    queries::insert_missing(connection, driver, moment.now).await?;
    let row = queries::find_home_for_update(connection, driver).await?;
    let before = home(row)?;
    let wish = Wish {
        to,
        until: wanted.until.map(clock::as_kept),
    };
    let after = plan_home(&before, wish, uses_max(app), moment)?;
    queries::set_home(connection, driver, &row_of(&after)?).await?;
    Ok(view(&after, app, moment))
}

/// Where a driver wants to get to, and how often another place can be named.
async fn get_destination(
    connection: &mut PgConnection,
    app: &App,
    driver: DriverId,
) -> Result<DriverDestination, Failure> {
    if !fleet::service::driver_exists(connection, driver.into()).await? {
        return Err(Failure::not_found("driver profile"));
    }
    let home = home(queries::find_home(connection, driver).await?)?;
    Ok(view(&home, app, moment(app)))
}

/// All trips count again. What was used up stays used up.
async fn clear_destination(connection: &mut PgConnection, driver: DriverId) -> Result<(), Failure> {
    Ok(queries::clear_home(connection, driver).await?)
}

fn moment(app: &App) -> Moment {
    let now = clock::now();
    let day = now.with_timezone(&app.config.pricing.timezone).date_naive();
    Moment { now, day }
}

const fn uses_max(app: &App) -> u32 {
    app.config.dispatch.home_uses_per_day
}

fn view(home: &Home, app: &App, moment: Moment) -> DriverDestination {
    let goal = home.goal_at(moment.now);
    DriverDestination {
        destination: goal.map(|goal| Destination {
            at: goal.to.into(),
            until: goal.until,
        }),
        uses_left: home.uses_left(moment.day, uses_max(app)),
    }
}

fn home(row: Option<HomeRow>) -> Result<Home, Failure> {
    let Some(row) = row else {
        return Ok(Home::default());
    };
    let place = row.home_lat_e7.zip(row.home_lng_e7);
    let to = place.map(|(lat, lng)| LatLng::from_e7(lat, lng));
    let to = to.transpose().map_err(broken)?;
    Ok(Home {
        goal: to.zip(row.home_until).map(|(to, until)| Goal { to, until }),
        day: row.home_day,
        uses: u32::try_from(row.home_uses).map_err(broken)?,
    })
}

fn row_of(home: &Home) -> Result<HomeRow, Failure> {
    Ok(HomeRow {
        home_lat_e7: home.goal.map(|goal| goal.to.lat_e7()),
        home_lng_e7: home.goal.map(|goal| goal.to.lng_e7()),
        home_until: home.goal.map(|goal| goal.until),
        home_day: home.day,
        home_uses: i32::try_from(home.uses).map_err(broken)?,
    })
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::broken("reading where a driver wants to get to", error)
}
