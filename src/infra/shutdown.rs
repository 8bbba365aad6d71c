//! Starting and stopping without a failed request (ROLLOUT.md: close the listener first, then drain).

/// Where a process stands: starting, ready, draining.
#[derive(Clone, Debug, Default)]
pub struct Phase {}
