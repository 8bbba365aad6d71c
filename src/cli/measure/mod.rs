//! `ecommerce measure`: what the shop claims about itself, in figures of this database.

mod errors;
pub mod search;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Config;

/// What can be measured.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Searches with one typing error: how many find what was meant among the first three, and how long they take.
    ///
    /// Takes words of random products' names and mistypes one letter of one of them. A search has found what was meant if one of the
    /// first three products has all the right words in its name. Changes nothing.
    Search(search::Options),
}

/// Measures, and says whether it is as good as was asked for.
pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Search(options) => search::run(config, options).await,
    }
}
