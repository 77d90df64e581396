"""Tests of app/documents."""
