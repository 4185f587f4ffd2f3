//! Plain HTTP on the HTTPS port: somebody typed the address without `https`.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The first byte of a TLS connection (RFC 8446, 5.1: a handshake record).
const TLS_HANDSHAKE: u8 = 22;

/// Longest head that is read to find out where the person wanted to go.
const HEAD_BYTES: u64 = 4096;

/// Whether a connection begins like TLS. Waits for its first byte.
pub(super) async fn is_tls(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    let read = stream.peek(&mut first).await?;
    Ok(read == 0 || first[0] == TLS_HANDSHAKE)
}

/// Sends the browser to the same address with `https`.
pub(super) async fn redirect(mut stream: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    let (reading, mut writing) = stream.split();
    let mut reading = reading.take(HEAD_BYTES);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if reading.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    let answer = match target(&head) {
        Some(address) => format!(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: {address}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        None => "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 37\r\n\
                 Connection: close\r\n\r\nUse an address that begins https://.\n"
            .to_owned(),
    };
    writing.write_all(answer.as_bytes()).await?;
    writing.shutdown().await
}

/// None for what is not a request of a page, or names no host.
fn target(head: &[u8]) -> Option<String> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let mut request = lines.next()?.split(' ');
    let (method, path) = (request.next()?, request.next()?);
    let host = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    })?;
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let is_path = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
    let is_page = method == "GET" || method == "HEAD";
    (is_page && is_host && is_path).then(|| format!("https://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_sent_to_its_https_address_and_anything_else_nowhere() {
        let get = b"GET /today HTTP/1.1\r\nAccept: */*\r\nhost: clinic.lan:8443\r\n\r\n";
        assert_eq!(target(get).as_deref(), Some("https://clinic.lan:8443/today"));

        for head in [
            &b"POST / HTTP/1.1\r\nHost: clinic.lan\r\n\r\n"[..],
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            b"GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\xff\xfe",
        ] {
            assert_eq!(target(head), None, "{}", String::from_utf8_lossy(head));
        }
    }
}
