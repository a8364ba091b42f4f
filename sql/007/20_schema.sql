-- Our own schema: migration state, heartbeats and the two views that hide the shape.
CREATE SCHEMA IF NOT EXISTS wavegate;
