//! `iku healthcheck`: for containers, which have no curl.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Asks `/health/ready` of the service that listens on `address`; the error is a sentence to show.
pub fn ask(address: &str) -> Result<(), String> {
    let line = first_line(address).map_err(|e| format!("No response from {address}: {e}."))?;
    let status = line.split(' ').nth(1).unwrap_or("no status");
    match status {
        "200" => Ok(()),
        _ => Err(format!("{address} is not ready: {status}.")),
    }
}

/// Returns the first line of the response.
fn first_line(address: &str) -> std::io::Result<String> {
    let addresses = address.to_socket_addrs()?;
    let mut last = std::io::Error::other("no such address");
    for address in addresses.map(reachable) {
        match ask_one(address) {
            Ok(line) => return Ok(line),
            Err(e) => last = e,
        }
    }
    Err(last)
}

fn ask_one(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut start = [0; 64];
    let n = stream.read(&mut start)?;
    let text = String::from_utf8_lossy(&start[..n]).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Replaces the unspecified address, which can only be listened on, by the loopback address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
