//! Fault points for the failure drills: a process ends itself at a named step. They exist in debug builds with the feature
//! `drill` alone; otherwise [`point`] is nothing.

/// Ends the process here, as a kill would, if `DRILL_KILL_AT` names this point.
#[cfg(feature = "drill")]
pub fn point(name: &str) {
    if std::env::var("DRILL_KILL_AT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

/// Nothing: this build has no fault points.
#[cfg(not(feature = "drill"))]
pub const fn point(_name: &str) {}
