//! Files that commands are given.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::CityFailure;

/// The text of a file, if it is not too large.
pub(super) fn read_text(
    path: &Path,
    mebibytes_max: u64,
    code: &'static str,
) -> Result<String, CityFailure> {
    let refused = |problem| CityFailure::wrong(code, format!("{} {problem}", path.display()));
    let unreadable = |error| refused(format!("cannot be read: {error}"));
    let bytes_max = mebibytes_max << 20;
    let mut text = String::new();
    File::open(path)
        .map_err(unreadable)?
        .take(bytes_max + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > bytes_max {
        return Err(refused(format!("is larger than {mebibytes_max} MiB")));
    }
    Ok(text)
}
