-- Live support. The counter on the conversation's row numbers its messages inside the message's own transaction: the number is the
-- order, and a jump in it is a gap that a client asks for.

CREATE TABLE conversations (
    id                   bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT conversations_pkey PRIMARY KEY,
    -- The contract's session_id: 256 random bits, so that no number of guesses finds one.
    token                text NOT NULL CONSTRAINT conversations_token_key UNIQUE,
    -- One of the two; a visitor's conversation follows at sign-in.
    user_id              bigint CONSTRAINT conversations_user_fkey REFERENCES users (id),
    visitor_id           bigint CONSTRAINT conversations_visitor_fkey REFERENCES visitors (id),
    -- What a visitor wants to be called; for an account its name as it was.
    display_name         text NOT NULL CONSTRAINT conversations_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 60),
    -- Where an answer goes when nobody looks any more.
    email                citext CONSTRAINT conversations_email_length CHECK (char_length(email) <= 254),
    status               text NOT NULL DEFAULT 'open'
                         CONSTRAINT conversations_status_check CHECK (status IN ('open', 'pending', 'snoozed', 'resolved')),
    -- Ended by the customer or a job: nothing can be said any more, and the next word opens a new one.
    ended_at             timestamptz,
    assignee_id          bigint CONSTRAINT conversations_assignee_fkey REFERENCES users (id),
    assigned_at          timestamptz,
    last_seq             bigint NOT NULL DEFAULT 0,
    -- Notes, status and assignment are numbered apart: what a customer may not see is no gap.
    last_change          bigint NOT NULL DEFAULT 0,
    customer_delivered   bigint NOT NULL DEFAULT 0,
    customer_read        bigint NOT NULL DEFAULT 0,
    support_delivered    bigint NOT NULL DEFAULT 0,
    support_read         bigint NOT NULL DEFAULT 0,
    -- Since when the customer waits for an answer; nobody waits where it is null.
    waiting_since        timestamptz,
    first_asked_at       timestamptz,
    first_answered_at    timestamptz,
    resolved_at          timestamptz,
    snoozed_until        timestamptz,
    rating               smallint CONSTRAINT conversations_rating_check CHECK (rating BETWEEN 1 AND 5),
    rating_comment       text NOT NULL DEFAULT '' CONSTRAINT conversations_rating_comment_length CHECK (char_length(rating_comment) <= 1000),
    rated_at             timestamptz,
    -- Up to which message mails have gone out to a customer who was away.
    mailed_seq           bigint NOT NULL DEFAULT 0,
    customer_seen_at     timestamptz,
    page_path            text NOT NULL DEFAULT '' CONSTRAINT conversations_page_path_length CHECK (char_length(page_path) <= 500),
    page_title           text NOT NULL DEFAULT '' CONSTRAINT conversations_page_title_length CHECK (char_length(page_title) <= 200),
    created_at           timestamptz NOT NULL DEFAULT now(),
    last_message_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT conversations_owner_check CHECK (num_nonnulls(user_id, visitor_id) = 1)
) WITH (fillfactor = 70);
CREATE INDEX conversations_user_idx ON conversations (user_id, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX conversations_visitor_idx ON conversations (visitor_id, id DESC) WHERE visitor_id IS NOT NULL;
-- One open conversation a person: two tabs that open one at the same moment share it.
CREATE UNIQUE INDEX conversations_one_open_user_key ON conversations (user_id) WHERE ended_at IS NULL AND user_id IS NOT NULL;
CREATE UNIQUE INDEX conversations_one_open_visitor_key ON conversations (visitor_id) WHERE ended_at IS NULL AND visitor_id IS NOT NULL;
CREATE INDEX conversations_waiting_idx ON conversations (waiting_since, id) WHERE waiting_since IS NOT NULL AND ended_at IS NULL;
CREATE INDEX conversations_assignee_idx ON conversations (assignee_id, last_message_at DESC) WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_status_idx ON conversations (status, last_message_at DESC, id DESC);
CREATE INDEX conversations_last_message_idx ON conversations (last_message_at DESC, id DESC);
CREATE INDEX conversations_snoozed_idx ON conversations (snoozed_until) WHERE status = 'snoozed';

-- Files of a conversation: private, served through the application alone.
CREATE TABLE chat_attachments (
    id               bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT chat_attachments_pkey PRIMARY KEY,
    token            text NOT NULL CONSTRAINT chat_attachments_token_key UNIQUE,
    conversation_id  bigint NOT NULL CONSTRAINT chat_attachments_conversation_fkey REFERENCES conversations (id) ON DELETE CASCADE,
    kind             text NOT NULL CONSTRAINT chat_attachments_kind_check CHECK (kind IN ('picture', 'pdf')),
    file_name        text NOT NULL CONSTRAINT chat_attachments_file_name_length CHECK (char_length(file_name) BETWEEN 1 AND 120),
    media_key        text NOT NULL,
    bytes            bigint NOT NULL CONSTRAINT chat_attachments_bytes_check CHECK (bytes > 0),
    width            integer,
    height           integer,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chat_attachments_conversation_idx ON chat_attachments (conversation_id);

CREATE TABLE chat_messages (
    conversation_id  bigint NOT NULL CONSTRAINT chat_messages_conversation_fkey REFERENCES conversations (id) ON DELETE CASCADE,
    seq              bigint NOT NULL CONSTRAINT chat_messages_seq_check CHECK (seq > 0),
    sender           text NOT NULL CONSTRAINT chat_messages_sender_check CHECK (sender IN ('customer', 'agent', 'automatic', 'system')),
    user_id          bigint CONSTRAINT chat_messages_user_fkey REFERENCES users (id),
    -- The name as it was when it was said.
    username         text NOT NULL,
    body             text NOT NULL CONSTRAINT chat_messages_body_length CHECK (octet_length(body) <= 8192),
    attachment_id    bigint CONSTRAINT chat_messages_attachment_fkey REFERENCES chat_attachments (id),
    -- An order or a product shown as a card: {"kind": "order"|"product", ...}, resolved when it was sent.
    card             jsonb,
    -- What the sender calls this message, so that sending it again is no second one. An agent's is another than a colleague's; a
    -- customer's stays one when they sign in between the two.
    client_id        text CONSTRAINT chat_messages_client_id_length CHECK (char_length(client_id) BETWEEN 1 AND 64),
    created_at       timestamptz NOT NULL DEFAULT now(),
    search           tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, body)) STORED,
    CONSTRAINT chat_messages_pkey PRIMARY KEY (conversation_id, seq)
);
CREATE UNIQUE INDEX chat_messages_client_id_key ON chat_messages (conversation_id, sender, (CASE WHEN sender = 'agent' THEN user_id ELSE 0 END), client_id)
    WHERE client_id IS NOT NULL;
CREATE INDEX chat_messages_search_idx ON chat_messages USING gin (search) WITH (fastupdate = off);
CREATE INDEX chat_messages_user_idx ON chat_messages (user_id) WHERE user_id IS NOT NULL;

-- What agents alone see: notes, and each change of status, assignment and labels, numbered by conversations.last_change.
CREATE TABLE chat_changes (
    conversation_id  bigint NOT NULL CONSTRAINT chat_changes_conversation_fkey REFERENCES conversations (id) ON DELETE CASCADE,
    n                bigint NOT NULL CONSTRAINT chat_changes_n_check CHECK (n > 0),
    kind             text NOT NULL CONSTRAINT chat_changes_kind_check
                     CHECK (kind IN ('note', 'status', 'assignment', 'label', 'rating', 'ended', 'moved')),
    actor_id         bigint CONSTRAINT chat_changes_actor_fkey REFERENCES users (id),
    actor_name       text NOT NULL DEFAULT '',
    body             text NOT NULL DEFAULT '' CONSTRAINT chat_changes_body_length CHECK (octet_length(body) <= 8192),
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT chat_changes_pkey PRIMARY KEY (conversation_id, n)
);

CREATE TABLE chat_labels (
    id    bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT chat_labels_pkey PRIMARY KEY,
    name  citext NOT NULL CONSTRAINT chat_labels_name_key UNIQUE CONSTRAINT chat_labels_name_length CHECK (char_length(name) BETWEEN 1 AND 40)
);
CREATE TABLE conversation_labels (
    conversation_id  bigint NOT NULL CONSTRAINT conversation_labels_conversation_fkey REFERENCES conversations (id) ON DELETE CASCADE,
    label_id         bigint NOT NULL CONSTRAINT conversation_labels_label_fkey REFERENCES chat_labels (id) ON DELETE CASCADE,
    CONSTRAINT conversation_labels_pkey PRIMARY KEY (conversation_id, label_id)
);
CREATE INDEX conversation_labels_label_idx ON conversation_labels (label_id);

-- Answers that agents insert with "/shortcut"; {customer}, {agent}, {shop}, {order} are filled in.
CREATE TABLE canned_answers (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT canned_answers_pkey PRIMARY KEY,
    shortcut    citext NOT NULL CONSTRAINT canned_answers_shortcut_key UNIQUE
                CONSTRAINT canned_answers_shortcut_format CHECK (shortcut ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
    title       text NOT NULL CONSTRAINT canned_answers_title_length CHECK (char_length(title) BETWEEN 1 AND 80),
    body        text NOT NULL CONSTRAINT canned_answers_body_length CHECK (char_length(body) BETWEEN 1 AND 4000),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- What the shop answers by itself, first fit first. No keywords: fits anything.
CREATE TABLE automatic_answers (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT automatic_answers_pkey PRIMARY KEY,
    position    integer NOT NULL DEFAULT 0,
    keywords    text[] NOT NULL DEFAULT '{}',
    -- away: only outside the hours or with no agent there; always: also beside an agent.
    occasion    text NOT NULL DEFAULT 'away' CONSTRAINT automatic_answers_occasion_check CHECK (occasion IN ('away', 'always')),
    body        text NOT NULL CONSTRAINT automatic_answers_body_length CHECK (char_length(body) BETWEEN 1 AND 4000),
    enabled     boolean NOT NULL DEFAULT true,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- Agents who are there: each server touches the rows of the agents connected to it; nobody who was not seen for 60 s is there.
CREATE TABLE agent_presence (
    user_id       bigint CONSTRAINT agent_presence_pkey PRIMARY KEY CONSTRAINT agent_presence_user_fkey REFERENCES users (id),
    -- Taking no new conversations while false.
    available     boolean NOT NULL DEFAULT true,
    last_seen_at  timestamptz NOT NULL DEFAULT now()
);

-- Who did what with the rights of the shop's people. It only grows.
CREATE TABLE audit_log (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_log_pkey PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    actor_id    bigint CONSTRAINT audit_log_actor_fkey REFERENCES users (id),
    actor_name  text NOT NULL,
    -- noun.verb: roles.granted, orders.cancelled
    action      text NOT NULL CONSTRAINT audit_log_action_format CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject     text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_at_idx ON audit_log (at DESC, id DESC);
CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, id DESC);

-- Every open socket of a person must know within two seconds that a sign-in ended, an account was disabled or a role changed, whoever
-- did it: so the tables tell, and no way of changing them can forget to.
CREATE FUNCTION notify_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        PERFORM pg_notify('rights', NEW.id::text);
    ELSE
        PERFORM pg_notify('rights', NEW.user_id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION notify_role_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights', (CASE TG_OP WHEN 'DELETE' THEN OLD.user_id ELSE NEW.user_id END)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_tell_rights AFTER UPDATE OF ended_at, expires_at ON sessions FOR EACH ROW
    WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at OR OLD.expires_at > NEW.expires_at) EXECUTE FUNCTION notify_rights();
CREATE TRIGGER users_tell_rights AFTER UPDATE OF disabled_at, anonymised_at ON users FOR EACH ROW
    WHEN (OLD.disabled_at IS DISTINCT FROM NEW.disabled_at OR OLD.anonymised_at IS DISTINCT FROM NEW.anonymised_at)
    EXECUTE FUNCTION notify_rights();
CREATE TRIGGER user_roles_tell_rights AFTER INSERT OR DELETE ON user_roles FOR EACH ROW EXECUTE FUNCTION notify_role_rights();

-- A visitor's conversation that now belongs to an account: sockets of the visitor come back as who they are.
CREATE FUNCTION notify_visitor_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights', 'v' || OLD.visitor_id);
    RETURN NULL;
END $$;
CREATE TRIGGER conversations_tell_rights AFTER UPDATE OF visitor_id ON conversations FOR EACH ROW
    WHEN (OLD.visitor_id IS NOT NULL AND NEW.visitor_id IS NULL) EXECUTE FUNCTION notify_visitor_rights();
