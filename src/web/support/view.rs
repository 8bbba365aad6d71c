//! The desk as a page: the queues and the list; the conversation and the customer have files of their own.

use askama::Template;
use time::OffsetDateTime;

use super::{
    asked::{Asked, Part},
    panel::Panel,
    talk::{Shown, Talk},
    words,
};
use crate::{
    domain::{
        accounts::Agent,
        chat::{
            Chat, Sender,
            desk::{Entry, MOST_COUNTED, Queue, QueueCounts},
        },
    },
    infra::clock,
    request::{App, AppError},
    types::Page,
    views::{chat_text::TextPart, filters, layout::Frame},
};

/// What was typed and could not be done: it stays, with the reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub text: String,
    pub problem: String,
}

#[derive(Template)]
#[template(path = "support/show.html", blocks = ["desk", "queue", "talk_head", "customer"])]
pub(super) struct DeskPage {
    frame: Frame,
    is_fragment: bool,
    is_queue: bool,
    me: String,
    is_available: bool,
    asked: Asked,
    tabs: Vec<Tab>,
    entries: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
    talk: Option<Talk>,
    panel: Option<Panel>,
    draft: Draft,
}

/// A queue with its count.
struct Tab {
    id: &'static str,
    label: &'static str,
    count: String,
    url: String,
    is_current: bool,
    has_some: bool,
}

/// A conversation in the list.
pub(super) struct Line {
    pub token: String,
    pub url: String,
    pub name: String,
    pub is_current: bool,
    pub unread: i64,
    pub preview: String,
    pub when: String,
    pub wait: Option<(String, &'static str)>,
    pub status: &'static str,
    pub badge: &'static str,
    pub shows_status: bool,
    pub assignee: String,
    pub labels: Vec<String>,
}

impl DeskPage {
    pub(super) async fn load(
        app: &App,
        agent: &Agent,
        frame: Frame,
        part: Part,
        asked: Asked,
        draft: Draft,
    ) -> Result<Self, AppError> {
        let mut page = Self {
            is_fragment: part != Part::Page,
            is_queue: part == Part::Queue,
            me: agent.customer().user().display_name().to_owned(),
            is_available: true,
            tabs: Vec::new(),
            entries: Vec::new(),
            newer: None,
            older: None,
            talk: None,
            panel: None,
            draft,
            asked,
            frame,
        };
        if matches!(part, Part::Page | Part::Desk | Part::Queue) {
            page.is_available = app.chat.is_available(agent).await?;
            page.load_queue(&app.chat, agent).await?;
        }
        if part != Part::Queue
            && let Some(token) = page.asked.token()
            && let Ok(found) = app.chat.at_desk(agent, &token).await
        {
            let panel = Panel::load(app, agent, &page.frame, &page.asked, &found).await?;
            page.talk = Some(Talk::load(app, agent, &page.frame, &page.asked, &found, &panel.latest_order).await?);
            page.panel = Some(panel);
        }
        Ok(page)
    }

    async fn load_queue(&mut self, chat: &Chat, agent: &Agent) -> Result<(), AppError> {
        let (queue, number, now) = (self.asked.queue(), self.asked.page(), clock::now());
        let search = self.asked.search();
        let found = match &search {
            Some(search) => chat.search(agent, search, number).await?,
            None => chat.queue(agent, queue, number).await?,
        };
        let counts = chat.queue_counts(agent).await?;
        self.tabs = Queue::ALL.map(|one| Tab::new(one, &counts, &self.asked, search.is_none() && one == queue)).into();
        self.entries = found.entries.iter().map(|entry| Line::new(entry, &self.asked, now)).collect();
        let at = |page: u32| Asked { page: page.to_string(), ..self.asked.with_conversation("") }.url();
        self.newer = (number != Page::FIRST).then(|| at(number.get() - 1));
        self.older = found.has_more.then(|| at(number.get() + 1));
        Ok(())
    }

    // Where the list stands, for the forms beside it.
    fn here(&self) -> String {
        self.asked.with_conversation(&self.asked.conversation).to_query()
    }

    fn empty(&self) -> (&'static str, &'static str) {
        match self.asked.search() {
            Some(_) => ("Nothing found", "Try fewer words, or the customer's name or email address."),
            None => words::empty(self.asked.queue()),
        }
    }

    fn announcement(&self) -> String {
        match (&self.talk, self.tabs.first()) {
            (Some(talk), _) => format!("Conversation with {}", talk.name),
            (None, Some(waiting)) => format!("{} waiting", waiting.count),
            (None, None) => String::new(),
        }
    }

    // On phones one column is shown.
    fn shown(&self) -> &'static str {
        match (&self.talk, self.asked.show.as_str()) {
            // What is said about a conversation that is gone.
            (None, _) if !self.asked.conversation.is_empty() => "desk shows-talk",
            (None, _) => "desk shows-queue",
            (Some(_), "customer") => "desk shows-customer",
            (Some(_), _) => "desk shows-talk",
        }
    }
}

impl Tab {
    fn new(queue: Queue, counts: &QueueCounts, asked: &Asked, is_current: bool) -> Self {
        let count = counts.of(queue);
        let url = Asked { queue: queue.id().to_owned(), conversation: asked.conversation.clone(), ..Asked::default() };
        Self {
            id: queue.id(),
            label: words::queue(queue),
            count: if count >= MOST_COUNTED { format!("{}+", MOST_COUNTED - 1) } else { count.to_string() },
            url: url.url(),
            is_current,
            has_some: count > 0,
        }
    }
}

impl Line {
    pub(super) fn new(entry: &Entry, asked: &Asked, now: OffsetDateTime) -> Self {
        let (status, badge) = words::status(entry.status, entry.is_ended);
        let preview = entry.last.as_ref().map_or(String::new(), |last| match last.sender {
            Sender::Customer | Sender::System => last.text.clone(),
            Sender::Agent => format!("Answer: {}", last.text),
            Sender::Automatic => format!("Automatic: {}", last.text),
        });
        Self {
            url: asked.with_conversation(entry.token.as_str()).url(),
            is_current: asked.conversation == entry.token.as_str(),
            token: entry.token.to_string(),
            name: entry.name.clone(),
            unread: entry.unread,
            preview: if preview.is_empty() { "A file".to_owned() } else { preview },
            when: words::ago(entry.last_message_at, now),
            wait: entry.waiting_since.map(|since| words::waiting(since, now)),
            shows_status: entry.waiting_since.is_none(),
            status,
            badge,
            assignee: entry.assignee.as_ref().map_or(String::new(), |assignee| assignee.name.clone()),
            labels: entry.labels.clone(),
        }
    }
}
