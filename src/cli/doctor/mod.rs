//! `ecommerce doctor`: looks at everything a shop stands on, and says what to do about each fault.

mod checks;
mod machine;
mod outside;

use std::process::ExitCode;

use super::output;
use crate::config::{Config, ConfigError};

/// What a look found.
#[derive(Debug)]
pub enum Finding {
    /// As it should be.
    Good(String),
    /// Not so, and what to do.
    Bad {
        /// What is wrong.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
}

impl Finding {
    fn good(text: impl Into<String>) -> Self {
        Self::Good(text.into())
    }

    fn bad(problem: impl ToString, advice: &'static str) -> Self {
        Self::Bad { problem: problem.to_string(), advice }
    }
}

/// Looks, and prints a line a finding. 0 if all is well, otherwise 1.
pub async fn run(config: Result<Config, ConfigError>) -> ExitCode {
    let findings = match config {
        Ok(config) => checks::all(&config).await,
        Err(error) => vec![("Configuration", Finding::bad(error, "see .env.example for every variable"))],
    };
    let mut faults = 0;
    for (what, finding) in findings {
        match finding {
            Finding::Good(text) => output::line(format!("✓ {what}: {text}")),
            Finding::Bad { problem, advice } => {
                faults += 1;
                output::line(format!("✗ {what}: {problem} → {advice}"));
            }
        }
    }
    output::line(match faults {
        0 => "All is well.".to_owned(),
        1 => "One thing needs a hand.".to_owned(),
        count => format!("{count} things need a hand."),
    });
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
