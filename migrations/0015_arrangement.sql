-- How often doctors, places, services, hours or holidays have changed: what the
-- program keeps of them in memory holds as long as this number does. Counted
-- here and not by the program, so that no way of changing them is forgotten.

CREATE TABLE arrangement (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO arrangement (id, version) VALUES (1, 1);

CREATE TRIGGER resource_made AFTER INSERT ON resource
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER resource_changed AFTER UPDATE ON resource
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER resource_gone AFTER DELETE ON resource
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_made AFTER INSERT ON service
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_changed AFTER UPDATE ON service
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_gone AFTER DELETE ON service
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_performer_made AFTER INSERT ON service_performer
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_performer_changed AFTER UPDATE ON service_performer
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_performer_gone AFTER DELETE ON service_performer
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_need_made AFTER INSERT ON service_need
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_need_changed AFTER UPDATE ON service_need
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_need_gone AFTER DELETE ON service_need
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_buffer_made AFTER INSERT ON service_buffer
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_buffer_changed AFTER UPDATE ON service_buffer
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER service_buffer_gone AFTER DELETE ON service_buffer
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER shift_pattern_made AFTER INSERT ON shift_pattern
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER shift_pattern_changed AFTER UPDATE ON shift_pattern
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER shift_pattern_gone AFTER DELETE ON shift_pattern
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER shift_exception_made AFTER INSERT ON shift_exception
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER shift_exception_changed AFTER UPDATE ON shift_exception
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER shift_exception_gone AFTER DELETE ON shift_exception
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER holiday_rule_made AFTER INSERT ON holiday_rule
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER holiday_rule_changed AFTER UPDATE ON holiday_rule
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER holiday_rule_gone AFTER DELETE ON holiday_rule
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER holiday_made AFTER INSERT ON holiday
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER holiday_changed AFTER UPDATE ON holiday
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER holiday_gone AFTER DELETE ON holiday
BEGIN
    UPDATE arrangement SET version = version + 1;
END;
