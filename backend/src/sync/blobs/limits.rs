//! What may be sent, and how much of it.

use wayfare_core::wire::{ErrorCode, NewBlob};

use crate::platform::failure::Failure;

/// The most bytes of a piece.
pub const PIECE_BYTES_MAX: usize = 256 * 1024;
/// The most bytes of a file.
pub(super) const BLOB_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// So many files a person may announce within a day.
pub const BLOBS_PER_DAY_MAX: i64 = 200;
/// So many bytes a person may announce within a day.
pub const BYTES_PER_DAY_MAX: i64 = 200 * 1024 * 1024;
/// What files may be. All of them are shown, never run.
pub const MEDIA_TYPES: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "application/pdf"];
/// When somebody who announced too much may come back.
const COME_BACK_AFTER_S: u32 = 3600;

/// What a person announced within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) files: i64,
    pub(super) bytes: i64,
}

/// Refuses what may not be sent at all.
pub(super) fn check_kind(blob: &NewBlob) -> Result<(), Failure> {
    let invalid = |detail: String| Err(Failure::refused(ErrorCode::InvalidRequest, detail));
    if !MEDIA_TYPES.contains(&blob.media_type.as_str()) {
        return invalid(format!("`media_type` may be {}", MEDIA_TYPES.join(", ")));
    }
    if !(1..=BLOB_BYTES_MAX).contains(&blob.size) {
        return invalid(format!("`size` may be 1 to {BLOB_BYTES_MAX}"));
    }
    Ok(())
}

/// Refuses what is more than a person may announce, this file counted.
pub(super) fn check_amount(announced: Announced) -> Result<(), Failure> {
    let detail = if announced.files > BLOBS_PER_DAY_MAX {
        format!("{BLOBS_PER_DAY_MAX} files a day are the most")
    } else if announced.bytes > BYTES_PER_DAY_MAX {
        format!("{BYTES_PER_DAY_MAX} bytes a day are the most")
    } else {
        return Ok(());
    };
    Err(Failure::Refused {
        code: ErrorCode::RateLimited,
        detail: detail.into(),
        retry_after_s: Some(COME_BACK_AFTER_S),
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;
    use wayfare_core::id::BlobId;
    use wayfare_core::sync::ChainHash;
    use wayfare_core::wire::BlobKind;

    use super::*;

    fn blob(media_type: &str, size: u64) -> NewBlob {
        NewBlob {
            blob_id: BlobId::from_uuid(Uuid::from_u128(1)),
            kind: BlobKind::Photo,
            trip_id: None,
            media_type: media_type.to_owned(),
            size,
            sha256: ChainHash::from_bytes([0; 32]),
            taken_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn only_pictures_and_papers_of_a_bounded_size_are_taken() {
        for media_type in MEDIA_TYPES {
            check_kind(&blob(media_type, BLOB_BYTES_MAX)).unwrap();
        }
        for (media_type, size) in [
            ("image/jpeg", 0),
            ("image/jpeg", BLOB_BYTES_MAX + 1),
            ("image/svg+xml", 5),
            ("text/html", 5),
            ("IMAGE/JPEG", 5),
            ("image/jpeg; x=1", 5),
        ] {
            let failure = check_kind(&blob(media_type, size)).unwrap_err();
            assert_eq!(
                failure.code(),
                ErrorCode::InvalidRequest,
                "{media_type} {size}"
            );
        }
    }

    #[test]
    fn a_day_has_a_limit_of_files_and_of_bytes() {
        let check = |files, bytes| check_amount(Announced { files, bytes }).is_ok();
        assert!(check(BLOBS_PER_DAY_MAX, BYTES_PER_DAY_MAX));
        assert!(!check(BLOBS_PER_DAY_MAX + 1, 0));
        assert!(!check(1, BYTES_PER_DAY_MAX + 1));
    }
}
