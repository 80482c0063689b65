//! Every row of the table in its scenes.

use super::*;

/// Checks that `verdict` is what the row says.
fn check(row: &Row, kind: ActionKind, scene: &Scene, verdict: &Verdict) {
    let kinds: Option<Vec<_>> = match verdict {
        Verdict::Apply { events, .. } => Some(events.iter().map(Event::kind).collect()),
        Verdict::Refuse { .. } => None,
    };
    let context = format!("{:?} × {}: {verdict:?}", row.situation, kind.as_str());
    match row.resolution {
        Resolution::AsUsual => {
            let context_of = CommandContext {
                actor: scene.actor,
                at: minute(20),
            };
            let command = command_of(&action(kind)).unwrap();
            let plain = decide(&scene.server.trip, command, context_of, Rules::default());
            assert_eq!(*verdict, applied(plain.unwrap()), "{context}");
        }
        Resolution::Already => assert_eq!(*verdict, applied(Vec::new()), "{context}"),
        Resolution::WithArrival => {
            assert_eq!(kinds, Some(vec!["arrived", "started"]), "{context}");
        }
        Resolution::Resume => {
            assert_eq!(kinds, Some(vec!["resumed"]), "{context}");
            assert!(
                matches!(verdict, Verdict::Apply { resumed: true, .. }),
                "{context}"
            );
        }
        Resolution::Refuse(wanted) => {
            let Verdict::Refuse { code, refusal } = verdict else {
                panic!("{context}");
            };
            assert_eq!(*code, wanted, "{context}");
            assert!(refusal.is_none_or(|refusal| ErrorCode::from(refusal) == wanted));
        }
    }
}

#[test]
fn every_row_says_what_happens_in_its_scene() {
    for row in TABLE {
        let Stage::Trip(scenes) = stage(row.situation) else {
            continue;
        };
        assert!(!scenes.is_empty(), "{:?} has no scene", row.situation);
        for (kind, scene) in row
            .actions
            .iter()
            .flat_map(|kind| scenes.iter().map(|scene| (*kind, scene)))
        {
            let told = scene.server.told(scene.actor, 20);
            let found = row_for(&scene.server.trip, &action(kind), &told);
            assert_eq!(
                found,
                Some(row),
                "{} in {:?}",
                kind.as_str(),
                scene.server.trip.state
            );
            check(row, kind, scene, &scene.server.judge(told, &action(kind)));
        }
    }
}

#[test]
fn a_row_that_the_server_looks_up_is_no_step_of_a_trip_but_for_no_one() {
    for row in TABLE {
        let is_step = row.actions.iter().any(|kind| STEPS.contains(kind));
        match stage(row.situation) {
            Stage::Trip(_) => assert!(is_step, "{row:?}"),
            Stage::Server => {
                assert!(!is_step, "{row:?}");
                for kind in row.actions {
                    assert_eq!(resolution(*kind, row.situation), row.resolution);
                }
            }
        }
    }
}

#[test]
fn what_is_no_step_of_a_trip_is_not_judged() {
    for kind in ActionKind::ALL {
        if STEPS.contains(&kind) {
            continue;
        }
        let verdict = Server::assigned().hears_kind(kind);
        assert_eq!(verdict, refuse(ErrorCode::Internal), "{}", kind.as_str());
    }
}
