//! An output that loses what it had acknowledged.

use super::*;

#[test]
fn a_commit_that_was_acknowledged_and_is_gone_is_forgotten_and_its_deliveries_are_published() {
    let world: Shared = Arc::default();
    let outputs_of = |desk: &mut Adjudicator, ledger: &Ledger, offset: u64| {
        ledger.receive();
        let text = format!("the council met on day {offset} and voted on the budget of the year");
        desk.accept(input(offset, &format!("https://a.example.org/{offset}"), &text)).unwrap();
        desk.close().unwrap().unwrap()
    };
    let (mut desk, ledger) = adjudicator(SimulatedIndex::open(&world).unwrap(), Policy::default(), 1);
    desk.assign(&[partition()], Epoch(1));
    // Acknowledged, and nothing of it in the changelog.
    let gone = outputs_of(&mut desk, &ledger, 0);
    desk.settle(Ok(gone.settle(None))).unwrap();
    assert_eq!(desk.index().len(), 1);
    drop(outputs_of(&mut desk, &ledger, 1));
    let taken_back = SinkError::TakenBack { reason: "simulated".into() };
    let ended = desk.settle(Err(taken_back)).unwrap_err();
    assert!(matches!(ended, SettleError::Sink(SinkError::TakenBack { .. })), "{ended}");
    drop(desk);

    let (mut desk, ledger) = adjudicator(SimulatedIndex::open(&world).unwrap(), Policy::default(), 1);
    desk.assign(&[partition()], Epoch(1));
    let again = outputs_of(&mut desk, &ledger, 0);
    assert_eq!(again.outputs().iter().map(|output| output.stream).collect::<Vec<_>>(), [Stream::Records]);
}
