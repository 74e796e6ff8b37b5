"""Covers for books without a picture: set in type, and the same whenever and wherever they are made."""
