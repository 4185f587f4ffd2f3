//! Whole pages over HTTPS, as a browser asks for them, beside the probe's page
//! of the same day, beside a page of the same size that is just sent, and
//! beside the same page without TLS: same machine, same client.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use axum::serve::ListenerExt;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tirkeu::clock::Clock;
use tirkeu::crypto::{LocalCa, Random};
use tirkeu::vault::permission::Role;
use tirkeu::web::SESSION_COOKIE;
use tirkeu::web::server::{Limits, Server};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio_rustls::TlsConnector;

use crate::booking::BusyClinic;
use crate::measure::{CLIENTS, Speed, TRIES, line, load};

const REQUESTS: usize = 600;
/// Appointments on the day that is looked at.
const BOOKED: usize = 60;
pub const DAY_PAGE: &str = "/schedule?day=2026-12-01";
const HOST: &str = "desk.example";

pub async fn all() {
    let busy = BusyClinic::open().await;
    for _ in 0..BOOKED {
        busy.book_next().await;
    }
    let desk = busy.clinic.sign_in(Role::Reception).await;
    let cookie = format!("{SESSION_COOKIE}={}", desk.session.cookie_value());
    let (ours, stop) = serve(busy.clinic.staff.clone()).await;
    let (status, size) = ours.connect().await.ask(DAY_PAGE, &cookie).await;
    assert_eq!(status, 200, "{DAY_PAGE}");
    let body = "x".repeat(size);
    let page = get(move || std::future::ready(Html(body.clone())));
    let (theirs, other_stop) = serve(Router::new().route("/", page)).await;

    let (probe, probe_stop) = serve(crate::probe::router(&busy.clinic).await).await;
    let (status, probed) = probe.connect().await.ask("/day", &cookie).await;
    assert_eq!(status, 200, "the probe's day");
    let plain = serve_plainly(busy.clinic.staff.clone()).await;

    let whole = format!("day page, {BOOKED} appointments, {} kB", size / 1000);
    println!("{whole}; the probe's {} kB", probed / 1000);
    let others = [
        ("day page (bare: the probe's)", &probe, "/day", "ratio >= 0.6"),
        ("day page (bare: the same bytes, sent)", &theirs, "/", "-"),
        ("day page (bare: without TLS)", &plain, DAY_PAGE, "ratio >= 0.9"),
    ];
    for (what, other, path, to_reach) in others {
        for clients in CLIENTS {
            let (mut our, mut their): (Vec<Speed>, Vec<Speed>) = Default::default();
            for round in 0..=TRIES {
                let one = ask_often(&ours, clients, DAY_PAGE, &cookie).await;
                let two = ask_often(other, clients, path, &cookie).await;
                if round > 0 {
                    our.push(one);
                    their.push(two);
                }
            }
            line(what, clients, our, &their, to_reach);
        }
    }
    println!("memory after all that, bench and clients included: {} MB", resident_megabytes());
    drop((stop, other_stop, probe_stop));
}

/// What this process holds of the machine's memory.
pub fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1000
}

pub async fn ask_often(to: &Address, clients: usize, path: &str, cookie: &str) -> Speed {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(Mutex::new(to.connect().await));
    }
    let connections = Arc::new(connections);
    let (path, cookie): (Arc<str>, Arc<str>) = (path.into(), cookie.into());
    let asking = load(clients, REQUESTS, move |client, _| {
        let (connections, path, cookie) = (connections.clone(), path.clone(), cookie.clone());
        async move {
            let (status, _) = connections[client].lock().await.ask(&path, &cookie).await;
            assert_eq!(status, 200);
        }
    });
    asking.await
}

/// Where a server of ours listens, and whom it is trusted by.
pub struct Address {
    address: SocketAddr,
    /// None: without TLS.
    connector: Option<TlsConnector>,
}

struct Connection(Box<dyn Wire>, Vec<u8>);

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

async fn serve_plainly(router: Router) -> Address {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|tcp| tcp.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Address { address, connector: None }
}

pub async fn serve(router: Router) -> (Address, watch::Sender<bool>) {
    let (random, now) = (Random::system(), Clock::machine().now().unix_seconds());
    let entry = LocalCa::generate("Bench", HOST, &random, now).unwrap();
    let authority = LocalCa::open(&entry).unwrap();
    let leaf = authority.issue(&[HOST], &random, now).unwrap();
    let limits = Limits::staff();
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), leaf, limits).await.unwrap();
    let address = server.address();
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(server.run(router, stopping));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Address { address, connector: Some(TlsConnector::from(Arc::new(config))) }, stop)
}

impl Address {
    async fn connect(&self) -> Connection {
        let tcp = TcpStream::connect(self.address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let Some(tls) = &self.connector else {
            return Connection(Box::new(tcp), vec![0; 1 << 20]);
        };
        let name = ServerName::try_from(HOST).unwrap();
        Connection(Box::new(tls.connect(name, tcp).await.unwrap()), vec![0; 1 << 20])
    }
}

impl Connection {
    /// Status and size of the answer's body.
    async fn ask(&mut self, path: &str, cookie: &str) -> (u16, usize) {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n");
        self.0.write_all(head.as_bytes()).await.unwrap();
        let (mut read, mut whole) = (0, usize::MAX);
        let mut answer = (0, 0);
        while read < whole {
            let more = self.0.read(&mut self.1[read..]).await.unwrap();
            assert!(more > 0, "the server closed the connection");
            read += more;
            if whole == usize::MAX
                && let Some(end) = self.1[..read].windows(4).position(|four| four == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&self.1[..end]).to_ascii_lowercase();
                let size = head.split("content-length: ").nth(1).expect("a known length");
                let size: usize = size.lines().next().unwrap().parse().unwrap();
                whole = end + 4 + size;
                answer = (head[9..12].parse().unwrap(), size);
            }
        }
        answer
    }
}
