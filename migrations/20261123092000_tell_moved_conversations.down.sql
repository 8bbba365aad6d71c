DROP TRIGGER conversations_tell_rights ON conversations;
CREATE TRIGGER conversations_tell_rights AFTER UPDATE OF visitor_id ON conversations FOR EACH ROW
    WHEN (OLD.visitor_id IS NOT NULL AND NEW.visitor_id IS NULL) EXECUTE FUNCTION notify_visitor_rights();
