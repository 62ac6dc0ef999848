//! The program as a process in a folder of its own.

// Two test binaries share this file, and neither uses all of it.
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use ureq::Agent;

pub const PASSWORD: &str = "rahasia-sekali";

pub fn folder() -> TempDir {
    tempfile::Builder::new().prefix("iku-live-").tempdir().unwrap()
}

/// A limit that no test reaches.
const GENEROUS: &str = "1000000/1";

/// Returns the command of the program in a folder, with generous limits and the given settings only.
pub fn iku(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iku"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IKU_")) {
        command.env_remove(name);
    }
    let limits = iku::config::names().into_iter();
    command
        .current_dir(folder)
        .args(arguments)
        .envs(limits.filter_map(|name| match &name {
            limit if limit.starts_with("IKU_LIMIT_") && limit != "IKU_LIMIT_AT_WORK" => Some((name, GENEROUS)),
            quota if quota.starts_with("IKU_DEVICE_") => Some((name, "1000000000")),
            _ => None,
        }))
        .envs(settings.iter().copied());
    command
}

pub fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    iku(folder, settings, arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running `iku serve`, which is killed when this value is dropped.
pub struct Running {
    pub child: Child,
    pub address: String,
    pub welcome: String,
    pub agent: Agent,
}

impl Running {
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::launch(iku(folder, settings, &[]), folder)
    }

    /// Runs a command that becomes `iku serve`, and waits until it listens.
    pub fn launch(mut command: Command, folder: &Path) -> Self {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .unwrap();
        let mut child = command
            .env("IKU_HTTP_ADDR", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut welcome = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !welcome.contains("Ctrl-C") {
            let read = lines.read_line(&mut welcome).unwrap();
            assert!(
                read > 0,
                "{welcome}\n{}",
                fs::read_to_string(folder.join("log")).unwrap()
            );
        }
        let listens = welcome.lines().find(|l| l.contains("listening on")).unwrap();
        let address = listens.rsplit("http://").next().unwrap().to_owned();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        Self {
            child,
            address,
            welcome,
            agent,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        let mut reply = self.agent.get(self.url(path)).call().unwrap();
        (reply.status().as_u16(), reply.body_mut().read_to_string().unwrap())
    }

    pub fn sign_in(&self, password: &str) -> (u16, Value) {
        let form = format!("grant_type=password&username=admin&password={password}");
        let request = self.agent.post(self.url("/v1/auth/token"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let mut reply = request.send(form).unwrap();
        let body = reply.body_mut().read_to_string().unwrap();
        (reply.status().as_u16(), serde_json::from_str(&body).unwrap())
    }

    pub fn token(&self) -> String {
        let (status, answer) = self.sign_in(PASSWORD);
        assert_eq!(status, 200, "{answer:#}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// Sends bytes as they are and reads to the end of the connection.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // A server that refuses malformed bytes may reset the connection.
        stream.read_to_end(&mut answer).ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// Sends SIGKILL, so the process cannot finish anything.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and checks that the process exits with 0.
    pub fn stop(mut self) {
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
