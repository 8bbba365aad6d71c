DROP TRIGGER conversations_tell_rights ON conversations;
DROP FUNCTION notify_visitor_rights;
DROP TRIGGER user_roles_tell_rights ON user_roles;
DROP TRIGGER users_tell_rights ON users;
DROP TRIGGER sessions_tell_rights ON sessions;
DROP FUNCTION notify_role_rights, notify_rights;
DROP TABLE audit_log, agent_presence, automatic_answers, canned_answers, conversation_labels, chat_labels, chat_changes, chat_messages,
    chat_attachments, conversations;
