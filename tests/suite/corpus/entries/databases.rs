//! Settings of the database that sessions inherit, each list a run of its own.

pub const SHORT: &[&str] = &[
    "ALTER DATABASE {database} SET statement_timeout = '100ms'",
    "ALTER ROLE postgres IN DATABASE {database} SET statement_timeout = '90ms'",
    "ALTER DATABASE {database} SET lock_timeout = '10ms'",
    "ALTER DATABASE {database} SET idle_in_transaction_session_timeout = '100ms'",
];

pub const STRICT: &[&str] = &[
    "ALTER DATABASE {database} SET default_transaction_isolation = 'serializable'",
    "ALTER DATABASE {database} SET default_transaction_deferrable = on",
];

pub const FOREIGN: &[&str] = &[
    "ALTER ROLE postgres IN DATABASE {database} SET datestyle = 'German'",
    "ALTER DATABASE {database} SET intervalstyle = 'iso_8601'",
    "ALTER DATABASE {database} SET datestyle = 'SQL, DMY'",
    "ALTER DATABASE {database} SET bytea_output = 'escape'",
    "ALTER DATABASE {database} SET timezone = 'Pacific/Chatham'",
    "ALTER DATABASE {database} SET quote_all_identifiers = on",
    "ALTER DATABASE {database} SET standard_conforming_strings = off",
    "ALTER DATABASE {database} SET escape_string_warning = off",
    "ALTER DATABASE {database} SET extra_float_digits = -15",
    "ALTER DATABASE {database} SET search_path = pg_catalog, public",
    "ALTER DATABASE {database} SET transform_null_equals = on",
    "ALTER DATABASE {database} SET array_nulls = off",
    "ALTER DATABASE {database} SET enable_indexscan = off",
];
