//! The city of the demo: a pack that is given, or one that is built once and kept in the cache.
//!
//! A pack is kept under the digest of what it was made from: the extract, and the source of the
//! programs that build packs. So a change of either builds a new one, and nothing else does.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::command;
use crate::demo::DemoOptions;
use crate::failure::Failure;
use crate::temp_folder::TempFolder;
use crate::workspace;

/// A folder without this file is no pack: it is written last.
const MANIFEST: &str = "manifest.json";
/// What decides what is in a pack, besides the extract.
const BUILDERS: [&str; 7] = [
    "city/Cargo.toml",
    "city/src",
    "core/src/city",
    "core/src/places",
    "core/src/roads",
    "core/src/zones",
    "backend/src/city_command",
];
/// Packs of other versions of the same city that nobody made for so long are removed.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// The seed of the simulator when none is given.
const DEFAULT_SEED: u64 = 1;

/// What a pack is built from.
#[derive(Debug)]
struct Source {
    /// The extract.
    osm: PathBuf,
    /// Zones, if there are any.
    zones: Option<PathBuf>,
    /// Name of the city.
    name: String,
    /// Begin of the pack's folder.
    stem: String,
}

/// The folder of the pack that the demo runs on, built if need be.
pub(crate) fn prepare(options: &DemoOptions) -> Result<PathBuf, Failure> {
    if let Some(city) = &options.city {
        return Ok(city.clone());
    }
    let folder = TempFolder::create("wayfare-city")?;
    let source = match &options.osm {
        Some(osm) => extract(osm),
        None => generate(options.seed.unwrap_or(DEFAULT_SEED), folder.path())?,
    };
    let cities = workspace::cache_path().join("cities");
    let digest = digest(&source)?;
    let pack = cities.join(format!("{}-{digest:016x}", source.stem));
    if is_pack(&pack) {
        eprintln!("City:         {} ({})", source.name, pack.display());
        return Ok(pack);
    }
    eprintln!("Building the city pack of {} ...", source.name);
    fs::create_dir_all(&cities).map_err(Failure::file("create", &cities))?;
    build(&source, &pack)?;
    remove_old(&cities, &source.stem, &pack);
    Ok(pack)
}

/// Whether a folder holds a whole pack.
pub(crate) fn is_pack(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
}

fn extract(osm: &Path) -> Source {
    let file = osm.file_name().unwrap_or_default().to_string_lossy();
    let name = file.split('.').next().unwrap_or_default();
    Source {
        osm: osm.to_owned(),
        zones: None,
        name: name.to_owned(),
        stem: format!(
            "extract-{}",
            name.replace(|c: char| !c.is_alphanumeric(), "-")
        ),
    }
}

/// Draws the town of a seed.
fn generate(seed: u64, folder: &Path) -> Result<Source, Failure> {
    let (osm, zones) = (folder.join("town.osm.pbf"), folder.join("town.geojson"));
    let mut command = Command::new(workspace::built_program_path("wayfare-sim"));
    command.args(["generate-city", "--seed", &seed.to_string(), "--out"]);
    command.arg(&osm).arg("--zones").arg(&zones);
    let name = command::read(&mut command)?;
    Ok(Source {
        osm,
        zones: Some(zones),
        name: name.trim().to_owned(),
        stem: format!("town-{seed}"),
    })
}

fn build(source: &Source, pack: &Path) -> Result<(), Failure> {
    let mut command = Command::new(workspace::built_program_path("wayfare"));
    command
        .args(["city", "build", "--name", &source.name, "--osm"])
        .arg(&source.osm)
        .arg("--out")
        .arg(pack)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(zones) = &source.zones {
        command.arg("--zones").arg(zones);
    }
    command::run(&mut command)
}

/// A number that changes with the extract and with what builds packs.
fn digest(source: &Source) -> Result<u64, Failure> {
    let mut hasher = DefaultHasher::new();
    for file in [Some(&source.osm), source.zones.as_ref()]
        .into_iter()
        .flatten()
    {
        hasher.write(&fs::read(file).map_err(Failure::file("read", file))?);
    }
    hasher.write(source.name.as_bytes());
    for builder in BUILDERS {
        add_sources(&workspace::root_path().join(builder), &mut hasher)?;
    }
    Ok(hasher.finish())
}

/// Adds a file, or all files of a folder in the order of their names.
fn add_sources(path: &Path, hasher: &mut DefaultHasher) -> Result<(), Failure> {
    if path.is_file() {
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(path).map_err(Failure::file("read", path))?);
        return Ok(());
    }
    let failed = |source| Failure::file("read", path)(source);
    let mut entries = fs::read_dir(path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort();
    entries
        .iter()
        .try_for_each(|entry| add_sources(entry, hasher))
}

/// Removes older packs of the same city. Whatever cannot be removed stays.
fn remove_old(cities: &Path, stem: &str, pack: &Path) {
    let now = SystemTime::now();
    let is_old = |folder: &Path| {
        let made = folder
            .join(MANIFEST)
            .metadata()
            .and_then(|meta| meta.modified());
        made.is_ok_and(|made| now.duration_since(made).is_ok_and(|age| age > KEPT))
    };
    for entry in fs::read_dir(cities).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let digest = name
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_prefix('-'));
        let is_same = digest.is_some_and(|digest| {
            digest.len() == 16 && digest.chars().all(|digit| digit.is_ascii_hexdigit())
        });
        let folder = entry.path();
        if is_same && folder != pack && is_old(&folder) {
            // A pack that is in the way of nothing may stay.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_pack_is_taken_as_it_is() {
        let options = DemoOptions {
            city: Some(PathBuf::from("/some/pack")),
            ..DemoOptions::default()
        };
        assert_eq!(prepare(&options).unwrap(), Path::new("/some/pack"));
    }

    #[test]
    fn another_extract_makes_another_digest() {
        let folder = TempFolder::create("wayfare-xtask-test").unwrap();
        let osm = folder.path().join("porto metro.osm.pbf");
        fs::write(&osm, b"one").unwrap();
        let source = extract(&osm);
        assert_eq!(
            (source.name.as_str(), source.stem.as_str()),
            ("porto metro", "extract-porto-metro")
        );
        let one = digest(&source).unwrap();
        assert_eq!(digest(&source).unwrap(), one);
        fs::write(&osm, b"two").unwrap();
        assert_ne!(digest(&source).unwrap(), one);
    }

    #[test]
    fn only_old_packs_of_the_same_city_are_removed() {
        let folder = TempFolder::create("wayfare-xtask-test").unwrap();
        let old = SystemTime::now() - 2 * KEPT;
        let make = |name: &str, modified: SystemTime| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            let manifest = fs::File::create(path.join(MANIFEST)).unwrap();
            manifest.set_modified(modified).unwrap();
            path
        };
        let pack = make("town-1-00000000000000aa", old);
        let gone = make("town-1-00000000000000bb", old);
        let kept = [
            make("town-1-00000000000000cc", SystemTime::now()),
            make("town-12-00000000000000dd", old),
            make("extract-porto-00000000000000ee", old),
        ];
        remove_old(folder.path(), "town-1", &pack);
        assert!(pack.exists() && !gone.exists());
        assert!(kept.iter().all(|kept| kept.exists()));
    }
}
