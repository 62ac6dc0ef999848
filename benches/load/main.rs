//! The load driver: starts the service in its own process, sends requests, and reports the cost of a request.
//! `scripts/bench` runs it; docs/PERFORMANCE.md explains the figures.

mod answers;
mod baselines;
mod comparison;
mod database;
mod http;
mod national;
mod postgres;
mod raw;
mod report;
mod rows;
mod server;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use comparison::Pace;
use rows::{Bench, Plan};

/// Measures the service.
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Measure with a tenth of the answers and in short rounds
    #[arg(long)]
    quick: bool,
    /// Measure one row: small-get, village, report, indicator, list, list-afresh, compressed, fairness, not-modified, again, fresh, million, all, records, locking, post, grouped, batch, closing, exchange, pull, national, memory
    #[arg(long, value_name = "ROW")]
    only: Option<String>,
    /// With `--only`: run the row without its baseline for 20 s, and print the process id for a profiler
    #[arg(long, requires = "only")]
    alone: bool,
    /// Leave out PostgreSQL, which has no required figures
    #[arg(long)]
    sqlite: bool,
    /// The districts of the row national
    #[arg(long, default_value_t = national::DISTRICTS)]
    districts: usize,
    /// Write the tables into this file instead of printing them
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server that receives the load; it takes the settings of `iku serve`
    Serve,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Serve) => server::serve(),
        None => measure(cli),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            writeln!(std::io::stderr(), "load: {message}").ok();
            ExitCode::FAILURE
        }
    }
}

fn measure(cli: Cli) -> Result<(), String> {
    let plan = Plan {
        only: cli.only,
        pace: Pace {
            rounds: if cli.quick { 1 } else { 5 },
            time: Duration::from_millis(match (cli.alone, cli.quick) {
                (true, _) => 20_000,
                (false, true) => 1000,
                (false, false) => 2000,
            }),
            alone: cli.alone,
        },
        answers: if cli.quick { 1_000_000 } else { 10_000_000 },
        locking: Duration::from_secs(if cli.quick { 3 } else { 60 }),
    };
    let few = plan.answers / 10;
    let mut bench = Bench::new(plan.clone());
    if bench.plan.only.as_deref() != Some("national") {
        bench.sqlite()?;
    }
    let mut other = Bench::new(plan);
    if !cli.sqlite && !cli.alone {
        println!("PostgreSQL, with {} answers", rows::thousands(few));
        if bench.plan.only.as_deref() != Some("national") {
            postgres::measure(&mut other, few)?;
        }
        national::measure(&mut bench, cli.districts)?;
    }
    let target = std::env::current_exe().ok();
    let target = target.as_deref().and_then(|exe| exe.parent()?.parent());
    let core = target.map(report::core).unwrap_or_default();
    let measured = report::measured(&bench.rows, &other.rows, &core);
    match cli.write {
        Some(file) => report::write(&file, &measured),
        None => {
            println!("\n{measured}");
            Ok(())
        }
    }
}
