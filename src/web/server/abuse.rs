//! What attackers send instead of requests, byte by byte on real sockets.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::tests::{PATIENCE, connect, ends, get_once, short, start};
use super::*;

/// More than any limit lets through.
const FLOOD: usize = 64 << 20;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A frame of HTTP/2 (RFC 9113 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `GET path` (RFC 7541: indexed fields, and literals without Huffman).
fn get(stream: u32, path: &str) -> Vec<u8> {
    let literal = |index: u8, text: &str| {
        [&[0x40 | index, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    };
    let block = [&[0x82, 0x87][..], &literal(4, path), &literal(1, "tirkeu.test")].concat();
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &block)
}

async fn hello(address: SocketAddr, settings: &[u8]) -> TlsStream<TcpStream> {
    let mut stream = connect(address, b"h2").await;
    let hello = [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat();
    stream.write_all(&hello).await.unwrap();
    stream
}

/// Sends it over and over, reading nothing, until the server has enough of it.
async fn flood(stream: &mut TlsStream<TcpStream>, what: &[u8]) -> usize {
    let mut sent = 0;
    let flooding = async {
        while sent < FLOOD && stream.write_all(what).await.is_ok() && stream.flush().await.is_ok() {
            sent += what.len();
        }
    };
    timeout(PATIENCE, flooding).await.expect("the server ends the connection");
    sent
}

async fn well(address: SocketAddr) {
    let answer = timeout(PATIENCE, get_once(address)).await.expect("others are answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Kinds and payloads of the frames that come until the connection ends, or
/// until enough of a kind came.
async fn count_frames(stream: &mut TlsStream<TcpStream>, kind: u8, enough: usize) -> usize {
    let mut found = 0;
    let reading = async {
        let mut head = [0; 9];
        while found < enough && stream.read_exact(&mut head).await.is_ok() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let mut payload = vec![0; length];
            if stream.read_exact(&mut payload).await.is_err() {
                break;
            }
            found += usize::from(head[3] == kind);
        }
    };
    timeout(PATIENCE, reading).await.expect("the server answers or ends the connection");
    found
}

/// A router that counts who is being served.
fn counting(alive: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Router {
    struct One(Arc<AtomicUsize>);
    impl Drop for One {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let (alive, most) = (Arc::clone(alive), Arc::clone(most));
    let wait = move || {
        let (alive, most) = (Arc::clone(&alive), Arc::clone(&most));
        async move {
            most.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let _one = One(alive);
            std::future::pending::<()>().await;
        }
    };
    Router::new()
        .route("/wait", axum::routing::get(wait))
        .route("/", axum::routing::get(async || "ok"))
}

/// CVE-2023-44487.
#[tokio::test]
async fn requests_that_are_taken_back_at_once_keep_nobody_busy() {
    let (alive, most) = (Arc::default(), Arc::default());
    let running = super::tests::start_with(counting(&alive, &most), Limits::staff()).await;
    let mut stream = hello(running.address, &[]).await;
    let cancel = 8_u32.to_be_bytes();
    let mut sent = 0;
    for batch in 0..100_u32 {
        let burst: Vec<u8> = (0..100)
            .flat_map(|number| {
                let id = (batch * 100 + number) * 2 + 1;
                [get(id, "/wait"), frame(RST_STREAM, 0, id, &cancel)].concat()
            })
            .collect();
        if stream.write_all(&burst).await.is_err() || stream.flush().await.is_err() {
            break;
        }
        sent += 100;
    }

    well(running.address).await;
    drop(stream);
    let most = most.load(Ordering::SeqCst);
    assert!(most <= 100, "{most} at once, {sent} sent");
    while alive.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
}

/// CVE-2024-27316 and its relatives.
#[tokio::test]
async fn a_head_that_never_ends_is_cut_off_long_before_it_fills_the_memory() {
    let running = start(Limits { first_request: PATIENCE, ..Limits::staff() }).await;
    let mut stream = hello(running.address, &[]).await;
    stream.write_all(&frame(HEADERS, END_STREAM, 1, &[0x82, 0x87, 0x84])).await.unwrap();
    // `x: aaaa…`, never indexed.
    let field = [&[0x10, 1, b'x', 0x7f, 0x81, 0x7c][..], &[b'a'; 16_000]].concat();

    let sent = flood(&mut stream, &frame(CONTINUATION, 0, 1, &field)).await;
    assert!(sent < 8 << 20, "{sent} bytes were taken");
    well(running.address).await;
}

#[tokio::test]
async fn pings_and_settings_without_end_hold_up_nobody_but_their_sender() {
    for what in [frame(PING, 0, 0, b"12345678"), frame(SETTINGS, 0, 0, &[])] {
        let running = start(short()).await;
        let mut stream = hello(running.address, &[]).await;
        stream.write_all(&get(1, "/endless")).await.unwrap();

        let sent = flood(&mut stream, &what.repeat(1_000)).await;
        assert!(sent < FLOOD, "{sent} bytes were taken");
        well(running.address).await;
    }
}

#[tokio::test]
async fn one_connection_gets_a_hundred_streams_and_no_more() {
    let (alive, most) = (Arc::default(), Arc::default());
    let running = super::tests::start_with(counting(&alive, &most), Limits::staff()).await;
    let mut stream = hello(running.address, &[]).await;
    for number in 0..120_u32 {
        stream.write_all(&get(number * 2 + 1, "/wait")).await.unwrap();
    }

    let refused = count_frames(&mut stream, RST_STREAM, 20).await;
    assert_eq!(refused, 20);
    let all = async {
        while alive.load(Ordering::SeqCst) < 100 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, all).await.expect("a hundred are served");
    assert_eq!(most.load(Ordering::SeqCst), 100);
    well(running.address).await;
}

/// A window of nothing (CVE-2019-9517): the socket is lively, the answer stays.
#[tokio::test]
async fn who_asks_and_takes_no_answer_is_not_kept() {
    let running = start(Limits { stalled: PATIENCE, ..short() }).await;
    let nothing = [&4_u16.to_be_bytes()[..], &0_u32.to_be_bytes()].concat();
    let mut stream = hello(running.address, &nothing).await;
    stream.write_all(&get(1, "/big")).await.unwrap();

    ends(&mut stream).await;
}

#[tokio::test]
async fn a_reader_of_one_byte_at_a_time_is_cut_off() {
    let running = start(short()).await;
    let mut stream = connect(running.address, b"http/1.1").await;
    stream.write_all(b"GET /big HTTP/1.1\r\nHost: tirkeu.test\r\n\r\n").await.unwrap();
    let mut byte = [0];
    for _ in 0..1_500 {
        stream.read_exact(&mut byte).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    // What had left by then is all there is.
    assert!(ends(&mut stream).await.len() < 24 << 20);
}

async fn said(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address, b"http/1.1").await;
    stream.write_all(bytes).await.unwrap();
    String::from_utf8_lossy(&ends(&mut stream).await).into_owned()
}

/// RFC 9112 6.1: no proxy in front can be made to see two requests in one.
#[tokio::test]
async fn a_request_with_two_lengths_is_one_request_and_the_last_of_its_connection() {
    let running = start(short()).await;
    let hidden = "0\r\n\r\nGET /big HTTP/1.1\r\nHost: tirkeu.test\r\n\r\n";
    for lengths in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", hidden.len()),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", hidden.len()),
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let request = format!("POST / HTTP/1.1\r\nHost: tirkeu.test\r\n{lengths}\r\n{hidden}");
        let answer = said(running.address, request.as_bytes()).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
    for wrong in [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: +1",
        "Content-Length: 1, 1",
        "Content-Length: -1",
        "X: a\r\n b: c",
        "X\u{0}: a",
        "Host: tirkeu.test\nX: y",
    ] {
        let request = format!("POST / HTTP/1.1\r\nHost: tirkeu.test\r\n{wrong}\r\n\r\n");
        let answer = said(running.address, request.as_bytes()).await;
        let refused = answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 405");
        assert!(refused && answer.matches("HTTP/1.1 ").count() == 1, "{wrong}: {answer}");
    }
}

#[tokio::test]
async fn a_head_has_its_limit() {
    let running = start(Limits::staff()).await;
    let long = "a".repeat(20_000);
    let mut heads = vec![format!("GET /{long} HTTP/1.1\r\nHost: tirkeu.test\r\n\r\n")];
    heads.push(format!("GET / HTTP/1.1\r\nHost: tirkeu.test\r\nX: {long}\r\n\r\n"));
    let many = (0..150).fold(String::new(), |many, number| many + &format!("x-{number}: a\r\n"));
    heads.push(format!("GET / HTTP/1.1\r\nHost: tirkeu.test\r\n{many}\r\n"));
    for head in heads {
        let answer = said(running.address, head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}
