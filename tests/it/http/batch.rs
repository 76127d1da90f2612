//! Batches: order, items that fail alone, bounds, and senders who are slow or go away.

use std::io::Read as _;
use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use yinxin::encoding::base64;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::signed;
use crate::http::town::Town;

const NDJSON: &str = "application/x-ndjson";

fn item(document: &str, id: impl Into<Value>) -> Value {
    json!({"id": id.into(), "document": {"bytes": base64::encode(document.as_bytes())}})
}

fn ask(town: &Town, media_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let ask = Ask::post("/v1/verify/batch").key(&town.bank);
    town.ask(&ask.body(media_type, body))
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), Some(NDJSON));
    let lines = answer.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn credential(town: &Town) -> String {
    let issued = town.issue(&town.city.company(1).await);
    issued["credential"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_answered_in_their_order_and_a_bad_one_fails_alone() {
    let town = Town::open().await;
    let good = credential(&town).await;
    let large = format!("{good}{}", "x".repeat(2_000_000));
    let batch = [
        item(&large, "large").to_string(),
        item(&good, 7).to_string(),
        "{broken".to_owned(),
        String::new(),
        item("<?xml version=\"1.0\"?><a/>", "xml").to_string(),
        json!({"id": "empty", "document": {}}).to_string(),
        json!({"id": "odd", "document": {"bytes": "YQ=="}, "surprise": 1}).to_string(),
        item(&good, "last").to_string(),
    ];
    let told = lines(&ask(&town, NDJSON, batch.join("\n")));
    assert_eq!(told.len(), 7);
    let expected = [
        (json!("large"), "report"),
        (json!(7), "report"),
        (Value::Null, "MALFORMED_JSON"),
        (json!("xml"), "UNSUPPORTED_FORMAT"),
        (json!("empty"), "DOCUMENT_MISSING"),
        (json!("odd"), "INVALID_BODY"),
        (json!("last"), "report"),
    ];
    for (index, (told, (id, what))) in told.iter().zip(expected).enumerate() {
        assert_eq!(told["index"], index);
        assert_eq!(told["id"], id);
        match what {
            "report" => {
                assert!(told["report"]["receipt"].is_string(), "{told:#}");
                assert!(told.get("problem").is_none());
            }
            code => {
                assert_eq!(told["problem"]["code"], code, "{told:#}");
                assert!(told["problem"]["instance"].is_string());
                assert!(told.get("report").is_none());
            }
        }
    }
    assert_eq!(told[1]["report"]["indication"], "TOTAL-PASSED");
    assert_ne!(told[0]["report"]["indication"], "TOTAL-PASSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_is_answered_with_an_array() {
    let town = Town::open().await;
    let good = credential(&town).await;
    let document = signed::attached(&town).await;
    let signed = signed::body(&document, json!({"id": "s", "reportType": "simple"}));
    let batch = json!([item(&good, "a"), 12, signed]).to_string();
    let answer = ask(&town, "application/json", batch.clone());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let told = answer.expect(200);
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["report"]["indication"], "TOTAL-PASSED");
    assert_eq!(told[1]["problem"]["code"], "INVALID_BODY");
    assert_eq!(told[2]["id"], "s");
    assert_eq!(told[2]["report"]["indication"], "TOTAL-PASSED");
    assert!(told[2]["report"].get("constraints").is_none());

    let broken = batch.replacen(",12,", ",12 12,", 1);
    let told = ask(&town, "application/json", broken).expect(200);
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 3, "what follows is not read: {told:#?}");
    assert_eq!(told[2]["problem"]["code"], "MALFORMED_JSON");
    let cut = &batch[..batch.len() - 40];
    let told = ask(&town, "application/json", cut).expect(200);
    assert_eq!(told[2]["problem"]["code"], "MALFORMED_JSON");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_with_nothing() {
    let town = Town::open().await;
    assert!(lines(&ask(&town, NDJSON, "")).is_empty());
    assert!(lines(&ask(&town, NDJSON, "\n\n")).is_empty());
    let none = ask(&town, "application/json", "[]").expect(200);
    assert_eq!(none, json!([]));
    let empty = ask(&town, "application/json", "").expect(200);
    assert_eq!(empty[0]["problem"]["code"], "MALFORMED_JSON");
    ask(&town, "text/plain", "{}").problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let without = Ask::post("/v1/verify/batch").body(NDJSON, "");
    town.ask(&without).problem(401, "API_KEY_MISSING");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_and_a_batch_have_their_bounds() {
    let town = Town::with(|options| options.max_body_bytes = 10_000).await;
    let long = json!({"id": "long", "document": {"bytes": "A".repeat(10_000)}}).to_string();
    let short = json!({"id": "short", "document": {}}).to_string();
    let told = lines(&ask(&town, NDJSON, format!("{long}\n{short}\n")));
    assert_eq!(told[0]["problem"]["code"], "BODY_TOO_LARGE");
    assert_eq!(told[0]["problem"]["maxSizeBytes"], 10_000);
    assert_eq!(told[1]["id"], "short");
    let named = json!({"id": "x".repeat(129), "document": {"bytes": "YQ=="}}).to_string();
    let told = lines(&ask(&town, NDJSON, named));
    assert_eq!(told[0]["problem"]["member"], "id");

    let told = lines(&ask(&town, NDJSON, "{}\n".repeat(10_050)));
    assert_eq!(told.len(), 10_001);
    assert_eq!(told[9_999]["problem"]["code"], "INVALID_BODY");
    assert_eq!(told[10_000]["problem"]["code"], "BODY_TOO_LARGE");
    assert_eq!(told[10_000]["problem"]["maxItems"], 10_000);
}

/// Begins a batch whose length is not announced, so that it may go on for ever.
fn begin(town: &Town, first: &str) -> std::net::TcpStream {
    let mut stream = std::net::TcpStream::connect(town.address).unwrap();
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).unwrap();
    let head = format!(
        "POST /v1/verify/batch HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: {NDJSON}\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        town.bank
    );
    stream.write_all(head.as_bytes()).unwrap();
    send(&mut stream, first);
    stream
}

fn send(stream: &mut std::net::TcpStream, text: &str) {
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(chunk.as_bytes()).unwrap();
}

fn read_until(stream: &mut std::net::TcpStream, text: &str) -> String {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&read).contains(text) {
        let count = stream.read(&mut piece).unwrap();
        let told = String::from_utf8_lossy(&read).into_owned();
        assert_ne!(count, 0, "{text} never came: {told}");
        read.extend_from_slice(&piece[..count]);
    }
    String::from_utf8_lossy(&read).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_while_the_sender_goes_on() {
    let town = Town::open().await;
    let good = credential(&town).await;
    let mut stream = begin(&town, &format!("{}\n", item(&good, "first")));
    let told = read_until(&mut stream, "\"receipt\"");
    assert!(told.contains("\"first\""));
    send(&mut stream, &format!("{}\n", item(&good, "second")));
    read_until(&mut stream, "\"second\"");
    stream.write_all(b"0\r\n\r\n").unwrap();
    // What was read so far may end within a character.
    stream.read_to_end(&mut Vec::new()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_slowly_is_told_so_and_left() {
    let town = Town::with(|options| options.request_timeout = Duration::from_millis(500)).await;
    let mut stream = begin(&town, "{}\n{\"id\":");
    let told = read_until(&mut stream, "REQUEST_TIMEOUT");
    assert!(
        told.contains("INVALID_BODY"),
        "the first was answered: {told}"
    );
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n") || rest.is_empty(), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_frees_its_place() {
    let town = Town::open().await;
    let mut waiting: Vec<_> = (0..8).map(|_| begin(&town, "{}\n")).collect();
    for stream in &mut waiting {
        read_until(stream, "INVALID_BODY");
    }
    ask(&town, NDJSON, "").problem(503, "OVERLOADED");
    drop(waiting);
    for _ in 0..200 {
        if ask(&town, NDJSON, "").status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no place became free");
}
