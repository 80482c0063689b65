use super::*;

#[test]
fn nothing_is_assigned_where_nothing_may_be_taken() {
    let problem = Problem {
        columns: 3,
        edges: &[],
        unmatched: &[5, 7],
    };
    assert_eq!(solve(&problem), [None, None]);
}
