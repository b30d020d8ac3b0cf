"""Where lake and warehouse lie when nobody says: below the folder that a command is started in."""

DEFAULT_LAKE = "data/lake"
DEFAULT_WAREHOUSE = "data/dpc.duckdb"
