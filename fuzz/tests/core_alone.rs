//! A short run over the entries with the codec's default features, as firmware has them: text is checked by
//! `core` and sums are computed by tables, while in the workspace the transport turns on what hosts have.

use eyelet_fuzz::TARGETS;

#[test]
fn what_is_mutated_is_judged_alike_with_nothing_but_core() {
    for (name, inputs, share) in [("messages", 12_000, 20), ("values", 1000, 50)] {
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        let report = target.try_mutations(2, inputs);
        println!("{report}");
        assert!(report.share() >= share, "{report}, and {share} % were to be");
    }
}
