-- The words of a message went into the search index one by one, in the message's own transaction: more than all the rest of storing it.
-- Gathered, and moved into the index when they fill 512 kB, thirty messages take a third of the time, and a search looks through what is
-- gathered as well.
ALTER INDEX chat_messages_search_idx SET (fastupdate = on, gin_pending_list_limit = 512);
