DROP TABLE sessions, visitors, addresses, user_roles, users;
DROP EXTENSION citext;
