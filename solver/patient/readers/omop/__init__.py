"""Records out of an OMOP database (CDM 5.4): a folder of CSV or Parquet, a DuckDB file, or a PostgreSQL server."""
