"""Dagster: assets, jobs, schedule, sensors, and the refresh that runs the jobs in process. The work itself is in the pure rooms."""
