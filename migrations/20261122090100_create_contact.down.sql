DROP TABLE call_back_requests, contact_messages;
