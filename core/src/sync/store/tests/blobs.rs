use sha2::{Digest, Sha256};

use super::*;
use crate::id::BlobId;
use crate::sync::chain::ChainHash;
use crate::sync::store::StoreError;
use crate::wire::{BlobKind, ErrorCode, NewBlob};

/// Bytes that are nowhere the same as elsewhere.
pub(super) fn content(length: usize, seed: u8) -> Vec<u8> {
    (0..length)
        .map(|index| (index.wrapping_mul(31) >> 3).to_le_bytes()[0] ^ seed)
        .collect()
}

pub(super) fn blob(number: u128, content: &[u8]) -> NewBlob {
    NewBlob {
        blob_id: BlobId::from_uuid(Uuid::from_u128(number)),
        kind: BlobKind::Photo,
        trip_id: Some(trip(1)),
        media_type: "image/jpeg".to_owned(),
        size: u64::try_from(content.len()).unwrap(),
        sha256: ChainHash::from_bytes(Sha256::digest(content).into()),
        taken_at: at(0),
    }
}

#[test]
fn a_file_is_read_in_chunks_of_any_size() {
    let place = Place::new();
    let mut store = place.open();
    let content = content(300_001, 5);
    let new = blob(1, &content);
    store.write(|tx| tx.put_blob(&new, &content)).unwrap();
    for max in [1, 4_096, 131_072, 131_073, 400_000] {
        let offsets = [0, 1, 131_071, 131_072, 131_073, 262_144, 300_000];
        for offset in offsets {
            let read = store
                .blob_bytes(new.blob_id, u64::try_from(offset).unwrap(), max)
                .unwrap();
            let end = content.len().min(offset + usize::try_from(max).unwrap());
            assert!(read == content[offset..end], "{max} from {offset}");
        }
    }
    for offset in [300_001, 1_000_000, u64::MAX / 2] {
        assert_eq!(store.blob_bytes(new.blob_id, offset, 9).unwrap(), [0_u8; 0]);
    }
}

#[test]
fn files_are_sent_one_after_the_other_as_far_as_the_server_has_them() {
    let place = Place::new();
    let mut store = place.open();
    let (one, two) = (content(5_000, 1), content(10, 2));
    let (first, second) = (blob(9, &one), blob(3, &two));
    store.write(|tx| tx.put_blob(&first, &one)).unwrap();
    store.write(|tx| tx.put_blob(&second, &two)).unwrap();
    let sent = |store: &mut Store, id, sent| store.write(|tx| tx.set_blob_sent(id, sent)).unwrap();
    sent(&mut store, first.blob_id, 4_999);
    let next = store.next_blob().unwrap().unwrap();
    assert_eq!((next.blob, next.sent), (first.clone(), 4_999));
    // The server may have less than it had.
    sent(&mut store, first.blob_id, 10);
    assert_eq!(store.next_blob().unwrap().unwrap().sent, 10);
    assert_eq!(store.pending().unwrap().blobs, 2);
    sent(&mut store, first.blob_id, 5_000);
    assert_eq!(store.next_blob().unwrap().unwrap().blob, second);
    sent(&mut store, second.blob_id, 10);
    assert_eq!(store.next_blob().unwrap(), None);
    assert_eq!(store.pending().unwrap().blobs, 0);
}

#[test]
fn a_file_that_the_server_refuses_stays_and_is_not_in_the_way() {
    let place = Place::new();
    let mut store = place.open();
    let bytes = content(100, 1);
    let (first, second) = (blob(1, &bytes), blob(2, &bytes));
    for new in [&first, &second] {
        store.write(|tx| tx.put_blob(new, &bytes)).unwrap();
    }
    store
        .write(|tx| tx.blob_refused(first.blob_id, ErrorCode::ContentMismatch))
        .unwrap();
    assert_eq!(store.next_blob().unwrap().unwrap().blob, second);
    assert_eq!(store.pending().unwrap().blobs, 1);
    assert_eq!(store.refused().unwrap().blobs, 1);
    store.write(|tx| tx.forget_before(at(1_000_000))).unwrap();
    assert_eq!(store.blob_bytes(first.blob_id, 0, 100).unwrap(), bytes);
    store.write(|tx| tx.retry_refused()).unwrap();
    assert_eq!(store.next_blob().unwrap().unwrap().blob, first);
    assert_eq!(store.refused().unwrap().blobs, 0);
}

#[test]
fn a_file_that_is_not_what_is_said_of_it_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    let bytes = content(100, 1);
    let good = blob(1, &bytes);
    let other = NewBlob {
        sha256: ChainHash::first(owner(1).device),
        ..good.clone()
    };
    let longer = NewBlob {
        size: 101,
        ..good.clone()
    };
    let mut put = |new: &NewBlob, bytes: &[u8]| store.write(|tx| tx.put_blob(new, bytes));
    for (new, bytes) in [
        (&other, &bytes[..]),
        (&longer, &bytes),
        (&good, &bytes[1..]),
    ] {
        assert!(matches!(put(new, bytes), Err(StoreError::Blob)), "{new:?}");
    }
    let empty = blob(2, &[]);
    assert!(matches!(put(&empty, &[]), Err(StoreError::Blob)));
    put(&good, &bytes).unwrap();
    assert!(matches!(put(&good, &bytes), Err(StoreError::Blob)), "twice");
    let large = NewBlob {
        size: 10 * 1024 * 1024 + 1,
        ..blob(3, &bytes)
    };
    let refused = put(&large, &bytes);
    assert!(matches!(refused, Err(StoreError::Limit(_))));
    assert_eq!(store.pending().unwrap().blobs, 1);
}

#[test]
fn a_device_keeps_only_so_many_files_that_wait() {
    let place = Place::new();
    let mut store = place.open();
    let bytes = content(10, 1);
    store
        .write(|tx| (0..500).try_for_each(|number| tx.put_blob(&blob(number, &bytes), &bytes)))
        .unwrap();
    let refused = store.write(|tx| tx.put_blob(&blob(500, &bytes), &bytes));
    assert!(matches!(refused, Err(StoreError::Limit(limit)) if limit.max == 500));
    assert_eq!(store.pending().unwrap().blobs, 500);
    let id = blob(7, &bytes).blob_id;
    store.write(|tx| tx.set_blob_sent(id, 10)).unwrap();
    store
        .write(|tx| tx.put_blob(&blob(500, &bytes), &bytes))
        .unwrap();
}
