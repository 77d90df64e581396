-- What a database of the first version holds: three people, two lessons of the same subject, an event.
INSERT INTO user_account (id, username, real_name, password_hash, is_admin, session_epoch, created_ms) VALUES
    (1, 'Root', '管理员', 'x', TRUE, 0, 1),
    (2, 'teacher', '李明远', 'x', FALSE, 0, 1),
    (3, 'learner', '张三', 'x', FALSE, 0, 1);
INSERT INTO media_stream (
    id, key, run, publishing, has_picture, client, encoder, ousted_client, ousted_until_ms, beat_ms, newest_end_ms,
    kept_ms, kept_bytes, rules_version, air, record, ended, finished
) VALUES
    ('s1', 'k1', 0, FALSE, FALSE, '', '', '', 0, 0, 0, 0, 0, 0, '[]', '[]', FALSE, FALSE),
    ('s2', 'k2', 0, FALSE, FALSE, '', '', '', 0, 0, 0, 0, 0, 0, '[]', '[]', FALSE, FALSE);
INSERT INTO live_session (
    id, subject, abstract, audience, owner_id, stream_id, starts_at_ms, ends_at_ms, created_ms, state, state_since_ms,
    pause_message, recording, presenter_seen_ms
) VALUES
    ('l1', '超导', '', 'academy', 2, 's1', 1, 2, 1, 'scheduled', 1, '', TRUE, 0),
    ('l2', ' 超导', '', 'everyone', 2, 's2', 1, 2, 2, 'scheduled', 1, '', TRUE, 0);
INSERT INTO timeline_head (live_id, last_id) VALUES ('l1', 1);
INSERT INTO timeline_event (live_id, id, at_ms, kind, payload, by_id) VALUES ('l1', 1, 1, 'live.state', '{}', 2);
