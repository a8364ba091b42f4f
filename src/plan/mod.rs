//! The wave plan: YAML as typed, then checked. Pure; it never sees a server.
