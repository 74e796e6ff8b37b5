"""Colophon, a bookshop on the web."""
