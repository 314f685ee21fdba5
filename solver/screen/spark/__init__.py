"""A cohort judged slice by slice on an Apache Spark cluster."""
