DROP TABLE schema_contracts;
