//! What happens to phones, until everything works again.

use rand::RngExt;
use wayfare_core::sync::DeviceAction;
use wayfare_core::sync::engine::{Input, Network};

use super::agenda::{HOUR, MINUTE, Moment, SECOND};
use super::backend::Backend;
use super::car::{Car, somewhere};
use super::trouble::Mishap;
use super::world::{Event, World};

impl<B: Backend> World<B> {
    /// Something happens to a driver's phone.
    pub(super) fn mishap(&mut self, account: usize, mishap: Mishap) {
        if self.healed.is_some() {
            return;
        }
        let on = self.accounts[account].device.is_some();
        match mishap {
            Mishap::Link(link, length) => self.set_link(account, link, length),
            Mishap::Crash if on => {
                self.faults.crashes += 1;
                self.log(account, "the program is killed");
                self.crash(account);
            }
            Mishap::TearCommit if on => self.accounts[account].tear_commit(&mut self.net),
            Mishap::Reboot => self.reboot(account),
            Mishap::SetClock(off_ms) => {
                self.faults.clock_jumps += 1;
                self.log(
                    account,
                    &format!("the clock is set {} s off", off_ms / 1000),
                );
                self.hardware[account].set_clock(off_ms);
            }
            Mishap::SignOut { guest } if on => self.sign_out(account, guest),
            Mishap::Crash | Mishap::TearCommit | Mishap::SignOut { .. } => {}
        }
    }

    /// The network of a phone changes.
    fn set_link(&mut self, hardware: usize, link: Network, length: Moment) {
        if link == Network::Offline {
            self.faults.partitions += 1;
            self.faults.long_partitions += u64::from(length >= HOUR);
        }
        self.log(hardware, &format!("the network is {link:?}"));
        self.hardware[hardware].link = link;
        for account in 0..self.accounts.len() {
            let here = self.accounts[account].hardware == hardware;
            if here && self.accounts[account].device.is_some() {
                self.input(account, Input::Network(link));
            }
        }
    }

    fn reboot(&mut self, hardware: usize) {
        self.faults.reboots += 1;
        self.log(hardware, "the device starts anew");
        self.hardware[hardware].reboot(self.now, &mut self.net);
        for account in 0..self.accounts.len() {
            let here = self.accounts[account].hardware == hardware;
            if here && self.accounts[account].device.is_some() {
                self.crash(account);
            }
        }
    }

    fn sign_out(&mut self, account: usize, guest: bool) {
        self.faults.logouts += 1;
        self.log(account, "the driver signs out");
        self.end_program(account);
        let away = self.net.random_range(MINUTE..20 * MINUTE);
        let life = self.accounts[account].life;
        self.agenda
            .at(self.now + away, Event::Reopen { account, life });
        if guest {
            self.faults.guests += 1;
            let account = self.drivers.len() + account;
            let left = self.net.random_range(1..5);
            self.agenda
                .at(self.now + 10 * SECOND, Event::Guest { account, left });
        }
    }

    /// Somebody else works on a driver's device.
    pub(super) fn guest(&mut self, account: usize, left: u32) {
        let owner = account - self.drivers.len();
        let over = left == 0 || self.accounts[owner].device.is_some();
        if self.healed.is_some() {
            return;
        }
        if over {
            self.log(account, "signs out");
            return self.end_program(account);
        }
        self.check_privacy(owner, account);
        self.open(account);
        self.guest_works(account);
        let pause = self.net.random_range(5 * SECOND..3 * MINUTE);
        let left = left - 1;
        self.agenda
            .at(self.now + pause, Event::Guest { account, left });
    }

    fn check_privacy(&mut self, owner: usize, guest: usize) {
        let other = self.accounts[guest].user;
        let began = self.accounts[owner].life > 0;
        if began && !self.accounts[owner].is_closed_to(other) {
            self.fail(format!("the store of driver {owner} opens for a guest"));
        }
        if let Some(device) = &self.accounts[guest].device
            && !device.replica().trips.is_empty()
        {
            self.fail(format!("a guest sees trips of driver {owner}"));
        }
    }

    fn guest_works(&mut self, account: usize) {
        match self.net.random_range(0..4) {
            0 => self.photograph(account, None),
            1 => self.act(account, DeviceAction::GoOffline),
            _ => {
                let mut car = Car::at(somewhere(&mut self.net));
                let fix = car.fix(self.now, &mut self.net);
                self.record(account, fix.into_iter().collect());
            }
        }
    }

    /// Every network works again, every program runs, and nobody does anything any more.
    pub(super) fn heal(&mut self) {
        self.say("everything works again");
        for driver in 0..self.drivers.len() {
            self.write_fixes(driver);
        }
        self.healed = Some(self.now);
        for hardware in &mut self.hardware {
            hardware.link = Network::Unmetered;
        }
        for account in 0..self.accounts.len() {
            self.accounts[account].mend();
            self.accounts[account].signed_in = true;
            let began = self.accounts[account].life > 0 || account < self.drivers.len();
            if self.accounts[account].device.is_some() {
                self.input(account, Input::Network(Network::Unmetered));
                self.input(account, Input::SignedIn);
            } else if began {
                self.open(account);
            }
        }
    }
}
