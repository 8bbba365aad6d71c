//! How far a long command is: a bar for a person at a terminal, a line now and then for a log.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// Counts up to a total, and shows it on the standard error. Nothing is shown where there is nothing to do.
pub struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `what`: "pictures drawn".
    #[must_use]
    pub fn new(what: &'static str, total: usize) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let bar = (io::stderr().is_terminal() && total > 0).then(|| bar(what, total));
        Self { what, total, done: 0, bar }
    }

    /// So many more are done. A log gets a line a tenth.
    pub fn advance(&mut self, by: usize) {
        let before = self.tenth();
        self.done += u64::try_from(by).unwrap_or_default();
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None if self.tenth() > before => {
                output::complain(format!("{} of {} {}", self.done, self.total, self.what));
            }
            None => {}
        }
    }

    fn tenth(&self) -> u64 {
        (self.done * 10).checked_div(self.total).unwrap_or_default()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, total: u64) -> ProgressBar {
    let template = "{bar:30} {human_pos} of {human_len} {msg}, {per_sec}, {eta} to go";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(what)
}
