use yinxin::clock::Timestamp;
use yinxin::store::Store;

use crate::store::on_both_engines;

on_both_engines!(the_highest_time_never_sinks);

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

async fn the_highest_time_never_sinks(store: Store) {
    let clock = store.signing_clock();
    assert_eq!(clock.highest().await.unwrap(), None);
    assert!(clock.advance(at(1_700_000_000_000_001)).await.unwrap());
    assert!(
        clock.advance(at(1_700_000_000_000_001)).await.unwrap(),
        "the same time again"
    );
    assert!(
        !clock.advance(at(1_700_000_000_000_000)).await.unwrap(),
        "an earlier time"
    );
    assert_eq!(
        clock.highest().await.unwrap(),
        Some(at(1_700_000_000_000_001))
    );
    assert!(clock.advance(Timestamp::MAX).await.unwrap());
    assert_eq!(clock.highest().await.unwrap(), Some(Timestamp::MAX));
}
