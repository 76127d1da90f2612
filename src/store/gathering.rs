//! Serves many who wait at once: what one trip to the database costs is then theirs together.
//!
//! Whoever comes first begins to serve; what others bring meanwhile waits, and is taken together as soon as what
//! is under way has ended. So nobody waits for company: at most for what is under way, and then for its own. What is
//! taken is taken whole before it is worked on, so that whatever is read for it is read after it was asked.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::oneshot;

/// Those who wait: each brings a `T` and gets an `R`.
pub(in crate::store) struct Gathering<T, R>(Arc<Mutex<State<T, R>>>);

struct State<T, R> {
    waiting: Vec<Waiting<T, R>>,
    /// Whether somebody serves.
    is_served: bool,
}

type Waiting<T, R> = (T, oneshot::Sender<R>);

impl<T, R> Default for Gathering<T, R> {
    fn default() -> Self {
        let state = State {
            waiting: Vec::new(),
            is_served: false,
        };
        Self(Arc::new(Mutex::new(state)))
    }
}

impl<T, R> Clone for Gathering<T, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T, R> fmt::Debug for Gathering<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}

impl<T: Send + 'static, R: Send + 'static> Gathering<T, R> {
    /// What `work` makes of `item`, given together with at most `most` that wait: a result for each, in their
    /// order. It goes on when whoever waits is gone. `None`: it was cut off, and nobody knows how far it came.
    pub(in crate::store) async fn put<F>(
        &self,
        item: T,
        most: usize,
        work: impl Fn(Vec<T>) -> F + Send + 'static,
    ) -> Option<R>
    where
        F: Future<Output = Vec<R>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let is_first = {
            let mut state = self.state();
            state.waiting.push((item, tell));
            !std::mem::replace(&mut state.is_served, true)
        };
        if is_first {
            let serving = Serving {
                gathering: self.clone(),
                is_over: false,
            };
            tokio::spawn(serving.serve(most, work));
        }
        told.await.ok()
    }

    fn state(&self) -> MutexGuard<'_, State<T, R>> {
        // Nothing in here panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most `most` of those who wait, the first first; with none, nobody serves any more.
    fn take(&self, most: usize) -> Vec<Waiting<T, R>> {
        let mut state = self.state();
        let count = state.waiting.len().min(most);
        state.is_served = count > 0;
        state.waiting.drain(..count).collect()
    }
}

/// Somebody who serves until nobody waits.
struct Serving<T: Send + 'static, R: Send + 'static> {
    gathering: Gathering<T, R>,
    /// Whether it ended by itself. Somebody else may serve from then on.
    is_over: bool,
}

impl<T: Send + 'static, R: Send + 'static> Serving<T, R> {
    async fn serve<F>(mut self, most: usize, work: impl Fn(Vec<T>) -> F + Send)
    where
        F: Future<Output = Vec<R>> + Send,
    {
        loop {
            // Whatever is ready to run beside may have something to bring; nobody is waited for.
            tokio::task::yield_now().await;
            let (items, tell): (Vec<_>, Vec<_>) = self.gathering.take(most).into_iter().unzip();
            if items.is_empty() {
                self.is_over = true;
                return;
            }
            for (tell, result) in tell.into_iter().zip(work(items).await) {
                // Whoever is gone needs no result.
                let _ = tell.send(result);
            }
        }
    }
}

impl<T: Send + 'static, R: Send + 'static> Drop for Serving<T, R> {
    /// Cut off: those who wait are told so, and whoever comes next begins anew.
    fn drop(&mut self) {
        if !self.is_over {
            let mut state = self.gathering.state();
            state.waiting.clear();
            state.is_served = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;
    use tokio::sync::Semaphore;

    type Numbers = Gathering<usize, usize>;

    /// Doubles numbers once it is let; notes how many were taken at a time.
    #[derive(Clone)]
    struct Doubling {
        may: Arc<Semaphore>,
        taken: Arc<Mutex<Vec<usize>>>,
    }

    impl Doubling {
        fn new() -> Self {
            Self {
                may: Arc::new(Semaphore::new(0)),
                taken: Arc::default(),
            }
        }

        async fn put(self, numbers: Numbers, number: usize) -> Option<usize> {
            let work = move |items: Vec<usize>| {
                let doubling = self.clone();
                async move {
                    doubling.taken.lock().unwrap().push(items.len());
                    doubling.may.acquire().await.unwrap().forget();
                    items.into_iter().map(|item| 2 * item).collect()
                }
            };
            numbers.put(number, 3, work).await
        }
    }

    #[tokio::test]
    async fn those_who_come_meanwhile_are_served_together_and_in_their_order() {
        let (numbers, doubling) = (Numbers::default(), Doubling::new());
        let asked: Vec<_> = (0..6)
            .map(|number| tokio::spawn(doubling.clone().put(numbers.clone(), number)))
            .collect();
        while doubling.taken.lock().unwrap().is_empty() || numbers.state().waiting.len() < 3 {
            tokio::task::yield_now().await;
        }
        doubling.may.add_permits(6);
        for (number, asked) in asked.into_iter().enumerate() {
            assert_eq!(asked.await.unwrap(), Some(2 * number));
        }
        let taken = doubling.taken.lock().unwrap().clone();
        assert_eq!(taken.iter().sum::<usize>(), 6);
        assert!(
            taken.len() < 6 && taken.iter().all(|count| *count <= 3),
            "{taken:?}"
        );
        while numbers.state().is_served {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn whoever_goes_away_takes_nobody_with_it() {
        let (numbers, doubling) = (Numbers::default(), Doubling::new());
        let first = tokio::spawn(doubling.clone().put(numbers.clone(), 1));
        while doubling.taken.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        first.abort();
        let second = tokio::spawn(doubling.clone().put(numbers.clone(), 2));
        doubling.may.add_permits(2);
        assert_eq!(second.await.unwrap(), Some(4));
    }

    #[tokio::test]
    async fn what_is_cut_off_is_told_and_the_next_one_begins_anew() {
        let numbers = Numbers::default();
        let calls = Arc::new(AtomicUsize::new(0));
        for expected in [None, Some(7)] {
            let calls = Arc::clone(&calls);
            let work = move |items: Vec<usize>| {
                let first = calls.fetch_add(1, Ordering::Relaxed) == 0;
                async move {
                    assert!(!first, "cut off");
                    items
                }
            };
            assert_eq!(numbers.put(7, 3, work).await, expected);
        }
    }
}
