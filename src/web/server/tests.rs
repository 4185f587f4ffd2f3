//! Real sockets on the loopback.

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::IntoResponse;
use axum::routing::get;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::crypto::{LocalCa, Random};

/// Nobody waits longer in a test.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

fn ca() -> &'static LocalCa {
    static CA: OnceLock<LocalCa> = OnceLock::new();
    CA.get_or_init(|| {
        let entry = LocalCa::generate("Test", "tirkeu.test", &Random::system(), today()).unwrap();
        LocalCa::open(&entry).unwrap()
    })
}

/// rustls' client checks the dates against the machine's clock.
fn today() -> i64 {
    crate::clock::Clock::machine().now().unix_seconds()
}

fn leaf() -> Leaf {
    ca().issue(&["tirkeu.test"], &Random::system(), today()).unwrap()
}

pub(super) struct Running {
    pub(super) address: SocketAddr,
    certificate: Arc<Certificate>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

pub(super) async fn start(limits: Limits) -> Running {
    let router = Router::new()
        .route(
            "/",
            get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
                peer.ip().to_string().into_response()
            }),
        )
        .route("/big", get(async || vec![b'x'; 32 << 20]))
        .route(
            "/endless",
            get(async || Body::from_stream(futures_util::stream::pending::<io::Result<Vec<u8>>>())),
        );
    start_with(router, limits).await
}

pub(super) async fn start_with(router: Router, limits: Limits) -> Running {
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), leaf(), limits).await.unwrap();
    let (address, certificate) = (server.address(), server.certificate());
    let (stop, stopping) = watch::channel(false);
    let task = tokio::spawn(server.run(router, stopping));
    Running { address, certificate, stop, task }
}

/// Limits so short that a test sees them pass.
pub(super) fn short() -> Limits {
    let brief = Duration::from_millis(400);
    Limits {
        handshake: brief * 4,
        first_request: brief,
        head: brief,
        idle: brief,
        stalled: brief,
        drain: brief,
        ..Limits::staff()
    }
}

fn client(protocol: &[u8]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca().der().to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    TlsConnector::from(Arc::new(config))
}

pub(super) async fn connect(address: SocketAddr, protocol: &[u8]) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(address).await.unwrap();
    client(protocol).connect(ServerName::try_from("tirkeu.test").unwrap(), tcp).await.unwrap()
}

pub(super) async fn ends(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    // Cut off or ended: both close the socket.
    let _ = read.expect("the server closes the socket");
    rest
}

async fn ask(stream: &mut TlsStream<TcpStream>, path: &str) {
    let head = format!("GET {path} HTTP/1.1\r\nHost: tirkeu.test\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
}

pub(super) async fn get_once(address: SocketAddr) -> String {
    let mut stream = connect(address, b"http/1.1").await;
    let head = b"GET / HTTP/1.1\r\nHost: tirkeu.test\r\nConnection: close\r\n\r\n";
    stream.write_all(head).await.unwrap();
    String::from_utf8(ends(&mut stream).await).unwrap()
}

#[tokio::test]
async fn a_handler_learns_the_clients_address() {
    let running = start(Limits::staff()).await;
    let answer = get_once(running.address).await;

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn two_hundred_silent_sockets_of_every_kind_are_closed() {
    let running = start(short()).await;
    let mut silent: Vec<JoinHandle<()>> = Vec::new();
    for number in 0..200 {
        let address = running.address;
        silent.push(tokio::spawn(async move {
            match number % 4 {
                0 => drop(ends(&mut TcpStream::connect(address).await.unwrap()).await),
                1 => {
                    let mut half = TcpStream::connect(address).await.unwrap();
                    half.write_all(&[22, 3, 1]).await.unwrap();
                    drop(ends(&mut half).await);
                }
                2 => drop(ends(&mut connect(address, b"http/1.1").await).await),
                _ => drop(ends(&mut connect(address, b"h2").await).await),
            }
        }));
    }

    for socket in silent {
        socket.await.unwrap();
    }
    assert!(get_once(running.address).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_sent_byte_by_byte_is_not_waited_for() {
    let running = start(Limits { first_request: PATIENCE, ..short() }).await;
    let mut slow = connect(running.address, b"http/1.1").await;
    let begun = Instant::now();
    let dripping = async {
        loop {
            if slow.write_all(b"a").await.is_err() || slow.flush().await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };

    timeout(PATIENCE, dripping).await.expect("the server closes the socket");
    assert!(begun.elapsed() < PATIENCE / 2);
}

#[tokio::test]
async fn an_http2_client_that_only_says_hello_is_closed() {
    let running = start(short()).await;
    let mut stream = connect(running.address, b"h2").await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();

    ends(&mut stream).await;
}

#[tokio::test]
async fn an_idle_connection_is_ended_after_its_answer() {
    let running = start(Limits { head: PATIENCE, ..short() }).await;
    let mut stream = connect(running.address, b"http/1.1").await;
    ask(&mut stream, "/").await;

    let answer = String::from_utf8(ends(&mut stream).await).unwrap();
    assert!(answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_cut_off() {
    let running = start(short()).await;
    let mut stream = connect(running.address, b"http/1.1").await;
    ask(&mut stream, "/big").await;
    tokio::time::sleep(Duration::from_secs(2)).await;

    assert!(ends(&mut stream).await.len() < 32 << 20);
}

#[tokio::test]
async fn an_answer_without_end_is_kept_open_while_the_client_reads() {
    let running = start(short()).await;
    let mut stream = connect(running.address, b"http/1.1").await;
    ask(&mut stream, "/endless").await;
    let mut rest = Vec::new();

    let waited = timeout(Duration::from_millis(1_500), stream.read_to_end(&mut rest)).await;
    assert!(waited.is_err(), "closed after {rest:?}");
    running.stop.send(true).unwrap();
    timeout(PATIENCE, running.task).await.expect("the server stops").unwrap();
}

#[tokio::test]
async fn one_address_gets_its_share_of_connections() {
    let limits = Limits { per_ip: 3, loopback_is_free: false, ..Limits::staff() };
    let running = start(limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect(running.address, b"http/1.1").await);
    }

    assert_eq!(ends(&mut TcpStream::connect(running.address).await.unwrap()).await, b"");
    drop(held);
}

#[tokio::test]
async fn plain_http_is_sent_to_https() {
    let running = start(Limits::staff()).await;
    let mut plain = TcpStream::connect(running.address).await.unwrap();
    plain.write_all(b"GET /today HTTP/1.1\r\nHost: tirkeu.test:8443\r\n\r\n").await.unwrap();

    let answer = String::from_utf8(ends(&mut plain).await).unwrap();
    assert!(answer.contains("\r\nLocation: https://tirkeu.test:8443/today\r\n"), "{answer}");
}

#[tokio::test]
async fn a_new_certificate_is_used_from_the_next_connection_on() {
    let running = start(Limits::staff()).await;
    let first = leaf_of(&connect(running.address, b"h2").await);
    let next = leaf();
    let expected = next.chain[0].clone();
    running.certificate.replace(next).unwrap();

    let second = leaf_of(&connect(running.address, b"h2").await);
    assert_ne!(first, second);
    assert_eq!(second, expected);
}

fn leaf_of(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone()
}

#[tokio::test]
async fn stopping_lets_a_request_finish_and_takes_no_more() {
    let running = start(Limits::staff()).await;
    let mut idle = connect(running.address, b"http/1.1").await;
    running.stop.send(true).unwrap();

    ends(&mut idle).await;
    timeout(PATIENCE, running.task).await.expect("the server stops").unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_says_so() {
    let running = start(Limits::staff()).await;
    let error = Server::bind(running.address, leaf(), Limits::staff()).await.unwrap_err();

    assert!(error.to_string().contains("Another program"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_gets_tls_1_2_and_1_3_and_nothing_older() {
    let running = start(Limits::staff()).await;
    let port = running.address.port();
    let shake = async |version: &'static str| {
        tokio::task::spawn_blocking(move || {
            Command::new("openssl")
                .args(["s_client", "-connect", &format!("127.0.0.1:{port}"), version])
                .args(["-cipher", "DEFAULT:@SECLEVEL=0", "-alpn", "h2"])
                .stdin(std::process::Stdio::null())
                .output()
                .expect("openssl is installed by scripts/test")
        })
        .await
        .unwrap()
    };

    for version in ["-tls1_2", "-tls1_3"] {
        let output = shake(version).await;
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("ALPN protocol: h2"),
            "{output:?}"
        );
    }
    for version in ["-tls1", "-tls1_1"] {
        assert!(!shake(version).await.status.success(), "{version} was accepted");
    }
}
