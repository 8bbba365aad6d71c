//! What was committed, here or elsewhere, on its way to the sockets of this server; and the look into the database for what did not
//! come that way.

use std::time::Duration;

use serde_json::json;
use tokio::{
    sync::mpsc::Receiver,
    time::{MissedTickBehavior, interval},
};

use super::Realtime;
use crate::{
    domain::chat::ChatEvent,
    infra::{broadcast::Heard, metrics::METRICS, notices::Notice},
};

const TICK: Duration = Duration::from_secs(1);
// In ticks: how often the database is asked for what was missed while nothing seems to be missing, who is there is noted, and sign-ins
// are looked at again.
const LOOK_UP: u64 = 5;
const PRESENCE: u64 = 15;
const SIGN_INS: u64 = 60;
// So many conversations are asked for in one statement.
const ROOMS_AT_ONCE: usize = 1_000;

impl Realtime {
    pub(super) fn start(
        &self,
        told: Receiver<ChatEvent>,
        heard: Receiver<Heard<ChatEvent>>,
        notices: Receiver<Notice>,
    ) {
        let until_closed = |task: futures_util::future::BoxFuture<'static, ()>| {
            let closing = self.0.closing.clone();
            tokio::spawn(async move { closing.run_until_cancelled(task).await });
        };
        until_closed(Box::pin(self.clone().pass_on_told(told)));
        until_closed(Box::pin(self.clone().pass_on_heard(heard)));
        until_closed(Box::pin(self.clone().follow_rights(notices)));
        until_closed(Box::pin(self.clone().tick()));
    }

    // What this process itself has committed: to its own sockets and to the other servers.
    async fn pass_on_told(self, mut told: Receiver<ChatEvent>) {
        while let Some(event) = told.recv().await {
            self.deliver(&event).await;
            self.0.broadcast.tell(event);
        }
    }

    async fn pass_on_heard(self, mut heard: Receiver<Heard<ChatEvent>>) {
        while let Some(heard) = heard.recv().await {
            match heard {
                Heard::Event(event) => self.deliver(&event).await,
                Heard::Regained => {
                    METRICS.count_chat("regained", "broadcast");
                    self.look_up(true).await;
                    self.deliver(&ChatEvent::Queues).await;
                }
            }
        }
    }

    async fn deliver(&self, event: &ChatEvent) {
        let desks = || self.0.io.to("agents").local();
        match event {
            ChatEvent::Said { conversation, message } => self.said(*conversation, message),
            ChatEvent::State { conversation, state } => self.send_state(*conversation, state).await,
            ChatEvent::Changed { conversation, change, .. } => self.changed(*conversation, change),
            ChatEvent::Alert { token, username, message } => {
                let payload = json!({ "session_id": token, "username": username, "message": message });
                let _ = desks().emit("support_alert", &payload).await;
            }
            ChatEvent::Queues => {
                let _ = desks().emit("queues_changed", &json!({})).await;
            }
        }
    }

    async fn tick(self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for n in 1_u64.. {
            ticks.tick().await;
            // While the other servers are not heard, the database is asked instead, as often as makes no burden.
            if !self.0.broadcast.is_hearing() || n % LOOK_UP == 0 {
                self.look_up(false).await;
            }
            self.serve_all_late().await;
            if n % LOOK_UP == 0 {
                if let Err(error) = self.0.app.chat.tick().await {
                    tracing::warn!(%error, "waiting customers could not be given to agents; trying again");
                }
                self.tell_availability().await;
            }
            if n % PRESENCE == 0 {
                self.note_presence().await;
            }
            if n % SIGN_INS == 0 {
                tokio::spawn(self.clone().check_all(self.0.people.all()));
            }
        }
    }

    // What the sockets of this server were not sent. `all`: also how each conversation stands, since a mark that moved leaves no number.
    async fn look_up(&self, all: bool) {
        let rooms = self.0.rooms.all();
        for rooms in rooms.chunks(ROOMS_AT_ONCE) {
            let seen = |room: &std::sync::Arc<super::rooms::Room>| match all {
                true => (room.id, -1, -1),
                false => (room.id, room.messages.last(), room.changes.last()),
            };
            let seen: Vec<_> = rooms.iter().map(seen).collect();
            let beyond = match self.0.app.chat.beyond(&seen).await {
                Ok(beyond) => beyond,
                Err(error) => {
                    tracing::warn!(%error, "what was missed cannot be looked up; trying again");
                    return;
                }
            };
            for conversation in beyond {
                let Some(room) = self.0.rooms.get(conversation.id) else { continue };
                let lacks =
                    conversation.last_seq > room.messages.last() || conversation.last_change > room.changes.last();
                if lacks {
                    self.catch_up_soon(&room, "look_up");
                }
                if lacks || all {
                    self.send_state(conversation.id, &conversation.state()).await;
                }
            }
        }
    }

    async fn serve_all_late(&self) {
        for room in self.0.rooms.all() {
            if !room.has_late.load(std::sync::atomic::Ordering::Acquire) {
                continue;
            }
            if let Err(error) = self.serve_late(&room).await {
                room.has_late.store(true, std::sync::atomic::Ordering::Release);
                tracing::warn!(%error, "those who are late cannot be served; trying again");
            }
        }
    }
}
