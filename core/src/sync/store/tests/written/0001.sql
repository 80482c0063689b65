-- The links of the chain are filled in by the test.
INSERT INTO owner (one, user, device) VALUES
    (1, x'00000000000000000000000000000001', x'00000000000000010000000000000000');
INSERT INTO chain (one, next_seq, head) VALUES (1, 3, zeroblob(32));
INSERT INTO state (key, value) VALUES ('cursor', '42');
INSERT INTO commands (seq, id, trip, kind, body, before, after, occurred_ms, outcome, answer) VALUES
    (1, x'00000000000000000000000000000001', NULL, 'go_offline', '"one"', zeroblob(32), zeroblob(32),
        1800000000000, 'applied',
        '{"command_id":"command_00000000000000000000000000000001","seq":1,"outcome":"applied","duplicate":false}'),
    (2, x'00000000000000000000000000000002', x'00000000000000000000000000000077', 'arrive', '"two"',
        zeroblob(32), zeroblob(32), 1800000001000, NULL, NULL);
INSERT INTO segments (id, sha256, trip, content, points, last_ms, sent) VALUES
    (1, x'1111111111111111111111111111111111111111111111111111111111111111', x'00000000000000000000000000000077',
        x'cdcdcd', 1, 1800000000000, 1),
    (2, x'2222222222222222222222222222222222222222222222222222222222222222', NULL, x'ababab', 1,
        1800000002000, 0);
INSERT INTO points (trip, at_ms, accuracy_mm, lat_e7, lng_e7, speed_mm_s, heading_cdeg, segment) VALUES
    (x'00000000000000000000000000000077', 1800000000000, 5000, 411234567, -86000000, 12345, NULL, 1),
    (x'00000000000000000000000000000077', 1800000001000, 5000, 411234567, -86000000, 12345, 9000, NULL),
    (NULL, 1800000002000, 5000, 411234567, -86000000, NULL, NULL, 2);
INSERT INTO blobs (number, id, body, size, taken_ms, sent) VALUES
    (1, x'00000000000000000000000000000009',
        '{"blob_id":"blob_00000000000000000000000000000009","kind":"photo","media_type":"image/jpeg","size":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","taken_at":"2027-01-15T08:00:00Z"}',
        5, 1800000000000, 2);
INSERT INTO blob_pieces (blob, piece, content) VALUES (1, 0, CAST('hello' AS BLOB));
