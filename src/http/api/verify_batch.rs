//! `POST /v1/verify/batch`
//!
//! Items are read, judged and answered while the body arrives: no more than [`AT_A_TIME`] of them are held
//! beside the one that is just arriving, and the sender is read no faster than its answers are taken.

use std::collections::VecDeque;
use std::future::pending;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::body::Bytes;
use axum::body::HttpBody as _;
use axum::extract::Extension;
use axum::extract::Request;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio::time::timeout;
use tokio::time::timeout_at;

use crate::http::api::verify::Judge;
use crate::http::api::verify::ShownReport;
use crate::http::api::verify::shown;
use crate::http::api::verify_input::ItemId;
use crate::http::api::verify_input::VerifyBody;
use crate::http::api::verify_input::VerifyInput;
use crate::http::extract::body::BodyLimit;
use crate::http::extract::body::too_large;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::items::Framing;
use crate::http::extract::items::Piece;
use crate::http::extract::items::Splitter;
use crate::http::extract::json::APPLICATION_JSON;
use crate::http::extract::json::media_type;
use crate::http::extract::json::read_json;
use crate::http::extract::json::unsupported_media_type;
use crate::http::metrics::Metrics;
use crate::http::middleware::Room;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::http::streamed::APPLICATION_NDJSON;
use crate::http::streamed::Reader;
use crate::http::streamed::Streamed;
use crate::service::app::App;
use crate::service::call::Caller;

/// [`APPLICATION_NDJSON`], as some say it.
const APPLICATION_NDJSON_TOO: &str = "application/ndjson";
/// Items in one batch.
const MAX_ITEMS: usize = 10_000;
/// Items that are judged at a time; their order is kept.
const AT_A_TIME: usize = 4;
/// After this time a batch is cut off, however it went on until then.
const MAX_BATCH: Duration = Duration::from_secs(60 * 60);
/// The longest name of an item.
const MAX_ID_CHARACTERS: usize = 128;

/// One item's answer.
#[derive(Serialize)]
struct ItemAnswer {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<ItemId>,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Problem(Value),
    Report(ShownReport),
}

/// Have many documents judged
///
/// Each line of an `application/x-ndjson` body, or each member of a JSON array, is what `POST /v1/verify` takes as
/// JSON, with an `id` of your own if you like. Answers come in the same order and form while the body is still
/// being read: `{"index":0,"id":…,"report":{…}}` with a receipt of its own, or `{"index":1,"id":…,"problem":{…}}`
/// for an item that could not be judged; the others go on. A line that is no JSON fails alone; an array that is
/// broken ends there, with a problem as its last answer. At most 10,000 items, each as large as one document may be.
#[utoipa::path(
    post,
    path = "/v1/verify/batch",
    tag = "verify",
    operation_id = "verifyBatch",
    request_body(content(
        (ref("#/components/schemas/VerifyItem") = "application/x-ndjson"),
        (ref("#/components/schemas/VerifyItems") = "application/json"),
    )),
    security(("apiKey" = ["verify"])),
    responses(
        (status = 200, description = "An answer for each item, in the form of the request.", content(
            (ref("#/components/schemas/BatchItem") = "application/x-ndjson"),
            (ref("#/components/schemas/BatchAnswer") = "application/json"),
        )),
    ),
)]
pub(in crate::http) async fn verify_batch(
    Authorised { caller, .. }: Authorised<scope::Verify>,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    Extension(room): Extension<Room>,
    reader: Reader,
    request: Request,
) -> Result<Response, Problem> {
    let framing = framing(&request)?;
    let place = room
        .enter()
        .ok_or_else(|| Problem::new(ProblemType::Overloaded))?;
    let limits = request.extensions().get::<BodyLimit>().copied();
    let batch = Batch {
        judge: Judge { app, metrics },
        caller: Arc::new(caller),
        reader: Arc::new(reader),
        limits: limits.unwrap_or(BodyLimit::SMALL),
        framing,
    };
    let (answers, taken) = mpsc::channel(1);
    tokio::spawn(batch.run(request.into_body(), answers, place));
    let content_type = match framing {
        Framing::Array => APPLICATION_JSON,
        Framing::Lines => APPLICATION_NDJSON,
    };
    let headers = [(header::CONTENT_TYPE, content_type)];
    Ok((headers, Body::new(Streamed(taken))).into_response())
}

fn framing(request: &Request) -> Result<Framing, Problem> {
    match media_type(request.headers()).as_deref() {
        Some(APPLICATION_JSON) => Ok(Framing::Array),
        Some(APPLICATION_NDJSON | APPLICATION_NDJSON_TOO) => Ok(Framing::Lines),
        _ => Err(unsupported_media_type(&[
            APPLICATION_NDJSON,
            APPLICATION_JSON,
        ])),
    }
}

/// A batch that is being judged.
#[derive(Clone)]
struct Batch {
    judge: Judge,
    caller: Arc<Caller>,
    reader: Arc<Reader>,
    limits: BodyLimit,
    framing: Framing,
}

/// Nobody takes the answers any more.
struct Abandoned;

impl Batch {
    /// Works until the body ends, the caller goes away, or the time is up. `_place` is held as long.
    async fn run(self, body: Body, answers: mpsc::Sender<Bytes>, _place: OwnedSemaphorePermit) {
        let work = timeout(MAX_BATCH, self.work(body, &answers));
        tokio::select! {
            () = answers.closed() => tracing::debug!("a caller went away before its batch was judged"),
            _ended = work => {}
        }
    }

    async fn work(&self, body: Body, answers: &mpsc::Sender<Bytes>) -> Result<(), Abandoned> {
        let mut items = Items::new(body, self);
        let mut judged: VecDeque<Task> = VecDeque::with_capacity(AT_A_TIME);
        let mut count: usize = 0;
        let mut written: usize = 0;
        let mut has_more = true;
        self.write_open(answers).await?;
        loop {
            tokio::select! {
                answer = first_of(&mut judged), if !judged.is_empty() => {
                    judged.pop_front();
                    self.write(answers, written, answer).await?;
                    written = written.saturating_add(1);
                    // What was lost by waiting for us is not the sender's.
                    items.restart_clock();
                }
                next = items.next(), if has_more && judged.len() < AT_A_TIME => match next {
                    Next::Item(_) if count >= MAX_ITEMS => {
                        has_more = false;
                        judged.push_back(self.told(count, None, too_many()));
                    }
                    Next::Item(bytes) => {
                        judged.push_back(self.start(count, bytes));
                        count = count.saturating_add(1);
                    }
                    Next::Refused(problem) => {
                        judged.push_back(self.told(count, None, problem));
                        count = count.saturating_add(1);
                    }
                    Next::Last(problem) => {
                        has_more = false;
                        judged.push_back(self.told(count, None, problem));
                    }
                    Next::End => has_more = false,
                },
                else => break,
            }
        }
        self.write_close(answers, written).await
    }

    fn start(&self, index: usize, bytes: Vec<u8>) -> Task {
        let batch = self.clone();
        Task(tokio::spawn(async move {
            let id = read_id(&bytes);
            let outcome = batch.outcome(bytes.into()).await;
            batch.line(index, id, outcome)
        }))
    }

    fn told(&self, index: usize, id: Option<ItemId>, problem: Problem) -> Task {
        let line = self.line(index, id, Err(problem));
        Task(tokio::spawn(async move { line }))
    }

    async fn outcome(&self, bytes: Bytes) -> Result<ShownReport, Problem> {
        let body: VerifyBody = read_json(&bytes, bytes.len())?;
        drop(bytes);
        if body.has_long_id(MAX_ID_CHARACTERS) {
            let what = format!("has more than {MAX_ID_CHARACTERS} characters");
            return Err(Place::Body.refused("id", &what));
        }
        let input = VerifyInput::of_json(body)?;
        let report_type = input.report_type;
        let report = self.judge.report(&self.caller, input).await?;
        shown(report, report_type)
    }

    fn line(
        &self,
        index: usize,
        id: Option<ItemId>,
        outcome: Result<ShownReport, Problem>,
    ) -> Vec<u8> {
        let outcome = match outcome {
            Ok(report) => Outcome::Report(report),
            Err(problem) => {
                self.judge.metrics.problem(problem.kind());
                Outcome::Problem(self.reader.shown(&problem))
            }
        };
        let answer = ItemAnswer { index, id, outcome };
        // A report that cannot be written as JSON is our fault, and none is known.
        serde_json::to_vec(&answer).unwrap_or_default()
    }

    async fn write_open(&self, answers: &mpsc::Sender<Bytes>) -> Result<(), Abandoned> {
        match self.framing {
            Framing::Array => self.send(answers, Bytes::from_static(b"[")).await,
            Framing::Lines => Ok(()),
        }
    }

    async fn write(
        &self,
        answers: &mpsc::Sender<Bytes>,
        written: usize,
        mut answer: Vec<u8>,
    ) -> Result<(), Abandoned> {
        match self.framing {
            Framing::Array => {
                let before: &[u8] = match written {
                    0 => b"\n",
                    _ => b",\n",
                };
                answer.splice(0..0, before.iter().copied());
            }
            Framing::Lines => answer.push(b'\n'),
        }
        self.send(answers, answer.into()).await
    }

    async fn write_close(
        &self,
        answers: &mpsc::Sender<Bytes>,
        written: usize,
    ) -> Result<(), Abandoned> {
        match (self.framing, written) {
            (Framing::Array, 0) => self.send(answers, Bytes::from_static(b"]")).await,
            (Framing::Array, _) => self.send(answers, Bytes::from_static(b"\n]")).await,
            (Framing::Lines, _) => Ok(()),
        }
    }

    /// A caller who does not take its answers is given up as one who sends too slowly.
    async fn send(&self, answers: &mpsc::Sender<Bytes>, bytes: Bytes) -> Result<(), Abandoned> {
        match timeout(self.limits.arrives_within, answers.send(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Abandoned),
        }
    }
}

fn too_many() -> Problem {
    Problem::new(ProblemType::BodyTooLarge)
        .with("maxItems", MAX_ITEMS)
        .detail(
            format!("一批最多 {MAX_ITEMS} 项，其余未核验"),
            format!("at most {MAX_ITEMS} items are taken in one batch; the rest was not judged"),
        )
}

/// The name of an item whose other members may be wrong.
fn read_id(bytes: &[u8]) -> Option<ItemId> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<ItemId>,
    }
    let named: Named = serde_json::from_slice(bytes).ok()?;
    named.id.filter(|id| !id.is_longer_than(MAX_ID_CHARACTERS))
}

/// An item that is being judged; given up when it is dropped.
struct Task(JoinHandle<Vec<u8>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The answer to the oldest item. Waiting may be broken off and taken up again.
async fn first_of(judged: &mut VecDeque<Task>) -> Vec<u8> {
    match judged.front_mut() {
        Some(task) => (&mut task.0).await.unwrap_or_default(),
        None => pending().await,
    }
}

/// What comes next of a body.
enum Next {
    /// An item.
    Item(Vec<u8>),
    /// An item that is not read; others follow.
    Refused(Problem),
    /// Nothing can be read any more.
    Last(Problem),
    /// The body has ended.
    End,
}

/// The items of a body, as they arrive.
struct Items {
    body: Body,
    splitter: Splitter,
    limits: BodyLimit,
    chunk: Bytes,
    has_ended: bool,
    due: Instant,
}

impl Items {
    fn new(body: Body, batch: &Batch) -> Self {
        Self {
            body,
            splitter: Splitter::new(batch.framing, batch.limits.max_bytes),
            limits: batch.limits,
            chunk: Bytes::new(),
            has_ended: false,
            due: Instant::now() + batch.limits.arrives_within,
        }
    }

    /// Gives the next item its full time from now on.
    fn restart_clock(&mut self) {
        self.due = Instant::now() + self.limits.arrives_within;
    }

    /// The next item. Waiting may be broken off and taken up again: nothing is held but in `self`.
    async fn next(&mut self) -> Next {
        loop {
            if let Some(piece) = self.splitter.take(&mut self.chunk) {
                self.restart_clock();
                return self.told(piece);
            }
            if self.has_ended {
                return match self.splitter.finish() {
                    Some(piece) => self.told(piece),
                    None => Next::End,
                };
            }
            let body = &mut self.body;
            let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
            match timeout_at(self.due, frame).await {
                Err(_elapsed) => return Next::Last(Problem::new(ProblemType::RequestTimeout)),
                Ok(None) => self.has_ended = true,
                Ok(Some(Ok(frame))) => self.chunk = frame.into_data().unwrap_or_default(),
                Ok(Some(Err(cause))) => {
                    tracing::debug!(%cause, "a batch did not arrive as a whole");
                    return Next::Last(Problem::new(ProblemType::BodyUnreadable));
                }
            }
        }
    }

    fn told(&self, piece: Piece) -> Next {
        match piece {
            Piece::Item(bytes) => Next::Item(bytes),
            Piece::Oversized => Next::Refused(too_large(self.limits.max_bytes)),
            Piece::Broken(why) => {
                Next::Last(Problem::new(ProblemType::MalformedJson).explained(why))
            }
        }
    }
}
