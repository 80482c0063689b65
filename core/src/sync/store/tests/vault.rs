use std::sync::Arc;

use super::*;
use crate::id::DeviceId;
use crate::sync::pin_check::PinKey;
use crate::sync::store::{
    DeviceKeys, FileKeystore, Keystore, KeystoreError, StoreError, StoreHealth, Vault, VaultError,
};

struct House {
    folder: TempDir,
    vault: Vault,
    drawn: u8,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keystore = FileKeystore::new(folder.path().join("keys"));
        let vault = Vault::new(folder.path().join("stores"), Arc::new(keystore));
        Self {
            folder,
            vault,
            drawn: 0,
        }
    }

    fn open(&mut self, user: UserId) -> Result<(Store, DeviceKeys), VaultError> {
        let drawn = &mut self.drawn;
        self.vault.open(user, &mut |bytes| {
            *drawn += 1;
            bytes.fill(*drawn);
        })
    }
}

fn alice() -> UserId {
    owner(1).user
}

fn bob() -> UserId {
    owner(2).user
}

fn health(error: Result<(Store, DeviceKeys), VaultError>) -> StoreHealth {
    error.expect_err("it cannot be opened").health()
}

#[test]
fn unsent_work_waits_until_its_owner_is_back() {
    let mut house = House::new();
    let (mut store, keys) = house.open(alice()).unwrap();
    let device = store.owner().device;
    append(&mut store, &["of alice"]);
    drop(store);

    let (mut store, bobs) = house.open(bob()).unwrap();
    assert_eq!(store.owner().user, bob());
    assert_ne!(store.owner().device, device);
    assert_ne!(bobs.signing.public(), keys.signing.public());
    assert!(texts(&store).is_empty(), "bob sees nothing of alice");
    append(&mut store, &["of bob"]);
    drop(store);

    let (store, again) = house.open(alice()).unwrap();
    assert_eq!(store.owner().device, device);
    assert_eq!(again.signing.public(), keys.signing.public());
    assert_eq!(texts(&store), ["of alice"]);
}

#[test]
fn one_person_at_a_time_works_on_a_device() {
    let mut house = House::new();
    let (store, _) = house.open(alice()).unwrap();
    assert_eq!(health(house.open(bob())), StoreHealth::InUse);
    assert_eq!(health(house.open(alice())), StoreHealth::InUse);
    let aside = house.vault.set_aside(alice());
    assert!(matches!(aside, Err(VaultError::Store(StoreError::InUse))));
    drop(store);
    house.open(bob()).unwrap();
}

#[test]
fn the_key_of_one_does_not_open_the_file_of_another() {
    let mut house = House::new();
    let (mut store, _) = house.open(alice()).unwrap();
    append(&mut store, &["of alice"]);
    drop(store);
    drop(house.open(bob()).unwrap());
    let alices = fs::read(house.vault.file_of(alice())).unwrap();
    fs::write(house.vault.file_of(bob()), &alices).unwrap();
    assert_eq!(health(house.open(bob())), StoreHealth::Unreadable);
    assert!(fs::read(house.vault.file_of(bob())).unwrap() == alices);
}

#[test]
fn a_damaged_file_is_put_aside_whole_and_a_new_device_begins() {
    let mut house = House::new();
    let (mut store, keys) = house.open(alice()).unwrap();
    let device = store.owner().device;
    append(&mut store, &["of alice"]);
    drop(store);
    let file = house.vault.file_of(alice());
    let good = fs::read(&file).unwrap();
    let mut bad = good.clone();
    bad[20] ^= 1;
    fs::write(&file, &bad).unwrap();
    fs::write(super::super::open::beside(&file, "-shm"), b"rest").unwrap();
    let before = contents(file.parent().unwrap());

    assert_eq!(health(house.open(alice())), StoreHealth::Unreadable);
    let aside = house.vault.set_aside(alice()).unwrap();
    assert!(contents(&aside) == before, "nothing of it is changed");
    let (mut store, new_keys) = house.open(alice()).unwrap();
    assert_ne!(store.owner().device, device);
    assert_ne!(new_keys.signing.public(), keys.signing.public());
    assert_eq!(store.chain().unwrap().next_seq, 1);
    append(&mut store, &["new"]);
    drop(store);

    // Its key is still there, for whoever can repair it.
    let keystore = FileKeystore::new(house.folder.path().join("keys"));
    let name = format!("wayfare.{}.{device}", alice());
    let secret = keystore.get(&name).unwrap().unwrap();
    let key = StoreKey::from_bytes(secret[17..49].try_into().unwrap());
    fs::write(aside.join("work.db"), good).unwrap();
    let whose = Owner {
        user: alice(),
        device,
    };
    let repaired = Store::open(&aside.join("work.db"), &key, whose).unwrap();
    assert_eq!(texts(&repaired), ["of alice"]);
}

#[test]
fn a_file_whose_key_is_gone_is_kept() {
    let mut house = House::new();
    drop(house.open(alice()).unwrap());
    fs::remove_dir_all(house.folder.path().join("keys")).unwrap();
    let before = fs::read(house.vault.file_of(alice())).unwrap();
    assert_eq!(health(house.open(alice())), StoreHealth::Unreadable);
    let aside = house.vault.set_aside(alice()).unwrap();
    assert!(fs::read(aside.join("work.db")).unwrap() == before);
    drop(house.open(alice()).unwrap());
    // A second one does not take the place of the first.
    fs::remove_dir_all(house.folder.path().join("keys")).unwrap();
    let second = house.vault.set_aside(alice()).unwrap();
    assert_ne!(second, aside);
    assert!(fs::read(aside.join("work.db")).unwrap() == before);
}

#[test]
fn a_device_whose_file_is_gone_is_a_new_device() {
    let mut house = House::new();
    let device = |opened: Result<(Store, DeviceKeys), VaultError>| -> DeviceId {
        opened.unwrap().0.owner().device
    };
    let first = device(house.open(alice()));
    fs::remove_dir_all(house.folder.path().join("stores")).unwrap();
    assert_ne!(device(house.open(alice())), first);
}

#[test]
fn the_key_for_pins_is_kept_with_the_others() {
    let mut house = House::new();
    let (store, keys) = house.open(alice()).unwrap();
    assert_eq!(keys.pin, None);
    let key = PinKey::from_bytes([9; 32]);
    house.vault.keep_pin_key(alice(), &key).unwrap();
    let device = store.owner().device;
    drop(store);
    let (store, keys) = house.open(alice()).unwrap();
    assert_eq!(keys.pin, Some(key));
    assert_eq!(store.owner().device, device);
    drop(store);
    let stranger = house
        .vault
        .keep_pin_key(bob(), &PinKey::from_bytes([1; 32]));
    assert!(stranger.is_err());
}

#[test]
fn a_damaged_secret_is_an_error_and_stays() {
    let mut house = House::new();
    drop(house.open(alice()).unwrap());
    let keystore = FileKeystore::new(house.folder.path().join("keys"));
    let name = format!("wayfare.{}", alice());
    for damaged in [vec![], vec![2; 81], vec![1; 80], vec![1; 82], vec![1; 114]] {
        keystore.set(&name, &damaged).unwrap();
        let refused = house.open(alice());
        assert!(matches!(
            refused,
            Err(VaultError::Keystore(KeystoreError::Damaged))
        ));
        assert_eq!(keystore.get(&name).unwrap(), Some(damaged));
    }
}

#[test]
fn a_name_of_a_secret_leads_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let keystore = FileKeystore::new(folder.path());
    for name in ["", "../key", "a/b", "A", "a b", &"x".repeat(201)] {
        assert!(matches!(keystore.set(name, b"1"), Err(KeystoreError::Name)));
        assert!(matches!(keystore.get(name), Err(KeystoreError::Name)));
    }
    keystore.set("wayfare.user_1", b"1").unwrap();
    keystore.set("wayfare.user_1", b"2").unwrap();
    assert_eq!(keystore.get("wayfare.user_1").unwrap().unwrap(), b"2");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join("wayfare.user_1.secret");
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
