ALTER INDEX chat_messages_search_idx RESET (gin_pending_list_limit);
ALTER INDEX chat_messages_search_idx SET (fastupdate = off);
