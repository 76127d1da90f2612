//! What a bank gets from one core over HTTP: `cargo bench --bench http`, or with other numbers `cargo bench --bench http
//! -- rounds=3 connections=64`.
//!
//! The server is the real one, as an operator sets it up: `yinxin init`, callers with keys, `yinxin serve`, SQLite
//! on the disk of the target folder, every audit event and receipt durable before its answer. It has one core to
//! itself; the client has another and keeps its connections open. Credentials are the city's own (ES256, six
//! disclosures), each of another company, so that the first time is a first time; then the same ones again. On the
//! server's core, over as many connections, a bare axum handler does one of `ring`'s ES256 verifications and one
//! signature an answer; another one computes the digests of what it got as well, answers with as many bytes as we do, and
//! has as many on the disk before; and `ring` verifies alone, in a loop. All of them take turns.
//!
//! Told are the time by the clock, which is right on a machine that has nothing else to do, and the time for which the
//! server's threads had a core, which others disturb less.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a benchmark stops at what it did not expect, and prints figures"
)]

#[path = "http/city.rs"]
mod city;
#[path = "http/client.rs"]
mod client;
#[path = "http/peer.rs"]
mod peer;

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use city::City;
use client::Connection;
use client::Took;
use client::ask_all;
use peer::Peer;

/// Where everything that answers runs, and where everything that asks does.
const SERVER_CORE: &str = "0";
const CLIENT_CORE: &str = "1";

/// How much is asked.
struct Amount {
    rounds: usize,
    /// Credentials a round, each presented twice.
    credentials: usize,
    connections: usize,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("peer") => return peer::serve(PathBuf::from(&arguments[1])),
        Some("pinned") => {}
        _ => {
            // Itself, on a core of its own.
            let mut again = Command::new("taskset");
            again
                .args(["-c", CLIENT_CORE])
                .arg(env::current_exe().unwrap());
            let error = again.arg("pinned").args(&arguments).exec();
            println!("not measured: taskset: {error}");
            return;
        }
    }
    let number = |name: &str, default| {
        let given = arguments.iter().find_map(|one| one.strip_prefix(name));
        given.map_or(default, |text| text.parse().unwrap())
    };
    // Without `--bench` somebody only tries whether it runs.
    let amount = match arguments.iter().any(|argument| argument == "--bench") {
        true => Amount {
            rounds: number("rounds=", 9),
            credentials: number("credentials=", 800),
            connections: number("connections=", 32),
        },
        false => Amount {
            rounds: 1,
            credentials: 40,
            connections: 4,
        },
    };
    compare(&amount);
}

/// What an answer of each takes, in turns.
fn compare(amount: &Amount) {
    let city = City::open(amount.rounds * amount.credentials);
    let peer = Peer::start();
    let asked = |key: &str, path: &str, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: yinxin.example\r\nauthorization: Bearer {key}\r\n\
             content-type: application/dc+sd-jwt\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let verify = "/v1/verify?purpose=account-opening&operator=counter-7";
    let ours: Vec<Vec<u8>> = city
        .credentials
        .iter()
        .map(|one| asked(&city.bank, verify, one))
        .collect();
    let of_peer = |path| {
        let credentials = city.credentials.iter().take(amount.credentials);
        let requests = credentials.map(|one| asked(&city.bank, path, one));
        requests.collect::<Vec<Vec<u8>>>()
    };
    let (bare, kept) = (of_peer("/"), of_peer("/kept"));
    let mut to_us = Connection::several(city.address, amount.connections);
    let mut to_peer = Connection::several(peer.address, amount.connections);
    println!(
        "{} credentials of {} bytes, answers of {} bytes, {} connections",
        ours.len(),
        city.credentials[0].len(),
        to_us[0]
            .ask(&asked(&city.bank, verify, &city.samples[0]))
            .len(),
        amount.connections
    );
    let (us, other) = (city.process(), peer.process());
    let samples: Vec<_> = city
        .samples
        .iter()
        .map(|one| asked(&city.bank, verify, one))
        .collect();
    ask_all(us, &mut to_us, &samples);
    ask_all(other, &mut to_peer, &bare);
    let mut turns: [Vec<Took>; 5] = Default::default();
    for fresh in ours.chunks(amount.credentials) {
        turns[0].push(peer.ring(amount.credentials));
        turns[1].push(ask_all(other, &mut to_peer, &bare));
        turns[2].push(ask_all(other, &mut to_peer, &kept));
        turns[3].push(ask_all(us, &mut to_us, fresh));
        turns[4].push(ask_all(us, &mut to_us, fresh));
    }
    print(&turns);
}

const WHAT: [&str; 5] = [
    "ring, one verification, in a loop",
    "bare axum, one verification and one signature",
    "… with digests, rows and an answer like ours",
    "yinxin, a credential for the first time",
    "yinxin, the same credential again",
];

/// The ratios, each of one of these to another.
const RATIOS: [(&str, usize, usize); 5] = [
    ("first time / bare axum", 3, 1),
    ("first time / ring", 3, 0),
    ("first time / axum with rows and answer", 3, 2),
    ("again / axum with rows and answer", 4, 2),
    ("again / first time", 4, 3),
];

/// Medians over all rounds.
fn print(turns: &[Vec<Took>; 5]) {
    println!("{:<48}{:>10}{:>10}", "µs", "clock", "core");
    for (what, turns) in WHAT.iter().zip(turns) {
        let of = |time: fn(&Took) -> f64| 1e6 * median(turns.iter().map(time).collect());
        let (elapsed, computed) = (of(|took| took.elapsed), of(|took| took.computed));
        println!("{what:<48}{elapsed:>10.1}{computed:>10.1}");
    }
    for (what, one, other) in RATIOS {
        let ratio = |time: fn(&Took) -> f64| {
            let pairs = turns[one].iter().zip(&turns[other]);
            median(pairs.map(|(one, other)| time(other) / time(one)).collect())
        };
        let (elapsed, computed) = (ratio(|took| took.elapsed), ratio(|took| took.computed));
        println!("{what:<48}{elapsed:>10.2}{computed:>10.2}");
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}
