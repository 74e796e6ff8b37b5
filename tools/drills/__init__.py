"""Drills: features that an interviewer might ask for, each with acceptance tests and a time budget."""
