"""Courses as files: what is in each form of package, and how a zip of it is written. Knows no database."""
