DROP TABLE chat_mail_stops;
DROP TABLE chat_mails;
