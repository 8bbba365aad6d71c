//! What systemd is told, where it listens (`NOTIFY_SOCKET`); elsewhere nothing happens.

use sd_notify::NotifyState;

/// The process serves; `status` is shown by `systemctl status`. From now on the watchdog is fed, if there is one.
pub fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
    if let Some(limit) = sd_notify::watchdog_enabled() {
        tokio::spawn(async move {
            // A runtime whose threads are all stuck does not get here, and systemd starts the process anew.
            let mut every = tokio::time::interval(limit / 2);
            loop {
                every.tick().await;
                notify(&[NotifyState::Watchdog]);
            }
        });
    }
}

/// What the process is doing.
pub fn status(status: &str) {
    notify(&[NotifyState::Status(status)]);
}

/// The process finishes what runs and ends.
pub fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("finishing what runs")]);
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
