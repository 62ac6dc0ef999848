//! The server under load: this program in a second process, so that the driver can read its cost from `/proc`. It is the
//! service with the operations of [`super::baselines`].

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use iku::config::{Secrets, Settings, names};
use iku::platform::telemetry;

use super::baselines;
use super::http::{Request, Response, send};

/// Returns settings for rate limits and quotas that the service counts as usual and that no load reaches.
fn generous_limits() -> impl Iterator<Item = (String, &'static str)> {
    names().into_iter().filter_map(|name| match &name {
        limit if limit.starts_with("IKU_LIMIT_") && limit != "IKU_LIMIT_AT_WORK" => Some((name, "1000000/1")),
        quota if quota.starts_with("IKU_DEVICE_") => Some((name, "1000000000")),
        _ => None,
    })
}

/// The unit of CPU time in `/proc`; it does not depend on the kernel's timer.
const TICKS_A_SECOND: f64 = 100.0;

/// Runs the server.
pub fn serve() -> Result<(), String> {
    let (settings, secrets) = (Settings::from_env()?, Secrets::from_env()?);
    telemetry::start(&settings.log, true, settings.access_log);
    actix_web::rt::System::new().block_on(iku::server::serve_with(settings, secrets, baselines::configure))
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// The memory of a process, in MiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    pub now: f64,
    pub peak: f64,
}

impl Server {
    /// Starts on a free port. The log goes to a file in `folder`, on a disk as in real operation.
    pub fn start(folder: &Path, database_url: &str, settings: &[(&str, &str)]) -> Result<Self, String> {
        let this = std::env::current_exe().map_err(|e| format!("this program: {e}"))?;
        let log = File::create(folder.join("log")).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut command = Command::new(this);
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("IKU_")) {
            command.env_remove(name);
        }
        let mut child = command
            .arg("serve")
            .env("IKU_HTTP_ADDR", "127.0.0.1:0")
            .env("IKU_DATABASE_URL", database_url)
            .envs(generous_limits())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("the server: {e}"))?;
        let stdout = child.stdout.take().ok_or("the server has no standard output")?;
        let welcome = BufReader::new(stdout).lines().map_while(Result::ok);
        let address = welcome
            .filter(|line| line.contains("listening on"))
            .find_map(|line| line.rsplit("http://").next().and_then(|a| a.trim().parse().ok()));
        match address {
            Some(address) => Ok(Self { child, address }),
            None => {
                child.kill().ok();
                child.wait().ok();
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                Err(format!("the server did not start: {log}"))
            }
        }
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the CPU seconds of all threads so far, user and system.
    pub fn cpu_seconds(&self) -> Result<f64, String> {
        cpu_seconds(&self.id().to_string())
    }

    pub fn memory(&self) -> Result<Memory, String> {
        let status = proc(&self.id().to_string(), "status")?;
        let mib = |name: &str| {
            let line = status.lines().find(|l| l.starts_with(name))?;
            line.split_whitespace()
                .nth(1)?
                .parse::<f64>()
                .ok()
                .map(|kib| kib / 1024.0)
        };
        match (mib("VmRSS:"), mib("VmHWM:")) {
            (Some(now), Some(peak)) => Ok(Memory { now, peak }),
            _ => Err("no memory in /proc/<pid>/status".to_owned()),
        }
    }

    /// Sends a request once. Another status is an error.
    pub fn expect(&self, status: u16, request: Request) -> Result<Response, String> {
        let response = send(self.address, request)?;
        if response.status == status {
            return Ok(response);
        }
        Err(format!("{} instead of {status}: {}", response.status, response.body))
    }

    /// Signs in as a user of the demonstration. Returns the value of `Authorization`.
    pub fn sign_in(&self, username: &str) -> Result<String, String> {
        let form = format!(
            "grant_type=password&username={username}&password={}",
            iku::demo::PASSWORD
        );
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let response = self.expect(200, Request::new("POST", "/v1/auth/token", &headers, &form))?;
        let token = response.json()?["access_token"].as_str().map(str::to_owned);
        Ok(format!("Bearer {}", token.ok_or("no access_token")?))
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(mut self) -> Result<(), String> {
        let signalled = Command::new("kill").arg(self.id().to_string()).status();
        signalled.map_err(|e| format!("kill: {e}"))?;
        self.child.wait().map_err(|e| format!("the server: {e}"))?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Returns the CPU seconds of a process (`self`: this process) or of the calling thread (`thread-self`).
pub fn cpu_seconds(pid: &str) -> Result<f64, String> {
    let stat = proc(pid, "stat")?;
    // The name of the program stands in brackets and may contain any character, so read from the last bracket on.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS_A_SECOND),
        _ => Err("no CPU time in /proc/<pid>/stat".to_owned()),
    }
}

fn proc(pid: &str, file: &str) -> Result<String, String> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))
}
