-- Bodies lie apart, by their hash: the code of a function is sent again and again.
CREATE TABLE bodies (
    sha256 BLOB PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    account TEXT NOT NULL,
    seed INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL REFERENCES bodies (sha256),
    facts TEXT NOT NULL
) STRICT;
