//! What this server knows of its city.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use wayfare_core::city::{CityPack, PackError, PackFolder};
use wayfare_core::roads::SpeedProfile;
use wayfare_core::wire::ErrorCode;

use super::osrm::{OsrmError, OsrmRouter};
use super::pack_router::PackRouter;
use super::router::Router;
use crate::platform::config::CityConfig;
use crate::platform::failure::Failure;

/// Why the city cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// The pack cannot be opened.
    #[error("the city pack cannot be used")]
    Pack(#[from] PackError),
    /// The OSRM server cannot be asked.
    #[error("the OSRM server cannot be used")]
    Osrm(#[from] OsrmError),
    /// The manifest cannot be written.
    #[error("the manifest cannot be written")]
    Manifest(#[source] serde_json::Error),
}

/// What this server knows of its city: a pack, somebody who finds ways, both or nothing.
#[derive(Debug)]
pub struct City {
    pack: Option<OpenPack>,
    router: Option<Arc<dyn Router>>,
    profile: SpeedProfile,
    timezone: Tz,
}

/// A pack that is open, and its files.
#[derive(Debug)]
pub(super) struct OpenPack {
    pub(super) pack: Arc<CityPack>,
    pub(super) folder: PackFolder,
    pub(super) manifest_json: Bytes,
}

impl City {
    /// No pack, and nobody who finds ways.
    pub fn nowhere() -> Self {
        Self {
            pack: None,
            router: None,
            profile: SpeedProfile::default(),
            timezone: Tz::UTC,
        }
    }

    /// Opens what the settings name. The time zone tells the hour that traffic depends on.
    pub fn open(config: &CityConfig, timezone: Tz) -> Result<Self, CityError> {
        let pack = config.pack.as_deref().map(|path| {
            let folder = PackFolder::open(path)?;
            let pack = Arc::new(folder.load()?);
            let json = serde_json::to_vec_pretty(&pack.manifest).map_err(CityError::Manifest)?;
            Ok::<_, CityError>(OpenPack {
                pack,
                folder,
                manifest_json: json.into(),
            })
        });
        let pack = pack.transpose()?;
        let router: Option<Arc<dyn Router>> = match (&config.osrm_url, &pack) {
            (Some(url), _) => Some(Arc::new(OsrmRouter::new(url)?)),
            (None, Some(open)) => Some(Arc::new(PackRouter::new(Arc::clone(&open.pack.roads)))),
            (None, None) => None,
        };
        let profile = pack
            .as_ref()
            .map(|open| open.pack.manifest.speed_profile.clone())
            .unwrap_or_default();
        Ok(Self {
            pack,
            router,
            profile,
            timezone,
        })
    }

    /// The pack, if there is one.
    pub fn pack(&self) -> Option<&Arc<CityPack>> {
        self.pack.as_ref().map(|open| &open.pack)
    }

    /// Who finds ways, if there is somebody.
    pub fn router(&self) -> Option<&Arc<dyn Router>> {
        self.router.as_ref()
    }

    /// The multiplier of durations at a time, in basis points.
    pub fn slowness_bps(&self, at: DateTime<Utc>) -> u32 {
        self.profile.slowness_bps(&at.with_timezone(&self.timezone))
    }

    pub(super) fn open_pack(&self) -> Result<&OpenPack, Failure> {
        self.pack.as_ref().ok_or_else(|| {
            let detail = "this server has no map of the city; its operator can add one";
            Failure::refused(ErrorCode::CityNotConfigured, detail)
        })
    }
}
