//! What the server does not take.

use super::server::problem;
use super::*;
use crate::wire::ErrorCode;

fn add_photo(world: &mut World, number: u128) {
    let (blob, content) = photo(number, 3_000);
    world.step(move |device, now| device.add_blob(&blob, &content, now));
}

/// A piece of a track that waits.
fn add_segment(world: &mut World, step: i32) {
    world.record(step..step + 2);
    world.step(|device, now| {
        device.seal_all(now)?;
        device.input(Input::Local, now)
    });
}

#[test]
fn a_piece_that_is_refused_goes_out_of_the_way_and_is_tried_again() {
    let mut world = World::settled();
    world.set_network(Network::Offline);
    add_segment(&mut world, 0);
    add_segment(&mut world, 10);
    let refusal = problem(422, ErrorCode::ContentMismatch);
    world.server.instead.insert("segment", (refusal, 2));
    world.set_network(Network::Unmetered);
    world.settle();
    assert_eq!(world.server.points.len(), 0);
    assert_eq!(world.device().store().refused().unwrap().segments, 2);
    let held = |notice: &Notice| matches!(notice, Notice::TrackHeld { .. });
    assert_eq!(
        world.notices().iter().filter(|notice| held(notice)).count(),
        2
    );
    world.pass(5 * 60_000);
    world.step(|device, now| device.input(Input::Tick, now));
    world.settle();
    assert_eq!(world.server.points.len(), 4);
    assert_eq!(world.notices().len(), 2, "told once each");
}

#[test]
fn what_was_refused_is_tried_again_when_the_program_begins() {
    let mut world = World::settled();
    let refusal = problem(413, ErrorCode::BodyTooLarge);
    world.server.instead.insert("segment", (refusal, 1));
    add_segment(&mut world, 0);
    world.settle();
    assert_eq!(world.server.points.len(), 0);
    world.kill();
    world.settle();
    assert_eq!(world.server.points.len(), 2);
}

#[test]
fn a_file_that_is_refused_does_not_hold_up_the_next_one() {
    let mut world = World::settled();
    let refusal = problem(422, ErrorCode::InvalidRequest);
    world.server.instead.insert("begin_blob", (refusal, 1));
    add_photo(&mut world, 1);
    add_photo(&mut world, 2);
    world.settle();
    assert_eq!(world.server.blobs.len(), 1);
    let held = world.notices();
    assert!(matches!(held[..], [Notice::FileHeld { .. }]), "{held:?}");
    world.kill();
    world.settle();
    assert_eq!(world.server.blobs.len(), 2);
}

#[test]
fn a_server_that_forgot_a_file_is_told_of_it_again() {
    let mut world = World::settled();
    let gone = problem(404, ErrorCode::NotFound);
    world.server.instead.insert("chunk", (gone, 1));
    add_photo(&mut world, 1);
    world.settle();
    assert_eq!(world.server.asked["begin_blob"], 2);
    assert!(
        world
            .server
            .blobs
            .values()
            .all(|(blob, bytes)| blob.size == bytes.len() as u64)
    );
}

#[test]
fn one_command_that_is_too_large_is_kept_told_and_does_not_hold_up_the_rest() {
    let mut world = World::settled();
    let large = problem(413, ErrorCode::BodyTooLarge);
    world.server.instead.insert("commands", (large, 1));
    world.go_online(1);
    add_photo(&mut world, 1);
    for _ in 0..60 {
        world.turn();
    }
    assert_eq!(world.device().pending().commands, 1);
    assert_eq!(world.server.blobs.len(), 1);
    let notices = world.notices();
    assert!(
        matches!(notices[..], [Notice::CommandsHeld { .. }]),
        "{notices:?}"
    );
    // The waiting call is served meanwhile, and in the end the command goes as well.
    world.settle();
    assert_eq!(world.server.decided.len(), 1);
}

#[test]
fn no_refusal_deletes_anything() {
    let statuses = [400, 401, 403, 404, 408, 409, 410, 413, 422, 429, 500, 503];
    let mut world = World::settled();
    world.set_network(Network::Offline);
    world.go_online(1);
    add_segment(&mut world, 0);
    add_photo(&mut world, 1);
    let store = |world: &World| {
        let store = world.device().store();
        let refused = store.refused().unwrap();
        let pending = store.pending().unwrap();
        (
            pending.commands,
            pending.segments + refused.segments,
            pending.blobs + refused.blobs,
        )
    };
    for status in statuses {
        let names = [
            "register",
            "commands",
            "snapshot",
            "changes",
            "segment",
            "begin_blob",
        ];
        for name in names {
            let refusal = problem(status, ErrorCode::InvalidRequest);
            world.server.instead.insert(name, (refusal, u32::MAX));
        }
        world.set_network(Network::Unmetered);
        for _ in 0..40 {
            if !world.turn() {
                world.pass(60_000);
                world.step(|device, now| device.input(Input::Tick, now));
            }
        }
        assert_eq!(store(&world), (1, 1, 1), "{status}");
        world.set_network(Network::Offline);
        world.step(|device, now| device.input(Input::SignedIn, now));
    }
    world.server.instead.clear();
    world.set_network(Network::Unmetered);
    world.pass(3_600_000);
    world.step(|device, now| device.input(Input::Tick, now));
    world.settle();
    assert_eq!(world.server.decided.len(), 1);
    assert_eq!(world.server.points.len(), 2);
    assert_eq!(world.server.blobs.len(), 1);
}
