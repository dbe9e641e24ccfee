"""The Airflow provider of Civic Archiver: what schedules the archive, and nothing else.

DAG files import from here; importing it loads neither the archive's engine nor a client.
"""
