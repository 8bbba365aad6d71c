-- A visitor's conversation may also move to another visitor (the link of a mail, opened on another device): the sockets of the one it
-- leaves are told then as well.
DROP TRIGGER conversations_tell_rights ON conversations;
CREATE TRIGGER conversations_tell_rights AFTER UPDATE OF visitor_id ON conversations FOR EACH ROW
    WHEN (OLD.visitor_id IS NOT NULL AND OLD.visitor_id IS DISTINCT FROM NEW.visitor_id) EXECUTE FUNCTION notify_visitor_rights();
