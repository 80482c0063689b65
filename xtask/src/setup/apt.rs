//! Installing Debian packages, as root or through sudo.
//!
//! Debian's `postgresql` would create and start a server of its own; a setting written before its
//! first installation, and removed after, prevents that. Debian's `redis-server` would start a
//! server as well; a policy that says no to every start, removed after, prevents that. Machines that
//! have the package already keep their settings.

use std::path::Path;
use std::process::Command;

use nix::unistd::Uid;

use crate::command;
use crate::failure::Failure;

const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";
const NO_CLUSTER_FOLDER: &str = "/etc/postgresql-common/createcluster.d";
/// Asked by Debian's packages before they start a service. 101 says no.
const POLICY_FILE: &str = "/usr/sbin/policy-rc.d";
const NO_CLUSTER_FILE: &str = "/etc/postgresql-common/createcluster.d/wayfare-no-main.conf";

/// Installs the packages, refreshing the package lists when apt does not know one of them or fails
/// with the lists it has.
pub(super) fn install(packages: &[&str]) -> Result<(), Failure> {
    let superuser = Superuser::find(packages)?;
    if !packages.iter().all(|package| is_known(package)) {
        update(superuser)?;
    }
    let guard_cluster = packages.contains(&"postgresql") && !Path::new(CLUSTER_SETTINGS).exists();
    if guard_cluster {
        superuser.run(&["mkdir", "-p", NO_CLUSTER_FOLDER])?;
        let script = format!("echo 'create_main_cluster = false' > {NO_CLUSTER_FILE}");
        superuser.run(&["sh", "-c", &script])?;
    }
    let guard_services = packages.contains(&"redis-server") && !Path::new(POLICY_FILE).exists();
    if guard_services {
        let script =
            format!("printf '#!/bin/sh\\nexit 101\\n' > {POLICY_FILE}; chmod 755 {POLICY_FILE}");
        superuser.run(&["sh", "-c", &script])?;
    }
    let outcome = install_known(superuser, packages);
    if guard_services {
        superuser.run(&["rm", "-f", POLICY_FILE])?;
    }
    if guard_cluster {
        superuser.run(&["rm", "-f", NO_CLUSTER_FILE])?;
    }
    outcome
}

/// Installs the newest versions there are: refreshes the package lists first.
pub(super) fn install_newest(packages: &[&str]) -> Result<(), Failure> {
    let superuser = Superuser::find(packages)?;
    update(superuser)?;
    install_known(superuser, packages)
}

fn install_known(superuser: Superuser, packages: &[&str]) -> Result<(), Failure> {
    eprintln!("Installing {} with apt ...", packages.join(", "));
    if superuser.run(&install_words(packages)).is_ok() {
        return Ok(());
    }
    eprintln!("apt failed; its package lists may be old.");
    update(superuser)?;
    superuser.run(&install_words(packages))
}

fn install_words<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec![
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
    ];
    words.extend(packages);
    words
}

fn update(superuser: Superuser) -> Result<(), Failure> {
    eprintln!("Refreshing apt's package lists ...");
    superuser.run(&["apt-get", "update", "-q"])
}

fn is_known(package: &str) -> bool {
    command::succeeds(Command::new("apt-cache").args(["show", package]))
}

/// How this process may act as root.
#[derive(Debug, Clone, Copy)]
enum Superuser {
    Itself,
    Sudo,
}

impl Superuser {
    fn find(packages: &[&str]) -> Result<Self, Failure> {
        if Uid::effective().is_root() {
            Ok(Self::Itself)
        } else if command::find_program("sudo").is_some() {
            Ok(Self::Sudo)
        } else {
            Err(Failure::Missing(format!(
                "installing needs root and there is no sudo. As root, run: apt-get install {}",
                packages.join(" ")
            )))
        }
    }

    fn run(self, words: &[&str]) -> Result<(), Failure> {
        let (program, args) = match (self, words) {
            (Self::Itself, [program, args @ ..]) => (*program, args),
            (Self::Sudo, _) => ("sudo", words),
            (Self::Itself, []) => return Ok(()),
        };
        command::run(Command::new(program).args(args))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_never_asks_questions() {
        let words = install_words(&["postgresql"]);
        assert!(words.contains(&"DEBIAN_FRONTEND=noninteractive"));
        assert!(words.contains(&"-y"));
        assert_eq!(words.last(), Some(&"postgresql"));
    }
}
