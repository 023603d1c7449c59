//! Natural mistakes of a newcomer. The snapshots are what rustc says; `run.sh --bless` overwrites them.

#[test]
fn each_mistake_is_refused_as_recorded() {
    trybuild::TestCases::new().compile_fail("*.rs");
}
