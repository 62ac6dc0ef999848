//! A proxy between a phone and the service that breaks the connection at a given byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Request,
    Reply,
}

pub struct Proxy {
    pub address: String,
    line: Arc<Mutex<Line>>,
}

#[derive(Default)]
struct Line {
    /// The number of bytes after which the connection breaks, once.
    cut: Option<(Way, usize)>,
    /// The bytes of requests and of replies since the last call of `arm`.
    passed: [usize; 2],
}

impl Proxy {
    /// Sends every new connection to the next instance, so one instance stores and another gets the next request.
    pub fn new(targets: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let line = Arc::<Mutex<Line>>::default();
        let shared = Arc::clone(&line);
        std::thread::spawn(move || {
            for (phone, target) in listener.incoming().zip(targets.iter().cycle()) {
                let (Ok(phone), Ok(service)) = (phone, TcpStream::connect(target)) else {
                    continue;
                };
                let (other_phone, other_service) = (phone.try_clone().unwrap(), service.try_clone().unwrap());
                let (one, other) = (Arc::clone(&shared), Arc::clone(&shared));
                std::thread::spawn(move || carry(phone, service, Way::Request, &one));
                std::thread::spawn(move || carry(other_service, other_phone, Way::Reply, &other));
            }
        });
        Self { address, line }
    }

    /// Counts bytes from now on, and breaks the connection after the given number.
    pub fn arm(&self, cut: Option<(Way, usize)>) {
        *self.line.lock().unwrap() = Line { cut, passed: [0, 0] };
    }

    /// Returns whether the connection will still break.
    pub fn is_armed(&self) -> bool {
        self.line.lock().unwrap().cut.is_some()
    }

    /// Returns the bytes of requests and of replies since the last call of `arm`.
    pub fn passed(&self) -> [usize; 2] {
        self.line.lock().unwrap().passed
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, way: Way, line: &Mutex<Line>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        let (pass, is_cut) = {
            let mut line = line.lock().unwrap();
            let passed = line.passed[way as usize];
            let (pass, is_cut) = match line.cut {
                Some((this, after)) if this == way && passed + n >= after => (after - passed, true),
                _ => (n, false),
            };
            line.passed[way as usize] += pass;
            if is_cut {
                line.cut = None;
            }
            (pass, is_cut)
        };
        if to.write_all(&buffer[..pass]).is_err() || is_cut {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
