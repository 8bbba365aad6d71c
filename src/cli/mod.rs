//! The commands: the only places that wire configuration, stores and layers together.

mod admin;
mod doctor;
pub mod measure;
mod migrate;
mod output;
pub mod probes;
mod progress;
pub mod router;
pub mod seed;
mod serve;
pub mod start;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{config::Config, infra::telemetry};

/// A self-hosted shop. Configuration is environment variables alone: see .env.example.
#[derive(Parser)]
#[command(name = "ecommerce", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves pages and JSON on 127.0.0.1:PORT until SIGTERM.
    Serve,
    /// Runs background jobs, mails among them, until SIGTERM.
    Worker,
    /// Brings the database to the newest schema, as DATABASE_OWNER_URL.
    Migrate(migrate::Options),
    /// Fills the shop with the demo catalogue and accounts. Not in production.
    Seed(seed::Options),
    /// Looks at configuration, stores, folders and stock, and says what to do about each fault.
    Doctor,
    /// Measures what the shop claims: fails when it is not so.
    #[command(subcommand)]
    Measure(measure::Command),
    /// Accounts of the staff.
    #[command(subcommand)]
    Admin(admin::Command),
}

/// Runs the command of this process's arguments. 0 is done, 1 is an error said in one line, 2 is a wrong argument.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(dispatch(command));
    // A hash or a name look-up that still runs has nobody to tell.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|error| failed(&error))
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    // Processes that stay write JSON lines; commands that a person runs write words.
    if !matches!(command, Command::Serve | Command::Worker) {
        telemetry::start_plain();
    }
    match command {
        Command::Serve => serve::run(Config::from_env()?).await?,
        Command::Worker => worker::run(worker::config()?).await?,
        Command::Migrate(options) => migrate::run(&Config::from_env()?, options).await?,
        Command::Seed(options) => seed::run(&Config::from_env()?, options).await?,
        Command::Doctor => return Ok(doctor::run(Config::from_env()).await),
        Command::Measure(command) => return measure::run(&Config::from_env()?, command).await,
        Command::Admin(command) => admin::run(&Config::from_env()?, command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    output::complain(format!("ecommerce: {}", output::one_line(error)));
    ExitCode::FAILURE
}
